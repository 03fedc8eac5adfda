import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { state } from '../../src/emulator/answers.ts'
import { Cloud, type CloudState } from '../../src/emulator/cloud.ts'
import { type ActionResult, runAction } from '../../src/emulator/runner.ts'
import { ACCOUNT } from '../../src/emulator/scenarios.ts'
import { type EmulatorServer, startServer } from '../../src/emulator/server.ts'
import { ACTION, fast, keys } from './bundle.ts'
import { type Certificates, hasOpenssl, makeCertificates } from './certificates.ts'
import { type ConnectProxy, type ConnectProxyOptions, startConnectProxy } from './connectProxy.ts'
import { hasTinyproxy, startTinyproxy, type Tinyproxy, type TinyproxyOptions } from './tinyproxy.ts'
import { startTlsFront, type TlsFront } from './tlsFront.ts'

/**
 * What ships, on networks as they are: the hosts have their real names, over TLS with a CA made on the spot, through a
 * real proxy. The bundle is untouched; `networkMap.cjs` stands in for its name servers, and lets nothing leave.
 */

export const CLOUD = 'tds.cn-shanghai.aliyuncs.com:443'
export const GITHUB = 'api.github.com:443'
export const STS = 'sts.aliyuncs.com:443'
export const TOKENS = 'pipelines.actions.githubusercontent.com:443'
const passing: CloudState = {
  account: ACCOUNT,
  tasks: { '282832': { targets: [], looks: [state('init'), state('Processing'), state('Success')] } },
}

export let certificates: Certificates
beforeAll(() => {
  if (hasOpenssl) certificates = makeCertificates()
})
afterAll(() => {
  if (hasOpenssl) certificates.remove()
})

export const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

export type Kind = 'good' | 'expired' | 'otherName' | 'selfSigned'

/** The emulated cloud behind TLS, under the name of the real one. */
export async function cloudOverTls(kind: Kind = 'good', cloud: CloudState = passing) {
  const server = await startServer(new Cloud(cloud, Date.now))
  closing.push(() => server.close())
  const front = await startTlsFront(server.url, certificates[kind])
  closing.push(() => front.close())
  return { server, front }
}

/** A proxy that knows the way to it. */
export async function wayTo(front: TlsFront, options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const proxy = await startConnectProxy({ routes: { [CLOUD]: front.port }, ...options })
  closing.push(() => proxy.close())
  return proxy
}

export async function realProxy(
  upstream: ConnectProxy,
  options: Omit<TinyproxyOptions, 'upstream'> = {},
): Promise<Tinyproxy> {
  const proxy = await startTinyproxy({ upstream: upstream.host, ...options })
  closing.push(() => proxy.close())
  return proxy
}

/** All of it: the bundle -> tinyproxy -> a proxy that knows the way -> TLS -> the emulated cloud. */
export async function proxied(options: Omit<TinyproxyOptions, 'upstream'> = {}, kind: Kind = 'good') {
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

export async function run({ env, inputs = {}, routes = {}, secrets = [], onStart }: Run): Promise<Result> {
  const folder = mkdtempSync(path.join(tmpdir(), 'network-'))
  closing.push(() => rmSync(folder, { recursive: true }))
  const log = path.join(folder, 'connections')
  writeFileSync(log, '')
  const result = await runAction({
    entry: ACTION,
    inputs: { ...keys, ...fast, 'task-id': '282832', 'report-file': 'report.json', ...inputs },
    env: {
      NODE_OPTIONS: `--require=${path.join(__dirname, 'networkMap.cjs')}`,
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

export const trusting = () => ({ NODE_EXTRA_CA_CERTS: certificates.caFile })
export const looksAt = (server: EmulatorServer) =>
  server.exchanges.filter(({ action }) => action === 'DescribeScanTaskProgress').length

export const describeTls = hasOpenssl ? describe : describe.skip
export const describeProxy = hasOpenssl && hasTinyproxy ? describe : describe.skip
