import { CallBudget } from '../../src/domain/budget.ts'
import type { RunEvent } from '../../src/domain/event.ts'
import type { Failure } from '../../src/domain/scan.ts'
import type { WaitPolicy } from '../../src/domain/waiter.ts'
import type { Answer } from '../../src/ports.ts'
import { Caller } from '../../src/steps/caller.ts'
import { failure, policy } from './builders.ts'
import { VirtualClock } from './virtualClock.ts'

/** A caller on a virtual clock, and calls that are answered in turn. */

export function callerOf(rules: Partial<WaitPolicy> = {}) {
  const clock = new VirtualClock()
  const stopper = new AbortController()
  const events: RunEvent[] = []
  const caller = new Caller({
    policy: { ...policy, maxConsecutiveErrors: 3, ...rules },
    clock,
    random: () => 0.5,
    budget: new CallBudget(clock),
    stop: stopper.signal,
    report: (event) => events.push(event),
  })
  return { caller, clock, stopper, events }
}

export const answer = <T>(value: T, requestId = 'R-1'): Answer<T> => ({
  kind: 'answer',
  value,
  action: 'ListThings',
  requestId,
})
export const failed = (more: Partial<Failure> = {}) =>
  ({ kind: 'failure', failure: failure('server', { action: 'ListThings', ...more }) }) as const

/** Answers one after the other; the last holds for ever. */
export function inTurn<T>(...answers: readonly Answer<T>[]) {
  let made = 0
  return Object.assign(async () => answers[Math.min(made++, answers.length - 1)] as Answer<T>, { count: () => made })
}
