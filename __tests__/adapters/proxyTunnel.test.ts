import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Agent as HttpAgent } from 'node:http'
import path from 'node:path'
import { ProxyError } from '../../src/adapters/proxy.ts'
import { RpcClient } from '../../src/adapters/rpc.ts'
import { agent, closing, errorOf, get, listening, proxy, until } from '../support/proxiedAgents.ts'

/** Tunnels: what a proxy is asked, what it may answer, and that nothing stays open. */

const farEnd = () => listening(createServer((_, response) => response.end('far end')))

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
