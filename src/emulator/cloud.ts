import { type Answer, raw, refusal } from './answers.ts'
import { Service, type ServiceState, type Targets } from './service.ts'
import { type Caller, type Identity, SessionBook } from './sessions.ts'
import { isSignedWith, type Params, stringToSign } from './signature.ts'
import { STS_VERSION, Sts, type StsState, UNSIGNED_ACTION } from './sts.ts'

/** Security Center and STS behind their RPC gateway, as far as this project calls them. No socket: requests in, answers out. */

export interface Account {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  /** With session credentials: the token that must come with the key. */
  readonly securityToken?: string
  /** Decimal digits. */
  readonly accountId?: string
  /** With session credentials: after how many calls the session has ended. */
  readonly endsAfterCalls?: number
}

export interface CloudState extends ServiceState {
  readonly account: Account
  /** The providers and roles of the account, for runs that come without a key. */
  readonly sts?: StsState
}

export interface Request {
  readonly method: string
  /** Query and form together. */
  readonly params: Params
}

const SECURITY_CENTER_VERSION = '2018-12-03'
/** The account that the keys are of, unless told. */
export const ACCOUNT_ID = '1234567890123456'
/** How far a timestamp may be off: the stricter of the two limits that the cloud's pages name. */
const TIMESTAMP_TOLERANCE_MS = 15 * 60_000
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/

export class Cloud {
  /** Milliseconds since 1970, as the cloud's own clock has it. */
  readonly wallClock: () => number
  /** The sessions that STS issued; the metadata service of a server issues its own from the same book. */
  readonly sessions: SessionBook
  readonly #account: Caller
  readonly #service: Service
  readonly #sts: Sts
  readonly #nonces = new Set<string>()
  readonly #calls = new Map<Caller, number>()

  constructor({ account, sts, ...serviceState }: CloudState, wallClock: () => number) {
    this.#account = { ...account, identity: identityOf(account) }
    this.#service = new Service(serviceState, wallClock)
    this.sessions = new SessionBook(sts ?? {}, wallClock)
    const { trouble = {} } = serviceState
    this.#sts = new Sts({ trouble, ...(sts === undefined ? {} : { sts }) }, this.sessions, wallClock)
    this.wallClock = wallClock
  }

  /** What was to be scanned by the scans that were created, those included that the client never heard of. */
  get started(): readonly Targets[] {
    return this.#service.started
  }

  /** What the cloud does with a request. `REQUEST_ID` in the text stands for the id that the server gives it. */
  answer(request: Request): Answer {
    const { params } = request
    const wrongForm = this.#formRefusal(request)
    if (wrongForm !== undefined) return wrongForm
    if (params.Version === STS_VERSION && params.Action === UNSIGNED_ACTION)
      return this.#timeRefusal(params) ?? this.#sts.answer(params)
    const missing = missingIn(params, SIGNING)
    if (missing !== undefined) return missing
    const caller = this.#callerWith(params.AccessKeyId)
    if (caller === undefined) return refusal(404, 'InvalidAccessKeyId.NotFound', 'Specified access key is not found.')
    return this.#signatureRefusal(request, caller) ?? this.#serve(params, caller)
  }

  #formRefusal({ method, params }: Request): Answer | undefined {
    if (params.Format !== 'JSON') return raw(400, '<Error><Code>InvalidParameter.Format</Code></Error>', 'text/xml')
    if (method !== 'POST') return refusal(405, 'UnsupportedHTTPMethod', 'This http method is not supported.')
    return missingIn(params, ['Action', 'Version'])
  }

  #callerWith(accessKeyId: string | undefined): Caller | undefined {
    return [this.#account, ...this.sessions.issued].find((caller) => caller.accessKeyId === accessKeyId)
  }

  #signatureRefusal({ method, params }: Request, caller: Caller): Answer | undefined {
    const wrongToken = this.#tokenRefusal(params.SecurityToken, caller)
    if (wrongToken !== undefined) return wrongToken
    const wrongTime = this.#timeRefusal(params)
    if (wrongTime !== undefined) return wrongTime
    if (params.SignatureMethod !== 'HMAC-SHA1' || params.SignatureVersion !== '1.0') {
      return refusal(400, 'IncompleteSignature', 'The request signature does not conform to Aliyun standards.')
    }
    if (!isSignedWith(method, params, caller.accessKeySecret)) {
      // The real gateway echoes what it signed, key and token included: whoever prints this message leaks them.
      const echo = `Specified signature is not matched with our calculation. server string to sign is:${stringToSign(method, params)}`
      return refusal(400, 'SignatureDoesNotMatch', echo)
    }
    const nonce = params.SignatureNonce ?? ''
    if (this.#nonces.has(nonce))
      return refusal(400, 'SignatureNonceUsed', 'Specified signature nonce was used already.')
    this.#nonces.add(nonce)
    return undefined
  }

  /** The real codes; no page that was read says with which status, nor which of two faults is named first. */
  #tokenRefusal(given: string | undefined, caller: Caller): Answer | undefined {
    const { securityToken, endsAt = Number.POSITIVE_INFINITY, endsAfterCalls = Number.POSITIVE_INFINITY } = caller
    if (given === undefined && securityToken !== undefined)
      return refusal(400, 'MissingSecurityToken', 'SecurityToken is mandatory for this action.')
    if (given !== securityToken) {
      const message = 'Specified SecurityToken mismatch with the AccessKey.'
      return refusal(400, 'InvalidSecurityToken.MismatchWithAccessKey', message)
    }
    const calls = this.#calls.get(caller) ?? 0
    if (this.wallClock() >= endsAt || calls >= endsAfterCalls)
      return refusal(400, 'InvalidSecurityToken.Expired', 'Specified SecurityToken is expired.')
    return undefined
  }

  /** That unsigned calls are held to it too is a guess: the cloud's own clients send a time with them. */
  #timeRefusal(params: Params): Answer | undefined {
    const missing = missingIn(params, ['Timestamp'])
    if (missing !== undefined) return missing
    const timestamp = params.Timestamp ?? ''
    if (!TIMESTAMP.test(timestamp))
      return refusal(400, 'InvalidTimeStamp.Format', 'Specified time stamp is not well formatted.')
    if (Math.abs(Date.parse(timestamp) - this.wallClock()) > TIMESTAMP_TOLERANCE_MS) {
      return refusal(400, 'InvalidTimeStamp.Expired', 'Specified time stamp or date value is expired.')
    }
    return undefined
  }

  #serve(params: Params, caller: Caller): Answer {
    this.#calls.set(caller, (this.#calls.get(caller) ?? 0) + 1)
    if (params.Version === STS_VERSION) return this.#sts.answer(params, caller)
    if (params.Version !== SECURITY_CENTER_VERSION)
      return refusal(404, 'NoSuchVersion', 'The specified version does not exist.')
    if (caller.policy?.allows(`yundun-sas:${params.Action}`) === false)
      return refusal(403, 'NoPermission', 'caller has no permission')
    return this.#service.answer(params)
  }
}

const SIGNING = ['AccessKeyId', 'Signature', 'SignatureMethod', 'SignatureVersion', 'SignatureNonce', 'Timestamp']

function missingIn(params: Params, names: readonly string[]): Answer | undefined {
  const name = names.find((one) => (params[one] ?? '') === '')
  return name === undefined ? undefined : refusal(400, `Missing${name}`, `${name} is mandatory for this action.`)
}

/** Keys with a token belong to a session that somebody else opened, keys without one to a user. */
function identityOf({ accountId = ACCOUNT_ID, securityToken }: Account): Identity {
  const arn = `acs:ram::${accountId}`
  const id = '200000000000001'
  if (securityToken === undefined) {
    const user = { Arn: `${arn}:user/emulated-user`, PrincipalId: id, UserId: id }
    return { IdentityType: 'RAMUser', AccountId: accountId, ...user }
  }
  const session = { Arn: `${arn}:assumed-role/emulated-role/earlier-step`, PrincipalId: `${id}:earlier-step` }
  return { IdentityType: 'AssumedRoleUser', AccountId: accountId, ...session, RoleId: id }
}
