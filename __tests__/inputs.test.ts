import { INPUT_DEFAULTS, inputGiven } from '../src/inputs/declared.ts'
import { parseInputs } from '../src/inputs.ts'
import { env, inputsOf, problemsOf, world } from './support/inputReading.ts'

/** All inputs together, and those that are one number, word or host. */

test('with a task and keys alone, all defaults hold', () => {
  expect(inputsOf({})).toEqual({
    waitFor: { kind: 'tasks', ids: ['282832'] },
    policy: { deadlineMs: 7_200_000, minDelayMs: 3_000, maxDelayMs: 60_000, maxConsecutiveErrors: 15 },
    failOn: ['alerts', 'scan-failed', 'timed-out', 'unavailable', 'incomplete'],
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

test('an input that is looked at before all are read is trimmed like the others, and empty where it is unset', () => {
  expect(inputGiven(env({ 'report-file': ' report.json\n' }), 'report-file')).toBe('report.json')
  expect(inputGiven({}, 'report-file')).toBe('')
})

test('an input that is unset and one that is blank are the same', () => {
  const blank = Object.fromEntries(Object.keys(INPUT_DEFAULTS).map((name) => [name, '  ']))
  expect(
    inputsOf({ ...blank, 'task-id': '282832', 'access-key-id': 'LTAI-id', 'access-key-secret': 'key-secret' }),
  ).toEqual(inputsOf({}))
})

test('every default is a value that the input itself accepts', () => {
  const explicit = Object.fromEntries(Object.entries(INPUT_DEFAULTS).filter(([, value]) => value !== ''))
  expect(inputsOf(explicit)).toEqual(inputsOf({}))
})

describe('numbers', () => {
  test('decimals are allowed', () => {
    expect(
      inputsOf({ 'timeout-minutes': '0.5', 'min-poll-seconds': '0.05', 'max-poll-seconds': '1.25' }).policy,
    ).toEqual({
      deadlineMs: 30_000,
      minDelayMs: 50,
      maxDelayMs: 1_250,
      maxConsecutiveErrors: 15,
    })
  })
  test('max-consecutive-errors may be 0', () => {
    expect(inputsOf({ 'max-consecutive-errors': '0' }).policy.maxConsecutiveErrors).toBe(0)
  })
  test.each([
    ...[
      'NaN',
      'Infinity',
      '5 minutes',
      '-1',
      '+5',
      '1e3',
      '0x10',
      '1,5',
      '５',
      '.5',
      '5.',
      '1_0',
      'abc',
      '9'.repeat(400),
    ].flatMap((text) => [
      ['timeout-minutes', text],
      ['min-poll-seconds', text],
      ['max-poll-seconds', text],
      ['max-consecutive-errors', text],
    ]),
    ['timeout-minutes', '0'],
    ['timeout-minutes', '0.0'],
    ['timeout-minutes', '1440.1'],
    ['min-poll-seconds', '0.04'],
    ['max-poll-seconds', '86401'],
    ['max-consecutive-errors', '1.5'],
    ['max-consecutive-errors', '1001'],
  ])('%s: %s is refused, with value and range', (name, text) => {
    const problems = problemsOf({ [name as string]: text as string })
    expect(problems[0]).toMatch(new RegExp(`^${name}: `))
    expect(problems[0]).toContain(text)
    expect(problems[0]).toMatch(/is allowed|from 0 to 1000/)
  })
  test('a minimum above the maximum shows both', () => {
    expect(problemsOf({ 'min-poll-seconds': '61' })).toEqual(['max-poll-seconds: 60 is below min-poll-seconds (61)'])
  })
})

describe('fail-on', () => {
  test.each([
    ['none', []],
    ['ANY', ['alerts', 'scan-failed', 'timed-out', 'unavailable', 'incomplete']],
    ['scan-failed, timed-out', ['scan-failed', 'timed-out']],
    ['Unavailable\nunavailable', ['unavailable']],
  ])('%j', (text, words) => {
    expect(inputsOf({ 'fail-on': text }).failOn).toEqual(words)
  })
  test.each(['passed', 'denied', 'scan_failed', 'everything', 'any, alerts', 'none timed-out', ','])(
    '%s is refused',
    (text) => {
      expect(problemsOf({ 'fail-on': text })).toEqual([
        expect.stringMatching(/^fail-on: .* allowed is any, none, or a list of alerts, /),
      ])
    },
  )
})

test('fail-on names the word that is wrong, and says which always fail', () => {
  expect(problemsOf({ 'fail-on': 'timed-out, scan_failed' })).toEqual([
    expect.stringMatching(/^fail-on: scan_failed is not a word of fail-on: /),
  ])
  expect(problemsOf({ 'fail-on': 'timed-out, denied' })).toEqual([
    expect.stringMatching(/^fail-on: denied always fails the job, leave it out: /),
  ])
})

describe('booleans', () => {
  test.each([
    ['True', true],
    ['FALSE', false],
  ])('%s', (text, value) => {
    expect(inputsOf({ 'job-summary': text }).jobSummary).toBe(value)
  })
  test.each(['yess', 'yes', '1', 'on', 'wahr'])('%s is refused', (text) => {
    expect(problemsOf({ 'job-summary': text })).toEqual([`job-summary: ${text} is neither true nor false`])
    expect(problemsOf({ rehearsal: text })).toEqual([`rehearsal: ${text} is neither true nor false`])
  })
})

describe('the cloud', () => {
  test('region-id wins over the variable, the variable over the default', () => {
    const host = (changes: Record<string, string>) => inputsOf(changes).endpoint.host
    expect(host({ ALIBABA_CLOUD_REGION_ID: 'us-east-1' })).toBe('tds.ap-southeast-1.aliyuncs.com')
    expect(host({ ALIBABA_CLOUD_REGION_ID: 'us-east-1', 'region-id': 'cn-beijing' })).toBe(
      'tds.cn-shanghai.aliyuncs.com',
    )
    expect(host({ ALIBABA_CLOUD_REGION_ID: '' })).toBe('tds.cn-shanghai.aliyuncs.com')
  })
  test('a bad region names where it came from', () => {
    expect(problemsOf({ 'region-id': 'shanghai' })).toEqual([
      expect.stringMatching(/^region-id: shanghai is not a region id/),
    ])
    expect(problemsOf({ ALIBABA_CLOUD_REGION_ID: 'shanghai' })).toEqual([
      expect.stringMatching(/^ALIBABA_CLOUD_REGION_ID: shanghai/),
    ])
  })
  test('a rehearsal needs an endpoint', () => {
    expect(problemsOf({ rehearsal: 'true' })).toEqual([
      expect.stringMatching(/^endpoint is empty: rehearsal: true needs/),
    ])
    expect(inputsOf({ rehearsal: 'true', endpoint: '127.0.0.1:80' })).toMatchObject({
      rehearsal: true,
      endpoint: { site: 'rehearsal' },
    })
  })
  test('a real host is refused in a rehearsal, and loopback outside of one', () => {
    expect(problemsOf({ rehearsal: 'true', endpoint: 'tds.aliyuncs.com' })).toEqual([
      expect.stringMatching(/^endpoint: tds.aliyuncs.com is not on loopback/),
    ])
    expect(problemsOf({ endpoint: 'http://127.0.0.1:8080' })).toEqual([expect.stringMatching(/needs rehearsal: true/)])
  })
  test('an endpoint with a password in it is refused without being repeated', () => {
    expect(problemsOf({ endpoint: 'https://user:hunter2@tds.aliyuncs.com' })).toEqual([
      expect.not.stringContaining('hunter2'),
    ])
  })
  test('TLS that is not checked is refused', () => {
    expect(problemsOf({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toEqual([
      expect.stringMatching(/^NODE_TLS_REJECT_UNAUTHORIZED: 0 .*unset it/),
    ])
    expect(problemsOf({ NODE_TLS_REJECT_UNAUTHORIZED: '1' })).toEqual([])
  })
})

describe('undeclared inputs', () => {
  test.each([
    ['taskid', 'task-id'],
    ['task_id', 'task-id'],
    ['task-ids', 'task-id'],
    ['fail_on', 'fail-on'],
    ['failon', 'fail-on'],
    ['timeout', 'timeout-minutes'],
    ['timeout-minute', 'timeout-minutes'],
    ['job_summary', 'job-summary'],
    ['access-key', 'access-key-id'],
  ])('%s is refused: did you mean %s', (name, meant) => {
    const problems = problemsOf({ [`INPUT_${name.toUpperCase()}`]: 'x' })
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name} is not an input of this action, `))])
    expect(problems[0]).toContain(`did you mean ${meant} `)
  })
  test('a name that is near nothing gets the list', () => {
    expect(problemsOf({ INPUT_COLOUR: 'serious' })).toEqual([
      expect.stringContaining('the inputs are task-id, targets, wait, timeout-minutes, '),
    ])
  })
  test('the hint names the other cause: a variable of the job', () => {
    expect(problemsOf({ INPUT_TASKID: '' })).toEqual([
      expect.stringMatching(/an env: of the job or workflow sets a variable of that name with INPUT_ in front/),
    ])
  })
})

test('all problems come together, in the order of the inputs', () => {
  const problems = problemsOf({
    INPUT_TASKS: '1',
    'job-summary': 'maybe',
    rehearsal: 'maybe',
    'access-key-secret': '',
    endpoint: 'evil.example',
    'region-id': 'shanghai',
    'fail-on': 'everything',
    'max-consecutive-errors': 'many',
    'max-poll-seconds': 'x',
    'min-poll-seconds': 'x',
    'timeout-minutes': 'x',
    'task-id': 'x',
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
  })
  expect(problems.map((problem) => /^[A-Za-z_-]+/.exec(problem)?.[0])).toEqual([
    'task-id',
    'timeout-minutes',
    'min-poll-seconds',
    'max-poll-seconds',
    'max-consecutive-errors',
    'fail-on',
    'region-id',
    'endpoint',
    'access-key-secret',
    'rehearsal',
    'job-summary',
    'NODE_TLS_REJECT_UNAUTHORIZED',
    'tasks',
  ])
})

test('what could be read is handed on although the rest is bad', () => {
  expect(
    parseInputs(env({ 'job-summary': 'false', 'fail-on': 'x', rehearsal: 'true', endpoint: '127.0.0.1' }), world),
  ).toMatchObject({
    kind: 'invalid',
    taskIds: ['282832'],
    jobSummary: false,
    rehearsal: true,
  })
})
