import type { RoleLogin } from '../domain/login.ts'
import type { Credentials } from '../domain/session.ts'
import type { Answer } from '../ports.ts'
import { classifyLogin } from './errorCodes.ts'
import type { RpcClient } from './rpc.ts'
import { failed, missing, type RpcResult } from './rpcReply.ts'

/** The calls of the Security Token Service (product Sts) and the shapes of their replies. */
export const STS_API_VERSION = '2015-04-01'

/** Session credentials as STS hands them out. */
export interface Grant {
  readonly credentials: Credentials
  /** From the moment of the reply; absent where it does not say. */
  readonly lifetimeMs?: number
}

type Rpc = Pick<RpcClient, 'call'>

/** Lets the run assume a role. Unsigned: the token is the proof, and `policy` narrows what the session may do. */
export async function assumeRoleWithOidc(
  rpc: Rpc,
  { roleArn, providerArn, sessionName, durationSeconds }: RoleLogin,
  { token, policy }: { readonly token: string; readonly policy: string },
  cancel: AbortSignal,
): Promise<Answer<Grant>> {
  const action = 'AssumeRoleWithOIDC'
  const params = {
    RoleArn: roleArn,
    OIDCProviderArn: providerArn,
    OIDCToken: token,
    RoleSessionName: sessionName,
    DurationSeconds: String(durationSeconds),
    Policy: policy,
  }
  const result = await rpc.call(action, params, cancel)
  if (result.kind === 'failure') {
    const { failure } = result
    const isCodeOfTheirs =
      failure.code !== 'InvalidResponse' &&
      !['network', 'timeout', 'untrusted', 'proxy-refused'].includes(failure.cause)
    return failed(action, isCodeOfTheirs ? { ...failure, cause: classifyLogin(failure.code) } : failure)
  }
  const grant = readGrant(result)
  return grant === undefined
    ? missing(action, result, 'no whole Credentials')
    : { kind: 'answer', value: grant, action, requestId: result.requestId }
}

/** Whose credentials sign the call. Needs no permission. */
export async function getCallerIdentity(
  rpc: Rpc,
  cancel: AbortSignal,
): Promise<Answer<{ readonly accountId: string }>> {
  const action = 'GetCallerIdentity'
  const result = await rpc.call(action, {}, cancel)
  if (result.kind === 'failure') {
    const { failure } = result
    return failed(action, failure.cause === 'permission' ? { ...failure, cause: 'login' } : failure)
  }
  const { AccountId: accountId } = result.body
  if (typeof accountId !== 'string' || !/^[0-9]{1,20}$/.test(accountId)) return missing(action, result, 'no AccountId')
  return { kind: 'answer', value: { accountId }, action, requestId: result.requestId }
}

/** All three parts, or nothing: half a credential would sign nothing. */
function readGrant({ body, serverTimeMs }: Extract<RpcResult, { kind: 'reply' }>): Grant | undefined {
  const given = body.Credentials
  if (typeof given !== 'object' || given === null) return undefined
  const { AccessKeyId, AccessKeySecret, SecurityToken, Expiration } = given as Readonly<Record<string, unknown>>
  if (!isKey(AccessKeyId) || !isKey(AccessKeySecret) || !isKey(SecurityToken)) return undefined
  const credentials = { accessKeyId: AccessKeyId, accessKeySecret: AccessKeySecret, securityToken: SecurityToken }
  const endsAt = typeof Expiration === 'string' ? Date.parse(Expiration) : Number.NaN
  // Both by the cloud's clock: how the runner's clock is set does not matter.
  const lifetimeMs = endsAt - (serverTimeMs ?? Number.NaN)
  return Number.isNaN(lifetimeMs) ? { credentials } : { credentials, lifetimeMs }
}

function isKey(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
}
