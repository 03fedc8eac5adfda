import { type ClientRequestArgs, Agent as HttpAgent, type IncomingHttpHeaders } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import RPCClient from '@alicloud/pop-core'
import type { Failure } from '../domain/scan.ts'
import { aborted } from './abort.ts'
import { classify } from './errorCodes.ts'
import { redact } from './redaction.ts'

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

export type CallFailure = Omit<Failure, 'action'>

export interface RpcConfig {
  /** `https://host`, or on loopback `http://host:port`. */
  readonly url: string
  readonly apiVersion: string
  readonly accessKeyId: string
  readonly accessKeySecret: string
  readonly securityToken?: string
}

/** Limit of one request in ms, connecting included. The library's own 3 s are too short from far away. */
export const REQUEST_LIMIT_MS = 15_000

/** The library's type declarations lack its second parameter and the error fields used here. */
type PopCore = new (
  config: object,
  verbose: true,
) => { request(action: string, params: object, options: object): Promise<[body: unknown, entry: PopEntry]> }
interface PopEntry {
  readonly response?: { readonly statusCode?: number; readonly headers?: IncomingHttpHeaders } | null
}

export class RpcClient {
  readonly #config: RpcConfig
  readonly #requestLimitMs: number
  readonly #agent: HttpAgent
  readonly #freshAgent: HttpAgent
  readonly #client: InstanceType<PopCore>

  constructor(config: RpcConfig, requestLimitMs = REQUEST_LIMIT_MS) {
    this.#config = config
    this.#requestLimitMs = requestLimitMs
    const Agent = config.url.startsWith('https:') ? HttpsAgent : HttpAgent
    this.#agent = new Agent({ keepAlive: true })
    this.#freshAgent = new Agent({ keepAlive: false })
    const { url: endpoint, ...keys } = config
    this.#client = new (RPCClient as unknown as PopCore)({ endpoint, ...keys }, true)
  }

  /** Never rejects. An abort of `cancel` ends the call at once; its result then means nothing. */
  call(action: string, params: Readonly<Record<string, string>>, cancel: AbortSignal): Promise<RpcResult> {
    return this.#call(action, params, cancel, this.#agent)
  }

  /**
   * The same over a connection of its own. One that was kept open may be closed by the other side just when the request
   * is sent, and then nobody can tell whether it arrived.
   */
  callFresh(action: string, params: Readonly<Record<string, string>>, cancel: AbortSignal): Promise<RpcResult> {
    return this.#call(action, params, cancel, this.#freshAgent)
  }

  async #call(
    action: string,
    params: Readonly<Record<string, string>>,
    cancel: AbortSignal,
    agent: HttpAgent,
  ): Promise<RpcResult> {
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(), this.#requestLimitMs)
    try {
      return this.#read(await this.#send(action, params, AbortSignal.any([cancel, limit.signal]), agent))
    } catch (error) {
      return { kind: 'failure', failure: limit.signal.aborted ? this.#timedOut() : this.#explain(error) }
    } finally {
      clearTimeout(timer)
    }
  }

  /** Closes idle connections, so that they do not keep the process alive. */
  close(): void {
    this.#agent.destroy()
    this.#freshAgent.destroy()
  }

  async #send(
    action: string,
    params: Readonly<Record<string, string>>,
    signal: AbortSignal,
    agent: HttpAgent,
  ): Promise<[unknown, PopEntry]> {
    signal.throwIfAborted()
    const request = this.#client.request(action, params, {
      // Exactly so: any other spelling, or GET, would put key, token and signature into the URL and into error texts.
      method: 'POST',
      agent,
      // The library's timer starts anew in the middle of a request; ours covers all of it and fires first.
      timeout: this.#requestLimitMs * 2,
      beforeRequest: (options: ClientRequestArgs) => ({ ...options, signal }),
    })
    // The race makes sure that an abort ends the call whatever the library makes of it.
    return Promise.race([request, aborted(signal)])
  }

  /** A reply without an error code: good only if it is 2xx and an object. */
  #read([body, entry]: [unknown, PopEntry]): RpcResult {
    const status = entry.response?.statusCode ?? 0
    const requestId = requestIdOf(body, entry)
    if (status < 200 || status > 299) {
      const retryAfterMs = retryAfter(entry)
      const cause = status === 429 || retryAfterMs > 0 ? 'throttled' : 'invalid-response'
      const failure = failureOf(cause, 'InvalidResponse', `HTTP ${status} without an error code`, requestId)
      return { kind: 'failure', failure: { ...failure, retryAfterMs } }
    }
    if (!isObject(body)) {
      return {
        kind: 'failure',
        failure: failureOf('invalid-response', 'InvalidResponse', 'the reply is not a JSON object', requestId),
      }
    }
    const serverTimeMs = Date.parse(entry.response?.headers?.date ?? '')
    return { kind: 'reply', body, requestId, ...(Number.isNaN(serverTimeMs) ? {} : { serverTimeMs }) }
  }

  /** Whatever the library threw. */
  #explain(error: unknown): CallFailure {
    const thrown = isObject(error) ? error : {}
    const { data } = thrown
    if (isObject(data) && (typeof data.Code === 'string' || typeof data.Code === 'number')) {
      const entry = (isObject(thrown.entry) ? thrown.entry : {}) as PopEntry
      const code = this.#redact(String(data.Code))
      const message = typeof data.Message === 'string' ? this.#redact(data.Message) : ''
      const failure = failureOf(classify(code), code, message, requestIdOf(data, entry))
      return { ...failure, retryAfterMs: retryAfter(entry) }
    }
    if (thrown.name === 'RequestTimeoutError') return this.#timedOut()
    if (typeof thrown.code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(thrown.code) && thrown.code !== 'ABORT_ERR') {
      return failureOf('network', thrown.code, networkMessage(thrown.code), '')
    }
    return failureOf('invalid-response', 'InvalidResponse', 'the reply is not JSON', '')
  }

  #timedOut(): CallFailure {
    return failureOf('timeout', 'RequestTimeout', `no complete reply within ${this.#requestLimitMs / 1_000} s`, '')
  }

  #redact(text: string): string {
    const { accessKeyId, accessKeySecret, securityToken = '' } = this.#config
    return redact(text, [accessKeyId, accessKeySecret, securityToken])
  }
}

function failureOf(cause: Failure['cause'], code: string, message: string, requestId: string): CallFailure {
  return { cause, code, message, requestId, retryAfterMs: 0 }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Only what looks like one is taken for a request id: it is shown and put out without further care. */
function requestIdOf(body: unknown, entry: PopEntry): string {
  const candidates = [isObject(body) ? body.RequestId : undefined, entry.response?.headers?.['x-acs-request-id']]
  const id = candidates.find((candidate) => typeof candidate === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(candidate))
  return typeof id === 'string' ? id : ''
}

/** `x-acs-retry-after` is in milliseconds. */
function retryAfter(entry: PopEntry): number {
  const header = entry.response?.headers?.['x-acs-retry-after']
  return typeof header === 'string' && /^[0-9]{1,9}$/.test(header.trim()) ? Number(header) : 0
}

/** The common ones in words; the code says the rest. */
function networkMessage(code: string): string {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name of the endpoint could not be resolved'
    case 'ECONNREFUSED':
      return 'nothing accepts connections at the endpoint'
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the connection was cut'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return 'the endpoint cannot be reached from this runner'
    default:
      return /CERT|TLS|SSL|SIGN|ALTNAME/.test(code) ? 'the TLS certificate of the endpoint is not trusted' : ''
  }
}
