import {
  type Alert,
  type AlertRead,
  type AlertRules,
  agree,
  alertKey,
  graver,
  hasCounting,
  judgeAlerts,
  mergeAlerts,
  SEVERITIES,
  severityOf,
} from '../../src/domain/alerts.ts'

const alert = (more: Partial<Alert> = {}): Alert => ({
  server: 'uuid-01',
  serverName: 'web-01',
  eventId: 'E-1',
  level: 'serious',
  name: 'Backdoor',
  ...more,
})
const entry = { line: 1, reason: 'known', until: '2026-11-24', kind: 'alert', alert: 'Backdoor' } as const
const rules: AlertRules = { cutoff: 'suspicious', entries: [], today: '2026-11-24' }
const read = (more: Partial<AlertRead> = {}): AlertRead => ({
  servers: new Set(['uuid-01']),
  alerts: [],
  isComplete: true,
  ...more,
})

test('the severities, gravest first', () => {
  expect(SEVERITIES).toEqual(['serious', 'suspicious', 'remind'])
})

test.each([
  { level: 'serious', severity: 'serious' },
  { level: 'Suspicious', severity: 'suspicious' },
  { level: 'REMIND', severity: 'remind' },
  { level: 'critical', severity: 'serious' },
  { level: '', severity: 'serious' },
])('level "$level" is taken for $severity', ({ level, severity }) => {
  expect(severityOf({ level })).toBe(severity)
})

describe('of two sights of one alert', () => {
  const [serious, remind] = [alert(), alert({ level: 'remind' })]
  test('the graver one is kept, whichever came first', () => {
    expect(graver(serious, remind)).toBe(serious)
    expect(graver(remind, serious)).toBe(serious)
  })
  test('the later one where they are as grave, and where there was none before', () => {
    const later = alert({ lastSeenMs: 1 })
    expect(graver(serious, later)).toBe(later)
    expect(graver(undefined, remind)).toBe(remind)
  })
})

describe('an alert', () => {
  const status = (level: string, more: Partial<AlertRules> = {}) =>
    judgeAlerts([alert({ level })], { ...rules, ...more }, undefined)[0]?.status

  test('counts at or above the cutoff', () => {
    expect(['serious', 'suspicious', 'remind'].map((level) => status(level))).toEqual([
      'counting',
      'counting',
      'below-cutoff',
    ])
  })
  test('that an entry accepts does not count up to the last day of the entry', () => {
    expect(status('serious', { entries: [entry] })).toBe('accepted')
    expect(status('serious', { entries: [entry], today: '2026-11-25' })).toBe('counting')
    expect(status('serious', { entries: [{ ...entry, alert: 'Miner' }] })).toBe('counting')
  })
  test('below the cutoff stays that, accepted or not', () => {
    expect(status('remind', { entries: [entry] })).toBe('below-cutoff')
  })
  test('is told with the entry that accepts it, or that did until it expired', () => {
    for (const today of ['2026-11-24', '2026-11-25'])
      expect(judgeAlerts([alert()], { ...rules, entries: [entry], today }, undefined)).toMatchObject([{ entry }])
    expect(judgeAlerts([alert()], rules, undefined)[0]).not.toHaveProperty('entry')
  })
})

describe('whether an alert was there before the scan', () => {
  const before = (baseline?: AlertRead) => judgeAlerts([alert()], rules, baseline)[0]?.before
  test.each<{ name: string; baseline?: AlertRead; is: boolean | null }>([
    { name: 'nobody looked', is: null },
    { name: 'it was seen', baseline: read({ alerts: [alert({ level: 'remind' })] }), is: true },
    { name: 'it was not seen', baseline: read({ alerts: [alert({ eventId: 'E-2' })] }), is: false },
    { name: 'the same event on another server', baseline: read({ alerts: [alert({ server: 'uuid-02' })] }), is: false },
    { name: 'nobody looked at this server', baseline: read({ servers: new Set(['uuid-02']) }), is: null },
    { name: 'the look broke off', baseline: read({ isComplete: false }), is: null },
  ])('$name: $is', ({ baseline, is }) => {
    expect(before(baseline)).toBe(is)
  })
})

test('alerts are listed counting ones first, then by gravity, server and name', () => {
  const entries = [{ ...entry, alert: 'Known' }]
  const inOrder = [
    alert({ serverName: 'web-01', name: 'Backdoor', eventId: '1' }),
    alert({ serverName: 'web-01', name: 'Backdoor', eventId: '2' }),
    alert({ serverName: 'web-01', name: 'Miner', eventId: '0' }),
    alert({ serverName: 'web-02', name: 'Backdoor', eventId: '0' }),
    alert({ serverName: 'web-022', name: 'A', eventId: '0' }),
    alert({ serverName: 'web-01', name: 'Backdoor', eventId: '3', level: 'suspicious' }),
    alert({ serverName: 'web-00', name: 'Known', eventId: '4' }),
    alert({ serverName: 'web-00', name: 'Known', eventId: '5', level: 'remind' }),
  ]
  const ids = (alerts: readonly Alert[]) =>
    judgeAlerts(alerts, { ...rules, entries }, undefined).map(({ serverName, name, eventId }) => [
      serverName,
      name,
      eventId,
    ])
  const expected = inOrder.map(({ serverName, name, eventId }) => [serverName, name, eventId])
  expect(ids(inOrder)).toEqual(expected)
  expect(ids(inOrder.toReversed())).toEqual(expected)
})

test('a name that goes on where another one ends does not come before it', () => {
  const [first, second, third] = [
    alert({ serverName: 'web', name: 'b', eventId: '3' }),
    alert({ serverName: 'web', name: 'b2', eventId: '1' }),
    alert({ serverName: 'webb', name: '', eventId: '2' }),
  ] as const
  for (const given of [
    [first, second, third],
    [third, second, first],
  ])
    expect(judgeAlerts(given, rules, undefined)).toMatchObject([first, second, third])
})

test('something counts where one alert does', () => {
  const low = alert({ eventId: 'E-2', level: 'remind' })
  expect(hasCounting([low, alert()], rules)).toBe(true)
  expect(hasCounting([low], rules)).toBe(false)
  expect(hasCounting([low, alert()], { ...rules, entries: [entry] })).toBe(false)
  expect(hasCounting([], rules)).toBe(false)
})

describe('two reads', () => {
  const [one, two] = [alert(), alert({ eventId: 'E-2' })]
  test.each<{ name: string; a: readonly Alert[]; b: readonly Alert[]; is: boolean }>([
    { name: 'both empty', a: [], b: [], is: true },
    { name: 'the same in another order', a: [one, two], b: [two, one], is: true },
    { name: 'the same, seen again since', a: [one], b: [{ ...one, lastSeenMs: 1 }], is: true },
    { name: 'one more', a: [one], b: [one, two], is: false },
    { name: 'one less', a: [one, two], b: [two], is: false },
    { name: 'another event', a: [one], b: [two], is: false },
    { name: 'another server', a: [one], b: [{ ...one, server: 'uuid-02' }], is: false },
    { name: 'another level', a: [one], b: [{ ...one, level: 'remind' }], is: false },
    { name: 'one of two is another', a: [one, two], b: [one, { ...two, level: 'remind' }], is: false },
  ])('$name: agree $is', ({ a, b, is }) => {
    expect(agree(a, b)).toBe(is)
  })
})

test('of several sights of one alert the last is kept, in the place of the first', () => {
  const [old, other, again] = [alert(), alert({ server: 'uuid-02' }), alert({ level: 'remind' })]
  expect(mergeAlerts([old, other], [again])).toEqual([again, other])
  expect(mergeAlerts()).toEqual([])
})

test('of two alerts of one event id, one accepted by its name, the other still counts', () => {
  const other = alert({ name: 'Other-Miner' })
  const merged = mergeAlerts([other], [alert()])
  expect(judgeAlerts(merged, { ...rules, entries: [entry] }, undefined).map(({ status }) => status)).toEqual([
    'counting',
    'accepted',
  ])
})

test('an alert is the same by server, event and name, whatever else is said of it', () => {
  expect(alertKey(alert())).toBe(alertKey(alert({ level: 'remind', serverName: 'y', lastSeenMs: 1 })))
  for (const change of [{ server: 'uuid-02' }, { eventId: 'E-2' }, { name: 'x' }])
    expect(alertKey(alert())).not.toBe(alertKey(alert(change)))
  expect(alertKey({ server: 'a', eventId: '1b', name: '' })).not.toBe(
    alertKey({ server: 'a1', eventId: 'b', name: '' }),
  )
  expect(alertKey({ server: 'a', eventId: 'b c', name: '' })).not.toBe(
    alertKey({ server: 'a b', eventId: 'c', name: '' }),
  )
})
