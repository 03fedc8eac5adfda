import { readWorkflowRun } from '../../src/inputs/workflowRun.ts'
import { type InputWorld, parseInputs, secretsIn } from '../../src/inputs.ts'
import { asVariables, inputWorld, problemsIn } from '../support/inputWorld.ts'

/** `github-token`, `commit-status`, `tracking-issue`, and what GitHub keeps back from whom. */

const keys = { 'INPUT_ACCESS-KEY-ID': 'LTAI-id', 'INPUT_ACCESS-KEY-SECRET': 'key-secret' }

function read(changes: Readonly<Record<string, string>>, world: Partial<InputWorld> = {}, good: object = keys) {
  return parseInputs({ 'INPUT_TASK-ID': '7', ...good, ...asVariables(changes) }, inputWorld({}, world))
}

const problemsOf = (...given: Parameters<typeof read>) => problemsIn(read(...given))

const runOf =
  (event: string, payload: object, more: object = {}) =>
  () =>
    readWorkflowRun(
      { GITHUB_EVENT_NAME: event, GITHUB_REPOSITORY: 'example/app', GITHUB_SHA: '1'.repeat(40), ...more },
      payload,
    )
const pullFrom = (name: string | null) => ({
  pull_request: {
    head: { sha: 'a'.repeat(40), repo: name === null ? null : { full_name: name } },
    base: { sha: 'b'.repeat(40), repo: { full_name: 'example/app' } },
  },
})

test('without a token nothing is asked of GitHub', () => {
  const reading = read({})
  expect(reading.kind === 'ok' && reading.inputs).not.toHaveProperty('github')
})

test('with a token alone there is nothing to keep up to date', () => {
  const reading = read({ 'github-token': 't' })
  expect(reading.kind === 'ok' && reading.inputs.github).toEqual({ token: 't' })
})

test('a token and names are read', () => {
  const reading = read({ 'github-token': ' ghs_x ', 'commit-status': 'virus scan', 'tracking-issue': 'Alerts: 数据库' })
  expect(reading).toMatchObject({
    kind: 'ok',
    inputs: { github: { token: 'ghs_x', commitStatus: 'virus scan', trackingIssue: 'Alerts: 数据库' } },
  })
})

test.each(['commit-status', 'tracking-issue'])('%s without a token is refused, with the line that gives it', (name) => {
  expect(problemsOf({ [name]: 'x' })).toEqual([
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of workflows
    `${name}: x needs a github-token: give github-token: ${'${{ github.token }}'}`,
  ])
})

test.each([
  ['commit-status', 'a\nb', 'has a line break or an invisible character in it: use one plain line'],
  ['commit-status', 'a\u200bb', 'has a line break or an invisible character in it: use one plain line'],
  ['commit-status', 'x'.repeat(101), 'has more than 100 characters: shorten it'],
  ['tracking-issue', 'a\u2028b', 'has a line break or an invisible character in it: use one plain line'],
  ['tracking-issue', 'a\u2029b', 'has a line break or an invisible character in it: use one plain line'],
  ['tracking-issue', 'x'.repeat(201), 'has more than 200 characters: shorten it'],
])('%s %j is refused', (name, value, problem) => {
  expect(problemsOf({ 'github-token': 't', [name]: value })).toEqual([`${name}: ${value} ${problem}`])
})

test('the longest names are taken', () => {
  const names = { 'commit-status': 'x'.repeat(100), 'tracking-issue': 'y'.repeat(200) }
  expect(problemsOf({ 'github-token': 't', ...names })).toEqual([])
})

test('outside of a repository there is nobody to tell', () => {
  const run = runOf('push', {}, { GITHUB_REPOSITORY: '' })
  expect(problemsOf({ 'github-token': 't', 'commit-status': 'x' }, { run })).toEqual([
    'commit-status: x needs a repository of GitHub, and GITHUB_REPOSITORY names none: use it in a workflow only',
  ])
  expect(problemsOf({ 'github-token': 't' }, { run })).toEqual([])
  const reading = read({ 'github-token': 't', 'commit-status': 'x' }, { run })
  expect(reading.kind === 'invalid' && reading.github).toEqual({ token: 't' })
})

test.each(['app', '/app', 'example/', 'example/app/x', 'example/an app'])('%j is no repository', (name) => {
  const run = runOf('push', {}, { GITHUB_REPOSITORY: name })
  expect(problemsOf({ 'github-token': 't', 'tracking-issue': 'x' }, { run })).toHaveLength(1)
})

test.each(['se\ncret', 'se cret', 'secr\u00e9t'])('the token %j is refused, never shown and never used', (token) => {
  const given = { 'github-token': token, 'commit-status': 'x' }
  expect(problemsOf(given)).toEqual([
    'github-token has a character in it that no token has (a space, a line break): copy it again',
  ])
  expect(read(given)).not.toHaveProperty('github')
})

test('without a commit there is nothing to set a status on', () => {
  const run = runOf('push', {}, { GITHUB_SHA: '' })
  expect(problemsOf({ 'github-token': 't', 'commit-status': 'x' }, { run })).toEqual([
    'commit-status: x needs a commit, and neither the event nor GITHUB_SHA names one: use it in a workflow only',
  ])
  expect(problemsOf({ 'github-token': 't', 'tracking-issue': 'x' }, { run })).toEqual([])
})

test('over TLS that nobody checks GitHub is told nothing', () => {
  const reading = read(
    { 'github-token': 't', 'commit-status': 'x' },
    {},
    { ...keys, NODE_TLS_REJECT_UNAUTHORIZED: '0' },
  )
  expect(reading.kind).toBe('invalid')
  expect(reading).not.toHaveProperty('github')
})

test('the token is masked like every secret', () => {
  expect(secretsIn({ 'INPUT_GITHUB-TOKEN': ' ghs_x ' })).toEqual(['ghs_x'])
})

test('of bad inputs the token and the name of the status are kept, so that the status can say so', () => {
  const reading = read({ 'github-token': 't', 'commit-status': 'x', 'tracking-issue': '\u0007', wait: 'perhaps' })
  expect(reading).toMatchObject({ kind: 'invalid', github: { token: 't', commitStatus: 'x' } })
  expect(reading.kind === 'invalid' && reading.github).not.toHaveProperty('trackingIssue')
  const unnamed = read({ 'github-token': 't', 'commit-status': '\u0007', 'tracking-issue': 'y' })
  expect(unnamed.kind === 'invalid' && unnamed.github).toEqual({ token: 't', trackingIssue: 'y' })
})

describe('keys that GitHub keeps back', () => {
  test.each([
    ['nobody', runOf('push', {}), /step that sets ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET$/],
    [
      'forks',
      runOf('pull_request', pullFrom('somebody/app')),
      /from forks: leave the job out there with if: github\.event_name != 'pull_request' \|\| github\.event\.pull_request\.head\.repo\.full_name == github\.repository\)$/,
    ],
    ['forks that are gone', runOf('pull_request', pullFrom(null)), /from forks/],
    [
      'Dependabot',
      runOf('pull_request', pullFrom('example/app'), { GITHUB_ACTOR: 'dependabot[bot]' }),
      /if: github\.actor != 'dependabot\[bot\]', or set the secrets for Dependabot too\)$/,
    ],
  ])('%s: the message says what to do', (_, run, text) => {
    expect(problemsOf({}, { run }, {})[0]).toMatch(text)
    const half = { 'INPUT_ACCESS-KEY-ID': 'LTAI-id' }
    const [problem = ''] = problemsOf({}, { run }, half)
    expect(problem.includes('GitHub gives no')).toBe(_ !== 'nobody')
  })
})
