import path from 'node:path'
import { REPOSITORY } from './replay/identity.ts'
import { EXAMPLES, runJobs } from './replay/jobs.ts'
import { githubTime, type RunRecord, together } from './replay/records.ts'
import type { Run, Story } from './replay/run.ts'
import type { Site } from './replay/site.ts'
import { mustRunFor, readWorkflow } from './replay/workflowFile.ts'

/**
 * Replays a workflow file as GitHub would run it, as far as our examples need it: real expressions, real shell, the real
 * action against the emulated cloud and the stand-in of GitHub, which gives each job a token with its `permissions:`
 * and no more. What it does not know is an error.
 */

/** Runs a file of `docs/examples`. */
export async function replay(file: string, site: Site, story: Story): Promise<RunRecord> {
  const workflow = readWorkflow(path.join(EXAMPLES, file), story.amendWorkflow)
  mustRunFor(workflow, story.event)
  const { event } = story
  const id = 7_000_001 + site.runs.length
  const workflowRef = `${REPOSITORY}/.github/workflows/${file}@${event.ref}`
  const github = {
    repository: REPOSITORY,
    repository_owner: 'example',
    sha: event.sha,
    ref: event.ref,
    ref_name: event.ref.replace(/^refs\/(?:heads|tags|pull)\//, ''),
    event_name: event.name,
    event: event.payload,
    actor: event.actor ?? 'octocat',
    workflow: workflow.name,
    workflow_ref: workflowRef,
    run_id: String(id),
    run_attempt: '1',
    api_url: site.gitHub.url,
    server_url: 'https://github.com',
  }
  const run: Run = { site, story, github, artifacts: new Map(), inputs: {} }
  const createdAt = githubTime()
  const jobs = await runJobs(workflow, run)
  const records = [...jobs.values()].flatMap(({ legs }) => legs)
  const record = { id, file, event, createdAt, result: together([...jobs.values()]), jobs: records }
  site.runs.push(record)
  return record
}
