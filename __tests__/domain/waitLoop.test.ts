import { CallBudget } from '../../src/domain/budget.ts'
import type { Observation, TaskId } from '../../src/domain/scan.ts'
import { isThrottled, type Step, stopperOf, type WaitPolicy, waitForTasks } from '../../src/domain/waiter.ts'
import { fails, failure, id, policy, sees } from '../support/builders.ts'
import { VirtualClock } from '../support/virtualClock.ts'

/** The loop around the decisions, over hours on a virtual clock. */

const never = new AbortController().signal

/** Plays scripts against the real loop. A script's last observation holds for ever; each look takes `latencyMs`. */
async function play(
  scripts: Readonly<Record<string, readonly Observation[]>>,
  options: {
    policy?: Partial<WaitPolicy>
    latencyMs?: number
    cancel?: AbortSignal
    onStep?: (step: Step) => void
  } = {},
) {
  const clock = new VirtualClock()
  const steps: Step[] = []
  const looks: { id: string; at: number }[] = []
  const world = {
    clock,
    budget: new CallBudget(clock),
    random: () => 0.5,
    look: async (task: TaskId, signal: AbortSignal) => {
      const script = scripts[task] ?? []
      const seen = looks.filter((look) => look.id === task).length
      looks.push({ id: task, at: clock.now() })
      await clock.sleep(options.latencyMs ?? 0, signal)
      return signal.aborted ? fails('network') : (script[Math.min(seen, script.length - 1)] ?? sees('init'))
    },
    report: (step: Step) => {
      steps.push(step)
      options.onStep?.(step)
    },
  }
  const ids = Object.keys(scripts).map(id)
  const waits = await clock.finish(
    waitForTasks(ids, { ...policy, ...options.policy }, world, stopperOf(options.cancel ?? never)),
  )
  return { waits, steps, looks, clock, times: looks.map((look) => look.at / 1_000) }
}

describe('the wait', () => {
  test('looks at once, then at a pace in proportion to the time that has passed', async () => {
    const { times, waits } = await play({ '1': [...Array<Observation>(8).fill(sees('Processing')), sees('Success')] })
    expect(times).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24])
    expect(waits).toMatchObject([{ ending: { kind: 'passed' }, state: 'Success', looks: 9, elapsedMs: 24_000 }])
  })

  test('waits out a scan of two hours with its last look at the deadline', async () => {
    const { times, waits } = await play({ '1': [sees('Processing')] })
    expect(times.at(-1)).toBe(7_200)
    expect(waits).toMatchObject([{ ending: { kind: 'timed-out' }, elapsedMs: 7_200_000 }])
    expect(times.slice(1).every((time, i) => time - (times[i] ?? 0) <= 63)).toBe(true)
  })

  test('sees a Success that comes in time for the last look only', async () => {
    const { waits, times } = await play(
      { '1': [...Array<Observation>(3).fill(sees('Processing')), sees('Success')] },
      { policy: { deadlineMs: 10_000 } },
    )
    expect(times).toEqual([0, 3, 6, 10])
    expect(waits[0]?.ending.kind).toBe('passed')
  })

  test('makes no look after the deadline, however long the last one took', async () => {
    const { times, waits } = await play(
      { '1': [sees('Processing')] },
      { latencyMs: 15_000, policy: { deadlineMs: 40_000 } },
    )
    expect(times).toEqual([0, 18, 36])
    expect(waits[0]?.ending.kind).toBe('timed-out')
  })

  test('outlives an outage within the errors that are forgiven, and starts to count anew', async () => {
    const outage = Array<Observation>(15).fill(fails('server'))
    const { waits } = await play({ '1': [sees('init'), ...outage, sees('Processing'), ...outage, sees('Success')] })
    expect(waits).toMatchObject([{ ending: { kind: 'passed' }, looks: 33 }])
  })

  test('gives up after one error more than is forgiven', async () => {
    const { waits } = await play({ '1': [sees('init'), fails('server')] })
    expect(waits).toMatchObject([
      { ending: { kind: 'unavailable', failure: { cause: 'server' } }, looks: 17, consecutiveErrors: 16 },
    ])
  })

  test('a refused id ends only its own task', async () => {
    const { waits } = await play({ '1': [fails('request')], '2': [sees('init'), sees('Success')] })
    expect(waits.map((wait) => wait.ending.kind)).toEqual(['denied', 'passed'])
  })

  test('refused credentials end all tasks that are still open, and leave alone what has ended', async () => {
    const { waits } = await play({
      '1': [sees('Success')],
      '2': [sees('init')],
      '3': [sees('init'), fails('credentials')],
    })
    expect(waits.map((wait) => wait.ending.kind)).toEqual(['passed', 'denied', 'denied'])
    expect(waits[1]).toMatchObject({ state: 'init', ending: { failure: { cause: 'credentials' } } })
  })

  test('a task that fails does not end the wait for the others', async () => {
    const { waits } = await play({
      '1': [sees('Failed')],
      '2': [...Array<Observation>(9).fill(sees('init')), sees('Success')],
    })
    expect(waits.map((wait) => wait.ending.kind)).toEqual(['scan-failed', 'passed'])
  })

  test('a cancel ends it while it sleeps', async () => {
    const cancel = new AbortController()
    const { waits, clock } = await play(
      { '1': [sees('Processing')] },
      { cancel: cancel.signal, onStep: () => cancel.abort() },
    )
    expect(waits).toMatchObject([{ ending: { kind: 'cancelled' }, state: 'Processing', looks: 1 }])
    expect(clock.now()).toBe(0)
  })

  test('a cancel ends it while a look is under way; that look counts, its result does not', async () => {
    const cancel = new AbortController()
    setImmediate(() => cancel.abort())
    const { waits, steps } = await play({ '1': [sees('Success')] }, { cancel: cancel.signal, latencyMs: 15_000 })
    expect(waits).toMatchObject([{ ending: { kind: 'cancelled' }, looks: 1, consecutiveErrors: 0 }])
    expect(steps).toEqual([])
  })

  test('what a look saw before the cancel came counts, if it ends the wait', async () => {
    const cancelled = async (observation: Observation) => {
      const clock = new VirtualClock()
      const stopper = new AbortController()
      const look = async () => {
        stopper.abort({ kind: 'cancelled' })
        return observation
      }
      const world = { clock, budget: new CallBudget(clock), random: () => 0.5, look, report: () => {} }
      return (await clock.finish(waitForTasks([id('1')], policy, world, stopper)))[0]
    }
    expect(await cancelled(sees('Success'))).toMatchObject({ ending: { kind: 'passed' }, looks: 1 })
    expect(await cancelled(sees('Processing'))).toMatchObject({ ending: { kind: 'cancelled' }, state: 'Processing' })
    expect(await cancelled(fails('network'))).toMatchObject({ ending: { kind: 'cancelled' }, consecutiveErrors: 0 })
  })

  test('pace and elapsed time count from the first look, however long the run had gone on before it', async () => {
    const clock = new VirtualClock()
    await clock.finish(clock.sleep(600_000, never))
    const times: number[] = []
    const look = async () => {
      times.push(clock.now() - 600_000)
      return sees(times.length < 4 ? 'Processing' : 'Success')
    }
    const world = { clock, budget: new CallBudget(clock), random: () => 0.5, look, report: () => {} }
    const [wait] = await clock.finish(waitForTasks([id('1')], policy, world, stopperOf(never)))
    expect(times).toEqual([0, 3_000, 6_000, 9_000])
    expect(wait?.elapsedMs).toBe(9_000)
  })

  test('the last look is made also where its timer woke a little late', async () => {
    class LateClock extends VirtualClock {
      override sleep(ms: number, signal: AbortSignal) {
        return super.sleep(ms + 20, signal)
      }
    }
    const clock = new LateClock()
    const times: number[] = []
    const look = async () => {
      times.push(clock.now())
      return sees('Processing')
    }
    const world = { clock, budget: new CallBudget(clock), random: () => 0.5, look, report: () => {} }
    const rules = { ...policy, deadlineMs: 10_000 }
    await clock.finish(waitForTasks([id('1')], rules, world, stopperOf(never)))
    expect(times).toEqual([0, 3_020, 6_040, 10_020])
  })

  test('a task that got no look has nothing to show', async () => {
    const { waits } = await play({ '1': [sees('Success')] }, { cancel: AbortSignal.abort() })
    const nothing = { consecutiveErrors: 0, requestId: '', requestIdAtMs: 0, looks: 0, history: [], elapsedMs: 0 }
    expect(waits).toEqual([{ id: '1', ending: { kind: 'cancelled' }, ...nothing }])
  })

  test('a cancel from before the start means no look at all', async () => {
    const { waits, looks } = await play({ '1': [sees('Success')] }, { cancel: AbortSignal.abort() })
    expect(looks).toEqual([])
    expect(waits).toMatchObject([{ ending: { kind: 'cancelled' }, looks: 0, elapsedMs: 0 }])
  })

  test('a hundred tasks share ten looks a second, and none gets less than the others', async () => {
    const scripts = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [String(i + 1), [sees('Processing')]]))
    const { looks } = await play(scripts, { policy: { deadlineMs: 300_000 } })
    const windows = looks.map(
      (look) => looks.filter((other) => other.at >= look.at && other.at < look.at + 1_000).length,
    )
    expect(Math.max(...windows)).toBe(10)
    const counts = Object.keys(scripts).map((task) => looks.filter((look) => look.id === task).length)
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
  })

  test('at the deadline, tasks without a turn keep their last observation', async () => {
    const scripts = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [String(i + 1), [sees('Processing')]]))
    const { waits, looks } = await play(scripts, { policy: { deadlineMs: 1_500 } })
    expect(looks.filter((look) => look.at > 1_500)).toEqual([])
    expect(waits.every((wait) => wait.ending.kind === 'timed-out')).toBe(true)
    expect(waits.filter((wait) => wait.looks === 0)).toHaveLength(10)
  })

  test('a throttling slows the calls down, save one of a login, which is no call of the budget', () => {
    expect(isThrottled(failure('throttled'))).toBe(true)
    expect(isThrottled(failure('throttled', { isUnsent: true }))).toBe(false)
    expect(isThrottled(failure('server'))).toBe(false)
  })

  test('a throttled call slows all tasks down for a while', async () => {
    const quick = { minDelayMs: 50, maxDelayMs: 100, deadlineMs: 20_000 }
    const busy = (first: Observation) =>
      Object.fromEntries(
        Array.from({ length: 20 }, (_, i) => [String(i + 1), i === 0 ? [first, sees('init')] : [sees('init')]]),
      )
    const calm = await play(busy(sees('init')), { policy: quick })
    const slowed = await play(busy(fails('throttled')), { policy: quick })
    expect(slowed.looks.length / calm.looks.length).toBeCloseTo(0.5, 1)
  })
})
