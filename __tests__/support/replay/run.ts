import { type Environment, REPOSITORY } from './identity.ts'
import type { Site } from './site.ts'
import type { Store } from './standIns.ts'
import { isFromFork, type Permissions, type Texts, type WorkflowEvent } from './workflowFile.ts'

/** Somebody's part in a run. */
export interface Story {
  readonly event: WorkflowEvent
  /** Aborted when somebody cancels the run. */
  readonly cancel?: AbortSignal
  /** What happens before a job or a step; an approval, or foul play. */
  readonly before?: (where: { readonly job: string; readonly step?: string }, store: Store) => void
  /** Another report than the rehearsal's, as if the gate had written it. */
  readonly amendReport?: (report: Record<string, unknown>) => object
  /** Other workflows than the examples: their texts as somebody has changed them. */
  readonly amendWorkflow?: (text: string) => string
}

/** One run of a workflow, or the part of one that a reusable workflow is. */
export interface Run {
  readonly site: Site
  readonly story: Story
  readonly github: Readonly<Record<string, unknown>>
  readonly artifacts: Store['artifacts']
  readonly inputs: Texts
  /** In a reusable workflow: what its caller's job may do, and is called. */
  readonly caller?: { readonly permissions: Permissions; readonly name: string }
}

/** The machine of a job. */
export interface Place {
  readonly folder: string
  readonly workspace: string
  readonly permissions: Permissions
  readonly run: Run
  readonly jobId: string
  /** What is still to do when its steps are done, the first one last. */
  readonly posts: Post[]
  /** How its steps ask for tokens that say who they are; empty where they may not. */
  readonly tokenRequest: Readonly<Record<string, string>>
}

/** The last step of an action that has one. */
export interface Post {
  readonly name: string
  run(): Promise<Done>
}

/** How a step was carried out, before `continue-on-error`. */
export interface Done {
  readonly isGood: boolean
  readonly outputs: Texts
  readonly log: string
}

export function isCancelled(cancel: AbortSignal | undefined): boolean {
  return cancel?.aborted === true
}

export function storeOf({ site, artifacts }: Run): Store {
  return { checkedOut: site.checkedOut, attestations: site.attestations, artifacts }
}

/** Variables: those of an environment come before those of the repository. Runs for forks get none. */
export function varsFor({ site, story }: Run, { vars = {} }: Environment = {}): Texts {
  return isFromFork(story.event, REPOSITORY) ? {} : { ...site.vars, ...vars }
}

export function runnerVariables({ run, jobId, tokenRequest }: Place): Readonly<Record<string, string>> {
  const { event: _, ...github } = run.github
  const names = Object.entries(github).map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, String(value)])
  return { CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_JOB: jobId, ...Object.fromEntries(names), ...tokenRequest }
}
