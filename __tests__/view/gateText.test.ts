import { type Alert, type AlertRead, judgeAlerts } from '../../src/domain/alerts.ts'
import type { AllowEntry } from '../../src/domain/allowList.ts'
import type { Gap } from '../../src/domain/coverage.ts'
import { type GateRules, type GateSight, judgeGaps, NOTHING_SEEN } from '../../src/domain/gate.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { type Fact, FORGIVABLE, gateFacts, judge } from '../../src/domain/verdict.ts'
import { makeVisible, shorten } from '../../src/view/escape.ts'
import { detailLines, Narrator } from '../../src/view/log.ts'
import { outputsOf } from '../../src/view/outputs.ts'
import { nextSteps } from '../../src/view/remedies.ts'
import { toLog, toReason } from '../../src/view/sentence.ts'
import { summaryOf } from '../../src/view/summary.ts'
import { reason } from '../../src/view/verdictText.ts'
import { failure, id, outcomeOf, server01, waited } from '../support/builders.ts'
import { renderOutline } from '../support/githubPage.ts'
import { HOSTILE_NAMES } from '../support/hostile.ts'
import { server } from '../support/scriptedCloud.ts'

const rules: GateRules = { cutoff: 'suspicious', settleMs: 60_000, entries: [], today: '2026-11-24' }
const alert = (n: number, more: Partial<Alert> = {}): Alert => ({
  server: `uuid-0${n}`,
  serverName: `web-0${n}`,
  eventId: String(n),
  level: 'serious',
  name: 'Trojan',
  lastSeenMs: Date.parse('2026-11-24T08:30:00Z'),
  ...more,
})
const gap = (n: number, reason: Gap['reason'], more: Partial<Gap> = {}): Gap => ({
  type: 'uuid',
  target: `uuid-0${n}`,
  name: `web-0${n}`,
  reason,
  ...more,
})
const entry = (more: object): AllowEntry =>
  ({ line: 1, kind: 'alert', alert: 'Trojan', reason: 'see 4711', until: '2026-12-31', ...more }) as AllowEntry

interface Seen {
  readonly alerts?: readonly Alert[]
  readonly before?: readonly Alert[]
  readonly gaps?: readonly Gap[]
  readonly entries?: readonly AllowEntry[]
  readonly more?: Partial<GateSight>
}

function gateOutcome(
  { alerts = [], before, gaps = [], entries = [], more = {} }: Seen,
  changes: Partial<Outcome> = {},
) {
  const own = { ...rules, entries }
  const read = (list: readonly Alert[]): AlertRead => ({
    servers: new Set(['uuid-01', 'uuid-02']),
    alerts: list,
    isComplete: true,
  })
  const sight: GateSight = {
    ...NOTHING_SEEN,
    servers: new Map([server(1), server(2)].map((one) => [one.uuid, one])),
    gaps: judgeGaps(gaps, own),
    alerts: { all: judgeAlerts(alerts, own, before && read(before)), isSettled: true, reads: 2 },
    ...more,
  }
  const judgement = judge(gateFacts(sight), FORGIVABLE)
  return outcomeOf([waited({ kind: 'passed' })], { judgement, gate: { rules: own, sight }, ...changes })
}
const ofFact = (fact: Fact, more: Partial<Outcome> = {}) =>
  outcomeOf([], { judgement: judge([fact], FORGIVABLE), taskIds: [], ...more })
const notStarted = { taskIds: [], tasks: [] }

test.each<{ name: string; outcome: Outcome; says: string }>([
  {
    name: 'a pass',
    outcome: gateOutcome({}),
    says: 'Virus scan task 282832 ended with Success, and there is no open virus alert at or above suspicious on 2 servers',
  },
  {
    name: 'a pass with something to say',
    outcome: gateOutcome({
      alerts: [alert(1, { level: 'remind' }), alert(2)],
      gaps: [gap(2, 'offline')],
      entries: [entry({}), entry({ kind: 'uncovered', uncovered: 'offline', server: 'web-02' })],
    }),
    says: 'Virus scan task 282832 ended with Success, and there is no open virus alert at or above suspicious on 2 servers (1 accepted, 1 below the cutoff, 1 accepted gap in coverage)',
  },
  {
    name: 'alerts, gravest first',
    outcome: gateOutcome({ alerts: [alert(2, { level: 'suspicious', name: 'Webshell' }), alert(1)] }),
    says: '2 open virus alerts at or above suspicious on 2 servers: Trojan (serious) on web-01, Webshell (suspicious) on web-02',
  },
  {
    name: 'an alert of a level that nobody knows',
    outcome: gateOutcome({ alerts: [alert(1, { level: 'grave' })] }),
    says: '1 open virus alert at or above suspicious on 1 server: Trojan (grave, taken for serious) on web-01',
  },
  {
    name: 'an alert that is no longer accepted',
    outcome: gateOutcome({ alerts: [alert(1)], entries: [entry({ until: '2026-11-01' })] }),
    says: '1 open virus alert at or above suspicious on 1 server: Trojan (serious) on web-01 (1 no longer accepted)',
  },
  {
    name: 'alerts of a read that broke off',
    outcome: gateOutcome({
      more: { alerts: { all: judgeAlerts([alert(1)], rules, undefined), isSettled: false, reads: 1 } },
    }),
    says: '1 open virus alert at or above suspicious on 1 server: Trojan (serious) on web-01, and there may be more, since they were not read to the end',
  },
  {
    name: 'gaps after a scan',
    outcome: gateOutcome({ gaps: [gap(1, 'joined'), gap(2, 'missing')] }),
    says: 'The scan does not cover what was asked for: web-01 joined its group too late to be scanned, web-02 does not exist',
  },
  {
    name: 'gaps before one',
    outcome: gateOutcome({ gaps: [gap(1, 'offline'), gap(1, 'unlicensed'), gap(2, 'empty')] }, notStarted),
    says: 'The scan does not cover what was asked for: web-01 is offline, web-01 has no licence for virus scans, web-02 has no servers, nothing was started',
  },
  {
    name: 'nothing left to start',
    outcome: gateOutcome({ more: { nothingToStart: true } }, notStarted),
    says: 'The scan does not cover what was asked for: no server is left that a scan would cover, so none was started',
  },
  {
    name: 'nothing left at the end of a scan',
    outcome: gateOutcome({ more: { nothingToStart: true } }),
    says: 'The scan does not cover what was asked for: no server of the scans that ended well is left',
  },
  {
    name: 'a task whose targets are unclear',
    outcome: gateOutcome({ more: { unclear: [{ taskId: id('282832'), why: 'not-as-started' }] } }),
    says: 'The scan does not cover what was asked for: task 282832 does not scan what was started',
  },
  {
    name: 'a start that nobody waits for',
    outcome: ofFact(
      { kind: 'started', id: id('7') },
      { taskIds: ['7'], started: { id: id('7'), targets: [server01], requestId: 'R' } },
    ),
    says: 'Virus scan task 7 was started on 1 target, and this step did not wait for it',
  },
  {
    name: 'a start whose fate is not known',
    outcome: ofFact({ kind: 'start-unknown', failure: failure('network', { code: 'ECONNRESET' }) }),
    says: 'The start of the scan got no answer that says what became of it (ECONNRESET): a scan may be running, and its id is lost',
  },
  {
    name: 'a report that could not be written',
    outcome: ofFact({
      kind: 'report-not-written',
      path: 'x.json',
      why: 'cannot be written: the disk is full (ENOSPC)',
    }),
    says: 'The report could not be written to x.json: cannot be written: the disk is full (ENOSPC)',
  },
  {
    name: 'a call that was refused',
    outcome: ofFact({
      kind: 'call-ended',
      purpose: 'baseline',
      ending: { kind: 'denied', failure: failure('permission', { code: 'NoPermission', action: 'X' }) },
    }),
    says: 'The cloud refused to read the virus alerts that were open before the scan: NoPermission (the RAM action yundun-sas:X is not allowed)',
  },
  {
    name: 'a call that failed too often',
    outcome: ofFact({
      kind: 'call-ended',
      purpose: 'coverage',
      ending: { kind: 'unavailable', failure: failure('server', { code: 'ServerError' }) },
    }),
    says: 'It was not possible to see what the scan covers: too many calls in a row failed, the last with ServerError',
  },
  {
    name: 'the deadline before a start',
    outcome: ofFact({ kind: 'call-ended', purpose: 'look-up', ending: { kind: 'timed-out' } }),
    says: 'The deadline came, after 1 min 2 s, before the action could look the targets up, nothing was started',
  },
  {
    name: 'the deadline before any alert was read',
    outcome: {
      ...ofFact({ kind: 'call-ended', purpose: 'alerts', ending: { kind: 'timed-out' } }),
      tasks: [waited({ kind: 'passed' })],
    },
    says: 'The scan ended, but the deadline came, after 1 min 2 s, before the action could read the virus alerts: alerts not read',
  },
  {
    name: 'the deadline between two reads',
    outcome: {
      ...gateOutcome({ more: { alerts: { all: [], isSettled: false, reads: 1 } } }),
      judgement: judge([{ kind: 'call-ended', purpose: 'alerts', ending: { kind: 'timed-out' } }], FORGIVABLE),
    },
    says: 'The scan ended, but the deadline came, after 1 min 2 s, before the action could read the virus alerts: alerts read, but not confirmed by a second read',
  },
  {
    name: 'a cancel before a start',
    outcome: ofFact({ kind: 'call-ended', purpose: 'coverage', ending: { kind: 'cancelled' } }),
    says: 'The run was cancelled after 1 min 2 s, while it was to see what the scan covers, nothing was started',
  },
])('$name', ({ outcome, says }) => {
  expect(toLog(reason(outcome))).toBe(says)
  expect(toReason(reason(outcome))).toMatch(/^[A-Za-z0-9 ._:,()/@-]+$/)
})

test.each<{ name: string; outcome: Outcome; says: readonly RegExp[] }>([
  { name: 'alerts', outcome: gateOutcome({ alerts: [alert(1)] }), says: [/console of the China site/, /allow-list/] },
  {
    name: 'each reason of a gap once',
    outcome: gateOutcome({ gaps: [gap(1, 'offline'), gap(2, 'offline'), gap(2, 'unlicensed'), gap(3, 'joined')] }),
    says: [/^Offline:/, /^Unlicensed:/, /^Joined:/, /belongs into the allow-list/],
  },
  {
    name: 'an empty group, which no allow-list helps',
    outcome: gateOutcome({ gaps: [gap(1, 'empty', { type: 'groupId' })] }),
    says: [/^Empty:/],
  },
  {
    name: 'a refusal, with the policy of the whole run',
    outcome: ofFact(
      {
        kind: 'call-ended',
        purpose: 'alerts',
        ending: { kind: 'denied', failure: failure('permission', { action: 'X' }) },
      },
      { ramActions: ['yundun-sas:W', 'yundun-sas:X'] },
    ),
    says: [/^Allow yundun-sas:X .*"Action":\["yundun-sas:W","yundun-sas:X"\]/],
  },
  {
    name: 'a start that was not accepted',
    outcome: ofFact({
      kind: 'call-ended',
      purpose: 'start',
      ending: { kind: 'denied', failure: failure('request', { action: 'StartVirusScanTask' }) },
    }),
    says: [/^See that the servers and server groups belong to the China site/],
  },
  {
    name: 'a start whose fate is not known',
    outcome: ofFact({ kind: 'start-unknown', failure: failure('timeout') }),
    says: [/whether a scan runs before you run this again/],
  },
  { name: 'a start', outcome: ofFact({ kind: 'started', id: id('7') }), says: [/output task-id .* input task-id/] },
])('what to do about $name', ({ outcome, says }) => {
  const steps = nextSteps(outcome).map(toLog)
  expect(steps).toHaveLength(says.length)
  for (const [i, pattern] of says.entries()) expect(steps[i]).toMatch(pattern)
})

test('a scan that this run started goes on by its id: with targets again, another one would be started', () => {
  const started = { id: id('7'), targets: [server01], requestId: 'R' }
  const cancelled = { ...waited({ kind: 'cancelled' }), looks: 0 }
  const outcome = outcomeOf([cancelled], { taskIds: ['7'], started })
  expect(toLog(reason(outcome))).toMatch(/the scan itself goes on$/)
  expect(nextSteps(outcome).map(toLog)).toEqual([
    expect.stringMatching(/run a step with task-id: 7 instead of targets; with targets, another scan is started/),
  ])
})

describe('the log', () => {
  const lines = (seen: Seen) => detailLines(gateOutcome(seen)).map(({ level, text }) => `${level} ${text}`)

  test('names each alert that counts, and who accepted what', () => {
    expect(lines({ alerts: [alert(1), alert(2, { name: 'Miner' })], entries: [entry({ alert: 'Miner' })] })).toEqual([
      'info   - Trojan (serious) on web-01, event 1',
      'info Accepted until 2026-12-31: Miner (serious) on web-02 (see 4711)',
    ])
  })
  test('warns of entries that have expired or will within a week, and names those that nothing needs', () => {
    const entries = [
      entry({ line: 1, until: '2026-11-23' }),
      entry({ line: 5, alert: 'Miner', until: '2026-12-01' }),
      entry({ line: 9, alert: 'Worm', until: '2026-12-02' }),
    ]
    expect(lines({ alerts: [alert(1)], entries })).toEqual([
      'info   - Trojan (serious) on web-01, event 1',
      'info Line 5 of the allow-list matches nothing of this run: see 4711',
      'info Line 9 of the allow-list matches nothing of this run: see 4711',
      'warning Line 5 of the allow-list holds until 2026-12-01 only: see 4711',
      'warning Line 1 of the allow-list expired on 2026-11-23, so what it accepted counts again: see 4711',
    ])
  })

  test('what a change adds to the list is shown as not in force, with what it would accept', () => {
    const pending = [
      entry({ line: 3, alert: 'Tro*' }),
      entry({ line: 7, kind: 'uncovered', uncovered: 'offline', server: 'web-02' }),
      entry({ line: 11, alert: 'Webshell', reason: 'see 4712' }),
    ]
    const outcome = gateOutcome({ alerts: [alert(1), alert(2, { level: 'remind' })], gaps: [gap(2, 'offline')] })
    const gate = outcome.gate && { ...outcome.gate, rules: { ...outcome.gate.rules, pending } }
    const shown = detailLines({ ...outcome, ...(gate === undefined ? {} : { gate }) })
    expect(shown.map(({ level, text }) => `${level} ${text}`)).toEqual(
      expect.arrayContaining([
        'info Line 3 of the allow-list is added by this change, so it is not in force before the merge; it would then accept Trojan (serious) on web-01: see 4711',
        'info Line 7 of the allow-list is added by this change, so it is not in force before the merge; it would then accept that web-02 is offline: see 4711',
        'info Line 11 of the allow-list is added by this change, so it is not in force before the merge: see 4712',
      ]),
    )
  })
  test('calls no entry idle where the alerts were not read to the end', () => {
    const unread = { alerts: { all: [], isSettled: false, reads: 0 } }
    expect(lines({ entries: [entry({})], more: unread })).toEqual([])
  })
  test('tells who left', () => {
    expect(lines({ more: { left: [server(3)] } })).toEqual([
      'info web-03 left its group during the scan and is not counted',
    ])
  })
  test('cuts what nobody would read', () => {
    const alerts = Array.from({ length: 150 }, (_, i) => alert(1, { eventId: String(i) }))
    expect(lines({ alerts })).toHaveLength(101)
    expect(lines({ alerts }).at(-1)).toBe('info   and 50 more')
  })
})

test('a thousand problems are counted in the reason and listed in the log', () => {
  const problems = Array.from({ length: 1_000 }, (_, i) => ({ name: 'targets', value: `host:${i}`, text: 'is gone' }))
  const outcome = ofFact({ kind: 'invalid-input', problems })
  expect(toReason(reason(outcome))).toMatch(
    /^1000 problems .*\(10\) targets: host:9 is gone, and 990 more, which the log/,
  )
  expect(detailLines(outcome)).toHaveLength(1_000)
})

test('a hundred entries that end soon are ten warnings', () => {
  const entries = Array.from({ length: 100 }, (_, i) => entry({ line: i + 1, alert: `A${i}`, until: '2026-11-25' }))
  const warnings = detailLines(gateOutcome({ entries })).filter(({ level }) => level === 'warning')
  expect(warnings).toHaveLength(10)
  expect(warnings.at(-1)?.text).toBe('  and 91 more')
})

describe('as it happens', () => {
  const tell = (narrator: Narrator, event: Parameters<Narrator['tell']>[0]) =>
    narrator.tell(event).map(({ level, text }) => `${level} ${text}`)
  const servers = new Map([server(1), server(2)].map((one) => [one.uuid, one]))

  test('coverage, alerts and the start, each in one line', () => {
    const narrator = new Narrator([], 15)
    const gaps = judgeGaps([gap(1, 'offline')], { ...rules, entries: [] })
    expect(tell(narrator, { kind: 'looked-up', atMs: 0, targets: [server01] })).toEqual([
      'info 00:00  to scan: host001',
    ])
    expect(tell(narrator, { kind: 'coverage', atMs: 1_000, when: 'before', servers, gaps })).toEqual([
      'info 00:01  coverage before the scan: 2 servers, web-01 is offline',
    ])
    expect(tell(narrator, { kind: 'started', atMs: 2_000, id: id('7'), targets: [server01] })).toEqual([
      'info 00:02  virus scan task 7 was started on 1 target',
    ])
    const read = { all: judgeAlerts([alert(1, { level: 'remind' })], rules, undefined), isSettled: false, reads: 1 }
    expect(tell(narrator, { kind: 'alerts', atMs: 3_000, when: 'after', read, nextInMs: 60_000 })).toEqual([
      'info 00:03  open virus alerts after the scan: none that counts, 1 below the cutoff; read again in 1 min, to be sure',
    ])
  })

  test('a gap in a scan that runs already is a warning; an accepted one is not', () => {
    const event = (entries: readonly AllowEntry[]) =>
      ({
        kind: 'coverage',
        atMs: 0,
        when: 'before',
        servers,
        gaps: judgeGaps([gap(1, 'offline')], { ...rules, entries }),
      }) as const
    expect(tell(new Narrator([id('1')], 15), event([]))).toEqual([
      expect.stringMatching(/^info/),
      expect.stringMatching(/^warning The scan does not cover web-01: this counts at its end/),
    ])
    const accepted = event([entry({ kind: 'uncovered', uncovered: 'offline', server: 'web-*' })])
    expect(tell(new Narrator([id('1')], 15), accepted)).toEqual([
      'info 00:00  coverage before the scan: 2 servers, web-01 is offline (accepted)',
    ])
  })

  test('a call that fails is told once, then for debugging only', () => {
    const narrator = new Narrator([], 15)
    const failed = (errors: number, delayMs?: number) =>
      tell(narrator, {
        kind: 'call-failed',
        atMs: 0,
        failure: failure('server', { code: 'ServerError', message: 'busy', action: 'ListX' }),
        errors,
        ...(delayMs === undefined ? {} : { delayMs }),
      })
    expect(failed(1, 1_000)).toEqual([
      'info 00:00  ListX failed: ServerError, busy (error 1 in a row, next try in 1 s)',
    ])
    expect(failed(2, 2_000)).toEqual([expect.stringMatching(/^debug/)])
    expect(failed(3)).toEqual(['info 00:00  ListX failed: ServerError, busy (not repeated)'])
  })
})

describe('the summary', () => {
  const pageWith = (name: string) =>
    renderOutline(
      summaryOf(
        gateOutcome({
          alerts: [alert(1, { name, serverName: name, level: name })],
          gaps: [gap(1, 'offline', { name })],
          entries: [entry({ alert: 'no such', reason: name })],
          more: { left: [server(3, { name })] },
        }),
      ),
    )
  const plain = pageWith('PLAIN')
  test.each(HOSTILE_NAMES)('the name %j makes no element of its own', (name) => {
    const shown = JSON.stringify(makeVisible(shorten(name, 120))).slice(1, -1)
    expect(pageWith(name)).toBe(plain.replaceAll('PLAIN', () => shown))
  })

  test('never over 1 MiB, whatever names and numbers', () => {
    const name = '\u{e0041}'.repeat(1_000)
    const many = Array.from({ length: 5_000 }, (_, i) => i)
    const page = summaryOf(
      gateOutcome(
        {
          alerts: many.map((i) => alert(1, { eventId: String(i), name, serverName: name, level: name })),
          gaps: many.map((i) => gap(1, 'offline', { target: String(i), name })),
          more: { left: many.map((i) => server(i, { name })) },
        },
        {
          tasks: Array.from({ length: 100 }, (_, i) =>
            waited(
              { kind: 'passed' },
              {
                id: id(String(i + 1)),
                unknownState: name,
                lastFailure: failure('server', { code: name }),
                targets: many.map((n) => ({ type: name, name, target: `${n}${name}` })),
              },
            ),
          ),
        },
      ),
    )
    expect(Buffer.byteLength(page)).toBeLessThan(1_024 * 1_024)
    expect(/and \d+ more alerts/.test(page)).toBe(true)
  })
})

test('outputs: every alert with its status, every gap, and the count of what counts', () => {
  const outcome = gateOutcome({
    alerts: [alert(1), alert(2, { level: 'remind', lastSeenMs: Number.MAX_SAFE_INTEGER })],
    before: [alert(1)],
    gaps: [gap(2, 'offline')],
  })
  const { outputs } = outputsOf(outcome, { path: 'r.json', digest: 'sha256:00' })
  expect(outputs).toMatchObject({ 'alert-count': '1', 'report-file': 'r.json', 'report-digest': 'sha256:00' })
  expect(JSON.parse(outputs.alerts)).toEqual([
    {
      server: 'uuid-01',
      serverName: 'web-01',
      eventId: '1',
      level: 'serious',
      name: 'Trojan',
      lastSeen: '2026-11-24T08:30:00.000Z',
      status: 'counting',
      before: true,
      until: null,
    },
    expect.objectContaining({ eventId: '2', lastSeen: null, status: 'below-cutoff', before: false }),
  ])
  expect(JSON.parse(outputs.uncovered)).toEqual([
    { type: 'uuid', target: 'uuid-02', name: 'web-02', reason: 'offline', accepted: false, until: null },
  ])
})
