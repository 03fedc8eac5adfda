import { judgeAlerts } from '../../src/domain/alerts.ts'
import { type GateRules, type GateSight, judgeGaps, NOTHING_SEEN } from '../../src/domain/gate.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { type Marker, markerIn } from '../../src/domain/tracking.ts'
import { type Fact, FORGIVABLE, gateFacts, judge } from '../../src/domain/verdict.ts'
import { readWorkflowRun } from '../../src/inputs/workflowRun.ts'
import { issueTexts } from '../../src/view/issueText.ts'
import { outcomeOf, waited } from '../support/builders.ts'
import { renderOutline } from '../support/githubPage.ts'
import { HOSTILE_NAMES } from '../support/hostile.ts'
import { server } from '../support/scriptedCloud.ts'

const rules: GateRules = { cutoff: 'suspicious', settleMs: 60_000, entries: [], today: '2026-11-24' }
const run = readWorkflowRun({ GITHUB_REPOSITORY: 'example/app', GITHUB_RUN_ID: '42', GITHUB_WORKFLOW: 'Nightly' }, {})
const marker: Marker = {
  kind: 'findings',
  identity: '1'.repeat(32),
  facts: '2'.repeat(16),
  hasAlerts: true,
  completeAt: '2026-11-24T02:17:00.000Z',
}

/** A run that found these alerts, and a server that was offline. */
function infected(names: readonly string[], more: Partial<Outcome> = {}, others: readonly Fact[] = []): Outcome {
  const alerts = names.map((name, i) => ({
    server: `uuid-${i}`,
    serverName: name,
    eventId: String(i),
    level: 'serious',
    name,
    lastSeenMs: Date.parse('2026-11-24T01:00:00Z'),
  }))
  const sight: GateSight = {
    ...NOTHING_SEEN,
    servers: new Map([['uuid-01', server(1)]]),
    gaps: judgeGaps(
      names.map((name) => ({ type: 'uuid', target: 'uuid-02', name, reason: 'offline' })),
      rules,
    ),
    alerts: { all: judgeAlerts(alerts, rules, undefined), isSettled: true, reads: 1 },
  }
  const judgement = judge([...gateFacts(sight), ...others], FORGIVABLE)
  return outcomeOf([waited({ kind: 'passed' })], { gate: { rules, sight }, judgement, ...more })
}
const textsOf = (outcome: Outcome) => issueTexts(outcome, run, 'Virus alerts')

test('a body shows what was found, what to do, and when a scan was last seen to its end', () => {
  const body = textsOf(infected(['web-01'])).body(marker)
  expect(markerIn(body)).toEqual(marker)
  expect(renderOutline(body)).toMatchSnapshot()
})

test('titles say which of the two it is, and a rehearsal says so everywhere', () => {
  const texts = textsOf(infected(['web-01']))
  expect([texts.title('findings'), texts.title('not-run')]).toEqual(['Virus alerts', 'Virus alerts (scan did not run)'])
  const rehearsed = textsOf(infected(['web-01'], { rehearsal: true }))
  expect(rehearsed.title('not-run')).toBe('Virus alerts (scan did not run) (rehearsal)')
  for (const text of [rehearsed.body(marker), rehearsed.news('findings'), rehearsed.closing('findings')])
    expect(text).toMatch(/rehearsal/i)
})

test('news are about the facts of their own issue', () => {
  const timedOut: Fact = { kind: 'timed-out', tasks: [waited({ kind: 'timed-out' })] }
  const texts = textsOf(infected(['web-01'], {}, [timedOut]))
  expect(texts.news('findings')).toMatch(/1 open virus alert .*; The scan does not cover/)
  expect(texts.news('findings')).not.toContain('deadline')
  expect(texts.news('not-run')).toContain('ended at the deadline')
  expect(texts.news('not-run')).not.toContain('virus alert')
  for (const kind of ['findings', 'not-run'] as const)
    expect(texts.news(kind)).toContain('<a href="https://github.com/example/app/actions/runs/42">this run</a>')
})

test('the end of each says what ended it', () => {
  const texts = textsOf(outcomeOf([waited({ kind: 'passed' })]))
  expect(texts.closing('findings')).toContain('All is well again: Virus scan task ')
  expect(texts.closing('not-run')).toContain('A scan was seen to its end again: ')
  expect(texts.duplicate(7)).toContain('#7 is kept')
})

test('alerts of an earlier run that this one could not read are not forgotten', () => {
  const outcome = outcomeOf([waited({ kind: 'passed' })], {
    judgement: judge([{ kind: 'incomplete', gaps: [], unclear: [], nothingToStart: true }], FORGIVABLE),
  })
  expect(textsOf(outcome).body(marker)).toContain('Virus alerts were there when alerts were last read.')
  expect(textsOf(outcome).body({ ...marker, hasAlerts: false })).not.toContain('Virus alerts were there')
  const { completeAt: _, ...unknown } = marker
  expect(textsOf(outcome).body(unknown)).not.toContain('last seen to its end')
})

test('what counts for nobody is not shown, and what has no name is shown by its id', () => {
  const entries = [
    { kind: 'uncovered', line: 1, uncovered: 'offline', server: 'web-02', reason: 'r', until: '2026-12-31' },
  ]
  const own = { ...rules, entries } as GateRules
  const found = [
    { server: 'uuid-01', serverName: '', eventId: '1', level: 'serious', name: 'Trojan', lastSeenMs: 0 },
    { server: 'uuid-02', serverName: '', eventId: '2', level: 'remind', name: 'Miner', lastSeenMs: 0 },
  ]
  const gap = { type: 'uuid', reason: 'offline' } as const
  const sight: GateSight = {
    ...NOTHING_SEEN,
    gaps: judgeGaps(
      [
        { ...gap, target: 'uuid-02', name: 'web-02' },
        { ...gap, target: 'uuid-03', name: '' },
      ],
      own,
    ),
    alerts: { all: judgeAlerts(found, own, undefined), isSettled: true, reads: 1 },
  }
  const judgement = judge(gateFacts(sight), FORGIVABLE)
  const body = textsOf(outcomeOf([], { gate: { rules: own, sight }, judgement })).body(marker)
  expect(body).toMatch(/<td><code>Trojan<\/code><\/td><td><code>uuid-01<\/code><\/td>/)
  expect(body).toMatch(/<td><code>uuid-03<\/code><\/td><td>is offline<\/td>/)
  expect(body).not.toMatch(/Miner|web-02/)
})

test('the second issue is about the scan that did not run, not about what was found', () => {
  const timedOut: Fact = { kind: 'timed-out', tasks: [waited({ kind: 'timed-out' })] }
  const body = textsOf(infected(['web-01'], {}, [timedOut])).body({ ...marker, kind: 'not-run' })
  expect(body).toContain('closed by the next run that sees a scan to its end')
  expect(body).not.toMatch(/### (Virus alerts|Not covered)/)
  const unread = textsOf(outcomeOf([waited({ kind: 'timed-out' })])).body({ ...marker, kind: 'not-run' })
  expect(unread).not.toContain('Virus alerts were there')
})

test('a scan that failed is news of what was found', () => {
  const texts = textsOf(outcomeOf([waited({ kind: 'scan-failed' })]))
  expect(texts.news('findings')).toContain('with Failed')
  expect(texts.news('not-run')).not.toContain('with Failed')
})

test('of many alerts the first 25 are shown', () => {
  const names = Array.from({ length: 30 }, (_, i) => `web-${i}`)
  expect(textsOf(infected(names)).body(marker)).toContain('and 5 more alerts')
})

test('the longest names of the largest fleet fit into what GitHub takes', () => {
  // Each of these is five bytes on the page, and five characters.
  const worst = Array.from({ length: 500 }, (_, i) => '&'.repeat(200) + i)
  const texts = textsOf(infected(worst))
  for (const text of [texts.body(marker), texts.news('findings'), texts.closing('findings')])
    expect(text.length).toBeLessThan(65_536)
  expect(texts.body(marker)).toMatch(/and \d+ more alerts/)
})

/** The page's structure without its texts: what a name would have to change to be more than a name. */
const structure = (markdown: string) =>
  renderOutline(markdown)
    .split('\n')
    .filter((line) => !/^\s*"/.test(line))

test.each(HOSTILE_NAMES)('%j is text and nothing else', (name) => {
  const [hostile, plain] = [name, 'plain'].map((one) => textsOf(infected([one])))
  for (const text of ['body', 'news', 'closing'] as const) {
    const of = (texts: typeof hostile) => (text === 'body' ? texts?.body(marker) : texts?.[text]('findings')) ?? ''
    expect(structure(of(hostile))).toEqual(structure(of(plain)))
  }
  // Outside of code GitHub would look for mentions, links and emoji.
  const outside = (hostile?.body(marker) ?? '').replaceAll(/<code>.*?<\/code>/gs, '')
  expect(outside).not.toMatch(/evil|octocat|:rocket:|someone@/)
  expect(markerIn(hostile?.body(marker) ?? '')).toEqual(marker)
})
