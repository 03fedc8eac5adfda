import type { WorkflowRun } from '../../src/domain/workflowRun.ts'
import { readWorkflowRun } from '../../src/inputs/workflowRun.ts'
import { type RepositoryFeature, repositoryProblem, repositoryWarning } from '../../src/view/repositoryText.ts'
import { toLog } from '../../src/view/sentence.ts'

const run = readWorkflowRun({}, {})
const FORBIDDEN = 'Resource not accessible by integration'

test.each<[RepositoryFeature, number, string, WorkflowRun['untrusted'], string]>([
  ['commit-status', 403, FORBIDDEN, undefined, 'add statuses: write to the permissions of the job'],
  ['tracking-issue', 403, FORBIDDEN, undefined, 'add issues: write to the permissions of the job'],
  ['allow-list', 403, FORBIDDEN, undefined, 'add contents: read to the permissions of the job'],
  ['allow-list', 404, 'Not Found', undefined, 'add contents: read to the permissions of the job'],
  [
    'commit-status',
    403,
    FORBIDDEN,
    'fork',
    'pull requests from forks have a token that may only read, leave commit-status empty',
  ],
  [
    'tracking-issue',
    403,
    FORBIDDEN,
    'dependabot',
    'Dependabot have a token that may only read, leave tracking-issue empty',
  ],
  // A token that may only read may read.
  ['allow-list', 403, FORBIDDEN, 'fork', 'add contents: read to the permissions of the job'],
  ['commit-status', 401, 'Bad credentials', undefined, 'see that github-token is a token of this GitHub'],
  ['commit-status', 403, 'You have exceeded a secondary rate limit.', undefined, 'too many requests with this token'],
  ['commit-status', 403, 'API Rate Limit Exceeded', undefined, 'too many requests with this token'],
  ['commit-status', 429, 'Too many', 'fork', 'too many requests with this token'],
  ['tracking-issue', 410, 'Issues are disabled', undefined, 'issues are switched off in the settings'],
  ['tracking-issue', 410, 'Issues are disabled', 'fork', 'issues are switched off in the settings'],
  ['commit-status', 422, 'No commit found', undefined, 'see that the commit is in this repository'],
  ['commit-status', 500, 'Server Error', undefined, 'it may be unwell'],
  ['commit-status', 503, 'Unavailable', undefined, 'it may be unwell'],
  [
    'commit-status',
    0,
    'connect ECONNREFUSED',
    undefined,
    'GitHub gave no good answer (connect ECONNREFUSED): it may be unwell',
  ],
])('%s, %d %s (%s)', (feature, status, message, untrusted, text) => {
  expect(toLog(repositoryProblem(feature, { status, message }, untrusted ? { untrusted } : {}))).toContain(text)
})

test('the one warning names the feature, what GitHub said, and that the verdict stands', () => {
  expect(toLog(repositoryWarning('commit-status', 'virus scan', { status: 403, message: FORBIDDEN }, run))).toBe(
    'The commit status virus scan could not be set: GitHub answered 403 (Resource not accessible by integration): add statuses: write to the permissions of the job, which must name all that it needs. The verdict stands.',
  )
  expect(toLog(repositoryWarning('tracking-issue', 'Alerts\n::error::x', { status: 422, message: 'a\nb' }, run))).toBe(
    'The tracking issue Alerts⟨U+000A⟩::error::x could not be brought up to date: GitHub answered 422 (a⟨U+000A⟩b). The verdict stands.',
  )
})
