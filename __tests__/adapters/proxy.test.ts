import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, Agent as HttpAgent, type IncomingMessage, request as plainRequest, type Server } from 'node:http'
import { createServer as createSecureServer, Agent as HttpsAgent, request as secureRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { adoptAllProxy, agentFor, ProxyError, proxyOf } from '../../src/adapters/proxy.ts'
import { RpcClient } from '../../src/adapters/rpc.ts'
import { type Certificates, hasOpenssl, makeCertificates } from '../support/certificates.ts'
import { type ConnectProxy, type ConnectProxyOptions, startConnectProxy } from '../support/connectProxy.ts'

/** Tunnels through a proxy of our own, on sockets of this machine. `networkBundle.test.ts` goes through a real one. */

const VARIABLES = ['https_proxy', 'http_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()])
const before = VARIABLES.map((name) => [name, process.env[name]] as const)
const closing: (() => unknown)[] = []

beforeEach(() => {
  for (const name of VARIABLES) delete process.env[name]
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
})

async function proxy(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const started = await startConnectProxy(options)
  closing.push(() => started.close())
  return started
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  )
  return (server.address() as AddressInfo).port
}

const farEnd = () => listening(createServer((_, response) => response.end('far end')))

function agent(url: string, keepAlive = true): HttpAgent {
  const made = agentFor(url, { keepAlive })
  closing.push(() => made.destroy())
  return made
}

/** The text of the answer, or the error. The request names no scheme, as those of pop-core do not. */
async function get(url: string, options: object): Promise<string> {
  const isSecure = url.startsWith('https:')
  const target = { host: new URL(url).hostname, port: isSecure ? 443 : 80, path: '/' }
  const request = (isSecure ? secureRequest : plainRequest)({ ...target, ...options }).end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as ProxyError,
  )

/** Resolves when it holds; the test's limit is the only clock. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('which proxy', () => {
  const url = 'https://tds.cn-shanghai.aliyuncs.com'

  test.each([
    [{}, undefined],
    [{ HTTPS_PROXY: 'http://a:1' }, 'a:1'],
    [{ https_proxy: 'http://a:1', HTTPS_PROXY: 'http://b:2' }, 'a:1'],
    [{ https_proxy: '', HTTPS_PROXY: 'http://b:2' }, 'b:2'],
    [{ HTTP_PROXY: 'http://a:1' }, undefined],
    [{ HTTPS_PROXY: 'http://a' }, 'a:80'],
    [{ HTTPS_PROXY: 'https://a' }, 'a:443'],
    [{ HTTPS_PROXY: 'http://[::1]:3128' }, '[::1]:3128'],
    [{ HTTPS_PROXY: 'http://us%40er:p%40ss@a:1' }, 'a:1'],
    // http-client by itself takes the name for a scheme.
    [{ HTTPS_PROXY: 'proxy.example:3128' }, 'proxy.example:3128'],
    [{ HTTPS_PROXY: ' http://a:1 ' }, 'a:1'],
    [{ ALL_PROXY: 'http://a:1' }, 'a:1'],
    [{ all_proxy: 'a:1' }, 'a:1'],
    [{ all_proxy: 'http://a:1', ALL_PROXY: 'http://b:2' }, 'a:1'],
    [{ ALL_PROXY: 'http://a:1', HTTPS_PROXY: ' ' }, 'a:1'],
    [{ ALL_PROXY: 'http://a:1', https_proxy: 'http://b:2' }, 'b:2'],
    [{ ALL_PROXY: 'socks5://a:1' }, undefined],
    [{ HTTPS_PROXY: 'http://a:1', NO_PROXY: '.aliyuncs.com' }, undefined],
    [{ HTTPS_PROXY: 'http://a:1', no_proxy: 'example.com, aliyuncs.com' }, undefined],
    [{ HTTPS_PROXY: 'http://a:1', NO_PROXY: '*' }, undefined],
    [{ HTTPS_PROXY: 'http://a:1', NO_PROXY: 'example.com' }, 'a:1'],
  ])('%j', (variables, host) => {
    Object.assign(process.env, variables)
    adoptAllProxy(process.env)
    expect(proxyOf(url)).toEqual(host === undefined ? undefined : { host })
  })

  test('this machine is never reached through one', () => {
    Object.assign(process.env, { HTTPS_PROXY: 'http://a:1', HTTP_PROXY: 'http://a:1' })
    for (const here of ['http://127.0.0.1:8080', 'https://localhost', 'http://[::1]:1']) {
      expect(proxyOf(here)).toBeUndefined()
    }
  })

  test('what cannot be used stays under its own name, to be refused', () => {
    const env = { ALL_PROXY: 'socks5://a:1', HTTP_PROXY: 'ftp://b' }
    adoptAllProxy(env)
    expect(env).toEqual({ ALL_PROXY: 'socks5://a:1', HTTP_PROXY: 'ftp://b' })
  })

  test('without one it is an agent of Node', () => {
    expect(agent('http://127.0.0.1:1')).toBeInstanceOf(HttpAgent)
    expect(agent('https://127.0.0.1:1').constructor).toBe(HttpsAgent)
  })
})

describe('a tunnel', () => {
  test('is used again when it is kept', async () => {
    const { url, connects } = await proxy({ routes: { 'far.example:80': await farEnd() } })
    process.env.HTTP_PROXY = url
    const kept = agent('http://far.example')
    for (const _ of [1, 2, 3]) expect(await get('http://far.example/', { agent: kept })).toBe('far end')
    expect(connects).toEqual([{ target: 'far.example:80' }])
    const fresh = agent('http://far.example', false)
    for (const _ of [1, 2, 3]) await get('http://far.example/', { agent: fresh })
    expect(connects).toHaveLength(4)
  })

  test.each([
    ['user:secret', 'user:secret'],
    ['us%40er:p%3Ass%25%20%C3%A4', 'us@er:p:ss% ä'],
    ['user', 'user:'],
  ])('is asked for in the name of %s', async (written, sent) => {
    const { url, connects } = await proxy({ routes: { 'far.example:80': await farEnd() } })
    process.env.HTTP_PROXY = url.replace('//', `//${written}@`)
    await get('http://far.example/', { agent: agent('http://far.example') })
    const authorization = `Basic ${Buffer.from(sent).toString('base64')}`
    expect(connects).toEqual([{ target: 'far.example:80', authorization }])
  })

  test.each([403, 407, 502, 301, 204, 100_000])('that is answered with %d is none', async (status) => {
    const { url, host } = await proxy({ says: `HTTP/1.1 ${status} No\r\n\r\nsecret page` })
    process.env.HTTP_PROXY = url.replace('//', '//user:password@')
    const error = await errorOf(get('http://far.example/', { agent: agent('http://far.example') }))
    expect(error).toBeInstanceOf(ProxyError)
    expect(error).toMatchObject({ code: 'ProxyRefused', status, proxy: host })
    expect(JSON.stringify([error?.message, error])).not.toMatch(/password|secret/)
  })

  test.each([
    ['hangs up', 'goodbye', 'ECONNRESET'],
    ['speaks no HTTP', '220 mail.example ESMTP\r\n\r\n', undefined],
    ['speaks nonsense', '\u0000\u0001 nonsense\r\n\r\n', 'HPE_INVALID_CONSTANT'],
    ['has broken headers', 'HTTP/1.1 200 OK\r\nbroken\r\n\r\n', 'ECONNRESET'],
  ])('from a proxy that %s is none', async (_, says, code) => {
    const { url, host } = await proxy({ says })
    process.env.HTTP_PROXY = url
    const error = await errorOf(get('http://far.example/', { agent: agent('http://far.example') }))
    expect(error).toMatchObject({ proxy: host, code: code ?? error?.code })
    expect(error?.status).toBeUndefined()
  })

  test('from a proxy that is not there is none, and the error is its', async () => {
    const { url, host, close } = await proxy()
    await close()
    process.env.HTTP_PROXY = url
    const error = await errorOf(get('http://far.example/', { agent: agent('http://far.example') }))
    expect(error).toMatchObject({ code: 'ECONNREFUSED', proxy: host })
  })

  test('that breaks later is an error of the endpoint', async () => {
    const port = await listening(createServer(({ socket }) => socket.resetAndDestroy()))
    const { url } = await proxy({ routes: { 'far.example:80': port } })
    process.env.HTTP_PROXY = url
    const error = await errorOf(get('http://far.example/', { agent: agent('http://far.example') }))
    expect(error).toMatchObject({ code: 'ECONNRESET' })
    expect(error).not.toHaveProperty('proxy')
  })

  const ways: readonly [string, (parts: { abort: AbortController; pool: HttpAgent }) => void][] = [
    ['an abort of the request', ({ abort }) => abort.abort()],
    ['the end of the agent', ({ pool }) => pool.destroy()],
  ]

  test.each(ways)('that hangs is closed by %s', async (_, end) => {
    const hanging = await proxy({ says: 'nothing' })
    process.env.HTTP_PROXY = hanging.url
    const pool = agent('http://far.example')
    const abort = new AbortController()
    const failed = errorOf(get('http://far.example/', { agent: pool, signal: abort.signal }))
    await until(() => hanging.connects.length === 1)
    expect(hanging.connections()).toBe(1)
    end({ abort, pool })
    await failed
    await until(() => hanging.connections() === 0)
  })

  test('of a request that is aborted at once is not even asked for', async () => {
    const { url, connects, connections } = await proxy({ says: 'nothing' })
    process.env.HTTP_PROXY = url
    const pool = agent('http://far.example')
    await errorOf(get('http://far.example/', { agent: pool, signal: AbortSignal.abort() }))
    await until(() => connections() === 0)
    expect(connects).toEqual([])
  })

  test('that is kept is closed with the agent', async () => {
    const { url, connections } = await proxy({ routes: { 'far.example:80': await farEnd() } })
    process.env.HTTP_PROXY = url
    const pool = agent('http://far.example')
    await get('http://far.example/', { agent: pool })
    expect(connections()).toBe(1)
    pool.destroy()
    await until(() => connections() === 0)
  })

  test('in the end keeps no process alive', async () => {
    const { url } = await proxy({ says: 'nothing' })
    const source = path.resolve(__dirname, '../../src/adapters/proxy.ts')
    const script = `
      import { request } from 'node:http'
      const { agentFor } = await import(${JSON.stringify(source)})
      const agent = agentFor('http://far.example', { keepAlive: true })
      const signal = AbortSignal.timeout(200)
      request('http://far.example/', { agent, signal }).on('error', () => {}).end()
    `
    const args = ['--input-type=module', '--eval', script]
    const child = spawn(process.execPath, args, { env: { ...process.env, HTTP_PROXY: url }, stdio: 'inherit' })
    closing.push(() => child.kill('SIGKILL'))
    expect(await once(child, 'exit')).toEqual([0, null])
  })
})

test('a proxy that never answers: each try of a call ends at its limit and leaves nothing open', async () => {
  const hanging = await proxy({ says: 'nothing' })
  process.env.HTTP_PROXY = hanging.url
  const keys = { accessKeyId: 'id', accessKeySecret: 'secret', credentials: 'unsigned' as const }
  const config = { url: 'http://far.example', apiVersion: '2018-12-03', ...keys }
  const rpc = new RpcClient(config, 300)
  for (const _ of [1, 2, 3]) {
    // Without the proxy the name would not be found.
    const result = await rpc.call('DescribeScanTaskProgress', {}, new AbortController().signal)
    expect(result).toMatchObject({ kind: 'failure', failure: { cause: 'timeout', code: 'RequestTimeout' } })
    await until(() => hanging.connections() === 0)
  }
  rpc.close()
})

const describeTls = hasOpenssl ? describe : describe.skip

describeTls('over TLS (needs openssl)', () => {
  let certificates: Certificates
  beforeAll(() => {
    certificates = makeCertificates()
  })
  afterAll(() => certificates.remove())

  const farUrl = 'https://tds.cn-shanghai.aliyuncs.com/'
  const routes = async (pair: { key: string; cert: string }) => ({
    'tds.cn-shanghai.aliyuncs.com:443': await listening(
      createSecureServer(pair, (_, response) => response.end('far end')) as unknown as Server,
    ),
  })

  test('a tunnel is used again', async () => {
    const { url, connects } = await proxy({ routes: await routes(certificates.good) })
    process.env.HTTPS_PROXY = url
    const options = { agent: agent(farUrl), ca: certificates.ca }
    for (const _ of [1, 2, 3]) expect(await get(farUrl, options)).toBe('far end')
    expect(connects).toHaveLength(1)
  })

  test.each([
    ['expired', 'CERT_HAS_EXPIRED'],
    ['otherName', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['selfSigned', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ] as const)("a certificate of the endpoint that is %s is its error, not the proxy's", async (kind, code) => {
    const { url } = await proxy({ routes: await routes(certificates[kind]) })
    process.env.HTTPS_PROXY = url
    const error = await errorOf(get(farUrl, { agent: agent(farUrl), ca: certificates.ca }))
    expect(error).toMatchObject({ code })
    expect(error).not.toHaveProperty('proxy')
  })

  test("a certificate of the proxy that nobody trusts is the proxy's", async () => {
    const { url, host, connects } = await proxy({ certificate: certificates.selfSigned })
    process.env.HTTPS_PROXY = url
    const error = await errorOf(get(farUrl, { agent: agent(farUrl) }))
    expect(error).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT', proxy: host })
    expect(connects).toEqual([])
  })

  test('a proxy that speaks plain HTTP where TLS is asked of it', async () => {
    const { url, host } = await proxy()
    process.env.HTTPS_PROXY = url.replace('http:', 'https:')
    const error = await errorOf(get(farUrl, { agent: agent(farUrl) }))
    expect(error).toMatchObject({ proxy: host })
    expect(error?.code).toMatch(/^[A-Z][A-Z0-9_]+$/)
  })
})
