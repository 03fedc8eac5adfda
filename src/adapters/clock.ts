import { setMaxListeners } from 'node:events'
import type { Clock } from '../domain/clock.ts'

// All that a run waits for, sleeps, turns and calls, waits for the end of the run too: hundreds of listeners on one signal
// are no leak. Node would take more than ten for one, and say so in the log.
setMaxListeners(0)

/** The monotonic clock: what the wall clock does to itself (time servers, suspended machines) does not matter. */
export function systemClock(): Clock {
  const start = performance.now()
  const now = () => Math.floor(performance.now() - start)

  async function sleep(ms: number, signal: AbortSignal): Promise<void> {
    const until = now() + ms
    // A timer may fire a fraction early; a look must not come before its time.
    for (let left = ms; left > 0 && !signal.aborted; left = until - now()) await timer(left, signal)
  }
  return { now, sleep }
}

function timer(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timeout)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timeout = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
