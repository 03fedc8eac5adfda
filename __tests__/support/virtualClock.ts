import type { Clock } from '../../src/domain/clock.ts'

/** A clock that jumps from one sleeper to the next: hours pass in milliseconds, with any number of tasks at once. */
export class VirtualClock implements Clock {
  #now = 0
  readonly #sleepers = new Set<{ readonly at: number; readonly wake: () => void }>()
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
      const sleeper = { at: this.#now + Math.max(0, ms), wake: () => this.#wake(sleeper, resolve) }
      this.#sleepers.add(sleeper)
      signal.addEventListener('abort', sleeper.wake, { once: true })
      if (signal.aborted) sleeper.wake()
    })
  }

  /** Runs time until the promise settles. Sleeping with nothing left to wake up for would be a hang: it throws. */
  async finish<T>(promise: Promise<T>): Promise<T> {
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
      const [next] = [...this.#sleepers].sort((a, b) => a.at - b.at)
      if (next === undefined) throw new Error('everything waits and nothing will happen')
      this.#now = Math.max(this.#now, next.at)
      next.wake()
    }
  }

  #wake(sleeper: { readonly at: number; readonly wake: () => void }, resolve: () => void): void {
    this.#sleepers.delete(sleeper)
    resolve()
  }
}
