import { type Answer, raw, refusal } from './answers.ts'
import { Service, type ServiceState, type Targets } from './service.ts'
import { isSignedWith, type Params, stringToSign } from './signature.ts'

/** Security Center behind its RPC gateway, as far as this project calls it. No socket: requests in, answers out. */

export interface Account {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  /** With session credentials: the token that must come with the key. */
  readonly securityToken?: string
}

export interface CloudState extends ServiceState {
  readonly account: Account
}

export interface Request {
  readonly method: string
  /** Query and form together. */
  readonly params: Params
}

const VERSION = '2018-12-03'
/** How far a timestamp may be off: the stricter of the two limits that the cloud's pages name. */
const TIMESTAMP_TOLERANCE_MS = 15 * 60_000
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/

export class Cloud {
  /** Milliseconds since 1970, as the cloud's own clock has it. */
  readonly wallClock: () => number
  readonly #account: Account
  readonly #service: Service
  readonly #nonces = new Set<string>()

  constructor({ account, ...serviceState }: CloudState, wallClock: () => number) {
    this.#account = account
    this.#service = new Service(serviceState, wallClock)
    this.wallClock = wallClock
  }

  /** What was to be scanned by the scans that were created, those included that the client never heard of. */
  get started(): readonly Targets[] {
    return this.#service.started
  }

  /** What the cloud does with a request. `REQUEST_ID` in the text stands for the id that the server gives it. */
  answer(request: Request): Answer {
    return this.#gateway(request) ?? this.#service.answer(request.params)
  }

  /** The refusal of the gateway, if it has one. */
  #gateway({ method, params }: Request): Answer | undefined {
    const account = this.#account
    if (params.Format !== 'JSON') return raw(400, '<Error><Code>InvalidParameter.Format</Code></Error>', 'text/xml')
    if (method !== 'POST') return refusal(405, 'UnsupportedHTTPMethod', 'This http method is not supported.')
    for (const name of [
      'Action',
      'Version',
      'AccessKeyId',
      'Signature',
      'SignatureMethod',
      'SignatureVersion',
      'SignatureNonce',
      'Timestamp',
    ]) {
      if ((params[name] ?? '') === '') return refusal(400, `Missing${name}`, `${name} is mandatory for this action.`)
    }
    if (params.AccessKeyId !== account.accessKeyId) {
      return refusal(404, 'InvalidAccessKeyId.NotFound', 'Specified access key is not found.')
    }
    const tokenRefusal = this.#checkToken(params.SecurityToken)
    if (tokenRefusal !== undefined) return tokenRefusal
    const timestamp = params.Timestamp ?? ''
    if (!TIMESTAMP.test(timestamp))
      return refusal(400, 'InvalidTimeStamp.Format', 'Specified time stamp is not well formatted.')
    if (Math.abs(Date.parse(timestamp) - this.wallClock()) > TIMESTAMP_TOLERANCE_MS) {
      return refusal(400, 'InvalidTimeStamp.Expired', 'Specified time stamp or date value is expired.')
    }
    if (params.SignatureMethod !== 'HMAC-SHA1' || params.SignatureVersion !== '1.0') {
      return refusal(400, 'IncompleteSignature', 'The request signature does not conform to Aliyun standards.')
    }
    if (!isSignedWith(method, params, account.accessKeySecret)) {
      // The real gateway echoes what it signed, key and token included: whoever prints this message leaks them.
      const echo = `Specified signature is not matched with our calculation. server string to sign is:${stringToSign(method, params)}`
      return refusal(400, 'SignatureDoesNotMatch', echo)
    }
    const nonce = params.SignatureNonce ?? ''
    if (this.#nonces.has(nonce))
      return refusal(400, 'SignatureNonceUsed', 'Specified signature nonce was used already.')
    this.#nonces.add(nonce)
    if (params.Version !== VERSION) return refusal(404, 'NoSuchVersion', 'The specified version does not exist.')
    return undefined
  }

  #checkToken(given: string | undefined): Answer | undefined {
    const { securityToken } = this.#account
    if (given === securityToken) return undefined
    if (given === undefined) return refusal(400, 'MissingSecurityToken', 'SecurityToken is mandatory for this action.')
    return refusal(
      400,
      'InvalidSecurityToken.MismatchWithAccessKey',
      'Specified SecurityToken mismatch with the AccessKey.',
    )
  }
}
