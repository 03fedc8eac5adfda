import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { Cloud } from '../../src/emulator/cloud.ts'
import { GitHubRepository } from '../../src/emulator/gitHub.ts'
import { startGitHub } from '../../src/emulator/gitHubServer.ts'
import { LONGEST_BODY } from '../../src/emulator/incoming.ts'
import { listen } from '../../src/emulator/loopback.ts'
import { startMetadata } from '../../src/emulator/metadata.ts'
import { ACCOUNT } from '../../src/emulator/scenarios.ts'
import { startServer } from '../../src/emulator/server.ts'
import { startTokenService } from '../../src/emulator/tokenService.ts'

/** Whatever comes in, every emulator lives on. */

const cloud = () => new Cloud({ account: ACCOUNT, tasks: {} }, Date.now)
const gitHub = () => startGitHub(new GitHubRepository({ repository: 'example/app', tokens: {} }))
const EMULATORS = {
  cloud: () => startServer(cloud()),
  GitHub: gitHub,
  'token service': () => startTokenService(),
  'metadata service': () => startMetadata({}, cloud().sessions),
}

/** Sends bytes as they are and reads until the other side ends. */
async function tell(url: string, bytes: string): Promise<string> {
  const { port, hostname } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(bytes)
  return text(socket)
}

const requestTo = (target: string) => `POST ${target} HTTP/1.1\r\nHost: emulator\r\nConnection: close\r\n\r\n`

test.each(Object.entries(EMULATORS))(
  '%s: what is no address is refused, and the next one is answered',
  async (_, start) => {
    const server = await start()
    expect(await tell(server.url, requestTo('//'))).toMatch(/^HTTP\/1\.1 400 /)
    expect(await tell(server.url, requestTo('/'))).toMatch(/^HTTP\/1\.1 4\d\d /)
    await server.close()
  },
)

test('what breaks the emulator itself is answered with what the matter was', async () => {
  const breaking = () => {
    throw new Error('no story for this')
  }
  const small = await listen(breaking, Date.now)
  const large = await startServer(cloud(), breaking)
  for (const { url, close } of [small, large]) {
    const reply = await fetch(url, { method: 'POST' })
    expect([reply.status, await reply.text()]).toEqual([500, 'The emulator broke: Error: no story for this'])
    await close()
  }
})

test('GitHub: a client that goes away in the middle of a request is none, and the others get their answers', async () => {
  const server = await gitHub()
  const { port, hostname } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write('POST / HTTP/1.1\r\nHost: emulator\r\nContent-Length: 100\r\n\r\n{')
  // What was sent has been read when somebody who came later has an answer.
  expect((await fetch(server.url)).status).toBe(404)
  const rejections: unknown[] = []
  const note = (reason: unknown) => void rejections.push(reason)
  process.on('unhandledRejection', note)
  socket.destroy()
  await once(socket, 'close')
  expect((await fetch(server.url)).status).toBe(404)
  await server.close()
  process.removeListener('unhandledRejection', note)
  expect(rejections).toEqual([])
  expect(server.requests).toHaveLength(2)
})

test.each(Object.entries({ cloud: EMULATORS.cloud, GitHub: gitHub }))(
  '%s: a body is read up to its longest, and what is longer is refused and not kept',
  async (_, start) => {
    const server = await start()
    const long = 'a'.repeat(LONGEST_BODY)
    expect((await fetch(server.url, { method: 'POST', body: long })).status).not.toBe(413)
    expect((await fetch(server.url, { method: 'POST', body: `${long}a` })).status).toBe(413)
    expect(server.arrivals).toHaveLength(1)
    await server.close()
  },
)
