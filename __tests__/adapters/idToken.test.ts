import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { claimsIn, requestIdToken } from '../../src/adapters/idToken.ts'

/** GitHub's OIDC token as this action asks for it, from servers that answer well, badly or not at all. */

const never = new AbortController().signal
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const CLAIMS = {
  iss: 'https://token.actions.githubusercontent.com',
  aud: 'sts.aliyuncs.com',
  sub: 'repo:example/app:environment:production',
}
const TOKEN = `${encoded({ alg: 'RS256' })}.${encoded({ ...CLAIMS, jti: 'x' })}.c2lnbmF0dXJl`
const REQUEST_TOKEN = 'the-request-token'

const failed = (cause: string, code: string, message: string | RegExp = /./) => ({
  kind: 'failure',
  failure: expect.objectContaining({
    cause,
    code,
    message: typeof message === 'string' ? message : expect.stringMatching(message),
    requestId: '',
    retryAfterMs: 0,
    action: 'GetIDToken',
  }),
})

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A token service that does this with each request. */
async function service(answer: (response: ServerResponse, request: IncomingMessage) => void, limitMs = 15_000) {
  const requests: { readonly url: string; readonly authorization: string }[] = []
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? '', authorization: request.headers.authorization ?? '' })
    answer(response, request)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  const world = { url: `http://127.0.0.1:${port}/idtoken?api-version=2.0`, requestToken: REQUEST_TOKEN, limitMs }
  return { requests, port, ask: (cancel = never) => requestIdToken('sts.aliyuncs.com', world, cancel) }
}

const replying = (status: number, body: string) =>
  service((response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })

test('a token is handed on, and is for the audience that was asked for', async () => {
  const { ask, requests } = await replying(200, JSON.stringify({ value: TOKEN }))
  expect(await ask()).toEqual({ kind: 'answer', value: TOKEN, action: 'GetIDToken', requestId: '' })
  expect(requests).toEqual([
    { url: '/idtoken?api-version=2.0&audience=sts.aliyuncs.com', authorization: `Bearer ${REQUEST_TOKEN}` },
  ])
})

test.each([400, 401, 403, 404, 405, 410, 422, 499])('HTTP %i is a refusal at once', async (status) => {
  const { ask, requests } = await replying(status, '{"message":"no"}')
  expect(await ask()).toEqual(
    failed('login', `HTTP${status}`, `the token service of GitHub refused to give an OIDC token (HTTP ${status})`),
  )
  expect(requests).toHaveLength(1)
})

test.each([301, 302, 307, 308])(
  'HTTP %i leads nowhere: who is named there gets no request, and no token',
  async (status) => {
    const other = await replying(200, JSON.stringify({ value: TOKEN }))
    const { ask } = await service((response) => {
      response.writeHead(status, { location: `http://127.0.0.1:${other.port}/` }).end()
    })
    expect(await ask()).toEqual(failed('login', `HTTP${status}`))
    expect(other.requests).toEqual([])
  },
)

test.each([
  [500, 'server'],
  [502, 'server'],
  [503, 'server'],
  [504, 'server'],
  [408, 'server'],
  [429, 'throttled'],
])('HTTP %i may heal, and is not repeated here', async (status, cause) => {
  const { ask, requests } = await replying(status, '<html>')
  expect(await ask()).toEqual(failed(cause, `HTTP${status}`, `the token service of GitHub answered HTTP ${status}`))
  expect(requests).toHaveLength(1)
})

test.each(['', '{', '[]', 'null', '"x"', '{}', '{"value":""}', '{"value":1}', '{"value":"surprise"}'])(
  'a reply of %j has no token in it',
  async (body) => {
    const { ask } = await replying(200, body)
    expect(await ask()).toEqual(failed('invalid-response', 'InvalidResponse', /has no OIDC token in it$/))
  },
)

describe('the network', () => {
  test('nobody listens', async () => {
    const { ask, port } = await replying(200, '')
    for (const close of closing.splice(0)) await close()
    expect(await ask()).toEqual(failed('network', 'ECONNREFUSED', `nothing accepts connections at 127.0.0.1:${port}`))
  })
  test('a connection that is cut', async () => {
    const { ask } = await service((response) => response.socket?.resetAndDestroy())
    expect(await ask()).toEqual(failed('network', 'ECONNRESET'))
  })
  test('half a reply', async () => {
    const { ask } = await service((response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('{"value":', () => response.socket?.destroy())
    })
    expect(await ask()).toEqual(failed('network', 'ECONNRESET'))
  })
  test('a reply without an end', async () => {
    const { ask } = await service((response) => {
      response.writeHead(200)
      const more = setInterval(() => response.write('x'.repeat(10_000)), 1)
      response.on('close', () => clearInterval(more))
    })
    expect(await ask()).toEqual(failed('network', 'ECONNRESET'))
  })
  test('no TLS where some was expected', async () => {
    const { port } = await replying(200, '')
    const world = { url: `https://127.0.0.1:${port}/`, requestToken: REQUEST_TOKEN }
    expect(await requestIdToken('a', world, never)).toMatchObject({
      failure: { cause: 'network', message: expect.stringContaining(`127.0.0.1:${port}`) },
    })
  })
})

test('nothing that the service says is repeated: it may echo the request', async () => {
  for (const status of [200, 401, 500]) {
    const { ask } = await replying(status, JSON.stringify({ message: `Bearer ${REQUEST_TOKEN} ${TOKEN}` }))
    expect(JSON.stringify(await ask())).not.toMatch(/the-request-token|eyJ/)
  }
})

describe('it is bounded', () => {
  test('by a limit', async () => {
    const { ask } = await service(() => {}, 100)
    expect(await ask()).toEqual(failed('timeout', 'RequestTimeout', /no complete reply within 0\.1 s$/))
  })
  test('a cancel ends it at once, and the connection with it', async () => {
    const cancel = new AbortController()
    const closed = new Promise<void>((resolve) => {
      void service((response) => {
        response.on('close', () => resolve())
        cancel.abort()
      }).then(({ ask }) => ask(cancel.signal))
    })
    await closed
  })
  test('a cancel from before means that nothing is asked', async () => {
    const { ask, requests } = await replying(200, '')
    expect(await ask(AbortSignal.abort())).toMatchObject({ kind: 'failure' })
    expect(requests).toEqual([])
  })
})

describe('what a token says of itself', () => {
  test('whose it is and whom it is for', () => {
    expect(claimsIn(TOKEN)).toEqual(CLAIMS)
  })
  test('characters outside of ASCII come through', () => {
    expect(claimsIn(`a.${encoded({ ...CLAIMS, sub: 'repo:ex\u00e4mple/\u6f22' })}.b`)?.sub).toBe(
      'repo:ex\u00e4mple/\u6f22',
    )
  })
  test('several audiences', () => {
    expect(claimsIn(`a.${encoded({ ...CLAIMS, aud: ['a', 'b'] })}.b`)?.aud).toBe('a,b')
  })
  test.each(['', 'a', 'a.b', 'a.%%%.b', `a.${encoded('text').slice(1)}.b`])('nothing in %j', (text) => {
    expect(claimsIn(text)).toBeUndefined()
  })
})
