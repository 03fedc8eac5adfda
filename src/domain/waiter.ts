import { accept, refusal } from './acceptor.ts'
import { type DelayBounds, errorDelay, pollDelay } from './backoff.ts'
import type { CallTurns } from './budget.ts'
import type { Clock } from './clock.ts'
import type { Failure, Observation, Receipt, ScanState, Target, TargetInfo, TaskId } from './scan.ts'

/** The rules of one run's wait. Times are whole ms on the run's clock, whose zero is the start of the run. */
export interface WaitPolicy extends DelayBounds {
  /** When the wait ends, whatever was seen. The last look is at this moment, none starts after it. */
  readonly deadlineMs: number
  /** Failed looks in a row that are forgiven, per task. */
  readonly maxConsecutiveErrors: number
}

/** How the wait for one task ended. */
export type Ending =
  | { readonly kind: 'passed' }
  | { readonly kind: 'scan-failed' }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'unavailable'; readonly failure: Failure }
  | { readonly kind: 'denied'; readonly failure: Failure }
  | { readonly kind: 'cancelled' }

/** How a call that never got an answer ended, and with it what it was made for. */
export type CallEnding = Exclude<Ending, { kind: 'passed' | 'scan-failed' }>

/** Gravest first, as the verdicts are. */
const ENDINGS: readonly CallEnding['kind'][] = ['cancelled', 'denied', 'timed-out', 'unavailable']

/** Of what ended several calls at once the gravest; of two alike the first. */
export function gravest(first: CallEnding, ...others: readonly CallEnding[]): CallEnding {
  const gravity = ({ kind }: CallEnding) => ENDINGS.indexOf(kind)
  return others.reduce((grave, other) => (gravity(other) < gravity(grave) ? other : grave), first)
}

/** A state when it was first seen in a row of looks that showed it. */
export interface StateSeen {
  /** As documented, or as the cloud spells a state that nobody knows. */
  readonly state: string
  readonly atMs: number
  /** The server's clock, in ms since 1970; absent where the reply did not say. */
  readonly serverTimeMs?: number
}

/** What was learned of one task so far. */
export interface TaskSight {
  readonly id: TaskId
  /** The last documented state that was seen. */
  readonly state?: ScanState
  /** Set while the last good look showed a state that nobody knows. */
  readonly unknownState?: string
  /** Set while the last look failed. */
  readonly lastFailure?: Failure
  readonly consecutiveErrors: number
  /** The last `TargetInfo` that could be read. */
  readonly targets?: readonly Target[]
  /** The last request id seen and when, `''` before there was one. */
  readonly requestId: string
  readonly requestIdAtMs: number
  /** Looks that were sent, failed ones included. */
  readonly looks: number
  /** The states it went through, as far as they were seen. */
  readonly history: readonly StateSeen[]
}

export interface TaskWait extends TaskSight {
  readonly ending: Ending
  /** From the task's first look to its end; 0 when there was none. */
  readonly elapsedMs: number
}

export type Decision =
  | { readonly kind: 'stop'; readonly ending: Ending }
  | { readonly kind: 'look-again'; readonly delayMs: number }

/** Told after each look. */
export interface Step {
  readonly atMs: number
  readonly observation: Observation
  readonly sight: TaskSight
  readonly decision: Decision
}

/** What the wait needs of the world. */
export interface WaitWorld {
  readonly clock: Clock
  /** The run's one budget of calls. */
  readonly budget: CallTurns
  /** A number from 0 to 1, drawn anew at each call. */
  readonly random: () => number
  /** One look at a task. Never rejects; what goes wrong is an observation. Ends early when the signal is aborted. */
  readonly look: (id: TaskId, signal: AbortSignal) => Promise<Observation>
  readonly report: (step: Step) => void
}

/** What to do after a look. Pure: the clock's readings and the throw of the dice are arguments. */
export function decide(
  policy: WaitPolicy,
  now: { readonly sinceFirstLookMs: number; readonly remainingMs: number },
  observation: Observation,
  consecutiveErrors: number,
  random: number,
): Decision {
  const acceptance = accept(observation)
  if (acceptance === 'success') return stop({ kind: 'passed' })
  if (acceptance === 'failure') return stop({ kind: 'scan-failed' })

  let delayMs: number
  if (observation.kind === 'failure') {
    const { failure } = observation
    if (acceptance === 'refused') return stop({ kind: 'denied', failure })
    if (consecutiveErrors > policy.maxConsecutiveErrors) return stop({ kind: 'unavailable', failure })
    delayMs = errorDelay(policy, consecutiveErrors, failure.retryAfterMs, random)
  } else {
    delayMs = pollDelay(policy, now.sinceFirstLookMs, random)
  }

  if (now.remainingMs <= 0) return stop({ kind: 'timed-out' })
  // Never sleep into the deadline without a last look: if no full delay would fit after the next look, it is the last.
  const wholeMs = Math.round(delayMs)
  const isLast = now.remainingMs - wholeMs < policy.minDelayMs
  return { kind: 'look-again', delayMs: isLast ? now.remainingMs : wholeMs }
}

/** Whether a failure says that the budget is too large. What kept a call from being sent says nothing of it. */
export function isThrottled({ cause, isUnsent }: Failure): boolean {
  return cause === 'throttled' && !isUnsent
}

function stop(ending: Ending): Decision {
  return { kind: 'stop', ending }
}

/** The sight of a task after one more look. */
export function learn(sight: TaskSight, observation: Observation, atMs: number): TaskSight {
  const requestId = observation.kind === 'failure' ? observation.failure.requestId : observation.requestId
  const { unknownState, lastFailure: _, ...kept } = sight
  const seen: TaskSight = {
    ...kept,
    ...(requestId === '' ? {} : { requestId, requestIdAtMs: atMs }),
    consecutiveErrors: observation.kind === 'failure' ? sight.consecutiveErrors + 1 : 0,
    looks: sight.looks + (observation.kind === 'failure' && observation.failure.isUnsent ? 0 : 1),
  }
  switch (observation.kind) {
    case 'failure':
      return { ...seen, ...(unknownState === undefined ? {} : { unknownState }), lastFailure: observation.failure }
    case 'unknown-state': {
      const history = remember(sight.history, observation.raw, observation, atMs)
      return { ...seen, ...readTargets(observation.targetInfo), history, unknownState: observation.raw }
    }
    case 'state': {
      const history = remember(sight.history, observation.state, observation, atMs)
      return { ...seen, ...readTargets(observation.targetInfo), history, state: observation.state }
    }
  }
}

function remember(
  history: readonly StateSeen[],
  state: string,
  { serverTimeMs }: Receipt,
  atMs: number,
): readonly StateSeen[] {
  if (history.at(-1)?.state === state) return history
  return [...history, { state, atMs, ...(serverTimeMs === undefined ? {} : { serverTimeMs }) }]
}

function readTargets(info: TargetInfo): Pick<TaskSight, 'targets'> | undefined {
  return info.kind === 'read' ? { targets: info.targets } : undefined
}

/** What stops a whole run: its signal's reason is the ending that everything still open comes to. */
export function stopperOf(cancel: AbortSignal): AbortController {
  const stopper = new AbortController()
  const onCancel = () => stopper.abort({ kind: 'cancelled' } satisfies Ending)
  if (cancel.aborted) onCancel()
  cancel.addEventListener('abort', onCancel)
  return stopper
}

/**
 * Waits for all tasks at once, each at its own pace, under one budget of calls. Never rejects; the endings are in
 * the order of the ids. An abort of `stopper` ends the wait; a refusal that would meet every call aborts it.
 */
export async function waitForTasks(
  ids: readonly TaskId[],
  policy: WaitPolicy,
  world: WaitWorld,
  stopper: AbortController,
): Promise<readonly TaskWait[]> {
  const waits = ids.map(async (id) => {
    const wait = await waitForTask(id, policy, world, stopper.signal)
    if (wait.ending.kind === 'denied' && refusal(wait.ending.failure.cause) === 'run') stopper.abort(wait.ending)
    return wait
  })
  return Promise.all(waits)
}

/** The loop around `decide`. `stopped` is aborted with the ending (an `Ending`) that the whole run comes to. */
async function waitForTask(id: TaskId, policy: WaitPolicy, world: WaitWorld, stopped: AbortSignal): Promise<TaskWait> {
  const { clock, budget } = world
  let sight: TaskSight = { id, consecutiveErrors: 0, requestId: '', requestIdAtMs: 0, looks: 0, history: [] }
  let dueAt = clock.now()
  let firstLookAt: number | undefined
  const end = (ending: Ending): TaskWait => ({
    ...sight,
    ending,
    elapsedMs: firstLookAt === undefined ? 0 : clock.now() - firstLookAt,
  })

  for (;;) {
    const turn = await budget.turn(dueAt, policy.deadlineMs, stopped)
    if (stopped.aborted) return end(stopped.reason as Ending)
    if (turn === false) return end({ kind: 'timed-out' })

    const startedAt = clock.now()
    firstLookAt ??= startedAt
    const observation = turn === true ? await world.look(id, stopped) : turn
    const atMs = clock.now()
    if (stopped.aborted && observation.kind === 'failure') {
      sight = { ...sight, looks: sight.looks + 1 }
      return end(stopped.reason as Ending)
    }
    if (observation.kind === 'failure' && isThrottled(observation.failure)) budget.throttled(startedAt)

    sight = learn(sight, observation, atMs)
    const moment = { sinceFirstLookMs: atMs - firstLookAt, remainingMs: policy.deadlineMs - atMs }
    const decision = decide(policy, moment, observation, sight.consecutiveErrors, world.random())
    world.report({ atMs, observation, sight, decision })
    if (decision.kind === 'stop') return end(decision.ending)

    dueAt = atMs + decision.delayMs
    await clock.sleep(decision.delayMs, stopped)
  }
}
