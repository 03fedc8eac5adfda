import type { Call } from './calls.ts'
import type { Fault, Nature } from './faults.ts'

/**
 * What has to come of a fault, from the contract alone: nothing here asks the code. Sections are those of the contract
 * (2 outputs, 3 verdicts, 4 the wait).
 */

/** When a fault is met. `forgiven`: as many times in a row as are forgiven, from the first on. */
export const MOMENTS = ['first', 'middle', 'last', 'forgiven', 'for-ever'] as const
export type Moment = (typeof MOMENTS)[number]

export interface Policy {
  /** `max-consecutive-errors` */
  readonly forgivenErrors: number
}

export interface Expectation {
  readonly verdict: 'passed' | 'unavailable' | 'denied'
  readonly exitCode: 0 | 1
  /** How often the action is asked for, failed calls included. */
  readonly calls: { readonly least: number; readonly most: number }
}

/** Whether waiting can mend it; else how far the refusal reaches. */
export type Meaning = 'may-heal' | 'ends-run' | 'ends-task'

/** The n-th calls of the action that meet the fault, counted from 1. */
export function faultyCalls(call: Call, moment: Moment, { forgivenErrors }: Policy): (nth: number) => boolean {
  const [first, last] = call.span
  switch (moment) {
    case 'first':
      return (nth) => nth === first
    case 'middle':
      return (nth) => nth === middleOf(call)
    case 'last':
      return (nth) => nth === last
    case 'forgiven':
      return (nth) => nth >= first && nth < first + forgivenErrors
    case 'for-ever':
      return (nth) => nth >= first
  }
}

/** A call that is made once has no middle. */
export function momentsOf({ span: [first, last] }: Call): readonly Moment[] {
  return MOMENTS.filter((moment) => {
    if (moment === 'middle') return last - first >= 2
    return moment !== 'last' || last > first
  })
}

function middleOf({ span: [first, last] }: Call): number {
  return Math.floor((first + last) / 2)
}

/** Section 3, `unavailable` and `denied`. */
export function meaningOf({ nature, status = 0 }: Pick<Fault, 'nature' | 'status'>, kind: Call['kind']): Meaning {
  // The token service is no part of the cloud and has no codes. Who asks is refused with 4xx, and whom a redirect names
  // must not be shown the request's token; 408, 429 and 5xx may heal.
  if (kind === 'token' && status >= 300 && status < 500 && status !== 408 && status !== 429) return 'ends-run'
  if (kind === 'token' && status === 200) return 'may-heal'
  switch (nature) {
    case 'throttled':
    case 'throttled-guess':
    case 'server-error':
    case 'unknown-code':
    case 'wrong-reply':
    case 'never-connected':
    case 'no-tls':
    case 'cut':
    case 'too-slow':
      return 'may-heal'
    // Not 2xx, so never good (docs/reference.md), and no code of the cloud, so no refusal of the cloud either.
    case 'other-status':
      return 'may-heal'
    case 'refused-credentials':
    case 'refused-permission':
      return 'ends-run'
    // Every signature is refused, whatever is asked.
    case 'wrong-clock':
      return 'ends-run'
    // Section 5: nothing of the cloud's goes over TLS that cannot be checked.
    case 'wrong-certificate':
      return 'ends-run'
    // What is not a task's own is asked for the whole run.
    case 'refused-request':
      return kind === 'look' ? 'ends-task' : 'ends-run'
  }
}

/**
 * The metadata service of ECS, asked for the credentials of a role: 403 and 404 are about the role. Who gets no answer at
 * all, and never had one, is taken not to be on ECS, where nothing heals by waiting. The rest may heal.
 */
export function meaningOfMetadata({ nature, status = 0 }: Pick<Fault, 'nature' | 'status'>): Meaning {
  if (status === 403 || status === 404) return 'ends-run'
  return ['never-connected', 'cut', 'too-slow'].includes(nature) ? 'ends-run' : 'may-heal'
}

/** Section 4, the last point: only these prove that no scan was started. */
export function provesNoStart(nature: Nature): boolean {
  return nature === 'throttled' || nature === 'never-connected'
}

export function expected(call: Call, fault: Fault, moment: Moment, policy: Policy): Expectation {
  const { times, span, beside = 0 } = call
  const meaning = meaningOf(fault, call.kind)
  const [first, last] = span
  const at = moment === 'middle' ? middleOf(call) : moment === 'last' ? last : first
  /** All that is asked for is over with the call that meets the fault; what runs beside it may get as far as it likes. */
  const endsAt = (made: number, verdict: 'denied' | 'unavailable'): Expectation => ({
    verdict,
    exitCode: 1,
    calls: { least: made, most: made + beside },
  })

  if (meaning === 'ends-run') return endsAt(at, 'denied')
  // "A refused id ends only its task": the other one is looked at to its end.
  if (meaning === 'ends-task') return { verdict: 'denied', exitCode: 1, calls: exactly(at + beside) }
  if (call.kind === 'start' && !provesNoStart(fault.nature)) return endsAt(at, 'unavailable')

  const { forgivenErrors } = policy
  const inARow = moment === 'for-ever' ? Number.POSITIVE_INFINITY : moment === 'forgiven' ? forgivenErrors : 1
  // "More than max-consecutive-errors calls in a row failed", which ends a task and leaves the others alone.
  if (inARow > forgivenErrors) {
    return { verdict: 'unavailable', exitCode: 1, calls: exactly(at - 1 + forgivenErrors + 1 + beside) }
  }
  return { verdict: 'passed', exitCode: 0, calls: exactly(times + inARow + beside) }
}

function exactly(calls: number): Expectation['calls'] {
  return { least: calls, most: calls }
}

/** Whether a fault can be met by a call at all. */
export function canMeet(call: Call, fault: Fault): boolean {
  // The token service is asked without a signature, so no clock is held against another, and its codes are no codes.
  return call.kind !== 'token' || (fault.nature !== 'wrong-clock' && fault.waitMs === undefined)
}
