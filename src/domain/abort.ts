/**
 * What a promise comes to, unless the signal is aborted first. Leaves nothing behind: not on a signal that outlives it,
 * and no signal made of others (`AbortSignal.any`) either, which Node keeps for as long as somebody listens to it.
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop!: () => void
  const abort = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  })
  try {
    return await Promise.race([promise, abort])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
