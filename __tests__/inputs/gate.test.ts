import { createHash } from 'node:crypto'
import { INPUT_DEFAULTS } from '../../src/inputs/declared.ts'
import { type Changes, inputsOf, LIST, problemsOf } from '../support/gateReading.ts'

/** The gate: `severity-cutoff`, `settle-seconds`, `allow-list`, and what becomes of them. */

const namesOf = (problems: readonly string[]) => problems.map((problem) => /^[a-z-]+/.exec(problem)?.[0])

describe('severity-cutoff', () => {
  test.each(['serious', 'suspicious', 'remind'])('%s switches the gate on, in any case', (cutoff) => {
    const gate = { cutoff, settleMs: 60_000, entries: [], today: '2026-11-24' }
    expect(inputsOf({ 'severity-cutoff': cutoff }).gate).toEqual(gate)
    expect(inputsOf({ 'severity-cutoff': cutoff.toUpperCase() }).gate).toEqual(gate)
    expect(inputsOf({ 'severity-cutoff': ` ${cutoff.charAt(0).toUpperCase()}${cutoff.slice(1)}\n` }).gate).toEqual(gate)
  })
  test.each(['none', 'NONE', ' None ', '', '  '])('%j leaves the gate off', (cutoff) => {
    expect(inputsOf({ 'severity-cutoff': cutoff })).not.toHaveProperty('gate')
  })
  test('unset leaves the gate off', () => {
    expect(inputsOf({})).not.toHaveProperty('gate')
  })
  test.each(['high', 'critical', 'seriuos', 'any', 'true', '1', 'serious, remind', 'serious remind', 'toString', '*'])(
    '%s is refused: a typo must not switch the gate off',
    (cutoff) => {
      expect(problemsOf({ 'severity-cutoff': cutoff })).toEqual([
        `severity-cutoff: ${cutoff} is not one of serious, suspicious, remind, none`,
      ])
    },
  )
})

describe('settle-seconds', () => {
  const settleOf = (text: string) => inputsOf({ 'severity-cutoff': 'serious', 'settle-seconds': text }).gate?.settleMs

  test.each([
    { text: '0', ms: 0 },
    { text: '0.0', ms: 0 },
    { text: '0.05', ms: 50 },
    { text: '0.0004', ms: 0 },
    { text: '1.2345', ms: 1_235 },
    { text: '60', ms: 60_000 },
    { text: ' 007 ', ms: 7_000 },
    { text: '899.999', ms: 899_999 },
    { text: '900', ms: 900_000 },
    { text: '900.0', ms: 900_000 },
    { text: '', ms: 60_000 },
  ])('$text', ({ text, ms }) => {
    expect(settleOf(text)).toBe(ms)
  })

  const garbage = ['-1', '+5', '1e2', '0x10', '1,5', '.5', '5.', '5s', '1 0', '1_0', '５', 'NaN', 'Infinity', 'soon']
  test.each([
    ...garbage.map((text) => ({ text, problem: 'is not a plain number' })),
    ...['900.001', '901', '1000', '9'.repeat(400)].map((text) => ({ text, problem: 'is out of range' })),
  ])('$text is refused, gate or not', ({ text, problem }) => {
    const problems = [`settle-seconds: ${text} ${problem}: a number from 0 to 900 is allowed, such as 5 or 0.5`]
    expect(problemsOf({ 'settle-seconds': text })).toEqual(problems)
    expect(problemsOf({ 'settle-seconds': text, 'severity-cutoff': 'serious' })).toEqual(problems)
  })

  test.each([
    { name: 'equal to the timeout', settle: '60', timeout: '1' },
    { name: 'above the timeout', settle: '900', timeout: '14.9' },
    { name: 'a hair above', settle: '30.001', timeout: '0.5' },
    { name: 'the default above a short timeout', settle: '', timeout: '0.5' },
  ])('$name is refused with the gate on', ({ settle, timeout }) => {
    const changes = { 'settle-seconds': settle, 'timeout-minutes': timeout, 'severity-cutoff': 'remind' }
    expect(problemsOf(changes)).toEqual([
      `settle-seconds: ${settle || '60'} is not below timeout-minutes (${timeout} min): there would be no time for the second read`,
    ])
  })
  test.each(['', 'none'])('it is not held against the timeout with the gate off (%j)', (cutoff) => {
    const changes = { 'settle-seconds': '900', 'timeout-minutes': '1', 'severity-cutoff': cutoff }
    expect(problemsOf(changes)).toEqual([])
  })
  test.each([
    { name: 'a hair below', settle: '59.999', timeout: '1' },
    { name: 'nothing to wait for', settle: '0', timeout: '0.001' },
  ])('$name is allowed', ({ settle, timeout }) => {
    const changes = { 'settle-seconds': settle, 'timeout-minutes': timeout, 'severity-cutoff': 'remind' }
    expect(problemsOf(changes)).toEqual([])
  })
  test('what cannot be read is not held against anything', () => {
    expect(
      namesOf(problemsOf({ 'settle-seconds': '900', 'timeout-minutes': 'x', 'severity-cutoff': 'remind' })),
    ).toEqual(['timeout-minutes'])
    expect(namesOf(problemsOf({ 'settle-seconds': '900', 'timeout-minutes': '1', 'severity-cutoff': 'high' }))).toEqual(
      ['severity-cutoff'],
    )
    expect(
      namesOf(problemsOf({ 'settle-seconds': '901', 'timeout-minutes': '1', 'severity-cutoff': 'remind' })),
    ).toEqual(['settle-seconds'])
  })
})

describe('allow-list and the gate', () => {
  test('its entries become the rules, and the file is kept with its digest', () => {
    const entries = [{ line: 2, kind: 'alert', alert: 'Backdoor', reason: 'known', until: '2026-12-31' }]
    const sha256 = createHash('sha256').update(LIST).digest('hex')
    expect(inputsOf({ 'severity-cutoff': 'serious', 'allow-list': ' allow.yml ' }).gate).toEqual({
      cutoff: 'serious',
      settleMs: 60_000,
      entries,
      today: '2026-11-24',
      allowList: { path: 'allow.yml', sha256, entries },
    })
  })
  test('an empty one is kept too', () => {
    expect(inputsOf({ 'severity-cutoff': 'serious', 'allow-list': 'empty.yml' }).gate).toMatchObject({
      entries: [],
      allowList: { path: 'empty.yml', sha256: createHash('sha256').update('').digest('hex'), entries: [] },
    })
  })
  test.each(['', '  '])('unset (%j) there is none', (path) => {
    expect(inputsOf({ 'severity-cutoff': 'serious', 'allow-list': path }).gate).not.toHaveProperty('allowList')
  })
  test('the day of the run comes from the world', () => {
    expect(inputsOf({ 'severity-cutoff': 'serious' }, { today: '2030-01-02' }).gate?.today).toBe('2030-01-02')
  })

  test.each(['', 'none', 'NONE'])('without a cutoff (%j) it is refused', (cutoff) => {
    expect(problemsOf({ 'severity-cutoff': cutoff, 'allow-list': 'allow.yml' })).toEqual([
      'allow-list: allow.yml needs a severity-cutoff: without one no alert is read, so none can be accepted',
    ])
  })
  test('without a cutoff it is read all the same', () => {
    const problems = problemsOf({ 'allow-list': 'bad.yml' })
    expect(problems).toHaveLength(2)
    expect(problems[0]).toMatch(/^allow-list: bad.yml line 1 does not begin a list/)
    expect(problems[1]).toMatch(/^allow-list: bad.yml needs a severity-cutoff/)
  })
  test('with a cutoff that is misspelt, only that is said', () => {
    expect(namesOf(problemsOf({ 'severity-cutoff': 'high', 'allow-list': 'allow.yml' }))).toEqual(['severity-cutoff'])
  })
})

test('all problems of the gate come together, in the order of the declarations', () => {
  const order = Object.keys(INPUT_DEFAULTS)
  const problems = problemsOf(
    {
      'report-file': 'x',
      'fail-on': 'x',
      'allow-list': 'missing.yml',
      'settle-seconds': 'x',
      'severity-cutoff': 'x',
      'max-consecutive-errors': 'x',
      'timeout-minutes': 'x',
      wait: 'x',
      'region-id': 'x',
    },
    { refusalToWrite: () => 'may not be written' },
  )
  const names = namesOf(problems)
  expect(names).toEqual([
    'wait',
    'timeout-minutes',
    'max-consecutive-errors',
    'severity-cutoff',
    'settle-seconds',
    'allow-list',
    'fail-on',
    'report-file',
    'region-id',
  ])
  expect([...names].sort((a, b) => order.indexOf(a ?? '') - order.indexOf(b ?? ''))).toEqual(names)
})

test.each([
  { pair: ['severity-cutoff', 'settle-seconds'], changes: { 'severity-cutoff': 'x', 'settle-seconds': 'x' } },
  {
    pair: ['settle-seconds', 'allow-list'],
    changes: { 'severity-cutoff': 'serious', 'settle-seconds': '60', 'timeout-minutes': '1', 'allow-list': 'bad.yml' },
  },
  { pair: ['allow-list', 'fail-on'], changes: { 'allow-list': 'allow.yml', 'fail-on': 'x' } },
  { pair: ['max-poll-seconds', 'severity-cutoff'], changes: { 'severity-cutoff': 'x', 'max-poll-seconds': '1' } },
])('two problems come together, in order: $pair', ({ pair, changes }) => {
  expect(namesOf(problemsOf(changes as unknown as Changes))).toEqual(pair)
})

test('with everything given, all of it appears', () => {
  expect(
    inputsOf({
      'task-id': '',
      targets: 'all',
      wait: 'false',
      'severity-cutoff': 'suspicious',
      'settle-seconds': '1.5',
      'allow-list': 'empty.yml',
      'fail-on': 'alerts incomplete',
      'report-file': 'r.json',
    }),
  ).toEqual({
    waitFor: { kind: 'targets', wanted: { kind: 'all' }, wait: false },
    policy: { deadlineMs: 7_200_000, minDelayMs: 3_000, maxDelayMs: 60_000, maxConsecutiveErrors: 15 },
    gate: {
      cutoff: 'suspicious',
      settleMs: 1_500,
      entries: [],
      today: '2026-11-24',
      allowList: { path: 'empty.yml', sha256: expect.stringMatching(/^[0-9a-f]{64}$/), entries: [] },
    },
    failOn: ['alerts', 'incomplete'],
    reportFile: 'r.json',
    endpoint: { url: 'https://tds.cn-shanghai.aliyuncs.com', host: 'tds.cn-shanghai.aliyuncs.com', site: 'China' },
    login: {
      kind: 'keys',
      from: 'inputs',
      credentials: { accessKeyId: 'LTAI-id', accessKeySecret: 'key-secret' },
    },
    allowedAccountIds: [],
    rehearsal: false,
    jobSummary: true,
  })
})
