import type { Policy } from './policy.ts'

/** Who calls: what GetCallerIdentity says of it, less the RequestId. */
export type Identity = Readonly<Record<string, string>>

/** A key of the account, for ever or for a while, and what the gateway holds against its calls. */
export interface Caller {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  /** With session credentials: the token that must come with the key. */
  readonly securityToken?: string
  readonly identity: Identity
  /** Milliseconds since 1970; absent for keys that don't end. */
  readonly endsAt?: number
  /** Ends early, after so many calls. */
  readonly endsAfterCalls?: number
  /** Without one all that the account may do. */
  readonly policy?: Policy
}

export interface Session extends Caller {
  readonly securityToken: string
  readonly endsAt: number
  /** `endsAt` as replies have it: a UTC time in whole seconds, rounded down. */
  readonly expiration: string
}

/** A role as a session knows it. */
export interface AssumedRole {
  readonly accountId: string
  readonly name: string
  readonly id: string
  readonly sessionName: string
}

export interface SessionLimits {
  /** No session lasts longer, whatever is asked for: stories of hours are told in seconds. */
  readonly sessionMs?: number
  /** After how many calls the n-th session ends, long before its Expiration; `undefined` leaves one its time. */
  readonly endsAfterCalls?: readonly (number | undefined)[]
}

/** The sessions that were issued, by STS or by the metadata service of a server. */
export class SessionBook {
  readonly issued: Session[] = []
  readonly #limits: SessionLimits
  readonly #wallClock: () => number

  constructor(limits: SessionLimits, wallClock: () => number) {
    this.#limits = limits
    this.#wallClock = wallClock
  }

  issue(role: AssumedRole, lifeMs: number, policy?: Policy): Session {
    const n = this.issued.length + 1
    const { sessionMs = Number.POSITIVE_INFINITY, endsAfterCalls = [] } = this.#limits
    const endsAt = this.#wallClock() + Math.min(lifeMs, sessionMs)
    const early = endsAfterCalls[n - 1]
    const session: Session = {
      accessKeyId: `STS.emulated-key-${n}`,
      accessKeySecret: `emulated-secret-${n}`,
      // With characters that forms and URLs write in another way, as real ones have them.
      securityToken: `emulated/session+token/${n}==`,
      identity: identityOf(role),
      endsAt,
      expiration: utcTime(endsAt),
      ...(early === undefined ? {} : { endsAfterCalls: early }),
      ...(policy === undefined ? {} : { policy }),
    }
    this.issued.push(session)
    return session
  }

  /** Which session a key belongs to, counted from 1. */
  numberOf(accessKeyId: string | undefined): number | undefined {
    const index = this.issued.findIndex((session) => session.accessKeyId === accessKeyId)
    return index === -1 ? undefined : index + 1
  }
}

function identityOf({ accountId, name, id, sessionName }: AssumedRole): Identity {
  return {
    IdentityType: 'AssumedRoleUser',
    AccountId: accountId,
    Arn: `acs:ram::${accountId}:assumed-role/${name}/${sessionName}`,
    PrincipalId: `${id}:${sessionName}`,
    RoleId: id,
  }
}

/** `2026-11-24T12:00:00Z` */
export function utcTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}
