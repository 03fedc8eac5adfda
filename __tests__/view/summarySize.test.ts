import { list, table } from '../../src/view/blocks.ts'
import { own } from '../../src/view/sentence.ts'
import { summaryOf } from '../../src/view/summary.ts'
import { failure, id, outcomeOf, waited } from '../support/builders.ts'
import { alert, gateOutcome, seen, task } from '../support/summaryStories.ts'

/** The job summary of very much: what fits is shown, the rest counted, and never over 1 MiB. */

test('of a table or a list what fits is shown, to the byte, and the rest is counted', () => {
  const items = ['a', 'b', 'c'].map(own)
  const listOf = (rows: number, bytes: number) => list(items, 'ul', { rows, bytes })
  expect(listOf(3, 30)).toBe('<ul><li>a</li><li>b</li><li>c</li></ul>')
  expect(listOf(2, 30)).toBe('<ul><li>a</li><li>b</li><li>and 1 more</li></ul>')
  expect(listOf(3, 29)).toBe(listOf(2, 30))
  const rows = items.map((item) => [item])
  expect(table(['X', 'Y'], rows, 'alerts', { rows: 2, bytes: 100 })).toContain('<td colspan="2">and 1 more alerts</td>')
})

test('never over 1 MiB: 100 tasks and 30,000 targets with the longest of hostile names', () => {
  const name = '\u{e0041}'.repeat(1_000)
  const targets = Array.from({ length: 30_000 }, (_, i) => ({ type: name, name, target: `${i}${name}` }))
  const bad = failure('unknown-code', { code: name })
  const tasks = Array.from({ length: 100 }, (_, i) =>
    waited(
      { kind: 'unavailable', failure: bad },
      { id: id(`922337203685477580${i}`), unknownState: name, lastFailure: bad, targets: i === 0 ? targets : [] },
    ),
  )
  const markdown = summaryOf(outcomeOf(tasks))
  expect(Buffer.byteLength(markdown)).toBeLessThan(1_024 * 1_024)
  expect(/and 29\d{3} more targets/.test(markdown)).toBe(true)
})

test('never over 1 MiB: 100 tasks whose states come and go, 5,000 alerts, gaps and acceptances, all with the longest names', () => {
  const name = '\u{e0041}'.repeat(1_000)
  const bad = failure('unknown-code', { code: name, requestId: name })
  const states = Array.from({ length: 1_000 }, (_, i) => [`${name}${i}`, i] as const)
  const many = Array.from({ length: 5_000 }, (_, i) => i)
  const levels = [name, 'serious', 'suspicious', 'remind']
  const markdown = summaryOf(
    gateOutcome(
      {
        alerts: many.map((i) =>
          alert(1, {
            eventId: `${i}`,
            name: i % 3 === 0 ? `accepted ${name}` : name,
            serverName: name,
            level: levels[i % 4] ?? '',
          }),
        ),
        gaps: many.map((i) => ({ type: 'uuid', target: `${i}`, name, reason: 'offline' })),
        entries: [{ kind: 'alert', line: 1, alert: 'accepted*', reason: name, until: '2026-12-31' }],
      },
      {
        tasks: Array.from({ length: 100 }, (_, i) =>
          task({ kind: 'unavailable', failure: bad }, seen(...states), {
            id: id(`92233720368547758${String(i).padStart(2, '0')}`),
            lastFailure: bad,
            requestId: name,
            targets: many.slice(0, 50).map((n) => ({ type: name, name, target: `${i} ${n} ${name}` })),
          }),
        ),
      },
    ),
  )
  // Room for what this outcome has not: a long list of what to do.
  expect(Buffer.byteLength(markdown)).toBeLessThan((1_024 - 100) * 1_024)
  for (const what of ['alerts', 'gaps', 'tasks', 'targets'])
    expect(markdown).toMatch(new RegExp(`and \\d+ more ${what}`))
  expect(markdown.match(/and \d+ more alerts/g)).toHaveLength(3)
})
