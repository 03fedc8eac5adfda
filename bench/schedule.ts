import { decide, type WaitPolicy } from '../src/domain/waiter.ts'
import { dice } from './dice.ts'
import { type Delays, PEERS, type Peer } from './peers.ts'
import { quantile } from './table.ts'

/**
 * What a schedule of looks costs and how late it notices the end of a scan, beside those of the peers, over scans that
 * none of them knows the length of. Lateness is the time from the end of a scan to the moment at which its end is known.
 */

const SEED = 20_261_124
export const SCANS = 10_000

/** The defaults of action.yml; the deadline lies beyond the longest scan, as the limits of the peers do here. */
const DEFAULTS: WaitPolicy = {
  minDelayMs: 3_000,
  maxDelayMs: 60_000,
  deadlineMs: 24 * 3_600_000,
  maxConsecutiveErrors: 15,
}

const ours =
  (policy: WaitPolicy): Delays =>
  (n, elapsedS, random) => {
    if (n === 0) return 0
    const moment = { sinceFirstLookMs: elapsedS * 1_000, remainingMs: policy.deadlineMs - elapsedS * 1_000 }
    const processing = {
      kind: 'state',
      state: 'Processing',
      targetInfo: { kind: 'read', targets: [] },
      requestId: '',
    } as const
    const decision = decide(policy, moment, processing, 0, random())
    if (decision.kind === 'stop') throw new Error('a schedule cannot end before the scan')
    return decision.delayMs / 1_000
  }

export const OURS: Peer = {
  name: 'this action',
  label: '5 %, 3-60 s',
  delays: ours(DEFAULTS),
  defaultLimitS: 120 * 60,
  longestLimitS: 1_440 * 60,
  source: '5 % of the time so far, ± 10 %, from `min-poll-seconds` 3 to `max-poll-seconds` 60',
}
/** As one sets it who knows that no scan is short. */
export const OURS_FOR_LONG: Peer = {
  ...OURS,
  name: 'this action, min-poll-seconds: 60',
  label: '60 s, as set',
  delays: ours({ ...DEFAULTS, minDelayMs: 60_000 }),
}
const ALL: readonly Peer[] = [OURS, OURS_FOR_LONG, ...PEERS]

const MINUTE = 60
const HOUR = 3_600
/** Log-uniform: as many scans between one and two minutes as between one and two hours. */
const between = (shortestS: number, longestS: number) => (random: () => number) =>
  shortestS * (longestS / shortestS) ** random()
const short = between(20, 5 * MINUTE)
const long = between(30 * MINUTE, 4 * HOUR)

/** How long scans take, in s. */
export const KINDS = {
  short: { title: 'Short scans, 20 s to 5 min', duration: short },
  long: { title: 'Long scans, 30 min to 4 h', duration: long },
  bimodal: {
    title: 'Bimodal, as many short as long ones',
    duration: (random: () => number) => (random() < 0.5 ? short : long)(random),
  },
  any: { title: 'Anything from 20 s to 4 h', duration: between(20, 4 * HOUR) },
} as const
export type Kind = keyof typeof KINDS
export const KIND_NAMES = Object.keys(KINDS) as readonly Kind[]

/** How a schedule did. Shares are of the scan's duration. */
export interface Score {
  readonly peer: Peer
  /** Mean number of looks. */
  readonly calls: number
  readonly lateShare: { readonly mean: number; readonly p50: number; readonly p95: number }
  readonly lateS: { readonly p50: number; readonly p95: number }
  /** Which share of the scans takes longer than it waits: by default, and whatever it is told. */
  readonly unseen: { readonly byDefault: number; readonly atMost: number }
}

/** All schedules over the same scans of a kind. */
export function scoresOf(kind: Kind, scans = SCANS): readonly Score[] {
  const random = dice(SEED)
  const durations = Array.from({ length: scans }, () => KINDS[kind].duration(random))
  return ALL.map((peer) => score(peer, durations))
}

function score(peer: Peer, durations: readonly number[]): Score {
  const random = dice(SEED + 1)
  const results = durations.map((duration) => play(duration, peer, random))
  const shares = results.map(({ lateS }, i) => lateS / (durations[i] ?? 0))
  const seconds = results.map(({ lateS }) => lateS)
  const longerThan = (limitS = Number.POSITIVE_INFINITY) => mean(durations.map((one) => (one > limitS ? 1 : 0)))
  return {
    peer,
    calls: mean(results.map(({ calls }) => calls)),
    lateShare: { mean: mean(shares), p50: quantile(shares, 0.5), p95: quantile(shares, 0.95) },
    lateS: { p50: quantile(seconds, 0.5), p95: quantile(seconds, 0.95) },
    unseen: { byDefault: longerThan(peer.defaultLimitS), atMost: longerThan(peer.longestLimitS) },
  }
}

/** The limits of the peers are left out here: who would give up is taken to wait on. */
export function play(durationS: number, { delays, afterwardsS = 0 }: Peer, random: () => number) {
  let at = delays(0, 0, random)
  let calls = 1
  while (at < durationS) {
    at += delays(calls, at, random)
    calls += 1
  }
  return { calls, lateS: at - durationS + afterwardsS }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Two figures that differ by less than this share are the same: the scans are a sample. */
const SAME_WITHIN = 0.05

type Measure = (score: Score) => number
/** What is on the plot: what it costs, and how late it is at worst. */
export const PLOTTED: readonly Measure[] = [({ calls }) => calls, ({ lateShare }) => lateShare.p95]
/** All that matters. */
const MEASURES: readonly Measure[] = [...PLOTTED, ({ lateShare }) => lateShare.mean]

/** Whether one is as good as the other by all measures. */
export function isAsGood(one: Score, other: Score, measures = MEASURES): boolean {
  return measures.every((measure) => measure(one) <= measure(other) * (1 + SAME_WITHIN))
}

/** … and better by one. */
export function dominates(one: Score, other: Score, measures = MEASURES): boolean {
  const isBetter = measures.some((measure) => measure(one) < measure(other) * (1 - SAME_WITHIN))
  return isBetter && isAsGood(one, other, measures)
}

/** Whose delays, as they come, dominate a schedule. */
export function dominatorsOf(score: Score, scores: readonly Score[], measures = MEASURES): readonly string[] {
  const others = scores.filter(({ peer }) => peer !== OURS_FOR_LONG)
  return [...new Set(others.filter((other) => dominates(other, score, measures)).map(({ peer }) => peer.label))]
}

/** Each schedule once, whoever else has it. */
export function distinct(scores: readonly Score[]): readonly Score[] {
  return scores.filter(({ peer }, i) => scores.findIndex((other) => other.peer.label === peer.label) === i)
}
