import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { type Asked, askedBy } from './asked.ts'
import { type CoverageTruth, coverageTruth } from './coverageOracle.ts'
import { type Check, checkEnding, factsOf, GRAVITY, isOfRun, isUncertain, type TaskTruth } from './endingOracle.ts'
import { type GateTruth, gateTruth } from './gateOracle.ts'
import { REQUEST_LIMIT_MS } from './modelRpc.ts'
import type { Played } from './play.ts'
import { TELLTALES } from './secrets.ts'
import { STATES, taskShown } from './shown.ts'
import { LOG_IN, LOOK, SECURITY_CENTER, START, type Witnessed } from './witness.ts'

/**
 * What must hold of every run, whatever happens: the rules of the README and docs/reference.md, judged from what went in and
 * what the far end saw. Nothing here asks the code under test what it makes of it.
 */

const OUTPUTS = Object.keys(parse(readFileSync(path.resolve(__dirname, '../../../action.yml'), 'utf8')).outputs)
const ALL_COVERED: CoverageTruth = { reasons: [], beforeStart: [], isMended: false }
const JSON_OUTPUTS = ['targets', 'tasks', 'alerts', 'uncovered']
const HARMLESS = /^[A-Za-z0-9 ._:,()/@-]*$/

/** What a run came to beside its verdict, to be counted. */
export interface Judged {
  /** The rules that were broken, each with what broke it. */
  readonly broken: readonly string[]
  readonly truth?: GateTruth
  readonly coverage?: CoverageTruth
}

export function judged(played: Played): Judged {
  const asked = askedBy(played.story)
  const broken: string[] = []
  const check = (rule: string, holds: boolean, detail: unknown = '') => {
    if (!holds) broken.push(`${rule}: ${typeof detail === 'string' ? detail : JSON.stringify(detail)}`)
  }
  checkOutputs(played, check)
  checkSecrets(played, check)
  check('nothing goes on after the end', played.leftOver === 0, played.leftOver)
  if (played.ending.outputs.verdict === 'invalid-input') {
    check(
      'bad input starts nothing',
      played.witness.created.length === 0 && played.witness.of(LOOK, START).length === 0,
    )
    checkEnding(played, asked, new Set(['invalid-input']), check)
    return { broken }
  }
  checkCalls(played, asked, check)
  checkStarts(played, check)
  const tasks = checkTasks(played, asked, check)
  const truth =
    asked.isGateOn && asked.waits
      ? gateTruth(
          played.witness,
          tasks.map(({ targets }) => targets),
          asked,
        )
      : undefined
  checkPass(played, asked, truth, tasks, check)
  const coverage = asked.isGateOn ? coverageTruth(played, tasks, asked) : ALL_COVERED
  const { reasons, beforeStart } = coverage
  check('nothing is started over a gap', beforeStart.length === 0 || asked.isForgiven('incomplete'), beforeStart)
  const facts = factsOf(played, tasks, { gate: truth, uncovered: reasons, maxErrors: asked.maxErrors })
  checkEnding(played, asked, facts, check)
  return { broken, coverage, ...(truth === undefined ? {} : { truth }) }
}

function checkOutputs({ ending, story, report, status }: Played, check: Check): void {
  const { outputs } = ending
  const given: Readonly<Record<string, string>> = outputs
  check(
    'every output is set',
    OUTPUTS.every((name) => typeof given[name] === 'string'),
    Object.keys(given),
  )
  check(
    'no output is unknown',
    Object.keys(given).every((name) => OUTPUTS.includes(name)),
  )
  check('the verdict is one', GRAVITY.includes(outputs.verdict), outputs.verdict)
  check('passed is true for passed only', outputs.passed === String(outputs.verdict === 'passed'), outputs.passed)
  check('the reason is harmless', outputs.reason !== '' && HARMLESS.test(outputs.reason), outputs.reason)
  check('the error code is harmless', HARMLESS.test(outputs['error-code']), outputs['error-code'])
  check('no mistake of ours', !/made a mistake/.test(outputs.reason), outputs.reason)
  for (const name of JSON_OUTPUTS) check('JSON outputs are arrays', isArray(given[name] ?? ''), name)
  for (const name of ['elapsed-seconds', 'polls'])
    check('numbers are numbers', /^\d+(\.\d+)?$/.test(given[name] ?? ''), name)
  if (isArray(outputs.alerts)) {
    const counting = (JSON.parse(outputs.alerts) as { status: string }[]).filter(({ status: is }) => is === 'counting')
    const isKnown = outputs['alert-count'] !== ''
    check(
      'alert-count is what counts',
      isKnown ? outputs['alert-count'] === String(counting.length) : counting.length === 0,
    )
  }
  const isWritten = report !== undefined && story.isReportWritable
  check('report-file is what was written', (outputs['report-file'] !== '') === isWritten, outputs['report-file'])
  check('report-digest goes with it', /^sha256:[0-9a-f]{64}$/.test(outputs['report-digest']) === isWritten)
  if (isWritten) {
    const { verdict, passed, failsJob } = JSON.parse(report)
    const says = [verdict, passed, failsJob]
    const is = [outputs.verdict, outputs.passed === 'true', ending.exitCode === 1]
    check('the report says the same', String(says) === String(is), [says, is])
  }
  check('the status is short and harmless', status.description.length <= 140 && HARMLESS.test(status.description))
  const failing = ['alerts', 'scan-failed', 'incomplete'].includes(outputs.verdict) ? 'failure' : 'error'
  const state = outputs.verdict === 'started' ? 'pending' : ending.exitCode === 0 ? 'success' : failing
  check('the status goes with the job', status.state === state, status)
}

function checkSecrets({ ending, log, report = '', status, issue }: Played, check: Check): void {
  const lines = [...log, ...ending.lines].map(({ text }) => text)
  const places = [...Object.values(ending.outputs), ending.summary, ...lines, report, status.description, ...issue]
  const all = places.join('\n')
  check(
    'no secret comes out',
    !TELLTALES.some((secret) => all.includes(secret)),
    TELLTALES.filter((one) => all.includes(one)),
  )
}

function checkCalls({ witness, ending, endMs, cancelMs }: Played, asked: Asked, check: Check): void {
  const sent = witness.calls.filter((call): call is Witnessed & { sentMs: number } => call.sentMs !== undefined)
  const late = sent.filter(({ sentMs }) => sentMs > asked.deadlineMs)
  check(
    'no call after the deadline',
    late.length === 0,
    late.map(({ action, sentMs }) => [action, sentMs, asked.deadlineMs]),
  )
  check('the deadline is an end', endMs <= asked.deadlineMs + REQUEST_LIMIT_MS, [endMs, asked.deadlineMs])
  if (cancelMs !== undefined) {
    check('a cancel is an end', endMs <= Math.max(cancelMs, 0) + 1_000, [endMs, cancelMs])
    check(
      'no call after a cancel',
      sent.every(({ sentMs }) => sentMs <= cancelMs),
    )
  }
  // A call had its turn and the session ended in the very moment: it alone waits for the next one after its turn.
  const sessionEnds = new Set(
    witness.calls.flatMap(({ ending: is, endMs: at }) => (is?.kind === 'failed' && is.reach === 'session' ? at : [])),
  )
  const starts = sent
    .filter(({ action }) => SECURITY_CENTER.includes(action))
    .map(({ askedMs, sentMs }) => (sessionEnds.has(askedMs) ? askedMs : sentMs))
    .sort((a, b) => a - b)
  const crowd = starts.findIndex((start, i) => (starts[i + 10] ?? Number.POSITIVE_INFINITY) - start < 1_000)
  check('ten calls a second', crowd === -1, starts.slice(Math.max(0, crowd), crowd + 11))
  check('polls counts the looks', ending.outputs.polls === String(witness.of(LOOK).length), [
    ending.outputs.polls,
    witness.of(LOOK).length,
  ])
  const refusals = sent.filter((call) => call.action !== LOG_IN && isOfRun(call))
  const over = Math.min(...refusals.map(({ endMs: at = Number.POSITIVE_INFINITY }) => at))
  check(
    'a refusal is repeated by nobody',
    sent.every(({ action, sentMs }) => action === LOG_IN || sentMs <= over),
    over,
  )
  check('elapsed-seconds is the time', ending.outputs['elapsed-seconds'] === String(Math.round(endMs / 100) / 10))
}

function checkStarts({ witness, ending, log }: Played, check: Check): void {
  const starts = witness.of(START)
  check('no second scan', witness.created.length <= 1, witness.created)
  const uncertain = starts.findIndex(isUncertain)
  check('no start after one that nobody knows of', uncertain === -1 || uncertain === starts.length - 1)
  const good = starts.findIndex((call) => call.ending?.kind === 'good')
  check('no start after a good one', good === -1 || good === starts.length - 1)
  if (uncertain !== -1) {
    const said = [...log, ...ending.lines].map(({ text }) => text).join('\n')
    check('an uncertain start is told', /a scan may be running/.test(said))
  }
}

/** The rows of `tasks`, each held against the looks at it. */
function checkTasks({ witness, ending }: Played, asked: Asked, check: Check): readonly TaskTruth[] {
  const rows = JSON.parse(ending.outputs.tasks) as { id: string; verdict: string; progress: string; polls: number }[]
  const started = witness.of(START).find((call) => call.ending?.kind === 'good')?.ending
  const startedId = started?.kind === 'good' ? String(started.body.ScanTaskId) : undefined
  const ids = asked.taskIds.length > 0 ? asked.taskIds : startedId === undefined ? [] : [startedId]
  check('task-id is what was asked for', ending.outputs['task-id'] === ids.join(','), ending.outputs['task-id'])
  const shown = ids.map((id) => ({ id, ...taskShown(witness, id) }))
  const worst = STATES.find((state) => shown.some((task) => task.state === state)) ?? ''
  check('progress is the worst state', ending.outputs.progress === worst, [ending.outputs.progress, worst])
  for (const row of rows) {
    const task = shown.find(({ id }) => id === row.id)
    const is = `${row.verdict} after ${task?.last} and ${task?.failuresInARow} failures`
    check('a task passes with Success only', (row.verdict === 'passed') === (task?.last === 'Success'), is)
    check('a task fails with Failed only', (row.verdict === 'scan-failed') === (task?.last === 'Failed'), is)
    if (task?.last === 'refused') check('a refused task is denied', ['denied', 'cancelled'].includes(row.verdict), is)
    const isOver = (task?.failuresInARow ?? 0) > asked.maxErrors
    if (isOver) check('too many errors end a task', ['unavailable', 'denied'].includes(row.verdict), is)
    check('a task has its own polls', row.polls === task?.polls, row)
  }
  return shown.map(({ id, last, targets }) => ({
    id,
    targets,
    isSuccess: last === 'Success',
    verdict: rows.find((row) => row.id === id)?.verdict ?? '',
  }))
}

function checkPass(
  { ending }: Played,
  asked: Asked,
  truth: GateTruth | undefined,
  tasks: readonly TaskTruth[],
  check: Check,
): void {
  if (ending.outputs.verdict !== 'passed') return
  check('passed: every task was seen Success', tasks.length > 0 && tasks.every(({ isSuccess }) => isSuccess))
  check('passed: the run waited', asked.waits)
  if (asked.isGateOn) check('passed: the gate saw nothing wrong', truth?.objections.length === 0, truth?.objections)
}

function isArray(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text))
  } catch {
    return false
  }
}
