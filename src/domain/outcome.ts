import type { Site } from './endpoint.ts'
import type { Judgement } from './verdict.ts'
import type { TaskWait } from './waiter.ts'

/** Everything that a run learned, as one value: outputs, summary and log are made from it and from nothing else. */
export interface Outcome {
  readonly judgement: Judgement
  /** The ids that were asked for, also where no look was made. */
  readonly taskIds: readonly string[]
  readonly tasks: readonly TaskWait[]
  readonly elapsedMs: number
  /** Where the calls went; absent when the inputs did not even say that. */
  readonly cloud?: { readonly host: string; readonly site: Site }
  readonly rehearsal: boolean
}
