import { type AllowEntry, entryFor, isExpired } from './allowList.ts'

/** Virus alerts of servers, and which of them count. Nothing ties an alert to a scan: all open ones of a server do. */

/** Gravest first. Source: `Level` on the page of ListVirusScanMachineEvent. */
export const SEVERITIES = ['serious', 'suspicious', 'remind'] as const
export type Severity = (typeof SEVERITIES)[number]

export interface Alert {
  /** Uuid of the server. */
  readonly server: string
  readonly serverName: string
  readonly eventId: string
  /** As the cloud spells it: one of `SEVERITIES`, or a level that nobody knows. */
  readonly level: string
  /** In English, whatever the account's language. */
  readonly name: string
  /** When it was last seen, in ms since 1970; absent where the reply does not say. */
  readonly lastSeenMs?: number
}

export type AlertStatus = 'counting' | 'accepted' | 'below-cutoff'

export interface JudgedAlert extends Alert {
  readonly status: AlertStatus
  /** Whether it was there before the scan; `null` where nobody looked. */
  readonly before: boolean | null
  /** The entry that accepts it, or that did until it expired. */
  readonly entry?: AllowEntry
}

/** One read of the alerts of some servers. */
export interface AlertRead {
  /** The uuids that were asked about. */
  readonly servers: ReadonlySet<string>
  readonly alerts: readonly Alert[]
  /** Whether every page of every server was seen. */
  readonly isComplete: boolean
}

/** A level that nobody knows is taken for the gravest. */
export function severityOf({ level }: Pick<Alert, 'level'>): Severity {
  return SEVERITIES.find((known) => known === level.toLowerCase()) ?? 'serious'
}

/** Of two sights of one alert the graver one. */
export function graver(one: Alert | undefined, other: Alert): Alert {
  const isGraver = one !== undefined && SEVERITIES.indexOf(severityOf(one)) < SEVERITIES.indexOf(severityOf(other))
  return isGraver ? one : other
}

function isAtOrAbove(alert: Alert, cutoff: Severity): boolean {
  return SEVERITIES.indexOf(severityOf(alert)) <= SEVERITIES.indexOf(cutoff)
}

/** What alerts are judged by. */
export interface AlertRules {
  readonly cutoff: Severity
  readonly entries: readonly AllowEntry[]
  /** The day of the run, UTC, `2026-11-24`. */
  readonly today: string
}

/** All alerts of a read with what becomes of them: counting ones first, then by gravity, server and name. */
export function judgeAlerts(
  alerts: readonly Alert[],
  rules: AlertRules,
  baseline: AlertRead | undefined,
): readonly JudgedAlert[] {
  const before = new Set(baseline?.alerts.map(alertKey))
  const judged = alerts.map((alert): JudgedAlert => {
    const entry = entryFor(alert, rules.entries)
    return {
      ...alert,
      status: statusOf(alert, rules, entry),
      before: baseline?.isComplete && baseline.servers.has(alert.server) ? before.has(alertKey(alert)) : null,
      ...(entry === undefined ? {} : { entry }),
    }
  })
  return judged.sort(byGravity)
}

function statusOf(alert: Alert, { cutoff, today }: AlertRules, entry: AllowEntry | undefined): AlertStatus {
  if (!isAtOrAbove(alert, cutoff)) return 'below-cutoff'
  return entry !== undefined && !isExpired(entry, today) ? 'accepted' : 'counting'
}

/** Whether a read has something that counts, so that no further read is needed to know the verdict. */
export function hasCounting(alerts: readonly Alert[], rules: AlertRules): boolean {
  return alerts.some((alert) => statusOf(alert, rules, entryFor(alert, rules.entries)) === 'counting')
}

/** Whether two reads show the same: server, event, name and level of each alert. */
export function agree(a: readonly Alert[], b: readonly Alert[]): boolean {
  const keys = (alerts: readonly Alert[]) => new Set(alerts.map((alert) => `${alertKey(alert)} ${alert.level}`))
  const [x, y] = [keys(a), keys(b)]
  return x.size === y.size && [...x].every((key) => y.has(key))
}

/** Of several sights of one alert the last. */
export function mergeAlerts(...reads: readonly (readonly Alert[])[]): readonly Alert[] {
  return [...new Map(reads.flat().map((alert) => [alertKey(alert), alert])).values()]
}

/** Two sights with the same key are of one alert. By its name it may be accepted, so that one of another name is another. */
export function alertKey({ server, eventId, name }: Pick<Alert, 'server' | 'eventId' | 'name'>): string {
  return JSON.stringify([server, eventId, name])
}

const STATUSES: readonly AlertStatus[] = ['counting', 'accepted', 'below-cutoff']

function byGravity(a: JudgedAlert, b: JudgedAlert): number {
  const text = ({ serverName, name, eventId }: Alert) => `${serverName}\u0000${name}\u0000${eventId}`
  return (
    STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status) ||
    SEVERITIES.indexOf(severityOf(a)) - SEVERITIES.indexOf(severityOf(b)) ||
    (text(a) < text(b) ? -1 : 1)
  )
}
