import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { RpcClient } from '../../src/adapters/rpc.ts'
import { API_VERSION, SecurityCenter } from '../../src/adapters/securityCenter.ts'
import { staticCredentials } from '../../src/steps/staticCredentials.ts'
import { id } from '../support/builders.ts'
import { cases, figure } from '../support/proof.ts'
import { hostileText } from './fuzz/hostileText.ts'
import { anyJson, progress, written } from './fuzz/replies.ts'

/** What the adapter and the real pop-core make of any bytes on a real socket: an observation, and no good one unless it was. */

const KEYS = { accessKeyId: 'LTAI5tFuzzedKeyId0001', accessKeySecret: 'fuzzed/secret+of=the%run' }
const LIMIT_MS = 200

interface Answer {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
  /** `cut` closes the connection before all is sent that was announced. */
  readonly length: 'right' | 'none' | 'cut' | 'chunked'
}

let answer: Answer
let server: Server
let rpc: RpcClient
let tried = 0
const escaped: unknown[] = []
const note = (error: unknown) => escaped.push(error)

beforeAll(async () => {
  server = createServer((request) => {
    request.resume().on('end', () => {
      request.socket.write(head(answer))
      request.socket.end(answer.length === 'chunked' ? chunked(answer.body) : answer.body)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  rpc = new RpcClient({ url, apiVersion: API_VERSION, credentials: staticCredentials(KEYS) }, LIMIT_MS)
  process.on('uncaughtException', note).on('unhandledRejection', note)
})
afterAll(async () => {
  process.off('uncaughtException', note).off('unhandledRejection', note)
  rpc.close()
  server.closeAllConnections()
  server.close()
  figure('fuzzed wire', 'replies on a socket', tried)
})

function head({ status, headers, body, length }: Answer): string {
  const framing = {
    right: [`Content-Length: ${body.length}`],
    cut: [`Content-Length: ${body.length + 7}`],
    chunked: ['Transfer-Encoding: chunked'],
    none: [],
  }[length]
  const lines = [...headers.map(([name, value]) => `${name}: ${value}`), ...framing, 'Connection: close']
  return `HTTP/1.1 ${status} Whatever\r\n${lines.join('\r\n')}\r\n\r\n`
}

function chunked(body: Buffer): Buffer {
  const half = Math.ceil(body.length / 2)
  const chunks = [body.subarray(0, half), body.subarray(half)].filter((chunk) => chunk.length > 0)
  const framed = chunks.flatMap((chunk) => [
    Buffer.from(`${chunk.length.toString(16)}\r\n`),
    chunk,
    Buffer.from('\r\n'),
  ])
  return Buffer.concat([...framed, Buffer.from('0\r\n\r\n')])
}

const json = fc.oneof({ weight: 6, arbitrary: progress }, { weight: 1, arbitrary: anyJson })
const refusal = fc
  .tuple(
    fc.oneof(hostileText, fc.constantFrom('Throttling.User', '200', 'NoPermission', `${KEYS.accessKeyId}`)),
    hostileText,
  )
  .map(([Code, Message]) => JSON.stringify({ Code, Message, RequestId: Code, Echo: KEYS.accessKeySecret }))
const document = fc.oneof(
  { weight: 5, arbitrary: json.map(written) },
  { weight: 1, arbitrary: refusal },
  { weight: 1, arbitrary: hostileText },
)

/** Bytes of a reply: as they should be, in other encodings, cut, with a byte changed, or no text at all. */
const bytes: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 8, arbitrary: document.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: document.map((text) => Buffer.from(`\ufeff${text}`)) },
  { weight: 1, arbitrary: document.map((text) => Buffer.from(text, 'utf16le')) },
  { weight: 1, arbitrary: document.map((text) => Buffer.from(text, 'latin1')) },
  {
    weight: 1,
    arbitrary: fc.tuple(document, fc.nat(60)).map(([text, cut]) => Buffer.from(text).subarray(0, -1 - cut)),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(document, fc.nat(), fc.nat(255)).map(([text, at, byte]) => {
      const all = Buffer.from(text)
      if (all.length > 0) all[at % all.length] = byte
      return all
    }),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((all) => Buffer.from(all)) },
  { weight: 1, arbitrary: fc.nat(40).map((n) => Buffer.from('['.repeat(n * 5_000))) },
)

/** What says how the bytes are to be read, whether or not that is so. */
const encoded: fc.Arbitrary<Pick<Answer, 'headers' | 'body'>> = bytes.chain((body) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant({ headers: [], body }) },
    { weight: 1, arbitrary: fc.constant({ headers: [['Content-Encoding', 'gzip'] as const], body: gzipSync(body) }) },
    {
      weight: 1,
      arbitrary: fc.nat(30).map((cut) => ({
        headers: [['Content-Encoding', 'gzip'] as const],
        body: gzipSync(body).subarray(0, -1 - cut),
      })),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('gzip', 'deflate', 'br', 'zstd', 'identity', 'x-nothing')
        .map((coding) => ({ headers: [['Content-Encoding', coding] as const], body })),
    },
  ),
)

const header = fc.oneof(
  fc
    .constantFrom('text/html', 'application/json; charset=utf-16', 'application/xml', 'image/png', '')
    .map((type) => ['Content-Type', type] as const),
  fc
    .constantFrom('2000', '-1', '1e9', '99999999999999999999', ' 7 ', 'soon')
    .map((ms) => ['x-acs-retry-after', ms] as const),
  fc
    .constantFrom('Tue, 24 Nov 2026 08:30:00 GMT', 'never', '0', '+275761-01-01')
    .map((date) => ['Date', date] as const),
  fc.constantFrom('R-7', 'a b', '::error::x', 'x'.repeat(65)).map((one) => ['x-acs-request-id', one] as const),
  // Node gives up at 16 KiB of headers.
  fc.constantFrom(8_000, 16_000, 17_000, 100_000).map((length) => ['X-Long', 'a'.repeat(length)] as const),
  fc.constant(['Location', 'https://evil.example/'] as const),
)

const answers: fc.Arbitrary<Answer> = fc
  .tuple(
    fc.oneof(
      { weight: 6, arbitrary: fc.constant(200) },
      fc.constantFrom(201, 202, 204, 206, 301, 302, 304, 307, 400, 403, 404, 429, 500, 502, 503, 504, 599),
    ),
    encoded,
    fc.array(header, { maxLength: 2 }),
    fc.constantFrom('right', 'right', 'right', 'chunked', 'none', 'cut'),
  )
  .map(([status, { headers, body }, more, length]) => ({
    status,
    body,
    headers: [...headers, ...more],
    length: length as Answer['length'],
  }))

const STATES = new Map(['init', 'Processing', 'Success', 'Failed'].map((state) => [state.toLowerCase(), state]))

/**
 * The states that the bytes may be taken for: those that a strict reader sees, else (the parser of pop-core takes control
 * characters in strings, and zeros before numbers) those that stand in them word for word.
 */
function statesIn({ status, headers, body, length }: Answer): readonly (string | undefined)[] {
  if (status < 200 || status > 299 || length === 'cut') return []
  const codings = headers.filter(([name]) => name === 'Content-Encoding').map(([, coding]) => coding)
  const text = unpacked(body, codings)
  try {
    const reply: unknown = JSON.parse(text)
    if (typeof reply !== 'object' || reply === null || Array.isArray(reply)) return []
    const { ScanTaskProgress: state, Success, Code } = reply as Readonly<Record<string, unknown>>
    if (Success === false || (Code && Code !== '200' && Code !== 200)) return []
    return typeof state === 'string' ? [STATES.get(state.toLowerCase())] : []
  } catch {
    const claimed = [...text.matchAll(/"ScanTaskProgress"\s*:\s*"([A-Za-z]+)"/g)]
    return claimed.map(([, state = '']) => STATES.get(state.toLowerCase()))
  }
}

/** What it cannot unpack is shown as it is, and is no JSON then. */
function unpacked(body: Buffer, codings: readonly string[]): string {
  try {
    return codings.some((coding) => coding === 'gzip') ? gunzipSync(body).toString() : body.toString()
  } catch {
    return ''
  }
}

test('any bytes are an observation, good only if they show a state, and tell no key', async () => {
  const center = new SecurityCenter(rpc)
  let good = 0
  await fc.assert(
    fc.asyncProperty(answers, async (one) => {
      answer = one
      tried += 1
      const seen = await center.describeScanTaskProgress(id('282832'), new AbortController().signal)
      expect(escaped).toEqual([])
      if (seen.kind === 'failure') {
        const { code, message, requestId, retryAfterMs } = seen.failure
        expect([code, message].map((text) => typeof text)).toEqual(['string', 'string'])
        expect(code).not.toBe('')
        expect(requestId).toMatch(/^[A-Za-z0-9-]{0,64}$/)
        expect(retryAfterMs).toBeGreaterThanOrEqual(0)
        expect(retryAfterMs).toBeLessThan(1e9)
      } else if (seen.kind === 'state') {
        good += 1
        expect(statesIn(one)).toContain(seen.state)
      }
      expect(JSON.stringify(seen)).not.toContain(KEYS.accessKeySecret)
      expect(JSON.stringify(seen)).not.toContain(KEYS.accessKeyId)
    }),
    cases(1_200),
  )
  expect(good).toBeGreaterThan(tried / 20)
})
