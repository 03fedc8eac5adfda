import type { RunEvent } from '../../src/domain/event.ts'
import type { Failure } from '../../src/domain/scan.ts'
import type { Session } from '../../src/domain/session.ts'
import type { WaitPolicy } from '../../src/domain/waiter.ts'
import type { SessionSource } from '../../src/ports.ts'
import { SessionKeeper } from '../../src/steps/sessionKeeper.ts'
import { failure, policy as usual } from '../support/builders.ts'
import { VirtualClock } from '../support/virtualClock.ts'

/** Sessions of a quarter of an hour and their keeper, over hours on a virtual clock. */

const SECOND = 1_000
const MINUTE = 60_000
const LIFE = 15 * MINUTE
const RENEWAL = 675 * SECOND

const down = failure('server', { code: 'ServiceUnavailable', action: 'AssumeRoleWithOIDC' })
const distrusted = failure('login', { code: 'AuthenticationFail.NoPermission', action: 'AssumeRoleWithOIDC' })

interface Setting {
  readonly lifeMs?: number
  /** How long one fetch takes. */
  readonly latencyMs?: number
  /** What comes instead of a session. */
  readonly trouble?: (atMs: number, nth: number) => Failure | undefined
  readonly source?: SessionSource
  readonly policy?: WaitPolicy
}

function stand({ lifeMs = LIFE, latencyMs = 0, trouble = () => undefined, source, policy = usual }: Setting = {}) {
  const clock = new VirtualClock()
  const stop = new AbortController()
  const fetched: number[] = []
  const events: RunEvent[] = []
  const usualSource: SessionSource = async (cancel) => {
    const fromMs = clock.now()
    const nth = fetched.push(fromMs)
    if (latencyMs > 0) await clock.sleep(latencyMs, cancel)
    const problem = cancel.aborted ? down : trouble(fromMs, nth)
    if (problem !== undefined) return { kind: 'failure', failure: problem }
    const credentials = { accessKeyId: `STS.${nth}`, accessKeySecret: 'secret', securityToken: `token-${nth}` }
    const value = { credentials, fromMs, endsAtMs: fromMs + lifeMs }
    return { kind: 'answer', value, action: 'AssumeRoleWithOIDC', requestId: `R-${nth}` }
  }
  const report = (event: RunEvent) => events.push(event)
  const keeper = new SessionKeeper({ source: source ?? usualSource, clock, random: () => 0.5, policy, report })
  const until = (atMs: number) => clock.finish(clock.sleep(atMs - clock.now(), new AbortController().signal))
  const signed = async () => {
    const given = await keeper.credentials(stop.signal)
    return given.kind === 'credentials' ? given.credentials : given.failure
  }
  /** Logged in, and kept so from then on. */
  const kept = async () => {
    await clock.finish(keeper.current(stop.signal))
    const keeping = keeper.keep(stop.signal)
    return {
      end: async () => {
        stop.abort()
        await clock.finish(keeping)
      },
    }
  }
  return { clock, stop, fetched, events, keeper, until, signed, kept }
}

const named = (nth: number) => expect.objectContaining({ accessKeyId: `STS.${nth}`, securityToken: `token-${nth}` })

test('a call that is broken off while it waits for a session does not take it from the others', async () => {
  const { clock, stop, fetched, keeper } = stand({ lifeMs: MINUTE, latencyMs: 2 * SECOND })
  await clock.finish(keeper.current(stop.signal))
  await clock.finish(clock.sleep(2 * MINUTE, stop.signal))
  const one = new AbortController()
  const impatient = keeper.credentials(one.signal)
  const patient = keeper.credentials(stop.signal)
  one.abort()
  expect(await clock.finish(patient)).toMatchObject({ kind: 'credentials', credentials: named(2) })
  await impatient
  expect(fetched).toHaveLength(2)
})

describe('a renewal in time', () => {
  test('over two hours: each session is followed by another long before its end, and nobody has to wait', async () => {
    const { clock, stop, fetched, keeper, kept, until, events } = stand({ latencyMs: 2 * SECOND })
    const { end } = await kept()
    for (let atMs = 2 * SECOND; atMs <= 2 * 60 * MINUTE; atMs += 10 * SECOND) {
      await until(atMs)
      const before = fetched.length
      const answer = await keeper.current(stop.signal)
      expect(answer).toMatchObject({ kind: 'answer' })
      if (answer.kind === 'answer') expect(answer.value.endsAtMs - clock.now()).toBeGreaterThan(220 * SECOND)
      expect(fetched).toHaveLength(before)
    }
    await end()
    expect(fetched).toEqual(Array.from({ length: 11 }, (_, i) => i * RENEWAL))
    expect(events.map((event) => (event.kind === 'session' ? event.isRenewed : event.kind))).toEqual([
      false,
      ...Array(10).fill(true),
    ])
    expect(events[1]).toMatchObject({ atMs: RENEWAL + 2 * SECOND, endsAtMs: RENEWAL + LIFE })
    expect(keeper.tallies).toEqual([
      { action: 'AssumeRoleWithOIDC', calls: 11, requestId: 'R-11', requestIdAtMs: 10 * RENEWAL + 2 * SECOND },
    ])
  })

  test('the one at hand is used while the next one is fetched', async () => {
    const { kept, until, signed } = stand({ latencyMs: 10 * SECOND })
    const { end } = await kept()
    await until(RENEWAL + 5 * SECOND)
    expect(await signed()).toEqual(named(1))
    await until(RENEWAL + 11 * SECOND)
    expect(await signed()).toEqual(named(2))
    await end()
  })

  test('who is kept in before anybody asked is let in at once', async () => {
    const { fetched, keeper, until, stop, signed, clock } = stand()
    const keeping = keeper.keep(stop.signal)
    await until(1)
    expect(fetched).toEqual([0])
    expect(await signed()).toEqual(named(1))
    stop.abort()
    await clock.finish(keeping)
    expect(fetched).toEqual([0])
  })

  test('what somebody else has fetched in the meantime is not fetched again', async () => {
    const { fetched, keeper, kept, until, signed, clock, stop } = stand()
    const { end } = await kept()
    await until(5 * MINUTE)
    const [first] = [await signed()]
    if (!('accessKeyId' in first)) throw new Error('no credentials')
    expect(keeper.ended(first)).toBe(true)
    await clock.finish(keeper.current(stop.signal))
    await until(RENEWAL + MINUTE)
    expect(fetched).toEqual([0, 5 * MINUTE])
    await until(5 * MINUTE + RENEWAL)
    expect(fetched).toEqual([0, 5 * MINUTE, 5 * MINUTE + RENEWAL])
    await end()
  })

  test('a session that was found out is replaced at the latest when it would have been renewed', async () => {
    const { fetched, keeper, kept, until, signed } = stand()
    const { end } = await kept()
    const first = await signed()
    if (!('accessKeyId' in first)) throw new Error('no credentials')
    keeper.ended(first)
    await until(RENEWAL)
    expect(fetched).toEqual([0, RENEWAL])
    await end()
  })
})

describe('a renewal that fails', () => {
  test('costs nothing while the session is good: it is tried again, later each time, until it succeeds', async () => {
    const heals = 800 * SECOND
    const { fetched, events, kept, until, signed } = stand({
      trouble: (atMs) => (atMs >= RENEWAL && atMs < heals ? down : undefined),
    })
    const { end } = await kept()
    for (let atMs = RENEWAL; atMs < heals; atMs += SECOND) {
      await until(atMs)
      expect(await signed()).toEqual(named(1))
    }
    await until(LIFE - SECOND)
    expect(await signed()).toEqual(named(fetched.length))
    // Half of 1 s, doubling, at most 60 s.
    const delays = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]
    const failures = events.filter((event) => event.kind === 'call-failed')
    expect(failures.map(({ delayMs }) => delayMs)).toEqual(delays.slice(0, failures.length))
    expect(failures.map(({ errors }) => errors)).toEqual(failures.map((_, i) => i + 1))
    expect(failures.length).toBeGreaterThan(6)
    expect(failures[0]).toEqual({ kind: 'call-failed', atMs: RENEWAL, failure: down, errors: 1, delayMs: 500 })
    expect(fetched.slice(1, 4)).toEqual([RENEWAL, RENEWAL + 500, RENEWAL + 1_500])
    await end()
  })

  test('the next renewal starts counting anew', async () => {
    const { events, kept, until } = stand({
      trouble: (_, nth) => ([2, 3, 5].includes(nth) ? down : undefined),
    })
    const { end } = await kept()
    await until(30 * MINUTE)
    const errors = events.flatMap((event) => (event.kind === 'call-failed' ? [event.errors] : []))
    expect(errors).toEqual([1, 2, 1])
    await end()
  })

  test('that a caller has made up for is over: the next one is due when the new session says so', async () => {
    const heals = LIFE + 100 * SECOND
    const { clock, kept, until, signed, fetched } = stand({
      trouble: (atMs) => (atMs >= RENEWAL && atMs < heals ? down : undefined),
    })
    const { end } = await kept()
    await until(heals)
    expect(await signed()).toEqual(named(fetched.length))
    const before = clock.sleeps.length
    await until(heals + RENEWAL - SECOND)
    // One wakes up from its last delay, then it sleeps until the renewal; the other sleep is that of this test.
    expect(clock.sleeps.slice(before).length).toBeLessThanOrEqual(2)
    const soFar = fetched.length
    await until(heals + RENEWAL)
    expect(fetched.slice(soFar)).toEqual([heals + RENEWAL])
    await end()
  })

  test('waits as long as it is asked to', async () => {
    const patience = { ...down, retryAfterMs: 45 * SECOND }
    const { fetched, kept, until } = stand({ trouble: (_, nth) => (nth === 2 ? patience : undefined) })
    const { end } = await kept()
    await until(LIFE)
    expect(fetched).toEqual([0, RENEWAL, RENEWAL + 45 * SECOND])
    await end()
  })

  test('even a refusal costs nothing before the end of the session', async () => {
    const { kept, until, signed } = stand({ trouble: (atMs) => (atMs > 0 ? distrusted : undefined) })
    const { end } = await kept()
    await until(LIFE - 1)
    expect(await signed()).toEqual(named(1))
    await until(LIFE)
    expect(await signed()).toEqual(distrusted)
    await end()
  })

  test('after the end calls wait for a new session, and its failures reach them', async () => {
    const heals = 1_200 * SECOND
    const { clock, kept, until, signed, fetched } = stand({
      latencyMs: SECOND,
      trouble: (atMs) => (atMs >= RENEWAL && atMs < heals ? down : undefined),
    })
    const { end } = await kept()
    await until(LIFE - 1)
    expect(await signed()).toEqual(named(1))
    await until(LIFE + SECOND)
    const before = clock.now()
    expect(await clock.finish(signed())).toEqual(down)
    expect(clock.now()).toBeGreaterThan(before)
    await until(heals)
    expect(await clock.finish(signed())).toEqual(named(fetched.length))
    await end()
  })
})

describe('many callers', () => {
  test('one fetch serves all who wait', async () => {
    const { clock, stop, keeper, fetched } = stand({ latencyMs: SECOND })
    const answers = await clock.finish(Promise.all(Array.from({ length: 50 }, () => keeper.current(stop.signal))))
    expect(fetched).toEqual([0])
    expect(new Set(answers.map((answer) => (answer.kind === 'answer' ? answer.value : undefined))).size).toBe(1)
  })

  test('one failure is that of all who wait, and the next one asks anew', async () => {
    const { clock, keeper, fetched, signed } = stand({
      latencyMs: SECOND,
      trouble: (_, nth) => (nth === 1 ? down : undefined),
    })
    const answers = await clock.finish(Promise.all(Array.from({ length: 5 }, signed)))
    expect(answers).toEqual(Array(5).fill(down))
    expect(await clock.finish(signed())).toEqual(named(2))
    expect(fetched).toHaveLength(2)
    expect(keeper.tallies).toEqual([
      { action: 'AssumeRoleWithOIDC', calls: 2, requestId: 'R-2', requestIdAtMs: 2 * SECOND },
    ])
  })

  test('a renewal under way is the one that callers wait for', async () => {
    const { clock, kept, until, signed, fetched } = stand({
      lifeMs: 4 * SECOND,
      latencyMs: 2 * SECOND,
    })
    const { end } = await kept()
    await until(4_500)
    expect(fetched).toEqual([0, 3_000])
    expect(await clock.finish(signed())).toEqual(named(2))
    expect(fetched).toEqual([0, 3_000])
    await end()
  })
})

describe('a session that the cloud says has ended', () => {
  const credentialsOf = (session: Session['credentials'] | Failure) => {
    if (!('accessKeyId' in session)) throw new Error('no credentials')
    return session
  }

  test('is replaced once', async () => {
    const { keeper, signed, fetched } = stand()
    const first = credentialsOf(await signed())
    expect(keeper.ended(first)).toBe(true)
    expect(await signed()).toEqual(named(2))
    expect(fetched).toHaveLength(2)
  })

  test('asks for one other session only, however many calls were under way with it', async () => {
    const { keeper, signed, fetched } = stand()
    const first = credentialsOf(await signed())
    expect([keeper.ended(first), keeper.ended(first)]).toEqual([true, true])
    const second = await signed()
    expect(keeper.ended(first)).toBe(true)
    expect(await signed()).toBe(second)
    expect(fetched).toHaveLength(2)
  })

  test('if the fresh one is refused too, there is nothing more to try', async () => {
    const { keeper, signed, fetched } = stand()
    keeper.ended(credentialsOf(await signed()))
    const second = credentialsOf(await signed())
    expect(keeper.ended(second)).toBe(false)
    expect(keeper.ended(second)).toBe(false)
    expect(fetched).toHaveLength(2)
  })

  test('what is said of the old one says nothing of the fresh one', async () => {
    const { keeper, signed } = stand()
    const first = credentialsOf(await signed())
    keeper.ended(first)
    const second = credentialsOf(await signed())
    keeper.accepted(first)
    expect(keeper.ended(second)).toBe(false)
  })

  test('if the fresh one was let in, a later end gets a new one again', async () => {
    const { keeper, signed } = stand()
    for (let nth = 1; nth <= 5; nth++) {
      const credentials = credentialsOf(await signed())
      expect(credentials).toEqual(named(nth))
      keeper.accepted(credentials)
      expect(keeper.ended(credentials)).toBe(true)
    }
  })
})

describe('a source that hands out the same session until it ends', () => {
  test.each([
    { name: 'and then a new one', next: true },
    { name: 'and for ever', next: false },
  ])('$name, is not asked in a rush', async ({ next }) => {
    const fetched: number[] = []
    const endsAt = (nowMs: number) => (next && nowMs >= LIFE - 10 * SECOND ? 2 * LIFE : LIFE)
    const { clock, kept, until } = stand({
      source: async () => {
        const fromMs = clock.now()
        fetched.push(fromMs)
        const credentials = { accessKeyId: 'STS.same', accessKeySecret: 'secret', securityToken: 'token' }
        const value = { credentials, fromMs, endsAtMs: endsAt(fromMs) }
        return { kind: 'answer', value, action: 'GetInstanceRole', requestId: '' }
      },
    })
    const { end } = await kept()
    await until(LIFE)
    expect(fetched.length).toBeLessThan(20)
    await until(LIFE + MINUTE)
    await end()
    const gaps = fetched.slice(1).map((atMs, i) => atMs - (fetched[i] ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(SECOND)
    expect(clock.sleeping).toBe(0)
  })
})

describe('stopped', () => {
  test.each([
    { name: 'in the middle of a session', atMs: 5 * MINUTE, trouble: () => undefined },
    { name: 'between two tries', atMs: LIFE + MINUTE, trouble: (atMs: number) => (atMs > 0 ? down : undefined) },
  ])('$name: nothing sleeps on, and nothing more is fetched', async ({ atMs, trouble }) => {
    const { clock, fetched, kept, until } = stand({ trouble })
    const { end } = await kept()
    await until(atMs)
    const before = fetched.length
    await end()
    expect(clock.now()).toBe(atMs)
    expect(clock.sleeping).toBe(0)
    expect(fetched).toHaveLength(before)
  })

  test('while a fetch hangs: it ends at once', async () => {
    const { clock, events, kept, until } = stand({ latencyMs: LIFE })
    const { end } = await kept()
    const startedAt = clock.now()
    await until(startedAt + MINUTE)
    events.length = 0
    await end()
    expect(clock.now()).toBe(startedAt + MINUTE)
    expect(clock.sleeping).toBe(0)
    // What was broken off is no news.
    expect(events).toEqual([])
  })

  test('before it began: nothing is fetched', async () => {
    const { clock, fetched, keeper } = stand()
    await clock.finish(keeper.keep(AbortSignal.abort()))
    expect(fetched).toEqual([])
    expect(clock.sleeping).toBe(0)
  })

  test('a first session that hangs ends with the run that waits for it', async () => {
    const { clock, stop, keeper, until } = stand({ latencyMs: LIFE })
    const first = keeper.current(stop.signal)
    await until(SECOND)
    stop.abort()
    expect(await clock.finish(first)).toMatchObject({ kind: 'failure' })
    expect(clock.now()).toBe(SECOND)
    expect(clock.sleeping).toBe(0)
  })
})

describe('the deadline', () => {
  const policy = { ...usual, deadlineMs: 5 * MINUTE }

  test.each([1, 250])('a look that is due then is not kept back by a timer that wakes %i ms late', async (lateMs) => {
    const { kept, until, signed } = stand({ policy })
    const { end } = await kept()
    await until(policy.deadlineMs + lateMs)
    expect(await signed()).toMatchObject({ accessKeyId: 'STS.1' })
    await end()
  })

  test('after a wait for a session no call is sent any more', async () => {
    const { clock, signed, until } = stand({ policy, latencyMs: 10 * SECOND })
    await until(policy.deadlineMs - SECOND)
    expect(await clock.finish(signed())).toMatchObject({ cause: 'timeout', code: 'RequestTimeout' })
  })

  test('no session is fetched for what comes after it', async () => {
    const { clock, kept, until, fetched } = stand({ policy: { ...usual, deadlineMs: RENEWAL - SECOND } })
    await kept()
    await until(2 * RENEWAL)
    expect(fetched).toEqual([0])
    expect(clock.sleeping).toBe(0)
  })
})
