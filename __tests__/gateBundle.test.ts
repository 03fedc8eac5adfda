import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as answers from '../src/emulator/answers.ts'
import type { CloudState } from '../src/emulator/cloud.ts'
import { type Fleet, server } from '../src/emulator/fleet.ts'
import { ACCOUNT, SCENARIOS } from '../src/emulator/scenarios.ts'
import { type BundleResult, type BundleRun, runBundle } from './support/bundle.ts'
import { HOSTILE_NAMES } from './support/hostile.ts'
import { readReport } from './support/reportSchema.ts'

/** The gate as it ships: what it leaves behind, on every way out. */

const FILE = 'evidence/report.json'
const fleet: Fleet = { groups: [{ id: '10001', name: 'web' }], servers: [server(1), server(2)] }
const looks = [answers.state('init'), answers.state('Success')]
const cloud = (more: Partial<CloudState> = {}): CloudState => ({
  account: ACCOUNT,
  tasks: {},
  fleet,
  starts: [{ id: '282832', looks }],
  ...more,
})
const gated = (run: BundleRun = {}): BundleRun => ({
  ...run,
  inputs: {
    targets: 'group:web',
    'severity-cutoff': 'serious',
    'settle-seconds': '0.1',
    'report-file': FILE,
    ...run.inputs,
  },
})
const starts = ({ server }: BundleResult) => server.exchanges.filter(({ action }) => action === 'StartVirusScanTask')

/** The report is there, has the published shape, agrees with the outputs, is what was digested, and holds no secret. */
function expectEvidence(result: BundleResult, file = FILE) {
  const text = result.files[file] ?? ''
  const report = readReport(text)
  expect(result.outputs['report-file']).toBe(file)
  expect(result.outputs['report-digest']).toBe(`sha256:${createHash('sha256').update(text).digest('hex')}`)
  expect(report).toMatchObject({
    verdict: result.outputs.verdict,
    passed: result.outputs.passed === 'true',
    failsJob: result.exitCode === 1,
    reason: result.outputs.reason,
    rehearsal: true,
    run: { repository: 'example/app', runId: '1234567890', runAttempt: '1' },
  })
  for (const secret of Object.values(ACCOUNT)) expect(text).not.toContain(secret)
  return report
}

describe('evidence on every way out', () => {
  test.each<{ name: string; state: CloudState; run?: BundleRun; verdict: string }>([
    { name: 'a pass', state: cloud(), verdict: 'passed' },
    { name: 'a start that nobody waits for', state: cloud(), run: { inputs: { wait: 'false' } }, verdict: 'started' },
    {
      name: 'a server that is not covered',
      state: cloud({ fleet: { ...fleet, servers: [server(1, { bind: false })] } }),
      verdict: 'incomplete',
    },
    {
      name: 'a name that fits nothing',
      state: cloud(),
      run: { inputs: { targets: 'host:gone' } },
      verdict: 'invalid-input',
    },
    { name: 'a missing permission', state: cloud({ forbidden: ['DescribeAllGroups'] }), verdict: 'denied' },
    {
      name: 'a scan that failed',
      state: cloud({ starts: [{ id: '1', looks: [answers.state('Failed')] }] }),
      verdict: 'scan-failed',
    },
    {
      name: 'a deadline',
      state: cloud({ starts: [{ id: '1', looks: [answers.state('Processing')] }] }),
      run: { inputs: { 'timeout-minutes': '0.03' } },
      verdict: 'timed-out',
    },
    {
      name: 'nothing listens',
      state: cloud(),
      run: { inputs: { endpoint: '127.0.0.1:1', 'max-consecutive-errors': '0' } },
      verdict: 'unavailable',
    },
    {
      name: 'a cancel',
      state: cloud({ starts: [{ id: '1', looks: [answers.hang()] }] }),
      run: { signals: { afterLooks: 1, send: ['SIGTERM'] } },
      verdict: 'cancelled',
    },
  ])('$name: $verdict', async ({ state, run, verdict }) => {
    const result = await runBundle(state, gated(run))
    expect(result.outputs.verdict).toBe(verdict)
    expectEvidence(result)
  })

  test('with inputs that are not valid there is none', async () => {
    const result = await runBundle(cloud(), gated({ inputs: { wait: 'maybe' } }))
    expect(result.outputs).toMatchObject({ verdict: 'invalid-input', 'report-file': '', 'report-digest': '' })
    expect(result.files).toEqual({})
  })

  test('an earlier report is replaced, other files stay', async () => {
    const files = { [FILE]: '{"verdict":"passed"}', 'evidence/other': 'x' }
    const result = await runBundle(cloud({ forbidden: ['DescribeAllGroups'] }), gated({ files }))
    expect(expectEvidence(result).verdict).toBe('denied')
    expect(Object.keys(result.files).sort()).toEqual(['evidence/other', FILE])
  })

  test('one that cannot be written is no pass', async () => {
    const temp = realpathSync(mkdtempSync(path.join(tmpdir(), 'evidence-')))
    const file = path.join(temp, 'report.json')
    // While the scan runs, somebody puts a folder where the report should go.
    const fleetLater = () => {
      mkdirSync(file, { recursive: true })
      return fleet
    }
    const run = { inputs: { 'report-file': file }, env: { RUNNER_TEMP: temp } }
    const result = await runBundle(cloud({ fleet: fleetLater }), gated(run))
    expect(result.exitCode).toBe(1)
    expect(result.outputs).toMatchObject({ verdict: 'unavailable', 'report-file': '', 'report-digest': '' })
    expect(result.outputs['alert-count']).toBe('0')
    expect(result.outputs.reason).toMatch(/report could not be written to .*report.json: is a folder/)
    rmSync(file, { recursive: true })
    const lenient = gated({ ...run, inputs: { ...run.inputs, 'fail-on': 'alerts' } })
    const forgiven = await runBundle(cloud({ fleet: fleetLater }), lenient)
    expect(forgiven).toMatchObject({ exitCode: 0, outputs: { verdict: 'unavailable', passed: 'false' } })
    rmSync(temp, { recursive: true })
  })

  test.each(['../report.json', '/etc/report.json', '.github/workflows/x.yml', '.git/config', 'evidence/'])(
    'report-file: %s is refused before any call',
    async (file) => {
      const result = await runBundle(cloud(), gated({ inputs: { 'report-file': file } }))
      expect(result.outputs.verdict).toBe('invalid-input')
      expect(result.server.exchanges).toEqual([])
    },
  )
})

describe('the start over a socket', () => {
  test('goes over a connection of its own; looks share another', async () => {
    const result = await runBundle(cloud(), gated())
    const [start] = starts(result)
    const others = result.server.exchanges.filter(({ action }) => action !== 'StartVirusScanTask')
    expect(others.map(({ connection }) => connection)).not.toContain(start?.connection)
  })

  test.each([
    ['a reset before the headers', answers.resetBeforeHeaders()],
    ['a reset after them', answers.resetAfterHeaders()],
    ['half a reply', answers.truncated()],
    ['a bad gateway', answers.badGateway()],
    ['a server error', answers.serverError()],
    ['an empty reply', answers.emptyReply(200)],
    ['a reply without the id', answers.raw(200, '{"RequestId":"{request-id}"}')],
    ['a wrong id', answers.raw(200, '{"ScanTaskId":0,"RequestId":"{request-id}"}')],
  ])('%s: a scan may be running, and no second one is started', async (_, answer) => {
    const result = await runBundle(cloud({ trouble: { StartVirusScanTask: [answer] } }), gated())
    expect(result.outputs).toMatchObject({ verdict: 'unavailable', 'task-id': '' })
    expect(result.outputs.reason).toMatch(/a scan may be running/)
    expect(starts(result)).toHaveLength(1)
    expectEvidence(result)
  })

  test('throttled, it is sent again, and one scan runs', async () => {
    const trouble = { StartVirusScanTask: [answers.throttled(), answers.throttled(50)] }
    const result = await runBundle(cloud({ trouble }), gated())
    expect(result.outputs.verdict).toBe('passed')
    expect(starts(result)).toHaveLength(3)
    expect(result.started).toHaveLength(1)
  })

  test('a cancel while it is under way: cancelled, and a scan may be running', async () => {
    const state = cloud({ trouble: { StartVirusScanTask: [answers.hang()] } })
    const result = await runBundle(
      state,
      gated({ signals: { afterCalls: { action: 'StartVirusScanTask' }, send: ['SIGINT'] } }),
    )
    expect(result.outputs.verdict).toBe('cancelled')
    expect(result.stdout).toMatch(/a scan may be running/)
    expect(result.goneAfterMs).toBeLessThan(2_000)
    expectEvidence(result)
  })

  test('task-id is an output before the first look', async () => {
    const state = cloud({ starts: [{ id: '9223372036854775807', looks: [answers.hang()] }] })
    const result = await runBundle(state, gated({ signals: { afterLooks: 1, send: ['SIGKILL'] } }))
    expect(result.signal).toBe('SIGKILL')
    expect(result.outputs['task-id']).toBe('9223372036854775807')
  })
})

test('all problems of bad input at once, nothing started', async () => {
  const inputs = {
    targets: 'uuid:a b\nall\nhost:',
    'settle-seconds': '901',
    'allow-list': 'folder',
    'report-file': '../x',
    'severity-cutoff': 'grave',
  }
  const result = await runBundle(cloud(), gated({ inputs, files: { 'folder/file': '' } }))
  expect(result.outputs.verdict).toBe('invalid-input')
  const log = result.stdout
  for (const says of [
    /targets: all stands beside other lines/,
    /targets: uuid:a b is not a server uuid/,
    /targets: host: names nothing/,
    /severity-cutoff: grave is not one of serious, suspicious, remind, none/,
    /settle-seconds: 901 is out of range/,
    /allow-list: folder is a folder/,
    /report-file: \.\.\/x lies outside the workspace/,
  ]) {
    expect(log).toMatch(says)
  }
  expect(result.server.exchanges).toEqual([])
})

test('hostile names of servers and alerts: inert everywhere, whole in JSON', async () => {
  const servers = HOSTILE_NAMES.map((name, i) =>
    server(i + 1, {
      name,
      alerts: [{ eventId: String(i + 1), level: i % 2 === 0 ? 'serious' : name, name, lastSeen: 0 }],
    }),
  )
  const result = await runBundle(cloud({ fleet: { ...fleet, servers } }), gated())
  expect(result.outputs.verdict).toBe('alerts')
  const alerts = JSON.parse(result.outputs.alerts ?? '')
  expect(new Set(alerts.map(({ name }: { name: string }) => name))).toEqual(new Set(HOSTILE_NAMES))
  expectEvidence(result)
  expect(result.outputs.reason).toMatch(/^[A-Za-z0-9 ._:,()/@-]+$/)
  const commands = result.log.filter((line) => /^\s*(?:::|##\[)/.test(line))
  expect(commands.filter((line) => !/^::(?:add-mask|error)::/.test(line))).toEqual([])
  expect(commands.filter((line) => line.startsWith('::error'))).toHaveLength(1)
})

test('the report of the demo is the one that is documented', async () => {
  const { clean } = SCENARIOS
  const result = await runBundle(clean?.cloud ?? cloud(), { inputs: clean?.inputs ?? {} })
  expect(expectEvidence(result, 'evidence/virus-scan.json').coverage.servers).toHaveLength(4)
})
