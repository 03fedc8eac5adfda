import type { Answer } from '../../src/ports.ts'
import { failure } from '../support/builders.ts'
import { answer, callerOf, failed, inTurn } from '../support/callerOnClock.ts'

/** One call until it has an answer, and what is counted of it. */

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
    const { caller, clock } = callerOf({ deadlineMs: 500 })
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
