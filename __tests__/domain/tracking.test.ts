import { NOTHING_SEEN } from '../../src/domain/gate.ts'
import {
  identityText,
  knownIssues,
  type Marker,
  markerIn,
  markerLine,
  type Tracked,
  trackedIn,
} from '../../src/domain/tracking.ts'
import { type Fact, FORGIVABLE, factsOf, judge } from '../../src/domain/verdict.ts'
import { failure, id, outcomeOf, waited } from '../support/builders.ts'

const marker: Marker = {
  kind: 'findings',
  identity: '0123456789abcdef'.repeat(2),
  facts: 'fedcba9876543210',
  hasAlerts: true,
  completeAt: '2026-11-24T02:17:00.000Z',
}
const { completeAt: _, ...markerOfNoScan } = marker

describe('the marker', () => {
  test.each([marker, markerOfNoScan, { ...marker, kind: 'not-run', hasAlerts: false } as const])(
    '%j reads back',
    (one) => {
      expect(markerIn(markerLine(one))).toEqual(one)
      expect(markerIn(`${markerLine(one)}\r\n\r\nwords`)).toEqual(one)
    },
  )

  test.each([
    ['', 'nothing'],
    ['words', 'no marker'],
    [`words\n${markerLine(marker)}`, 'a marker further down, where a server may have such a name'],
    [` ${markerLine(marker)}`, 'something before it'],
    [`${markerLine(marker)} words`, 'something after it'],
    [markerLine(marker).replace('findings', 'constructor'), 'a kind that nobody knows'],
    [markerLine(marker).toUpperCase(), 'another spelling'],
  ])('%j is none: %s', (body) => {
    expect(markerIn(body)).toBeUndefined()
  })

  test('counts only in issues of our own, of the same identity; the oldest comes first', () => {
    const author = { login: 'us', isBot: true }
    const issue = (number: number, more: object = {}) => ({
      number,
      url: '',
      body: markerLine(marker),
      author,
      ...more,
    })
    const issues = [
      issue(9),
      issue(3),
      issue(4, { author: { login: 'them', isBot: false } }),
      issue(5, { body: markerLine({ ...marker, identity: 'f'.repeat(32) }) }),
      issue(6, { body: 'words' }),
    ]
    const known = knownIssues(issues, marker.identity, ({ login }) => login === 'us')
    expect(known.map((one) => one.issue.number)).toEqual([3, 9])
  })
})

test('the identity is the same in whatever order targets are given, and another for each title, site, target and account', () => {
  const watch = { title: 'Alerts', site: 'China', targets: ['host:b', 'host:a'] }
  expect(identityText(watch)).toBe(identityText({ ...watch, targets: ['host:a', 'host:b'] }))
  const others = [
    { ...watch, title: 'alerts' },
    { ...watch, site: 'global' },
    { ...watch, targets: ['host:a'] },
    { ...watch, targets: [] },
    // Not to be told apart by what joins them.
    { ...watch, targets: ['host:a","host:b'] },
    { ...watch, targets: ['host:a,host:b'] },
    { ...watch, account: '1234567890123456' },
    { ...watch, account: '6543210987654321' },
  ]
  expect(new Set([watch, ...others].map(identityText)).size).toBe(9)
})

describe('what a run says to its issues', () => {
  const sees = (facts: readonly Fact[], more: object = {}): Tracked | undefined =>
    trackedIn(outcomeOf([waited({ kind: 'passed' })], { judgement: judge(facts, FORGIVABLE), ...more }))
  const alert = {
    server: 'uuid-01',
    serverName: 'web-01',
    eventId: '7',
    level: 'serious',
    name: 'Trojan',
    status: 'counting',
    before: false,
  } as const
  const alerts: Fact = { kind: 'alerts', alerts: [alert] }
  const refusal = { kind: 'denied', failure: failure('permission', { code: 'NoPermission' }) } as const

  test.each<[string, readonly Fact[]]>([
    ['bad input', [{ kind: 'invalid-input', problems: [] }, alerts]],
    ['a cancel', [{ kind: 'cancelled', tasks: [] }, alerts]],
    ['a cancelled call', [{ kind: 'call-ended', purpose: 'alerts', ending: { kind: 'cancelled' } }, alerts]],
    ['a scan that was only started', [{ kind: 'started', id: id('7') }]],
    ['a scan that was only started, and does not cover all,', [{ kind: 'started', id: id('7') }, alerts]],
  ])('%s says nothing', (_, facts) => {
    expect(sees(facts)).toBeUndefined()
  })

  test('a pass', () => {
    expect(sees([])).toEqual({
      findings: [],
      troubles: [],
      hasAlerts: false,
      wereAlertsRead: false,
      isPassed: true,
      isComplete: true,
    })
    const settled = { all: [], isSettled: true, reads: 2 }
    const gate = { rules: {} as never, sight: { ...NOTHING_SEEN, alerts: settled } }
    expect(sees([], { gate })).toMatchObject({ wereAlertsRead: true, isPassed: true })
    const unsettled = { ...gate, sight: { ...NOTHING_SEEN, alerts: { ...settled, isSettled: false } } }
    expect(sees([alerts], { gate: unsettled })).toMatchObject({ wereAlertsRead: false, hasAlerts: true })
  })

  test('each fact speaks for itself, forgiven or not, whatever the verdict is', () => {
    const facts: readonly Fact[] = [
      alerts,
      { kind: 'scan-failed', tasks: [waited({ kind: 'scan-failed' })] },
      {
        kind: 'incomplete',
        gaps: [{ type: 'uuid', target: 'uuid-02', name: 'web-02', reason: 'offline', isAccepted: false }],
        unclear: [{ taskId: id('7'), why: 'none' }],
        nothingToStart: true,
      },
      { kind: 'call-ended', purpose: 'alerts', ending: refusal },
      { kind: 'timed-out', tasks: [waited({ kind: 'timed-out' })] },
    ]
    for (const failOn of [FORGIVABLE, []]) {
      expect(sees(facts, { judgement: judge(facts, failOn) })).toEqual({
        findings: [
          'alert uuid-01 7 serious',
          'gap uuid uuid-02 offline',
          'nothing to start',
          'scan failed',
          'unclear none',
        ],
        troubles: ['denied alerts NoPermission', 'timed-out timed-out'],
        hasAlerts: true,
        wereAlertsRead: false,
        isPassed: false,
        isComplete: false,
      })
    }
  })

  test('a gap alone, and a start whose fate nobody knows, say no more than they are', () => {
    const gap = { type: 'uuid', target: 'uuid-02', name: 'web-02', reason: 'offline', isAccepted: false } as const
    const incomplete: Fact = { kind: 'incomplete', gaps: [gap], unclear: [], nothingToStart: false }
    expect(sees([incomplete])).toMatchObject({ findings: ['gap uuid uuid-02 offline'], troubles: [] })
    const lost: Fact = { kind: 'start-unknown', failure: failure('network') }
    expect(sees([lost])).toMatchObject({ findings: [], troubles: ['unavailable start-unknown'] })
  })

  test('the same trouble has the same words, whichever task has it and however the network fails', () => {
    const of = (code: string, task: string) =>
      sees(factsOf([waited({ kind: 'unavailable', failure: failure('network', { code }) }, { id: id(task) })]))
        ?.troubles
    expect(of('ECONNRESET', '7')).toEqual(['unavailable unavailable'])
    expect(of('ETIMEDOUT', '8')).toEqual(['unavailable unavailable'])
    const denied = (code: string) =>
      sees(factsOf([waited({ kind: 'denied', failure: failure('permission', { code }) })]))?.troubles
    expect(denied('NoPermission')).not.toEqual(denied('Forbidden.RAM'))
    const tasks = ['7', '8'].map((task) => waited(refusal, { id: id(task) }))
    expect(sees(factsOf(tasks))?.troubles).toEqual(denied('NoPermission'))
  })

  test('a report that is not there says nothing of the scan, and is no pass', () => {
    const fact: Fact = { kind: 'report-not-written', path: 'x', why: 'y' }
    expect(sees([fact])).toMatchObject({ findings: [], troubles: [], isPassed: false, isComplete: true })
  })

  test('a run is complete when every task was seen to its end', () => {
    const of = (...tasks: Parameters<typeof outcomeOf>[0]) => trackedIn(outcomeOf(tasks))?.isComplete
    expect(of(waited({ kind: 'passed' }), waited({ kind: 'scan-failed' }))).toBe(true)
    expect(of(waited({ kind: 'passed' }), waited({ kind: 'timed-out' }))).toBe(false)
    expect(sees([], { tasks: [] })?.isComplete).toBe(false)
  })
})
