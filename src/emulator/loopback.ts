import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Answer, raw } from './answers.ts'
import { addressOf, guarded } from './incoming.ts'
import { give } from './server.ts'

/** A small service on a socket of this machine. */
export interface LoopbackServer {
  /** `http://127.0.0.1:port` */
  readonly url: string
  close(): Promise<void>
}

/** Answers as `answerTo` says; `wallClock` dates the replies. */
export async function listen(
  answerTo: (request: IncomingMessage) => Answer,
  wallClock: () => number,
): Promise<LoopbackServer> {
  const drips = new Set<NodeJS.Timeout>()
  let count = 0
  const server = createServer(
    guarded((request, response) => {
      request.resume()
      const marks = { requestId: `emulated-${++count}`, date: new Date(wallClock()).toUTCString() }
      // What is no address is nobody's business, and no answer needs to be ready for it.
      give(addressOf(request.url) === undefined ? raw(400, '{}') : answerTo(request), marks, response, drips)
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      for (const drip of drips) clearInterval(drip)
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}
