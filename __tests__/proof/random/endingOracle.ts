import type { Asked } from './asked.ts'
import type { GateTruth } from './gateOracle.ts'
import type { Played } from './play.ts'
import { isRefusal, type taskShown } from './shown.ts'
import { LOG_IN, START, type Witnessed } from './witness.ts'

/** How a run must end, from the facts that the far end can vouch for. */

/** Gravest first: PRODUCT.md, section 3. */
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
  truth: GateTruth | undefined,
): ReadonlySet<string> {
  const starts = witness.of(START)
  const isLogin = (call: Witnessed) => call.action === LOG_IN && call !== witness.of(LOG_IN)[0]
  return new Set([
    ...(witness.calls.some((call) => isOfRun(call) && !isLogin(call)) && cancelMs === undefined ? ['denied'] : []),
    ...(truth?.hasAlerts ? ['alerts'] : []),
    ...tasks.map(({ verdict }) => verdict).filter((verdict) => !['', 'passed'].includes(verdict)),
    ...(starts.some(isUncertain) || (report !== undefined && !story.isReportWritable) ? ['unavailable'] : []),
  ])
}

/** Exit code, annotations and verdict, held against the facts and `fail-on`: PRODUCT.md, section 3. */
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
