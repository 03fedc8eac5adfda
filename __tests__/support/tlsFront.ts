import { type AddressInfo, connect, type Socket } from 'node:net'
import { createServer } from 'node:tls'
import type { KeyPair } from './certificates.ts'

/** TLS in front of a server that speaks plain HTTP. */
export interface TlsFront {
  readonly port: number
  /** How many clients have come so far, whether or not they liked the certificate. */
  clients(): number
  close(): Promise<void>
}

/** `url` is the server's: `http://127.0.0.1:port`. */
export async function startTlsFront(url: string, certificate: KeyPair): Promise<TlsFront> {
  const open = new Set<Socket>()
  let clients = 0
  const server = createServer(certificate, (client) => {
    const inside = connect(Number(new URL(url).port), '127.0.0.1')
    client.pipe(inside).pipe(client)
    inside.on('error', () => client.destroy())
    inside.on('close', () => client.destroy())
    client.on('error', () => inside.destroy())
    client.on('close', () => inside.destroy())
  })
  server.on('connection', (socket: Socket) => {
    clients += 1
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    clients: () => clients,
    close: () => {
      for (const socket of open) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
