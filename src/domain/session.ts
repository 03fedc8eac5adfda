/** Credentials, and sessions of them that end. */

export interface Credentials {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  /** Only with session credentials of STS. */
  readonly securityToken?: string
}

/** The parts that nobody may see: all of them. */
export function secretsOf({ accessKeyId, accessKeySecret, securityToken }: Credentials): readonly string[] {
  return [accessKeyId, accessKeySecret, ...(securityToken === undefined ? [] : [securityToken])]
}

/** Session credentials that can be replaced by others. Times are ms on the run's clock. */
export interface Session {
  readonly credentials: Credentials
  readonly fromMs: number
  readonly endsAtMs: number
}

/** A new session is fetched this share of a session's life before its end, but not earlier than … */
const RENEWAL_SHARE = 1 / 4
/** … 5 min before it: time for a bad minute of STS, and few sessions in a long wait. */
const LONGEST_RENEWAL_MS = 5 * 60_000
/** A source that hands out what is about to end is not asked in a rush. */
const SHORTEST_USE_MS = 1_000

/** When to fetch the next session. */
export function renewalAt({ fromMs, endsAtMs }: Session): number {
  const ahead = Math.min((endsAtMs - fromMs) * RENEWAL_SHARE, LONGEST_RENEWAL_MS)
  return Math.max(Math.floor(endsAtMs - ahead), fromMs + SHORTEST_USE_MS)
}

export function isOver({ endsAtMs }: Session, nowMs: number): boolean {
  return nowMs >= endsAtMs
}
