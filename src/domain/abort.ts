/**
 * What a promise comes to, unless the signal is aborted first. Leaves nothing behind: not on a signal that outlives it,
 * and no signal made of others (`AbortSignal.any`) either, which Node keeps for as long as somebody listens to it.
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const over = new AbortController()
  const abort = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: over.signal })
  })
  try {
    return await Promise.race([promise, abort])
  } finally {
    over.abort()
  }
}
