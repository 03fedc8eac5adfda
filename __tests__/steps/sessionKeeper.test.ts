import { policy as usual } from '../support/builders.ts'
import { down, LIFE, MINUTE, named, RENEWAL, SECOND, stand } from '../support/keeperOnClock.ts'

/** One session after the other, in time: for one caller or many, until it is stopped. */

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
