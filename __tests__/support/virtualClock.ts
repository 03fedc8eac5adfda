import type { Clock } from '../../src/domain/clock.ts'

/** A clock that jumps from one sleeper to the next: hours pass in milliseconds, with any number of tasks at once. */
export class VirtualClock implements Clock {
  #now = 0
  readonly #sleepers = new Set<Sleeper>()
  /** All sleeps that were asked for, in order. */
  readonly sleeps: number[] = []

  /** How many still sleep: what would keep a process alive. */
  get sleeping(): number {
    return this.#sleepers.size
  }

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.sleeps.push(ms)
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

  /**
   * Runs time until the promise settles. Sleeping with nothing left to wake up for would be a hang: it throws. No time
   * passes while something is under way in the real world: `underWay` settles when that is back.
   */
  async finish<T>(promise: Promise<T>, underWay: () => Promise<void> | undefined = () => undefined): Promise<T> {
    let settled = false
    promise.then(
      () => {
        settled = true
      },
      () => {
        settled = true
      },
    )
    for (;;) {
      await new Promise(setImmediate)
      if (settled) return promise
      const calming = underWay()
      if (calming !== undefined) {
        await calming
        continue
      }
      let next: Sleeper | undefined
      for (const sleeper of this.#sleepers) if (next === undefined || sleeper.at < next.at) next = sleeper
      if (next === undefined) throw new Error('everything waits and nothing will happen')
      this.#now = Math.max(this.#now, next.at)
      next.wake()
    }
  }
}

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}
