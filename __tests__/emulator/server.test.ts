import { once } from 'node:events'
import { connect } from 'node:net'
import { Cloud } from '../../src/emulator/cloud.ts'
import { ACCOUNT } from '../../src/emulator/scenarios.ts'
import { startServer } from '../../src/emulator/server.ts'

test("replies are dated by the cloud's clock", async () => {
  const wallClock = () => Date.parse('2026-11-24T12:00:00Z')
  const server = await startServer(new Cloud({ account: ACCOUNT, tasks: {} }, wallClock))
  const reply = await fetch(server.url, { method: 'POST' })
  await server.close()
  expect(reply.headers.get('date')).toBe('Tue, 24 Nov 2026 12:00:00 GMT')
})

test('an exchange says which session signed it, and keeps the token of nobody', async () => {
  const cloud = new Cloud({ account: ACCOUNT, tasks: {} }, Date.now)
  cloud.sessions.issue({ accountId: '1', name: 'a', id: '2', sessionName: 'b' }, 1_000)
  const { accessKeyId } = cloud.sessions.issue({ accountId: '1', name: 'a', id: '2', sessionName: 'b' }, 1_000)
  const server = await startServer(cloud)
  for (const more of [{ AccessKeyId: accessKeyId }, { AccessKeyId: ACCOUNT.accessKeyId }, { OIDCToken: 'secret' }]) {
    const body = new URLSearchParams({ Format: 'JSON', Action: 'A', Version: '1', ...more })
    await fetch(server.url, { method: 'POST', body })
  }
  await server.close()
  expect(server.exchanges.map(({ session }) => session)).toEqual([2, undefined, undefined])
  expect(JSON.stringify(server.exchanges)).not.toContain('secret')
})

test('a client that goes away in the middle of a request is no exchange, and the others get their answers', async () => {
  const server = await startServer(new Cloud({ account: ACCOUNT, tasks: {} }, Date.now))
  const { port, hostname } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write('POST / HTTP/1.1\r\nHost: emulator\r\nContent-Length: 100\r\n\r\nAction=')
  // What was sent has been read when somebody who came later has an answer.
  expect((await fetch(server.url, { method: 'POST' })).status).toBe(400)
  socket.destroy()
  expect((await fetch(server.url, { method: 'POST' })).status).toBe(400)
  await server.close()
  expect(server.exchanges).toHaveLength(2)
})

test('without a record nothing of a request stays', async () => {
  const server = await startServer(new Cloud({ account: ACCOUNT, tasks: {} }, Date.now), undefined, {
    keepsRecord: false,
  })
  expect((await fetch(server.url, { method: 'POST' })).status).toBe(400)
  await server.close()
  expect([server.exchanges, server.arrivals]).toEqual([[], []])
})
