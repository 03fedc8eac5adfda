import { type ClientRequest, Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Socket } from 'node:net'
import { getProxyUrl } from '@actions/http-client/lib/proxy'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { isProxy, PROXY_VARIABLES, withScheme } from '../inputs/network.ts'

/**
 * The way out through a proxy. Which one, if any, `@actions/http-client` decides for all clients of this process, since
 * two of them, for GitHub and for its tokens, are built upon it.
 */

/**
 * Brings the variables into the form that it understands: it knows no ALL_PROXY, and takes the name in
 * `proxy.example:3128` for a scheme. What cannot be used stays as it is, so that it is refused under its own name.
 */
export function adoptAllProxy(env: NodeJS.ProcessEnv): void {
  const { all, ...ofSchemes } = PROXY_VARIABLES
  const fallback = all.map((name) => env[name]?.trim() ?? '').find((value) => value !== '')
  for (const names of Object.values(ofSchemes)) {
    for (const name of names) {
      const value = env[name]
      if (value !== undefined && (value.trim() === '' || isProxy(value))) env[name] = withScheme(value)
    }
    const isSet = names.some((name) => (env[name] ?? '') !== '')
    if (!isSet && fallback !== undefined && isProxy(fallback)) env[names[1]] = withScheme(fallback)
  }
}

/** The proxy that requests to this URL go through, `host:port` without user and password; undefined where none does. */
export function proxyOf(url: string): { readonly host: string } | undefined {
  const proxy = getProxyUrl(new URL(url))
  return proxy === undefined ? undefined : { host: hostOf(proxy) }
}

/** For requests to this URL: straight, or through a tunnel of the proxy. `destroy` closes all that is open. */
export function agentFor(url: string, { keepAlive }: { readonly keepAlive: boolean }): HttpAgent {
  const target = new URL(url)
  const proxy = getProxyUrl(target)
  const isSecure = target.protocol === 'https:'
  if (proxy !== undefined) return new Tunnel(proxy, isSecure, keepAlive)
  return isSecure ? new HttpsAgent({ keepAlive }) : new HttpAgent({ keepAlive })
}

/** The proxy gave no tunnel. What happens inside of one is an error of the endpoint and stays as Node has it. */
export class ProxyError extends Error {
  /** `ProxyRefused` with a status; else Node's own code, `ECONNREFUSED` or one of TLS with an https:// proxy. */
  readonly code: string
  /** `host:port` */
  readonly proxy: string
  /** Of the answer to CONNECT. */
  readonly status?: number

  constructor(proxy: string, { code, status, cause }: { code: string; status?: number; cause?: unknown }) {
    super(`The proxy ${proxy} gave no tunnel (${status ?? code})`, { cause })
    this.name = 'ProxyError'
    this.code = code
    this.proxy = proxy
    if (status !== undefined) this.status = status
  }
}

/**
 * A pool of tunnels. In its base's way an answer other than 200 would be taken for that of the endpoint, a CONNECT
 * under way could not be ended, and tunnels would not be used again: whether one is secure is guessed from the stack.
 */
class Tunnel extends HttpsProxyAgent<string> {
  readonly #isSecure: boolean
  readonly #keepAlive: boolean
  readonly #underWay = new Set<AbortController>()

  constructor(proxy: URL, isSecure: boolean, keepAlive: boolean) {
    // As text: http-client's own object has user and password decoded already, and they would be decoded twice.
    super(proxy.href, { keepAlive })
    this.#isSecure = isSecure
    this.#keepAlive = keepAlive
  }

  override isSecureEndpoint(): boolean {
    return this.#isSecure
  }

  override async connect(
    request: ClientRequest,
    options: Parameters<HttpsProxyAgent<string>['connect']>[1],
  ): Promise<Socket> {
    const giveUp = new AbortController()
    const keep = whenDestroyed(request, () => giveUp.abort())
    this.#underWay.add(giveUp)
    // One for each connection, since that is what its signal is for.
    const once = new HttpsProxyAgent(this.proxy, { keepAlive: this.#keepAlive, signal: giveUp.signal })
    let status = Number.NaN
    once.on('proxyConnect', (answer: { readonly statusCode: number }) => {
      status = answer.statusCode
    })
    try {
      const socket = await once.connect(request, options)
      if (status === 200) return socket
      socket.destroy()
    } catch (error) {
      throw new ProxyError(hostOf(this.proxy), { code: codeOf(error), cause: error })
    } finally {
      this.#underWay.delete(giveUp)
      keep()
    }
    // What is not HTTP has no status, and Node's parser has a code for it.
    const answer = Number.isInteger(status) ? { code: 'ProxyRefused', status } : { code: 'HPE_INVALID_CONSTANT' }
    throw new ProxyError(hostOf(this.proxy), answer)
  }

  override destroy(): void {
    for (const giveUp of this.#underWay) giveUp.abort()
    super.destroy()
  }
}

/**
 * A request that is aborted before it has a socket tells nobody: no event comes until there is one. Returns what ends
 * the watch.
 */
function whenDestroyed(request: ClientRequest, tell: () => void): () => void {
  if (request.destroyed) tell()
  const { destroy } = request
  request.destroy = (error) => {
    tell()
    return destroy.call(request, error)
  }
  return () => {
    request.destroy = destroy
  }
}

function hostOf({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
}

/** Who hangs up without a word has no code. */
function codeOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' ? code : 'ECONNRESET'
}
