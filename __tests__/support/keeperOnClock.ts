import type { RunEvent } from '../../src/domain/event.ts'
import type { Failure } from '../../src/domain/scan.ts'
import type { WaitPolicy } from '../../src/domain/waiter.ts'
import type { SessionSource } from '../../src/ports.ts'
import { SessionKeeper } from '../../src/steps/sessionKeeper.ts'
import { failure, policy as usual } from './builders.ts'
import { VirtualClock } from './virtualClock.ts'

/** Sessions of a quarter of an hour and their keeper, over hours on a virtual clock. */

export const SECOND = 1_000
export const MINUTE = 60_000
export const LIFE = 15 * MINUTE
export const RENEWAL = 675 * SECOND

export const down = failure('server', { code: 'ServiceUnavailable', action: 'AssumeRoleWithOIDC' })
export const distrusted = failure('login', { code: 'AuthenticationFail.NoPermission', action: 'AssumeRoleWithOIDC' })

interface Setting {
  readonly lifeMs?: number
  /** How long one fetch takes. */
  readonly latencyMs?: number
  /** What comes instead of a session. */
  readonly trouble?: (atMs: number, nth: number) => Failure | undefined
  readonly source?: SessionSource
  readonly policy?: WaitPolicy
}

export function stand({
  lifeMs = LIFE,
  latencyMs = 0,
  trouble = () => undefined,
  source,
  policy = usual,
}: Setting = {}) {
  const clock = new VirtualClock()
  const stop = new AbortController()
  const fetched: number[] = []
  const events: RunEvent[] = []
  const usualSource: SessionSource = async (cancel) => {
    const fromMs = clock.now()
    const nth = fetched.push(fromMs)
    if (latencyMs > 0) await clock.sleep(latencyMs, cancel)
    const problem = cancel.aborted ? down : trouble(fromMs, nth)
    if (problem !== undefined) return { kind: 'failure', failure: problem }
    const credentials = { accessKeyId: `STS.${nth}`, accessKeySecret: 'secret', securityToken: `token-${nth}` }
    const value = { credentials, fromMs, endsAtMs: fromMs + lifeMs }
    return { kind: 'answer', value, action: 'AssumeRoleWithOIDC', requestId: `R-${nth}` }
  }
  const report = (event: RunEvent) => events.push(event)
  const keeper = new SessionKeeper({ source: source ?? usualSource, clock, random: () => 0.5, policy, report })
  const until = (atMs: number) => clock.finish(clock.sleep(atMs - clock.now(), new AbortController().signal))
  const signed = async () => {
    const given = await keeper.credentials(stop.signal)
    return given.kind === 'credentials' ? given.credentials : given.failure
  }
  /** Logged in, and kept so from then on. */
  const kept = async () => {
    await clock.finish(keeper.current(stop.signal))
    const keeping = keeper.keep(stop.signal)
    return {
      end: async () => {
        stop.abort()
        await clock.finish(keeping)
      },
    }
  }
  return { clock, stop, fetched, events, keeper, until, signed, kept }
}

export const named = (nth: number) =>
  expect.objectContaining({ accessKeyId: `STS.${nth}`, securityToken: `token-${nth}` })
