import { readFileSync } from 'node:fs'
import path from 'node:path'
import { judgeAlerts } from '../../src/domain/alerts.ts'
import type { AllowEntry } from '../../src/domain/allowList.ts'
import { type GateRules, type GateSight, judgeGaps, NOTHING_SEEN } from '../../src/domain/gate.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { FORGIVABLE, gateFacts, judge } from '../../src/domain/verdict.ts'
import { readWorkflowRun } from '../../src/inputs/workflowRun.ts'
import type { Inputs } from '../../src/inputs.ts'
import { ACTION_NAME, ACTION_VERSION, type ReportContext, reportOf } from '../../src/view/report.ts'
import { failure, id, outcomeOf, policy, server01, waited } from '../support/builders.ts'
import { HOSTILE_NAMES } from '../support/hostile.ts'
import { readReport } from '../support/reportSchema.ts'
import { server } from '../support/scriptedCloud.ts'

const entry: AllowEntry = {
  line: 3,
  kind: 'alert',
  alert: 'Miner',
  server: 'web-01',
  reason: 'benchmark, see 4711',
  until: '2026-12-31',
}
const proposed: AllowEntry = { ...entry, line: 9, alert: 'Webshell' }
const rules: GateRules = { cutoff: 'serious', settleMs: 60_000, entries: [entry], today: '2026-11-24' }
const inputs: Inputs = {
  waitFor: { kind: 'targets', wanted: { kind: 'listed', lines: [{ word: 'host', name: 'web-01' }] }, wait: true },
  policy,
  gate: {
    ...rules,
    allowList: {
      path: '.security/list.yml',
      sha256: 'a'.repeat(64),
      entries: [entry],
      base: { commit: 'b'.repeat(40), pending: [proposed] },
    },
  },
  failOn: FORGIVABLE,
  reportFile: 'report.json',
  endpoint: { url: 'https://tds.cn-shanghai.aliyuncs.com', host: 'tds.cn-shanghai.aliyuncs.com', site: 'China' },
  login: {
    kind: 'keys',
    from: 'inputs',
    credentials: { accessKeyId: 'the-key-id', accessKeySecret: 'the-key-secret', securityToken: 'the-token' },
  },
  allowedAccountIds: [],
  rehearsal: false,
  jobSummary: true,
}
const context: ReportContext = {
  inputs,
  run: readWorkflowRun(
    {
      GITHUB_REPOSITORY: 'example/app',
      GITHUB_SHA: 'f'.repeat(40),
      GITHUB_REF: 'refs/heads/main',
      GITHUB_EVENT_NAME: 'push',
      GITHUB_WORKFLOW: 'Release',
      GITHUB_JOB: 'scan',
      GITHUB_RUN_ID: '42',
      GITHUB_RUN_ATTEMPT: '2',
    },
    {},
  ),
  startedMs: Date.parse('2026-11-24T08:00:00Z'),
  endedMs: Date.parse('2026-11-24T09:00:00.500Z'),
}
const report = (outcome: Outcome, changes: Partial<ReportContext> = {}) =>
  readReport(reportOf(outcome, { ...context, ...changes }))

const alert = { server: 'uuid-01', serverName: 'web-01', eventId: '9007199254740993', level: 'serious', name: 'Miner' }
const sightOf = (names: readonly string[]): GateSight => ({
  ...NOTHING_SEEN,
  servers: new Map([server(1), server(2, { clientStatus: 'offline' })].map((one) => [one.uuid, one])),
  gaps: judgeGaps([{ type: 'uuid', target: 'uuid-02', name: 'web-02', reason: 'offline' }], rules),
  left: [server(9)],
  alerts: {
    all: judgeAlerts(
      names.map((name, i) => ({ ...alert, name, eventId: String(i + 1), lastSeenMs: 1_790_000_000_000 })),
      rules,
      undefined,
    ),
    isSettled: true,
    reads: 2,
  },
})
const history = [
  { state: 'init', atMs: 0, serverTimeMs: Date.parse('2026-11-24T08:00:01Z') },
  { state: 'Success', atMs: 60_000 },
]

function gateOutcome(names: readonly string[]): Outcome {
  const sight = sightOf(names)
  const judgement = judge(gateFacts(sight), FORGIVABLE)
  const started = { id: id('282832'), targets: [server01], requestId: 'R-S', serverTimeMs: 1_790_000_000_000 }
  const calls = [{ action: 'ListVirusScanMachineEvent', calls: 4, requestId: 'R-9', requestIdAtMs: 9 }]
  return outcomeOf([waited({ kind: 'passed' }, { history })], { judgement, gate: { rules, sight }, started, calls })
}

test('it answers an auditor: what, when, by which run, where, with which settings, what was found, who accepted what', () => {
  expect(report(gateOutcome(['Miner', 'Trojan']))).toMatchObject({
    schemaVersion: 1,
    verdict: 'alerts',
    passed: false,
    failsJob: true,
    rehearsal: false,
    facts: [
      { verdict: 'alerts', forgiven: false, sentence: expect.stringContaining('Trojan') },
      { verdict: 'incomplete', forgiven: false },
    ],
    run: { repository: 'example/app', sha: 'f'.repeat(40), workflow: 'Release', runId: '42', runAttempt: '2' },
    account: null,
    cloud: { site: 'China', host: 'tds.cn-shanghai.aliyuncs.com' },
    startedAt: '2026-11-24T08:00:00.000Z',
    endedAt: '2026-11-24T09:00:00.500Z',
    settings: {
      targets: ['host:web-01'],
      timeoutMinutes: 120,
      severityCutoff: 'serious',
      settleSeconds: 60,
      failOn: FORGIVABLE,
      allowList: {
        path: '.security/list.yml',
        sha256: 'a'.repeat(64),
        commit: 'b'.repeat(40),
        entries: [{ line: 3, accepts: 'alert', subject: 'Miner', server: 'web-01', until: '2026-12-31' }],
        pending: [{ line: 9, accepts: 'alert', subject: 'Webshell', server: 'web-01', until: '2026-12-31' }],
      },
    },
    scan: {
      taskIds: ['282832'],
      started: { taskId: '282832', at: '2026-09-21T14:13:20.000Z', requestId: 'R-S', targets: [server01] },
      tasks: [
        {
          states: [
            { state: 'init', at: '2026-11-24T08:00:01.000Z' },
            { state: 'Success', at: null },
          ],
          targets: [server01],
        },
      ],
    },
    coverage: {
      servers: [
        { uuid: 'uuid-01', covered: true },
        { uuid: 'uuid-02', covered: false },
      ],
      uncovered: [{ target: 'uuid-02', reason: 'offline', accepted: false, until: null, acceptedBecause: null }],
      left: [{ uuid: 'uuid-09', name: 'web-09' }],
    },
    alerts: {
      settled: true,
      counting: 1,
      list: [
        { name: 'Trojan', status: 'counting', before: null, until: null, acceptedBecause: null },
        { name: 'Miner', status: 'accepted', until: '2026-12-31', acceptedBecause: 'benchmark, see 4711' },
      ],
    },
    calls: [{ action: 'ListVirusScanMachineEvent', calls: 4, lastRequestId: 'R-9' }],
  })
})

test('an expired acceptance is told with its day, and accepts nothing', () => {
  const old = { ...rules, entries: [{ ...entry, until: '2026-11-23' }] }
  const all = judgeAlerts([alert], old, undefined)
  const sight = { ...sightOf([]), gaps: [], alerts: { all, isSettled: true, reads: 1 } }
  const outcome = { ...gateOutcome([]), judgement: judge(gateFacts(sight), FORGIVABLE), gate: { rules: old, sight } }
  expect(report(outcome).alerts.list).toMatchObject([
    { status: 'counting', until: '2026-11-23', acceptedBecause: null },
  ])
})

test('with the gate off it says so: no cutoff, no coverage, no alerts', () => {
  const { gate: _, ...off } = inputs
  const waitOnly: Inputs = { ...off, waitFor: { kind: 'tasks', ids: [id('282832')] } }
  expect(report(outcomeOf([waited({ kind: 'passed' })]), { inputs: waitOnly })).toMatchObject({
    verdict: 'passed',
    settings: { targets: null, severityCutoff: null, settleSeconds: null, allowList: null },
    scan: { started: null },
    coverage: null,
    alerts: null,
  })
})

test.each([
  { kind: 'timed-out' },
  { kind: 'cancelled' },
  { kind: 'scan-failed' },
  { kind: 'denied', failure: failure('permission') },
  { kind: 'unavailable', failure: failure('server') },
] as const)('a wait that ended as $kind has the published shape', (ending) => {
  const { targets: _, ...blind } = waited(ending)
  expect(report(outcomeOf([blind])).scan.tasks).toMatchObject([{ verdict: ending.kind, targets: null }])
})

test('its keys always stand in the same order', () => {
  const keysOf = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.slice(0, 1).map(keysOf)
      : typeof value === 'object' && value !== null
        ? Object.entries(value).map(([key, inner]) => [key, keysOf(inner)])
        : null
  const once = report(gateOutcome(['Miner']))
  const again = report(gateOutcome(['Miner']), { endedMs: 1 })
  expect(keysOf(again)).toEqual(keysOf(once))
  expect(Object.keys(once).slice(0, 3)).toEqual(['schemaVersion', 'verdict', 'passed'])
})

test('hostile names come back as they were, and nothing in the file is invisible', () => {
  const text = reportOf(gateOutcome(HOSTILE_NAMES), context)
  const names = readReport(text).alerts.list.map((row: { name: string }) => row.name)
  expect(names.sort()).toEqual([...HOSTILE_NAMES].sort())
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
})

test('no credentials are in it', () => {
  expect(reportOf(gateOutcome(['Trojan']), context)).not.toMatch(/the-key|the-token/)
})

test('it names the action as package.json does', () => {
  const { name, version } = JSON.parse(readFileSync(path.resolve(__dirname, '../../package.json'), 'utf8'))
  expect({ name: ACTION_NAME, version: ACTION_VERSION }).toEqual({ name, version })
})

test('the schema refuses what it does not know', () => {
  const good = report(gateOutcome([]))
  expect(() => readReport(JSON.stringify({ ...good, more: 1 }))).toThrow(/additional/)
  expect(() => readReport(JSON.stringify({ ...good, verdict: 'fine' }))).toThrow(/verdict/)
})

test('who left a group during the scan is named, and which tasks did not say what they scan', () => {
  const unclear = [{ taskId: id('282832'), why: 'unreadable' }] as const
  const sight: GateSight = { ...NOTHING_SEEN, left: [server(3)], unclear }
  const { coverage } = report(outcomeOf([waited({ kind: 'passed' })], { gate: { rules, sight } }))
  expect(coverage).toMatchObject({
    left: [{ uuid: server(3).uuid, name: 'web-03' }],
    unclearTasks: [{ taskId: '282832', why: 'unreadable' }],
  })
})
