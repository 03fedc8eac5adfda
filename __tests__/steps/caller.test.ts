import { CallBudget } from '../../src/domain/budget.ts'
import type { RunEvent } from '../../src/domain/event.ts'
import type { Failure } from '../../src/domain/scan.ts'
import type { Answer, Page } from '../../src/ports.ts'
import { type Asked, Caller, forEach } from '../../src/steps/caller.ts'
import { failure, policy } from '../support/builders.ts'
import { VirtualClock } from '../support/virtualClock.ts'

function callerOf(deadlineMs = policy.deadlineMs) {
  const clock = new VirtualClock()
  const stopper = new AbortController()
  const events: RunEvent[] = []
  const caller = new Caller({
    policy: { ...policy, deadlineMs, maxConsecutiveErrors: 3 },
    clock,
    random: () => 0.5,
    budget: new CallBudget(clock),
    stop: stopper.signal,
    report: (event) => events.push(event),
  })
  return { caller, clock, stopper, events }
}

const answer = <T>(value: T, requestId = 'R-1'): Answer<T> => ({
  kind: 'answer',
  value,
  action: 'ListThings',
  requestId,
})
const failed = (more: Partial<Failure> = {}) =>
  ({ kind: 'failure', failure: failure('server', { action: 'ListThings', ...more }) }) as const

/** Answers one after the other; the last holds for ever. */
function inTurn<T>(...answers: readonly Answer<T>[]) {
  let made = 0
  return Object.assign(async () => answers[Math.min(made++, answers.length - 1)] as Answer<T>, { count: () => made })
}

describe('one call', () => {
  test('is repeated while its failures may heal, after growing delays that are told', async () => {
    const { caller, clock, events } = callerOf()
    const call = inTurn(failed(), failed(), answer('good'))
    expect(await clock.finish(caller.ask(call))).toMatchObject({ kind: 'answer', value: 'good' })
    expect(clock.sleeps).toEqual([500, 1_000])
    expect(events).toEqual([
      { kind: 'call-failed', atMs: 0, failure: failed().failure, errors: 1, delayMs: 500 },
      { kind: 'call-failed', atMs: 500, failure: failed().failure, errors: 2, delayMs: 1_000 },
    ])
  })
  test('ends with one error more than is forgiven, and says that it is not repeated', async () => {
    const { caller, clock, events } = callerOf()
    const call = inTurn<string>(failed())
    const ending = { kind: 'unavailable', failure: failed().failure }
    expect(await clock.finish(caller.ask(call))).toEqual({ kind: 'ended', ending })
    expect(call.count()).toBe(4)
    expect(events.at(-1)).toEqual({ kind: 'call-failed', atMs: 3_500, failure: failed().failure, errors: 4 })
  })
  test('is not made when its turn would come after the deadline', async () => {
    const { caller, clock } = callerOf(500)
    const call = inTurn(answer('good'))
    const asked = await clock.finish(Promise.all(Array.from({ length: 11 }, () => caller.ask(call))))
    expect(asked.at(-1)).toEqual({ kind: 'ended', ending: { kind: 'timed-out' } })
    expect(call.count()).toBe(10)
  })
  test('is not made when the run is over', async () => {
    const { caller, clock, stopper } = callerOf()
    stopper.abort({ kind: 'cancelled' })
    const call = inTurn(answer('good'))
    expect(await clock.finish(caller.ask(call))).toEqual({ kind: 'ended', ending: { kind: 'cancelled' } })
    expect(call.count()).toBe(0)
  })
  test('that fails because the run is over is told as the end of the run, and not as a failure', async () => {
    const { caller, clock, stopper, events } = callerOf()
    const asked = caller.ask(async () => {
      stopper.abort({ kind: 'cancelled' })
      return failed()
    })
    expect(await clock.finish(asked)).toEqual({ kind: 'ended', ending: { kind: 'cancelled' } })
    expect(events).toEqual([])
  })
  test('that waits to be repeated does not outlast the run, whoever it is made to', async () => {
    for (const way of ['ask', 'askElsewhere', 'askUncounted'] as const) {
      const { caller, clock, stopper } = callerOf()
      const call = inTurn<string>(failed({ retryAfterMs: 600_000 }))
      const asked = caller[way](call)
      setImmediate(() => stopper.abort({ kind: 'cancelled' }))
      expect(await asked).toEqual({ kind: 'ended', ending: { kind: 'cancelled' } })
      expect({ calls: call.count(), now: clock.now() }).toEqual({ calls: 1, now: 0 })
    }
  })
  test('to Security Center has a part in the budget, and slows it down when it was throttled', async () => {
    const spent = async (way: 'ask' | 'askElsewhere', first: Answer<number>) => {
      const { caller, clock } = callerOf()
      const call = inTurn<number>(first, answer(0))
      await clock.finish(Promise.all(Array.from({ length: 30 }, () => caller[way](call))))
      return clock.now()
    }
    expect(await spent('askElsewhere', answer(0))).toBe(0)
    expect(await spent('ask', answer(0))).toBe(2_000)
    const throttled = { kind: 'failure', failure: failure('throttled') } as const
    expect(await spent('ask', throttled)).toBe(6_000)
    expect(await spent('ask', failed())).toBe(3_000)
  })
})

describe('what is counted', () => {
  test('each call by its action, failed ones too, with the last request id that was seen', async () => {
    const { caller, clock } = callerOf()
    await clock.finish(caller.ask(inTurn(failed({ requestId: 'R-8' }), answer(1, 'R-9'))))
    await clock.finish(caller.askElsewhere(inTurn(answer(1, ''))))
    await clock.finish(caller.askElsewhere(async () => ({ ...answer(1, 'R-5'), action: 'AssumeRole' })))
    expect(caller.tallies).toEqual([
      { action: 'ListThings', calls: 3, requestId: 'R-9', requestIdAtMs: 500 },
      { action: 'AssumeRole', calls: 1, requestId: 'R-5', requestIdAtMs: 500 },
    ])
  })
  test('not what was never sent, nor what counts its calls itself', async () => {
    const { caller, clock } = callerOf()
    await clock.finish(caller.ask(inTurn(failed({ isUnsent: true }), answer(1))))
    await clock.finish(caller.askUncounted(inTurn(answer(1))))
    expect(caller.tallies).toMatchObject([{ action: 'ListThings', calls: 1 }])
  })
})

describe('a list', () => {
  const rows = (...keys: readonly string[]) => keys.map((key) => ({ key }))
  type Row = { readonly key: string }
  async function list(pages: (page: number, call: number) => Page<Row>) {
    const { caller, clock, events } = callerOf()
    const seen: string[] = []
    const asked: number[] = []
    const result = await clock.finish(
      caller.askAll<Row>(
        async (page) => {
          asked.push(page)
          return answer(pages(page, asked.length), 'R-7')
        },
        ({ key }) => key,
        (some) => seen.push(...some.map(({ key }) => key)),
      ),
    )
    const failures = events.flatMap((event) => (event.kind === 'call-failed' ? event.failure : []))
    return { result, seen, asked, failures }
  }

  test('is read page by page up to its total, and no further', async () => {
    const pages = [rows('a', 'b'), rows('c', 'd'), rows('e')]
    const { result, seen, asked, failures } = await list((page) => ({ rows: pages[page - 1] ?? [], total: 5 }))
    expect(result).toEqual({ kind: 'answer', value: rows('a', 'b', 'c', 'd', 'e') })
    expect({ seen, asked, failures }).toEqual({ seen: ['a', 'b', 'c', 'd', 'e'], asked: [1, 2, 3], failures: [] })
  })
  test('that is empty takes one page', async () => {
    expect(await list(() => ({ rows: [], total: 0 }))).toMatchObject({
      result: { value: [] },
      asked: [1],
      failures: [],
    })
  })
  test('has a row that is shown twice once', async () => {
    const pages = [rows('a', 'b'), rows('b', 'c')]
    const { result } = await list((page) => ({ rows: pages[page - 1] ?? [], total: 3 }))
    expect(result).toEqual({ kind: 'answer', value: rows('a', 'b', 'c') })
  })
  test('that changed while it was read is read again from its start', async () => {
    const { result, asked, failures } = await list((page, call) => ({
      rows: page === 1 ? rows('a', 'b') : rows('c'),
      total: call === 2 ? 4 : 3,
    }))
    expect(result).toEqual({ kind: 'answer', value: rows('a', 'b', 'c') })
    expect(asked).toEqual([1, 2, 1, 2])
    expect(failures).toMatchObject([
      {
        cause: 'missing-fields',
        code: 'InvalidResponse',
        message: 'the list changed while it was read, from 3 to 4 rows',
        action: 'ListThings',
        requestId: 'R-7',
      },
    ])
  })
  test('whose page brings nothing new is not taken for whole', async () => {
    const { result, failures, asked } = await list(() => ({ rows: rows('a', 'b'), total: 3 }))
    expect(result).toMatchObject({ kind: 'ended', ending: { kind: 'unavailable' } })
    expect(failures[0]?.message).toBe('page 2 brought nothing new, and 2 of 3 rows are there')
    expect(asked).toEqual([1, 2, 1, 2, 1, 2, 1, 2])
  })
  test('ends with the run', async () => {
    const { caller, clock, stopper } = callerOf()
    const asked = caller.askAll(
      async () => {
        stopper.abort({ kind: 'cancelled' })
        return answer({ rows: rows('a'), total: 2 })
      },
      ({ key }) => key,
    )
    expect(await clock.finish(asked)).toEqual({ kind: 'ended', ending: { kind: 'cancelled' } })
  })
})

describe('for each of many', () => {
  const done: Asked<unknown> = { kind: 'answer', value: undefined }
  const ended: Asked<unknown> = { kind: 'ended', ending: { kind: 'timed-out' } }

  test('it is done once, in order, five at a time', async () => {
    const begun: number[] = []
    let [underWay, most] = [0, 0]
    const result = await forEach(
      Array.from({ length: 12 }, (_, i) => i),
      callerOf().caller,
      async (item) => {
        begun.push(item)
        underWay += 1
        most = Math.max(most, underWay)
        await new Promise(setImmediate)
        underWay -= 1
        return done
      },
    )
    expect(result).toEqual({ kind: 'answer', value: undefined })
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    expect(most).toBe(5)
  })
  test('the first that ends early ends it all: nothing more is begun, and what is under way is broken off', async () => {
    const begun: number[] = []
    const brokenOff: unknown[] = []
    const result = await forEach(
      Array.from({ length: 12 }, (_, i) => i),
      callerOf().caller,
      async (item, one) => {
        begun.push(item)
        if (item === 0) {
          const hangs = (stop: AbortSignal) =>
            new Promise<Answer<string>>((resolve) => stop.addEventListener('abort', () => resolve(failed())))
          const asked = await one.ask(hangs)
          brokenOff.push(asked)
          return asked
        }
        await new Promise(setImmediate)
        return ended
      },
    )
    expect(result).toEqual(ended)
    await new Promise(setImmediate)
    expect(begun).toEqual([0, 1, 2, 3, 4])
    expect(brokenOff).toEqual([ended])
  })
  test('what comes in the moment of the end counts: its work is done to the end, and the gravest ending is told', async () => {
    const refused = { kind: 'denied', failure: failure('permission') } as const
    let seen = 0
    const result = await forEach([1, 2, 3], callerOf().caller, async (item) => {
      if (item === 1) return ended
      await Promise.resolve()
      seen += 1
      return item === 2 ? done : { kind: 'ended', ending: refused }
    })
    expect(result).toEqual({ kind: 'ended', ending: refused })
    expect(seen).toBe(2)
  })
  test('a refusal that comes when something else has ended it all is told', async () => {
    const { caller, clock } = callerOf()
    const over = new AbortController()
    const denied = failed({ cause: 'permission' })
    const asked = caller.until(over.signal).ask(async () => {
      over.abort({ kind: 'timed-out' })
      return denied
    })
    expect(await clock.finish(asked)).toEqual({
      kind: 'ended',
      ending: { kind: 'denied', failure: denied.failure },
    })
  })
  test('of none there is nothing to do', async () => {
    expect(await forEach([], callerOf().caller, async () => ended)).toEqual({ kind: 'answer', value: undefined })
  })
  test('a mistake of ours is not swallowed', async () => {
    await expect(forEach([1], callerOf().caller, () => Promise.reject(new Error('ours')))).rejects.toThrow('ours')
  })
})
