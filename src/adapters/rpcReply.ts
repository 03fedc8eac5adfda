import type { Failure, Receipt } from '../domain/scan.ts'
import type { Failed } from '../ports.ts'
import { classify } from './errorCodes.ts'
import { networkFailure } from './networkErrors.ts'
import type { Redaction } from './redaction.ts'
import { isGood, type ReplyHead, retryAfter, serverTime } from './replyHead.ts'

/** What a call came to: how the replies that pop-core hands over are read, and the things that it throws. */

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

/** What was going on when a call threw. */
export interface Circumstances {
  /** Of the reply, where one had begun. */
  readonly head: ReplyHead | undefined
  readonly redact: Redaction
  readonly host: string
  readonly limitMs: number
}

/** A reply without an error code: good only if it is 2xx and an object. */
export function readReply(body: unknown, head: ReplyHead | null | undefined, redact: Redaction): RpcResult {
  const requestId = requestIdOf(body, head, redact)
  if (!isGood(head) || !isObject(body)) {
    return { kind: 'failure', failure: unreadable(head, requestId, 'is not a JSON object') }
  }
  const serverTimeMs = serverTime(head)
  return { kind: 'reply', body, requestId, ...(serverTimeMs === undefined ? {} : { serverTimeMs }) }
}

/** Whatever the library threw. */
export function failureOfThrown(error: unknown, { head, redact, host, limitMs }: Circumstances): CallFailure {
  const thrown = isObject(error) ? error : {}
  const { data } = thrown
  if (isObject(data) && (typeof data.Code === 'string' || typeof data.Code === 'number')) {
    const code = redact(String(data.Code))
    const message = typeof data.Message === 'string' ? redact(data.Message) : ''
    const failure = failureOf(classify(code), code, message, requestIdOf(data, head, redact))
    const at = serverTime(head)
    const clock = failure.cause === 'clock' && at !== undefined ? { clockAheadMs: Date.now() - at } : {}
    return { ...failure, retryAfterMs: retryAfter(head), ...clock }
  }
  if (thrown.name === 'RequestTimeoutError') return timedOut(limitMs)
  const network = networkFailure(thrown, host)
  if (network !== undefined) return { ...network, requestId: '', retryAfterMs: 0 }
  return unreadable(head, requestIdOf(undefined, head, redact), 'is not JSON')
}

export function timedOut(limitMs: number): CallFailure {
  return failureOf('timeout', 'RequestTimeout', `no complete reply within ${limitMs / 1_000} s`, '')
}

/** A failure as those see it who asked for the action. */
export function failed(action: string, failure: CallFailure): Failed {
  return { kind: 'failure', failure: { action, ...failure } }
}

/** A good reply that lacks what it should have; `what` names it. */
export function missing(action: string, { requestId }: Pick<Receipt, 'requestId'>, what: string): Failed {
  return failed(action, failureOf('missing-fields', 'InvalidResponse', `the reply has ${what}`, requestId))
}

export function failureOf(cause: Failure['cause'], code: string, message: string, requestId: string): CallFailure {
  return { cause, code, message, requestId, retryAfterMs: 0 }
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
