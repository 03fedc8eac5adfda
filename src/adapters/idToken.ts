import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { unlessAborted } from '../domain/abort.ts'
import type { Claims, Failure } from '../domain/scan.ts'
import type { Answer } from '../ports.ts'
import { networkFailure } from './networkErrors.ts'
import { agentFor } from './proxy.ts'

/**
 * GitHub's OIDC token for this job. Asked for without `core.getIDToken`: that follows a redirect to any host, the
 * credentials of the request included, repeats by itself for as long as it likes, cannot be ended, and says how it failed
 * in words only.
 *
 * Source: GitHub's page on OIDC, where the request is shown for those who do not use its client.
 */

/** Limit of the request in ms, connecting included. */
const ID_TOKEN_LIMIT_MS = 15_000

/** A token has a few thousand characters. */
const LONGEST_REPLY = 64 * 1024

const ACTION = 'GetIDToken'

export interface TokenService {
  /** As the runner gives it, `https://…?api-version=2.0`. */
  readonly url: string
  /** What the request shows. */
  readonly requestToken: string
  readonly limitMs?: number
}

/** Never rejects. */
export async function requestIdToken(
  audience: string,
  { url, requestToken, limitMs = ID_TOKEN_LIMIT_MS }: TokenService,
  cancel: AbortSignal,
): Promise<Answer<string>> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), limitMs)
  const address = new URL(url)
  address.searchParams.set('audience', audience)
  const agent = agentFor(url, { keepAlive: false })
  try {
    cancel.throwIfAborted()
    const signal = AbortSignal.any([cancel, limit.signal])
    const reply = { address, requestToken, agent, signal }
    return read(await unlessAborted(get(reply), signal))
  } catch (error) {
    if (limit.signal.aborted) {
      return failed({
        cause: 'timeout',
        code: 'RequestTimeout',
        message: `the token service of GitHub gave no complete reply within ${limitMs / 1_000} s`,
      })
    }
    const cut = {
      cause: 'network',
      code: 'ECONNRESET',
      message: 'the token service of GitHub cannot be reached',
    } as const
    return failed(networkFailure(error, address.host) ?? cut)
  } finally {
    clearTimeout(timer)
    agent.destroy()
  }
}

interface Reply {
  readonly status: number
  readonly body: string
}

/** One request, and no other: what a redirect names is not asked. */
function get({
  address,
  requestToken,
  agent,
  signal,
}: {
  readonly address: URL
  readonly requestToken: string
  readonly agent: ReturnType<typeof agentFor>
  readonly signal: AbortSignal
}): Promise<Reply> {
  const headers = {
    authorization: `Bearer ${requestToken}`,
    accept: 'application/json',
    'user-agent': 'virus-scan-gate',
  }
  const request = address.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const asked = request(address, { agent, headers, signal }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
        if (body.length > LONGEST_REPLY) response.destroy(new Error('the reply has no end'))
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** Nothing of the reply is repeated: it may echo the request. */
function read({ status, body }: Reply): Answer<string> {
  const code = `HTTP${status}`
  if (status >= 300 && status < 500 && status !== 408 && status !== 429) {
    const message = `the token service of GitHub refused to give an OIDC token (HTTP ${status})`
    return failed({ cause: 'login', code, message })
  }
  if (status < 200 || status > 299) {
    const message = `the token service of GitHub answered HTTP ${status}`
    return failed({ cause: status === 429 ? 'throttled' : 'server', code, message })
  }
  const token = tokenIn(body)
  if (token !== undefined) return { kind: 'answer', value: token, action: ACTION, requestId: '' }
  const message = 'the reply of the token service of GitHub has no OIDC token in it'
  return failed({ cause: 'invalid-response', code: 'InvalidResponse', message })
}

function tokenIn(body: string): string | undefined {
  try {
    const { value } = JSON.parse(body)
    return typeof value === 'string' && claimsIn(value) !== undefined ? value : undefined
  } catch {
    return undefined
  }
}

/** What a token says of itself; it is not checked here, that is the cloud's business. */
export function claimsIn(token: string): Claims | undefined {
  try {
    const [, payload = ''] = token.split('.')
    const { iss, aud, sub } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    return { iss: String(iss), aud: String(aud), sub: String(sub) }
  } catch {
    return undefined
  }
}

function failed(
  failure: Pick<Failure, 'cause' | 'code' | 'message' | 'host'>,
): Extract<Answer<never>, { kind: 'failure' }> {
  return { kind: 'failure', failure: { ...failure, requestId: '', retryAfterMs: 0, action: ACTION } }
}
