import { CallBudget } from '../../src/domain/budget.ts'
import type { RunEvent } from '../../src/domain/event.ts'
import type { Login } from '../../src/domain/login.ts'
import type { Failure } from '../../src/domain/scan.ts'
import { stopperOf, type WaitPolicy } from '../../src/domain/waiter.ts'
import type { Access, Answer, Sessions } from '../../src/ports.ts'
import { Caller } from '../../src/steps/caller.ts'
import { logIn } from '../../src/steps/logIn.ts'
import { SessionKeeper } from '../../src/steps/sessionKeeper.ts'
import { failure, keysLogin, policy as usual } from '../support/builders.ts'
import { VirtualClock } from '../support/virtualClock.ts'

/** Getting in, before Security Center is asked anything. */

const OURS = '1234567890123456'
const THEIRS = '6543210987654321'
const role: Login = {
  kind: 'role',
  roleArn: `acs:ram::${OURS}:role/gate`,
  providerArn: `acs:ram::${OURS}:oidc-provider/github`,
  sessionName: 'example.app-42',
  durationSeconds: 900,
  audience: 'sts.aliyuncs.com',
}
const ecs: Login = { kind: 'ecs-role', role: 'auto' }
const down = failure('server', { code: 'ServiceUnavailable', action: 'AssumeRoleWithOIDC' })

interface Setting {
  readonly allowed?: readonly string[]
  /** What the tries for a session come to, in turn; after the end of the list there is one. */
  readonly sessions?: readonly (Failure | 'hangs')[]
  readonly whoAmI?: readonly (Failure | string)[]
  readonly policy?: Partial<WaitPolicy>
  readonly random?: number
}

function stand(login: Login, { allowed = [], sessions, whoAmI = [], policy = {}, random = 0.5 }: Setting = {}) {
  const clock = new VirtualClock()
  const cancel = new AbortController()
  const rules = { ...usual, ...policy }
  const calls: { readonly call: string; readonly atMs: number }[] = []
  const events: RunEvent[] = []
  const report = (event: RunEvent) => events.push(event)
  const keeper = new SessionKeeper({
    clock,
    random: () => random,
    policy: rules,
    report,
    source: async (stop) => {
      const nth = calls.push({ call: 'session', atMs: clock.now() })
      const problem = sessions?.[nth - 1]
      if (problem === 'hangs') await clock.sleep(3_600_000, stop)
      if (problem !== undefined) return { kind: 'failure', failure: problem === 'hangs' ? down : problem }
      const credentials = { accessKeyId: 'STS.1', accessKeySecret: 'secret', securityToken: 'token' }
      const value = { credentials, fromMs: clock.now(), endsAtMs: clock.now() + 900_000 }
      return { kind: 'answer', value, action: 'AssumeRoleWithOIDC', requestId: 'R' }
    },
  })
  let asked = 0
  const access: Access = {
    ...(sessions === undefined ? {} : { sessions: keeper satisfies Sessions }),
    whoAmI: async (): Promise<Answer<{ readonly accountId: string }>> => {
      calls.push({ call: 'whoAmI', atMs: clock.now() })
      const said = whoAmI[asked++] ?? OURS
      if (typeof said !== 'string') return { kind: 'failure', failure: said }
      return { kind: 'answer', value: { accountId: said }, action: 'GetCallerIdentity', requestId: 'R' }
    },
  }
  const stopper = stopperOf(cancel.signal)
  const budget = new CallBudget(clock)
  const caller = new Caller({ policy: rules, clock, random: () => random, budget, stop: stopper.signal, report })
  const entered = logIn(login, allowed, { access, caller, clock, report })
  const until = (atMs: number) => clock.finish(clock.sleep(atMs - clock.now(), new AbortController().signal))
  return { clock, cancel, calls, events, caller, until, ended: () => clock.finish(entered) }
}

const names = (calls: readonly { readonly call: string }[]) => calls.map(({ call }) => call)
const notAllowed = (account: string, allowed: string) => ({
  kind: 'ended',
  account,
  ending: {
    kind: 'denied',
    failure: {
      cause: 'account',
      code: 'AccountNotAllowed',
      message: `the credentials are of account ${account}, and allowed-account-ids lists ${allowed}`,
      requestId: '',
      retryAfterMs: 0,
      action: 'GetCallerIdentity',
    },
  },
})

describe('whose credentials they are', () => {
  test('a role of another account is refused before any call', async () => {
    const { ended, calls, events } = stand(role, { allowed: [THEIRS, '1'], sessions: [] })
    expect(await ended()).toEqual(notAllowed(OURS, `${THEIRS}, 1`))
    expect(calls).toEqual([])
    expect(events).toEqual([])
  })

  test.each([[[]], [[OURS]], [[THEIRS, OURS]]])(
    'a role tells its account, nobody is asked (allowed: %j)',
    async (allowed) => {
      const { ended, calls, events } = stand(role, { allowed, sessions: [] })
      expect(await ended()).toEqual({ kind: 'in', account: OURS })
      expect(names(calls)).toEqual(['session'])
      expect(events.at(-1)).toEqual({ kind: 'logged-in', atMs: 0, account: OURS })
    },
  )

  test('nobody asks for the account of keys that may be of any', async () => {
    const { ended, calls, events } = stand(keysLogin)
    expect(await ended()).toEqual({ kind: 'in' })
    expect(calls).toEqual([])
    expect(events).toEqual([{ kind: 'logged-in', atMs: 0 }])
  })

  test('that of keys is asked for where only some accounts are allowed', async () => {
    const { ended, calls, events, caller } = stand(keysLogin, { allowed: [THEIRS, OURS] })
    expect(await ended()).toEqual({ kind: 'in', account: OURS })
    expect(names(calls)).toEqual(['whoAmI'])
    expect(events).toEqual([{ kind: 'logged-in', atMs: 0, account: OURS }])
    expect(caller.tallies).toEqual([{ action: 'GetCallerIdentity', calls: 1, requestId: 'R', requestIdAtMs: 0 }])
  })

  test('keys of another account are refused', async () => {
    const { ended, events } = stand(keysLogin, { allowed: [OURS], whoAmI: [THEIRS] })
    expect(await ended()).toEqual(notAllowed(THEIRS, OURS))
    expect(events).toEqual([])
  })

  test('an account is compared as a whole', async () => {
    const { ended } = stand(keysLogin, { allowed: [`${OURS}1`, OURS.slice(1)] })
    expect(await ended()).toMatchObject({ kind: 'ended', ending: { kind: 'denied' } })
  })

  test('that of an instance is asked for with its session in hand', async () => {
    const { ended, calls } = stand(ecs, { allowed: [OURS], sessions: [], whoAmI: [THEIRS] })
    expect(await ended()).toEqual(notAllowed(THEIRS, OURS))
    expect(names(calls)).toEqual(['session', 'whoAmI'])
  })

  test('an instance that may be of any account needs its session only', async () => {
    const { ended, calls } = stand(ecs, { sessions: [] })
    expect(await ended()).toEqual({ kind: 'in' })
    expect(names(calls)).toEqual(['session'])
  })
})

describe('what fails', () => {
  test('is tried again within the budget of errors', async () => {
    const { ended, calls, events } = stand(role, { sessions: Array(15).fill(down) })
    expect(await ended()).toMatchObject({ kind: 'in' })
    expect(calls).toHaveLength(16)
    // Half of 1 s, doubling, at most 60 s.
    expect(calls.slice(0, 5).map(({ atMs }) => atMs)).toEqual([0, 500, 1_500, 3_500, 7_500])
    expect(events.filter((event) => event.kind === 'call-failed').map(({ errors }) => errors)).toEqual(
      Array.from({ length: 15 }, (_, i) => i + 1),
    )
  })

  test('is unavailable with one error more', async () => {
    const { ended, calls } = stand(role, { sessions: Array(16).fill(down) })
    expect(await ended()).toEqual({ kind: 'ended', ending: { kind: 'unavailable', failure: down } })
    expect(calls).toHaveLength(16)
  })

  test('counts for the question of the account as well, from its beginning', async () => {
    const setting = { allowed: [OURS], sessions: Array(10).fill(down), whoAmI: Array(10).fill(down) }
    expect(await stand(ecs, setting).ended()).toMatchObject({ kind: 'in' })
    const worse = stand(ecs, { ...setting, whoAmI: Array(16).fill(down) })
    expect(await worse.ended()).toMatchObject({ ending: { kind: 'unavailable' } })
    expect(worse.calls).toHaveLength(11 + 16)
  })

  test('is not forgiven where no error is', async () => {
    const { ended, calls } = stand(role, { sessions: [down], policy: { maxConsecutiveErrors: 0 } })
    expect(await ended()).toMatchObject({ ending: { kind: 'unavailable' } })
    expect(calls).toHaveLength(1)
  })

  test.each(['login', 'untrusted', 'proxy-refused', 'clock'] as const)(
    'a refusal (%s) ends it at once',
    async (cause) => {
      const refused = failure(cause)
      const { ended, calls, clock } = stand(role, { sessions: [refused] })
      expect(await ended()).toEqual({ kind: 'ended', ending: { kind: 'denied', failure: refused } })
      expect(calls).toHaveLength(1)
      expect(clock.now()).toBe(0)
    },
  )

  test.each(['credentials', 'permission'] as const)('so does one of the account question (%s)', async (cause) => {
    const refused = failure(cause)
    const { ended, calls } = stand(keysLogin, { allowed: [OURS], whoAmI: [refused] })
    expect(await ended()).toEqual({ kind: 'ended', ending: { kind: 'denied', failure: refused } })
    expect(calls).toHaveLength(1)
  })

  test('an OIDC token that had ended is replaced by a fresh one', async () => {
    const { ended, calls } = stand(role, { sessions: [failure('session-ended')] })
    expect(await ended()).toMatchObject({ kind: 'in' })
    expect(calls).toHaveLength(2)
  })

  test('the deadline ends it, with a last try at its moment', async () => {
    const { ended, calls, clock } = stand(role, {
      sessions: Array(99).fill(down),
      policy: { deadlineMs: 20_000, maxConsecutiveErrors: 1_000 },
    })
    expect(await ended()).toEqual({ kind: 'ended', ending: { kind: 'timed-out' } })
    expect(clock.now()).toBe(20_000)
    expect(calls.at(-1)?.atMs).toBe(20_000)
  })
})

describe('a cancel ends it at once', () => {
  const cancelled = { kind: 'ended', ending: { kind: 'cancelled' } }

  test('while a session is waited for', async () => {
    const { ended, cancel, clock, until } = stand(role, { sessions: ['hangs'] })
    await until(5_000)
    cancel.abort()
    expect(await ended()).toEqual(cancelled)
    expect(clock.now()).toBe(5_000)
    expect(clock.sleeping).toBe(0)
  })

  test('between two tries', async () => {
    const { ended, cancel, clock, calls, until } = stand(role, { sessions: Array(16).fill(down) })
    await until(5_000)
    cancel.abort()
    const before = calls.length
    expect(await ended()).toEqual(cancelled)
    expect(clock.now()).toBe(5_000)
    expect(calls).toHaveLength(before)
    expect(clock.sleeping).toBe(0)
  })
})
