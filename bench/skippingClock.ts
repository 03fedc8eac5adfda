import type { Clock } from '../src/domain/clock.ts'

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** A clock that leaves out the time in which all sleep: days pass as fast as their calls are answered. Keeps nothing. */
export class SkippingClock implements Clock {
  #now = 0
  readonly #sleepers = new Set<Sleeper>()
  #underWay = 0
  #onIdle: (() => void) | undefined

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        at: this.#now + Math.max(0, ms),
        wake: () => {
          this.#sleepers.delete(sleeper)
          signal.removeEventListener('abort', sleeper.wake)
          resolve()
        },
      }
      this.#sleepers.add(sleeper)
      signal.addEventListener('abort', sleeper.wake)
      if (signal.aborted) sleeper.wake()
    })
  }

  /** Something of the real world, during which no time is skipped. */
  async during<T>(call: Promise<T>): Promise<T> {
    this.#underWay += 1
    try {
      return await call
    } finally {
      this.#underWay -= 1
      if (this.#underWay === 0) this.#onIdle?.()
    }
  }

  /** Runs time until the promise settles; `passes` is told each time that it has moved. */
  async finish<T>(promise: Promise<T>, passes: (nowMs: number) => void = () => {}): Promise<T> {
    let isSettled = false
    const settled = promise.finally(() => {
      isSettled = true
      this.#onIdle?.()
    })
    for (;;) {
      await new Promise(setImmediate)
      if (isSettled) return settled
      if (this.#underWay > 0) {
        await new Promise<void>((resolve) => {
          this.#onIdle = resolve
        })
        continue
      }
      let next: Sleeper | undefined
      for (const sleeper of this.#sleepers) if (next === undefined || sleeper.at < next.at) next = sleeper
      if (next === undefined) throw new Error('everything waits and nothing will happen')
      this.#now = Math.max(this.#now, next.at)
      passes(this.#now)
      next.wake()
    }
  }
}
