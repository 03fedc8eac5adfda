import type { Clock } from '../../src/domain/clock.ts'

/**
 * A clock that jumps from one sleeper to the next: hours pass in milliseconds, with any number of tasks at once. What
 * happens in the real world meanwhile takes no time of its.
 */
export class VirtualClock implements Clock {
  #now = 0
  readonly #sleepers = new Set<Sleeper>()
  readonly #keepsSleeps: boolean
  #underWay = 0
  #onChange: (() => void) | undefined
  /** All sleeps that were asked for, in order. */
  readonly sleeps: number[] = []

  /** Where memory is measured, nothing that grows is kept. */
  constructor({ keepsSleeps = true }: { readonly keepsSleeps?: boolean } = {}) {
    this.#keepsSleeps = keepsSleeps
  }

  /** How many still sleep: what would keep a process alive. */
  get sleeping(): number {
    return this.#sleepers.size
  }

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#keepsSleeps) this.sleeps.push(ms)
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers.delete(sleeper)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper = { at: this.#now + Math.max(0, ms), wake }
      this.#sleepers.add(sleeper)
      signal.addEventListener('abort', wake, { once: true })
      if (signal.aborted) sleeper.wake()
    })
  }

  /** Something of the real world, such as a call over a socket: no time passes while it is under way. */
  async during<T>(call: Promise<T>): Promise<T> {
    this.#underWay += 1
    try {
      return await call
    } finally {
      this.#underWay -= 1
      this.#onChange?.()
    }
  }

  /**
   * Runs time until the promise settles; `onMove` is told each time that it has moved. Sleeping with nothing left to wake
   * up for would be a hang: it throws.
   */
  async finish<T>(promise: Promise<T>, onMove: (nowMs: number) => void = () => {}): Promise<T> {
    let settled = false
    const settle = () => {
      settled = true
      this.#onChange?.()
    }
    promise.then(settle, settle)
    for (;;) {
      await new Promise(setImmediate)
      if (settled) return promise
      if (this.#underWay > 0) {
        await new Promise<void>((resolve) => {
          this.#onChange = resolve
        })
        continue
      }
      let next: Sleeper | undefined
      for (const sleeper of this.#sleepers) if (next === undefined || sleeper.at < next.at) next = sleeper
      if (next === undefined) throw new Error('everything waits and nothing will happen')
      this.#now = Math.max(this.#now, next.at)
      onMove(this.#now)
      next.wake()
    }
  }
}

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}
