import type { Clock } from './domain/clock.ts'
import type { Observation, TaskId } from './domain/scan.ts'
import type { Step } from './domain/waiter.ts'

/** What the story needs of the world. `main.ts` brings the real things, tests bring their own. */
export interface Ports {
  readonly clock: Clock
  /** A number from 0 to 1, drawn anew at each call. */
  readonly random: () => number
  readonly cloud: ScanService
  /** Told after each look. */
  readonly report: (step: Step) => void
}

export interface ScanService {
  /** One look at a virus scan task. Never rejects; ends early, with any result, when the signal is aborted. */
  describeScanTaskProgress(id: TaskId, cancel: AbortSignal): Promise<Observation>
}
