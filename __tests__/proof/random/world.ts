import type { Fault } from './faults.ts'

/** A random world as data: what the account has, how it changes, and what goes wrong on the way to it. */

/** A moment of the story: so long after its beginning, the start of a scan, or the first look that showed `Success`. */
export interface When {
  readonly after: 'beginning' | 'start' | 'success'
  readonly ms: number
}

/** A row of the asset list, as raw as it comes. */
export type ServerRow = Readonly<Record<'Uuid' | 'InstanceId' | 'InstanceName', string>> &
  Readonly<Record<'GroupId' | 'ClientStatus' | 'AuthVersion' | 'Bind', unknown>>

export interface Change {
  readonly when: When
  /** Which server, counted from 0. */
  readonly server: number
  readonly becomes: Partial<ServerRow> & { readonly isGone?: boolean }
}

export interface AlertScript {
  readonly server: number
  readonly eventId: string
  readonly level: string
  readonly name: string
  readonly from: When
  readonly until?: When
}

export type InfoKind = 'text' | 'array' | 'missing' | 'broken' | 'null' | 'number' | 'none' | 'unknown-type' | 'other'
export interface LookScript {
  /** Any JSON: only a text that is not empty is a state. */
  readonly progress: unknown
  readonly info: InfoKind
}

/** A reply that is not what it should be although nobody says so. */
export type Breakage =
  | 'no-rows'
  | 'rows-null'
  | 'row-without-id'
  | 'no-total'
  | 'total-text'
  | 'total-negative'
  | 'success-false'
  /** Well formed, and wrong: the total counts one row too many, a row comes twice, a row is nobody's. */
  | 'one-missing'
  | 'row-twice'
  | 'stranger'
export type Trouble = Fault | { readonly kind: 'breakage'; readonly breakage: Breakage }

export interface World {
  readonly servers: readonly (ServerRow & { readonly isGone?: boolean })[]
  readonly groups: readonly { readonly GroupId: string; readonly GroupName: string }[]
  readonly changes: readonly Change[]
  readonly alerts: readonly AlertScript[]
  /** What each look at a task shows in turn, the last one for ever. */
  readonly looks: readonly (readonly LookScript[])[]
  /** What the tasks of `task-id` scan, by their place in it. */
  readonly targets: readonly (readonly { readonly type: string; readonly name: string; readonly target: string }[])[]
  /** By action: what goes wrong with its calls in turn. */
  readonly troubles: Readonly<Record<string, readonly (Trouble | undefined)[]>>
  /** While it lasts every call of Security Center fails. */
  readonly outage?: { readonly fromMs: number; readonly toMs: number; readonly fault: Fault }
  /** How long the calls take in turn, in ms, over and over; from the limit on they get no reply. */
  readonly latencies: readonly number[]
  /** Most rows of a page, whatever is asked for. */
  readonly pageCap: number
  /** How long the sessions last in turn, in ms, the last one for ever. */
  readonly sessionsMs: readonly number[]
  /** Whether the account that the keys are of is the one that is allowed. */
  readonly isAllowedAccount: boolean
}
