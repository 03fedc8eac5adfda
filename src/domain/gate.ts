import { type Alert, type AlertRead, type AlertRules, type JudgedAlert, judgeAlerts } from './alerts.ts'
import { type AllowEntry, entryFor, fits, isExpired } from './allowList.ts'
import type { Gap, Server } from './coverage.ts'
import type { TaskId } from './scan.ts'

/** The gate: what a run decides on besides the state of its scans. */

export interface GateRules extends AlertRules {
  /** How long a clean read must hold before it is believed. */
  readonly settleMs: number
  /** Entries that a change adds to the allow-list: they accept nothing yet. Absent where the run is for no change. */
  readonly pending?: readonly AllowEntry[]
}

export interface JudgedGap extends Gap {
  readonly isAccepted: boolean
  /** The entry that accepts it, or that did until it expired. */
  readonly entry?: AllowEntry
}

/** A task whose `TargetInfo` does not say what was covered, so that a pass would say nothing. */
export interface UnclearTargets {
  readonly taskId: TaskId
  readonly why: 'unreadable' | 'none' | 'unknown-type' | 'not-as-started' | 'changed'
}

/** Everything the gate saw. */
export interface GateSight {
  /** The servers of the scope by uuid; empty until coverage was checked. */
  readonly servers: ReadonlyMap<string, Server>
  readonly gaps: readonly JudgedGap[]
  /** Members that left their group during the scan. */
  readonly left: readonly Server[]
  readonly unclear: readonly UnclearTargets[]
  /** Whether no server is left: none that a start would cover, so that it was left out, or none that exists at the end. */
  readonly nothingToStart: boolean
  /** Absent where no alert could be read. */
  readonly alerts?: {
    readonly all: readonly JudgedAlert[]
    /** Whether the last read was complete and believed: something that counts, or two clean reads that agreed. */
    readonly isSettled: boolean
    /** Complete reads since the scan ended; without one, what is here was seen before it, or in a read that broke off. */
    readonly reads: number
  }
}

export const NOTHING_SEEN: GateSight = {
  servers: new Map(),
  gaps: [],
  left: [],
  unclear: [],
  nothingToStart: false,
}

export function judgeGaps(gaps: readonly Gap[], { entries, today }: AlertRules): readonly JudgedGap[] {
  return gaps.map((gap) => {
    const entry = entryFor(gap, entries)
    return {
      ...gap,
      isAccepted: entry !== undefined && !isExpired(entry, today),
      ...(entry === undefined ? {} : { entry }),
    }
  })
}

/** The entries that neither an alert nor a gap of this run needed. */
export function idleEntries(entries: readonly AllowEntry[], { gaps, alerts }: GateSight): readonly AllowEntry[] {
  const subjects = [...gaps, ...(alerts?.all ?? [])]
  return entries.filter((entry) => !subjects.some((subject) => fits(entry, subject)))
}

/** The alerts of a read as part of what the gate saw. */
export function sightOfAlerts(
  {
    alerts,
    isSettled,
    reads,
  }: { readonly alerts: readonly Alert[]; readonly isSettled: boolean; readonly reads: number },
  rules: AlertRules,
  baseline: AlertRead | undefined,
): NonNullable<GateSight['alerts']> {
  return { all: judgeAlerts(alerts, rules, baseline), isSettled, reads }
}
