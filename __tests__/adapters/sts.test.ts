import { getCallerIdentity } from '../../src/adapters/sts.ts'
import { staticCredentials } from '../../src/steps/staticCredentials.ts'
import { failed } from '../support/emulatedCenter.ts'
import {
  CREDENTIALS,
  credentials,
  DATE,
  good,
  login,
  never,
  POLICY,
  type Reply,
  stand,
  TOKEN,
} from '../support/stsReplies.ts'

/** The calls of STS: what is sent, and what is made of what comes back. */

describe('AssumeRoleWithOIDC', () => {
  test('goes out unsigned, with all that it says in the body and nothing in the URL', async () => {
    const { sent, assume } = await stand({ body: good })
    expect(await assume()).toEqual({
      kind: 'answer',
      value: { credentials, lifetimeMs: 900_000 },
      action: 'AssumeRoleWithOIDC',
      requestId: 'R-1',
    })
    const [{ url, method, form, headers } = { url: '', method: '', form: {}, headers: {} }, ...more] = sent
    expect(more).toEqual([])
    expect([method, url]).toEqual(['POST', '/'])
    const { Timestamp, ...rest } = form
    expect(rest).toEqual({
      Action: 'AssumeRoleWithOIDC',
      Version: '2015-04-01',
      Format: 'JSON',
      RoleArn: login.roleArn,
      OIDCProviderArn: login.providerArn,
      OIDCToken: TOKEN,
      RoleSessionName: 'example.app-42',
      DurationSeconds: '900',
      Policy: POLICY,
    })
    expect(Timestamp).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/)
    expect(JSON.stringify(headers)).not.toContain(TOKEN.slice(0, 20))
  })

  test.each<[string, object, Readonly<Record<string, string>>]>([
    ['no Expiration', { ...CREDENTIALS, Expiration: undefined }, { date: DATE }],
    ['an Expiration that is no time', { ...CREDENTIALS, Expiration: 'soon' }, { date: DATE }],
    ['an Expiration that is a number', { ...CREDENTIALS, Expiration: 1_790_000_000 }, { date: DATE }],
    ['no Date', CREDENTIALS, {}],
    ['a Date that is no time', CREDENTIALS, { date: 'today' }],
  ])('a reply with %s is good, and its life is not known', async (_, given, headers) => {
    const { assume } = await stand({ body: { ...good, Credentials: given }, headers })
    expect(await assume()).toMatchObject({ kind: 'answer', value: { credentials } })
    expect(await assume()).not.toHaveProperty('value.lifetimeMs')
  })

  test.each<[string, unknown]>([
    ['no Credentials', undefined],
    ['Credentials that are null', null],
    ['Credentials that are a text', 'STS.key'],
    ...(['AccessKeyId', 'AccessKeySecret', 'SecurityToken'] as const).flatMap((part): [string, unknown][] => [
      [`no ${part}`, { ...CREDENTIALS, [part]: undefined }],
      [`an empty ${part}`, { ...CREDENTIALS, [part]: '' }],
      [`a number for ${part}`, { ...CREDENTIALS, [part]: 42 }],
      [`a line break in ${part}`, { ...CREDENTIALS, [part]: 'a\nb' }],
      [`a space in ${part}`, { ...CREDENTIALS, [part]: 'a b' }],
      [`another script in ${part}`, { ...CREDENTIALS, [part]: 'ключ' }],
    ]),
  ])('a reply with %s is none: half a credential would sign nothing', async (_, given) => {
    const { assume } = await stand({ body: { ...good, Credentials: given } })
    expect(await assume()).toEqual(
      failed('missing-fields', 'InvalidResponse', {
        message: 'the reply has no whole Credentials',
        action: 'AssumeRoleWithOIDC',
        requestId: 'R-1',
      }),
    )
  })

  test.each([
    [401, 'AuthenticationFail.NoPermission', 'login'],
    [401, 'AuthenticationFail.OIDCToken.AudienceNotMatch', 'login'],
    [401, 'AuthenticationFail.OIDCToken.IssuerNotMatch', 'login'],
    [401, 'AuthenticationFail.OIDCToken.Invalid', 'login'],
    [401, 'AuthenticationFail.OIDCToken.InvalidSignature', 'login'],
    [401, 'AuthenticationFail.OIDCToken.HttpsUrlInvalid', 'login'],
    [401, 'AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch', 'login'],
    [401, 'AuthenticationFail', 'login'],
    [404, 'EntityNotExist.Role', 'login'],
    [400, 'InvalidParameter.RoleArn', 'login'],
    [400, 'InvalidParameter.DurationSeconds', 'login'],
    [400, 'MissingParameter.OIDCToken', 'login'],
    [403, 'NoPermission', 'login'],
    [403, 'Forbidden.RAM', 'login'],
    [400, 'InvalidSecurityToken.Expired', 'login'],
    [404, 'InvalidAction.NotFound', 'login'],
    // A fresh token is good again.
    [401, 'AuthenticationFail.OIDCToken.Expired', 'session-ended'],
    // STS could not ask the issuer for its keys.
    [400, 'AuthenticationFail.OIDCToken.IssuerConfigurationBroken', 'server'],
    [400, 'Throttling.User', 'throttled'],
    [503, 'ServiceUnavailable', 'server'],
    [500, 'InternalError', 'server'],
    [400, 'InvalidTimeStamp.Expired', 'clock'],
    [400, 'SomethingNew', 'unknown-code'],
    [400, 'AuthenticationFailed', 'unknown-code'],
  ])('%i %s is %s', async (status, code, cause) => {
    const { assume } = await stand({ status, body: { Code: code, Message: 'said so', RequestId: 'R-2' } })
    expect(await assume()).toEqual(
      failed(cause, code, { message: 'said so', requestId: 'R-2', action: 'AssumeRoleWithOIDC' }),
    )
  })

  test.each<[string, Reply, string]>([
    ['HTTP 502 in HTML', { status: 502, body: '<html>' }, 'invalid-response'],
    ['HTTP 503 without a code', { status: 503, body: {} }, 'invalid-response'],
    ['HTTP 429 without a code', { status: 429, body: {} }, 'throttled'],
    ['an empty body', { body: '' }, 'invalid-response'],
    ['a list', { body: [] }, 'invalid-response'],
  ])('%s may heal (%s)', async (_, reply, cause) => {
    const { assume } = await stand(reply)
    expect(await assume()).toEqual(failed(cause, 'InvalidResponse', { action: 'AssumeRoleWithOIDC' }))
  })

  test('the token in what STS says is taken out, plain and encoded', async () => {
    const { assume } = await stand(({ form }) => ({
      status: 401,
      body: {
        Code: 'AuthenticationFail.OIDCToken.Invalid',
        Message: `Bad token ${form.OIDCToken} in OIDCToken=${encodeURIComponent(form.OIDCToken ?? '')}&Action=x`,
        RequestId: 'R',
      },
    }))
    const answer = await assume()
    expect(answer).toEqual(failed('login', 'AuthenticationFail.OIDCToken.Invalid'))
    expect(JSON.stringify(answer)).toContain('Bad token ***')
    for (const part of TOKEN.split('.')) expect(JSON.stringify(answer)).not.toContain(part)
  })

  test.each([
    ['ahead', 3_600_000],
    ['behind', -3_600_000],
  ])('a clock that is %s is told with the difference', async (_, aheadMs) => {
    const { assume } = await stand({
      status: 400,
      body: { Code: 'InvalidTimeStamp.Expired', Message: 'expired', RequestId: 'R' },
      headers: { date: new Date(Date.now() - aheadMs).toUTCString() },
    })
    const answer = await assume()
    const ahead = (answer.kind === 'failure' && answer.failure.clockAheadMs) || 0
    // The header is in whole seconds, and the machine may be slow.
    expect(Math.abs(ahead - aheadMs)).toBeLessThan(60_000)
  })
})

describe('GetCallerIdentity', () => {
  const keys = staticCredentials({ accessKeyId: 'LTAI-id', accessKeySecret: 'the-secret', securityToken: 'a-token' })

  test('is signed, and tells the account', async () => {
    const { rpc, sent } = await stand({ body: { AccountId: '1234567890123456', Arn: 'x', RequestId: 'R-1' } }, keys)
    expect(await getCallerIdentity(rpc, never)).toEqual({
      kind: 'answer',
      value: { accountId: '1234567890123456' },
      action: 'GetCallerIdentity',
      requestId: 'R-1',
    })
    expect(sent[0]?.url).toBe('/')
    expect(sent[0]?.form).toMatchObject({
      Action: 'GetCallerIdentity',
      Version: '2015-04-01',
      AccessKeyId: 'LTAI-id',
      SecurityToken: 'a-token',
      Signature: expect.any(String),
    })
    expect(JSON.stringify(sent)).not.toContain('the-secret')
  })

  test.each([[undefined], [null], [''], ['12a4'], ['123456789012345678901'], [1234], ['1\n2'], [['1']]])(
    'a reply whose AccountId is %j tells none',
    async (AccountId) => {
      const { rpc } = await stand({ body: { AccountId, RequestId: 'R' } }, keys)
      expect(await getCallerIdentity(rpc, never)).toEqual(
        failed('missing-fields', 'InvalidResponse', {
          message: 'the reply has no AccountId',
          action: 'GetCallerIdentity',
        }),
      )
    },
  )

  test.each([
    [404, 'InvalidAccessKeyId.NotFound', 'credentials'],
    [400, 'InvalidSecurityToken.Expired', 'credentials'],
    [503, 'ServiceUnavailable', 'server'],
  ])('%i %s is %s', async (status, code, cause) => {
    const { rpc } = await stand({ status, body: { Code: code, Message: 'no', RequestId: 'R' } }, keys)
    expect(await getCallerIdentity(rpc, never)).toEqual(failed(cause, code, { action: 'GetCallerIdentity' }))
  })
})
