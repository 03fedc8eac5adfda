import type { Answer } from './answers.ts'

/**
 * What the calls of an action get in turn instead of their good answer; `undefined` leaves one its good answer. A function
 * is told how many calls came before.
 */
export type Trouble =
  | readonly (Answer | undefined)[]
  | ((before: number) => Answer | undefined)
  | { readonly first: readonly (Answer | undefined)[]; readonly rest: Answer }

/** By action. After the end of a list all is well. */
export type Troubles = Readonly<Record<string, Trouble>>

/** Hands out what a script has in store, call by call. */
export class TroubleScript {
  readonly #troubles: Troubles
  readonly #calls = new Map<string, number>()

  constructor(troubles: Troubles = {}) {
    this.#troubles = troubles
  }

  /** For the next call of an action. */
  next(action: string): Answer | undefined {
    const call = this.#calls.get(action) ?? 0
    this.#calls.set(action, call + 1)
    const script = this.#troubles[action] ?? []
    if (typeof script === 'function') return script(call)
    if (!('rest' in script)) return script[call]
    return call < script.first.length ? script.first[call] : script.rest
  }
}
