/** What the emulated cloud can do with a request: answer it well, answer it badly, or break the connection. */
export type Answer =
  | {
      readonly kind: 'reply'
      readonly status: number
      readonly contentType: string
      readonly headers: Readonly<Record<string, string>>
      readonly text: string
      /** The connection ends after the headers, or in the middle of the body. */
      readonly cut: 'nowhere' | 'after-headers' | 'half'
      /** Nothing more comes, and the connection stays open; `drip`: a byte at a time. */
      readonly stall: 'nowhere' | 'before-headers' | 'in-body' | 'drip'
    }
  /** No answer at all: the connection is reset, or closed in good order. */
  | { readonly kind: 'reset' | 'close' }
  /** Bytes that are no HTTP. */
  | { readonly kind: 'noise'; readonly text: string }

type Reply = Extract<Answer, { kind: 'reply' }>

/** What a script says of one look: a state of the task, or an answer that is no good. */
export type Look = { readonly kind: 'progress'; readonly fields: Readonly<Record<string, unknown>> } | Answer

const JSON_TYPE = 'application/json;charset=utf-8'

export function raw(status: number, text: string, contentType = JSON_TYPE): Reply {
  return { kind: 'reply', status, contentType, headers: {}, text, cut: 'nowhere', stall: 'nowhere' }
}

/** A task's state as the cloud reports it; `TargetInfo` is added from the task unless `fields` has its own. */
export function state(progress: unknown, fields: Readonly<Record<string, unknown>> = {}): Look {
  return { kind: 'progress', fields: { ScanTaskProgress: progress, ...fields } }
}

/** A reply without the fields that it should have. */
export function withoutFields(): Look {
  return { kind: 'progress', fields: { TargetInfo: undefined } }
}

export function refusal(status: number, code: string, message: string): Reply {
  return raw(status, JSON.stringify({ Code: code, Message: message, RequestId: REQUEST_ID, HostId: 'emulator' }))
}

/** Stands for the id of the request in the text of an answer. */
export const REQUEST_ID = '{request-id}'

/** What the service says of a parameter that is missing or that it does not understand. */
export const illegalParam = () => refusal(400, 'IllegalParam', 'Illegal param')

const DIGITS = '\u0000digits:'

/** In an answer's fields: a number written with just these digits. Ids have up to 19 of them, a double holds 15. */
export function verbatim(digits: string): string {
  return DIGITS + digits
}

/** A good answer with these fields. */
export function success(fields: Readonly<Record<string, unknown>>): Reply {
  const text = JSON.stringify({ RequestId: REQUEST_ID, ...fields })
  return raw(200, text.replaceAll(/"\\u0000digits:(\d+)"/g, '$1'))
}

export function throttled(retryAfterMs?: number): Reply {
  const reply = refusal(400, 'Throttling.User', 'Request was denied due to user flow control.')
  return retryAfterMs === undefined ? reply : { ...reply, headers: { 'x-acs-retry-after': String(retryAfterMs) } }
}

export const serverError = () => refusal(500, 'ServerError', 'ServerError')
export const badGateway = () => raw(502, '<html><body><h1>502 Bad Gateway</h1></body></html>', 'text/html')
export const emptyReply = (status: number) => raw(status, '')
export const resetBeforeHeaders = (): Answer => ({ kind: 'reset' })
export const closeBeforeHeaders = (): Answer => ({ kind: 'close' })
export const noise = (): Answer => ({ kind: 'noise', text: 'SSH-2.0-OpenSSH_9.6\r\n' })
export const resetAfterHeaders = (): Answer => ({ ...raw(200, successText()), cut: 'after-headers' })
export const truncated = (): Answer => ({ ...raw(200, successText()), cut: 'half' })
export const hang = (): Answer => ({ ...raw(200, successText()), stall: 'before-headers' })
export const hangInBody = (): Answer => ({ ...raw(200, successText()), stall: 'in-body' })
export const drip = (): Answer => ({ ...raw(200, successText()), stall: 'drip' })

/** Were it read to its end, it would be a pass: a client that believes half a reply is found out. */
function successText(): string {
  return JSON.stringify({ ScanTaskProgress: 'Success', TargetInfo: '[]', RequestId: REQUEST_ID })
}
