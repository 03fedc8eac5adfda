import path from 'node:path'
import { type Contexts, expandAll, holds, pick } from './expressions.ts'
import { nameOf, runLeg } from './leg.ts'
import { type JobEnding, together, withoutSteps } from './records.ts'
import { isCancelled, type Run, storeOf, varsFor } from './run.ts'
import {
  type Job,
  legsOf,
  needsOf,
  type Permissions,
  readWorkflow,
  type Workflow,
  type WorkflowCall,
} from './workflowFile.ts'

/** The jobs of a workflow: in which order, under which condition, with what of each other. */

export const EXAMPLES = path.resolve(__dirname, '../../../docs/examples')

export async function runJobs(workflow: Workflow, run: Run): Promise<ReadonlyMap<string, JobEnding>> {
  const endings = new Map<string, JobEnding>()
  const waiting = new Map(Object.entries(workflow.jobs))
  while (waiting.size > 0) {
    const next = [...waiting].find(([, job]) => needsOf(job).every((need) => endings.has(need)))
    if (next === undefined) throw new Error(`Jobs wait for each other: ${[...waiting.keys()].join(', ')}`)
    const [id, job] = next
    waiting.delete(id)
    endings.set(id, await runJob(id, job, workflow, run, endings))
  }
  return endings
}

async function runJob(
  id: string,
  job: Job,
  workflow: Workflow,
  run: Run,
  endings: ReadonlyMap<string, JobEnding>,
): Promise<JobEnding> {
  const { github, inputs, story } = run
  const vars = varsFor(run)
  const needs = Object.fromEntries(needsOf(job).map((need) => [need, pick(endings.get(need), ['result', 'outputs'])]))
  const before = ancestors(job, workflow).map((need) => endings.get(need)?.result)
  const status = {
    success: before.every((result) => result === 'success') && !isCancelled(story.cancel),
    failure: before.includes('failure'),
    cancelled: isCancelled(story.cancel),
  }
  if (!holds(job.if, { github, needs, inputs, vars }, status)) return withoutSteps(job.name ?? id, 'skipped')
  story.before?.({ job: id }, storeOf(run))
  const legs: JobEnding[] = []
  for (const matrix of legsOf(job)) {
    const stopped = job.strategy?.['fail-fast'] !== false && legs.some(({ result }) => result === 'failure')
    const base = { github, needs, inputs, matrix, strategy: {}, vars }
    const permissions = job.permissions ?? workflow.permissions ?? {}
    legs.push(
      stopped
        ? { result: 'cancelled', outputs: {}, legs: [] }
        : job.uses === undefined
          ? await runLeg(id, job, { permissions, workflow, run, base })
          : await runCalled(id, job, { permissions, run, base }),
    )
  }
  // Whichever leg of a matrix ends last overwrites the outputs of the others.
  const outputs = Object.assign({}, ...legs.map((leg) => leg.outputs))
  return { result: together(legs), outputs, legs: legs.flatMap((leg) => leg.legs) }
}

function ancestors(job: Job, workflow: Workflow): readonly string[] {
  return needsOf(job).flatMap((need) => [need, ...ancestors(workflow.jobs[need] ?? {}, workflow)])
}

/** A reusable workflow: the jobs of another file, with the caller's event. */
async function runCalled(
  id: string,
  job: Job,
  { permissions, run, base }: { readonly permissions: Permissions; readonly run: Run; readonly base: Contexts },
): Promise<JobEnding> {
  const [, file] = /\/\.github\/workflows\/([\w-]+\.yml)@COMMIT$/.exec(job.uses ?? '') ?? []
  if (file === undefined) throw new Error(`The replay knows no workflow ${job.uses}`)
  const workflow = readWorkflow(path.join(EXAMPLES, file), run.story.amendWorkflow)
  const call = workflow.on.workflow_call as WorkflowCall
  const given = expandAll(job.with, base)
  declared(given, call.inputs ?? {})
  const defaults = Object.entries(call.inputs ?? {}).map(([name, input]) => [name, String(input.default ?? '')])
  const inputs = { ...Object.fromEntries(defaults), ...given }
  const name = nameOf(id, job, base)
  const jobs = await runJobs(workflow, { ...run, inputs, caller: { permissions, name } })
  const values = Object.entries(call.outputs ?? {}).map(([output, { value }]) => [output, value])
  const outputs = expandAll(Object.fromEntries(values), { github: run.github, jobs: Object.fromEntries(jobs), inputs })
  const legs = [...jobs.values()].flatMap((ending) => ending.legs)
  return { result: together([...jobs.values()]), outputs, legs }
}

function declared(given: object, known: Readonly<Record<string, { readonly required?: boolean }>>) {
  const strange = Object.keys(given).filter((name) => !(name in known))
  const missing = Object.keys(known).filter((name) => known[name]?.required === true && !(name in given))
  if (strange.length + missing.length > 0) throw new Error(`Invalid input: ${[...strange, ...missing].join(', ')}`)
}
