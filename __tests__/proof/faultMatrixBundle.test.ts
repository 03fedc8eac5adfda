import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Answer, noise, raw, resetBeforeHeaders, state } from '../../src/emulator/answers.ts'
import type { CloudState } from '../../src/emulator/cloud.ts'
import { server } from '../../src/emulator/fleet.ts'
import { type Operation, problem } from '../../src/emulator/gitHub.ts'
import { IDENTITY_SCENARIOS } from '../../src/emulator/identityScenarios.ts'
import { ACCOUNT } from '../../src/emulator/scenarios.ts'
import { OUTPUT_NAMES } from '../../src/view/outputs.ts'
import { ACTION, type BundleResult, type BundleRun, keys, runBundle } from '../support/bundle.ts'
import { hasOpenssl, makeCertificates } from '../support/certificates.ts'
import { checkedGitHub, TOKEN } from '../support/gitHubApi.ts'
import { figure, PATIENCE_MS } from '../support/proof.ts'
import { startTlsFront } from '../support/tlsFront.ts'
import { CALLS, type Call, type StoryName } from './faults/calls.ts'
import { FAULTS, type Fault } from './faults/faults.ts'
import { canMeet, expected, faultyCalls, type Moment, meaningOfMetadata } from './faults/rules.ts'
import { GITHUB_CALLS, mostCalls } from './faults/telling.ts'

/**
 * The cells of the fault matrix that cross a process, through what ships: exit code, annotation, outputs, files and GitHub.
 * Of the calls of the cloud a sample by rule, to show that the process ends as the sources say.
 */

const FORGIVEN_ERRORS = 2
const policy = { forgivenErrors: FORGIVEN_ERRORS }
const one = { type: 'uuid', name: 'web-01', target: server(1).uuid }
const looks = [state('init'), state('Processing'), state('Processing'), state('Success')]
const waiting: CloudState = { account: ACCOUNT, tasks: { '282832': { targets: [one], looks } } }
const starting: CloudState = {
  account: ACCOUNT,
  tasks: {},
  starts: [{ id: '282832', looks }],
  fleet: { groups: [{ id: '10001', name: 'web' }], servers: [server(1)] },
}
const task = { 'task-id': '282832' }
const role = IDENTITY_SCENARIOS.keyless
const patience = { 'max-consecutive-errors': String(FORGIVEN_ERRORS) }

let count = 0
afterAll(() => figure('fault matrix bundle', 'cells through the bundle', count))

/** The same runs as those of the sources, as inputs. */
const STORIES: Partial<Record<StoryName, { readonly cloud: CloudState; readonly run: BundleRun }>> = {
  wait: { cloud: waiting, run: { inputs: task } },
  start: { cloud: starting, run: { inputs: { targets: `uuid:${one.target}` } } },
  group: { cloud: starting, run: { inputs: { targets: 'group:web' } } },
  server: {
    cloud: starting,
    run: { inputs: { targets: `uuid:${one.target}`, 'severity-cutoff': 'serious', 'settle-seconds': '0' } },
  },
  account: { cloud: waiting, run: { inputs: { ...task, 'allowed-account-ids': '1234567890123456' } } },
  role: {
    cloud: { ...waiting, ...role?.cloud, tasks: waiting.tasks },
    run: { inputs: role?.inputs ?? {}, identity: {} },
  },
}

/** What holds on every way out. */
function expectOrderly({ stdout, stderr, annotations, exitCode, signal, outputs }: BundleResult, verdict: string) {
  count += 1
  expect([exitCode, signal, stderr]).toEqual([['passed', 'started'].includes(verdict) ? 0 : 1, null, ''])
  expect(outputs).toMatchObject({ verdict, passed: String(verdict === 'passed') })
  expect(Object.keys(outputs).sort()).toEqual([...OUTPUT_NAMES].sort())
  expectQuiet(stdout)
  expect(annotations.filter((line) => line.startsWith('::error'))).toEqual(
    exitCode === 0 ? [] : [`::error::${outputs.reason}`],
  )
}

function expectQuiet(stdout: string): void {
  expect(stdout).not.toMatch(/\(node:|^\s+at .*(?:\.js|node:)/m)
}

/** The first fault of every nature that a reply or the want of one can be; none that takes a request's whole limit. */
const SAMPLE = FAULTS.filter(
  (fault) =>
    fault.end.kind === 'answers' &&
    fault.isEndless === undefined &&
    fault === FAULTS.find(({ nature, end }) => nature === fault.nature && end.kind === 'answers'),
)

const samples = CALLS.filter(({ story, kind }) => STORIES[story] !== undefined && kind !== 'token').flatMap((call) =>
  SAMPLE.filter((fault) => canMeet(call, fault)).flatMap((fault) => {
    const moments: readonly Moment[] = call.kind === 'look' ? ['first', 'last', 'for-ever'] : ['first']
    return moments.map((moment) => ({ name: `${call.name}: ${fault.name}, ${moment}`, call, fault, moment }))
  }),
)

test.each(samples)('$name', async ({ call, fault, moment }) => {
  const { result, made } = await runWith(call, fault, moment)
  const { verdict, calls } = expected(call, fault, moment, policy)
  expectOrderly(result, verdict)
  expect(made).toBeGreaterThanOrEqual(calls.least)
  expect(made).toBeLessThanOrEqual(calls.most)
})

async function runWith(call: Call, fault: Fault, moment: Moment, inputs: Readonly<Record<string, string>> = {}) {
  const story = STORIES[call.story]
  if (story === undefined || fault.end.kind !== 'answers') throw new Error('no such story')
  const { answer } = fault.end
  const isFaulty = faultyCalls(call, moment, policy)
  // No story makes more calls of an action than this.
  const trouble = Array.from({ length: 20 }, (_, i) => (isFaulty(i + 1) ? answer(call.wrong) : undefined))
  const result = await runBundle(
    { ...story.cloud, trouble: { [call.action]: trouble } },
    { ...story.run, inputs: { ...patience, ...story.run.inputs, ...inputs } },
  )
  return { result, made: result.server.exchanges.filter(({ action }) => action === call.action).length }
}

test(
  'a look that hangs is given up after the 15 s of a request, and made again',
  async () => {
    const [look] = CALLS as readonly [Call]
    const hanging = FAULTS.find(({ isEndless }) => isEndless === true) as Fault
    const { result, made } = await runWith(look, hanging, 'first')
    const { verdict, calls } = expected(look, hanging, 'first', policy)
    expectOrderly(result, verdict)
    expect(made).toBe(calls.least)
  },
  PATIENCE_MS,
)

const tokenCall = CALLS.find(({ kind }) => kind === 'token') as Call
const tokenFaults = SAMPLE.filter((fault) => canMeet(tokenCall, fault))
describe("GitHub's OIDC token", () => {
  const moments = ['first', 'for-ever'] as const
  const cells = tokenFaults.flatMap((fault) => moments.map((moment) => ({ name: fault.name, fault, moment })))
  test.each(cells)('$name, $moment', async ({ fault, moment }) => {
    const story = STORIES.role
    if (story === undefined || fault.end.kind !== 'answers') throw new Error('no such story')
    const answer = fault.end.answer(tokenCall.wrong)
    const trouble = moment === 'first' ? [answer] : { first: [], rest: answer }
    const inputs = { ...patience, ...story.run.inputs }
    const result = await runBundle(story.cloud, { inputs, identity: { trouble } })
    const { verdict, calls } = expected(tokenCall, fault, moment, policy)
    expectOrderly(result, verdict)
    expect(result.identity?.exchanges).toHaveLength(calls.least)
  })
})

describe('the RAM role of an ECS instance', () => {
  const faults = FAULTS.filter(({ name }) =>
    [
      'HTTP 500, HTML',
      'HTTP 403, HTML',
      'HTTP 404, HTML',
      'HTTP 200, `{}`',
      'HTTP 200, HTML',
      'reset before the headers',
    ].includes(name),
  )
  test.each(faults)('$name', async (fault) => {
    if (fault.end.kind !== 'answers') throw new Error('nobody answers')
    // The client asks with a token of the service, and where that fails without one: two requests are one call.
    const answer = fault.end.answer(tokenCall.wrong)
    const trouble = { credentials: [answer, answer] }
    const inputs = { ...task, ...patience, 'ecs-ram-role': 'gate' }
    const result = await runBundle(waiting, { inputs, metadata: { role: 'gate', trouble } })
    const mayHeal = meaningOfMetadata(fault) === 'may-heal'
    expectOrderly(result, mayHeal ? 'passed' : 'denied')
    const asked = result.instance?.exchanges.filter(({ path: asked }) => asked.endsWith('/gate'))
    expect(asked).toHaveLength(mayHeal ? 2 + 1 : 2)
  })
})

describe('what fail-on leaves out', () => {
  const [lookCall] = CALLS as readonly [Call]
  test.each(SAMPLE)('$name for ever: unavailable is forgiven, denied never', async (fault) => {
    const { verdict } = expected(lookCall, fault, 'for-ever', policy)
    const { result } = await runWith(lookCall, fault, 'for-ever', { 'fail-on': 'none' })
    count += 1
    expect([result.outputs.verdict, result.exitCode]).toEqual([verdict, verdict === 'unavailable' ? 0 : 1])
    const level = verdict === 'unavailable' ? 'warning' : 'error'
    expect(result.annotations.filter((line) => line.endsWith(`::${result.outputs.reason}`))).toEqual([
      `::${level}::${result.outputs.reason}`,
    ])
    expect(result.outputs.passed).toBe('false')
  })
})

describe('hosts by their real names', () => {
  const straight = { ...keys, ...task, ...patience, endpoint: '', rehearsal: 'false' }
  const HOST = 'tds.cn-shanghai.aliyuncs.com:443'
  const certificates = hasOpenssl ? makeCertificates() : undefined
  afterAll(() => certificates?.remove())

  test.each(['name', 'port'] as const)('no %s', async (what) => {
    const routes: Readonly<Record<string, number>> = what === 'name' ? {} : { [HOST]: 1 }
    const result = await runBundle(waiting, { inputs: straight, routes })
    expectOrderly(result, 'unavailable')
    expect(result.outputs.polls).toBe(String(FORGIVEN_ERRORS + 1))
  })

  const tls = hasOpenssl ? test : test.skip
  tls.each(['selfSigned', 'expired', 'otherName'] as const)(
    'a certificate that is %s (needs openssl)',
    async (kind) => {
      if (certificates === undefined) return
      const front = await startTlsFront('http://127.0.0.1:1', certificates[kind])
      try {
        const env = { NODE_EXTRA_CA_CERTS: certificates.caFile }
        const result = await runBundle(waiting, { inputs: straight, routes: { [HOST]: front.port }, env })
        expectOrderly(result, 'denied')
        expect(result.outputs.polls).toBe('1')
      } finally {
        await front.close()
      }
    },
  )
})

describe('files', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'faults-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const failing: CloudState = { account: ACCOUNT, tasks: { '282832': { targets: [one], looks: [state('Failed')] } } }
  const endings = [
    { own: 'passed', cloud: waiting },
    { own: 'scan-failed', cloud: failing },
  ]
  const report = { ...task, 'report-file': 'evidence/report.json' }
  const inTheWay = {
    'a folder is in its place': () => mkdirSync(path.join(folder, 'evidence/report.json'), { recursive: true }),
    'a file is where its folder should be': () => writeFileSync(path.join(folder, 'evidence'), ''),
  }

  test.each(Object.entries(inTheWay))('report: before the run %s', async (_, obstruct) => {
    obstruct()
    const result = await runBundle(waiting, { inputs: report, env: { GITHUB_WORKSPACE: folder } })
    expectOrderly(result, 'invalid-input')
    expect(result.server.exchanges).toEqual([])
  })

  test.each(
    endings.flatMap(({ own, cloud }) =>
      Object.entries(inTheWay).map(([name, obstruct]) => ({ own, cloud, name, obstruct })),
    ),
  )('report of a run that ends $own: at its end $name', async ({ own, cloud, obstruct }) => {
    let isDone = false
    const twist = (answer: Answer) => {
      if (!isDone) obstruct()
      isDone = true
      return answer
    }
    const result = await runBundle(cloud, { inputs: report, env: { GITHUB_WORKSPACE: folder }, twist })
    expectOrderly(result, own === 'passed' ? 'unavailable' : own)
    expect(result.outputs['report-digest']).toBe('')
  })

  // What a full disk does to a process, for files alone: none may grow. The shell's limit is inherited.
  test.each(endings)('no file can grow, in a run that ends $own', async ({ cloud }) => {
    const entry = path.join(folder, 'limited.cjs')
    const script = `ulimit -f 0; exec "$0" "$1"`
    writeFileSync(
      entry,
      `const { status } = require('node:child_process').spawnSync('sh', ['-c', ${JSON.stringify(script)}, process.execPath, ${JSON.stringify(ACTION)}], { stdio: 'inherit' })
process.exitCode = status ?? 99`,
    )
    const result = await runBundle(cloud, { entry, inputs: report })
    count += 1
    expect([result.exitCode, result.stderr]).toEqual([1, ''])
    expect(result.annotations.filter((line) => line.startsWith('::error'))).toHaveLength(1)
    expect(result.files).toEqual({})
    expectQuiet(result.stdout)
  })

  const places = {
    'the disk is full': '/dev/full',
    'a folder is in its place': tmpdir(),
    'its folder is not there': '/nowhere/file',
  }
  const variables = { summary: 'GITHUB_STEP_SUMMARY', outputs: 'GITHUB_OUTPUT' } as const
  test.each(
    endings.flatMap((ending) =>
      Object.entries(variables).flatMap(([what, variable]) =>
        Object.entries(places).map(([name, place]) => ({ ...ending, what, variable, name, place })),
      ),
    ),
  )('$what of a run that ends $own: $name', async ({ own, cloud, what, variable, place }) => {
    const result = await runBundle(cloud, { inputs: task, env: { [variable]: place } })
    if (what === 'summary') expectOrderly(result, own)
    else count += 1
    expect([result.exitCode, result.stderr]).toEqual([own === 'passed' ? 0 : 1, ''])
    expect(result.annotations.filter((line) => line.startsWith('::error'))).toHaveLength(own === 'passed' ? 0 : 1)
    expect(result.annotations.some((line) => /^::warning::.*The verdict stands/.test(line))).toBe(true)
    expectQuiet(result.stdout)
  })
})

describe('GitHub never changes a verdict', () => {
  const HTML = '<html>Sorry</html>'
  const faults: Readonly<Record<string, () => Answer>> = {
    'HTTP 403': () => problem(403, 'Resource not accessible by integration'),
    'HTTP 404': () => problem(404, 'Not Found'),
    'HTTP 502, HTML': () => raw(502, HTML, 'text/html'),
    'HTTP 200, a wrong shape': () => raw(200, '[7]'),
    'HTTP 200, HTML': () => raw(200, HTML, 'text/html'),
    'reset before the headers': resetBeforeHeaders,
    'bytes that are no HTTP': noise,
  }
  const failing: CloudState = { account: ACCOUNT, tasks: { '282832': { targets: [one], looks: [state('Failed')] } } }
  const telling = { ...task, 'github-token': TOKEN, 'commit-status': 'virus scan', 'tracking-issue': 'Virus alerts' }

  // Which entries are in force is an input: where it is not known, nothing is asked of the cloud.
  const unread = Object.entries(faults).filter(([name]) => name !== 'HTTP 404')
  test.each(unread)('the allow-list at the base commit: %s, for ever', async (_, answer) => {
    const sha = 'b'.repeat(40)
    const side = { sha, repo: { full_name: 'example/app' } }
    const event = { name: 'pull_request', payload: { pull_request: { head: side, base: side } } }
    const list = '.security/accepted.yml'
    const github = await checkedGitHub({
      commits: { [sha]: { [list]: '[]' } },
      trouble: (asked) => (asked === 'repos/get-content' ? answer() : undefined),
    })
    const inputs = { ...task, 'github-token': TOKEN, 'severity-cutoff': 'serious', 'allow-list': list }
    const env = { GITHUB_API_URL: github.url }
    const result = await runBundle(waiting, { inputs, env, event, files: { [list]: '[]' } })
    expectOrderly(result, 'invalid-input')
    expect(result.server.exchanges).toEqual([])
    expect(github.repository.calls.length).toBeLessThanOrEqual(3)
  })

  test.each(GITHUB_CALLS)(
    '$operation: every fault, for ever',
    async (call) => {
      const { operation, needsIssue } = call
      const cells = Object.entries(faults).map(async ([name, answer]) => {
        let isBroken = false
        const trouble = (asked: Operation) => (isBroken && asked === operation ? answer() : undefined)
        const github = await checkedGitHub({ trouble })
        const run = (cloud: CloudState) => runBundle(cloud, { inputs: telling, env: { GITHUB_API_URL: github.url } })
        if (needsIssue) await run(failing)
        const before = github.repository.calls.length
        isBroken = true
        const result = await run(needsIssue ? waiting : failing)
        expectOrderly(result, needsIssue ? 'passed' : 'scan-failed')
        const made = github.repository.calls.slice(before).filter((asked) => asked === operation).length
        const isRight = made >= 1 && made <= mostCalls(call)
        expect(`${name}: ${isRight ? 'as often as it may be' : made}`).toBe(`${name}: as often as it may be`)
        expect(github.violations).toEqual([])
      })
      await Promise.all(cells)
    },
    120_000,
  )
})
