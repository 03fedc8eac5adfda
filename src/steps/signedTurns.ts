import type { CallTurns, Turn } from '../domain/budget.ts'
import type { Clock } from '../domain/clock.ts'
import type { Sessions } from '../ports.ts'

/**
 * Turns for calls that can be signed. A call that had its turn first and waited for a session then would be sent together
 * with all others that waited, however many these are.
 */
export class SignedTurns implements CallTurns {
  readonly #turns: CallTurns
  readonly #sessions: Pick<Sessions, 'isGood' | 'ready'> | undefined
  readonly #clock: Clock

  /** Without sessions every call can be signed at any time. */
  constructor(turns: CallTurns, sessions: Pick<Sessions, 'isGood' | 'ready'> | undefined, clock: Clock) {
    this.#turns = turns
    this.#clock = clock
    this.#sessions = sessions
  }

  async turn(dueAt: number, notAfter: number, signal: AbortSignal): Promise<Turn> {
    const sessions = this.#sessions
    let due = dueAt
    // The session may end while the turn is waited for. One that has ended when it comes is no reason to ask for ever.
    for (let isSecond = false; ; isSecond = true) {
      // No session is asked for that no call could use.
      if (signal.aborted || this.#clock.now() > notAfter) return false
      if (sessions?.isGood === false) {
        const missing = await sessions.ready(signal)
        if (signal.aborted) return false
        if (missing !== undefined) return { kind: 'failure', failure: { ...missing.failure, isUnsent: true } }
        // It was the session that was late, and no timer: the deadline is to the millisecond.
        due = Math.max(due, this.#clock.now())
      }
      const turn = await this.#turns.turn(due, notAfter, signal)
      if (turn !== true || sessions?.isGood !== false || isSecond) return turn
    }
  }

  throttled(startedAt: number): void {
    this.#turns.throttled(startedAt)
  }
}
