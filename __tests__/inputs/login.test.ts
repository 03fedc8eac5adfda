import { INPUT_DEFAULTS } from '../../src/inputs/declared.ts'
import {
  ACCOUNT,
  AMBIENT,
  type Changes,
  ECS,
  inputsOf,
  KEYLESS,
  KEYS,
  PROVIDER,
  problemsOf,
  REHEARSAL,
  ROLE,
  TOKENS,
} from '../support/loginReading.ts'

/** The account: which way of logging in is tried, which accounts are let in, and where STS is asked. */

describe('the first way that is configured is the only one tried', () => {
  test.each<[string, Changes, object]>([
    ['keys before all', { ...KEYS, ...KEYLESS, ...ECS, ...AMBIENT }, { kind: 'keys', from: 'inputs' }],
    ['then keyless', { ...KEYLESS, ...ECS, ...AMBIENT }, { kind: 'role' }],
    ['then the role of an instance', { ...ECS, ...AMBIENT }, { kind: 'ecs-role', role: 'runner' }],
    ['then the environment', AMBIENT, { kind: 'keys', from: 'environment' }],
  ])('%s', (_, changes, login) => {
    expect(inputsOf(changes).login).toMatchObject(login)
  })

  test.each([
    [
      'half a key does not fall back on a role',
      { ...KEYLESS, 'access-key-id': 'LTAI-id' },
      /^access-key-secret is empty/,
    ],
    ['nor on an instance', { ...ECS, 'access-key-secret': 'x' }, /^access-key-id is empty/],
    ['a token alone is half a key', { ...AMBIENT, 'security-token': 'x' }, /^access-key-id is empty/],
    [
      'half of keyless does not fall back on an instance',
      { ...TOKENS, ...ECS, 'role-to-assume': ROLE },
      /^oidc-provider/,
    ],
    [
      'nor on the environment',
      { ...TOKENS, ...AMBIENT, 'oidc-provider-arn': PROVIDER },
      /^role-to-assume is empty, but/,
    ],
    ['an instance does not fall back on the environment', { ...AMBIENT, 'ecs-ram-role': 'a/b' }, /^ecs-ram-role: a\/b/],
  ])('%s', (_, changes, problem) => {
    expect(problemsOf(changes as unknown as Changes)[0]).toMatch(problem)
  })

  test('a broken environment does not matter where it is not used', () => {
    const half = { ALIBABA_CLOUD_ACCESS_KEY_ID: 'STS.env' }
    for (const way of [KEYS, KEYLESS, ECS]) expect(problemsOf({ ...half, ...way })).toEqual([])
    expect(problemsOf(half)).toEqual([expect.stringMatching(/^ALIBABA_CLOUD_ACCESS_KEY_SECRET is empty/)])
  })

  test('with none of them, all ways are shown once', () => {
    expect(problemsOf({})).toEqual([
      expect.stringMatching(
        /^role-to-assume is empty .*role-to-assume and oidc-provider-arn \(keyless\), ecs-ram-role .*access-key-id and access-key-secret, .*ALIBABA_CLOUD_ACCESS_KEY_ID/,
      ),
    ])
  })
})

describe('the role of an instance', () => {
  test.each([
    ['auto', 'auto'],
    ['AUTO', 'auto'],
    ['Runner.role-1_x', 'Runner.role-1_x'],
    ['r'.repeat(64), 'r'.repeat(64)],
  ])('%s', (text, role) => {
    expect(inputsOf({ 'ecs-ram-role': text }).login).toEqual({ kind: 'ecs-role', role })
  })
  test.each([ROLE, 'a b', '../x', 'r'.repeat(65), 'rölle', 'a?b'])('not %s', (text) => {
    expect(problemsOf({ 'ecs-ram-role': text })).toEqual([
      `ecs-ram-role: ${text} is not the name of a RAM role (its name alone, no ARN), nor auto`,
    ])
  })
})

describe('accounts', () => {
  test.each([
    [ACCOUNT, [ACCOUNT]],
    [`${ACCOUNT}, 2 3\n4,,${ACCOUNT}`, [ACCOUNT, '2', '3', '4']],
    ['12345678901234567890', ['12345678901234567890']],
  ])('%j', (text, ids) => {
    expect(inputsOf({ ...KEYS, 'allowed-account-ids': text }).allowedAccountIds).toEqual(ids)
  })
  test('each that is none is refused', () => {
    expect(problemsOf({ ...KEYS, 'allowed-account-ids': `prod ${ACCOUNT} 123456789012345678901 -1` })).toEqual([
      expect.stringMatching(/^allowed-account-ids: prod is not an account id: it looks like 1234567890123456$/),
      expect.stringMatching(/^allowed-account-ids: 123456789012345678901 is/),
      expect.stringMatching(/^allowed-account-ids: -1 is/),
    ])
  })
  test.each([',', ' , ,', ',\n,'])('%j is no list: it would let any account in', (text) => {
    expect(problemsOf({ ...KEYS, 'allowed-account-ids': text })).toEqual([
      `allowed-account-ids: ${text.trim()} has no account id in it`,
    ])
  })
})

describe('where STS is asked', () => {
  test.each([
    ['sts.cn-beijing.aliyuncs.com', 'https://sts.cn-beijing.aliyuncs.com'],
    ['https://sts-vpc.cn-hangzhou.aliyuncs.com', 'https://sts-vpc.cn-hangzhou.aliyuncs.com'],
  ])('%s', (text, url) => {
    expect(inputsOf({ ...KEYLESS, 'sts-endpoint': text }).sts?.url).toBe(url)
  })

  test.each([
    'evil.example',
    'sts.aliyuncs.com.evil.example',
    'http://sts.aliyuncs.com',
    '127.0.0.1:8080',
    'https://sts.aliyuncs.com/path',
  ])('not %s, whether it is used or not', (text) => {
    for (const way of [KEYLESS, KEYS, ECS, AMBIENT]) {
      expect(problemsOf({ ...way, 'sts-endpoint': text })).toEqual([
        expect.stringMatching(new RegExp(`^sts-endpoint: ${text} `)),
      ])
    }
  })

  test('what may hold a secret is not repeated', () => {
    for (const text of [
      'https://user:hunter2@sts.aliyuncs.com',
      'sts.aliyuncs.com?x=hunter2',
      'sts.aliyuncs.com#hunter2',
    ]) {
      const problems = problemsOf({ ...KEYLESS, 'sts-endpoint': text }).join()
      expect(problems).toMatch(/^sts-endpoint is not an endpoint/)
      expect(problems).not.toContain('hunter2')
    }
  })

  test.each([
    ['keys of any account', KEYS, undefined],
    ['an instance of any account', ECS, undefined],
    ['keys of one account', { ...KEYS, 'allowed-account-ids': ACCOUNT }, 'https://sts.aliyuncs.com'],
    ['an instance of one account', { ...ECS, 'allowed-account-ids': ACCOUNT }, 'https://sts.aliyuncs.com'],
    ['a role', KEYLESS, 'https://sts.aliyuncs.com'],
  ])('is known where it is asked: %s', (_, changes, url) => {
    expect(inputsOf(changes as unknown as Changes).sts?.url).toBe(url)
  })

  test('a rehearsal with a role needs one on loopback', () => {
    expect(problemsOf({ ...KEYLESS, ...REHEARSAL })).toEqual([
      expect.stringMatching(/^sts-endpoint: sts\.aliyuncs\.com is not on loopback/),
    ])
    const { sts } = inputsOf({ ...KEYLESS, ...REHEARSAL, 'sts-endpoint': '127.0.0.1:9090' })
    expect(sts).toEqual({ url: 'http://127.0.0.1:9090', host: '127.0.0.1:9090', site: 'rehearsal' })
  })

  test('so does one that asks whose keys they are, and no other', () => {
    expect(problemsOf({ ...KEYS, ...REHEARSAL, 'allowed-account-ids': ACCOUNT })).toHaveLength(1)
    const { sts } = inputsOf({ ...KEYS, ...REHEARSAL, 'sts-endpoint': 'sts.cn-beijing.aliyuncs.com' })
    expect(sts).toBeUndefined()
  })
})

test('all problems come in the order of the inputs', () => {
  const bad: Changes = {
    'tracking-issue': 'x',
    rehearsal: 'maybe',
    'allowed-account-ids': 'x',
    'ecs-ram-role': 'a b',
    'sts-endpoint': 'x',
    audience: 'a b',
    'role-session-expiration': 'x',
    'role-session-name': 'x',
    'oidc-provider-arn': 'x',
    'role-to-assume': 'x',
    'security-token': 'a b',
    'access-key-secret': 'a b',
    'access-key-id': 'a b',
    endpoint: 'x',
    'region-id': 'x',
    'max-poll-seconds': 'x',
  }
  const names = problemsOf(bad).map((problem) => /^[a-z-]+/.exec(problem)?.[0])
  const order = Object.keys(INPUT_DEFAULTS)
  expect(names).toEqual(order.filter((name) => name in bad))
})

test('the inputs of the account are declared in the order of the contract', () => {
  const names = Object.keys(INPUT_DEFAULTS)
  expect(names.slice(names.indexOf('region-id'), names.indexOf('rehearsal') + 1)).toEqual([
    'region-id',
    'endpoint',
    'access-key-id',
    'access-key-secret',
    'security-token',
    'role-to-assume',
    'oidc-provider-arn',
    'role-session-name',
    'role-session-expiration',
    'audience',
    'sts-endpoint',
    'ecs-ram-role',
    'allowed-account-ids',
    'rehearsal',
  ])
})

test('the variables that stand for an input are told in its place', () => {
  const names = problemsOf({ ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'a b', 'region-id': 'x', audience: 'a b' }).map(
    (problem) => /^[A-Za-z_-]+/.exec(problem)?.[0],
  )
  expect(names).toEqual(['region-id', 'ALIBABA_CLOUD_ACCESS_KEY_ID', 'ALIBABA_CLOUD_ACCESS_KEY_SECRET', 'audience'])
})

test('no problem repeats a secret', () => {
  const text = problemsOf({
    ...TOKENS,
    'access-key-id': 'marked id',
    'access-key-secret': 'marked secret',
    'security-token': 'marked token',
    'role-to-assume': 'x',
  }).join('\n')
  expect(text).not.toMatch(/marked|request-token/)
  expect(text).toMatch(/access-key-id has a character/)
})
