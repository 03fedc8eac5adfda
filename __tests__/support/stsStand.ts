import { generateKeyPairSync } from 'node:crypto'
import { state } from '../../src/emulator/answers.ts'
import { Cloud, type CloudState } from '../../src/emulator/cloud.ts'
import { signedToken } from '../../src/emulator/jwt.ts'
import { sign } from '../../src/emulator/signature.ts'
import type { Role, StsState } from '../../src/emulator/sts.ts'

/** STS behind the emulated gateway: one cloud, its clock, a provider with a role that trusts it, and tokens. */

const issuer = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const NOW = Date.parse('2026-11-24T12:00:00.700Z')
export const PROVIDER = 'acs:ram::1234567890123456:oidc-provider/github'
export const ROLE = 'acs:ram::1234567890123456:role/gate'
const STS: StsState = {
  providers: { [PROVIDER]: { issuer: 'https://issuer.example', clientIds: ['sts.aliyuncs.com', 'another'] } },
  roles: { [ROLE]: { trusts: PROVIDER, subjects: ['repo:example/app:environment:production'] } },
  issuerKey: issuer.publicKey,
}
export const CLAIMS = {
  iss: 'https://issuer.example',
  aud: 'sts.aliyuncs.com',
  sub: 'repo:example/app:environment:production',
  iat: NOW / 1000 - 10,
  exp: NOW / 1000 + 290,
}
export const jwt = (claims = {}, key = issuer.privateKey) => signedToken({ ...CLAIMS, ...claims }, key)
export const POLICY = JSON.stringify({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: ['yundun-sas:DescribeScan*'], Resource: '*' }],
})

export type Changes = Readonly<Record<string, string | undefined>>

function present(params: Changes): Record<string, string> {
  return Object.fromEntries(Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** One cloud, its clock, and what it says. */
export function stand(sts: Partial<StsState> = {}, changes: Partial<CloudState> = {}) {
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

export interface Keys {
  readonly AccessKeyId: string
  readonly AccessKeySecret: string
  readonly SecurityToken?: string
}

export const OWN_KEYS: Keys = { AccessKeyId: 'id', AccessKeySecret: 'secret' }

export function roleWith(changes: Partial<Role>): Partial<StsState> {
  return { roles: { [ROLE]: { trusts: PROVIDER, subjects: [CLAIMS.sub], ...changes } } }
}
