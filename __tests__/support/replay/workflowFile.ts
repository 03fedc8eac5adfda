import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** A workflow file as far as the replay understands it. A key that it does not know is an error: nothing is skipped. */

export interface Workflow {
  readonly name: string
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions?: Permissions
  readonly env?: Texts
  readonly jobs: Readonly<Record<string, Job>>
}

/** Values of YAML that stand where GitHub takes a text. */
export type Texts = Readonly<Record<string, string | number | boolean>>
export type Permissions = Readonly<Record<string, 'read' | 'write'>>

export interface Job {
  readonly name?: string
  readonly needs?: string | readonly string[]
  readonly if?: string
  readonly permissions?: Permissions
  readonly environment?: string
  readonly concurrency?: { readonly group: string }
  readonly strategy?: { readonly 'fail-fast'?: boolean; readonly matrix: Readonly<Record<string, readonly unknown[]>> }
  readonly outputs?: Texts
  readonly env?: Texts
  readonly steps?: readonly Step[]
  /** Instead of steps: a reusable workflow. */
  readonly uses?: string
  readonly with?: Texts
}

export interface Step {
  readonly id?: string
  readonly name?: string
  readonly if?: string
  readonly uses?: string
  readonly with?: Texts
  readonly run?: string
  readonly shell?: string
  readonly env?: Texts
  readonly 'continue-on-error'?: boolean
}

/** What a reusable workflow takes and gives. */
export interface WorkflowCall {
  readonly inputs?: Readonly<Record<string, { readonly required?: boolean; readonly default?: string | number }>>
  readonly outputs?: Readonly<Record<string, { readonly value: string }>>
}

const KEYS = {
  workflow: ['name', 'on', 'permissions', 'concurrency', 'env', 'jobs'],
  job: [
    ...['name', 'needs', 'if', 'runs-on', 'permissions', 'environment', 'concurrency', 'strategy', 'timeout-minutes'],
    ...['outputs', 'env', 'steps', 'uses', 'with'],
  ],
  strategy: ['fail-fast', 'matrix'],
  step: ['id', 'name', 'if', 'uses', 'with', 'run', 'shell', 'env', 'continue-on-error', 'timeout-minutes'],
  call: ['inputs', 'outputs'],
} as const

/** `amend` is for tests of what a change of the file would do. */
export function readWorkflow(file: string, amend = (text: string) => text): Workflow {
  const workflow = parse(amend(readFileSync(file, 'utf8'))) as Workflow
  knowAll('workflow', workflow, file)
  for (const [id, job] of Object.entries(workflow.jobs)) {
    knowAll('job', job, id)
    knowAll('strategy', job.strategy ?? {}, id)
    for (const values of Object.values(job.strategy?.matrix ?? {}))
      if (!Array.isArray(values)) throw new Error(`${id}: the replay knows matrices of lists only`)
    if ('include' in (job.strategy?.matrix ?? {}) && Object.keys(job.strategy?.matrix ?? {}).length > 1)
      throw new Error(`${id}: the replay knows an include only where it is all of a matrix`)
    if (typeof (job.environment ?? '') !== 'string')
      throw new Error(`${id}: the replay knows environments by name only`)
    for (const step of job.steps ?? []) knowAll('step', step, id)
  }
  knowAll('call', workflow.on.workflow_call ?? {}, file)
  return workflow
}

function knowAll(what: keyof typeof KEYS, value: object, where: string): void {
  const known: readonly string[] = KEYS[what]
  const unknown = Object.keys(value).filter((key) => !known.includes(key))
  if (unknown.length > 0) throw new Error(`${where}: the replay knows no ${unknown.join(', ')} of a ${what}`)
}

/** The event that a workflow runs for. */
export interface WorkflowEvent {
  readonly name: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly ref: string
  readonly sha: string
  readonly actor?: string
}

/** Whether it is about code that somebody has in a repository of their own. */
export function isFromFork({ payload }: WorkflowEvent, repository: string): boolean {
  const { head } = (payload.pull_request ?? {}) as {
    readonly head?: { readonly repo?: { readonly full_name?: string } }
  }
  return head !== undefined && head.repo?.full_name !== repository
}

/** Throws where GitHub would not run the workflow for the event. */
export function mustRunFor(workflow: Workflow, { name, payload, ref }: WorkflowEvent): void {
  const refused = new Error(`${workflow.name} does not run for ${name} of ${ref}`)
  if (!(name in workflow.on)) throw refused
  const filter = workflow.on[name] ?? {}
  if (name === 'schedule') {
    const crons = (filter as readonly { readonly cron: string }[]).map(({ cron }) => cron)
    if (!crons.includes(String(payload.schedule))) throw refused
    return
  }
  const { branches, ...others } = filter as { readonly branches?: readonly string[] }
  if (Object.keys(others).length > 0)
    throw new Error(`The replay knows no ${Object.keys(others).join(', ')} of ${name}`)
  // Of a pull request it is the branch that it is to be merged into.
  const { base } = (payload.pull_request ?? {}) as { readonly base?: { readonly ref?: string } }
  const target = name === 'pull_request' ? `refs/heads/${base?.ref}` : ref
  if (branches !== undefined && !branches.some((branch) => target === `refs/heads/${branch}`)) throw refused
}

/** All combinations of a matrix, in the order in which GitHub makes them, or the legs of an `include` alone. */
export function legsOf(job: Job): readonly Readonly<Record<string, unknown>>[] {
  const { include } = job.strategy?.matrix ?? {}
  if (include !== undefined) return include as readonly Readonly<Record<string, unknown>>[]
  return Object.entries(job.strategy?.matrix ?? {}).reduce<readonly Readonly<Record<string, unknown>>[]>(
    (legs, [key, values]) => legs.flatMap((leg) => values.map((value) => ({ ...leg, [key]: value }))),
    [{}],
  )
}

export function needsOf({ needs = [] }: Job): readonly string[] {
  return typeof needs === 'string' ? [needs] : needs
}

export function textsOf(texts: Texts): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, String(value)]))
}
