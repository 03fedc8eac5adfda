import { CallBudget } from '../../src/domain/budget.ts'
import type { Failed } from '../../src/ports.ts'
import { SignedTurns } from '../../src/steps/signedTurns.ts'
import { failure } from '../support/builders.ts'
import { VirtualClock } from '../support/virtualClock.ts'

/** Turns of calls that a session has to sign. */

const signal = new AbortController().signal
const NEVER = Number.POSITIVE_INFINITY

/** Sessions by the clock: each may be fetched from the start of its span on, and is good until the end of it. */
function sessionsOf(clock: VirtualClock, spans: readonly (readonly [number, number])[]) {
  const isGood = () => spans.some(([from, until]) => clock.now() >= from && clock.now() < until)
  return {
    get isGood() {
      return isGood()
    },
    ready: async (): Promise<Failed | undefined> => {
      const next = spans.find(([, until]) => until > clock.now())
      if (next === undefined) return { kind: 'failure', failure: failure('server', { action: 'AssumeRoleWithOIDC' }) }
      await clock.sleep(next[0] - clock.now(), signal)
      return undefined
    },
  }
}

/** When calls that are all due at once start. */
async function starts(clock: VirtualClock, turns: SignedTurns, calls: number): Promise<readonly number[]> {
  const at: number[] = []
  const take = async () => {
    if ((await turns.turn(0, NEVER, signal)) === true) at.push(clock.now())
  }
  await clock.finish(Promise.all(Array.from({ length: calls }, take)))
  return at
}

test('those that wait for the same session start ten a second when it is there', async () => {
  const clock = new VirtualClock()
  const turns = new SignedTurns(new CallBudget(clock), sessionsOf(clock, [[5_000, NEVER]]), clock)
  const times = await starts(clock, turns, 25)
  expect(times).toEqual([...Array(10).fill(5_000), ...Array(10).fill(6_000), ...Array(5).fill(7_000)])
})

test('a session that ends while turns are waited for holds the rest back, and then they start ten a second', async () => {
  const clock = new VirtualClock()
  const sessions = sessionsOf(clock, [
    [0, 500],
    [4_000, NEVER],
  ])
  const times = await starts(clock, new SignedTurns(new CallBudget(clock), sessions, clock), 30)
  expect(times.filter((at) => at === 0)).toHaveLength(10)
  expect(times.filter((at) => at > 0 && at < 4_000)).toEqual([])
  for (const [i, at] of times.entries()) expect((times[i + 10] ?? NEVER) - at).toBeGreaterThanOrEqual(1_000)
})

test('without a session there is no turn but the reason, which says that nothing was sent', async () => {
  const clock = new VirtualClock()
  const turns = new SignedTurns(new CallBudget(clock), sessionsOf(clock, []), clock)
  expect(await turns.turn(0, NEVER, signal)).toMatchObject({
    kind: 'failure',
    failure: { cause: 'server', action: 'AssumeRoleWithOIDC', isUnsent: true },
  })
})

test('a session that has ended when it comes is no reason to ask for ever', async () => {
  const clock = new VirtualClock()
  let asked = 0
  const ready = async () => {
    asked += 1
    return undefined
  }
  const turns = new SignedTurns(new CallBudget(clock), { isGood: false, ready }, clock)
  expect(await clock.finish(turns.turn(0, NEVER, signal))).toBe(true)
  expect(asked).toBe(2)
})

test('no turn comes after the deadline, nor after the end of the run', async () => {
  const clock = new VirtualClock()
  const turns = new SignedTurns(new CallBudget(clock), sessionsOf(clock, [[5_000, NEVER]]), clock)
  expect(await clock.finish(turns.turn(0, 4_000, signal))).toBe(false)
  const justLate = new SignedTurns(new CallBudget(clock), sessionsOf(clock, [[5_101, NEVER]]), clock)
  expect(await clock.finish(justLate.turn(5_000, 5_100, signal))).toBe(false)
  await clock.finish(clock.sleep(1_000, signal))
  const ready = () => Promise.reject(new Error('nobody can use it any more'))
  const late = new SignedTurns(new CallBudget(clock), { isGood: false, ready }, clock)
  expect(await late.turn(0, 4_000, signal)).toBe(false)
  const over = new AbortController()
  over.abort()
  expect(await clock.finish(turns.turn(0, NEVER, over.signal))).toBe(false)
})

test('keys need no session', async () => {
  const clock = new VirtualClock()
  expect(await starts(clock, new SignedTurns(new CallBudget(clock), undefined, clock), 12)).toEqual([
    ...Array(10).fill(0),
    ...Array(2).fill(1_000),
  ])
})
