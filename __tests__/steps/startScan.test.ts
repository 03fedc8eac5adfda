import type { Answer, ScanService } from '../../src/ports.ts'
import { provesNoStart, startScan } from '../../src/steps/startScan.ts'
import { failure, id, policy, server01 } from '../support/builders.ts'
import { callerOf } from '../support/callerOnClock.ts'

/** Only a failure that proves that nothing was started may be followed by another start. */

test.each([
  ['the cloud was throttled, by its own word', failure('throttled', { code: 'Throttling.User' })],
  ['nobody listened', failure('network', { code: 'ECONNREFUSED' })],
  ['the login before it failed', failure('server', { code: 'ServiceUnavailable', isUnsent: true })],
  ['the session had ended', failure('session-ended', { code: 'InvalidSecurityToken.Expired' })],
  ['the proxy gave no tunnel', failure('network', { code: 'ProxyRefused', isUnconnected: true })],
  ['the name is not known', failure('network', { code: 'ENOTFOUND' })],
  ['the name server did not answer', failure('network', { code: 'EAI_AGAIN' })],
  ['there is no way to the host', failure('network', { code: 'EHOSTUNREACH' })],
  ['there is no way to the network', failure('network', { code: 'ENETUNREACH' })],
  ['the proxy hung up', failure('network', { code: 'ECONNRESET', isUnconnected: true })],
])('proof: %s', (_, problem) => {
  expect(provesNoStart(problem)).toBe(true)
})

test.each([
  ['the connection was cut', failure('network', { code: 'ECONNRESET' })],
  ['no reply came in time', failure('timeout', { code: 'RequestTimeout' })],
  ['the cloud was unwell', failure('server', { code: 'ServerError' })],
  ['a throttling is only guessed', failure('throttled', { code: 'InvalidResponse' })],
  ['the reply had no id', failure('missing-fields', { code: 'InvalidResponse' })],
])('no proof: %s', (_, problem) => {
  expect(provesNoStart(problem)).toBe(false)
})

describe('a start', () => {
  type Reply = Answer<{ readonly id: ReturnType<typeof id> }>
  const good: Reply = { kind: 'answer', value: { id: id('282832') }, action: 'StartVirusScanTask', requestId: 'R-4' }
  const bad = (problem: ReturnType<typeof failure>): Reply => ({ kind: 'failure', failure: problem })
  async function start(replies: readonly Reply[], cancelAt = 0) {
    const { caller, clock, stopper } = callerOf(policy)
    let calls = 0
    const cloud = {
      startScan: async () => {
        calls += 1
        if (calls === cancelAt) stopper.abort({ kind: 'cancelled' })
        return replies[calls - 1]
      },
    } as unknown as ScanService
    const result = await clock.finish(startScan([server01], cloud, caller))
    return { result, calls, tallies: caller.tallies }
  }
  const started = { kind: 'started', id: '282832', targets: [server01], requestId: 'R-4' }
  const unclear = failure('server', { code: 'ServerError', action: 'StartVirusScanTask' })

  test("says what was started, and when by the server's clock", async () => {
    expect((await start([good])).result).toStrictEqual(started)
    const dated = await start([{ ...good, serverTimeMs: 1_000 } as Reply])
    expect(dated.result).toStrictEqual({ ...started, serverTimeMs: 1_000 })
  })
  test('is repeated where it is proven that nothing was started', async () => {
    const { result, calls } = await start([bad(failure('network', { code: 'ECONNREFUSED' })), good])
    expect({ result, calls }).toEqual({ result: started, calls: 2 })
  })
  test('that is refused ended, and nothing was started', async () => {
    const { result, calls } = await start([bad(failure('permission')), good])
    expect(result).toMatchObject({ kind: 'ended', ending: { kind: 'denied', failure: { cause: 'permission' } } })
    expect(calls).toBe(1)
  })
  test('whose fate is not known is not repeated, and its call is counted', async () => {
    const { result, calls, tallies } = await start([bad(unclear), good])
    expect(result).toStrictEqual({ kind: 'unknown', failure: unclear })
    expect(calls).toBe(1)
    expect(tallies).toEqual([{ action: 'StartVirusScanTask', calls: 1, requestId: 'R-2', requestIdAtMs: 0 }])
  })
  test('that was under way when the run ended may have arrived; with proof that it did not, it has not', async () => {
    const ending = { kind: 'cancelled' }
    expect((await start([bad(unclear)], 1)).result).toEqual({ kind: 'unknown', failure: unclear, ending })
    const refused = bad(failure('network', { code: 'ECONNREFUSED' }))
    expect((await start([refused, good], 1)).result).toEqual({ kind: 'ended', ending })
  })
})
