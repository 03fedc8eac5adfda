import { SCENARIOS } from '../src/emulator/scenarios.ts'
import { trusting as trustingIssuer } from '../src/emulator/stage.ts'
import { REQUEST_TOKEN, startTokenService } from '../src/emulator/tokenService.ts'
import {
  CLOUD,
  certificates,
  closing,
  cloudOverTls,
  describeProxy,
  GITHUB,
  looksAt,
  proxied,
  realProxy,
  run,
  STS,
  TOKENS,
  trusting,
  wayTo,
} from './support/behindProxy.ts'
import { fast } from './support/bundle.ts'
import { checkedGitHub, TOKEN } from './support/gitHubApi.ts'
import type { TinyproxyOptions } from './support/tinyproxy.ts'
import { startTlsFront } from './support/tlsFront.ts'

/** Everything that is asked, through a real proxy. */

describeProxy('a real proxy (needs tinyproxy and openssl)', () => {
  test.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'])('%s', async (variable) => {
    const { server, way, proxy } = await proxied()
    const { outputs, exitCode, tried } = await run({ env: { [variable]: `http://${proxy.host}`, ...trusting() } })
    expect([exitCode, outputs.verdict]).toEqual([0, 'passed'])
    expect(proxy.connects()).toEqual([CLOUD])
    expect(way.connects.map(({ target }) => target)).toEqual([CLOUD])
    expect(looksAt(server)).toBe(3)
    expect([...new Set(tried)]).toEqual([proxy.host])
  })

  test('without a scheme in the variable', async () => {
    const { proxy } = await proxied()
    // A name, which http-client by itself takes for the scheme.
    const routes = { 'proxy.example:3128': Number(proxy.host.split(':')[1]) }
    const { outputs } = await run({ env: { HTTPS_PROXY: 'proxy.example:3128', ...trusting() }, routes })
    expect(outputs.verdict).toBe('passed')
    expect(proxy.connects()).toEqual([CLOUD])
  })

  test.each(['NO_PROXY', 'no_proxy'])('%s: nothing reaches it', async (variable) => {
    const { front, way, proxy } = await proxied()
    const env = { HTTPS_PROXY: `http://${proxy.host}`, [variable]: '.aliyuncs.com', ...trusting() }
    const { outputs, tried } = await run({ env, routes: { [CLOUD]: front.port } })
    expect(outputs.verdict).toBe('passed')
    expect(proxy.connects()).toEqual([])
    expect(way.connects).toEqual([])
    expect([...new Set(tried)]).toEqual([CLOUD])
  })

  // tinyproxy takes no other characters; percent-encoded they are all the same.
  const user = 'gate'
  const password = 'open-sesame.47_11'
  const written = 'g%61te:open%2Dsesame%2E47%5F11'
  const basic = Buffer.from(`${user}:${password}`).toString('base64')
  const secrets = [password, 'open%2Dsesame%2E47%5F11', basic]

  test('credentials in the URL, which are nowhere to be seen and masked before anything is said', async () => {
    const { proxy } = await proxied({ user, password })
    const env = { HTTPS_PROXY: `http://${written}@${proxy.host}`, ...trusting() }
    const { outputs, stdout } = await run({ env, secrets })
    expect(outputs.verdict).toBe('passed')
    expect(proxy.connects()).toEqual([CLOUD])
    const masks = stdout.slice(0, stdout.search(/^(?!::add-mask::)/m))
    // A runner's command has % as %25.
    for (const secret of secrets) expect(masks).toContain(`::add-mask::${secret.replaceAll('%', '%25')}\n`)
  })

  test.each([
    ['wrong', `${written}@`, '401'],
    ['no', '', '407'],
  ])('%s credentials end the run at once', async (_, credentials, status) => {
    const { server, proxy } = await proxied({ user, password: 'another' })
    const env = { HTTPS_PROXY: `http://${credentials}${proxy.host}`, ...trusting() }
    const { outputs, exitCode, said, tried } = await run({ env, secrets })
    expect(exitCode).toBe(1)
    expect(outputs).toMatchObject({ verdict: 'denied', 'error-code': 'ProxyRefused' })
    expect(said).toContain(proxy.host)
    expect(said).toMatch(new RegExp(`\\b${status}\\b`))
    expect(tried).toEqual([proxy.host])
    expect(server.exchanges).toEqual([])
  })

  test('a host that it refuses ends the run at once', async () => {
    const { server, proxy } = await proxied({ refuses: ['aliyuncs\\.com'] })
    const env = { HTTPS_PROXY: `http://${proxy.host}`, ...trusting() }
    const { outputs, said, tried } = await run({ env })
    expect(outputs).toMatchObject({ verdict: 'denied', 'error-code': 'ProxyRefused' })
    expect(said).toContain(proxy.host)
    expect(said).toMatch(/\b403\b/)
    expect(tried).toEqual([proxy.host])
    expect(server.exchanges).toEqual([])
  })

  test('an endpoint that it cannot reach may come back: the error budget', async () => {
    const { front } = await cloudOverTls()
    const way = await wayTo(front)
    const proxy = await realProxy(way)
    await way.close()
    const env = { HTTPS_PROXY: `http://${proxy.host}`, ...trusting() }
    const { outputs, said } = await run({ env, inputs: { 'max-consecutive-errors': '2' } })
    expect(outputs.verdict).toBe('unavailable')
    expect(said).toContain(proxy.host)
    expect(proxy.connects()).toEqual([CLOUD, CLOUD, CLOUD])
  })

  test.each(['expired', 'otherName', 'selfSigned'] as const)(
    'a certificate of the endpoint behind it that is %s',
    async (kind) => {
      const { front, proxy } = await proxied({}, kind)
      const { outputs, visible } = await run({ env: { HTTPS_PROXY: `http://${proxy.host}`, ...trusting() } })
      expect(outputs.verdict).toBe('denied')
      expect(visible).toContain('tds.cn-shanghai.aliyuncs.com')
      expect(front.clients()).toBe(1)
    },
  )

  test("a private CA behind it that is not trusted: the endpoint's host and the variable are named", async () => {
    const { proxy } = await proxied()
    const { outputs, visible } = await run({ env: { HTTPS_PROXY: `http://${proxy.host}` } })
    expect(outputs.verdict).toBe('denied')
    expect(visible).toContain('tds.cn-shanghai.aliyuncs.com')
    expect(visible).toContain('NODE_EXTRA_CA_CERTS')
  })

  test("GitHub's API through it too", async () => {
    const { front } = await cloudOverTls()
    const github = await checkedGitHub()
    const hub = await startTlsFront(github.url, certificates.good)
    closing.push(() => hub.close())
    const way = await wayTo(front, { routes: { [CLOUD]: front.port, [GITHUB]: hub.port } })
    const proxy = await realProxy(way, { user, password })
    const { outputs, tried } = await run({
      env: { HTTPS_PROXY: `http://${written}@${proxy.host}`, GITHUB_API_URL: 'https://api.github.com', ...trusting() },
      inputs: { 'github-token': TOKEN, 'commit-status': 'virus scan', 'tracking-issue': 'Virus alerts' },
      secrets: [...secrets, TOKEN],
    })
    expect(outputs.verdict).toBe('passed')
    expect(github.violations).toEqual([])
    expect(github.repository.statuses.map(({ state: one }) => one)).toEqual(['pending', 'success'])
    expect([...new Set(proxy.connects())].sort()).toEqual([GITHUB, CLOUD])
    expect([...new Set(tried)]).toEqual([proxy.host])
    const told = JSON.stringify(github.requests)
    for (const secret of secrets) expect(told).not.toContain(secret)
  })

  describe('without keys', () => {
    const { cloud, inputs = {} } = SCENARIOS.keyless as (typeof SCENARIOS)[string]
    const keyless = { ...inputs, ...fast, 'access-key-id': '', 'access-key-secret': '', 'security-token': '' }

    /** GitHub's token service under a name of its own. */
    async function withTokens(options: Omit<TinyproxyOptions, 'upstream'> = {}) {
      const tokens = await startTokenService()
      closing.push(() => tokens.close())
      const tokenFront = await startTlsFront(tokens.url, certificates.good)
      closing.push(() => tokenFront.close())
      const { server, front } = await cloudOverTls('good', trustingIssuer(cloud, tokens.publicKey))
      const routes = { [CLOUD]: front.port, [STS]: front.port, [TOKENS]: tokenFront.port }
      const proxy = await realProxy(await wayTo(front, { routes }), options)
      const env = {
        ...tokens.env,
        ACTIONS_ID_TOKEN_REQUEST_URL: tokens.env.ACTIONS_ID_TOKEN_REQUEST_URL.replace(
          tokens.url,
          'https://pipelines.actions.githubusercontent.com',
        ),
        ...trusting(),
      }
      return { tokens, server, proxy, env }
    }

    test.each(['HTTPS_PROXY', 'all_proxy'])('%s: the token service, STS and the cloud through it', async (variable) => {
      const { tokens, server, proxy, env } = await withTokens({ user, password })
      const { outputs, tried } = await run({
        env: { ...env, [variable]: `http://${written}@${proxy.host}` },
        inputs: keyless,
        secrets: [...secrets, REQUEST_TOKEN],
      })
      expect(outputs.verdict).toBe('passed')
      for (const token of tokens.given) expect(JSON.stringify(outputs)).not.toContain(token)
      expect(proxy.connects()).toEqual([TOKENS, STS, CLOUD])
      expect([...new Set(tried)]).toEqual([proxy.host])
      const told = JSON.stringify(server.exchanges)
      for (const secret of secrets) expect(told).not.toContain(secret)
    })

    test('a token service that it refuses ends the run at once', async () => {
      const { proxy, env } = await withTokens({ refuses: ['githubusercontent'] })
      const { outputs, said, tried } = await run({
        env: { ...env, HTTPS_PROXY: `http://${proxy.host}` },
        inputs: keyless,
      })
      expect(outputs).toMatchObject({ verdict: 'denied', 'error-code': 'ProxyRefused' })
      expect(said).toMatch(/\b403\b/)
      expect(proxy.connects()).toEqual([TOKENS])
      expect(tried).toEqual([proxy.host])
    })
  })
})
