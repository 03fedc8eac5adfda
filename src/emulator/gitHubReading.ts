import type { Answer } from './answers.ts'
import { API, blobSha, json, type ListRequest, pageOf, problem, repositoryValue, userValue } from './gitHubReplies.ts'

/** What GitHub reads out and nobody changes through its API: files at a commit, workflow runs and their jobs. */

export interface WorkflowRunState {
  readonly id: number
  /** The name of its file below `.github/workflows`. */
  readonly file: string
  readonly branch: string
  readonly event: string
  readonly createdAt: string
  /** None while it runs. */
  readonly conclusion: string | null
  readonly jobs: readonly JobState[]
}

interface JobState {
  readonly name: string
  readonly conclusion: string | null
  readonly completedAt: string
  readonly steps?: readonly { readonly name: string; readonly conclusion: string | null }[]
}

/** Above this GitHub leaves the content out. */
const LARGEST_CONTENT = 1024 * 1024

/** `files`: texts by path at the commit. */
export function contentAt(
  files: Readonly<Record<string, string>>,
  path: string,
  repository: string,
  ref: string,
): Answer {
  const text = files[path]
  if (text !== undefined) return json(200, { ...entry(path, 'file', text, repository, ref), ...contentOf(text) })
  const prefix = path === '' ? '' : `${path}/`
  const below = Object.keys(files).filter((name) => name.startsWith(prefix))
  const children = new Set(below.map((name) => name.slice(prefix.length).split('/')[0] ?? ''))
  if (children.size === 0) return problem(404, 'Not Found')
  const entries = [...children].sort().map((child) => {
    const inside = files[prefix + child]
    return entry(prefix + child, inside === undefined ? 'dir' : 'file', inside ?? '', repository, ref)
  })
  return json(200, entries)
}

function contentOf(text: string) {
  const bytes = Buffer.from(text, 'utf8')
  if (bytes.length > LARGEST_CONTENT) return { encoding: 'none', content: '' }
  // GitHub ends each line of 60 characters, and the last one.
  return { encoding: 'base64', content: bytes.toString('base64').replaceAll(/.{1,60}/g, '$&\n') }
}

function entry(path: string, type: 'file' | 'dir', text: string, repository: string, ref: string) {
  const bytes = Buffer.from(text, 'utf8')
  const url = `${API}/repos/${repository}/contents/${encodeURI(path)}?ref=${ref}`
  const links = { html_url: null, git_url: null, download_url: null, _links: { self: url, git: null, html: null } }
  return { name: path.split('/').at(-1), path, sha: blobSha(bytes), size: bytes.length, url, type, ...links }
}

/** The newest first. `workflow`: the name of its file. */
export function listRuns(
  all: readonly WorkflowRunState[],
  workflow: string,
  repository: string,
  request: ListRequest,
): Answer {
  if (!/\.ya?ml$/.test(workflow)) return problem(404, 'Not Found')
  const { branch, event, status, created } = request.query
  const runs = all
    .filter((run) => run.file === workflow)
    .filter((run) => (branch ?? run.branch) === run.branch && (event ?? run.event) === run.event)
    .filter((run) => status === undefined || status === run.conclusion || status === statusOf(run.conclusion))
    .filter((run) => created === undefined || isWithin(created, run.createdAt))
    .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt) || b.id - a.id)
  const { items, headers } = pageOf(runs, request)
  const workflow_runs = items.map((run) => runValue(run, repository))
  return { ...json(200, { total_count: runs.length, workflow_runs }), headers }
}

export function listJobs(
  all: readonly WorkflowRunState[],
  id: number,
  repository: string,
  request: ListRequest,
): Answer {
  const run = all.find((one) => one.id === id)
  if (run === undefined) return problem(404, 'Not Found')
  const { items, headers } = pageOf(run.jobs, request)
  const jobs = items.map((job) => jobValue(run, job, run.jobs.indexOf(job), repository))
  return { ...json(200, { total_count: run.jobs.length, jobs }), headers }
}

function statusOf(conclusion: string | null): 'in_progress' | 'completed' {
  return conclusion === null ? 'in_progress' : 'completed'
}

/** GitHub's syntax for dates in searches: `>=2026-01-31`, `2026-01-31..2026-02-28`, `*..2026-02-28`, a day. */
function isWithin(range: string, time: string): boolean {
  const [, sign, bound = ''] = /^(>=|<=|>|<)(.+)$/.exec(range) ?? []
  const at = Date.parse(time)
  if (sign === '>=') return at >= Date.parse(bound)
  if (sign === '<=') return at <= Date.parse(bound)
  if (sign === '>') return at > Date.parse(bound)
  if (sign === '<') return at < Date.parse(bound)
  const [from = '', to] = range.split('..')
  if (to === undefined) return time.startsWith(range)
  return (from === '*' || at >= Date.parse(from)) && (to === '*' || at <= Date.parse(to))
}

const HEAD = 'feed'.repeat(10)

function runValue({ id, file, branch, event, createdAt, conclusion }: WorkflowRunState, repository: string): object {
  const url = `${API}/repos/${repository}/actions/runs/${id}`
  const person = { name: 'octocat', email: 'octocat@example.com' }
  const links = { jobs_url: `${url}/jobs`, logs_url: url, check_suite_url: url, cancel_url: url, rerun_url: url }
  return {
    ...{ id, node_id: 'W', url, html_url: `https://github.com/${repository}/actions/runs/${id}`, ...links },
    ...{ artifacts_url: url, workflow_url: url, workflow_id: 1, path: `.github/workflows/${file}`, name: file },
    ...{ head_branch: branch, head_sha: HEAD, display_title: 'change', event, run_number: 1, run_attempt: 1 },
    ...{ status: statusOf(conclusion), conclusion, created_at: createdAt, updated_at: createdAt, pull_requests: [] },
    head_commit: {
      id: HEAD,
      tree_id: HEAD,
      message: 'change',
      timestamp: createdAt,
      author: person,
      committer: person,
    },
    ...{ repository: repositoryValue(repository), head_repository: repositoryValue(repository) },
    actor: userValue('octocat'),
  }
}

function jobValue(run: WorkflowRunState, job: JobState, index: number, repository: string): object {
  const { name, conclusion, completedAt, steps = [] } = job
  const url = `${API}/repos/${repository}/actions/jobs/${run.id}${index}`
  const status = statusOf(conclusion)
  const stepValue = (step: (typeof steps)[number], i: number) => {
    return { name: step.name, status: statusOf(step.conclusion), conclusion: step.conclusion, number: i + 1 }
  }
  return {
    ...{ id: Number(`${run.id}${index}`), node_id: 'J', run_id: run.id, run_url: url, url, html_url: url },
    ...{ head_sha: HEAD, head_branch: run.branch, workflow_name: run.file, name, status, conclusion },
    ...{ created_at: run.createdAt, started_at: run.createdAt, completed_at: conclusion === null ? null : completedAt },
    ...{ check_run_url: url, labels: ['ubuntu-latest'], steps: steps.map(stepValue) },
    ...{ runner_id: 1, runner_name: 'runner', runner_group_id: 1, runner_group_name: 'runners' },
  }
}
