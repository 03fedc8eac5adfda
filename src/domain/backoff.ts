/** How long to wait before the next look. Pure: the dice (`random`, 0 … 1) are thrown by the caller. */

export interface DelayBounds {
  readonly minDelayMs: number
  readonly maxDelayMs: number
}

/**
 * The delay as a share of the time already waited: how late the end of a scan is noticed stays in proportion to how
 * long the scan took. At 5 % a scan of 20 s to 4 h costs about 80 calls; 2.5 % would double that.
 */
const SHARE_OF_ELAPSED = 0.05

/** ± 10 %, so that jobs that started together drift apart instead of calling in step. */
const JITTER = 0.1

/** 1 s, doubling, at most 60 s: with full jitter, 15 errors in a row forgive about five minutes of outage. */
const FIRST_ERROR_DELAY_MS = 1_000
const LONGEST_ERROR_DELAY_MS = 60_000

/** Delay after a good look, `sinceFirstLookMs` after the first one at this task. */
export function pollDelay(bounds: DelayBounds, sinceFirstLookMs: number, random: number): number {
  const proportional = sinceFirstLookMs * SHARE_OF_ELAPSED * (1 - JITTER + 2 * JITTER * random)
  return Math.min(Math.max(proportional, bounds.minDelayMs), bounds.maxDelayMs)
}

/**
 * Delay after the `errors`-th failed look in a row (from 1): exponential with full jitter, or what the cloud asked
 * for (`retryAfterMs`), whichever is longer. Polls faster than 1 s (rehearsals) scale it down alike.
 */
export function errorDelay(bounds: DelayBounds, errors: number, retryAfterMs: number, random: number): number {
  const scale = Math.min(1, bounds.minDelayMs / FIRST_ERROR_DELAY_MS)
  const ceiling = Math.min(FIRST_ERROR_DELAY_MS * 2 ** (errors - 1), LONGEST_ERROR_DELAY_MS) * scale
  return Math.max(ceiling * random, retryAfterMs)
}
