import type { Claims, Failure } from '../domain/scan.ts'
import type { Answer } from '../ports.ts'
import { aborted } from './abort.ts'
import { isProxyRefusal } from './networkErrors.ts'

/**
 * GitHub's OIDC token for this job. Its client knows no cancel, repeats by itself, and says how it failed in words only:
 * what it does its own way ends here.
 */

/** Limit of one token in ms, all that the client does by itself included. */
export const ID_TOKEN_LIMIT_MS = 15_000

const ACTION = 'GetIDToken'

export interface IdTokenWorld {
  /** The token for an audience, as `@actions/core` fetches it. */
  readonly fetch: (audience: string) => Promise<string>
  readonly limitMs?: number
}

/** Never rejects. */
export async function requestIdToken(
  audience: string,
  { fetch, limitMs = ID_TOKEN_LIMIT_MS }: IdTokenWorld,
  cancel: AbortSignal,
): Promise<Answer<string>> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), limitMs)
  try {
    cancel.throwIfAborted()
    const token = await Promise.race([fetch(audience), aborted(AbortSignal.any([cancel, limit.signal]))])
    if (claimsIn(token) === undefined) return failed('invalid-response', 'InvalidResponse', 'what came is no token')
    return { kind: 'answer', value: token, action: ACTION, requestId: '' }
  } catch (error) {
    if (limit.signal.aborted) {
      return failed('timeout', 'RequestTimeout', `GitHub gave no OIDC token within ${limitMs / 1_000} s`)
    }
    return explain(error instanceof Error ? error.message : '')
  } finally {
    clearTimeout(timer)
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

/** The client's message has the HTTP status where there was a reply, and Node's words where there was none. */
function explain(message: string): ReturnType<typeof failed> {
  const status = Number(/Error Code : ([0-9]{3})\b/.exec(message)?.[1])
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return failed(
      'login',
      `HTTP${status}`,
      `the token service of GitHub refused to give an OIDC token (HTTP ${status})`,
    )
  }
  if (status > 0) {
    return failed(
      status === 429 ? 'throttled' : 'server',
      `HTTP${status}`,
      `the token service of GitHub answered HTTP ${status}`,
    )
  }
  // Node's words for a connection that was closed without a word; its code does not come through.
  const code = /socket hang up/.test(message) ? 'ECONNRESET' : /\b(E[A-Z]{4,}|EAI_AGAIN)\b/.exec(message)?.[1]
  if (code !== undefined) return failed('network', code, 'the token service of GitHub cannot be reached')
  if (/certificate|self-signed|altnames/i.test(message)) {
    return failed(
      'untrusted',
      'CertificateNotTrusted',
      'the TLS certificate of the token service of GitHub is not trusted',
    )
  }
  const refusedBy = /statusCode=(\d{3})/.exec(message)?.[1]
  if (refusedBy !== undefined) {
    const cause = isProxyRefusal(Number(refusedBy)) ? 'proxy-refused' : 'network'
    return failed(cause, 'ProxyRefused', `the proxy answered ${refusedBy} on the way to the token service of GitHub`)
  }
  return failed(
    'invalid-response',
    'InvalidResponse',
    'the reply of the token service of GitHub has no OIDC token in it',
  )
}

function failed(cause: Failure['cause'], code: string, message: string): Extract<Answer<never>, { kind: 'failure' }> {
  return { kind: 'failure', failure: { cause, code, message, requestId: '', retryAfterMs: 0, action: ACTION } }
}
