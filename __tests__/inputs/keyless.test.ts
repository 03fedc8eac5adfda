import { ACCOUNT, type Changes, inputsOf, KEYLESS, KEYS, PROVIDER, problemsOf, ROLE } from '../support/loginReading.ts'

/** Logging in with GitHub's OIDC token: the two ARNs, the session and its name. */

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
