/** Time as an argument, so that hours of waiting are tested in milliseconds. */
export interface Clock {
  /** Whole milliseconds on a clock that only runs forward; its zero is the start of the run. */
  now(): number
  /** Resolves after `ms` (never earlier), or as soon as the signal is aborted. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}
