/** The workflow run that this action is a step of. `''` is what the runner does not say. */
export interface WorkflowRun {
  /** `owner/name` */
  readonly repository: string
  readonly sha: string
  readonly ref: string
  readonly event: string
  readonly workflow: string
  readonly job: string
  readonly runId: string
  readonly runAttempt: string
  /** The run's page. */
  readonly url: string
  /** The commit that the run judges: the head of a change, else `sha`. */
  readonly headSha: string
  /** Present where the run is for a change that somebody proposes: what is checked out may hold what they wish. */
  readonly change?: {
    /** The commit that the change is to be merged into. */
    readonly baseSha: string
  }
  /** Whom GitHub gives no secrets, and a token that may only read. */
  readonly untrusted?: 'fork' | 'dependabot'
}
