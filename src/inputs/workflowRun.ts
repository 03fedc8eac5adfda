import type { WorkflowRun } from '../domain/workflowRun.ts'
import type { Environment } from './reading.ts'

/** What the runner says of the workflow run: its variables, and the event that it keeps in a file. */

/** `payload` is the event as GitHub sent it, in any shape. */
export function readWorkflowRun(env: Environment, payload: unknown): WorkflowRun {
  const of = (name: string) => env[`GITHUB_${name}`] ?? ''
  const event = of('EVENT_NAME')
  const runId = of('RUN_ID')
  const repository = of('REPOSITORY')
  const change = changeIn(event, payload)
  const untrusted = untrustedIn(event, payload, of('ACTOR'))
  return {
    repository,
    sha: of('SHA'),
    ref: of('REF'),
    event,
    workflow: of('WORKFLOW'),
    job: of('JOB'),
    runId,
    runAttempt: of('RUN_ATTEMPT'),
    url: `${of('SERVER_URL') || 'https://github.com'}/${repository}/actions/runs/${runId}`,
    headSha: headIn(event, payload) || of('SHA'),
    ...(change === undefined ? {} : { change }),
    ...(untrusted === undefined ? {} : { untrusted }),
  }
}

/**
 * Source: GitHub's page on events that trigger workflows. On a pull request `GITHUB_SHA` is a merge that exists for the
 * run alone, on `pull_request_target` and `workflow_run` it is the default branch's last commit.
 */
function headIn(event: string, payload: unknown): string {
  if (isOfPullRequest(event)) return text(payload, 'pull_request', 'head', 'sha')
  if (event === 'merge_group') return text(payload, 'merge_group', 'head_sha')
  return event === 'workflow_run' ? text(payload, 'workflow_run', 'head_sha') : ''
}

function changeIn(event: string, payload: unknown): WorkflowRun['change'] {
  if (isOfPullRequest(event)) return { baseSha: text(payload, 'pull_request', 'base', 'sha') }
  return event === 'merge_group' ? { baseSha: text(payload, 'merge_group', 'base_sha') } : undefined
}

/** Source: GitHub's pages on secrets in pull requests from forks, and on Dependabot in workflows. */
function untrustedIn(event: string, payload: unknown, actor: string): WorkflowRun['untrusted'] {
  // On `pull_request_target` the workflow is the base's, and gets what the base has.
  const isOfChange = isOfPullRequest(event) && event !== 'pull_request_target'
  if (actor === 'dependabot[bot]' && (isOfChange || event === 'push')) return 'dependabot'
  if (!isOfChange) return undefined
  const [head, base] = ['head', 'base'].map((side) => text(payload, 'pull_request', side, 'repo', 'full_name'))
  return head === base ? undefined : 'fork'
}

/** `pull_request`, `pull_request_target`, and the events of reviews, which run on the same merge. */
function isOfPullRequest(event: string): boolean {
  return event.startsWith('pull_request')
}

function text(value: unknown, ...path: readonly string[]): string {
  const found = path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  )
  return typeof found === 'string' ? found : ''
}
