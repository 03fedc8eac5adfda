import { unlessAborted } from '../domain/abort.ts'
import { errorDelay } from '../domain/backoff.ts'
import type { Clock } from '../domain/clock.ts'
import type { RunEvent } from '../domain/event.ts'
import { type CallTally, tallied } from '../domain/outcome.ts'
import { type Credentials, isOver, renewalAt, type Session } from '../domain/session.ts'
import type { WaitPolicy } from '../domain/waiter.ts'
import type { Answer, CredentialProvider, Failed, SessionSource, Sessions } from '../ports.ts'

export interface KeeperWorld {
  readonly source: SessionSource
  readonly clock: Clock
  /** A number from 0 to 1, drawn anew at each call. */
  readonly random: () => number
  readonly policy: WaitPolicy
  readonly report: (event: RunEvent) => void
}

/**
 * Keeps a run in: one session after the other, so that a scan may take longer than any of them. Those who call are
 * handed the session of the moment, and wait for the next one only where there is none that is good.
 */
export class SessionKeeper implements Sessions, CredentialProvider {
  readonly #world: KeeperWorld
  #session: Session | undefined
  /** A session that is being asked for, which everybody waits for who needs it. */
  #underWay: Promise<Answer<Session>> | undefined
  /** Whether the cloud said that a session had ended, and has not let the next one in yet. */
  #isDoubted = false
  /** The signals that end the run. */
  readonly #ends = new Set<AbortSignal>()
  #fetched = 0
  readonly #tallies = new Map<string, CallTally>()

  constructor(world: KeeperWorld) {
    this.#world = world
  }

  get tallies(): readonly CallTally[] {
    return [...this.#tallies.values()]
  }

  async current(cancel: AbortSignal): Promise<Answer<Session>> {
    this.#ends.add(cancel)
    const session = this.#good
    return session === undefined ? this.#renew(cancel) : { kind: 'answer', value: session, action: '', requestId: '' }
  }

  async credentials(
    cancel: AbortSignal,
  ): Promise<{ readonly kind: 'credentials'; readonly credentials: Credentials } | Failed> {
    const session = this.#good
    if (session !== undefined) return { kind: 'credentials', credentials: session.credentials }
    const answer = await this.#renew(cancel)
    if (answer.kind === 'failure') return answer
    const { clock, policy } = this.#world
    // The call was due in time, and after the wait for a session it is not any more: nothing starts after the deadline.
    if (clock.now() > policy.deadlineMs) return tooLate()
    return { kind: 'credentials', credentials: answer.value.credentials }
  }

  get isGood(): boolean {
    return this.#good !== undefined
  }

  async ready(cancel: AbortSignal): Promise<Failed | undefined> {
    if (this.isGood) return undefined
    const answer = await unlessAborted(this.#renew(cancel), cancel).catch(() => undefined)
    return answer?.kind === 'failure' ? answer : undefined
  }

  accepted(credentials: Credentials): void {
    if (credentials === this.#session?.credentials) this.#isDoubted = false
  }

  /** Of calls that were under way together only the first one asks for a new session. */
  ended(credentials: Credentials): boolean {
    if (credentials !== this.#session?.credentials) return true
    // The fresh one is refused too: the next one would be as well.
    if (this.#isDoubted) return false
    this.#session = undefined
    this.#isDoubted = true
    return true
  }

  /** A renewal that fails while the session is good costs nothing: it is tried again, until the session has ended. */
  async keep(stop: AbortSignal): Promise<void> {
    this.#ends.add(stop)
    const { clock, policy, random, report } = this.#world
    for (let errors = 0, delayMs = 0; ; ) {
      const due = this.#session === undefined ? 0 : renewalAt(this.#session) - clock.now()
      // Somebody else may have fetched one in the meantime.
      if (due > 0) errors = 0
      await clock.sleep(errors === 0 ? due : delayMs, stop)
      // No call comes after the deadline, so that nobody needs a session.
      if (stop.aborted || clock.now() > policy.deadlineMs) return
      if (this.#session !== undefined && renewalAt(this.#session) > clock.now()) continue

      const answer = await this.#renew(stop)
      if (stop.aborted) return
      if (answer.kind === 'answer') {
        errors = 0
        continue
      }
      errors += 1
      const { failure } = answer
      delayMs = Math.ceil(errorDelay(policy, errors, failure.retryAfterMs, random()))
      report({ kind: 'call-failed', atMs: clock.now(), failure, errors, delayMs })
    }
  }

  /** The session, where there is one that is good now. */
  get #good(): Session | undefined {
    const session = this.#session
    return session === undefined || isOver(session, this.#world.clock.now()) ? undefined : session
  }

  /** Several may wait for it: it ends with the run, and not with the one call that asked first. */
  #renew(cancel: AbortSignal): Promise<Answer<Session>> {
    this.#underWay ??= this.#fetchOne(this.#ends.size === 0 ? cancel : AbortSignal.any([...this.#ends])).finally(() => {
      this.#underWay = undefined
    })
    return this.#underWay
  }

  async #fetchOne(cancel: AbortSignal): Promise<Answer<Session>> {
    const { source, clock, report } = this.#world
    const answer = await source(cancel)
    const atMs = clock.now()
    tallied(this.#tallies, answer.kind === 'answer' ? answer : answer.failure, atMs)
    if (answer.kind === 'failure') return answer
    this.#session = answer.value
    report({ kind: 'session', atMs, endsAtMs: answer.value.endsAtMs, isRenewed: this.#fetched++ > 0 })
    return answer
  }
}

function tooLate(): Failed {
  const message = 'the login took until after the deadline'
  const failure = {
    cause: 'timeout',
    code: 'RequestTimeout',
    message,
    requestId: '',
    retryAfterMs: 0,
    action: 'LogIn',
  } as const
  return { kind: 'failure', failure }
}
