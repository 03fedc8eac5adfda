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
