import { readWorkflowRun } from '../../src/inputs/workflowRun.ts'

const sha = (digit: string) => digit.repeat(40)
const env = {
  GITHUB_REPOSITORY: 'example/app',
  GITHUB_SHA: sha('1'),
  GITHUB_REF: 'refs/heads/main',
  GITHUB_WORKFLOW: 'Release',
  GITHUB_JOB: 'scan',
  GITHUB_RUN_ID: '42',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_SERVER_URL: 'https://github.example',
}
const runOf = (event: string, payload: unknown, actor = 'octocat') =>
  readWorkflowRun({ ...env, GITHUB_EVENT_NAME: event, GITHUB_ACTOR: actor }, payload)

const pull = (head: string | null, base = 'example/app') => ({
  pull_request: {
    head: { sha: sha('a'), repo: head === null ? null : { full_name: head } },
    base: { sha: sha('b'), repo: { full_name: base } },
  },
})

test('what the runner says is passed on, and leads to the page of the run', () => {
  expect(runOf('push', {})).toEqual({
    repository: 'example/app',
    sha: sha('1'),
    ref: 'refs/heads/main',
    event: 'push',
    workflow: 'Release',
    job: 'scan',
    runId: '42',
    runAttempt: '2',
    url: 'https://github.example/example/app/actions/runs/42',
    headSha: sha('1'),
  })
  expect(readWorkflowRun({}, undefined)).toMatchObject({ repository: '', headSha: '', runId: '' })
  const { GITHUB_SERVER_URL: _, ...noServer } = env
  expect(readWorkflowRun(noServer, {}).url).toBe('https://github.com/example/app/actions/runs/42')
})

test.each([
  ['push', {}, sha('1')],
  ['schedule', {}, sha('1')],
  ['pull_request', pull('example/app'), sha('a')],
  ['pull_request_target', pull('example/app'), sha('a')],
  ['pull_request_review', pull('example/app'), sha('a')],
  ['merge_group', { merge_group: { head_sha: sha('c'), base_sha: sha('d') } }, sha('c')],
  ['workflow_run', { workflow_run: { head_sha: sha('e') } }, sha('e')],
  // A payload that has the words of another event does not move the status.
  ['push', pull('example/app'), sha('1')],
  ['push', { workflow_run: { head_sha: sha('e') } }, sha('1')],
  ['pull_request', undefined, sha('1')],
  ['workflow_run', { workflow_run: null }, sha('1')],
])('the status of a %s run belongs to the commit that is judged', (event, payload, expected) => {
  expect(runOf(event, payload).headSha).toBe(expected)
})

test.each([
  ['push', {}, undefined],
  ['workflow_run', { workflow_run: { head_sha: sha('e') } }, undefined],
  ['pull_request', pull('example/app'), sha('b')],
  ['pull_request_target', pull('example/app'), sha('b')],
  ['pull_request_review', pull('example/app'), sha('b')],
  ['merge_group', { merge_group: { head_sha: sha('c'), base_sha: sha('d') } }, sha('d')],
  // It is a change all the same: its workspace is not to be trusted, whatever the event's file says.
  ['pull_request', undefined, ''],
  ['merge_group', { merge_group: { base_sha: 7 } }, ''],
])('a %s run is for a change, or for none', (event, payload, expected) => {
  expect(runOf(event, payload).change?.baseSha).toBe(expected)
})

test.each([
  ['pull_request', pull('example/app'), 'octocat', undefined],
  ['pull_request', pull('somebody/app'), 'octocat', 'fork'],
  ['pull_request', pull(null), 'octocat', 'fork'],
  ['pull_request_review', pull('somebody/app'), 'octocat', 'fork'],
  ['pull_request_target', pull('somebody/app'), 'octocat', undefined],
  ['push', {}, 'octocat', undefined],
  ['push', {}, 'dependabot[bot]', 'dependabot'],
  ['pull_request', pull('example/app'), 'dependabot[bot]', 'dependabot'],
  ['schedule', {}, 'dependabot[bot]', undefined],
])('%s %j by %s gets secrets, or gets none', (event, payload, actor, expected) => {
  expect(runOf(event, payload, actor).untrusted).toBe(expected)
})
