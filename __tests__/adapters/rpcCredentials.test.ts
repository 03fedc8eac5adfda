import { getEventListeners } from 'node:events'
import { queryObjects } from 'node:v8'
import type { SecurityCenter } from '../../src/adapters/securityCenter.ts'
import { CallBudget } from '../../src/domain/budget.ts'
import { stopperOf } from '../../src/domain/waiter.ts'
import * as answers from '../../src/emulator/answers.ts'
import { ACCOUNT } from '../../src/emulator/scenarios.ts'
import { Caller } from '../../src/steps/caller.ts'
import { startScan } from '../../src/steps/startScan.ts'
import { staticCredentials } from '../../src/steps/staticCredentials.ts'
import { failure, id, policy } from '../support/builders.ts'
import { emulatedCenter, failed } from '../support/emulatedCenter.ts'
import { Noted, never, ours, stand, tasks } from '../support/notedCredentials.ts'

/** What signs a call: asked for anew each time, told what became of it, and never half of one. */

test('credentials are asked for before each call, and told that it was let in', async () => {
  const noted = new Noted(ours)
  const { look } = await stand(noted)
  await look()
  await look()
  expect(noted.given).toBe(2)
  expect(noted.told).toEqual([`accepted ${ACCOUNT.accessKeyId}`, `accepted ${ACCOUNT.accessKeyId}`])
})

test('new ones sign from the next call on', async () => {
  const other = { accessKeyId: 'STS.other', accessKeySecret: 'other', securityToken: 'other' }
  let turn = 0
  const noted = new Noted(async () => ({ kind: 'credentials', credentials: turn++ === 1 ? other : ACCOUNT }))
  const { look } = await stand(noted)
  expect(await look()).toMatchObject({ kind: 'state' })
  expect(await look()).toEqual(failed('credentials', 'InvalidAccessKeyId.NotFound'))
  expect(await look()).toMatchObject({ kind: 'state' })
})

test('calls leave nothing behind on the signal that would end them, however many there are', async () => {
  const { look } = await stand(new Noted(ours))
  const { signal } = new AbortController()
  await look(signal)
  const listeners = getEventListeners(signal, 'abort').length
  for (let i = 0; i < 20; i++) await look(signal)
  expect(getEventListeners(signal, 'abort')).toHaveLength(listeners)
  expect(listeners).toBe(0)
})

/** Far ends on sockets take real time, so this clock waits for nothing: a sleep is over as soon as it begins. */
function sleepless() {
  let now = 0
  return {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms
    },
  }
}

/** After a collection of garbage. */
async function signalsLeft(): Promise<number> {
  await new Promise(setImmediate)
  return Number(queryObjects(AbortSignal, { format: 'count' }))
}

test('nor do they leave their own signals in memory, with the replies that these hold', async () => {
  const { look } = await stand(new Noted(ours))
  const { signal } = new AbortController()
  await look(signal)
  const before = await signalsLeft()
  for (let i = 0; i < 100; i++) await look(signal)
  // Those of the last call may still be in use.
  expect((await signalsLeft()) - before).toBeLessThan(20)
  // Used to the end, so that it is there all the time, as a run's is.
  expect(signal.aborted).toBe(false)
})

describe('a session that has ended', () => {
  const ended = { account: { ...ACCOUNT, endsAfterCalls: 0 } }

  test.each([
    [true, 'session-ended'],
    [false, 'credentials'],
  ])('others can be had: %s', async (others, cause) => {
    const noted = new Noted(ours, others)
    const { look } = await stand(noted, ended)
    expect(await look()).toEqual(failed(cause, 'InvalidSecurityToken.Expired'))
    expect(noted.told).toEqual([`ended ${ACCOUNT.accessKeyId}`])
  })

  test('keys that are what they are cannot be replaced', async () => {
    const { look } = await stand(staticCredentials(ACCOUNT), ended)
    expect(await look()).toEqual(failed('credentials', 'InvalidSecurityToken.Expired'))
  })

  test('other refusals say nothing of its end', async () => {
    const noted = new Noted(ours, true)
    const { look } = await stand(noted, {
      tasks: {
        '1': {
          targets: [],
          looks: [
            answers.refusal(400, 'InvalidSecurityToken.Malformed', ''),
            answers.refusal(403, 'NoPermission', ''),
            answers.refusal(400, 'SecurityTokenExpired', ''),
            answers.refusal(400, 'INVALIDSECURITYTOKEN.EXPIRED', ''),
          ],
        },
      },
    })
    expect(await look()).toEqual(failed('credentials', 'InvalidSecurityToken.Malformed'))
    expect(await look()).toEqual(failed('permission', 'NoPermission'))
    expect(noted.told).toEqual([])
    expect(await look()).toEqual(failed('session-ended', 'SecurityTokenExpired'))
    expect(await look()).toEqual(failed('session-ended', 'INVALIDSECURITYTOKEN.EXPIRED'))
  })

  test('a bad reply does not say that it was let in', async () => {
    const noted = new Noted(ours)
    const looks = [answers.badGateway(), answers.raw(500, '{}'), answers.raw(200, '[]'), answers.throttled()]
    const { look } = await stand(noted, { tasks: { '1': { targets: [], looks } } })
    for (const _ of looks) expect(await look()).toMatchObject({ kind: 'failure' })
    expect(noted.told).toEqual([])
  })
})

describe('half a credential', () => {
  test.each([
    ['no id', { accessKeyId: '', accessKeySecret: 'secret' }],
    ['no secret', { accessKeyId: 'id', accessKeySecret: '' }],
    ['a token alone', { accessKeyId: '', accessKeySecret: '', securityToken: 'token' }],
  ])('%s: nothing goes out unsigned', async (_, credentials) => {
    const { server, look } = await stand(staticCredentials(credentials))
    expect(await look()).toEqual(failed('credentials', 'IncompleteCredentials', { action: 'DescribeScanTaskProgress' }))
    expect(server.exchanges).toEqual([])
  })
})

describe('where there are no credentials', () => {
  const down = failure('server', { code: 'ServiceUnavailable', action: 'AssumeRoleWithOIDC' })

  test('nothing is sent, and the failure is that of the login', async () => {
    const { server, look } = await stand(new Noted(async () => ({ kind: 'failure', failure: down })))
    expect(await look()).toEqual({ kind: 'failure', failure: { ...down, isUnsent: true } })
    expect(server.exchanges).toEqual([])
  })

  test('a cancel ends the wait for them at once, and nothing was sent', async () => {
    const { server, look } = await stand(new Noted(() => new Promise(() => {})))
    const cancel = new AbortController()
    const looked = look(cancel.signal)
    cancel.abort()
    expect(await looked).toEqual(failed('network', 'Cancelled', { isUnsent: true }))
    expect(server.exchanges).toEqual([])
  })

  const start = (center: SecurityCenter, cancel: AbortSignal) => {
    const clock = sleepless()
    const stop = stopperOf(cancel).signal
    const caller = new Caller({
      policy,
      clock,
      random: () => 0.5,
      budget: new CallBudget(clock),
      stop,
      report: () => {},
    })
    return { caller, started: startScan([{ type: 'uuid', name: 'a', target: 'a' }], center, caller) }
  }

  test('a start that is cancelled meanwhile has started nothing', async () => {
    const { center } = await stand(new Noted(() => new Promise(() => {})))
    const cancel = new AbortController()
    const { started } = start(center, cancel.signal)
    setImmediate(() => cancel.abort())
    expect(await started).toEqual({ kind: 'ended', ending: { kind: 'cancelled' } })
  })

  test('a start is not counted and not in doubt until it was sent', async () => {
    const refused = failure('login', { code: 'AuthenticationFail.NoPermission' })
    const { center } = await stand(new Noted(async () => ({ kind: 'failure', failure: refused })))
    const { caller, started } = start(center, never)
    expect(await started).toEqual({
      kind: 'ended',
      ending: { kind: 'denied', failure: { ...refused, isUnsent: true } },
    })
    expect(caller.tallies).toEqual([])
  })

  test.each(['timeout', 'invalid-response', 'server', 'unknown-code'] as const)(
    'a start is repeated after any trouble of the login (%s)',
    async (cause) => {
      let nth = 0
      const trouble = failure(cause)
      const noted = new Noted(async () => (nth++ < 3 ? { kind: 'failure', failure: trouble } : ours()))
      const { center, server } = await stand(noted)
      const { caller, started } = start(center, never)
      expect(await started).toMatchObject({ kind: 'started' })
      expect(server.exchanges).toHaveLength(1)
      expect(caller.tallies).toMatchObject([{ action: 'StartVirusScanTask', calls: 1 }])
    },
  )

  test('a throttled login does not slow the calls of Security Center down', async () => {
    const slow = failure('throttled', { code: 'Throttling.User' })
    let nth = 0
    const noted = new Noted(async () => (nth++ === 0 ? { kind: 'failure', failure: slow } : ours()))
    const { center } = await stand(noted)
    let isSlowed = false
    const clock = sleepless()
    const budget = new CallBudget(clock)
    budget.throttled = () => {
      isSlowed = true
    }
    const caller = new Caller({ policy, clock, random: () => 0, budget, stop: never, report: () => {} })
    expect(await caller.ask((stop) => center.listGroups(stop))).toMatchObject({ kind: 'answer' })
    expect(isSlowed).toBe(false)
  })
})

describe('the time that the cloud has', () => {
  test.each([
    ['ahead', -3_600_000],
    ['behind', 3_600_000],
  ])('a runner that is %s is told by how much', async (_, clockOffMs) => {
    const { center } = await emulatedCenter({ tasks }, { clockOffMs })
    const seen = await center.describeScanTaskProgress(id('1'), never)
    expect(seen).toEqual(failed('clock', 'InvalidTimeStamp.Expired', { clockAheadMs: expect.any(Number) }))
    const ahead = (seen.kind === 'failure' && seen.failure.clockAheadMs) || 0
    expect(Math.abs(ahead + clockOffMs)).toBeLessThan(60_000)
  })

  test('other refusals say nothing of it', async () => {
    const { look } = await stand(staticCredentials({ ...ACCOUNT, accessKeySecret: 'other' }))
    expect(await look()).not.toHaveProperty('failure.clockAheadMs')
  })
})
