import fc from 'fast-check'
import { readSmallText } from '../../src/adapters/smallText.ts'
import { readYaml } from '../../src/adapters/yaml.ts'
import { judgeAlerts } from '../../src/domain/alerts.ts'
import type { AllowEntry } from '../../src/domain/allowList.ts'
import { type AllowListReading, readAllowList } from '../../src/inputs/allowList.ts'
import { cases, figure } from '../support/proof.ts'
import { alert } from '../support/summaryStories.ts'
import { hostileText } from './fuzz/hostileText.ts'

/** Allow-lists that were written here, so that what they mean is known, and such as mean nothing good. */

const TODAY = '2026-11-24'
let tried = 0
afterAll(() => figure('fuzzed allow-lists', 'files', tried))

function read(file: string): AllowListReading {
  tried += 1
  // As a file is read: a mark of the byte order goes.
  const decoded = readSmallText(Buffer.from(file))
  const yaml = readYaml('text' in decoded ? decoded.text : '')
  return 'problems' in yaml ? yaml : readAllowList(yaml.node, TODAY)
}

interface Meant {
  readonly alert: string
  readonly server?: string
  readonly reason: string
  readonly until: string
}

/** A text of one line that YAML can hold: no lone surrogates, nothing that it does not take, not blank. */
const line = hostileText
  .map((text) =>
    text
      .toWellFormed()
      .replaceAll(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/gu, '')
      .slice(0, 200)
      // The cut may go through the middle of a character.
      .toWellFormed()
      .trim(),
  )
  .filter((text) => text !== '' && !/^\*+$/.test(text))

const day = fc
  .integer({ min: -400, max: 366 })
  .map((days) => new Date(Date.parse(TODAY) + days * 86_400_000).toISOString().slice(0, 10))

const meant: fc.Arbitrary<Meant> = fc.record(
  { alert: line, server: line, reason: line, until: day },
  { requiredKeys: ['alert', 'reason', 'until'] },
)

/** The spellings of a text that YAML has: double quotes, single ones, a folded block. */
const SPELLINGS: readonly ((text: string) => string)[] = [
  (text) => JSON.stringify(text),
  (text) => `'${text.replaceAll("'", "''")}'`,
  (text) => `|-\n    ${text}`,
]

interface Style {
  readonly spellings: readonly number[]
  readonly order: readonly string[]
  readonly newline: string
  readonly start: string
}
const style: fc.Arbitrary<Style> = fc.record({
  spellings: fc.array(fc.nat(SPELLINGS.length - 1), { minLength: 4, maxLength: 4 }),
  order: fc.shuffledSubarray(['alert', 'server', 'reason', 'until'], { minLength: 4 }),
  newline: fc.constantFrom('\n', '\r\n'),
  start: fc.constantFrom('', '---\n', '# accepted\n\n', '\ufeff'),
})

function written(entries: readonly Meant[], { spellings, order, newline, start }: Style): string {
  const texts = entries.map((entry) => {
    const keys = order.filter((key) => key in entry)
    const lines = keys.map(
      (key, i) =>
        `${key}: ${(SPELLINGS[spellings[i] ?? 0] as (typeof SPELLINGS)[number])(entry[key as 'alert'] ?? '')}`,
    )
    return `- ${lines.join('\n  ')}\n`
  })
  return `${start}${texts.join('# between\n')}`.replaceAll('\n', newline)
}

/** Entries that accept the same count as a mistake. */
const lists = fc.uniqueArray(meant, { maxLength: 6, selector: ({ alert, server }) => JSON.stringify([alert, server]) })

test('what was written is read, entry by entry, however it is spelt', () => {
  fc.assert(
    fc.property(lists, style, (entries, how) => {
      expect(read(written(entries, how))).toEqual({
        entries: entries.map((entry) => ({ kind: 'alert', ...entry, line: expect.any(Number) })),
      })
    }),
    cases(600),
  )
})

/** Pieces that let a text mean something else than it shows. */
const MISCHIEF = [
  '&a ',
  '*a',
  '<<: *a',
  '!!str ',
  '!x ',
  '%YAML 1.1\n',
  '---\n',
  '...\n',
  '\t',
  '\ufeff',
  '? ',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '|',
  '>',
  '#',
  ': ',
  '\n',
  '\r',
  '\n- ',
  'until: 2026-12-31',
  'until:',
  'reason:',
  'reason: ""',
  'alert: "*"',
  '\0',
  '\u2028',
  '\\',
  '2026-02-30',
  '9999-12-31',
  '2027-11-26',
  '__proto__: 1',
  'null',
  '~',
  '- alert: x\n',
]
const mangled = fc
  .tuple(
    lists,
    style,
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(...MISCHIEF), fc.nat(12)), { minLength: 1, maxLength: 3 }),
  )
  .map(([entries, how, changes]) =>
    changes.reduce(
      (text, [at, piece, dropped]) => {
        const place = at % (text.length + 1)
        return `${text.slice(0, place)}${piece}${text.slice(place + dropped)}`
      },
      written(entries, how),
    ),
  )
const files = fc.oneof(
  { weight: 30, arbitrary: mangled },
  { weight: 5, arbitrary: hostileText },
  { weight: 1, arbitrary: fc.constantFrom(...MISCHIEF).map((piece) => piece.repeat(500)) },
)

/** A day of the calendar, at most 366 days ahead: read by another calendar than the code's. */
function isAllowedDay(until: string): boolean {
  const at = Date.parse(`${until}T00:00:00Z`)
  if (!/^\d{4}-\d\d-\d\d$/.test(until) || Number.isNaN(at)) return false
  return new Date(at).toISOString().startsWith(until) && at - Date.parse(TODAY) <= 366 * 86_400_000
}

test('of any file every entry has a reason and a day, or the whole is refused; what has expired accepts nothing', () => {
  let good = 0
  fc.assert(
    fc.property(files, (file) => {
      const reading = read(file)
      if ('problems' in reading) {
        expect(reading.problems).not.toEqual([])
        for (const { line: at, text } of reading.problems) {
          expect(at).toBeGreaterThanOrEqual(1)
          expect(text).toMatch(/^[a-z][^\n]*$/)
        }
        return
      }
      good += 1
      for (const entry of reading.entries) {
        expect(entry.reason.trim()).not.toBe('')
        expect(isAllowedDay(entry.until)).toBe(true)
        expect(entry.kind === 'alert' && entry.server === undefined && /^\*+$/.test(entry.alert)).toBe(false)
        expect(isAccepting(entry)).toBe(entry.until >= TODAY)
      }
    }),
    cases(2_000),
  )
  expect(good).toBeGreaterThan(tried / 50)
})

/** Whether an alert of the very name that an entry names is accepted by it. */
function isAccepting(entry: AllowEntry): boolean {
  if (entry.kind !== 'alert') return entry.until >= TODAY
  const found = alert(1, { name: entry.alert, serverName: entry.server ?? 'web-01' })
  const [judged] = judgeAlerts([found], { cutoff: 'serious', entries: [entry], today: TODAY }, undefined)
  return judged?.status === 'accepted'
}
