import { unlessAborted } from './abort.ts'
import type { Clock } from './clock.ts'
import type { Failure } from './scan.ts'

/**
 * All Security Center calls of a run share one budget, so that many tasks slow each other down instead of being
 * throttled. No limit is published for these calls; the sibling calls that publish one allow 10 a second an account.
 */
const CALLS_PER_WINDOW = 10
const WINDOW_MS = 1_000

/** Throttled all the same (other jobs use the account too): the window doubles, up to 8 s (1.25 calls a second) … */
const WIDEST_WINDOW_MS = 8_000
/** … and halves again after each half minute without another throttling. */
const RECOVERY_MS = 30_000

/**
 * A timer wakes late on a busy runner. Up to this much, a call that was due in time still counts as in time;
 * beyond it the machine was not busy but asleep.
 */
const TIMER_SLACK_MS = 250

/** The budget as a value. Times are in ms on the run's clock. */
export interface Budget {
  /** The latest starts, oldest first, at most `CALLS_PER_WINDOW`. */
  readonly starts: readonly number[]
  readonly windowMs: number
  readonly slowedAt: number
}

export const FULL_BUDGET: Budget = { starts: [], windowMs: WINDOW_MS, slowedAt: Number.NEGATIVE_INFINITY }

function windowAt(budget: Budget, now: number): number {
  return Math.max(WINDOW_MS, budget.windowMs / 2 ** Math.floor((now - budget.slowedAt) / RECOVERY_MS))
}

/** The earliest time, from `now` on, at which the next call may start. */
export function nextStart(budget: Budget, now: number): number {
  const tenthLast = budget.starts[budget.starts.length - CALLS_PER_WINDOW]
  return tenthLast === undefined ? now : Math.max(now, tenthLast + windowAt(budget, now))
}

export function spend(budget: Budget, at: number): Budget {
  return { ...budget, starts: [...budget.starts, at].slice(-CALLS_PER_WINDOW) }
}

/** A call that started at `startedAt` was throttled. Calls that were under way together slow the budget down once. */
export function slowDown(budget: Budget, startedAt: number, now: number): Budget {
  if (startedAt <= budget.slowedAt) return budget
  return { ...budget, windowMs: Math.min(windowAt(budget, now) * 2, WIDEST_WINDOW_MS), slowedAt: now }
}

/** What hands out the turns of a run's calls. */
export interface CallTurns {
  /**
   * Waits for a turn for a call that is due at `dueAt`. Resolves to `true` when the call may start now, to `false`
   * when it could only start after `notAfter`, or the signal was aborted while it waited; or to what keeps all calls from
   * being sent just now.
   */
  turn(dueAt: number, notAfter: number, signal: AbortSignal): Promise<Turn>
  /** To be told when a call that started at `startedAt` was throttled. */
  throttled(startedAt: number): void
}

export type Turn = boolean | { readonly kind: 'failure'; readonly failure: Failure }

/** Hands out turns, first come first served: each task has at most one call waiting, so no task can starve another. */
export class CallBudget implements CallTurns {
  #budget = FULL_BUDGET
  #queue: Promise<unknown> = Promise.resolve()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  turn(dueAt: number, notAfter: number, signal: AbortSignal): Promise<boolean> {
    const turn = this.#queue.then(() => this.#take(dueAt, notAfter, signal))
    this.#queue = turn
    // Who has nothing to wait for any more need not wait for those that come before.
    return unlessAborted(turn, signal).catch(() => false)
  }

  throttled(startedAt: number): void {
    this.#budget = slowDown(this.#budget, startedAt, this.#clock.now())
  }

  async #take(dueAt: number, notAfter: number, signal: AbortSignal): Promise<boolean> {
    let due = dueAt
    while (!signal.aborted) {
      const now = this.#clock.now()
      const at = nextStart(this.#budget, now - due <= TIMER_SLACK_MS ? due : now)
      if (at > notAfter) return false
      if (at <= now) {
        this.#budget = spend(this.#budget, now)
        return true
      }
      await this.#clock.sleep(at - now, signal)
      due = at
    }
    return false
  }
}
