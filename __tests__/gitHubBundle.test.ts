import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { markerIn } from '../src/domain/tracking.ts'
import { hang, raw, resetBeforeHeaders, state } from '../src/emulator/answers.ts'
import type { CloudState } from '../src/emulator/cloud.ts'
import { type GitHubState, problem } from '../src/emulator/gitHub.ts'
import { ACCOUNT, SCENARIOS } from '../src/emulator/scenarios.ts'
import { ACTION, type BundleRun, runBundle } from './support/bundle.ts'
import { type CheckedGitHub, checkedGitHub, TOKEN } from './support/gitHubApi.ts'
import { HOSTILE_NAMES } from './support/hostile.ts'

/** What ships, with a real client, against an emulated GitHub that is held against GitHub's own description. */

const sha = (digit: string) => digit.repeat(40)
const PUSHED = '5eed0f1a5eed0f1a5eed0f1a5eed0f1a5eed0f1a'
const RUN_PAGE = 'https://github.com/example/app/actions/runs/1234567890'
const task = (...looks: string[]): CloudState => ({
  account: ACCOUNT,
  tasks: { '282832': { targets: [], looks: looks.map((look) => state(look)) } },
})
const passing = task('init', 'Success')
const failing = task('init', 'Failed')

interface HubRun extends BundleRun {
  readonly github?: CheckedGitHub
}

/** Runs the bundle with a token; `github` lets several runs share a repository. */
async function runHub(cloud: CloudState, run: HubRun = {}) {
  const { github = await checkedGitHub(), ...bundleRun } = run
  const result = await runBundle(cloud, {
    ...bundleRun,
    inputs: { 'task-id': '282832', 'github-token': TOKEN, ...bundleRun.inputs },
    env: { GITHUB_API_URL: github.url, ...bundleRun.env },
  })
  expect(github.violations).toEqual([])
  const { stdout, stderr, outputs, summary, files } = result
  expect(stderr).toBe('')
  // The runner is told once what to mask; after that the token is nowhere.
  const shown = JSON.stringify([stdout.replaceAll(`::add-mask::${TOKEN}`, ''), outputs, summary, files])
  expect(shown).not.toContain(TOKEN)
  const told = JSON.stringify(
    github.requests.map(({ method, path: asked, query, body }) => [method, asked, query, body]),
  )
  for (const secret of [TOKEN, ...Object.values(ACCOUNT)]) expect(told).not.toContain(secret)
  return { ...result, github, statuses: github.repository.statuses, issues: github.repository.issues }
}

const status = { 'commit-status': 'virus scan' }
const tracking = { 'tracking-issue': 'Virus alerts' }
const statesOf = ({ statuses }: { readonly statuses: CheckedGitHub['repository']['statuses'] }) =>
  statuses.map(({ state: one }) => one)

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

describe('the allow-list of a change', () => {
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)
  const LIST = `- alert: Malicious Software-Trojan\n  reason: test file\n  until: ${until}\n`
  const head = { sha: sha('a'), repo: { full_name: 'example/app' } }
  const base = { sha: sha('b'), repo: { full_name: 'example/app' } }
  const event = { name: 'pull_request', payload: { pull_request: { head, base } } }
  const accepted = SCENARIOS.accepted
  async function judge(commits: GitHubState['commits'], files: Record<string, string>, inputs: object = {}) {
    if (accepted === undefined) throw new Error('there is no such scenario')
    const github = await checkedGitHub(commits === undefined ? {} : { commits })
    const own = { ...accepted.inputs, 'task-id': '', 'allow-list': './.security/list 1.yml', ...inputs }
    return runHub(accepted.cloud, { github, event, files, inputs: own })
  }
  const list = '.security/list 1.yml'

  test('is that of the base commit', async () => {
    const { outputs, exitCode, github } = await judge({ [sha('b')]: { [list]: LIST } }, {})
    expect([outputs.verdict, exitCode]).toEqual(['passed', 0])
    expect(github.requests.map(({ method, path: asked, query }) => [method, asked, query])).toEqual([
      ['GET', `/repos/example/app/contents/${list}`, { ref: sha('b') }],
    ])
  })

  test.each<[string, Record<string, string>]>([
    ['there is none at the base commit', {}],
    ['there is another', { [list]: `# none yet\n` }],
  ])('is not what the change says: %s', async (_, files) => {
    const { outputs, exitCode, log, summary } = await judge({ [sha('b')]: files }, { [list]: LIST })
    expect([outputs.verdict, exitCode]).toEqual(['alerts', 1])
    const line =
      /^Line 1 of the allow-list is added by this change, so it is not in force before the merge; it would then accept Malicious Software-Trojan/
    expect(log.filter((one) => line.test(one))).toHaveLength(1)
    expect(summary).toContain('not in force before the merge')
  })

  test('a cancel while it is read is a cancel', async () => {
    let kill = (_: NodeJS.Signals) => {}
    const github = await checkedGitHub({ trouble: () => hang() }, { onRequest: () => kill('SIGINT') })
    const { outputs, exitCode, server } = await runHub(passing, {
      github,
      event,
      inputs: { 'severity-cutoff': 'serious', 'allow-list': list },
      onStart: (action) => {
        kill = action.kill
      },
    })
    expect([outputs.verdict, exitCode, server.exchanges]).toEqual(['cancelled', 1, []])
    expect(outputs.reason).toMatch(/cancelled after .* while it was to read the allow-list$/)
  })

  test.each([
    ['over TLS that nobody checks', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, []],
    ['past a proxy that cannot be used', { HTTPS_PROXY: 'socks5://127.0.0.1:1080' }, ['POST']],
  ])('is not asked for %s', async (_, env, told) => {
    const github = await checkedGitHub()
    const { outputs } = await runHub(passing, {
      ...{ github, event, env },
      inputs: { 'severity-cutoff': 'serious', 'allow-list': list, ...status },
    })
    expect([outputs.verdict, github.requests.map(({ method }) => method)]).toEqual(['invalid-input', told])
  })

  test.each<[string, object, GitHubState['commits'], RegExp]>([
    ['without a token', { 'github-token': '' }, {}, /is read from the base commit .* give github-token/],
    [
      'with a token that is none',
      { 'github-token': 'ghs_one\nghs_two' },
      {},
      /github-token has a character in it that no token has/,
    ],
    ['with a token that is unknown', { 'github-token': 'ghs_other' }, {}, /GitHub answered 401 /],
    ['where the commit cannot be read', {}, {}, /GitHub answered 404 .*add contents: read to the permissions/],
    ['where it is a folder', {}, { [sha('b')]: { [`${list}/x`]: 'x' } }, /is a folder/],
    [
      'where it is larger than anybody keeps',
      {},
      { [sha('b')]: { [list]: '#'.repeat(300_000) } },
      /larger than 256 KiB/,
    ],
    ['where it is bad', {}, { [sha('b')]: { [list]: 'nonsense' } }, /at the base commit bbbbbbb line 1/],
  ])('%s it is invalid-input, and nothing is started', async (_, inputs, commits, reason) => {
    const { outputs, exitCode, server } = await judge(commits, { [list]: LIST }, inputs)
    expect([outputs.verdict, exitCode, server.exchanges]).toEqual(['invalid-input', 1, []])
    expect(outputs.reason).toMatch(reason)
  })
})

describe('a GitHub that is unwell changes no verdict', () => {
  const html = raw(502, '<html>Bad Gateway</html>', 'text/html')
  const limited = (seconds: string) => ({
    ...problem(403, 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'),
    headers: { 'retry-after': seconds },
  })
  const both = { ...status, ...tracking }

  test.each<[string, Partial<GitHubState>, RegExp]>([
    ['403', { tokens: { [TOKEN]: {} } }, /GitHub answered 403 .*add statuses: write to the permissions/],
    ['401', { tokens: {} }, /GitHub answered 401 \(Bad credentials\): see that github-token/],
    ['404', { repository: 'other/repository' }, /GitHub answered 404 \(Not Found\)/],
    ['422', { trouble: () => problem(422, 'Validation Failed') }, /GitHub answered 422 \(Validation Failed\)/],
    ['a wrong shape', { trouble: () => raw(200, '"?"') }, /GitHub gave no good answer/],
    [
      'an issue that is none',
      { trouble: (operation) => (operation.startsWith('issues/') ? raw(200, '[{"body":{}}]') : problem(403, 'no')) },
      /GitHub answered 403 \(no\)\. The/,
    ],
    [
      'an answer that repeats the token',
      { trouble: () => problem(403, `no ${TOKEN}`) },
      /GitHub answered 403 \(no \*\*\*\)/,
    ],
    ['a limit that lasts too long', { trouble: () => limited('600') }, /GitHub answered 403 .*too many requests/],
  ])('%s', async (_, hub, warning) => {
    const github = await checkedGitHub(hub)
    const result = await runHub(failing, { github, inputs: both })
    const bare = await runBundle(failing, { inputs: { 'task-id': '282832' } })
    const { 'elapsed-seconds': __, tasks: ___, 'request-id': ____, ...outputs } = result.outputs
    expect(bare.outputs).toMatchObject(outputs)
    expect([result.exitCode, result.annotations.filter((line) => line.startsWith('::error'))]).toEqual([
      bare.exitCode,
      bare.annotations,
    ])
    const warnings = result.annotations.filter((line) => line.startsWith('::warning'))
    expect(warnings).toHaveLength(2)
    expect(warnings[0]).toMatch(warning)
  })

  test.each(['null', '{}', '[null]', '{"data":{"viewer":{"login":null}}}', '[{"number":"1"}]', '<html>'])(
    'nor does the answer %s, whatever was asked',
    async (text) => {
      const github = await checkedGitHub()
      await runHub(failing, { github, inputs: tracking })
      const odd = await checkedGitHub({
        trouble: (operation) =>
          operation === 'issues/list-for-repo' && text.includes('viewer') ? undefined : raw(200, text),
      })
      const { title, body, labels } = github.repository.issues[0] ?? {}
      odd.repository.addIssue({ ...(title && { title }), ...(body && { body }), ...(labels && { labels }) })
      const { outputs, exitCode, annotations } = await runHub(passing, { github: odd, inputs: both })
      expect([outputs.verdict, outputs.passed, exitCode]).toEqual(['passed', 'true', 0])
      expect(annotations.filter((line) => !line.startsWith('::warning'))).toEqual([])
      expect(annotations.join()).not.toMatch(/mistake/)
      if (text.includes('viewer')) expect(odd.repository.calls).toContain('graphql')
    },
  )

  test.each<[string, NonNullable<GitHubState['trouble']>]>([
    ['a gateway error', (_, nth) => (nth === 1 ? html : undefined)],
    ['a broken connection', (_, nth) => (nth === 1 ? resetBeforeHeaders() : undefined)],
    ['a short limit', (_, nth) => (nth === 1 ? limited('1') : undefined)],
  ])('%s heals', async (_, trouble) => {
    const github = await checkedGitHub({
      trouble: (operation, nth) => (operation === 'issues/create' ? undefined : trouble(operation, nth)),
    })
    const result = await runHub(failing, { github, inputs: both })
    expect(statesOf(result).at(-1)).toBe('failure')
    expect(result.issues).toHaveLength(1)
    expect(result.annotations).toHaveLength(1)
  })

  test('what was opened, but whose answer was lost, is not opened twice', async () => {
    const github = await checkedGitHub({
      trouble: (operation) => (operation === 'issues/create' ? { ...resetBeforeHeaders(), isDone: true } : undefined),
    })
    const result = await runHub(failing, { github, inputs: tracking })
    expect(result.issues).toHaveLength(1)
    expect(result.annotations.filter((line) => line.startsWith('::warning'))).toHaveLength(1)
    const again = await runHub(failing, { github, inputs: tracking })
    expect(again.issues).toHaveLength(1)
  })

  test('one that hangs for ever holds the run up for no more than it may', async () => {
    const github = await checkedGitHub({ trouble: () => hang() })
    const result = await runHub(passing, { github, inputs: both })
    expect([result.outputs.verdict, result.exitCode]).toEqual(['passed', 0])
    const seconds = Number(result.outputs['elapsed-seconds'])
    expect(result.tookMs / 1_000 - seconds).toBeLessThan(33)
    expect(result.annotations).toHaveLength(2)
  })

  test('a signal while GitHub is told does not change the verdict', async () => {
    let look = 0
    const github = await checkedGitHub({ trouble: () => hang() }, { onRequest: () => void ++look })
    const result = await runHub(passing, {
      github,
      inputs: both,
      signals: { afterLooks: 2, afterMs: 1_500, send: ['SIGINT'] },
    })
    expect([look > 0, result.outputs.verdict, result.exitCode]).toEqual([true, 'passed', 0])
    expect(result.goneAfterMs).toBeLessThan(2_000)
  })

  test('a fork has a token that may only read, and is told so', async () => {
    const github = await checkedGitHub({ tokens: { [TOKEN]: { contents: 'read' } } })
    const head = { sha: sha('a'), repo: { full_name: 'somebody/app' } }
    const base = { sha: sha('b'), repo: { full_name: 'example/app' } }
    const event = { name: 'pull_request', payload: { pull_request: { head, base } } }
    const { annotations, exitCode } = await runHub(passing, { github, event, inputs: status })
    expect(exitCode).toBe(0)
    expect(annotations).toEqual([expect.stringMatching(/pull requests from forks have a token that may only read/)])
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
