import type { ClientRequestArgs, Agent as HttpAgent } from 'node:http'
import RPCClient from '@alicloud/pop-core'
import { unlessAborted } from '../domain/abort.ts'
import type { Failure, Receipt } from '../domain/scan.ts'
import { type Credentials, secretsOf } from '../domain/session.ts'
import type { CredentialProvider, Failed } from '../ports.ts'
import { classify, saysSessionEnded } from './errorCodes.ts'
import { networkFailure } from './networkErrors.ts'
import { agentFor } from './proxy.ts'
import { type Redaction, redactionOf } from './redaction.ts'
import { isGood, overheard, type ReplyHead, retryAfter, serverTime } from './replyHead.ts'

/**
 * One call of an RPC-style API over `@alicloud/pop-core`. What the library does its own way ends here: it ignores the
 * HTTP status, throws things that are no errors, has no limit for a whole request, and knows no cancel.
 */

/** What a reply showed, or why there was none. The body is the cloud's JSON object, its fields unchecked. */
export type RpcResult =
  | {
      readonly kind: 'reply'
      readonly body: Readonly<Record<string, unknown>>
      readonly requestId: string
      /** The reply's `Date`, in ms since 1970. */
      readonly serverTimeMs?: number
    }
  | { readonly kind: 'failure'; readonly failure: CallFailure }

/** With an action where it is another call that failed: the login, without which this one is not sent. */
export type CallFailure = Omit<Failure, 'action'> & Partial<Pick<Failure, 'action'>>

export interface RpcConfig {
  /** `https://host`, or on loopback `http://host:port`. */
  readonly url: string
  readonly apiVersion: string
  /** `unsigned` for the calls by which one gets credentials in the first place. */
  readonly credentials: CredentialProvider | 'unsigned'
}

/** Limit of one request in ms, connecting included. The library's own 3 s are too short from far away. */
export const REQUEST_LIMIT_MS = 15_000

/** The library's type declarations lack its second parameter and the error fields used here. */
type PopCore = new (
  config: object,
  verbose: true,
) => { request(action: string, params: object, options: object): Promise<[body: unknown, entry: PopEntry]> }
interface PopEntry {
  readonly response?: ReplyHead | null
}

/** Credentials in hand, the library's client that signs with them, and what keeps them out of texts. */
interface Signer {
  readonly credentials: Credentials | undefined
  readonly redact: Redaction
  readonly client: InstanceType<PopCore>
}

interface Request {
  readonly action: string
  readonly params: Readonly<Record<string, string>>
  readonly cancel: AbortSignal
  readonly agent: HttpAgent
}

export class RpcClient {
  readonly #config: RpcConfig
  readonly #host: string
  readonly #requestLimitMs: number
  readonly #agent: HttpAgent
  readonly #freshAgent: HttpAgent
  #signer: Signer | undefined

  constructor(config: RpcConfig, requestLimitMs = REQUEST_LIMIT_MS) {
    this.#config = config
    this.#host = new URL(config.url).host
    this.#requestLimitMs = requestLimitMs
    this.#agent = agentFor(config.url, { keepAlive: true })
    this.#freshAgent = agentFor(config.url, { keepAlive: false })
  }

  /** Never rejects. An abort of `cancel` ends the call at once; its result then means nothing. */
  call(action: string, params: Readonly<Record<string, string>>, cancel: AbortSignal): Promise<RpcResult> {
    return this.#call({ action, params, cancel, agent: this.#agent })
  }

  /**
   * The same over a connection of its own. One that was kept open may be closed by the other side just when the request
   * is sent, and then nobody can tell whether it arrived.
   */
  callFresh(action: string, params: Readonly<Record<string, string>>, cancel: AbortSignal): Promise<RpcResult> {
    return this.#call({ action, params, cancel, agent: this.#freshAgent })
  }

  /** Closes idle connections, so that they do not keep the process alive. */
  close(): void {
    this.#agent.destroy()
    this.#freshAgent.destroy()
  }

  async #call(request: Request): Promise<RpcResult> {
    const signer = await this.#ready(request.cancel)
    if ('failure' in signer) return { kind: 'failure', failure: signer.failure }
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(), this.#requestLimitMs)
    const redact = redactionFor(signer, request)
    let head: ReplyHead | undefined
    const agent = overheard(request.agent, (told) => {
      head = told
    })
    try {
      const signal = AbortSignal.any([request.cancel, limit.signal])
      const result = this.#read(await this.#send({ ...request, agent }, signer.client, signal), redact)
      if (result.kind === 'reply') this.#tell(signer, (provider, credentials) => provider.accepted(credentials))
      return result
    } catch (error) {
      return {
        kind: 'failure',
        failure: limit.signal.aborted ? this.#timedOut() : this.#explain(error, signer, head, redact),
      }
    } finally {
      clearTimeout(timer)
    }
  }

  /** The client to send a call with, or why there is none. The time that a login takes is not the call's. */
  async #ready(cancel: AbortSignal): Promise<Signer | { readonly failure: CallFailure }> {
    const { credentials: provider } = this.#config
    if (provider === 'unsigned') return this.#signerFor(undefined)
    try {
      cancel.throwIfAborted()
      const given = await unlessAborted(provider.credentials(cancel), cancel)
      if (given.kind === 'failure') return { failure: { ...given.failure, isUnsent: true } }
      const { accessKeyId, accessKeySecret } = given.credentials
      // The library would send the call without a signature.
      if (accessKeyId === '' || accessKeySecret === '') {
        return { failure: failureOf('credentials', 'IncompleteCredentials', 'half of the credentials is missing', '') }
      }
      return this.#signerFor(given.credentials)
    } catch {
      return { failure: { ...failureOf('network', 'Cancelled', '', ''), isUnsent: true } }
    }
  }

  #signerFor(credentials: Credentials | undefined): Signer {
    if (this.#signer === undefined || this.#signer.credentials !== credentials) {
      const { url: endpoint, apiVersion } = this.#config
      const credentialsProvider = { getCredentials: async () => credentials ?? null }
      const client = new (RPCClient as unknown as PopCore)({ endpoint, apiVersion, credentialsProvider }, true)
      const redact = redactionOf(credentials === undefined ? [] : secretsOf(credentials))
      this.#signer = { credentials, client, redact }
    }
    return this.#signer
  }

  async #send(
    { action, params, agent }: Request,
    client: InstanceType<PopCore>,
    signal: AbortSignal,
  ): Promise<[unknown, PopEntry]> {
    signal.throwIfAborted()
    const request = client.request(action, params, {
      // Exactly so: any other spelling, or GET, would put key, token and signature into the URL and into error texts.
      method: 'POST',
      agent,
      // The library's timer starts anew in the middle of a request; ours covers all of it and fires first.
      timeout: this.#requestLimitMs * 2,
      beforeRequest: (options: ClientRequestArgs) => ({ ...options, signal }),
    })
    // The race makes sure that an abort ends the call whatever the library makes of it.
    return unlessAborted(request, signal)
  }

  /** A reply without an error code: good only if it is 2xx and an object. */
  #read([body, entry]: [unknown, PopEntry], redact: Redaction): RpcResult {
    const { response } = entry
    const requestId = requestIdOf(body, response, redact)
    if (!isGood(response) || !isObject(body)) {
      return { kind: 'failure', failure: unreadable(response, requestId, 'is not a JSON object') }
    }
    const serverTimeMs = serverTime(response)
    return { kind: 'reply', body, requestId, ...(serverTimeMs === undefined ? {} : { serverTimeMs }) }
  }

  /** Whatever the library threw. */
  #explain(error: unknown, signer: Signer, head: ReplyHead | undefined, redact: Redaction): CallFailure {
    const thrown = isObject(error) ? error : {}
    const { data } = thrown
    if (isObject(data) && (typeof data.Code === 'string' || typeof data.Code === 'number')) {
      const code = redact(String(data.Code))
      const message = typeof data.Message === 'string' ? redact(data.Message) : ''
      const failure = failureOf(this.#causeOf(code, signer), code, message, requestIdOf(data, head, redact))
      const at = serverTime(head)
      const clock = failure.cause === 'clock' && at !== undefined ? { clockAheadMs: Date.now() - at } : {}
      return { ...failure, retryAfterMs: retryAfter(head), ...clock }
    }
    if (thrown.name === 'RequestTimeoutError') return this.#timedOut()
    const network = networkFailure(thrown, this.#host)
    if (network !== undefined) return { ...network, requestId: '', retryAfterMs: 0 }
    return unreadable(head, requestIdOf(undefined, head, redact), 'is not JSON')
  }

  /** A session that has ended is no refusal where another one can be had. */
  #causeOf(code: string, signer: Signer): Failure['cause'] {
    const cause = classify(code)
    if (!saysSessionEnded(code)) return cause
    return this.#tell(signer, (provider, credentials) => provider.ended(credentials)) ? 'session-ended' : cause
  }

  #tell<T>(
    { credentials }: Signer,
    what: (provider: CredentialProvider, credentials: Credentials) => T,
  ): T | undefined {
    const { credentials: provider } = this.#config
    return provider === 'unsigned' || credentials === undefined ? undefined : what(provider, credentials)
  }

  #timedOut(): CallFailure {
    const message = `no complete reply within ${this.#requestLimitMs / 1_000} s`
    return failureOf('timeout', 'RequestTimeout', message, '')
  }
}

/** A failure as those see it who asked for the action. */
export function failed(action: string, failure: CallFailure): Failed {
  return { kind: 'failure', failure: { action, ...failure } }
}

/** A good reply that lacks what it should have; `what` names it. */
export function missing(action: string, { requestId }: Pick<Receipt, 'requestId'>, what: string): Failed {
  return failed(action, failureOf('missing-fields', 'InvalidResponse', `the reply has ${what}`, requestId))
}

/** A reply without an error code that is not 2xx, or of which `what` is told. */
function unreadable(head: ReplyHead | null | undefined, requestId: string, what: string): CallFailure {
  const retryAfterMs = retryAfter(head)
  if (isGood(head) || head?.statusCode === undefined) {
    return { ...failureOf('invalid-response', 'InvalidResponse', `the reply ${what}`, requestId), retryAfterMs }
  }
  const status = head.statusCode
  const cause = status === 429 || retryAfterMs > 0 ? 'throttled' : 'invalid-response'
  return { ...failureOf(cause, 'InvalidResponse', `HTTP ${status} without an error code`, requestId), retryAfterMs }
}

function failureOf(cause: Failure['cause'], code: string, message: string, requestId: string): CallFailure {
  return { cause, code, message, requestId, retryAfterMs: 0 }
}

/** A token that is sent as a parameter is as secret as the keys, and may be echoed as they are. */
function redactionFor({ credentials, redact }: Signer, { params: { OIDCToken: token } }: Request): Redaction {
  if (token === undefined) return redact
  return redactionOf([...(credentials === undefined ? [] : secretsOf(credentials)), ...tokenAndParts(token)])
}

/** The signature alone makes a token of claims that anybody can read. */
function tokenAndParts(token: string): readonly string[] {
  return [token, ...token.split('.').filter((part) => part.length > 16)]
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Only what looks like one, and echoes no secret, is taken for a request id: it is shown without further care. */
function requestIdOf(body: unknown, head: ReplyHead | null | undefined, redact: Redaction): string {
  const candidates = [isObject(body) ? body.RequestId : undefined, head?.headers?.['x-acs-request-id']]
  const id = candidates.find(
    (candidate) =>
      typeof candidate === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(candidate) && redact(candidate) === candidate,
  )
  return typeof id === 'string' ? id : ''
}
