import type { Coverage } from './coverage.ts'
import type { GateSight, JudgedGap } from './gate.ts'
import type { Failure, Target, TaskId } from './scan.ts'
import type { Step } from './waiter.ts'

/** What a run tells of itself while it goes on. Times are ms since its start. */
export type RunEvent =
  | { readonly kind: 'look'; readonly step: Step }
  /** A call besides the looks failed; `delayMs` is absent where it is not repeated. */
  | {
      readonly kind: 'call-failed'
      readonly atMs: number
      readonly failure: Failure
      readonly errors: number
      readonly delayMs?: number
    }
  /** There are session credentials, which end at `endsAtMs`. */
  | { readonly kind: 'session'; readonly atMs: number; readonly endsAtMs: number; readonly isRenewed: boolean }
  /** The run is let in; the account is told where it is known. */
  | { readonly kind: 'logged-in'; readonly atMs: number; readonly account?: string }
  | { readonly kind: 'looked-up'; readonly atMs: number; readonly targets: readonly Target[] }
  | {
      readonly kind: 'coverage'
      readonly atMs: number
      readonly when: 'before' | 'after'
      readonly servers: Coverage['servers']
      readonly gaps: readonly JudgedGap[]
    }
  | {
      readonly kind: 'alerts'
      readonly atMs: number
      readonly when: 'before' | 'after'
      readonly read: NonNullable<GateSight['alerts']>
      /** Until the next read, which has to agree; absent where this one is believed. */
      readonly nextInMs?: number
    }
  | { readonly kind: 'started'; readonly atMs: number; readonly id: TaskId; readonly targets: readonly Target[] }
