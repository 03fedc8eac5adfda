import type { Asked } from './asked.ts'
import type { GateTruth } from './gateOracle.ts'
import type { Played } from './play.ts'
import { isRefusal, type taskShown } from './shown.ts'
import { AFFECTED, ALERTS, BY_UUIDS, GROUPS, LOG_IN, LOOK, START, type Witness, type Witnessed } from './witness.ts'

/** How a run must end, from the facts that the far end can vouch for. */

/** Gravest first: the README's verdicts. */
export const GRAVITY = [
  'invalid-input',
  'cancelled',
  'denied',
  'alerts',
  'scan-failed',
  'timed-out',
  'unavailable',
  'incomplete',
  'started',
  'passed',
]

export type Check = (rule: string, holds: boolean, detail?: unknown) => void

export interface TaskTruth {
  readonly id: string
  readonly verdict: string
  readonly targets: ReturnType<typeof taskShown>['targets']
  readonly isSuccess: boolean
}

/** Whether it refuses every call of the run. */
export function isOfRun(call: Witnessed): boolean {
  return isRefusal(call) && !(call.ending?.kind === 'failed' && call.ending.reach === 'request')
}

/** A start whose fate nobody knows. */
export function isUncertain({ sentMs, ending }: Witnessed): boolean {
  if (sentMs === undefined || ending?.kind === 'good' || ending?.kind === 'unsent') return false
  return !(ending?.kind === 'failed' && ending.provesNoStart)
}

/** The facts that the witness can vouch for. */
export function factsOf(
  { witness, cancelMs, story, report }: Played,
  tasks: readonly TaskTruth[],
  truth: { readonly gate: GateTruth | undefined; readonly uncovered: readonly string[]; readonly maxErrors: number },
): ReadonlySet<string> {
  const starts = witness.of(START)
  const isLogin = (call: Witnessed) => call.action === LOG_IN && call !== witness.of(LOG_IN)[0]
  // What a look is refused is told by its task.
  const refused = witness.calls.filter((call) => isRefusal(call) && (call.action !== LOOK || isOfRun(call)))
  return new Set([
    ...(refused.some((call) => !isLogin(call)) && cancelMs === undefined ? ['denied'] : []),
    ...(truth.uncovered.length > 0 ? ['incomplete'] : []),
    ...(hasGivenUp(witness, truth.maxErrors) && tasks.length <= 1 && cancelMs === undefined ? ['unavailable'] : []),
    ...(truth.gate?.hasAlerts ? ['alerts'] : []),
    ...tasks.map(({ verdict }) => verdict).filter((verdict) => !['', 'passed'].includes(verdict)),
    ...(starts.some(isUncertain) || (report !== undefined && !story.isReportWritable) ? ['unavailable'] : []),
  ])
}

/** Calls of which each stands for itself, and failures in a row are counted by nobody else. */
const COUNTED = [BY_UUIDS, GROUPS, AFFECTED, ALERTS]

/** Whether one call failed too often in a row, for reasons that may heal. */
function hasGivenUp(witness: Witness, maxErrors: number): boolean {
  const inARow = new Map<string, number>()
  return witness.of(...COUNTED).some(({ action, params, ending }) => {
    const key = JSON.stringify([action, params])
    const isFailure = ending?.kind === 'broken' || (ending?.kind === 'failed' && ending.reach === 'heals')
    inARow.set(key, isFailure ? (inARow.get(key) ?? 0) + 1 : 0)
    return (inARow.get(key) ?? 0) > maxErrors
  })
}

/** Exit code, annotations and verdict, held against the facts and `fail-on`: the README's verdicts. */
export function checkEnding({ ending }: Played, asked: Asked, facts: ReadonlySet<string>, check: Check): void {
  const { outputs, exitCode, lines } = ending
  const rank = (verdict: string) => GRAVITY.indexOf(verdict)
  const failing = [...facts].filter((fact) => !asked.isForgiven(fact))
  const isGood = outputs.verdict === 'passed' || outputs.verdict === 'started'
  const mayEndWell = isGood || asked.isForgiven(outputs.verdict)
  check('the exit code goes with the verdict', (exitCode === 0) === mayEndWell, [outputs.verdict, exitCode])
  check('a fact that fails, fails the job', failing.length === 0 || exitCode === 1, failing)
  const heldAgainst = exitCode === 1 ? failing : [...facts]
  const graver = heldAgainst.filter((fact) => rank(fact) < rank(outputs.verdict))
  check('no fact is graver than the verdict', graver.length === 0, [outputs.verdict, graver])
  const errors = lines.filter(({ level }) => level === 'error')
  const warnings = lines.filter(({ level, text }) => level === 'warning' && text === outputs.reason)
  check(
    'one error for a job that fails',
    errors.length === exitCode && errors.every(({ text }) => text === outputs.reason),
    errors,
  )
  check('one warning for what is forgiven', warnings.length === (exitCode === 0 && !isGood ? 1 : 0), warnings)
}
