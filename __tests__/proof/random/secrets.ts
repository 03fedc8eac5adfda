import type { Credentials } from '../../../src/domain/session.ts'

/** What must not come out, whatever goes in. Long enough that none of it is there by chance. */
export const KEYS: Credentials = {
  accessKeyId: 'LTAI-random-key-id-7f3a',
  accessKeySecret: 'random/key+secret=9c1e',
  securityToken: 'CAIS-random-security-token-51d0',
}
export const GITHUB_TOKEN = 'ghs_RandomGitHubToken0123456789abcdef'
export const REQUEST_TOKEN = 'random-request-token-of-the-job-2d9b'
/** Proves a request; the cloud repeats it. */
export const SIGNATURE = 'Random/SignatureOfARequest='
export const WEB_TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyYW5kb20ifQ.cmFuZG9tLXNpZ25hdHVyZQ'

/** Of the n-th session that STS hands out. */
export function sessionKeys(n: number): Credentials {
  return {
    accessKeyId: `STS.random-session-key-id-${n}-88aa`,
    accessKeySecret: `random/session+secret=${n}-4b7d`,
    securityToken: `CAIS-random-session-token-${n}-6e2f`,
  }
}

/** All of them by the part that they share. */
export const TELLTALES: readonly string[] = [
  KEYS.accessKeyId,
  KEYS.accessKeySecret,
  KEYS.securityToken ?? '',
  GITHUB_TOKEN,
  REQUEST_TOKEN,
  SIGNATURE,
  ...WEB_TOKEN.split('.'),
  'STS.random-session-key-id-',
  'random/session+secret=',
  'CAIS-random-session-token-',
]
