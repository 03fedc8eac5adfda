import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Contexts, expand, expandAll, pick, type Status } from './expressions.ts'
import { admits, claimsOf, grantOf } from './identity.ts'
import { githubTime, type JobEnding, type StepRecord, withoutSteps } from './records.ts'
import { isCancelled, type Place, type Run, storeOf, varsFor } from './run.ts'
import { nameOfStep, runPost, runStep } from './step.ts'
import type { Job, Permissions, Workflow } from './workflowFile.ts'

/** One leg of a job: a machine with tokens of its own, and the steps on it. */

interface LegRun {
  readonly permissions: Permissions
  readonly workflow: Workflow
  readonly run: Run
  readonly base: Contexts
}

export async function runLeg(id: string, job: Job, { permissions, workflow, run, base }: LegRun): Promise<JobEnding> {
  const { site, story, caller } = run
  mustNotExceed(permissions, caller?.permissions)
  const ownName = nameOf(id, job, base)
  const name = caller === undefined ? ownName : `${caller.name} / ${ownName}`
  const environment = expand(job.environment ?? '', base)
  const rules = site.environments[environment] ?? {}
  if (!admits(rules, story.event)) return withoutSteps(name, 'failure')
  const n = Object.keys(site.tokens).length
  const token = `ghs_tokenOfJob${n}`
  const granted = grantOf(permissions, story.event)
  site.tokens[token] = granted
  const secrets = { GITHUB_TOKEN: token }
  const contexts: Contexts = {
    ...{ ...base, vars: varsFor(run, rules) },
    github: { ...run.github, token, job: id },
  }
  const env = { ...expandAll(workflow.env, contexts), ...expandAll(job.env, { ...contexts, secrets }) }
  const folder = await mkdtemp(path.join(tmpdir(), 'replay-'))
  try {
    const place: Place = {
      ...{ folder, workspace: path.join(folder, 'workspace'), permissions: granted, run, jobId: id, posts: [] },
      tokenRequest: granted['id-token'] === 'write' ? tokenRequestOf(n, environment, run) : {},
    }
    await mkdir(place.workspace)
    const steps: StepRecord[] = []
    try {
      for (const step of job.steps ?? []) {
        const all = { ...contexts, env, steps: stepsContext(steps) }
        story.before?.({ job: id, step: nameOfStep(step) }, storeOf(run))
        steps.push(await runStep(step, { contexts: all, secrets, status: statusOf(steps, story.cancel), place }))
      }
    } finally {
      for (const post of place.posts.reverse()) steps.push(await runPost(post))
    }
    const { success, cancelled } = statusOf(steps, story.cancel)
    const result = cancelled ? 'cancelled' : success ? 'success' : 'failure'
    const outputs = expandAll(job.outputs, { ...contexts, env, secrets, steps: stepsContext(steps) })
    return { result, outputs, legs: [{ name, result, outputs, steps, completedAt: githubTime() }] }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Tells the token service who will ask, and the job how to. */
function tokenRequestOf(n: number, environment: string, { site, story, github }: Run) {
  const token = `requestTokenOfJob${n}`
  site.identities[token] = claimsOf(github, story.event, environment, site.ids)
  return { ...site.identity.env, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token }
}

/** GitHub does not start a called workflow that asks for more than its caller's job may do. */
function mustNotExceed(wanted: Permissions, given: Permissions | undefined): void {
  if (given === undefined) return
  const rank = { none: 0, read: 1, write: 2 } as const
  for (const [scope, level] of Object.entries(wanted))
    if (rank[level] > rank[given[scope] ?? 'none']) throw new Error(`The caller does not allow ${scope}: ${level}`)
}

function statusOf(steps: readonly StepRecord[], cancel: AbortSignal | undefined): Status {
  const cancelled = isCancelled(cancel)
  const failure = steps.some(({ conclusion }) => conclusion === 'failure')
  return { success: !failure && !cancelled, failure, cancelled }
}

function stepsContext(steps: readonly StepRecord[]): object {
  const named = steps.filter(({ id }) => id !== undefined)
  return Object.fromEntries(named.map((step) => [step.id, pick(step, ['outputs', 'outcome', 'conclusion'])]))
}

export function nameOf(id: string, job: Job, contexts: Contexts): string {
  if (job.name !== undefined) return expand(job.name, contexts)
  const values = Object.values((contexts.matrix ?? {}) as object)
  return values.length === 0 ? id : `${id} (${values.join(', ')})`
}
