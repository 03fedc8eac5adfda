import { secretsIn } from '../../src/inputs.ts'
import { env, inputsOf, problemsOf } from '../support/inputReading.ts'

/** Keys that are given or found, which way wins, and that no problem repeats one. */

describe('credentials', () => {
  const credentialsOf = (changes: Readonly<Record<string, string>>) => {
    const { login } = inputsOf(changes)
    return login.kind === 'keys' ? login.credentials : undefined
  }
  const none = { 'access-key-id': '', 'access-key-secret': '' }
  const ambient = {
    ALIBABA_CLOUD_ACCESS_KEY_ID: 'STS.id',
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'sts-secret',
    ALIBABA_CLOUD_SECURITY_TOKEN: 'sts-token',
  }

  test('explicit keys win, and the token of the environment is not mixed in', () => {
    expect(credentialsOf(ambient)).toEqual({ accessKeyId: 'LTAI-id', accessKeySecret: 'key-secret' })
  })
  test('explicit session keys', () => {
    expect(credentialsOf({ 'security-token': 'token' })).toEqual({
      accessKeyId: 'LTAI-id',
      accessKeySecret: 'key-secret',
      securityToken: 'token',
    })
  })
  test("else the environment's", () => {
    expect(credentialsOf({ ...none, ...ambient })).toEqual({
      accessKeyId: 'STS.id',
      accessKeySecret: 'sts-secret',
      securityToken: 'sts-token',
    })
    expect(credentialsOf({ ...none, ...ambient, ALIBABA_CLOUD_SECURITY_TOKEN: '' })).not.toHaveProperty('securityToken')
  })
  test('a line break at the end, as secrets often have, is cut off', () => {
    expect(credentialsOf({ 'access-key-secret': 'key-secret\n' })?.accessKeySecret).toBe('key-secret')
  })
  test.each([
    {
      name: 'half a pair',
      changes: { 'access-key-secret': '' },
      problem: /^access-key-secret is empty, but access-key-id and access-key-secret are needed together/,
    },
    { name: 'the other half', changes: { 'access-key-id': '' }, problem: /^access-key-id is empty, but/ },
    {
      name: 'half a pair in the environment',
      changes: { ...none, ALIBABA_CLOUD_ACCESS_KEY_ID: 'STS.id' },
      problem: /^ALIBABA_CLOUD_ACCESS_KEY_SECRET is empty, but/,
    },
    {
      name: 'a broken key',
      changes: { 'access-key-secret': 'key\nsecret' },
      problem: /^access-key-secret has a character in it/,
    },
    {
      name: 'nothing at all',
      changes: none,
      problem: /^role-to-assume is empty and no other credentials were found: .*ALIBABA_CLOUD_ACCESS_KEY_ID/,
    },
  ])('$name is refused', ({ changes, problem }) => {
    expect(problemsOf(changes)).toEqual([expect.stringMatching(problem)])
  })
  test('an explicit half is not completed from the environment', () => {
    expect(problemsOf({ ...ambient, 'access-key-secret': '' })).toEqual([
      expect.stringMatching(/^access-key-secret is empty, but/),
    ])
  })
  test('a token alone is refused', () => {
    expect(problemsOf({ ...none, 'security-token': 'token' })).toHaveLength(2)
  })
  test('no problem repeats a secret', () => {
    const text = problemsOf({
      'access-key-id': 'id with space',
      'access-key-secret': 'secret with space',
      'security-token': 'tökén',
    }).join('\n')
    expect(text).not.toMatch(/with space|tökén/)
  })
  test.each(['region-id', 'endpoint', 'task-id', 'fail-on', 'role-session-name', 'allowed-account-ids'])(
    'no problem repeats one that was given as %s as well',
    (name) => {
      const text = problemsOf({ [name]: 'not good: key-secret' }).join('\n')
      expect(text).toMatch(name)
      expect(text).not.toContain('key-secret')
    },
  )
  test.each([
    ['fail-on', 'Key-Secret,1', /key-secret/i],
    ['task-id', 'Key-Secret,1', /key-secret/i],
    ['allowed-account-ids', 'x Key-Secret,1', /key-secret/i],
  ])('nor a part of one, nor one in lower case: %s', (name, given, part) => {
    const text = problemsOf({ 'access-key-secret': 'Key-Secret,1', [name]: given }).join('\n')
    expect(text).toMatch(name)
    expect(text).not.toMatch(part)
  })
  test('secrets are known before anything is parsed', () => {
    expect(secretsIn(env({ ...ambient, 'security-token': ' token ', 'task-id': 'abc' }))).toEqual([
      'LTAI-id',
      'key-secret',
      'token',
      'STS.id',
      'sts-secret',
      'sts-token',
    ])
  })
})
