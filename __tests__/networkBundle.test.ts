import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { state } from '../src/emulator/answers.ts'
import { Cloud, type CloudState } from '../src/emulator/cloud.ts'
import { type ActionResult, runAction } from '../src/emulator/runner.ts'
import { ACCOUNT, SCENARIOS } from '../src/emulator/scenarios.ts'
import { type EmulatorServer, startServer } from '../src/emulator/server.ts'
import { trusting as trustingIssuer } from '../src/emulator/stage.ts'
import { REQUEST_TOKEN, startTokenService } from '../src/emulator/tokenService.ts'
import { ACTION, fast, keys } from './support/bundle.ts'
import { type Certificates, hasOpenssl, makeCertificates } from './support/certificates.ts'
import { type ConnectProxy, type ConnectProxyOptions, startConnectProxy } from './support/connectProxy.ts'
import { checkedGitHub, TOKEN } from './support/gitHubApi.ts'
import { hasTinyproxy, startTinyproxy, type Tinyproxy, type TinyproxyOptions } from './support/tinyproxy.ts'
import { startTlsFront, type TlsFront } from './support/tlsFront.ts'

/**
 * What ships, on networks as they are: the hosts have their real names, over TLS with a CA made on the spot, through a
 * real proxy. The bundle is untouched; `networkMap.cjs` stands in for its name servers, and lets nothing leave.
 */

const CLOUD = 'tds.cn-shanghai.aliyuncs.com:443'
const GITHUB = 'api.github.com:443'
const STS = 'sts.aliyuncs.com:443'
const TOKENS = 'pipelines.actions.githubusercontent.com:443'
const passing: CloudState = {
  account: ACCOUNT,
  tasks: { '282832': { targets: [], looks: [state('init'), state('Processing'), state('Success')] } },
}

let certificates: Certificates
beforeAll(() => {
  if (hasOpenssl) certificates = makeCertificates()
})
afterAll(() => {
  if (hasOpenssl) certificates.remove()
})

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

type Kind = 'good' | 'expired' | 'otherName' | 'selfSigned'

/** The emulated cloud behind TLS, under the name of the real one. */
async function cloudOverTls(kind: Kind = 'good', cloud: CloudState = passing) {
  const server = await startServer(new Cloud(cloud, Date.now))
  closing.push(() => server.close())
  const front = await startTlsFront(server.url, certificates[kind])
  closing.push(() => front.close())
  return { server, front }
}

/** A proxy that knows the way to it. */
async function wayTo(front: TlsFront, options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const proxy = await startConnectProxy({ routes: { [CLOUD]: front.port }, ...options })
  closing.push(() => proxy.close())
  return proxy
}

async function realProxy(upstream: ConnectProxy, options: Omit<TinyproxyOptions, 'upstream'> = {}): Promise<Tinyproxy> {
  const proxy = await startTinyproxy({ upstream: upstream.host, ...options })
  closing.push(() => proxy.close())
  return proxy
}

/** All of it: the bundle -> tinyproxy -> a proxy that knows the way -> TLS -> the emulated cloud. */
async function proxied(options: Omit<TinyproxyOptions, 'upstream'> = {}, kind: Kind = 'good') {
  const { server, front } = await cloudOverTls(kind)
  const way = await wayTo(front)
  return { server, front, way, proxy: await realProxy(way, options) }
}

interface Run {
  readonly env: Readonly<Record<string, string>>
  readonly inputs?: Readonly<Record<string, string>>
  /** What is reached straight: `host:port` -> port of this machine. */
  readonly routes?: Readonly<Record<string, number>>
  /** What must be nowhere. */
  readonly secrets?: readonly string[]
  readonly onStart?: NonNullable<Parameters<typeof runAction>[0]['onStart']>
}

interface Result extends ActionResult {
  /** Every connection that was tried, `host:port`. */
  readonly tried: readonly string[]
  /** All that people can see of the run. */
  readonly visible: string
  readonly said: string
}

async function run({ env, inputs = {}, routes = {}, secrets = [], onStart }: Run): Promise<Result> {
  const folder = mkdtempSync(path.join(tmpdir(), 'network-'))
  closing.push(() => rmSync(folder, { recursive: true }))
  const log = path.join(folder, 'connections')
  writeFileSync(log, '')
  const result = await runAction({
    entry: ACTION,
    inputs: { ...keys, ...fast, 'task-id': '282832', 'report-file': 'report.json', ...inputs },
    env: {
      NODE_OPTIONS: `--require=${path.join(__dirname, 'support/networkMap.cjs')}`,
      NETWORK_MAP: JSON.stringify(routes),
      NETWORK_LOG: log,
      ...env,
    },
    ...(onStart === undefined ? {} : { onStart }),
  })
  const said = result.stdout.replaceAll(/^::add-mask::.*$/gm, '')
  const { stderr, outputs, summary, files } = result
  const visible = JSON.stringify([said, stderr, outputs, summary, files])
  for (const secret of [...secrets, ...Object.values(ACCOUNT)]) expect(visible).not.toContain(secret)
  expect(stderr).toBe('')
  const tried = readFileSync(log, 'utf8').split('\n').filter(Boolean)
  return { ...result, tried, visible, said }
}

const trusting = () => ({ NODE_EXTRA_CA_CERTS: certificates.caFile })
const looksAt = (server: EmulatorServer) =>
  server.exchanges.filter(({ action }) => action === 'DescribeScanTaskProgress').length

const describeTls = hasOpenssl ? describe : describe.skip
const describeProxy = hasOpenssl && hasTinyproxy ? describe : describe.skip

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

describeTls('proxies that give no tunnel (needs openssl)', () => {
  test('nobody is there: the error budget, and it is the proxy that is named', async () => {
    const { front } = await cloudOverTls()
    const way = await wayTo(front)
    await way.close()
    const env = { HTTPS_PROXY: way.url.replace('//', '//user:sesame@'), ...trusting() }
    const inputs = { 'max-consecutive-errors': '2' }
    const { outputs, said, tried } = await run({ env, inputs, secrets: ['sesame'] })
    expect(outputs).toMatchObject({ verdict: 'unavailable', 'error-code': 'ECONNREFUSED' })
    expect(said).toContain(way.host)
    expect(tried).toEqual([way.host, way.host, way.host])
  })

  test('it never answers: a cancel ends the run all the same', async () => {
    const { front } = await cloudOverTls()
    let kill = (_: NodeJS.Signals) => {}
    let killedAt = Number.NaN
    const onConnect = () => {
      killedAt = performance.now()
      kill('SIGTERM')
    }
    const way = await wayTo(front, { says: 'nothing', onConnect })
    const { outputs, signal } = await run({
      env: { HTTPS_PROXY: way.url, ...trusting() },
      onStart: (action) => {
        kill = action.kill
      },
    })
    // What the README promises.
    expect(performance.now() - killedAt).toBeLessThan(2_000)
    expect([outputs.verdict, signal]).toEqual(['cancelled', null])
  })

  test('over TLS, and its certificate is not trusted: its host is named', async () => {
    const { front } = await cloudOverTls()
    const way = await wayTo(front, { certificate: certificates.selfSigned })
    const { outputs, visible, tried } = await run({ env: { HTTPS_PROXY: way.url, ...trusting() } })
    expect(outputs).toMatchObject({ verdict: 'denied', 'error-code': 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    expect(visible).toContain(way.host)
    expect(tried).toEqual([way.host])
    expect(way.connects).toEqual([])
  })

  test('over TLS, of a private CA that is trusted: there is a tunnel', async () => {
    const { front } = await cloudOverTls()
    const way = await wayTo(front, { certificate: certificates.good })
    const { outputs } = await run({ env: { HTTPS_PROXY: way.url, ...trusting() } })
    expect(outputs.verdict).toBe('passed')
    expect(way.connects.map(({ target }) => target)).toEqual([CLOUD])
  })

  test.each([
    ['HTTPS_PROXY', 'socks5://127.0.0.1:1080', 'socks5://127.0.0.1:1080'],
    ['ALL_PROXY', 'socks5://user:sesame@127.0.0.1:1080', ''],
    ['https_proxy', 'http://user:sesame%zz@127.0.0.1:3128', ''],
  ])('%s is %s, which cannot be used: nothing is tried', async (variable, value, shown) => {
    const { outputs, tried } = await run({ env: { [variable]: value, ...trusting() }, secrets: ['sesame'] })
    expect(outputs.verdict).toBe('invalid-input')
    expect(outputs.reason).toContain(variable)
    expect(outputs.reason).toContain(shown)
    expect(tried).toEqual([])
  })
})

describeTls('TLS (needs openssl)', () => {
  test('a private CA that NODE_EXTRA_CA_CERTS names', async () => {
    const { server, front } = await cloudOverTls()
    const { outputs, exitCode } = await run({ env: trusting(), routes: { [CLOUD]: front.port } })
    expect([exitCode, outputs.verdict]).toEqual([0, 'passed'])
    // One connection, kept.
    expect([looksAt(server), front.clients()]).toEqual([3, 1])
  })

  test.each<[string, Kind, boolean, RegExp]>([
    [
      'of a private CA that is not trusted',
      'good',
      false,
      /^(?:UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN)$/,
    ],
    ['that signed itself', 'selfSigned', true, /^DEPTH_ZERO_SELF_SIGNED_CERT$/],
    ['that has expired', 'expired', true, /^CERT_HAS_EXPIRED$/],
    ['for another name', 'otherName', true, /^ERR_TLS_CERT_ALTNAME_INVALID$/],
  ])('a certificate %s ends the run at once', async (_, kind, isTrusted, code) => {
    const { server, front } = await cloudOverTls(kind)
    const { outputs, exitCode, visible, tried } = await run({
      env: isTrusted ? trusting() : {},
      routes: { [CLOUD]: front.port },
    })
    expect(exitCode).toBe(1)
    expect(outputs).toMatchObject({ verdict: 'denied', 'error-code': expect.stringMatching(code) })
    expect(outputs.polls).toBe('1')
    expect(visible).toContain('tds.cn-shanghai.aliyuncs.com')
    expect(visible).toContain('NODE_EXTRA_CA_CERTS')
    expect(tried).toEqual([CLOUD])
    expect(server.exchanges).toEqual([])
  })

  test('NODE_TLS_REJECT_UNAUTHORIZED=0: not a single connection', async () => {
    const { front } = await cloudOverTls('selfSigned')
    const { outputs, tried } = await run({
      env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      inputs: { 'github-token': TOKEN, 'commit-status': 'virus scan' },
      routes: { [CLOUD]: front.port },
    })
    expect(outputs.verdict).toBe('invalid-input')
    expect(outputs.reason).toContain('NODE_TLS_REJECT_UNAUTHORIZED')
    expect(tried).toEqual([])
  })
})

test('what stands in for the network lets nothing leave', async () => {
  const { outputs, tried } = await run({ env: {}, inputs: { 'max-consecutive-errors': '0' } })
  expect(outputs).toMatchObject({ verdict: 'unavailable', 'error-code': 'ENOTFOUND' })
  expect(tried).toEqual([CLOUD])
})
