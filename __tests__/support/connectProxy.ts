import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { KeyPair } from './certificates.ts'

/** A proxy of our own: knows CONNECT only, and leads the names that it knows to ports of this machine. */
export interface ConnectProxy {
  /** `http://127.0.0.1:port`, or https with a certificate. */
  readonly url: string
  /** `127.0.0.1:port` */
  readonly host: string
  /** What CONNECTs came, in order. */
  readonly connects: readonly { readonly target: string; readonly authorization?: string }[]
  /** How many clients are connected now. */
  connections(): number
  close(): Promise<void>
}

export interface ConnectProxyOptions {
  /** `host:port` -> port of this machine; what is not in it gets 403. */
  readonly routes?: Readonly<Record<string, number>>
  /** What it says to every CONNECT instead: a whole answer, or nothing, or it hangs up. */
  readonly says?: string | 'nothing' | 'goodbye'
  readonly certificate?: KeyPair
  readonly onConnect?: () => void
}

export async function startConnectProxy({
  routes = {},
  says,
  certificate,
  onConnect = () => {},
}: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const connects: { target: string; authorization?: string }[] = []
  const open = new Set<Duplex>()
  let clients = 0
  const server = certificate === undefined ? createHttpServer() : createHttpsServer(certificate)
  server.on('connection', (socket: Socket) => {
    clients += 1
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      clients -= 1
      open.delete(socket)
    })
  })
  server.on('connect', ({ url: target = '', headers }: IncomingMessage, client: Duplex) => {
    const authorization = headers['proxy-authorization']
    connects.push({ target, ...(authorization === undefined ? {} : { authorization }) })
    onConnect()
    client.on('error', () => {})
    const port = routes[target]
    if (says === 'nothing') {
      // Unread, it would not notice that the client has left.
      client.resume().on('end', () => client.destroy())
      return
    }
    if (says !== undefined || port === undefined) {
      if (says === 'goodbye') client.destroy()
      else client.end(says ?? 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
      return
    }
    const far = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      far.pipe(client)
      client.pipe(far)
    })
    open.add(far)
    far.on('error', () => client.destroy())
    far.on('close', () => client.destroy())
    client.on('close', () => far.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    connects,
    connections: () => clients,
    close: () => {
      for (const socket of open) socket.destroy()
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}
