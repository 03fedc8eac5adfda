import type { KeyObject } from 'node:crypto'
import { type Answer, refusal, success } from './answers.ts'
import { type Claims, type Token, tokenIn } from './jwt.ts'
import { matches, type Policy, policyIn } from './policy.ts'
import { type Caller, type SessionBook, type SessionLimits, utcTime } from './sessions.ts'
import type { Params } from './signature.ts'
import { TroubleScript, type Troubles } from './trouble.ts'

/** The Security Token Service behind the gateway, and what RAM has set up for it. */

export interface StsState extends SessionLimits {
  /** By ARN: whose tokens are known at all. */
  readonly providers: Readonly<Record<string, IdentityProvider>>
  /** By ARN. */
  readonly roles: Readonly<Record<string, Role>>
  /** What the issuers sign with. Without it no signature is good. */
  readonly issuerKey?: KeyObject
  /**
   * Takes every provider, role and signature for good that is well formed: for rehearsals of other people's workflows,
   * which know neither what RAM has set up nor what the issuer signs with.
   */
  readonly isCredulous?: boolean
}

export interface IdentityProvider {
  readonly issuer: string
  /** The audiences that it takes. */
  readonly clientIds: readonly string[]
  /** Whether the fingerprint that it was set up with has had its day. */
  readonly isFingerprintStale?: boolean
}

export interface Role {
  /** The ARN of the provider that its trust policy names. */
  readonly trusts: string
  /** Patterns of the `sub` that it trusts, in which `*` stands for anything. */
  readonly subjects: readonly string[]
  /** 3600 unless told, up to 43200. */
  readonly maxSessionSeconds?: number
}

export const STS_VERSION = '2015-04-01'
/** The one call that comes without a signature: its token says who calls. */
export const UNSIGNED_ACTION = 'AssumeRoleWithOIDC'

const NOTHING_SET_UP: StsState = { providers: {}, roles: {} }
const ROLE_ARN = /^acs:ram::(\d+):role\/([A-Za-z0-9.-]{1,64})$/
const PROVIDER_ARN = /^acs:ram::\d+:oidc-provider\/[A-Za-z0-9._-]{1,128}$/
const SESSION_NAME = /^[A-Za-z0-9.@_-]{2,64}$/
const DEFAULT_SECONDS = 3600
const LEAST_SECONDS = 900
const LONGEST_SECONDS = 43_200
const LONGEST_TOKEN = 20_000
const LONGEST_POLICY = 2_048

export class Sts {
  readonly #state: StsState
  readonly #troubles: TroubleScript
  readonly #sessions: SessionBook
  readonly #wallClock: () => number

  constructor(
    { sts = NOTHING_SET_UP, trouble }: { readonly sts?: StsState; readonly trouble?: Troubles },
    sessions: SessionBook,
    wallClock: () => number,
  ) {
    this.#state = sts
    this.#troubles = new TroubleScript(trouble)
    this.#sessions = sessions
    this.#wallClock = wallClock
  }

  /** The caller is known where the call was signed. */
  answer(params: Params, caller?: Caller): Answer {
    const action = params.Action ?? ''
    const trouble = this.#troubles.next(action)
    if (trouble !== undefined) return trouble
    if (action === UNSIGNED_ACTION) return this.#assumeRoleWithOidc(params)
    // It needs no permission.
    if (action === 'GetCallerIdentity' && caller !== undefined) return success(caller.identity)
    return refusal(404, 'InvalidAction.NotFound', 'Specified api is not found, please check your url and method.')
  }

  /** In which order the real service checks is written nowhere; this one looks at the texts before what they name. */
  #assumeRoleWithOidc(params: Params): Answer {
    const { RoleArn = '', OIDCProviderArn = '', RoleSessionName = '', DurationSeconds, Policy, OIDCToken = '' } = params
    const wrongText = textRefusal(params)
    if (wrongText !== undefined) return wrongText
    const token = tokenIn(OIDCToken)
    const distrust = this.#state.isCredulous === true ? undefined : this.#distrust(RoleArn, OIDCProviderArn, token)
    if (distrust !== undefined) return distrust
    if (token === undefined) return unreadableToken()
    if (this.#isOver(token)) return expiredToken()
    const seconds = secondsIn(DurationSeconds, this.#longestSession(RoleArn))
    if (seconds === undefined) {
      return refusal(400, 'InvalidParameter.DurationSeconds', 'The Min/Max value of DurationSeconds is 15min/1hr.')
    }
    const policy = Policy === undefined ? undefined : policyIn(Policy)
    return this.#session(RoleArn, RoleSessionName, seconds, policy, token.claims)
  }

  /** What RAM has against a role, a provider, a token, or the three together. */
  #distrust(roleArn: string, providerArn: string, token: Token | undefined): Answer | undefined {
    const provider = this.#state.providers[providerArn]
    if (provider === undefined) return noPermission('No such OIDC Provider registered.')
    if (token === undefined) return unreadableToken()
    const wrongToken = this.#tokenRefusal(token, provider)
    if (wrongToken !== undefined) return wrongToken
    const role = this.#state.roles[roleArn]
    // The code is in documents; its status is that of the sister call for SAML.
    if (role === undefined) return refusal(404, 'EntityNotExist.Role', `The role not exists: ${roleArn}.`)
    const subject = String(token.claims.sub)
    return role.trusts === providerArn && role.subjects.some((pattern) => matches(pattern, subject))
      ? undefined
      : noPermission('There is no permission')
  }

  /** Of a role that nobody has set up, it is the longest that there is. */
  #longestSession(roleArn: string): number {
    const role = this.#state.roles[roleArn]
    return role === undefined ? LONGEST_SECONDS : (role.maxSessionSeconds ?? DEFAULT_SECONDS)
  }

  #isOver({ claims }: Token): boolean {
    return !(Number(claims.exp) * 1000 > this.#wallClock())
  }

  #tokenRefusal(token: Token, provider: IdentityProvider): Answer | undefined {
    const { algorithm, claims } = token
    if (algorithm !== 'RS256')
      return badToken('Invalid', `The algorithm ${algorithm} that be specified in Jwt header is unknown.`)
    if (claims.iss !== provider.issuer)
      return badToken('IssuerNotMatch', "The issuer in the OIDC Token doesn't match the OIDC Provider registered.")
    if (provider.isFingerprintStale === true)
      return badToken('PublicKeyFingerprintMismatch', 'The fingerprint of the public key does not match.')
    const { issuerKey } = this.#state
    if (issuerKey === undefined || !token.isSignedBy(issuerKey))
      return badToken('InvalidSignature', 'OIDC token validate failed: invalid signature.')
    if (this.#isOver(token)) return expiredToken()
    if (!audiencesOf(claims).some((audience) => provider.clientIds.includes(audience)))
      return badToken('AudienceNotMatch', 'Invalid audience.')
    return undefined
  }

  #session(roleArn: string, sessionName: string, seconds: number, policy: Policy | undefined, claims: Claims): Answer {
    const [, accountId = '', name = ''] = ROLE_ARN.exec(roleArn) ?? []
    const role = { accountId, name, id: roleIdOf(this.#state, roleArn), sessionName }
    const session = this.#sessions.issue(role, seconds * 1000, policy)
    return success({
      Credentials: {
        AccessKeyId: session.accessKeyId,
        AccessKeySecret: session.accessKeySecret,
        SecurityToken: session.securityToken,
        Expiration: session.expiration,
      },
      // An example of the documentation has `role` in the place of `assumed-role`, GetCallerIdentity has not.
      AssumedRoleUser: { Arn: session.identity.Arn, AssumedRoleId: session.identity.PrincipalId },
      OIDCTokenInfo: {
        Issuer: claims.iss,
        Subject: claims.sub,
        ClientIds: audiencesOf(claims).join(','),
        ExpirationTime: utcTime(Number(claims.exp) * 1000),
        IssuanceTime: utcTime(Number(claims.iat) * 1000),
        VerificationInfo: 'Success',
      },
    })
  }
}

/**
 * What is wrong with a text by itself. The codes of AssumeRole and AssumeRoleWithSAML with their 400 are in documents
 * (https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerole); that this call has the
 * same ones is a guess.
 */
function textRefusal(params: Params): Answer | undefined {
  const { RoleArn = '', OIDCProviderArn = '', RoleSessionName = '', Policy, OIDCToken = '' } = params
  if (RoleArn === '') return refusal(400, 'MissingParameter.RoleArn', 'Parameter RoleArn is required.')
  if (!ROLE_ARN.test(RoleArn)) return wronglyFormed('RoleArn')
  if (OIDCProviderArn === '')
    return refusal(400, 'MissingParameter.OIDCProviderArn', 'Parameter OIDCProviderArn is required.')
  // This odd pair of code and message was seen in the tests of the cloud's own clients.
  if (!PROVIDER_ARN.test(OIDCProviderArn)) return noPermission('Parameter OIDCProviderArn is not valid')
  if (!SESSION_NAME.test(RoleSessionName)) return wronglyFormed('RoleSessionName')
  if (Policy !== undefined && Policy.length > LONGEST_POLICY)
    return refusal(400, 'InvalidParameter.PolicySize', `The max size of policy string is ${LONGEST_POLICY}.`)
  if (Policy !== undefined && policyIn(Policy) === undefined)
    return refusal(400, 'InvalidParameter.PolicyGrammar', 'The parameter Policy has not passed grammar check.')
  if (OIDCToken === '') return badToken('Invalid', 'The OIDCToken can not empty.')
  if (OIDCToken.length > LONGEST_TOKEN || OIDCToken.split('.').length !== 3)
    return badToken('Invalid', "The number of Jwt field should be divided into 3 parts with '.' .")
  return undefined
}

function wronglyFormed(name: string): Answer {
  return refusal(400, `InvalidParameter.${name}`, `The parameter ${name} is wrongly formed.`)
}

/** 401 is documented, for both messages: https://help.aliyun.com/zh/ram/developer-reference/api-sts-2015-04-01-errorcodes */
function noPermission(message: string): Answer {
  return refusal(401, 'AuthenticationFail.NoPermission', message)
}

/**
 * The same page has 401 for AudienceNotMatch, Expired, Invalid and InvalidSignature. IssuerNotMatch and
 * PublicKeyFingerprintMismatch are in other public documents, without a status: theirs is a guess, and so is the
 * message of the latter.
 */
function badToken(reason: string, message: string): Answer {
  return refusal(401, `AuthenticationFail.OIDCToken.${reason}`, message)
}

const expiredToken = () => badToken('Expired', 'This JsonWebToken is expired.')
const unreadableToken = () => badToken('Invalid', 'The Jwt content is invalid that cannot be recognized.')

function secondsIn(text: string | undefined, most: number): number | undefined {
  if (text === undefined) return DEFAULT_SECONDS
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0
  return seconds >= LEAST_SECONDS && seconds <= most ? seconds : undefined
}

function audiencesOf({ aud }: Claims): readonly string[] {
  return (Array.isArray(aud) ? aud : [aud]).map(String)
}

/** Digits, the same for a role each time. */
function roleIdOf({ roles }: StsState, arn: string): string {
  return String(300_000_000_000_001 + Object.keys(roles).indexOf(arn))
}
