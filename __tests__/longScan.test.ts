import { state } from '../src/emulator/answers.ts'
import { type EmulatedAlert, server } from '../src/emulator/fleet.ts'
import { id, policy } from './support/builders.ts'
import { ACCOUNT, LIFE, MINUTE, play, SECOND, STARTED, targets, twoHours } from './support/longScan.ts'

/** Two hours with sessions of a quarter of an hour, and what may become of one meanwhile. */

const denied = (code: string) => ({
  judgement: { verdict: 'denied', failsJob: true },
  tasks: [{ ending: { kind: 'denied', failure: { code } } }],
})

test('a scan of two hours passes with sessions of a quarter of an hour, and no look fails', async () => {
  const { outcome, verdict, failedCalls, sessions, stsCalls, masked, sleeping } = await play()
  expect(verdict).toBe('passed')
  expect(outcome.elapsedMs).toBeGreaterThanOrEqual(120 * MINUTE)
  expect(failedCalls).toEqual([])
  expect(sessions).toBeGreaterThanOrEqual(8)
  // One every 675 s, and no more than that.
  expect(stsCalls).toHaveLength(Math.floor(outcome.elapsedMs / (675 * SECOND)) + 1)
  expect(outcome.access).toEqual({ login: 'role', account: ACCOUNT })
  expect(outcome.calls).toContainEqual(expect.objectContaining({ action: 'AssumeRoleWithOIDC', calls: sessions }))
  // Of each session the token that bought it, and its three parts.
  expect(masked).toHaveLength(4 * sessions)
  for (const part of ['STS.emulated-key-3', 'emulated-secret-3', 'emulated/session+token/3==']) {
    expect(masked).toContain(part)
  }
  expect(sleeping).toBe(0)
})

describe('STS breaks down for ten minutes', () => {
  test('between two renewals: nobody notices', async () => {
    const from = 5 * 675 * SECOND + SECOND
    const { verdict, failedCalls, stsCalls } = await play({
      isStsDown: (atMs) => atMs >= from && atMs < from + 10 * MINUTE,
    })
    expect(verdict).toBe('passed')
    expect(failedCalls).toEqual([])
    expect(stsCalls.filter(({ answer }) => answer === '503')).toEqual([])
  })

  test.each([
    { name: 'over a renewal, and is back before the session ends', beforeMs: 8 * MINUTE, isMissed: false },
    { name: 'until after the end of a session', beforeMs: 5 * MINUTE, isMissed: true },
  ])('$name: the scan passes all the same', async ({ beforeMs, isMissed }) => {
    const renewal = 5 * 675 * SECOND
    const { verdict, failedCalls, unsent, stsCalls, events } = await play({
      isStsDown: (atMs) => atMs >= renewal - beforeMs && atMs < renewal - beforeMs + 10 * MINUTE,
    })
    expect(verdict).toBe('passed')
    expect(failedCalls).toEqual([])
    expect(unsent.length > 0).toBe(isMissed)
    expect(new Set(unsent)).toEqual(new Set(isMissed ? ['ServiceUnavailable'] : []))
    expect(stsCalls.filter(({ answer }) => answer === '503').length).toBeGreaterThan(2)
    expect(events.filter((event) => event.kind === 'call-failed').length).toBeGreaterThan(2)
  })
})

test('STS breaks down for good after an hour: the run is unavailable once the session has ended, not before', async () => {
  const { outcome, verdict, failedCalls, unsent, looksSent, stsCalls } = await play({
    isStsDown: (atMs) => atMs >= 60 * MINUTE,
  })
  expect(verdict).toBe('unavailable')
  const last = stsCalls.filter(({ answer }) => answer === '200').at(-1)?.atMs ?? 0
  expect(last).toBe(5 * 675 * SECOND)
  expect(outcome.elapsedMs).toBeGreaterThan(last + LIFE)
  // About five minutes of it are forgiven.
  expect(outcome.elapsedMs).toBeLessThan(last + LIFE + 8 * MINUTE)
  expect(failedCalls).toEqual([])
  expect(unsent).toEqual(Array(16).fill('ServiceUnavailable'))
  // A look that was not sent is no look.
  expect(outcome.tasks[0]?.looks).toBe(looksSent)
  expect(outcome.tasks[0]?.ending).toMatchObject({
    kind: 'unavailable',
    failure: { code: 'ServiceUnavailable', action: 'AssumeRoleWithOIDC' },
  })
})

test('the trust policy is withdrawn: the run is denied once the session has ended, not before', async () => {
  const { outcome, failedCalls, unsent, sleeping } = await play({ isTrusted: (atMs) => atMs < 60 * MINUTE })
  expect(outcome).toMatchObject(denied('AuthenticationFail.NoPermission'))
  const last = 5 * 675 * SECOND
  expect(outcome.elapsedMs).toBeGreaterThanOrEqual(last + LIFE)
  expect(outcome.elapsedMs).toBeLessThanOrEqual(last + LIFE + policy.maxDelayMs)
  expect(failedCalls).toEqual([])
  expect(unsent).toEqual(['AuthenticationFail.NoPermission'])
  // What the token said of itself is told with it.
  expect(outcome.tasks[0]?.ending).toMatchObject({
    failure: { cause: 'login', claims: { sub: 'repo:example/app:ref:refs/heads/main', aud: 'sts.aliyuncs.com' } },
  })
  expect(sleeping).toBe(0)
})

describe('a session is revoked long before its time', () => {
  const expired = '400 InvalidSecurityToken.Expired'

  test('one failed look, and on it goes with another session', async () => {
    const { outcome, verdict, failedCalls, sessions } = await play({ sts: { endsAfterCalls: [20] } })
    expect(verdict).toBe('passed')
    expect(failedCalls).toEqual([expired])
    expect(sessions).toBeGreaterThan(8)
    expect(outcome.tasks[0]).toMatchObject({ consecutiveErrors: 0 })
  })

  test('several times, each after some good looks: likewise', async () => {
    const { verdict, failedCalls } = await play({ sts: { endsAfterCalls: [20, 1, 3, undefined, 2] } })
    expect(verdict).toBe('passed')
    expect(failedCalls).toEqual([expired, expired, expired, expired])
  })

  test('and the next one is as bad: the run is denied', async () => {
    const { outcome, failedCalls, sessions } = await play({ sts: { endsAfterCalls: [20, 0] } })
    expect(outcome).toMatchObject(denied('InvalidSecurityToken.Expired'))
    expect(failedCalls).toEqual([expired, expired])
    expect(sessions).toBe(2)
  })

  test('for a hundred tasks at once: each has one failed look', async () => {
    const ids = Array.from({ length: 100 }, (_, i) => id(String(i + 1)))
    const { outcome, verdict, failedCalls, sessions } = await play({
      inputs: { waitFor: { kind: 'tasks', ids } },
      cloud: {
        tasks: Object.fromEntries(
          ids.map((one) => [
            one,
            { targets, looks: (ms: number) => state(ms < 5 * MINUTE ? 'Processing' : 'Success') },
          ]),
        ),
      },
      sts: { endsAfterCalls: [250] },
    })
    expect(verdict).toBe('passed')
    expect(outcome.tasks).toHaveLength(100)
    expect(sessions).toBe(2)
    expect(failedCalls.length).toBeLessThanOrEqual(100)
    expect(new Set(failedCalls)).toEqual(new Set([expired]))
  })

  test('the start of a scan meets its end: it is repeated, since nothing was started', async () => {
    const { verdict, outcome, failedCalls } = await play({
      inputs: {
        waitFor: {
          kind: 'targets',
          wanted: { kind: 'listed', lines: [{ word: 'uuid', name: server(1).uuid }] },
          wait: true,
        },
      },
      cloud: { tasks: {}, starts: [{ id: '7', looks: twoHours }] },
      sts: { endsAfterCalls: [0] },
    })
    expect(failedCalls).toEqual([expired])
    expect(verdict).toBe('passed')
    expect(outcome.started).toMatchObject({ id: '7' })
  })
})

test('a session narrower than the run needs is refused by the policy that it was given', async () => {
  const { outcome } = await play({ ramActions: ['yundun-sas:StartVirusScanTask'] })
  expect(outcome).toMatchObject(denied('NoPermission'))
})

describe('with the gate on, the wait for late alerts goes over the end of a session', () => {
  const trojan: EmulatedAlert = { eventId: '77', level: 'serious', name: 'Trojan', lastSeen: STARTED }
  const gate = { cutoff: 'serious', settleMs: 15 * MINUTE, entries: [], today: '2026-11-24' } as const
  const groups = [{ id: '10001', name: 'web' }]
  const inTenMinutes = (ms: number) => state(ms < 10 * MINUTE ? 'Processing' : 'Success')

  test.each([
    { name: 'a clean fleet passes', lateMs: Number.POSITIVE_INFINITY, says: 'passed' },
    { name: 'an alert that comes late counts', lateMs: 14 * MINUTE, says: 'alerts' },
  ])('$name', async ({ lateMs, says }) => {
    const { outcome, verdict, failedCalls, sessions } = await play({
      inputs: { gate },
      cloud: {
        tasks: { '282832': { targets, looks: inTenMinutes } },
        fleet: ({ sinceSuccessMs = -1 }) => ({
          groups,
          servers: [server(1, { alerts: sinceSuccessMs >= lateMs ? [trojan] : [] })],
        }),
      },
    })
    expect(verdict).toBe(says)
    expect(failedCalls).toEqual([])
    expect(outcome.elapsedMs).toBeGreaterThan(25 * MINUTE)
    expect(sessions).toBe(3)
    expect(outcome.gate?.sight.alerts?.reads).toBe(2)
  })
})
