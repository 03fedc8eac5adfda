import { asText } from '../../src/emulator/summaryText.ts'
import { summaryOf } from '../../src/view/summary.ts'
import { failure, id, outcomeOf, waited } from '../support/builders.ts'
import { alert, gateOutcome, STORIES, seen, task } from '../support/summaryStories.ts'

/** What the job summary says of alerts, gaps and acceptances, and how tasks came and went. */

/** A page as lines of text, as the demo shows it. */
const linesOf = (name: keyof typeof STORIES) => {
  const outcome = STORIES[name]
  if (outcome === undefined) throw new Error(`there is no story ${name}`)
  return asText(summaryOf(outcome))
    .split('\n')
    .map((line) => line.trim().replaceAll(/ {2,}/g, ' | '))
    .filter((line) => line !== '')
}

test('the page of a gate that found something: figures, what to do, a chart, what counts open and the rest closed', () => {
  const lines = linesOf('infected')
  expect(lines.slice(lines.indexOf('Tasks | Servers | Duration | Calls | Cutoff | Virus alerts | Site'))).toEqual([
    'Tasks | Servers | Duration | Calls | Cutoff | Virus alerts | Site',
    '1 | 5 | 6 min 24 s | 21 | suspicious | 3 that count, 1 accepted, 1 below the cutoff | China site',
    '### What to do now',
    '- Handle the alerts in the Security Center console of the China site, then run this again.',
    expect.stringMatching(/^- What you decide to live with/),
    'Open the Security Center console, China site https://yundun.console.aliyun.com/?p=sas (there: Virus Detection and Removal).',
    '### Virus alerts',
    '[GitHub draws here: Open virus alerts by severity]',
    'Level | Alert | Server | Last seen (UTC) | There before',
    'serious | Malicious Software-Trojan | db-01 | 2026-11-24 08:34 | no',
    'serious | Malicious Software-Trojan | web-01 | 2026-11-24 08:34 | no',
    'suspicious | Webshell | db-02 | 2026-11-24 08:34 | no',
    '[1 alert accepted by the allow-list]',
    'Level | Alert | Server | Last seen (UTC) | There before | Accepted until',
    'serious | Antivirus Test File | web-02 | 2026-11-24 08:34 | no | 2026-12-31',
    '[1 alert below the cutoff]',
    'Level | Alert | Server | Last seen (UTC) | There before',
    'remind | Suspicious Process-Miner | db-02 | 2026-11-17 08:30 | yes',
    '### Remarks',
    expect.stringMatching(/^- Accepted until 2026-12-31: Antivirus Test File/),
    '### Tasks',
    '[GitHub draws here: States of the virus scan task over time]',
    'Task | Verdict | States seen | Targets | Looks | Waited | Last request id',
    expect.stringMatching(
      /^282832 \| passed \| init 00:03, Processing 00:36, Success 05:12 \| 2 \| 12 \| 5 min 12 s \| 473469C7/,
    ),
    '[Scanned: 2 targets]',
    'Type | Name | Id',
    'server | web-01 | uuid-01',
    'server group | databases | 9007199254740993',
    'Asked tds.cn-shanghai.aliyuncs.com.',
  ])
})

test('an alert that is no longer accepted says so where it counts', () => {
  const expired = { kind: 'alert', line: 1, alert: '*', reason: 'r', until: '2026-11-01' } as const
  const text = asText(summaryOf(gateOutcome({ alerts: [alert(1)], entries: [expired] })))
  expect(text).toMatch(/Accepted until\n.*web-01 .* no +ended 2026-11-01\n/)
})

test('what is not known says so, and what has no name is shown by its id', () => {
  const { gate, ...outcome } = gateOutcome({
    alerts: [alert(1, { serverName: '', lastSeenMs: Number.NaN })],
    gaps: [{ type: 'uuid', target: 'uuid-07', name: '', reason: 'offline' }],
  })
  if (gate === undefined) throw new Error('the gate is off')
  const all = gate.sight.alerts?.all.map((one) => ({ ...one, before: null })) ?? []
  const text = asText(
    summaryOf({ ...outcome, gate: { ...gate, sight: { ...gate.sight, alerts: { all, isSettled: true, reads: 1 } } } }),
  )
  expect(text).toMatch(/uuid-01 +not known +not known\n/)
  expect(text).toMatch(/server +uuid-07 +is offline/)
})

test('a gap says until when it is accepted, or since when no longer; each target counts once', () => {
  const offline = { kind: 'uncovered', uncovered: 'offline', reason: 'r' } as const
  const text = asText(
    summaryOf(
      gateOutcome({
        gaps: ['uuid-07', 'uuid-08', 'uuid-08'].map((target) => ({
          type: 'uuid',
          target,
          name: target,
          reason: 'offline',
        })),
        entries: [
          { ...offline, line: 1, server: 'uuid-07', until: '2026-12-31' },
          { ...offline, line: 2, server: 'uuid-08', until: '2026-11-01' },
          { ...offline, line: 3, server: 'uuid-09', until: '2026-12-31' },
        ],
      }),
    ),
  )
  expect(text).toMatch(/uuid-07 +is offline +until 2026-12-31\n/)
  expect(text).toMatch(/uuid-08 +is offline +no longer, ended 2026-11-01\n/)
  expect(text).toContain('5, not covered: 2')
  expect(text).toMatch(
    /### Remarks[\s\S]*Line 2 of the allow-list expired[\s\S]*Line 3 of the allow-list matches nothing/,
  )
})

test.each([
  ['of one verdict', outcomeOf([waited({ kind: 'passed' }), waited({ kind: 'passed' })]), /\n *2 passed /],
  ['that were only started', outcomeOf([], { taskIds: [id('7')] }), /\n *1 +not known /],
])('the figures of tasks %s', (_, outcome, figures) => {
  expect(asText(summaryOf(outcome))).toMatch(figures)
})

test('a task that was hardly seen: what is known of it', () => {
  const { targets: _, ...unseen } = waited(
    { kind: 'timed-out' },
    { state: 'init', unknownState: 'Paused', lastFailure: failure('network', { code: 'ECONNRESET' }), requestId: '' },
  )
  const markdown = summaryOf(outcomeOf([unseen]))
  expect(asText(markdown)).toMatch(/timed-out +Paused \(unknown\), then ECONNRESET +not known +3 /)
  expect(markdown).toMatch(/<td><\/td><\/tr>\n<\/table>/)
})

test('a run that does not know its cloud has no figures, and a rehearsal is no site', () => {
  const { cloud: _, ...noCloud } = outcomeOf([])
  expect(summaryOf(noCloud)).not.toMatch(/<table>|Asked /)
  expect(linesOf('cancelled').join('\n')).toMatch(/\| rehearsal\n/)
})

test.each([
  [10, 'Task '],
  [11, '\\[All 11 tasks in figures\\]'],
  [20, '\\[All 20 tasks in figures\\]'],
])('of %d tasks all are drawn, and the figures are open while they are few', (count, next) => {
  const tasks = Array.from({ length: count }, () => task({ kind: 'passed' }, seen(['init', 0], ['Success', 5])))
  expect(asText(summaryOf(outcomeOf(tasks)))).toMatch(new RegExp(`\\[GitHub draws here: [^\\]]*\\]\\s+${next}`))
})

test('what a change would accept is counted beyond five, is not what is accepted anyway, and gives a foreign reason', () => {
  const until = '2026-12-31'
  const offline = { kind: 'uncovered', uncovered: 'offline', server: '*', until } as const
  const { gate, ...outcome } = gateOutcome({
    alerts: Array.from({ length: 7 }, (_, i) => alert(1, { eventId: `${i}` })),
    gaps: [{ type: 'uuid', target: 'uuid-07', name: 'web-07', reason: 'offline' }],
    entries: [{ ...offline, line: 1, reason: 'r' }],
  })
  if (gate === undefined) throw new Error('the gate is off')
  const pending = [
    { kind: 'alert', line: 2, alert: '*', reason: '@octocat', until },
    { ...offline, line: 3, reason: 'r' },
  ] as const
  const markdown = summaryOf({ ...outcome, gate: { ...gate, rules: { ...gate.rules, pending } } })
  expect(markdown).toMatch(/Line 2 .* and 2 more: <code>@octocat<\/code>/)
  expect(asText(markdown)).toMatch(/Line 3 of the allow-list is added by this change, [^;]* before the merge: r\n/)
})

test('what is not covered, and why', () => {
  const lines = linesOf('offline')
  expect(lines).toContain('0 | 5, not covered: 2 | 1.9 s | 9 | suspicious | not read | China site')
  expect(lines.slice(lines.indexOf('### Not covered'))).toEqual([
    '### Not covered',
    'Type | Name | Why | Accepted',
    'server | web-02 | is offline | no',
    'server | db-03 | has no licence for virus scans | no',
    'Asked tds.cn-shanghai.aliyuncs.com.',
  ])
})

test.each([
  ['clean', 'none that counts'],
  ['passed', 'not read (no severity-cutoff)'],
] as const)('whether alerts were read: %s', (name, says) => {
  expect(linesOf(name)).toContainEqual(expect.stringContaining(` | ${says} | `))
})

test.each([
  ['not settled', { isSettled: false, reads: 1 }, '1 that counts (not read to the end)'],
  ['only before the scan', { isSettled: false, reads: 0 }, '1 that counts (before the scan)'],
])('alerts that are %s are marked', (_, how, says) => {
  const { gate, ...outcome } = gateOutcome({ alerts: [alert(1)] })
  if (gate === undefined) throw new Error('the gate is off')
  const alerts = { all: gate.sight.alerts?.all ?? [], ...how }
  expect(asText(summaryOf({ ...outcome, gate: { ...gate, sight: { ...gate.sight, alerts } } }))).toContain(
    `  ${says}  `,
  )
})

test.each([
  ['timeout', 'https://yundun.console.alibabacloud.com/?p=sas'],
  ['offline', 'https://yundun.console.aliyun.com/?p=sas'],
  ['cancelled', undefined], // a rehearsal
  ['invalid-input', undefined],
  ['clean', undefined],
] as const)('the console of the site that was asked: %s', (name, address) => {
  const outcome = STORIES[name]
  const links = outcome === undefined ? [] : [...summaryOf(outcome).matchAll(/href="([^"]*)"/g)].map(([, to]) => to)
  expect(links).toEqual(address === undefined ? [] : [address])
  expect(linesOf(name).filter((line) => line.startsWith('Open the '))).toHaveLength(links.length)
})

test('of many tasks the worst come first, the rest is counted, and the figures are closed', () => {
  const lines = linesOf('many')
  expect(lines).toContain(
    '24: 19 passed, 3 scan-failed, 2 unavailable | 1 server, 1 group | 19 min | 288 | not read (no severity-cutoff) | China site',
  )
  const tasks = lines.slice(lines.indexOf('### Tasks'))
  expect(tasks.slice(1, 4)).toEqual([
    '[GitHub draws here: States of 20 virus scan tasks over time]',
    'The worst 20 of 24 tasks are drawn.',
    '[All 24 tasks in figures]',
  ])
  expect(tasks.slice(5, 11).map((line) => line.split(' | ')[1])).toEqual([
    ...Array.from({ length: 3 }, () => 'scan-failed'),
    ...Array.from({ length: 2 }, () => 'unavailable'),
    'passed',
  ])
})

test('a task that was seen in one state only has no timeline', () => {
  expect(linesOf('cancelled').join('\n')).toMatch(/### Tasks\nTask \|.*\n282832 \| cancelled \| Processing 00:03 \|/)
})

test('of a state that comes and goes the last times are told', () => {
  const states = Array.from({ length: 9 }, (_, i) => [i % 2 === 0 ? 'init' : 'Paused', i] as const)
  const text = asText(summaryOf(outcomeOf([task({ kind: 'timed-out' }, seen(...states))])))
  expect(text).toContain('5 others, Paused (unknown) 05:00, init 06:00, Paused (unknown) 07:00, init 08:00')
})
