import fc from 'fast-check'
import { CallBudget } from '../../src/domain/budget.ts'
import type { FailureCause, Observation, ScanState, TaskId } from '../../src/domain/scan.ts'
import { type Step, type WaitPolicy, waitForTasks } from '../../src/domain/waiter.ts'
import { fails, id, sees, seesUnknown } from '../support/builders.ts'
import { VirtualClock } from '../support/virtualClock.ts'

/** The rules of the wait over thousands of schedules: any policy, any sequence of replies and latencies, any dice. */

const REQUEST_LIMIT_MS = 15_000
const RUNS = 2_000

const policies: fc.Arbitrary<WaitPolicy> = fc
  .record({
    minDelayMs: fc.integer({ min: 50, max: 120_000 }),
    room: fc.integer({ min: 0, max: 120_000 }),
    /** The deadline, in shortest delays: a schedule of more looks than that would show nothing new. */
    looks: fc.double({ min: 0.01, max: 80, noNaN: true }),
    maxConsecutiveErrors: fc.integer({ min: 0, max: 20 }),
  })
  .map(({ minDelayMs, room, looks, maxConsecutiveErrors }) => ({
    minDelayMs,
    maxDelayMs: minDelayMs + room,
    deadlineMs: Math.ceil(minDelayMs * looks),
    maxConsecutiveErrors,
  }))

const healing = fc.constantFrom<FailureCause>(
  'throttled',
  'server',
  'network',
  'timeout',
  'invalid-response',
  'unknown-code',
)
const observations: fc.Arbitrary<Observation> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<ScanState>('init', 'Processing').map((state) => sees(state)) },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 8 }).map((raw) => seesUnknown(`?${raw}`)) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(healing, fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 200_000 })))
      .map(([cause, retryAfterMs]) => fails(cause, { retryAfterMs })),
  },
)
const ends = fc.constantFrom<Observation>(sees('Success'), sees('Failed'), fails('permission'), sees('Processing'))

interface Script {
  readonly looks: readonly { readonly observation: Observation; readonly latencyMs: number; readonly dice: number }[]
  readonly end: Observation
}

const scripts: fc.Arbitrary<Script> = fc.record({
  looks: fc.array(
    fc.record({
      observation: observations,
      latencyMs: fc.integer({ min: 0, max: REQUEST_LIMIT_MS }),
      dice: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { maxLength: 60 },
  ),
  end: ends,
})

async function play(rules: WaitPolicy, tasks: readonly Script[]) {
  const clock = new VirtualClock()
  const steps: (Step & { startedAt: number })[] = []
  const started = new Map<string, number[]>()
  let dice = 0.5
  const world = {
    clock,
    budget: new CallBudget(clock),
    random: () => dice,
    look: async (task: TaskId, signal: AbortSignal) => {
      const script = tasks[Number(task) - 1]
      const starts = started.get(task) ?? []
      const look = script?.looks[starts.length]
      started.set(task, [...starts, clock.now()])
      if (look !== undefined && look.latencyMs > 0) await clock.sleep(look.latencyMs, signal)
      dice = look?.dice ?? 0.5
      return look?.observation ?? script?.end ?? sees('Processing')
    },
    report: (step: Step) => {
      steps.push({ ...step, startedAt: started.get(step.sight.id)?.at(-1) ?? -1 })
    },
  }
  const ids = tasks.map((_, i) => id(String(i + 1)))
  const waits = await clock.finish(waitForTasks(ids, rules, world, new AbortController()))
  return { waits, steps, started, endedAt: clock.now() }
}

test(`one task, ${RUNS} schedules: bounds, the last look, the deadline and the sum`, async () => {
  await fc.assert(
    fc.asyncProperty(policies, scripts, async (rules, script) => {
      const { waits, steps, started, endedAt } = await play(rules, [script])
      const starts = started.get('1') ?? []
      const wait = waits[0]
      const scale = Math.min(1, rules.minDelayMs / 1_000)

      expect(starts[0]).toBe(0)
      for (const start of starts) expect(start).toBeLessThanOrEqual(rules.deadlineMs)
      expect(wait?.looks).toBe(starts.length)

      for (const [i, { decision, observation, atMs }] of steps.entries()) {
        if (decision.kind === 'stop') continue
        // A delay is kept to the millisecond: the next look starts when it is over.
        expect(starts[i + 1]).toBe(atMs + decision.delayMs)
        if (atMs + decision.delayMs === rules.deadlineMs) continue
        if (observation.kind === 'failure') {
          const longest = Math.max(60_000 * scale, observation.failure.retryAfterMs)
          expect(decision.delayMs).toBeGreaterThanOrEqual(observation.failure.retryAfterMs)
          expect(decision.delayMs).toBeLessThanOrEqual(Math.ceil(longest))
        } else {
          expect(decision.delayMs).toBeGreaterThanOrEqual(rules.minDelayMs)
          expect(decision.delayMs).toBeLessThanOrEqual(rules.maxDelayMs)
        }
      }

      // The sum of all delays and latencies is the time that passed.
      const delays = steps.map(({ decision }) => (decision.kind === 'stop' ? 0 : decision.delayMs))
      const latencies = steps.map(({ atMs, startedAt }) => atMs - startedAt)
      const sum = [...delays, ...latencies].reduce((total, ms) => total + ms, 0)
      expect(sum).toBe(endedAt)
      expect(wait?.elapsedMs).toBe(endedAt)

      if (wait?.ending.kind === 'timed-out') {
        const last = steps.at(-1)
        const atTheDeadline = last?.startedAt === rules.deadlineMs
        const underWayAtTheDeadline = (last?.startedAt ?? 0) < rules.deadlineMs && (last?.atMs ?? 0) >= rules.deadlineMs
        expect(atTheDeadline || underWayAtTheDeadline).toBe(true)
      }
      expect(endedAt).toBeLessThanOrEqual(rules.deadlineMs + REQUEST_LIMIT_MS)
      if (wait?.ending.kind === 'unavailable') expect(wait.consecutiveErrors).toBe(rules.maxConsecutiveErrors + 1)
      if (wait?.ending.kind === 'passed') expect(steps.at(-1)?.observation).toEqual(sees('Success'))
    }),
    { numRuns: RUNS, seed: 20_261_124 },
  )
})

test('several tasks: never more than ten looks in a second, none after the deadline, and it ends', async () => {
  await fc.assert(
    fc.asyncProperty(policies, fc.array(scripts, { minLength: 2, maxLength: 30 }), async (rules, tasks) => {
      const { waits, started, endedAt } = await play(rules, tasks)
      const starts = [...started.values()].flat().sort((a, b) => a - b)
      for (const [i, start] of starts.entries()) {
        const eleventh = starts[i + 10]
        if (eleventh !== undefined) expect(eleventh - start).toBeGreaterThanOrEqual(1_000)
      }
      expect(Math.max(0, ...starts)).toBeLessThanOrEqual(rules.deadlineMs)
      expect(waits.map((wait) => wait.id)).toEqual(tasks.map((_, i) => String(i + 1)))
      expect(endedAt).toBeLessThanOrEqual(rules.deadlineMs + REQUEST_LIMIT_MS)
    }),
    { numRuns: 200, seed: 20_261_124 },
  )
})
