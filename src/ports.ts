import type { Clock } from './domain/clock.ts'
import type { Group, Server } from './domain/coverage.ts'
import type { RunEvent } from './domain/event.ts'
import type { CallTally } from './domain/outcome.ts'
import type { CommitStatus, Issue, RepositoryFailure } from './domain/repository.ts'
import type { Failure, Observation, Receipt, Target, TaskId } from './domain/scan.ts'
import type { Credentials, Session } from './domain/session.ts'

/** What the story needs of the world. `main.ts` brings the real things, tests bring their own. */
export interface Ports {
  readonly clock: Clock
  /** A number from 0 to 1, drawn anew at each call. */
  readonly random: () => number
  readonly cloud: ScanService
  readonly access: Access
  /** Told of everything worth a line, as it happens. */
  readonly report: (event: RunEvent) => void
}

/** What lets a run in, and keeps it in. */
export interface Access {
  /** Absent where the credentials are what they are for the whole run. */
  readonly sessions?: Sessions
  /** Whose credentials they are. Never rejects; ends early, with any result, when the signal is aborted. */
  whoAmI(cancel: AbortSignal): Promise<Answer<{ readonly accountId: string }>>
}

/** Sessions that follow one another. None of it rejects. */
export interface Sessions {
  /** The calls that were made for them. */
  readonly tallies: readonly CallTally[]
  /** Whether there is a session that is good now. */
  readonly isGood: boolean
  /** Waits until there is one, fetching it if nobody does; what went wrong where none can be had. */
  ready(cancel: AbortSignal): Promise<Failed | undefined>
  /** The session of the moment, fetched where there is none that is good. */
  current(cancel: AbortSignal): Promise<Answer<Session>>
  /** Fetches each next one in time, until it is stopped. */
  keep(stop: AbortSignal): Promise<void>
}

/** Where a session comes from. Never rejects; ends early, with any result, when the signal is aborted. */
export type SessionSource = (cancel: AbortSignal) => Promise<Answer<Session>>

/** What signs the calls. It is asked anew for each, since sessions end. */
export interface CredentialProvider {
  /** A failure where there are none just now. Never rejects. */
  credentials(
    cancel: AbortSignal,
  ): Promise<{ readonly kind: 'credentials'; readonly credentials: Credentials } | Failed>
  /** A call that these signed was let in. */
  accepted(credentials: Credentials): void
  /** The cloud says that these have ended. Whether others can be had, so that the call may be repeated. */
  ended(credentials: Credentials): boolean
}

/** Security Center, one method a call. None rejects; all end early, with any result, when the signal is aborted. */
export interface ScanService {
  /** One look at a virus scan task. */
  describeScanTaskProgress(id: TaskId, cancel: AbortSignal): Promise<Observation>
  /** Starts a scan. Not idempotent: after a failure that proves nothing, a scan may be running. */
  startScan(targets: readonly Target[], cancel: AbortSignal): Promise<Answer<{ readonly id: TaskId }>>
  /** A page, counted from 1, of the servers that a criterion finds, or of all. The search may be fuzzy. */
  listServers(criterion: ServerCriterion | 'all', page: number, cancel: AbortSignal): Promise<Answer<Page<Server>>>
  /** The servers of these uuids (at most `MOST_UUIDS`) that exist. */
  serversOf(uuids: readonly string[], cancel: AbortSignal): Promise<Answer<readonly Server[]>>
  listGroups(cancel: AbortSignal): Promise<Answer<readonly Group[]>>
  /** A page of the servers that a virus scan or its alerts have to do with. */
  listServersWithAlerts(
    page: number,
    cancel: AbortSignal,
  ): Promise<Answer<Page<{ readonly uuid: string; readonly hasAlerts: boolean }>>>
  /** A page of the open virus alerts of one server. */
  listAlerts(uuid: string, page: number, cancel: AbortSignal): Promise<Answer<Page<AlertRow>>>
  /** The RAM actions that these features of a run need, each once. */
  ramActions(features: readonly Feature[]): readonly string[]
}

/** What a run does that needs permissions of its own. */
export const FEATURES = ['wait', 'start', 'find-servers', 'find-groups', 'gate'] as const
export type Feature = (typeof FEATURES)[number]

/** Rows of every list a page. No page documents a maximum; 100 is the largest number that any of them names. */
export const PAGE_SIZE = 100
/** Uuids a call, likewise undocumented. */
export const MOST_UUIDS = 100

export interface ServerCriterion {
  readonly field: 'name' | 'instanceId' | 'groupId'
  readonly value: string
}

/** What a call came to. */
export type Answer<T> = ({ readonly kind: 'answer'; readonly value: T; readonly action: string } & Receipt) | Failed

export interface Failed {
  readonly kind: 'failure'
  readonly failure: Failure
}

export interface Page<T> {
  readonly rows: readonly T[]
  /** How many rows all pages have together. */
  readonly total: number
}

/** A row of a server's alerts: it does not say which server that is. */
export interface AlertRow {
  readonly eventId: string
  readonly level: string
  readonly name: string
  readonly lastSeenMs?: number
}

/** The repository on GitHub, one method a call. None rejects; all end early, with any result, when the signal is aborted. */
export interface Repository {
  setStatus(status: CommitStatus, stop: AbortSignal): Promise<Told<void>>
  /** Whose token it is; a failure where GitHub does not say. */
  viewer(stop: AbortSignal): Promise<Told<string>>
  /** All open issues with a label; no pull requests. */
  openIssues(label: string, stop: AbortSignal): Promise<Told<readonly Issue[]>>
  /** Makes a label unless it is there. */
  ensureLabel(label: Label, stop: AbortSignal): Promise<Told<void>>
  createIssue(issue: NewIssue, stop: AbortSignal): Promise<Told<Issue>>
  updateIssue(number: number, changes: IssueChanges, stop: AbortSignal): Promise<Told<void>>
  comment(number: number, body: string, stop: AbortSignal): Promise<Told<void>>
}

/** What came of a call to GitHub. */
export type Told<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly failure: RepositoryFailure }

export interface Label {
  readonly name: string
  /** Six hex digits. */
  readonly color: string
  readonly description: string
}

export interface NewIssue {
  readonly title: string
  readonly body: string
  readonly labels: readonly string[]
}

export interface IssueChanges {
  readonly title?: string
  readonly body?: string
  readonly closedAs?: 'completed' | 'not_planned'
}
