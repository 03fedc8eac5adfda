import type { Alert } from './alerts.ts'
import type { Gap, GapReason } from './coverage.ts'

/** What somebody has decided to live with for a while: alerts and gaps in coverage, each with a reason and an end. */
export type AllowEntry = {
  /** Where it stands in the file, from 1. */
  readonly line: number
  readonly reason: string
  /** The last day on which it holds, UTC, `2026-12-31`. */
  readonly until: string
} & (
  | {
      readonly kind: 'alert'
      /** The alert's English name; `*` stands for any run of characters. */
      readonly alert: string
      /** Uuid or exact name; any server where it is absent. */
      readonly server?: string
    }
  | {
      readonly kind: 'uncovered'
      readonly uncovered: GapReason
      /** Uuid, or name in which `*` stands for any run of characters. */
      readonly server: string
    }
)

export interface AllowList {
  /** As the workflow names it. */
  readonly path: string
  /** Of the file's text, in hex: which version of the list was in force. */
  readonly sha256: string
  readonly entries: readonly AllowEntry[]
  /** Where the run is for a change. */
  readonly base?: {
    /** The commit that the list was read at: the one that the change is to be merged into. */
    readonly commit: string
    /** What the change adds: nothing of it holds before it is merged. */
    readonly pending: readonly AllowEntry[]
  }
}

/** The reasons that can be accepted. An empty group cannot: it would make a gate that checks nothing. */
export const ACCEPTABLE_GAPS = ['offline', 'unlicensed', 'missing', 'joined'] as const satisfies readonly GapReason[]

/** An entry may hold for this long at most, so that nothing is accepted for ever. */
export const LONGEST_ACCEPTANCE_DAYS = 366
/** From this many days before its end on, an entry is announced. */
const ANNOUNCED_DAYS = 7

/** The entry that accepts an alert or a gap: one that holds before one that has expired, then the one that lasts longest. */
export function entryFor(subject: Alert | Gap, entries: readonly AllowEntry[]): AllowEntry | undefined {
  let longest: AllowEntry | undefined
  for (const entry of entries)
    if (fits(entry, subject) && (longest === undefined || entry.until > longest.until)) longest = entry
  return longest
}

/** Whether an entry speaks of this alert or gap, expired or not. */
export function fits(entry: AllowEntry, subject: Alert | Gap): boolean {
  if ('reason' in subject) {
    if (entry.kind !== 'uncovered' || entry.uncovered !== subject.reason) return false
    return entry.server === subject.target || matchesPattern(entry.server, subject.name)
  }
  if (entry.kind !== 'alert' || !matchesPattern(entry.alert, subject.name)) return false
  return entry.server === undefined || entry.server === subject.server || entry.server === subject.serverName
}

export function isExpired({ until }: AllowEntry, today: string): boolean {
  return until < today
}

/** Whether an entry that still holds ends within days. */
export function endsSoon(entry: AllowEntry, today: string): boolean {
  return !isExpired(entry, today) && daysBetween(today, entry.until) <= ANNOUNCED_DAYS
}

/** From one day to another, both `2026-12-31`. */
export function daysBetween(from: string, to: string): number {
  return dayNumber(to) - dayNumber(from)
}

/** Days since 1 March of the year 0 of a real day of the calendar (Gregorian); `NaN` for anything else. */
export function dayNumber(day: string): number {
  const nothing = Number.NaN
  const [, y = nothing, m = nothing, d = nothing] = (/^(\d{4})-(\d{2})-(\d{2})$/.exec(day) ?? []).map(Number)
  const isLeap = (y % 4 === 0 && y % 100 !== 0) || y % 400 === 0
  const lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  if (d < 1 || d > (lengths[m - 1] ?? 0)) return Number.NaN
  // Counted from March on, so that the leap day comes last.
  const month = (m + 9) % 12
  const year = y - (month >= 10 ? 1 : 0)
  const leapDays = Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400)
  return 365 * year + leapDays + Math.floor((month * 306 + 5) / 10) + d - 1
}

/** Whether a text fits a pattern in which `*` stands for any run of characters. Its time grows with the product of both. */
export function matchesPattern(pattern: string, text: string): boolean {
  let [p, t] = [0, 0]
  // Where to go on when what follows the last star does not fit: the star takes one character more.
  let [star, taken] = [-1, 0]
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++
      taken = t
    } else if (pattern[p] === text[t]) {
      p += 1
      t += 1
    } else if (star >= 0) {
      p = star + 1
      t = ++taken
    } else return false
  }
  while (pattern[p] === '*') p += 1
  return p === pattern.length
}
