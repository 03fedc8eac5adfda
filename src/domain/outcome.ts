import type { Site } from './endpoint.ts'
import type { GateRules, GateSight } from './gate.ts'
import type { Login } from './login.ts'
import type { Receipt, Target, TaskId } from './scan.ts'
import { type Fact, type Forgivable, factsIn, type Judgement, judge } from './verdict.ts'
import type { TaskWait } from './waiter.ts'

/** Everything that a run learned, as one value: outputs, summary, log and report are made from it and nothing else. */
export interface Outcome {
  readonly judgement: Judgement
  /** The ids that were asked for, also where no look was made. */
  readonly taskIds: readonly string[]
  readonly tasks: readonly TaskWait[]
  readonly elapsedMs: number
  /** With which credentials, and of which account, where that is known; absent when the inputs did not even say that. */
  readonly access?: { readonly login: Login['kind']; readonly account?: string }
  /** Where the calls went; absent when the inputs did not even say that. */
  readonly cloud?: { readonly host: string; readonly site: Site }
  readonly rehearsal: boolean
  /** The scan that this run started. */
  readonly started?: Started
  /** With the gate on: its rules, and what it saw before the run ended. */
  readonly gate?: { readonly rules: GateRules; readonly sight: GateSight }
  /** The calls besides the looks, by action. */
  readonly calls: readonly CallTally[]
  /** The RAM actions that this run needs. */
  readonly ramActions: readonly string[]
}

export interface Started extends Receipt {
  readonly id: TaskId
  readonly targets: readonly Target[]
}

/** What is counted of each action besides the looks, for evidence and support cases. */
export interface CallTally {
  readonly action: string
  /** Failed ones included. */
  readonly calls: number
  /** The last one seen and when, `''` before there was one. */
  readonly requestId: string
  readonly requestIdAtMs: number
}

/** Counts a call. */
export function tallied(
  tallies: Map<string, CallTally>,
  { action, requestId: id }: { readonly action: string; readonly requestId: string },
  atMs: number,
): void {
  const { calls = 0, requestId = '', requestIdAtMs = 0 } = tallies.get(action) ?? {}
  const seen = id === '' ? { requestId, requestIdAtMs } : { requestId: id, requestIdAtMs: atMs }
  tallies.set(action, { action, calls: calls + 1, ...seen })
}

/** The outcome when one more thing turned out to be wrong. */
export function withFact(outcome: Outcome, fact: Fact, failOn: readonly Forgivable[]): Outcome {
  return { ...outcome, judgement: judge([...factsIn(outcome.judgement), fact], failOn) }
}
