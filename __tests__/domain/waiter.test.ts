import type { Observation } from '../../src/domain/scan.ts'
import { type CallEnding, decide, gravest, learn, type TaskSight, waitForTasks } from '../../src/domain/waiter.ts'
import { fails, failure, id, policy, sees, seesUnknown, server01 } from '../support/builders.ts'
import { VirtualClock } from '../support/virtualClock.ts'

/** What is decided from what was seen of a task, and what is learned from a look. */

test('of several endings the gravest is told, of two alike the first', () => {
  const inOrder: readonly CallEnding[] = [
    { kind: 'cancelled' },
    { kind: 'denied', failure: failure('permission') },
    { kind: 'timed-out' },
    { kind: 'unavailable', failure: failure('server') },
  ]
  for (const [i, grave] of inOrder.entries()) {
    const others = inOrder.slice(i)
    expect(gravest(grave, ...others)).toBe(grave)
    expect(gravest(others.at(-1) as CallEnding, ...others)).toBe(grave)
  }
  const [first, second] = [failure('permission'), failure('login')].map(
    (one) => ({ kind: 'denied', failure: one }) as const,
  )
  expect(gravest(first as CallEnding, second as CallEnding)).toBe(first)
})

test('a look that could not be sent is a failed one, and none that was made', () => {
  const sight: TaskSight = { id: id('1'), consecutiveErrors: 0, requestId: '', requestIdAtMs: 0, looks: 3, history: [] }
  expect(learn(sight, fails('server', { isUnsent: true }), 0)).toMatchObject({ looks: 3, consecutiveErrors: 1 })
  expect(learn(sight, fails('server'), 0)).toMatchObject({ looks: 4, consecutiveErrors: 1 })
})

test('where no call can be sent just now there is no look, and what keeps it from being sent is what was seen', async () => {
  const { failure: missing } = fails('login', { isUnsent: true }) as Extract<Observation, { kind: 'failure' }>
  const clock = new VirtualClock()
  const world = {
    clock,
    budget: { turn: async () => ({ kind: 'failure', failure: missing }) as const, throttled: () => {} },
    random: () => 0.5,
    look: () => Promise.reject(new Error('nothing is sent')),
    report: () => {},
  }
  const waits = await clock.finish(waitForTasks([id('1')], policy, world, new AbortController()))
  expect(waits).toMatchObject([{ ending: { kind: 'denied', failure: missing }, looks: 0 }])
})

describe('decide', () => {
  const at = (sinceFirstLookMs: number, remainingMs = policy.deadlineMs - sinceFirstLookMs) => ({
    sinceFirstLookMs,
    remainingMs,
  })
  const again = (delayMs: number) => ({ kind: 'look-again', delayMs })
  const ends = (kind: string) => expect.objectContaining({ kind: 'stop', ending: expect.objectContaining({ kind }) })

  test.each<{ name: string; observation: Observation; moment?: ReturnType<typeof at>; errors?: number; is: unknown }>([
    { name: 'Success ends the wait', observation: sees('Success'), is: ends('passed') },
    { name: 'Failed ends the wait', observation: sees('Failed'), is: ends('scan-failed') },
    {
      name: 'Success counts even after the deadline, since it was seen',
      observation: sees('Success'),
      moment: at(0, -5),
      is: ends('passed'),
    },
    { name: 'init is looked at again', observation: sees('init'), is: again(3_000) },
    {
      name: 'an unknown state is looked at again',
      observation: seesUnknown('Paused'),
      moment: at(600_000),
      is: again(30_000),
    },
    {
      name: 'a refusal ends the wait at its first sight',
      observation: fails('permission'),
      errors: 1,
      is: ends('denied'),
    },
    { name: 'the 15th error in a row is forgiven', observation: fails('server'), errors: 15, is: again(30_000) },
    { name: 'the 16th is not', observation: fails('server'), errors: 16, is: ends('unavailable') },
    {
      name: 'too many errors are told from no time',
      observation: fails('server'),
      errors: 16,
      moment: at(0, 0),
      is: ends('unavailable'),
    },
    {
      name: 'an error at the deadline is a time-out',
      observation: fails('server'),
      errors: 1,
      moment: at(0, 0),
      is: ends('timed-out'),
    },
    { name: 'no time is left', observation: sees('Processing'), moment: at(0, 0), is: ends('timed-out') },
    {
      name: 'a full minimum remains after the next look',
      observation: sees('init'),
      moment: at(0, 6_000),
      is: again(3_000),
    },
    {
      name: 'less than the minimum would remain: the next look is the last',
      observation: sees('init'),
      moment: at(0, 5_999),
      is: again(5_999),
    },
    {
      name: 'the last delay may exceed the maximum',
      observation: sees('Processing'),
      moment: at(7_137_001, 62_999),
      is: again(62_999),
    },
    {
      name: 'the cloud asks for more time than there is',
      observation: fails('throttled', { retryAfterMs: 99_999_999 }),
      errors: 1,
      moment: at(0, 9_000),
      is: again(9_000),
    },
    {
      name: 'the cloud asks for patience',
      observation: fails('throttled', { retryAfterMs: 45_000 }),
      errors: 1,
      is: again(45_000),
    },
  ])('$name', ({ observation, moment = at(0), errors = 0, is }) => {
    expect(decide(policy, moment, observation, errors, 0.5)).toEqual(is)
  })

  test('with max-consecutive-errors 0 the first error is one too many', () => {
    expect(decide({ ...policy, maxConsecutiveErrors: 0 }, at(0), fails('network'), 1, 0.5)).toEqual(ends('unavailable'))
  })
})

describe('learn', () => {
  const blank: TaskSight = { id: id('1'), consecutiveErrors: 0, requestId: '', requestIdAtMs: 0, looks: 0, history: [] }
  const sightAfter = (...observations: readonly Observation[]) =>
    observations.reduce((sight, observation, i) => learn(sight, observation, (i + 1) * 1_000), blank)

  test('a good look resets the count of errors', () => {
    expect(sightAfter(fails('server'), fails('server'), sees('init'))).toMatchObject({
      consecutiveErrors: 0,
      looks: 3,
      state: 'init',
    })
    expect(sightAfter(fails('server'), sees('init'))).not.toHaveProperty('lastFailure')
  })
  test('a failed look keeps what was seen before', () => {
    expect(sightAfter(sees('Processing'), fails('server', { requestId: '' }))).toMatchObject({
      state: 'Processing',
      targets: [server01],
      requestId: 'R-1',
      requestIdAtMs: 1_000,
      consecutiveErrors: 1,
      lastFailure: { cause: 'server' },
    })
  })
  test('an unknown state is kept through errors and gone with the next known one', () => {
    expect(sightAfter(sees('init'), seesUnknown('Paused'), fails('server'))).toMatchObject({
      state: 'init',
      unknownState: 'Paused',
    })
    expect(sightAfter(seesUnknown('Paused'), sees('Processing'))).not.toHaveProperty('unknownState')
  })
  test("the history has each state once in a row of looks, with the first sight of it and the server's clock", () => {
    const at = (observation: Observation, serverTimeMs: number) => ({ ...observation, serverTimeMs })
    const seen = [sees('init'), at(sees('Processing'), 7), fails('server'), at(sees('Processing'), 8)]
    const then = [seesUnknown('Paused'), at(seesUnknown('Paused'), 9), sees('Processing'), sees('Success')]
    expect(sightAfter(...seen, ...then).history).toStrictEqual([
      { state: 'init', atMs: 1_000 },
      { state: 'Processing', atMs: 2_000, serverTimeMs: 7 },
      { state: 'Paused', atMs: 5_000 },
      { state: 'Processing', atMs: 7_000 },
      { state: 'Success', atMs: 8_000 },
    ])
  })
  test('a look without a request id keeps the last one; each failed look is counted, and the last one told', () => {
    const sight = sightAfter(fails('server'), fails('network', { requestId: '' }))
    expect(sight).toMatchObject({ requestId: 'R-2', requestIdAtMs: 1_000, consecutiveErrors: 2, looks: 2 })
    expect(sight).toMatchObject({ lastFailure: { cause: 'network' }, history: [] })
    expect(sightAfter(fails('server'))).not.toHaveProperty('unknownState')
    expect(sightAfter(fails('server'), seesUnknown('Paused'))).not.toHaveProperty('lastFailure')
    expect(sightAfter(seesUnknown('Paused'))).toMatchObject({ targets: [server01], unknownState: 'Paused' })
  })
  test('TargetInfo that cannot be read does not undo what was read', () => {
    const unreadable: Observation = {
      kind: 'state',
      state: 'Success',
      targetInfo: { kind: 'unreadable' },
      requestId: '',
    }
    expect(sightAfter(sees('init'), unreadable).targets).toEqual([server01])
    expect(sightAfter(unreadable)).not.toHaveProperty('targets')
  })
})
