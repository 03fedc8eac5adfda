import type { Outcome } from '../domain/outcome.ts'
import { SCAN_STATES, type ScanState, type Target } from '../domain/scan.ts'
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
] as const
export type OutputName = (typeof OUTPUT_NAMES)[number]
export type Outputs = Readonly<Record<OutputName, string>>

/** A JSON output may be this long, in bytes of UTF-8: GitHub allows 1 MB for all outputs of a job together. */
const LONGEST_JSON = 64 * 1024

const LONGEST_ERROR_CODE = 100

/** The outputs of a run, and a warning for each that had to be cut. */
export function outputsOf(outcome: Outcome): { readonly outputs: Outputs; readonly warnings: readonly string[] } {
  const { tasks, judgement } = outcome
  const targets = cutJson('targets', mergedTargets(tasks))
  const taskRows = cutJson('tasks', tasks.map(taskRow))
  const outputs: Outputs = {
    verdict: judgement.verdict,
    passed: String(judgement.verdict === 'passed'),
    reason: toReason(reason(outcome)),
    'error-code': errorCode(outcome),
    'request-id': lastRequestId(tasks),
    'task-id': outcome.taskIds.join(','),
    progress: worstState(tasks) ?? '',
    targets: targets.json,
    tasks: taskRows.json,
    'elapsed-seconds': seconds(outcome.elapsedMs),
    polls: String(tasks.reduce((sum, task) => sum + task.looks, 0)),
  }
  return { outputs, warnings: [targets.warning, taskRows.warning].filter((warning) => warning !== '') }
}

/** All targets of all tasks, in order; what several tasks name appears once. */
export function mergedTargets(tasks: readonly TaskWait[]): readonly Target[] {
  const seen = new Map<string, Target>()
  for (const target of tasks.flatMap((task) => task.targets ?? [])) {
    const key = JSON.stringify([target.type, target.target])
    if (!seen.has(key)) seen.set(key, target)
  }
  return [...seen.values()]
}

function lastRequestId(tasks: readonly TaskWait[]): string {
  const [last] = [...tasks].sort((a, b) => b.requestIdAtMs - a.requestIdAtMs)
  return last?.requestId ?? ''
}

/** Of several states the one that keeps the run back most: `Failed`, else `init`, else `Processing`, else `Success`. */
function worstState(tasks: readonly TaskWait[]): ScanState | undefined {
  const order: readonly ScanState[] = ['Failed', ...SCAN_STATES]
  return order.find((state) => tasks.some((task) => task.state === state))
}

function errorCode(outcome: Outcome): string {
  const { decisive } = outcome.judgement
  if (decisive?.kind !== 'denied' && decisive?.kind !== 'unavailable') return ''
  const ending = decisive.tasks[0]?.ending
  return ending !== undefined && 'failure' in ending ? codeOf(ending.failure.code) : ''
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
function cutJson(name: OutputName, elements: readonly object[]): { readonly json: string; readonly warning: string } {
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
      : `The output ${name} holds ${texts.length} of ${elements.length} elements: ${missing} did not fit into 64 KiB.`
  return { json: `[${texts.join(',')}]`, warning }
}
