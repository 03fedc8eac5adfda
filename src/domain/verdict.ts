import { refusal } from './acceptor.ts'
import type { JudgedAlert } from './alerts.ts'
import type { GateSight, JudgedGap, UnclearTargets } from './gate.ts'
import type { Failure, TaskId } from './scan.ts'
import type { CallEnding, TaskWait } from './waiter.ts'

/** All verdicts, gravest first: of several facts that fail a job, the first in this list is the verdict. */
export const VERDICTS = [
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
] as const
export type Verdict = (typeof VERDICTS)[number]

/** Verdicts that say something of the servers; the other bad ones say that nothing is known of them. */
const FINDINGS = ['alerts', 'scan-failed', 'incomplete'] as const satisfies readonly Verdict[]

/** What `fail-on` may list. A verdict that is not in it always fails the job, save `started` and `passed`. */
export const FORGIVABLE = ['alerts', 'scan-failed', 'timed-out', 'unavailable', 'incomplete'] as const
export type Forgivable = (typeof FORGIVABLE)[number]

/** One thing wrong with what the workflow gave us, and where it was. */
export interface Problem {
  /** The input, or the environment variable. */
  readonly name: string
  /** What was given; absent for secrets and for what is missing. */
  readonly value?: string
  /** What is wrong and what is allowed: the rest of a sentence that starts with name and value. */
  readonly text: string
  /** What the cloud has instead of it: foreign text. */
  readonly found?: readonly string[]
}

/** What a call besides the looks was made for. */
export type Purpose =
  | 'allow-list'
  | 'login'
  | 'look-up'
  | 'coverage'
  | 'baseline'
  | 'start'
  | 'coverage-after'
  | 'alerts'

/** Something that keeps a run from passing. Several can hold at once. */
export type Fact =
  | { readonly kind: 'invalid-input'; readonly problems: readonly Problem[] }
  | { readonly kind: 'cancelled'; readonly tasks: readonly TaskWait[] }
  | { readonly kind: 'denied'; readonly tasks: readonly TaskWait[] }
  | { readonly kind: 'scan-failed'; readonly tasks: readonly TaskWait[] }
  | { readonly kind: 'timed-out'; readonly tasks: readonly TaskWait[] }
  | { readonly kind: 'unavailable'; readonly tasks: readonly TaskWait[] }
  /** A call besides the looks got no answer, so that what it was made for is not known. Its verdict is the ending's. */
  | { readonly kind: 'call-ended'; readonly purpose: Purpose; readonly ending: CallEnding }
  /** A start went out and nobody knows whether it arrived. Its verdict is `unavailable`. */
  | { readonly kind: 'start-unknown'; readonly failure: Failure }
  | { readonly kind: 'alerts'; readonly alerts: readonly JudgedAlert[] }
  | {
      readonly kind: 'incomplete'
      /** Those that nobody accepted. */
      readonly gaps: readonly JudgedGap[]
      readonly unclear: readonly UnclearTargets[]
      readonly nothingToStart: boolean
    }
  | { readonly kind: 'started'; readonly id: TaskId }
  /** The evidence that was asked for is not there. Its verdict is `unavailable`. */
  | { readonly kind: 'report-not-written'; readonly path: string; readonly why: string }
  /** A mistake in this action: nothing is known, so nothing is forgiven. Its verdict is `unavailable`. */
  | { readonly kind: 'defect' }

export interface Judgement {
  readonly verdict: Verdict
  readonly failsJob: boolean
  /** The fact that made the verdict; absent for `passed`. */
  readonly decisive?: Fact
  /** The other facts, gravest first. */
  readonly others: readonly Fact[]
}

/** All facts of a judgement, the one that made the verdict first. */
export function factsIn({ decisive, others }: Judgement): readonly Fact[] {
  return decisive === undefined ? others : [decisive, ...others]
}

/** Whether a verdict says that all went as the workflow wanted. */
export function isGood(verdict: Verdict): boolean {
  return verdict === 'passed' || verdict === 'started'
}

/** What the ends of the waits say. */
export function factsOf(tasks: readonly TaskWait[]): readonly Fact[] {
  const kinds = ['cancelled', 'denied', 'scan-failed', 'timed-out', 'unavailable'] as const
  return kinds
    .map((kind) => ({ kind, tasks: tasks.filter((task) => task.ending.kind === kind).sort(farthestFirst) }))
    .filter((fact) => fact.tasks.length > 0)
}

/** What the gate saw that keeps a run from passing. What somebody accepted does not. */
export function gateFacts({ gaps, unclear, nothingToStart, alerts }: GateSight): readonly Fact[] {
  const counting = alerts?.all.filter((alert) => alert.status === 'counting') ?? []
  const open = gaps.filter((gap) => !gap.isAccepted)
  const isIncomplete = open.length > 0 || unclear.length > 0 || nothingToStart
  return [
    ...(counting.length === 0 ? [] : [{ kind: 'alerts', alerts: counting } as const]),
    ...(isIncomplete ? [{ kind: 'incomplete', gaps: open, unclear, nothingToStart } as const] : []),
  ]
}

/** What refuses every call of the run says more than what refuses one id. Else the order stays. */
function farthestFirst(a: TaskWait, b: TaskWait): number {
  const reach = ({ ending }: TaskWait) => (ending.kind === 'denied' && refusal(ending.failure.cause) === 'run' ? 0 : 1)
  return reach(a) - reach(b)
}

/**
 * Each fact is held against `failOn`; any that is not forgiven fails the job. The verdict is the gravest of those
 * that fail, else the gravest of those that are forgiven, else `passed`.
 */
export function judge(facts: readonly Fact[], failOn: readonly Forgivable[]): Judgement {
  const byGravity = [...facts].sort((a, b) => VERDICTS.indexOf(verdictOf(a)) - VERDICTS.indexOf(verdictOf(b)))
  const failing = byGravity.filter((fact) => fact.kind !== 'started' && !isForgiven(fact, failOn))
  const decisive = failing[0] ?? byGravity[0]
  if (decisive === undefined) return { verdict: 'passed', failsJob: false, others: [] }
  return {
    verdict: verdictOf(decisive),
    failsJob: failing.length > 0,
    decisive,
    others: byGravity.filter((fact) => fact !== decisive),
  }
}

/** Whether a verdict says something of the servers. */
export function isFinding(verdict: Verdict): boolean {
  return FINDINGS.some((known) => known === verdict)
}

export function verdictOf(fact: Fact): Verdict {
  switch (fact.kind) {
    case 'call-ended':
      return fact.ending.kind
    case 'start-unknown':
    case 'report-not-written':
    case 'defect':
      return 'unavailable'
    default:
      return fact.kind
  }
}

/** Whether `fail-on` leaves this fact out, so that it is a warning. A mistake of ours is never forgiven. */
export function isForgiven(fact: Fact, failOn: readonly Forgivable[]): boolean {
  const verdict: string = verdictOf(fact)
  if (fact.kind === 'defect') return false
  return FORGIVABLE.some((word) => word === verdict) && !failOn.some((word) => word === verdict)
}
