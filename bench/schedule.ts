import { decide, type WaitPolicy } from '../src/domain/waiter.ts'
import { quantile, table } from './table.ts'

/**
 * What a schedule of looks costs and how late it notices the end of a scan, over scans of 20 s to 4 h. Lateness is the
 * time from the end of the scan to the look that sees it, as a share of the scan's duration.
 */

const SCANS = 20_000
const SHORTEST_S = 20
const LONGEST_S = 4 * 3_600
const SEED = 20_261_124

/** The delay before the next look, in seconds; `look` counts the looks made so far. */
type Schedule = (elapsedS: number, look: number, random: () => number) => number

/** The defaults of action.yml; the deadline lies beyond the longest scan, so that it does not flatter the figures. */
const DEFAULTS: WaitPolicy = {
  minDelayMs: 3_000,
  maxDelayMs: 60_000,
  deadlineMs: 24 * 3_600_000,
  maxConsecutiveErrors: 15,
}

const ours: Schedule = (elapsedS, _, random) => {
  const moment = { sinceFirstLookMs: elapsedS * 1_000, remainingMs: DEFAULTS.deadlineMs - elapsedS * 1_000 }
  const processing = {
    kind: 'state',
    state: 'Processing',
    targetInfo: { kind: 'read', targets: [] },
    requestId: '',
  } as const
  const decision = decide(DEFAULTS, moment, processing, 0, random())
  if (decision.kind === 'stop') throw new Error('a schedule cannot end before the scan')
  return decision.delayMs / 1_000
}
const fixed =
  (delayS: number): Schedule =>
  () =>
    delayS
const doubling =
  (firstS: number, capS: number): Schedule =>
  (_, look) =>
    Math.min(firstS * 2 ** (look - 1), capS)
const fullJitter =
  (firstS: number, capS: number): Schedule =>
  (_, look, random) =>
    random() * Math.min(firstS * 2 ** (look - 1), capS)

const SCHEDULES: readonly (readonly [string, Schedule])[] = [
  ['this action: 5 % of the time so far, 3..60 s', ours],
  ["fixed 5 s (the aliyun CLI's waiter)", fixed(5)],
  ['fixed 10 s', fixed(10)],
  ['fixed 15 s', fixed(15)],
  ['fixed 30 s', fixed(30)],
  ['doubling 2..30 s', doubling(2, 30)],
  ['doubling 5..60 s', doubling(5, 60)],
  ['exponential, full jitter 15..120 s', fullJitter(15, 120)],
]

export function benchSchedule(): void {
  const durations = scanDurations()
  const rows = SCHEDULES.map(([name, schedule]) => {
    const random = dice(SEED)
    const results = durations.map((duration) => play(duration, schedule, random))
    const calls = results.reduce((sum, result) => sum + result.calls, 0) / results.length
    const share = results.map((result) => result.latenessS / result.durationS)
    return [
      name,
      calls.toFixed(1),
      percent(quantile(share, 0.5)),
      percent(quantile(share, 0.95)),
      quantile(
        results.map((result) => result.latenessS),
        0.95,
      ).toFixed(1),
    ]
  })
  table(
    `Schedules over ${SCANS} scans of ${SHORTEST_S} s to ${LONGEST_S / 3_600} h, log-uniform, seed ${SEED}`,
    ['schedule', 'mean calls', 'lateness/duration p50', 'p95', 'lateness s p95'],
    rows,
  )
}

function play(durationS: number, schedule: Schedule, random: () => number) {
  let at = 0
  let calls = 1
  while (at < durationS) {
    at += schedule(at, calls, random)
    calls += 1
  }
  return { durationS, calls, latenessS: at - durationS }
}

function scanDurations(): readonly number[] {
  const random = dice(SEED + 1)
  return Array.from({ length: SCANS }, () => SHORTEST_S * (LONGEST_S / SHORTEST_S) ** random())
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

/** Reproducible dice: a linear congruential generator, with the constants of Numerical Recipes. */
function dice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
