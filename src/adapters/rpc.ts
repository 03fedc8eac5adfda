import type { ClientRequestArgs, Agent as HttpAgent } from 'node:http'
import RPCClient from '@alicloud/pop-core'
import { unlessAborted } from '../domain/abort.ts'
import { type Credentials, secretsOf } from '../domain/session.ts'
import type { CredentialProvider } from '../ports.ts'
import { saysSessionEnded } from './errorCodes.ts'
import { agentFor } from './proxy.ts'
import { type Redaction, redactionOf } from './redaction.ts'
import { overheard, type ReplyHead } from './replyHead.ts'
import { type CallFailure, failureOf, failureOfThrown, type RpcResult, readReply, timedOut } from './rpcReply.ts'

/**
 * One call of an RPC-style API over `@alicloud/pop-core`. What the library does its own way ends here and in `rpcReply`:
 * it ignores the HTTP status, throws things that are no errors, has no limit for a whole request, and knows no cancel.
 */

export interface RpcConfig {
  /** `https://host`, or on loopback `http://host:port`. */
  readonly url: string
  readonly apiVersion: string
  /** `unsigned` for the calls by which one gets credentials in the first place. */
  readonly credentials: CredentialProvider | 'unsigned'
}

/** Limit of one request in ms, connecting included. The library's own 3 s are too short from far away. */
const REQUEST_LIMIT_MS = 15_000

/** The library's type declarations lack its second parameter and what it says of the reply. */
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
      const [body, { response }] = await this.#send({ ...request, agent }, signer.client, signal)
      const result = readReply(body, response, redact)
      if (result.kind === 'reply') this.#tell(signer, (provider, credentials) => provider.accepted(credentials))
      return result
    } catch (error) {
      const circumstances = { head, redact, host: this.#host, limitMs: this.#requestLimitMs }
      const failure = limit.signal.aborted ? timedOut(this.#requestLimitMs) : failureOfThrown(error, circumstances)
      return { kind: 'failure', failure: this.#orSessionEnded(failure, signer) }
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

  /** A session that has ended is no refusal where another one can be had. */
  #orSessionEnded(failure: CallFailure, signer: Signer): CallFailure {
    if (!saysSessionEnded(failure.code)) return failure
    const isReplaced = this.#tell(signer, (provider, credentials) => provider.ended(credentials))
    return isReplaced ? { ...failure, cause: 'session-ended' } : failure
  }

  #tell<T>(
    { credentials }: Signer,
    what: (provider: CredentialProvider, credentials: Credentials) => T,
  ): T | undefined {
    const { credentials: provider } = this.#config
    return provider === 'unsigned' || credentials === undefined ? undefined : what(provider, credentials)
  }
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
