import { entriesOf, entry, good, goodGap, problemsOf, terms } from '../support/allowListText.ts'

/** Until when an entry holds, and which of two it is. */

describe('until', () => {
  const until = (day: string, today = '2026-11-24') => problemsOf(entry({ ...good, until: day }), { today })

  test.each([
    { name: 'today', day: '2026-11-24' },
    { name: 'tomorrow', day: '2026-11-25' },
    { name: 'yesterday: expired', day: '2026-11-23' },
    { name: 'long ago', day: '1999-12-31' },
    { name: 'a leap day that was', day: '2024-02-29' },
    { name: 'in 366 days', day: '2027-11-25' },
    { name: 'in quotes', day: '"2026-12-31"' },
  ])('$name may be', ({ day }) => {
    expect(until(day)).toEqual([])
  })
  test.each([
    { name: 'in 367 days', day: '2027-11-26' },
    { name: 'a leap day that will be', day: '2028-02-29' },
    { name: 'the end of days', day: '9999-12-31' },
  ])('$name is too far ahead', ({ day }) => {
    expect(until(day)).toEqual([`line 3, until: ${day} is more than 366 days ahead: nothing is accepted for longer`])
  })
  test('over a leap day 366 days are one year', () => {
    expect(until('2028-12-01', '2027-12-01')).toEqual([])
    expect(until('2028-12-02', '2027-12-01')).toHaveLength(1)
    expect(until('2028-02-29', '2027-12-01')).toEqual([])
  })
  test('what has expired stays in the list', () => {
    expect(entriesOf(entry({ ...good, until: '2026-11-23' }))).toMatchObject([{ until: '2026-11-23' }])
  })
  test.each([
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-04-31',
    '2026-12-00',
    '2026-12-32',
    '2100-02-29',
    '2026-1-1',
    '26-12-31',
    '2026-12',
    '2026',
    '20261231',
    '1798675200',
    '-1',
    '1.5',
    'true',
    'never',
    'tomorrow',
    '31.12.2026',
    '12/31/2026',
    '2026/12/31',
    '2026-12-31T00:00:00Z',
    '2026-12-31 10:00:00',
    '2026-12-31T10:00:00.000+08:00',
    '２０２６-12-31',
    '2026-12-31x',
    '+2026-12-31',
    '2026-12-31, 2027-01-01',
  ])('%s is no day, and shown', (day) => {
    expect(until(day)).toEqual([`line 3, until: ${day} is not a day of the calendar: write it as 2026-12-31`])
  })
})

describe('duplicates', () => {
  test('an alert accepted twice is refused, whatever the reasons and ends', () => {
    expect(problemsOf(`${entry(good)}${entry({ until: '2027-01-01', reason: 'other', alert: 'Backdoor' })}`)).toEqual([
      'line 4 accepts the same as the entry in line 1: keep one of them',
    ])
  })
  test('the keys may stand in another order', () => {
    expect(
      problemsOf(`${entry({ ...good, server: 'a' })}${entry({ server: 'a', ...terms, alert: 'Backdoor' })}`),
    ).toEqual(['line 5 accepts the same as the entry in line 1: keep one of them'])
  })
  test('a third one is held against the first', () => {
    expect(problemsOf(`\n${entry(goodGap)}${entry(goodGap)}${entry(goodGap)}`)).toEqual([
      'line 6 accepts the same as the entry in line 2: keep one of them',
      'line 10 accepts the same as the entry in line 2: keep one of them',
    ])
  })
  test('an expired one counts too', () => {
    expect(problemsOf(`${entry(good)}${entry({ ...good, until: '2026-01-01' })}`)).toHaveLength(1)
  })
  test.each([
    { name: 'another server', second: { ...good, server: 'web-01' } },
    { name: 'another alert', second: { ...good, alert: 'backdoor' } },
    { name: 'a pattern that holds the first', second: { ...good, alert: 'Back*' } },
  ])('$name is none', ({ second }) => {
    expect(problemsOf(`${entry(good)}${entry(second)}`)).toEqual([])
  })
  test('another reason of a gap, or another server, is none', () => {
    const others = [
      { ...goodGap, uncovered: 'unlicensed' },
      { ...goodGap, server: 'web-*' },
    ]
    expect(problemsOf(entry(goodGap) + others.map(entry).join(''))).toEqual([])
  })
  test('they are told with all else, by line', () => {
    const text = `${entry(good)}${entry(good)}${entry({ ...goodGap, until: 'x' })}${entry(good)}`
    expect(problemsOf(text).map((problem) => problem.slice(0, 8))).toEqual(['line 4 a', 'line 10,', 'line 11 '])
  })
})
