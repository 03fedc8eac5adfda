import fc from 'fast-check'
import { CallBudget } from '../../src/domain/budget.ts'
import type { Clock } from '../../src/domain/clock.ts'
import type { TaskId } from '../../src/domain/scan.ts'
import { waitForTasks } from '../../src/domain/waiter.ts'
import { id, policy, sees } from '../support/builders.ts'
import { cases, figure, PATIENCE_MS } from '../support/proof.ts'
import { VirtualClock } from '../support/virtualClock.ts'

/**
 * A hundred tasks that each want a look every 3 s, where the budget has ten calls a second: three times too few. However
 * long the replies take, each task has its share.
 */

const TASKS = 100
const CALLS_A_SECOND = 10
const MINUTES = 5
/** How long a round takes if all are served alike. */
const FAIR_GAP_MS = (TASKS / CALLS_A_SECOND) * 1_000
const RUNS = 20

const rules = { ...policy, minDelayMs: 3_000, maxDelayMs: 3_000, deadlineMs: MINUTES * 60_000 }
const ids = Array.from({ length: TASKS }, (_, i) => id(String(i + 1)))

/** When each look started, of each task. */
async function play({ latencies, lateness }: Far): Promise<ReadonlyMap<TaskId, readonly number[]>> {
  const clock = new VirtualClock()
  let sleeps = 0
  const busy: Clock = {
    now: () => clock.now(),
    sleep: (ms, signal) => clock.sleep(ms + (lateness[sleeps++ % lateness.length] ?? 0), signal),
  }
  const starts = new Map<TaskId, number[]>(ids.map((one) => [one, []]))
  let looks = 0
  const look = async (task: TaskId, signal: AbortSignal) => {
    starts.get(task)?.push(clock.now())
    await clock.sleep(latencies[looks++ % latencies.length] ?? 0, signal)
    return sees('Processing')
  }
  const world = { clock: busy, budget: new CallBudget(busy), random: () => 0.5, look, report: () => {} }
  await clock.finish(waitForTasks(ids, rules, world, new AbortController()))
  return starts
}

/** What a run cannot help, in ms: how long each reply takes, and how late the machine wakes it from each sleep. */
interface Far {
  readonly latencies: readonly number[]
  readonly lateness: readonly number[]
}
/** With replies within 2 s and 3 s of sleep a task is back in the queue well before its next turn. */
const far: fc.Arbitrary<Far> = fc.record({
  latencies: fc.array(fc.integer({ min: 5, max: 2_000 }), { minLength: 1, maxLength: 200 }),
  lateness: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 199 }),
})
let [smallestShare, longestGap] = [Number.POSITIVE_INFINITY, 0]

test(
  `${TASKS} tasks, any latencies and timers: no share below half of the fair one, no gap above two fair ones, no second with more than ten calls`,
  async () => {
    await fc.assert(
      fc.asyncProperty(far, async (given) => {
        const starts = await play(given)
        const all = [...starts.values()].flat().sort((a, b) => a - b)
        // The budget is used up: who is slowed down is so for the others' sake.
        expect(all.length).toBeGreaterThanOrEqual(CALLS_A_SECOND * MINUTES * 60 * 0.95)
        for (const [i, at] of all.entries()) {
          const tenthNext = all[i + CALLS_A_SECOND]
          if (tenthNext !== undefined) expect(tenthNext - at).toBeGreaterThanOrEqual(1_000)
        }

        const fairShare = all.length / TASKS
        for (const of of starts.values()) {
          const gaps = of.slice(1).map((at, i) => at - (of[i] ?? 0))
          smallestShare = Math.min(smallestShare, of.length / fairShare)
          longestGap = Math.max(longestGap, ...gaps)
          expect(of.length).toBeGreaterThanOrEqual(fairShare / 2)
          expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * FAIR_GAP_MS)
        }
      }),
      // Each case is minutes of a hundred tasks: there is nothing to be learned from a smaller one.
      { ...cases(RUNS), endOnFailure: true },
    )
  },
  PATIENCE_MS,
)

afterAll(() => {
  figure('fairness', 'runs of 100 tasks', cases(RUNS).numRuns)
  figure('fairness', 'smallest share of looks, of the fair one', smallestShare.toFixed(2))
  figure('fairness', 'longest gap between two looks, of the fair one', (longestGap / FAIR_GAP_MS).toFixed(2))
})
