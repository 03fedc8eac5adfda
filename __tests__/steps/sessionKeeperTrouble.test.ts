import type { Failure } from '../../src/domain/scan.ts'
import type { Session } from '../../src/domain/session.ts'
import { distrusted, down, LIFE, MINUTE, named, RENEWAL, SECOND, stand } from '../support/keeperOnClock.ts'

/** Renewals that fail, sessions that end early, and sources that have no other one. */

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
