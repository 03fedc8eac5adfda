import { refusal } from '../domain/acceptor.ts'
import type { CallTurns } from '../domain/budget.ts'
import type { Clock } from '../domain/clock.ts'
import type { RunEvent } from '../domain/event.ts'
import { type CallTally, tallied } from '../domain/outcome.ts'
import type { Failure } from '../domain/scan.ts'
import { type CallEnding, decide, gravest, isThrottled, type WaitPolicy } from '../domain/waiter.ts'
import type { Answer, Failed, Page } from '../ports.ts'

export type Asked<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'ended'; readonly ending: CallEnding }

export interface CallerWorld {
  readonly policy: WaitPolicy
  readonly clock: Clock
  readonly random: () => number
  /** The run's one budget, which the looks draw on as well. */
  readonly budget: CallTurns
  /** Aborted with the `Ending` that the whole run comes to. */
  readonly stop: AbortSignal
  readonly report: (event: RunEvent) => void
}

/**
 * Makes calls until they have an answer: each waits for its turn, is repeated while its failures may heal, and ends
 * with the deadline, a refusal, too many errors in a row, or the run.
 */
export class Caller {
  readonly #world: CallerWorld
  readonly #tallies: Map<string, CallTally>

  constructor(world: CallerWorld, tallies = new Map<string, CallTally>()) {
    this.#world = world
    this.#tallies = tallies
  }

  /** The same caller, who besides stops when `over` is aborted, with an `Ending`. */
  until(over: AbortSignal): Caller {
    return new Caller({ ...this.#world, stop: AbortSignal.any([this.#world.stop, over]) }, this.#tallies)
  }

  get tallies(): readonly CallTally[] {
    return [...this.#tallies.values()]
  }

  /** One call. Never rejects. */
  ask<T>(call: (stop: AbortSignal) => Promise<Answer<T>>): Promise<Asked<T>> {
    const { budget, clock, policy, stop } = this.#world
    return this.#persist(async (dueAt) => {
      const turn = await budget.turn(dueAt, policy.deadlineMs, stop)
      if (stop.aborted) return this.#stopped()
      if (turn === false) return { kind: 'ended', ending: { kind: 'timed-out' } }
      if (turn !== true) return turn
      const startedAt = clock.now()
      const answer = await call(stop)
      this.#count(answer)
      if (answer.kind === 'failure' && isThrottled(answer.failure)) budget.throttled(startedAt)
      return answer
    })
  }

  /** The same for a call to somebody else than Security Center: it has no part in the budget. */
  askElsewhere<T>(call: (stop: AbortSignal) => Promise<Answer<T>>): Promise<Asked<T>> {
    return this.askUncounted(async (stop) => {
      const answer = await call(stop)
      this.#count(answer)
      return answer
    })
  }

  /** And for what counts its calls itself. */
  askUncounted<T>(call: (stop: AbortSignal) => Promise<Answer<T>>): Promise<Asked<T>> {
    return this.#persist(() => call(this.#world.stop))
  }

  /**
   * All rows of a list, page by page. A page that adds nothing before the total is reached, and a total that changes on
   * the way, are failures like any other: the list is read again from its start. `onRows` sees rows as they come.
   */
  askAll<T>(
    callPage: (page: number, stop: AbortSignal) => Promise<Answer<Page<T>>>,
    keyOf: (row: T) => string,
    onRows: (rows: readonly T[]) => void = () => {},
  ): Promise<Asked<readonly T[]>> {
    return this.#persist(async () => {
      const rows = new Map<string, T>()
      let total: number | undefined
      for (let page = 1; ; page++) {
        let last: Answer<Page<T>> | undefined
        const asked = await this.ask(async (stop) => {
          last = await callPage(page, stop)
          return last
        })
        if (asked.kind === 'ended') return asked
        const known = rows.size
        onRows(asked.value.rows)
        for (const row of asked.value.rows) rows.set(keyOf(row), row)
        const problem =
          total !== undefined && total !== asked.value.total
            ? `the list changed while it was read, from ${total} to ${asked.value.total} rows`
            : rows.size < asked.value.total && rows.size === known
              ? `page ${page} brought nothing new, and ${rows.size} of ${asked.value.total} rows are there`
              : undefined
        if (problem !== undefined) return incomplete(problem, last)
        if (rows.size >= asked.value.total) return { kind: 'answer', value: [...rows.values()] }
        total = asked.value.total
      }
    })
  }

  /** Repeats an attempt as looks are repeated: its failures count in a row, each is followed by a longer delay. */
  async #persist<T>(attempt: (dueAt: number) => Promise<Asked<T> | Failed>): Promise<Asked<T>> {
    const { clock, policy, random, report, stop } = this.#world
    let dueAt = clock.now()
    for (let errors = 1; ; errors++) {
      const result = await attempt(dueAt)
      if (result.kind !== 'failure') return result
      if (stop.aborted) return this.#stopped(result.failure)
      const atMs = clock.now()
      const { failure } = result
      const moment = { sinceFirstLookMs: 0, remainingMs: policy.deadlineMs - atMs }
      const decision = decide(policy, moment, result, errors, random())
      const isOver = decision.kind === 'stop'
      report({ kind: 'call-failed', atMs, failure, errors, ...(isOver ? {} : { delayMs: decision.delayMs }) })
      if (isOver) return { kind: 'ended', ending: decision.ending as CallEnding }
      dueAt = atMs + decision.delayMs
      await clock.sleep(decision.delayMs, stop)
      if (stop.aborted) return this.#stopped()
    }
  }

  /** A refusal is a reply, and no doing of the stop: where it is the graver of the two it is what is told. */
  #stopped(failure?: Failure): { readonly kind: 'ended'; readonly ending: CallEnding } {
    const reason = this.#world.stop.reason as CallEnding
    const isRefused = failure !== undefined && refusal(failure.cause) !== 'none'
    return { kind: 'ended', ending: isRefused ? gravest(reason, { kind: 'denied', failure }) : reason }
  }

  #count<T>(answer: Answer<T>): void {
    if (answer.kind === 'failure' && answer.failure.isUnsent) return
    tallied(this.#tallies, answer.kind === 'answer' ? answer : answer.failure, this.#world.clock.now())
  }
}

function incomplete<T>(message: string, last: Answer<T> | undefined): Failed {
  const { action = '', requestId = '' } = last?.kind === 'answer' ? last : {}
  const failure = { cause: 'missing-fields', code: 'InvalidResponse', message, requestId, retryAfterMs: 0 } as const
  return { kind: 'failure', failure: { ...failure, action } }
}

/** Enough to use the whole budget when a call takes half a second, few enough to leave the looks their turns. */
const AT_A_TIME = 5

/**
 * Does something for each item, a few at a time, in the order of the items. The first that ends early ends it all: what
 * else is under way is broken off. What came of it in that very moment counts all the same, the gravest ending most.
 */
export async function forEach<T>(
  items: readonly T[],
  caller: Caller,
  work: (item: T, caller: Caller) => Promise<Asked<unknown>>,
): Promise<Asked<undefined>> {
  const over = new AbortController()
  const one = caller.until(over.signal)
  const endings: CallEnding[] = []
  let next = 0
  const worker = async () => {
    while (!over.signal.aborted && next < items.length) {
      const asked = await work(items[next++] as T, one)
      if (asked.kind === 'answer') continue
      endings.push(asked.ending)
      over.abort(asked.ending)
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, worker))
  const [first, ...others] = endings
  return first === undefined
    ? { kind: 'answer', value: undefined }
    : { kind: 'ended', ending: gravest(first, ...others) }
}
