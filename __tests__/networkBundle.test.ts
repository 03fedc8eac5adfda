import {
  CLOUD,
  certificates,
  cloudOverTls,
  describeTls,
  type Kind,
  looksAt,
  run,
  trusting,
  wayTo,
} from './support/behindProxy.ts'
import { TOKEN } from './support/gitHubApi.ts'

/** Proxies that give no tunnel, and certificates that do not hold. */

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
