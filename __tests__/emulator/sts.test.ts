import { createHmac } from 'node:crypto'
import { emptyReply, success } from '../../src/emulator/answers.ts'
import { Cloud } from '../../src/emulator/cloud.ts'
import type { StsState } from '../../src/emulator/sts.ts'
import {
  type Changes,
  CLAIMS,
  jwt,
  NOW,
  POLICY,
  PROVIDER,
  ROLE,
  roleWith,
  stand,
  stranger,
} from '../support/stsStand.ts'

/** AssumeRoleWithOIDC: who gets a session, and what the others are told. */

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
