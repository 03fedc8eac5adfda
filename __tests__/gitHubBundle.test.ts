import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { markerIn } from '../src/domain/tracking.ts'
import { hang, state } from '../src/emulator/answers.ts'
import type { CloudState } from '../src/emulator/cloud.ts'
import { ACCOUNT, SCENARIOS } from '../src/emulator/scenarios.ts'
import { ACTION } from './support/bundle.ts'
import { type CheckedGitHub, checkedGitHub } from './support/gitHubApi.ts'
import { HOSTILE_NAMES } from './support/hostile.ts'
import { failing, PUSHED, passing, RUN_PAGE, runHub, sha, statesOf, status, task, tracking } from './support/hubRun.ts'

/** What a run tells GitHub: commit statuses and tracking issues. */

describe("GitHub's client", () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'without-github-'))
    for (const file of ['index.js', 'package.json'])
      copyFileSync(path.join(path.dirname(ACTION), file), path.join(folder, file))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('is not loaded by a run that asks GitHub nothing', async () => {
    const { exitCode, annotations } = await runHub(passing, { entry: path.join(folder, 'index.js') })
    expect([exitCode, annotations]).toEqual([0, []])
  })

  test('that cannot be loaded changes no verdict', async () => {
    const { exitCode, outputs, annotations } = await runHub(passing, {
      entry: path.join(folder, 'index.js'),
      inputs: { ...status, ...tracking },
    })
    expect([exitCode, outputs.verdict]).toEqual([0, 'passed'])
    expect(annotations.map((line) => line.slice(0, 29))).toEqual([
      '::warning::The commit status ',
      '::warning::The tracking issue',
    ])
  })
})

test('a token that nothing asks for is not used', async () => {
  const { github, exitCode } = await runHub(passing)
  expect([exitCode, github.requests]).toEqual([0, []])
})

describe('the commit status', () => {
  test('is pending while the run waits, and ends as the run does', async () => {
    const { statuses, exitCode, log } = await runHub(
      task('init', 'Processing', 'Processing', 'Processing', 'Success'),
      {
        inputs: { ...status, 'min-poll-seconds': '0.4', 'max-poll-seconds': '0.4' },
      },
    )
    expect(exitCode).toBe(0)
    const about = { sha: PUSHED, context: 'virus scan', target_url: RUN_PAGE }
    expect(statuses).toEqual([
      { ...about, state: 'pending', description: '(Rehearsal) Waiting for virus scan task 282832' },
      { ...about, state: 'success', description: expect.stringMatching(/^\(Rehearsal\) Virus scan task 282832 ended/) },
    ])
    expect(log).toContain('Commit status success: virus scan')
  })

  test.each<[string, CloudState, Record<string, string>, string, number]>([
    ['a scan that failed', failing, {}, 'failure', 1],
    ['a scan that failed and is forgiven', failing, { 'fail-on': 'none' }, 'success', 0],
    ['a time-out', task('init'), { 'timeout-minutes': '0.01' }, 'error', 1],
    ['bad input', passing, { 'min-poll-seconds': 'often' }, 'error', 1],
    ['a key that is refused', passing, { 'access-key-secret': 'wrong' }, 'error', 1],
  ])('of %s', async (_, cloud, inputs, last, exitCode) => {
    const result = await runHub(cloud, { inputs: { ...status, ...inputs } })
    expect([statesOf(result).at(-1), result.exitCode]).toEqual([last, exitCode])
  })

  test('of a scan that was only started stays pending, and the step that waits ends it', async () => {
    const github = await checkedGitHub()
    const scenario = SCENARIOS['start-only']
    if (scenario === undefined) throw new Error('there is no such scenario')
    const { endpoint: _, ...inputs } = scenario.inputs as Record<string, string>
    const started = await runHub(scenario.cloud, { github, inputs: { ...inputs, ...status, 'task-id': '' } })
    expect([started.outputs.verdict, new Set(statesOf(started))]).toEqual(['started', new Set(['pending'])])
    expect(started.statuses.at(-1)?.description).toMatch(/^\(Rehearsal\) Virus scan task 282832 was started/)
    const waited = await runHub(passing, { github, inputs: status })
    expect(statesOf(waited).at(-1)).toBe('success')
  })

  const head = { sha: sha('a'), repo: { full_name: 'example/app' } }
  const base = { sha: sha('b'), repo: { full_name: 'example/app' } }
  test.each([
    ['pull_request', { pull_request: { head, base } }, sha('a')],
    ['pull_request_target', { pull_request: { head, base } }, sha('a')],
    ['merge_group', { merge_group: { head_sha: sha('c'), base_sha: sha('d') } }, sha('c')],
    ['workflow_run', { workflow_run: { head_sha: sha('e') } }, sha('e')],
    ['schedule', {}, PUSHED],
  ])('on %s is set on the commit that is judged', async (name, payload, expected) => {
    const { statuses } = await runHub(passing, { inputs: status, event: { name, payload } })
    expect(new Set(statuses.map((one) => one.sha))).toEqual(new Set([expected]))
  })

  test('does not stay pending when the job is cancelled', async () => {
    const result = await runHub(task('init', 'Processing'), {
      inputs: { ...status, ...tracking },
      signals: { afterLooks: 8, send: ['SIGINT'] },
    })
    expect([statesOf(result), result.outputs.verdict, result.exitCode]).toEqual([['pending', 'error'], 'cancelled', 1])
    expect(result.goneAfterMs).toBeLessThan(2_000)
    expect(result.issues).toEqual([])
  })

  test('a GitHub that hangs holds up no cancel', async () => {
    const github = await checkedGitHub({ trouble: () => hang() })
    const result = await runHub(task('init', 'Processing'), {
      github,
      inputs: status,
      signals: { afterLooks: 8, send: ['SIGINT'] },
    })
    expect([result.outputs.verdict, result.exitCode]).toEqual(['cancelled', 1])
    expect(result.goneAfterMs).toBeLessThan(2_000)
  })
})

describe('the tracking issue', () => {
  const infected = SCENARIOS.infected
  const clean = SCENARIOS.clean
  const play = (scenario: typeof infected, github: CheckedGitHub, inputs: object = {}) => {
    if (scenario === undefined) throw new Error('there is no such scenario')
    return runHub(scenario.cloud, { github, inputs: { ...scenario.inputs, 'task-id': '', ...tracking, ...inputs } })
  }

  test('is opened once when something is found, and closed when it is gone', async () => {
    const github = await checkedGitHub()
    const first = await play(infected, github)
    expect(first.issues).toMatchObject([
      { title: 'Virus alerts (rehearsal)', labels: ['virus-scan'], state: 'open', comments: [] },
    ])
    expect(markerIn(first.issues[0]?.body ?? '')).toMatchObject({ kind: 'findings', hasAlerts: true })
    expect(first.log).toContain('Tracking issue opened: https://github.com/example/app/issues/1')
    await play(infected, github)
    expect(github.repository.issues).toMatchObject([{ state: 'open', comments: [] }])
    const last = await play(clean, github)
    expect(last.issues).toMatchObject([{ state: 'closed', stateReason: 'completed' }])
    expect(last.issues[0]?.comments).toEqual([expect.stringMatching(/^<p>All is well again: \(Rehearsal\) /)])
    expect(last.exitCode).toBe(0)
  })

  test('has the same identity while the cloud is down', async () => {
    const github = await checkedGitHub()
    await play(infected, github)
    const down = await play(infected, github, { endpoint: 'http://127.0.0.1:1', 'max-consecutive-errors': '0' })
    expect(down.outputs.verdict).toBe('unavailable')
    expect(down.issues.map(({ title, state: one }) => [title, one])).toEqual([
      ['Virus alerts (rehearsal)', 'open'],
      ['Virus alerts (scan did not run) (rehearsal)', 'open'],
    ])
    const [findings, notRun] = down.issues.map(({ body }) => markerIn(body))
    expect(notRun?.identity).toBe(findings?.identity)
    expect([notRun?.completeAt, findings?.completeAt]).toEqual([expect.any(String), notRun?.completeAt])
    const up = await play(clean, github)
    expect(up.issues.map(({ state: one }) => one)).toEqual(['closed', 'closed'])
  })

  test('of two runs at once there is one', async () => {
    const github = await checkedGitHub()
    await Promise.all([play(infected, github), play(infected, github)])
    expect(github.repository.issues.filter(({ state: one }) => one === 'open')).toHaveLength(1)
  })

  test.each([
    ['a pull request and an issue of somebody else are not taken for it', true],
    ['where GitHub does not say whose token it is, neither', false],
  ])('%s', async (_, tellsViewer) => {
    const github = await checkedGitHub({ tellsViewer })
    await play(infected, github)
    const [ours] = github.repository.issues
    if (ours === undefined) throw new Error('no issue was opened')
    github.repository.addIssue({ ...ours, number: 2, isPullRequest: true, comments: [] })
    github.repository.addIssue({ ...ours, number: 3, login: 'mallory', comments: [] })
    await play(clean, github)
    expect(github.repository.issues.map(({ state: one }) => one)).toEqual(['closed', 'open', 'open'])
  })

  test('it is found behind a hundred others', async () => {
    const github = await checkedGitHub()
    await play(infected, github)
    for (let n = 0; n < 150; n++) github.repository.addIssue({ labels: ['virus-scan'], body: 'words' })
    await play(clean, github)
    expect(github.repository.issues[0]?.state).toBe('closed')
  })

  test('a label that is there is not made again', async () => {
    const github = await checkedGitHub()
    github.repository.labels.add('virus-scan')
    await play(infected, github)
    expect(github.repository.calls).not.toContain('issues/create-label')
  })
})

test('an Enterprise Server is found by GITHUB_API_URL, GraphQL too', async () => {
  const github = await checkedGitHub({}, { basePath: '/api/v3' })
  await runHub(failing, { github, inputs: { ...status, ...tracking } })
  await runHub(failing, { github, inputs: { ...status, ...tracking } })
  expect(github.repository.issues).toHaveLength(1)
  expect(github.repository.calls.filter((call) => call.startsWith('?'))).toEqual([])
  expect(github.repository.calls).toContain('graphql')
})

test('no name of the cloud is more than a name in an issue or a status', async () => {
  const servers = HOSTILE_NAMES.map((name, i) => ({ type: 'uuid', name, target: `uuid-${i}` }))
  const cloud = { account: ACCOUNT, tasks: { '282832': { targets: servers, looks: [state(HOSTILE_NAMES.join(' '))] } } }
  const { statuses, issues } = await runHub(cloud, { inputs: { ...status, ...tracking, 'timeout-minutes': '0.01' } })
  expect(statuses.at(-1)?.description).toMatch(/^[A-Za-z0-9 ._:,()/@-]{1,140}$/)
  const outside = (issues[0]?.body ?? '').replaceAll(/<code>.*?<\/code>/gs, '')
  expect(outside).not.toMatch(/evil|octocat|:rocket:/)
})
