import { Agent as HttpAgent, type Server } from 'node:http'
import { createServer as createSecureServer, Agent as HttpsAgent } from 'node:https'
import { adoptAllProxy, proxyOf } from '../../src/adapters/proxy.ts'
import { type Certificates, hasOpenssl, makeCertificates } from '../support/certificates.ts'
import { agent, errorOf, get, listening, proxy } from '../support/proxiedAgents.ts'

/** Which proxy a request goes through, and that it does so over TLS. */

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
