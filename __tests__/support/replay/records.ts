/** What a run leaves behind, and what GitHub's API tells of it later. */

import type { Texts, WorkflowEvent } from './workflowFile.ts'

export type Result = 'success' | 'failure' | 'cancelled' | 'skipped'

export interface StepRecord {
  readonly id?: string
  readonly name: string
  /** Before and after `continue-on-error`. */
  readonly outcome: Result
  readonly conclusion: Result
  readonly outputs: Texts
  readonly log: string
}

export interface JobRecord {
  readonly name: string
  readonly result: Result
  readonly outputs: Texts
  readonly steps: readonly StepRecord[]
  readonly completedAt: string
}

/** Of a job with all its legs, or of a whole called workflow. */
export interface JobEnding {
  readonly result: Result
  readonly outputs: Texts
  readonly legs: readonly JobRecord[]
}

export interface RunRecord {
  readonly id: number
  readonly file: string
  readonly event: WorkflowEvent
  readonly createdAt: string
  readonly result: Result
  readonly jobs: readonly JobRecord[]
}

/** Of a job that no machine ever ran. */
export function withoutSteps(name: string, result: Result): JobEnding {
  return { result, outputs: {}, legs: [{ name, result, outputs: {}, steps: [], completedAt: githubTime() }] }
}

/** How several jobs, or the legs of one, have ended as a whole. */
export function together(parts: readonly { readonly result: Result }[]): Result {
  const worst = (['failure', 'cancelled', 'success'] as const).find((one) => parts.some(({ result }) => result === one))
  return worst ?? 'skipped'
}

/** As GitHub's API writes times: without fractions. */
export function githubTime(ms = Date.now()): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** As the stand-in of GitHub takes it. */
export function runState({ id, file, event, createdAt, result, jobs }: RunRecord) {
  const branch = event.ref.replace(/^refs\/heads\//, '')
  return {
    ...{ id, file, branch, event: event.name, createdAt, conclusion: result },
    jobs: jobs.map(({ name, result: conclusion, completedAt, steps }) => ({ name, conclusion, completedAt, steps })),
  }
}
