import { judgeAlerts } from '../../src/domain/alerts.ts'
import type { AllowEntry } from '../../src/domain/allowList.ts'
import { judgeGaps } from '../../src/domain/gate.ts'
import { makeVisible, shorten } from '../../src/view/escape.ts'
import { detailLines, Narrator } from '../../src/view/log.ts'
import { outputsOf } from '../../src/view/outputs.ts'
import { summaryOf } from '../../src/view/summary.ts'
import { failure, id, server01, waited } from '../support/builders.ts'
import { alert, entry, gap, gateOutcome, rules, type Seen } from '../support/gateOutcomes.ts'
import { renderOutline } from '../support/githubPage.ts'
import { HOSTILE_NAMES } from '../support/hostile.ts'
import { server } from '../support/scriptedCloud.ts'

/** What log, summary and outputs say of a gate beside the reason. */

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
                targets: many.slice(0, 50).map((n) => ({ type: name, name, target: `${i} ${n} ${name}` })),
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
