import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Answer, REQUEST_ID, raw } from './answers.ts'
import type { Cloud } from './cloud.ts'
import { addressOf, type Body, bodyOf, guarded } from './incoming.ts'
import type { Params } from './signature.ts'

/** The emulated cloud on a socket of this machine. */
export interface EmulatorServer {
  /** `http://127.0.0.1:port` */
  readonly url: string
  /** The conversation so far, without the fields that differ from run to run. */
  readonly exchanges: readonly Exchange[]
  /** The requests as they came, secrets included, for those who look whether these turn up elsewhere. */
  readonly arrivals: readonly Arrival[]
  /** How many connections are open now. */
  connections(): Promise<number>
  close(): Promise<void>
}

export interface Exchange {
  readonly method: string
  readonly action: string
  readonly params: Readonly<Record<string, string>>
  /** Names of the parameters that came in the URL, where proxies and logs see them. */
  readonly inUrl: readonly string[]
  /** `200`, `400 Throttling.User`, `reset` … */
  readonly answer: string
  /** Which of the sessions that were issued signed it, counted from 1; absent for other keys. */
  readonly session?: number
  /** Which connection it came over, counted from 1. */
  readonly connection: number
  readonly requestId: string
}

export interface Arrival {
  /** Path and query. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly params: Params
}

/** Fields that differ from run to run, or that are nobody's business. */
const VOLATILE = new Set([
  'Action',
  'Version',
  'Format',
  'Timestamp',
  'AccessKeyId',
  'SecurityToken',
  'SignatureMethod',
  'SignatureVersion',
  'SignatureNonce',
  'Signature',
  'OIDCToken',
])

/** The parameters of a call without its secrets, and without what every call has. */
export function worthSeeing(params: Params): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !VOLATILE.has(name)))
}

/** How long an idle connection stays open: as long as gateways do, so that who forgets to close one is found out. */
const KEEP_ALIVE_MS = 60_000

/** Milliseconds between two bytes of a reply that drips. */
const DRIP_MS = 100

export async function startServer(
  cloud: Cloud,
  onExchange: (exchange: Exchange) => void = () => {},
  /** Whether exchanges and arrivals are kept, which grow with every request and hold tokens that may be real. */
  { keepsRecord = true }: { readonly keepsRecord?: boolean } = {},
): Promise<EmulatorServer> {
  const exchanges: Exchange[] = []
  const arrivals: Arrival[] = []
  const connections = new WeakMap<object, number>()
  let connectionCount = 0
  const drips = new Set<NodeJS.Timeout>()

  let requestCount = 0

  const answerTo = (request: IncomingMessage, body: Exclude<Body, { kind: 'cut-off' }>, requestId: string): Answer => {
    const query = addressOf(request.url)?.searchParams
    // As a gateway refuses what it cannot read or does not want to: the cloud never hears of it.
    if (query === undefined) return raw(400, '{}')
    if (body.kind === 'too-long') return raw(413, '{}')
    const params = Object.fromEntries([...query, ...new URLSearchParams(body.text)])
    if (keepsRecord) arrivals.push({ url: request.url ?? '', headers: request.headers, params })
    const answer = cloud.answer({ method: request.method ?? '', params })
    const session = cloud.sessions.numberOf(params.AccessKeyId)
    const exchange: Exchange = {
      method: request.method ?? '',
      action: params.Action ?? '',
      params: worthSeeing(params),
      inUrl: [...query.keys()],
      answer: inWords(answer),
      ...(session === undefined ? {} : { session }),
      connection: connections.get(request.socket) ?? 0,
      requestId,
    }
    if (keepsRecord) exchanges.push(exchange)
    onExchange(exchange)
    return answer
  }
  const server = createServer(
    guarded(async (request, response) => {
      const body = await bodyOf(request)
      if (body.kind === 'cut-off') return
      const requestId = fakeRequestId(++requestCount)
      const answer = answerTo(request, body, requestId)
      give(answer, { requestId, date: new Date(cloud.wallClock()).toUTCString() }, response, drips)
    }),
  )
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.on('connection', (socket) => connections.set(socket, ++connectionCount))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    arrivals,
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
      }),
    close: () => {
      for (const drip of drips) clearInterval(drip)
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

/** Sends an answer, or breaks the connection as it says. */
export function give(
  answer: Answer,
  { requestId, date }: { readonly requestId: string; readonly date: string },
  response: ServerResponse,
  drips: Set<NodeJS.Timeout>,
): void {
  if (answer.kind !== 'reply') {
    if (answer.kind === 'reset') response.socket?.resetAndDestroy()
    else response.socket?.end(answer.kind === 'noise' ? answer.text : '')
    return
  }
  if (answer.stall === 'before-headers') return
  const body = Buffer.from(answer.text.replaceAll(REQUEST_ID, requestId), 'utf8')
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    'content-length': body.length,
    'x-acs-request-id': requestId,
    date,
    ...answer.headers,
  })
  const half = body.subarray(0, Math.floor(body.length / 2))
  if (answer.cut === 'after-headers') {
    response.flushHeaders()
    setImmediate(() => response.socket?.resetAndDestroy())
  } else if (answer.cut === 'half') {
    response.write(half, () => response.socket?.destroy())
  } else if (answer.stall === 'in-body') {
    response.write(half)
  } else if (answer.stall === 'drip') {
    let sent = 0
    const drip = setInterval(() => {
      response.write(body.subarray(sent, ++sent))
      if (sent < body.length) return
      clearInterval(drip)
      response.end()
    }, DRIP_MS)
    drips.add(drip)
    response.on('close', () => clearInterval(drip))
  } else {
    response.end(body)
  }
}

/** `200`, `400 Throttling.User`, `200 half`, `reset` … */
export function inWords(answer: Answer): string {
  if (answer.kind !== 'reply') return answer.kind
  const code = /"Code":"([^"]*)"/.exec(answer.text)?.[1]
  const trouble = [answer.cut, answer.stall].filter((word) => word !== 'nowhere')
  return [String(answer.status), ...(code === undefined ? [] : [code]), ...trouble].join(' ')
}

/** Shaped like the cloud's, and countable. */
function fakeRequestId(n: number): string {
  return `E0000000-0000-4000-8000-${String(n).padStart(12, '0')}`
}
