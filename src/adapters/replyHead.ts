import type { ClientRequest, Agent as HttpAgent, IncomingHttpHeaders, IncomingMessage } from 'node:http'

/** Status and headers of a reply. */
export interface ReplyHead {
  readonly statusCode?: number
  readonly headers?: IncomingHttpHeaders
}

/**
 * An agent for one request, which tells of the head of its reply: pop-core forgets it where the body is not JSON, and
 * gateways answer in HTML. Node hands an agent each request with `addRequest`, which other agents override as well.
 */
export function overheard(agent: HttpAgent, onHead: (head: ReplyHead) => void): HttpAgent {
  const { addRequest } = agent as unknown as { addRequest(...args: readonly unknown[]): void }
  const listen = (request: ClientRequest, ...rest: readonly unknown[]) => {
    request.once('response', ({ statusCode, headers }: IncomingMessage) =>
      onHead({ headers, ...(statusCode === undefined ? {} : { statusCode }) }),
    )
    addRequest.call(agent, request, ...rest)
  }
  // All else is the agent's own, read as its own: it has private fields.
  return new Proxy(agent, { get: (own, name) => (name === 'addRequest' ? listen : Reflect.get(own, name)) })
}

export function isGood(head: ReplyHead | null | undefined): boolean {
  const { statusCode = 0 } = head ?? {}
  return statusCode >= 200 && statusCode <= 299
}

/** `x-acs-retry-after` is in milliseconds. */
export function retryAfter(head: ReplyHead | null | undefined): number {
  const header = head?.headers?.['x-acs-retry-after']
  return typeof header === 'string' && /^[0-9]{1,9}$/.test(header.trim()) ? Number(header) : 0
}

/** The reply's `Date`, in ms since 1970. */
export function serverTime(head: ReplyHead | null | undefined): number | undefined {
  const at = Date.parse(head?.headers?.date ?? '')
  return Number.isNaN(at) ? undefined : at
}
