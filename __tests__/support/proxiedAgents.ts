import { once } from 'node:events'
import { type Agent as HttpAgent, type IncomingMessage, request as plainRequest, type Server } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { agentFor, type ProxyError } from '../../src/adapters/proxy.ts'
import { type ConnectProxy, type ConnectProxyOptions, startConnectProxy } from './connectProxy.ts'

/** A proxy of our own and agents that go through it, on sockets of this machine. `proxyBundle.test.ts` goes through a real one. */

const VARIABLES = ['https_proxy', 'http_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()])
const before = VARIABLES.map((name) => [name, process.env[name]] as const)
export const closing: (() => unknown)[] = []

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

export async function proxy(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const started = await startConnectProxy(options)
  closing.push(() => started.close())
  return started
}

export async function listening(server: Server): Promise<number> {
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

export function agent(url: string, keepAlive = true): HttpAgent {
  const made = agentFor(url, { keepAlive })
  closing.push(() => made.destroy())
  return made
}

/** The text of the answer, or the error. The request names no scheme, as those of pop-core do not. */
export async function get(url: string, options: object): Promise<string> {
  const isSecure = url.startsWith('https:')
  const target = { host: new URL(url).hostname, port: isSecure ? 443 : 80, path: '/' }
  const request = (isSecure ? secureRequest : plainRequest)({ ...target, ...options }).end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

export const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as ProxyError,
  )

/** Resolves when it holds; the test's limit is the only clock. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}
