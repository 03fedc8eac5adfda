import { type AllowEntry, dayNumber, daysBetween, endsSoon, isExpired } from '../../src/domain/allowList.ts'

/** The days of an allow-list: until when an entry holds, and how they are counted. */

const terms = { line: 1, reason: 'known', until: '2026-12-31' }

function acceptsAlert(name: string, server?: string, more: Partial<typeof terms> = {}): AllowEntry {
  return { ...terms, ...more, kind: 'alert', alert: name, ...(server === undefined ? {} : { server }) }
}

describe('the end of an entry', () => {
  const until = (day: string) => acceptsAlert('x', undefined, { until: day })

  test.each([
    { name: 'long ago', day: '1999-12-31', expired: true, soon: false },
    { name: 'yesterday', day: '2026-11-23', expired: true, soon: false },
    { name: 'today, its last day', day: '2026-11-24', expired: false, soon: true },
    { name: 'tomorrow', day: '2026-11-25', expired: false, soon: true },
    { name: 'in 7 days, over the end of a month', day: '2026-12-01', expired: false, soon: true },
    { name: 'in 8 days', day: '2026-12-02', expired: false, soon: false },
    { name: 'in a year', day: '2027-11-24', expired: false, soon: false },
  ])('$name', ({ day, expired, soon }) => {
    expect(isExpired(until(day), '2026-11-24')).toBe(expired)
    expect(endsSoon(until(day), '2026-11-24')).toBe(soon)
  })
  test.each([
    { name: 'over a year', today: '2026-12-28', last: '2027-01-04', next: '2027-01-05' },
    { name: 'over a leap day', today: '2028-02-26', last: '2028-03-04', next: '2028-03-05' },
    { name: 'over the end of a common February', today: '2027-02-26', last: '2027-03-05', next: '2027-03-06' },
  ])('7 and 8 days $name', ({ today, last, next }) => {
    expect(endsSoon(until(last), today)).toBe(true)
    expect(endsSoon(until(next), today)).toBe(false)
  })
})

describe('days', () => {
  const DAY_MS = 86_400_000
  const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  const first = Date.UTC(2000, 0, 1)
  const days = Array.from({ length: (Date.UTC(2101, 0, 1) - first) / DAY_MS }, (_, i) => dayOf(first + i * DAY_MS))

  test('are counted as the calendar counts them, every day from 2000 to 2100', () => {
    expect([days[0], days.at(-1), days.length]).toEqual(['2000-01-01', '2100-12-31', 36_890])
    const origin = dayNumber('2000-01-01')
    expect(days.filter((day, i) => dayNumber(day) !== origin + i)).toEqual([])
  })
  test('are counted from 1 March of the year 0', () => {
    expect(dayNumber('0000-03-01')).toBe(0)
    expect(dayNumber('0000-03-02')).toBe(1)
    expect(dayNumber('1970-01-01')).toBe(719_468)
  })
  test('that the calendar does not have are none', () => {
    const known = new Set(days)
    const two = (n: number) => String(n).padStart(2, '0')
    const numbers = Array.from({ length: 100 }, (_, i) => i)
    const wrong = ['2000', '2026', '2028', '2100'].flatMap((year) =>
      numbers.flatMap((month) =>
        numbers
          .map((day) => `${year}-${two(month)}-${two(day)}`)
          .filter((day) => Number.isNaN(dayNumber(day)) === known.has(day)),
      ),
    )
    expect(wrong).toEqual([])
  })
  test.each([
    ['1900-02-29', false],
    ['2000-02-29', true],
    ['2024-02-29', true],
    ['2026-02-29', false],
    ['2028-02-29', true],
    ['2100-02-29', false],
    ['0000-02-29', true],
    ['9999-12-31', true],
  ])('%s is one: %s', (day, is) => {
    expect(Number.isNaN(dayNumber(day))).toBe(!is)
  })
  test.each([
    '',
    '2026',
    '2026-12',
    '2026-1-1',
    '2026-12-31 ',
    ' 2026-12-31',
    '2026-12-31\n',
    '2026-12-31T00:00:00Z',
    '2026/12/31',
    '31-12-2026',
    '20261231',
    '-2026-12-31',
    '12026-12-31',
    '２０２６-12-31',
    '2026‐12‐31',
    '2026-xx-31',
    'tomorrow',
  ])('%j is none', (text) => {
    expect(dayNumber(text)).toBeNaN()
  })

  test.each([
    { from: '2026-11-24', to: '2026-11-24', days: 0 },
    { from: '2026-11-24', to: '2026-11-25', days: 1 },
    { from: '2026-11-24', to: '2026-11-23', days: -1 },
    { from: '2026-11-24', to: '2027-11-24', days: 365 },
    { from: '2027-11-24', to: '2028-11-24', days: 366 },
    { from: '2026-02-28', to: '2026-03-01', days: 1 },
    { from: '2028-02-28', to: '2028-03-01', days: 2 },
    { from: '2099-12-31', to: '2100-12-31', days: 365 },
    { from: '2000-01-01', to: '2100-01-01', days: 36_525 },
  ])('from $from to $to: $days', ({ from, to, days }) => {
    expect(daysBetween(from, to)).toBe(days)
  })
  test('from or to none is not a number', () => {
    expect(daysBetween('2026-11-24', '2026-02-29')).toBeNaN()
    expect(daysBetween('2026-02-29', '2026-11-24')).toBeNaN()
  })
})
