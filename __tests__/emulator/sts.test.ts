import { createHmac, generateKeyPairSync } from 'node:crypto'
import { emptyReply, state, success } from '../../src/emulator/answers.ts'
import { Cloud, type CloudState } from '../../src/emulator/cloud.ts'
import { signedToken } from '../../src/emulator/jwt.ts'
import { sign } from '../../src/emulator/signature.ts'
import type { Role, StsState } from '../../src/emulator/sts.ts'

/** STS behind the emulated gateway: who gets a session, what it is good for, and what the others are told. */

const issuer = generateKeyPairSync('rsa', { modulusLength: 2048 })
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })
const NOW = Date.parse('2026-11-24T12:00:00.700Z')
const PROVIDER = 'acs:ram::1234567890123456:oidc-provider/github'
const ROLE = 'acs:ram::1234567890123456:role/gate'
const STS: StsState = {
  providers: { [PROVIDER]: { issuer: 'https://issuer.example', clientIds: ['sts.aliyuncs.com', 'another'] } },
  roles: { [ROLE]: { trusts: PROVIDER, subjects: ['repo:example/app:environment:production'] } },
  issuerKey: issuer.publicKey,
}
const CLAIMS = {
  iss: 'https://issuer.example',
  aud: 'sts.aliyuncs.com',
  sub: 'repo:example/app:environment:production',
  iat: NOW / 1000 - 10,
  exp: NOW / 1000 + 290,
}
const jwt = (claims = {}, key = issuer.privateKey) => signedToken({ ...CLAIMS, ...claims }, key)
const POLICY = JSON.stringify({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: ['yundun-sas:DescribeScan*'], Resource: '*' }],
})

type Changes = Readonly<Record<string, string | undefined>>

function present(params: Changes): Record<string, string> {
  return Object.fromEntries(Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** One cloud, its clock, and what it says. */
function stand(sts: Partial<StsState> = {}, changes: Partial<CloudState> = {}) {
  const clock = { now: NOW }
  const looks = [state('Processing')]
  const account = { accessKeyId: 'id', accessKeySecret: 'secret' }
  const cloud = new Cloud(
    { account, tasks: { '1': { targets: [], looks } }, sts: { ...STS, ...sts }, ...changes },
    () => clock.now,
  )
  const told = (params: Record<string, string>) => {
    const answer = cloud.answer({ method: 'POST', params })
    if (answer.kind !== 'reply') throw new Error('no reply')
    return { status: answer.status, ...(answer.text === '' ? {} : JSON.parse(answer.text)) }
  }
  const common = () => ({ Format: 'JSON', Timestamp: `${new Date(clock.now).toISOString().slice(0, 19)}Z` })
  let nonce = 0
  return {
    clock,
    cloud,
    assume: (params: Changes = {}) =>
      told(
        present({
          ...common(),
          Action: 'AssumeRoleWithOIDC',
          Version: '2015-04-01',
          RoleArn: ROLE,
          OIDCProviderArn: PROVIDER,
          RoleSessionName: 'example-app-123',
          OIDCToken: jwt(),
          ...params,
        }),
      ),
    /** Signed with these keys. */
    call: (keys: Keys, params: Changes = {}) => {
      const all = present({
        ...common(),
        Action: 'DescribeScanTaskProgress',
        Version: '2018-12-03',
        TaskId: '1',
        AccessKeyId: keys.AccessKeyId,
        SecurityToken: keys.SecurityToken,
        SignatureMethod: 'HMAC-SHA1',
        SignatureVersion: '1.0',
        SignatureNonce: String(++nonce),
        ...params,
      })
      return told({ ...all, Signature: sign('POST', all, keys.AccessKeySecret) })
    },
  }
}

interface Keys {
  readonly AccessKeyId: string
  readonly AccessKeySecret: string
  readonly SecurityToken?: string
}

const OWN_KEYS: Keys = { AccessKeyId: 'id', AccessKeySecret: 'secret' }

describe('AssumeRoleWithOIDC', () => {
  test('a token that the role trusts gets a session, without key, signature or nonce', () => {
    expect(stand().assume()).toEqual({
      status: 200,
      RequestId: '{request-id}',
      Credentials: {
        AccessKeyId: expect.stringMatching(/^STS\.emulated-/),
        AccessKeySecret: expect.stringContaining('emulated'),
        SecurityToken: expect.stringContaining('emulated'),
        Expiration: '2026-11-24T13:00:00Z',
      },
      AssumedRoleUser: {
        Arn: 'acs:ram::1234567890123456:assumed-role/gate/example-app-123',
        AssumedRoleId: expect.stringMatching(/^\d+:example-app-123$/),
      },
      OIDCTokenInfo: expect.objectContaining({ Issuer: CLAIMS.iss, Subject: CLAIMS.sub, ClientIds: CLAIMS.aud }),
    })
  })

  test('each answer is a session of its own', () => {
    const { assume } = stand()
    const all = [assume(), assume(), assume()].map(({ Credentials }) => Credentials)
    for (const name of ['AccessKeyId', 'AccessKeySecret', 'SecurityToken'])
      expect(new Set(all.map((credentials) => credentials[name])).size).toBe(3)
  })

  test.each([
    { what: 'what is asked for', sts: {}, seconds: '900', expiration: '2026-11-24T12:15:00Z' },
    {
      what: 'no longer than the state says',
      sts: { sessionMs: 4_000 },
      seconds: '900',
      expiration: '2026-11-24T12:00:04Z',
    },
    {
      what: 'as long as the role allows',
      sts: roleWith({ maxSessionSeconds: 43_200 }),
      seconds: '43200',
      expiration: '2026-11-25T00:00:00Z',
    },
  ])('it lasts $what', ({ sts, seconds, expiration }) => {
    expect(stand(sts).assume({ DurationSeconds: seconds }).Credentials.Expiration).toBe(expiration)
  })

  test.each([
    {
      what: 'a star in the subject',
      sts: roleWith({ subjects: ['other', 'repo:example/*:environment:production'] }),
      token: jwt(),
    },
    { what: 'several audiences', sts: {}, token: jwt({ aud: ['nobody', 'another'] }) },
  ])('$what is taken', ({ sts, token }) => {
    expect(stand(sts).assume({ OIDCToken: token }).status).toBe(200)
  })

  const tokenFault = (reason: string) => ({ status: 401, code: `AuthenticationFail.OIDCToken.${reason}` })
  const noPermission = { status: 401, code: 'AuthenticationFail.NoPermission' }
  const parameter = (reason: string) => ({ status: 400, code: `InvalidParameter.${reason}` })
  const hs256 = (() => {
    const content = [{ alg: 'HS256' }, CLAIMS].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    return [...content, createHmac('sha256', 'x').update(content.join('.')).digest('base64url')].join('.')
  })()
  const forged = [
    ...jwt().split('.').slice(0, 1),
    ...jwt({ sub: 'another' }).split('.').slice(1, 2),
    jwt().split('.')[2],
  ]

  test.each<{ what: string; sent: Changes; status: number; code: string; sts?: Partial<StsState> }>([
    {
      what: 'another audience',
      sent: { OIDCToken: jwt({ aud: 'github-actions' }) },
      ...tokenFault('AudienceNotMatch'),
    },
    { what: 'no audience', sent: { OIDCToken: jwt({ aud: undefined }) }, ...tokenFault('AudienceNotMatch') },
    {
      what: 'another issuer',
      sent: { OIDCToken: jwt({ iss: 'https://other.example' }) },
      ...tokenFault('IssuerNotMatch'),
    },
    { what: 'a token that is over', sent: { OIDCToken: jwt({ exp: NOW / 1000 }) }, ...tokenFault('Expired') },
    { what: 'a token without an end', sent: { OIDCToken: jwt({ exp: undefined }) }, ...tokenFault('Expired') },
    {
      what: 'the signature of a stranger',
      sent: { OIDCToken: jwt({}, stranger.privateKey) },
      ...tokenFault('InvalidSignature'),
    },
    { what: 'other claims than were signed', sent: { OIDCToken: forged.join('.') }, ...tokenFault('InvalidSignature') },
    { what: 'another algorithm', sent: { OIDCToken: hs256 }, ...tokenFault('Invalid') },
    { what: 'no token', sent: { OIDCToken: undefined }, ...tokenFault('Invalid') },
    { what: 'two parts', sent: { OIDCToken: 'a.b' }, ...tokenFault('Invalid') },
    { what: 'three parts of nothing', sent: { OIDCToken: 'a.b.c' }, ...tokenFault('Invalid') },
    {
      what: 'a token that is too long',
      sent: { OIDCToken: jwt({ more: 'x'.repeat(20_000) }) },
      ...tokenFault('Invalid'),
    },
    {
      what: 'a stale fingerprint',
      sent: {},
      sts: { providers: { [PROVIDER]: { issuer: CLAIMS.iss, clientIds: [CLAIMS.aud], isFingerprintStale: true } } },
      ...tokenFault('PublicKeyFingerprintMismatch'),
    },
    { what: 'an unknown provider', sent: { OIDCProviderArn: `${PROVIDER}2` }, ...noPermission },
    { what: 'a provider that is no ARN', sent: { OIDCProviderArn: 'github' }, ...noPermission },
    {
      what: 'no provider',
      sent: { OIDCProviderArn: undefined },
      status: 400,
      code: 'MissingParameter.OIDCProviderArn',
    },
    { what: 'another subject', sent: { OIDCToken: jwt({ sub: 'repo:example/app:pull_request' }) }, ...noPermission },
    { what: 'more than the subject', sent: { OIDCToken: jwt({ sub: `${CLAIMS.sub}2` }) }, ...noPermission },
    {
      what: 'a dot for any letter',
      sent: {},
      sts: roleWith({ subjects: ['repo.example/app:environment:production'] }),
      ...noPermission,
    },
    { what: 'a role of another provider', sent: {}, sts: roleWith({ trusts: 'another' }), ...noPermission },
    { what: 'an unknown role', sent: { RoleArn: `${ROLE}2` }, status: 404, code: 'EntityNotExist.Role' },
    { what: 'a role that is no ARN', sent: { RoleArn: 'gate' }, ...parameter('RoleArn') },
    { what: 'no role', sent: { RoleArn: undefined }, status: 400, code: 'MissingParameter.RoleArn' },
    { what: 'a session name of one letter', sent: { RoleSessionName: 'a' }, ...parameter('RoleSessionName') },
    { what: 'a session name of 65', sent: { RoleSessionName: 'a'.repeat(65) }, ...parameter('RoleSessionName') },
    { what: 'a slash in the session name', sent: { RoleSessionName: 'example/app' }, ...parameter('RoleSessionName') },
    { what: 'no session name', sent: { RoleSessionName: undefined }, ...parameter('RoleSessionName') },
    { what: 'under 900 seconds', sent: { DurationSeconds: '899' }, ...parameter('DurationSeconds') },
    { what: 'more than the role allows', sent: { DurationSeconds: '3601' }, ...parameter('DurationSeconds') },
    { what: 'half a second', sent: { DurationSeconds: '900.5' }, ...parameter('DurationSeconds') },
    { what: 'an empty policy', sent: { Policy: '' }, ...parameter('PolicyGrammar') },
    { what: 'a policy that is no JSON', sent: { Policy: '{' }, ...parameter('PolicyGrammar') },
    {
      what: 'a policy of no version',
      sent: { Policy: POLICY.replace('"Version":"1",', '') },
      ...parameter('PolicyGrammar'),
    },
    {
      what: 'a policy without statements',
      sent: { Policy: '{"Version":"1","Statement":[]}' },
      ...parameter('PolicyGrammar'),
    },
    {
      what: 'a statement with a typo',
      sent: { Policy: POLICY.replace('Resource', 'Resources') },
      ...parameter('PolicyGrammar'),
    },
    {
      what: 'an element that nobody knows',
      sent: { Policy: POLICY.replace('"Effect"', '"Sid":"1","Effect"') },
      ...parameter('PolicyGrammar'),
    },
    { what: 'a policy of 2049 characters', sent: { Policy: POLICY.padEnd(2_049) }, ...parameter('PolicySize') },
    {
      what: 'a stale time',
      sent: { Timestamp: '2026-11-24T11:40:00Z' },
      status: 400,
      code: 'InvalidTimeStamp.Expired',
    },
    { what: 'no time', sent: { Timestamp: undefined }, status: 400, code: 'MissingTimestamp' },
    { what: 'the other version', sent: { Version: '2018-12-03' }, status: 400, code: 'MissingAccessKeyId' },
  ])('$what is refused: $code', ({ sent, sts, status, code }) => {
    const { assume, cloud } = stand(sts)
    expect(assume(sent)).toMatchObject({ status, Code: code })
    expect(cloud.sessions.issued).toEqual([])
  })

  test('the longest policy and session name are taken', () => {
    const sent = { Policy: POLICY.padEnd(2_048), RoleSessionName: `a.@_-${'b'.repeat(59)}` }
    expect(stand().assume(sent).status).toBe(200)
  })

  test('where nothing is set up, no provider is known', () => {
    const { account, tasks } = { account: { accessKeyId: 'id', accessKeySecret: 'secret' }, tasks: {} }
    const cloud = new Cloud({ account, tasks }, () => NOW)
    const Timestamp = '2026-11-24T12:00:00Z'
    const call = { Action: 'AssumeRoleWithOIDC', Version: '2015-04-01', Format: 'JSON', Timestamp }
    const params = { ...call, RoleArn: ROLE, OIDCProviderArn: PROVIDER, RoleSessionName: 'abc', OIDCToken: jwt() }
    expect(cloud.answer({ method: 'POST', params })).toMatchObject({
      status: 401,
      text: expect.stringContaining('No such OIDC Provider registered.'),
    })
  })

  test('trouble comes call by call, replies without fields included', () => {
    const { assume } = stand({}, { trouble: { AssumeRoleWithOIDC: [emptyReply(503), success({}), undefined] } })
    expect(assume()).toEqual({ status: 503 })
    expect(assume()).toEqual({ status: 200, RequestId: '{request-id}' })
    expect(assume().Credentials).toBeDefined()
  })
})

function roleWith(changes: Partial<Role>): Partial<StsState> {
  return { roles: { [ROLE]: { trusts: PROVIDER, subjects: [CLAIMS.sub], ...changes } } }
}

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
