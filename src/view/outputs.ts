import type { JudgedAlert } from '../domain/alerts.ts'
import type { JudgedGap } from '../domain/gate.ts'
import type { Outcome } from '../domain/outcome.ts'
import { type ScanState, type Target, withoutRepeats } from '../domain/scan.ts'
import { type Fact, factsIn } from '../domain/verdict.ts'
import type { TaskWait } from '../domain/waiter.ts'
import { forJson, forReason, shorten } from './escape.ts'
import { toReason } from './sentence.ts'
import { reason } from './verdictText.ts'

/** The declared outputs, in the order in which they are written. action.yml says the same. */
export const OUTPUT_NAMES = [
  'verdict',
  'passed',
  'reason',
  'error-code',
  'request-id',
  'task-id',
  'progress',
  'targets',
  'tasks',
  'elapsed-seconds',
  'polls',
  'alert-count',
  'alerts',
  'uncovered',
  'report-file',
  'report-digest',
] as const
type OutputName = (typeof OUTPUT_NAMES)[number]
export type Outputs = Readonly<Record<OutputName, string>>

/** A JSON output may be this long, in bytes of UTF-8: GitHub allows 1 MB for all outputs of a job together. */
const LONGEST_JSON = 64 * 1024

const LONGEST_ERROR_CODE = 100

/** The report as it was written. */
export interface WrittenReport {
  readonly path: string
  /** `sha256:<hex>` */
  readonly digest: string
}

/** The outputs of a run, and a warning for each that had to be cut. */
export function outputsOf(
  outcome: Outcome,
  report?: WrittenReport,
): { readonly outputs: Outputs; readonly warnings: readonly string[] } {
  const { tasks, judgement, gate } = outcome
  const alerts = gate?.sight.alerts
  const lists = {
    targets: cutJson('targets', targetsOf(outcome), report),
    tasks: cutJson('tasks', tasks.map(taskRow), report),
    alerts: cutJson('alerts', alerts?.all.map(alertRow) ?? [], report),
    uncovered: cutJson('uncovered', gate?.sight.gaps.map(gapRow) ?? [], report),
  }
  const outputs: Outputs = {
    verdict: judgement.verdict,
    passed: String(judgement.verdict === 'passed'),
    reason: toReason(reason(outcome)),
    'error-code': errorCode(outcome),
    'request-id': lastRequestId(outcome),
    'task-id': outcome.taskIds.join(','),
    progress: worstState(tasks) ?? '',
    targets: lists.targets.json,
    tasks: lists.tasks.json,
    'elapsed-seconds': seconds(outcome.elapsedMs),
    polls: String(tasks.reduce((sum, task) => sum + task.looks, 0)),
    'alert-count': alertCount(alerts),
    alerts: lists.alerts.json,
    uncovered: lists.uncovered.json,
    'report-file': report?.path ?? '',
    'report-digest': report?.digest ?? '',
  }
  return { outputs, warnings: Object.values(lists).flatMap(({ warning }) => (warning === '' ? [] : [warning])) }
}

/** How many count. Before a read after the scan nobody can say that none does. */
function alertCount(alerts: NonNullable<Outcome['gate']>['sight']['alerts']): string {
  const counting = alerts?.all.filter(({ status }) => status === 'counting').length ?? 0
  return counting === 0 && (alerts?.reads ?? 0) === 0 ? '' : String(counting)
}

/** All targets of all tasks; of a scan that was only started, what was sent. */
export function targetsOf({ tasks, started }: Outcome): readonly Target[] {
  const seen = withoutRepeats(tasks.flatMap((task) => task.targets ?? []))
  return seen.length === 0 && tasks.length === 0 ? (started?.targets ?? []) : seen
}

/** An alert as the outputs and the report show it. */
export function alertRow(alert: JudgedAlert): object {
  const { server, serverName, eventId, level, name, lastSeenMs, status, before, entry } = alert
  const lastSeen = isoTime(lastSeenMs)
  return { server, serverName, eventId, level, name, lastSeen, status, before, until: entry?.until ?? null }
}

/** A gap in coverage likewise. */
export function gapRow({ type, target, name, reason: why, isAccepted, entry }: JudgedGap): object {
  return { type, target, name, reason: why, accepted: isAccepted, until: entry?.until ?? null }
}

/** `2026-11-24T08:30:00.000Z`; `null` for what is no time. */
export function isoTime(ms: number | undefined): string | null {
  // The range of the calendar functions; beyond it there is nothing to show.
  return ms !== undefined && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : null
}

/** `2026-11-24 08:30`, UTC; `not known` for what is no time. */
export function minute(ms: number | undefined): string {
  return isoTime(ms)?.slice(0, 16).replace('T', ' ') ?? 'not known'
}

function lastRequestId({ tasks, calls }: Outcome): string {
  const [last] = [...tasks, ...calls].sort((a, b) => b.requestIdAtMs - a.requestIdAtMs)
  return last?.requestId ?? ''
}

/** How far each state keeps a run back: the lowest number is the worst. */
const RANKS: Readonly<Record<ScanState, number>> = { Failed: 0, init: 1, Processing: 2, Success: 3 }

function worstState(tasks: readonly TaskWait[]): ScanState | undefined {
  const seen = tasks.flatMap(({ state }) => state ?? [])
  return seen.sort((a, b) => RANKS[a] - RANKS[b])[0]
}

function errorCode(outcome: Outcome): string {
  const { verdict } = outcome.judgement
  if (verdict !== 'denied' && verdict !== 'unavailable') return ''
  const [code = ''] = factsIn(outcome.judgement).flatMap(codesOf)
  return codeOf(code)
}

function codesOf(fact: Fact): readonly string[] {
  switch (fact.kind) {
    case 'denied':
    case 'unavailable':
      return fact.tasks.flatMap(({ ending }) => ('failure' in ending ? ending.failure.code : []))
    case 'call-ended':
      return 'failure' in fact.ending ? [fact.ending.failure.code] : []
    case 'start-unknown':
      return [fact.failure.code]
    default:
      return []
  }
}

function codeOf(code: string): string {
  return forReason(shorten(code, LONGEST_ERROR_CODE))
}

function taskRow(task: TaskWait): object {
  return {
    id: task.id,
    verdict: task.ending.kind,
    progress: task.state ?? '',
    targets: task.targets?.length ?? 0,
    requestId: task.requestId,
    errorCode: codeOf('failure' in task.ending ? task.ending.failure.code : (task.lastFailure?.code ?? '')),
    polls: task.looks,
    elapsedSeconds: Number(seconds(task.elapsedMs)),
  }
}

function seconds(ms: number): string {
  return String(Math.round(ms / 100) / 10)
}

/** The longest JSON array of whole elements that fits. */
function cutJson(
  name: OutputName,
  elements: readonly object[],
  report: WrittenReport | undefined,
): { readonly json: string; readonly warning: string } {
  const texts: string[] = []
  let bytes = '[]'.length
  for (const element of elements) {
    const text = forJson(JSON.stringify(element))
    bytes += Buffer.byteLength(text) + (texts.length === 0 ? 0 : ','.length)
    if (bytes > LONGEST_JSON) break
    texts.push(text)
  }
  const missing = elements.length - texts.length
  const warning =
    missing === 0
      ? ''
      : `The output ${name} holds ${texts.length} of ${elements.length} elements: ${missing} did not fit into 64 KiB. ${
          report === undefined ? 'With report-file, the report has them all.' : 'The report has them all.'
        }`
  return { json: `[${texts.join(',')}]`, warning }
}
