import { CallBudget, FULL_BUDGET, nextStart, slowDown, spend } from '../../src/domain/budget.ts'
import { VirtualClock } from '../support/virtualClock.ts'

const never = new AbortController().signal

describe('the budget as a value', () => {
  const spent = (starts: readonly number[]) => starts.reduce(spend, FULL_BUDGET)
  const ten = Array.from({ length: 10 }, (_, i) => i * 10)

  test('lets ten calls start at once', () => {
    expect(nextStart(spent(ten.slice(0, 9)), 90)).toBe(90)
  })
  test('lets the eleventh start a second after the first', () => {
    expect(nextStart(spent(ten), 95)).toBe(1_000)
  })
  test('forgets calls that are older than a second', () => {
    expect(nextStart(spent(ten), 5_000)).toBe(5_000)
  })
  test('is halved by a throttled call, and again by a later one, down to ten in 8 s', () => {
    let budget = spent(ten)
    const windows = [100, 200, 300, 400].map((now) => {
      budget = slowDown(budget, now - 1, now)
      return nextStart(budget, now)
    })
    expect(windows).toEqual([2_000, 4_000, 8_000, 8_000])
  })
  test('is slowed once by calls that were under way together', () => {
    const budget = slowDown(slowDown(spent(ten), 80, 100), 90, 120)
    expect(nextStart(budget, 120)).toBe(2_000)
  })
  test('is slowed once also where the other call started at the moment of the slowing', () => {
    const budget = slowDown(slowDown(spent(ten), 80, 100), 100, 120)
    expect(nextStart(budget, 120)).toBe(2_000)
  })
  test('remembers no more than the ten starts that count, however long a run is', () => {
    const starts = spent(Array.from({ length: 100 }, (_, i) => i * 1_000)).starts
    expect(starts).toEqual(Array.from({ length: 10 }, (_, i) => (90 + i) * 1_000))
  })
  test('recovers by half after each half minute without another throttling', () => {
    const slowed = slowDown(slowDown(spent(ten), 50, 100), 150, 200)
    const later = (now: number) => Array.from({ length: 10 }, () => now).reduce(spend, slowed)
    expect([1_000, 31_000, 61_000].map((now) => nextStart(later(now), now) - now)).toEqual([4_000, 2_000, 1_000])
  })
})

describe('turns', () => {
  test('a hundred callers get ten a second, in the order in which they came', async () => {
    const clock = new VirtualClock()
    const budget = new CallBudget(clock)
    const starts: number[] = []
    const callers = Array.from({ length: 100 }, async (_, i) => {
      expect(await budget.turn(0, 60_000, never)).toBe(true)
      starts.push(i, clock.now())
    })
    await clock.finish(Promise.all(callers))
    expect(starts).toEqual(Array.from({ length: 100 }, (_, i) => [i, Math.floor(i / 10) * 1_000]).flat())
  })
  test('no turn is given for after the deadline', async () => {
    const clock = new VirtualClock()
    const budget = new CallBudget(clock)
    const turns = Array.from({ length: 25 }, () => budget.turn(0, 1_500, never))
    const given = await clock.finish(Promise.all(turns))
    expect(given.filter(Boolean)).toHaveLength(20)
    expect(clock.now()).toBe(1_000)
  })
  test('a call that was due at the deadline keeps its turn when its timer woke a little late', async () => {
    const clock = new VirtualClock()
    await clock.finish(clock.sleep(10_020, never))
    expect(await new CallBudget(clock).turn(10_000, 10_000, never)).toBe(true)
  })
  test.each([
    { late: 250, turn: true },
    { late: 251, turn: false },
  ])('a timer that wakes $late ms late is a busy machine: $turn', async ({ late, turn }) => {
    const clock = new VirtualClock()
    await clock.finish(clock.sleep(10_000 + late, never))
    expect(await new CallBudget(clock).turn(10_000, 10_000, never)).toBe(turn)
  })
  test('a call that is not due yet waits until it is', async () => {
    const clock = new VirtualClock()
    expect(await clock.finish(new CallBudget(clock).turn(5_000, 10_000, never))).toBe(true)
    expect(clock.now()).toBe(5_000)
  })
  test('a machine that slept past the deadline makes no call', async () => {
    const clock = new VirtualClock()
    await clock.finish(clock.sleep(100_000, never))
    expect(await new CallBudget(clock).turn(10_000, 10_000, never)).toBe(false)
  })
  test('an abort frees those who wait, and those behind them', async () => {
    const clock = new VirtualClock()
    const budget = new CallBudget(clock)
    const cancel = new AbortController()
    const turns = Array.from({ length: 12 }, () => budget.turn(0, 60_000, cancel.signal))
    await clock.finish(turns[9] as Promise<boolean>)
    cancel.abort()
    expect((await clock.finish(Promise.all(turns))).slice(9)).toEqual([true, false, false])
    expect(clock.now()).toBe(0)
  })
})
