import { type Answer, type Look, REQUEST_ID, raw, refusal, state, withoutFields } from './answers.ts'
import { isSignedWith, type Params, stringToSign } from './signature.ts'

/** Security Center behind its RPC gateway, as far as this project calls it. No socket: requests in, answers out. */

export interface Account {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  /** With session credentials: the token that must come with the key. */
  readonly securityToken?: string
}

/** A virus scan task: what it scans, and what each look at it shows in turn. The last one holds for ever. */
export interface Task {
  readonly targets: readonly { readonly type: string; readonly name: string; readonly target: string }[]
  readonly looks: readonly Look[]
}

export interface CloudState {
  readonly account: Account
  readonly tasks: Readonly<Record<string, Task>>
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
  readonly #state: CloudState
  readonly #wallClock: () => number
  readonly #nonces = new Set<string>()
  readonly #looks = new Map<string, number>()

  constructor(cloudState: CloudState, wallClock: () => number) {
    this.#state = cloudState
    this.#wallClock = wallClock
  }

  /** What the cloud does with a request. `REQUEST_ID` in the text stands for the id that the server gives it. */
  answer(request: Request): Answer {
    return this.#gateway(request) ?? this.#service(request.params)
  }

  /** The refusal of the gateway, if it has one. */
  #gateway({ method, params }: Request): Answer | undefined {
    const { account } = this.#state
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
    if (Math.abs(Date.parse(timestamp) - this.#wallClock()) > TIMESTAMP_TOLERANCE_MS) {
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
    const { securityToken } = this.#state.account
    if (given === securityToken) return undefined
    if (given === undefined) return refusal(400, 'MissingSecurityToken', 'SecurityToken is mandatory for this action.')
    return refusal(
      400,
      'InvalidSecurityToken.MismatchWithAccessKey',
      'Specified SecurityToken mismatch with the AccessKey.',
    )
  }

  #service(params: Params): Answer {
    if (params.Action === 'DescribeScanTaskProgress') return this.#describeScanTaskProgress(params.TaskId ?? '')
    return refusal(404, 'InvalidAction.NotFound', 'Specified api is not found, please check your url and method.')
  }

  #describeScanTaskProgress(id: string): Answer {
    if (!/^\d+$/.test(id)) return refusal(400, 'IllegalParam', 'Illegal param')
    const task = this.#state.tasks[id]
    // What the real service answers for an id it does not know is written nowhere; this is our guess.
    if (task === undefined) return this.#reply(withoutFields(), [])
    const seen = this.#looks.get(id) ?? 0
    this.#looks.set(id, seen + 1)
    return this.#reply(task.looks[Math.min(seen, task.looks.length - 1)] ?? state('init'), task.targets)
  }

  #reply(look: Look, targets: Task['targets']): Answer {
    if (look.kind !== 'progress') return look
    return raw(200, JSON.stringify({ TargetInfo: JSON.stringify(targets), RequestId: REQUEST_ID, ...look.fields }))
  }
}
