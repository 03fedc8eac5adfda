import {
  type Answer,
  closeBeforeHeaders,
  drip,
  hang,
  hangInBody,
  noise,
  raw,
  refusal,
  resetAfterHeaders,
  resetBeforeHeaders,
  throttled,
  truncated,
} from '../../../src/emulator/answers.ts'

/**
 * What can go wrong with a call, as data. A fault says what it is, never what comes of it: that is for the rules.
 */

/** What a fault is to the one who called. */
export type Nature =
  | 'throttled' // by the cloud's own code
  | 'throttled-guess' // by status or header alone
  | 'refused-credentials'
  | 'refused-permission'
  | 'refused-request'
  | 'unknown-code'
  | 'server-error'
  | 'other-status' // neither 2xx nor 5xx, and no code that says why
  | 'wrong-reply' // 2xx, and not what was asked for
  | 'never-connected'
  | 'no-tls'
  | 'cut' // after a connection was made
  | 'too-slow'
  | 'wrong-certificate'
  | 'wrong-clock'

/** Where a call ends up that meets the fault. */
export type End =
  /** Somebody answers. Handed the bodies that are wrong for the call. */
  | { readonly kind: 'answers'; readonly answer: (body: WrongBody) => Answer }
  /** `name`: cannot be resolved; `port`: nobody listens; `plain`: no TLS there, where it is asked for. */
  | { readonly kind: 'nobody'; readonly what: 'name' | 'port' | 'plain' }
  /** TLS with a certificate of this kind. */
  | { readonly kind: 'certificate'; readonly what: 'selfSigned' | 'good' }
  /** A cloud whose clock is so many ms ahead of the runner's. */
  | { readonly kind: 'clock'; readonly aheadMs: number }

/** JSON objects that have the fields of a good reply, in types that these never have. */
export interface WrongBody {
  readonly types: object
  readonly values: object
}

export interface Fault {
  readonly name: string
  readonly nature: Nature
  readonly end: End
  /** Of the reply, where one comes. */
  readonly status?: number
  /** What `x-acs-retry-after` asks for, in ms. */
  readonly waitMs?: number
  /** Whether it never ends by itself. */
  readonly isEndless?: true
}

/** Longer than any delay that the schedule of errors would choose itself. */
const PATIENCE_MS = 90_000
const patience = { 'x-acs-retry-after': String(PATIENCE_MS) }
const HTML = '<html><head><title>Sorry</title></head><body><h1>Sorry</h1></body></html>'

function replies(name: string, nature: Nature, answer: Answer, more: Partial<Fault> = {}): Fault {
  const status = answer.kind === 'reply' ? { status: answer.status } : {}
  return { name, nature, end: { kind: 'answers', answer: () => answer }, ...status, ...more }
}

function refuses(nature: Nature, status: number, code: string): Fault {
  return replies(`\`${code}\` (${status})`, nature, refusal(status, code, 'said so'))
}

/** The codes of the cloud that come with a status of theirs; a code that no page names where there is none. */
const SERVER_CODES: Readonly<Record<number, string>> = {
  500: 'InternalError',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
}

const serverErrors = [500, 502, 503, 504].flatMap((status): readonly Fault[] => [
  replies(`HTTP ${status}, JSON with a code`, 'server-error', refusal(status, SERVER_CODES[status] ?? '', 'down')),
  replies(`HTTP ${status}, JSON without a code`, 'server-error', raw(status, '{}')),
  replies(`HTTP ${status}, HTML`, 'server-error', raw(status, HTML, 'text/html')),
  replies(`HTTP ${status}, empty`, 'server-error', raw(status, '')),
])

/** Were the status overlooked, this would be a pass. */
const GOOD_LOOK = JSON.stringify({ ScanTaskProgress: 'Success', TargetInfo: '[]', ScanTaskId: '7', RequestId: 'R-1' })

const redirects = [301, 302, 307, 308].map((status) =>
  replies(`HTTP ${status} to elsewhere`, 'other-status', {
    ...raw(status, ''),
    headers: { location: 'http://127.0.0.1:1/elsewhere' },
  }),
)

export const FAULTS: readonly Fault[] = [
  replies('throttled', 'throttled', throttled()),
  replies('throttled, asks for 90 s', 'throttled', throttled(PATIENCE_MS), { waitMs: PATIENCE_MS }),
  refuses('throttled', 503, 'Throttling'),
  replies('HTTP 429, JSON without a code', 'throttled-guess', raw(429, '{}')),
  replies('HTTP 429, HTML', 'throttled-guess', raw(429, HTML, 'text/html')),
  replies(
    'HTTP 429, HTML, asks for 90 s',
    'throttled-guess',
    { ...raw(429, HTML, 'text/html'), headers: patience },
    { waitMs: PATIENCE_MS },
  ),
  replies(
    'HTTP 503, HTML, asks for 90 s',
    'throttled-guess',
    { ...raw(503, HTML, 'text/html'), headers: patience },
    { waitMs: PATIENCE_MS },
  ),

  refuses('refused-credentials', 404, 'InvalidAccessKeyId.NotFound'),
  refuses('refused-credentials', 400, 'SignatureDoesNotMatch'),
  refuses('refused-credentials', 400, 'InvalidSecurityToken.Expired'),
  refuses('refused-permission', 403, 'NoPermission'),
  refuses('refused-permission', 403, 'Forbidden.RAM'),
  replies('`NoPermission` (200)', 'refused-permission', refusal(200, 'NoPermission', 'said so'), { status: 200 }),
  refuses('refused-request', 400, 'IllegalParam'),
  refuses('refused-request', 404, 'InvalidAction.NotFound'),
  refuses('unknown-code', 400, 'SomethingNew.Odd'),
  refuses('unknown-code', 403, 'SomethingNew.Odd'),
  replies('`ServiceUnavailable` (200)', 'server-error', refusal(200, 'ServiceUnavailable', 'down')),

  ...serverErrors,
  replies('HTTP 500 with a good body', 'server-error', raw(500, GOOD_LOOK)),
  ...redirects,
  replies('HTTP 401, HTML', 'other-status', raw(401, HTML, 'text/html')),
  replies('HTTP 403, HTML', 'other-status', raw(403, HTML, 'text/html')),
  replies('HTTP 404, HTML', 'other-status', raw(404, HTML, 'text/html')),
  replies('HTTP 404 with a good body', 'other-status', raw(404, GOOD_LOOK)),

  replies('HTTP 200, `[]`', 'wrong-reply', raw(200, '[]')),
  replies('HTTP 200, `{}`', 'wrong-reply', raw(200, '{}')),
  replies('HTTP 200, `null`', 'wrong-reply', raw(200, 'null')),
  replies('HTTP 200, a text', 'wrong-reply', raw(200, '"Success"')),
  { name: 'HTTP 200, wrong types', nature: 'wrong-reply', status: 200, end: wrong(({ types }) => types) },
  { name: 'HTTP 200, wrong values', nature: 'wrong-reply', status: 200, end: wrong(({ values }) => values) },
  replies('HTTP 200, HTML', 'wrong-reply', raw(200, HTML, 'text/html')),
  replies('HTTP 200, empty', 'wrong-reply', raw(200, '')),
  replies('HTTP 200, half of the JSON', 'wrong-reply', raw(200, GOOD_LOOK.slice(0, 40))),

  { name: 'name cannot be resolved', nature: 'never-connected', end: { kind: 'nobody', what: 'name' } },
  { name: 'connection refused', nature: 'never-connected', end: { kind: 'nobody', what: 'port' } },
  { name: 'no TLS at the port', nature: 'no-tls', end: { kind: 'nobody', what: 'plain' } },
  { name: 'certificate is self-signed', nature: 'wrong-certificate', end: { kind: 'certificate', what: 'selfSigned' } },
  { name: 'authority is not known', nature: 'wrong-certificate', end: { kind: 'certificate', what: 'good' } },
  replies('closed before the headers', 'cut', closeBeforeHeaders()),
  replies('reset before the headers', 'cut', resetBeforeHeaders()),
  { ...replies('reset after the headers', 'cut', resetAfterHeaders()) },
  replies('cut in the middle of the body', 'cut', truncated()),
  replies('bytes that are no HTTP', 'cut', noise()),
  replies('hangs before the headers', 'too-slow', hang(), { isEndless: true }),
  replies('hangs in the body', 'too-slow', hangInBody(), { isEndless: true }),
  replies('drips, a byte at a time', 'too-slow', drip(), { isEndless: true }),
  { name: "the runner's clock is an hour late", nature: 'wrong-clock', end: { kind: 'clock', aheadMs: 3_600_000 } },
  { name: "the runner's clock is an hour early", nature: 'wrong-clock', end: { kind: 'clock', aheadMs: -3_600_000 } },
]

function wrong(of: (body: WrongBody) => object): End {
  return { kind: 'answers', answer: (body) => raw(200, JSON.stringify({ RequestId: 'R-1', ...of(body) })) }
}
