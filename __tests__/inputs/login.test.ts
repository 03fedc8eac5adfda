import { INPUT_DEFAULTS } from '../../src/inputs/declared.ts'
import { readWorkflowRun } from '../../src/inputs/workflowRun.ts'
import { parseInputs } from '../../src/inputs.ts'
import { inputWorld } from '../support/inputWorld.ts'

/** The account: which way of logging in, and with what. */

const ACCOUNT = '1234567890123456'
const ROLE = `acs:ram::${ACCOUNT}:role/scan-gate`
const PROVIDER = `acs:ram::${ACCOUNT}:oidc-provider/GitHub`
const TOKENS = { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x/?y', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token' }
const KEYS = { 'access-key-id': 'LTAI-id', 'access-key-secret': 'key-secret' }
const KEYLESS = { ...TOKENS, 'role-to-assume': ROLE, 'oidc-provider-arn': PROVIDER }
const ECS = { 'ecs-ram-role': 'runner' }
const AMBIENT = { ALIBABA_CLOUD_ACCESS_KEY_ID: 'STS.env', ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'env-secret' }
const REHEARSAL = { rehearsal: 'true', endpoint: '127.0.0.1:8080' }

type Changes = Readonly<Record<string, string>>

function read(changes: Changes, run: Changes = { GITHUB_REPOSITORY: 'example/app', GITHUB_RUN_ID: '42' }, event = {}) {
  const entries = Object.entries(changes).map(([name, value]) => [
    /^[a-z-]+$/.test(name) ? `INPUT_${name.toUpperCase()}` : name,
    value,
  ])
  const world = inputWorld({}, { run: () => readWorkflowRun(run, event) })
  return parseInputs({ 'INPUT_TASK-ID': '282832', ...Object.fromEntries(entries) }, world)
}

function inputsOf(changes: Changes, run?: Changes) {
  const reading = read(changes, run)
  if (reading.kind === 'invalid')
    throw new Error(reading.problems.map(({ name, text }) => `${name} ${text}`).join('\n'))
  return reading.inputs
}

function problemsOf(changes: Changes, run?: Changes, event?: object): readonly string[] {
  const reading = read(changes, run, event)
  return reading.kind === 'ok'
    ? []
    : reading.problems.map(({ name, value, text }) => `${name}${value === undefined ? '' : `: ${value}`} ${text}`)
}

describe('keyless', () => {
  test('with both ARNs, all defaults hold', () => {
    const { login, sts, allowedAccountIds } = inputsOf(KEYLESS)
    expect(login).toEqual({
      kind: 'role',
      roleArn: ROLE,
      providerArn: PROVIDER,
      sessionName: 'example.app-42',
      durationSeconds: 1_800,
      audience: 'sts.aliyuncs.com',
    })
    expect(sts).toEqual({ url: 'https://sts.aliyuncs.com', host: 'sts.aliyuncs.com', site: expect.any(String) })
    expect(allowedAccountIds).toEqual([])
  })

  test('all of it can be said', () => {
    const { login } = inputsOf({
      ...KEYLESS,
      'role-session-name': 'gate@prod_1.x-y',
      'role-session-expiration': '43200',
      audience: 'github-actions',
    })
    expect(login).toMatchObject({
      sessionName: 'gate@prod_1.x-y',
      durationSeconds: 43_200,
      audience: 'github-actions',
    })
  })

  test.each([
    {
      name: 'the role alone',
      changes: { 'oidc-provider-arn': '' },
      problems: [/^oidc-provider-arn is empty, but role-to-assume is given: keyless login needs both ARNs$/],
    },
    {
      name: 'the provider alone',
      changes: { 'role-to-assume': '' },
      problems: [/^role-to-assume is empty, but oidc-provider-arn is given: keyless login needs both ARNs$/],
    },
    {
      name: 'the name of a role',
      changes: { 'role-to-assume': 'scan-gate' },
      problems: [/^role-to-assume: scan-gate is not the ARN in full, such as acs:ram::\d+:role\/scan-gate$/],
    },
    {
      name: 'a user',
      changes: { 'role-to-assume': `acs:ram::${ACCOUNT}:user/x` },
      problems: [/^role-to-assume: acs:ram::\d+:user\/x is not the ARN/],
    },
    {
      name: 'a role for a provider',
      changes: { 'oidc-provider-arn': ROLE },
      problems: [/^oidc-provider-arn: .* is not the ARN in full, such as acs:ram::\d+:oidc-provider\/GitHub$/],
    },
    {
      name: 'a provider with a line break',
      changes: { 'oidc-provider-arn': `${PROVIDER}\nx` },
      problems: [/^oidc-provider-arn: /],
    },
    {
      name: 'a provider of 129 characters',
      changes: { 'oidc-provider-arn': `acs:ram::1:oidc-provider/${'p'.repeat(129)}` },
      problems: [/^oidc-provider-arn: /],
    },
    { name: 'an empty account', changes: { 'role-to-assume': 'acs:ram:::role/x' }, problems: [/^role-to-assume: /] },
    ...['a', 'n'.repeat(65), 'with space', 'slash/y', 'ünï', 'a:b', 'a\nb'].map((text) => ({
      name: `the session name ${JSON.stringify(text)}`,
      changes: { 'role-session-name': text },
      problems: [/^role-session-name: [\s\S]* is not a session name: 2 to 64 of the characters A-Z a-z 0-9 \. @ _ -$/],
    })),
    ...['899', '43201', '30m', '1800.5', '-1800', '1e3', '0'].map((text) => ({
      name: `an expiration of ${text}`,
      changes: { 'role-session-expiration': text },
      problems: [/^role-session-expiration: \S+ is not a whole number from 900 to 43200 \(seconds\)$/],
    })),
    ...['with space', 'ünï', 'a'.repeat(256), 'a\nb'].map((text) => ({
      name: `the audience ${JSON.stringify(text.slice(0, 12))}`,
      changes: { audience: text },
      problems: [/^audience: [\s\S]* is not an audience: .*such as sts\.aliyuncs\.com$/],
    })),
    {
      name: 'everything at once',
      changes: {
        'role-to-assume': 'x',
        'oidc-provider-arn': 'y',
        'role-session-name': 'z',
        'role-session-expiration': '1',
        audience: ' a b ',
      },
      problems: [
        /^role-to-assume: x/,
        /^oidc-provider-arn: y/,
        /^role-session-name: z/,
        /^role-session-expiration: 1/,
        /^audience: a b/,
      ],
    },
  ])('$name is refused', ({ changes, problems }) => {
    expect(problemsOf({ ...KEYLESS, ...changes })).toEqual(problems.map((problem) => expect.stringMatching(problem)))
  })

  test.each([
    { 'role-session-name': 'ab' },
    { 'role-session-name': 'n'.repeat(64) },
    { 'role-session-expiration': '900' },
    { audience: 'a'.repeat(255) },
    { audience: 'https://github.com/example?x=1' },
    { 'oidc-provider-arn': `acs:ram::1:oidc-provider/${'p'.repeat(128)}` },
  ])('%j is fine', (changes) => {
    expect(problemsOf({ ...KEYLESS, ...(changes as unknown as Changes) })).toEqual([])
  })

  test.each(['http://tokens.example/?y', 'ftp://127.0.0.1/', 'tokens.example'])(
    'a token service at %s is not asked: the request holds a secret',
    (url) => {
      expect(problemsOf({ ...KEYLESS, ACTIONS_ID_TOKEN_REQUEST_URL: url })).toEqual([
        expect.stringMatching(/^ACTIONS_ID_TOKEN_REQUEST_URL is no https address, /),
      ])
    },
  )

  test.each(['ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'])(
    'without %s the job may not ask for a token',
    (name) => {
      expect(problemsOf({ ...KEYLESS, [name]: '' })).toEqual([
        `role-to-assume: ${ROLE} needs an OIDC token of GitHub, and this job may not ask for one: give the job permissions: id-token: write`,
      ])
    },
  )

  test('on a pull request from a fork, the problem says who keeps the token back', () => {
    const { ACTIONS_ID_TOKEN_REQUEST_TOKEN: _, ...changes } = KEYLESS
    const event = {
      pull_request: { head: { repo: { full_name: 'x/app' } }, base: { repo: { full_name: 'example/app' } } },
    }
    expect(problemsOf(changes, { GITHUB_EVENT_NAME: 'pull_request' }, event)).toEqual([
      expect.stringMatching(/id-token: write \(GitHub gives no secrets and no OIDC tokens to pull requests from forks/),
    ])
  })

  test('who logs in with keys needs no token', () => {
    const { ACTIONS_ID_TOKEN_REQUEST_URL: _, ACTIONS_ID_TOKEN_REQUEST_TOKEN: __, ...changes } = KEYLESS
    expect(problemsOf({ ...changes, ...KEYS })).toEqual([])
    // What is given all the same must be well-formed.
    expect(problemsOf({ ...changes, ...KEYS, 'role-to-assume': 'x' })).toEqual([
      expect.stringMatching(/^role-to-assume: x is not the ARN/),
    ])
  })
})

describe('the name of the session leads back to the run', () => {
  const nameOf = (repository: string, runId: string) => {
    const { login } = inputsOf(KEYLESS, { GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: runId })
    return login.kind === 'role' ? login.sessionName : undefined
  }

  test.each([
    ['example/app', '42', 'example.app-42'],
    ['Ex-ample/a_p.p', '9876543210', 'Ex-ample.a_p.p-9876543210'],
    ['example/app', '', 'example.app'],
    ['', '42', '-42'],
    ['', '', 'virus-scan-gate'],
    ['a', '', 'virus-scan-gate'],
    ['exämple/日本', '1', 'ex.mple...-1'],
    [`${'o'.repeat(39)}/${'r'.repeat(100)}`, '12345678901', `${'o'.repeat(39)}.${'r'.repeat(12)}-12345678901`],
    ['example/app', '9'.repeat(62), `${'e'}-${'9'.repeat(62)}`],
    ['example/app', '9'.repeat(80), 'virus-scan-gate'],
    ['example/app', '4 2', 'virus-scan-gate'],
  ])('%s, run %s', (repository, runId, name) => {
    expect(nameOf(repository, runId)).toBe(name)
    expect(name).toMatch(/^[A-Za-z0-9.@_-]{2,64}$/)
  })
})

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
