import type { Clock } from '../domain/clock.ts'
import type { RoleLogin } from '../domain/login.ts'
import { secretsOf } from '../domain/session.ts'
import type { Answer, Failed, SessionSource } from '../ports.ts'
import { loadEcsRole } from './bundles.ts'
import { claimsIn } from './idToken.ts'
import type { RpcClient } from './rpc.ts'
import { assumeRoleWithOidc, type Grant } from './sts.ts'

/** Where sessions come from: a new one at each call. */

export interface SourceWorld {
  readonly clock: Clock
  /** Told of what must be masked before it is used. */
  readonly mask: (secrets: readonly string[]) => void
}

export interface RoleWorld extends SourceWorld {
  readonly sts: Pick<RpcClient, 'call'>
  /** GitHub's OIDC token for an audience. Never rejects. */
  readonly idToken: (audience: string, cancel: AbortSignal) => Promise<Answer<string>>
  /** Of the run, on its clock. */
  readonly deadlineMs: number
}

/** GitHub's OIDC token for this job, and with it a session of a RAM role. No file is written on the way. */
export function roleSessions(
  login: RoleLogin,
  policy: string,
  { sts, idToken, clock, deadlineMs, mask }: RoleWorld,
): SessionSource {
  let wasTooOld = false
  return async (cancel) => {
    const told = await idToken(login.audience, cancel)
    if (told.kind === 'failure') return told
    const token = told.value
    mask([token])
    const fromMs = clock.now()
    if (fromMs > deadlineMs) return tooLate()
    const granted = await assumeRoleWithOidc(sts, login, { token, policy }, cancel)
    if (granted.kind === 'failure') {
      const { failure } = granted
      // A token may end on the way, but not one after the other.
      const isRefused = failure.cause === 'login' || (failure.cause === 'session-ended' && wasTooOld)
      wasTooOld = failure.cause === 'session-ended'
      if (!isRefused) return granted
      const claims = claimsIn(token)
      return { ...granted, failure: { ...failure, cause: 'login', ...(claims === undefined ? {} : { claims }) } }
    }
    wasTooOld = false
    return sessionFrom(granted, fromMs, login.durationSeconds * 1_000, mask)
  }
}

/** No request is sent after the deadline, and there are two of them here. */
function tooLate(): Failed {
  const message = "GitHub's OIDC token came after the deadline"
  const failure = { cause: 'timeout', code: 'RequestTimeout', message, requestId: '', retryAfterMs: 0 } as const
  return { kind: 'failure', failure: { ...failure, action: 'AssumeRoleWithOIDC' } }
}

/** What a session of the metadata service lives at least, should it not say: the shortest that STS hands out. */
const SHORTEST_SESSION_MS = 900_000

/** The RAM role of the ECS instance that the runner is on. */
export function ecsSessions(role: string | 'auto', { clock, mask }: SourceWorld): SessionSource {
  let isOnEcs = false
  return async (cancel) => {
    const { requestEcsRole } = await loadEcsRole()
    const fromMs = clock.now()
    const granted = await requestEcsRole(role, { isOnEcs }, cancel)
    if (granted.kind === 'failure') return granted
    isOnEcs = true
    return sessionFrom(granted, fromMs, SHORTEST_SESSION_MS, mask)
  }
}

/** Longer than the longest that STS hands out, in ms, no session is believed to live: a date may be wrong. */
const LONGEST_SESSION_MS = 12 * 60 * 60_000

/** Counted from before the call, so that a session is never thought to live longer than it does. */
function sessionFrom(
  granted: Extract<Answer<Grant>, { kind: 'answer' }>,
  fromMs: number,
  otherwiseMs: number,
  mask: SourceWorld['mask'],
): Awaited<ReturnType<SessionSource>> {
  const { credentials, lifetimeMs = otherwiseMs } = granted.value
  mask(secretsOf(credentials))
  const endsAtMs = fromMs + Math.min(lifetimeMs, LONGEST_SESSION_MS)
  return { ...granted, value: { credentials, fromMs, endsAtMs } }
}
