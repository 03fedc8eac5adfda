import { success } from '../../src/emulator/answers.ts'
import { type Keys, OWN_KEYS, POLICY, stand } from '../support/stsStand.ts'

/** What a session is good for, until when, and whose it is. */

describe('a session', () => {
  test('signs calls, with its token', () => {
    const { assume, call } = stand()
    const keys: Keys = assume().Credentials
    expect(call(keys)).toMatchObject({ status: 200, ScanTaskProgress: 'Processing' })
    const { SecurityToken: _, ...bare } = keys
    expect(call(bare)).toMatchObject({ Code: 'MissingSecurityToken' })
    expect(call({ ...keys, SecurityToken: 'x' })).toMatchObject({ Code: 'InvalidSecurityToken.MismatchWithAccessKey' })
    expect(call({ ...keys, AccessKeySecret: 'x' })).toMatchObject({ Code: 'SignatureDoesNotMatch' })
    expect(call({ ...keys, AccessKeyId: 'x' })).toMatchObject({ Code: 'InvalidAccessKeyId.NotFound' })
    expect(call({ ...keys, SecurityToken: assume().Credentials.SecurityToken })).toMatchObject({
      Code: 'InvalidSecurityToken.MismatchWithAccessKey',
    })
  })

  test('ends, and another goes on', () => {
    const { assume, call, clock } = stand({ sessionMs: 4_000 })
    const keys: Keys = assume().Credentials
    clock.now += 3_999
    expect(call(keys).status).toBe(200)
    const next: Keys = assume().Credentials
    clock.now += 1
    expect(call(keys)).toMatchObject({ status: 400, Code: 'InvalidSecurityToken.Expired' })
    expect(call(next).status).toBe(200)
  })

  test('may end early, long before its Expiration', () => {
    const { assume, call } = stand({ endsAfterCalls: [undefined, 2] })
    const [first, second, third]: readonly Keys[] = [assume(), assume(), assume()].map((told) => told.Credentials)
    const answers = (keys: Keys = OWN_KEYS) => [1, 2, 3].map(() => call(keys).Code ?? 'good')
    expect(answers(first)).toEqual(['good', 'good', 'good'])
    expect(answers(second)).toEqual(['good', 'good', 'InvalidSecurityToken.Expired'])
    expect(answers(third)).toEqual(['good', 'good', 'good'])
  })

  test('that an earlier step opened may end likewise', () => {
    const account = { accessKeyId: 'id', accessKeySecret: 'secret', securityToken: 'token', endsAfterCalls: 1 }
    const { call } = stand({}, { account })
    const keys = { ...OWN_KEYS, SecurityToken: 'token' }
    expect([call(keys), call(keys)].map(({ Code }) => Code)).toEqual([undefined, 'InvalidSecurityToken.Expired'])
  })

  test.each([
    { what: 'what its policy allows', policy: {}, status: 200 },
    { what: 'not another action', policy: { Action: 'yundun-sas:StartVirusScanTask' }, status: 403 },
    { what: 'not one of another product', policy: { Action: 'sas:DescribeScanTaskProgress' }, status: 403 },
    { what: 'not what is denied', policy: { Effect: 'Deny' }, status: 403 },
    { what: 'not what is allowed for one server', policy: { Resource: 'acs:yundun-sas:*:*:asset/1' }, status: 403 },
    { what: 'all of the product', policy: { Action: 'yundun-sas:*' }, status: 200 },
  ])('may do $what', ({ policy, status }) => {
    const { assume, call } = stand()
    const statement = { Effect: 'Allow', Action: ['yundun-sas:DescribeScanTaskProgress'], Resource: ['*'], ...policy }
    const { Credentials } = assume({ Policy: JSON.stringify({ Version: '1', Statement: [statement] }) })
    expect(call(Credentials)).toMatchObject(status === 200 ? { status } : { status, Code: 'NoPermission' })
  })

  test('is denied what one statement allows and another denies', () => {
    const { assume, call } = stand()
    const all = { Effect: 'Allow', Action: '*', Resource: '*' }
    const but = { Effect: 'Deny', Action: 'yundun-sas:Describe*', Resource: '*' }
    const { Credentials } = assume({ Policy: JSON.stringify({ Version: '1', Statement: [all, but] }) })
    expect(call(Credentials)).toMatchObject({ status: 403, Code: 'NoPermission' })
  })
})

describe('GetCallerIdentity', () => {
  const identity = { Action: 'GetCallerIdentity', Version: '2015-04-01', TaskId: undefined }

  test('of a session names the role, whatever its policy is', () => {
    const { assume, call } = stand()
    expect(call(assume({ Policy: POLICY }).Credentials, identity)).toEqual({
      status: 200,
      RequestId: '{request-id}',
      IdentityType: 'AssumedRoleUser',
      AccountId: '1234567890123456',
      Arn: 'acs:ram::1234567890123456:assumed-role/gate/example-app-123',
      PrincipalId: expect.stringMatching(/^\d+:example-app-123$/),
      RoleId: expect.stringMatching(/^\d+$/),
    })
  })

  test('of a key names the user, and the account that the story says', () => {
    const account = { accessKeyId: 'id', accessKeySecret: 'secret', accountId: '42' }
    expect(stand({}, { account }).call(OWN_KEYS, identity)).toEqual({
      status: 200,
      RequestId: '{request-id}',
      IdentityType: 'RAMUser',
      AccountId: '42',
      Arn: expect.stringMatching(/^acs:ram::42:user\//),
      PrincipalId: expect.stringMatching(/^\d+$/),
      UserId: expect.stringMatching(/^\d+$/),
    })
  })

  test('is signed', () => {
    const { assume, call } = stand()
    expect(call({ ...OWN_KEYS, AccessKeySecret: 'x' }, identity)).toMatchObject({ Code: 'SignatureDoesNotMatch' })
    expect(assume({ Action: 'GetCallerIdentity' })).toMatchObject({ Code: 'MissingAccessKeyId' })
  })

  test.each([
    {
      what: 'it is no action of Security Center',
      sent: { ...identity, Version: '2018-12-03' },
      code: 'InvalidAction.NotFound',
    },
    { what: 'a look is none of STS', sent: { Version: '2015-04-01' }, code: 'InvalidAction.NotFound' },
    { what: 'there is no other version', sent: { ...identity, Version: '2015-04-02' }, code: 'NoSuchVersion' },
  ])('$what', ({ sent, code }) => {
    expect(stand().call(OWN_KEYS, sent)).toMatchObject({ status: 404, Code: code })
  })

  test('has its trouble too', () => {
    const { call } = stand({}, { trouble: { GetCallerIdentity: [success({})] } })
    expect(call(OWN_KEYS, identity)).toEqual({ status: 200, RequestId: '{request-id}' })
    expect(call(OWN_KEYS, identity).AccountId).toBe('1234567890123456')
  })
})
