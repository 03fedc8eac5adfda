/**
 * The nouns: a virus scan task of Security Center and what one look at it can show.
 *
 * Source of states and target fields: the API page of DescribeScanTaskProgress (Sas, 2018-12-03).
 */

declare const taskId: unique symbol

/** A `ScanTaskId`: decimal digits, 1 … 9223372036854775807. A string for life: a number would lose digits. */
export type TaskId = string & { readonly [taskId]: true }

/** A `long` of the API. */
const LARGEST_TASK_ID = 9_223_372_036_854_775_807n

export function isTaskId(text: string): text is TaskId {
  return /^[1-9][0-9]{0,18}$/.test(text) && BigInt(text) <= LARGEST_TASK_ID
}

/** The documented states in the documented spelling (`init` really is the only one in lower case). */
export const SCAN_STATES = ['init', 'Processing', 'Success', 'Failed'] as const
export type ScanState = (typeof SCAN_STATES)[number]

/** One element of `TargetInfo`: what a task scans. `type` is `uuid` (a server) or `groupId` (a server group). */
export interface Target {
  readonly type: string
  readonly name: string
  readonly target: string
}

/** Why a call gave no answer. The first eight may heal; the others are refusals, which waiting does not mend. */
export type FailureCause =
  | 'throttled'
  | 'server' // the cloud says that it has a problem
  | 'network' // no connection, or a broken one
  | 'timeout' // no complete reply within one request's limit
  | 'invalid-response' // a reply that is not 2xx, or not a JSON object
  | 'missing-fields' // a good reply without the expected fields: the id may be wrong
  | 'unknown-code' // a code that nobody knows: never taken for a refusal
  | 'session-ended' // of credentials that can be had anew
  | 'credentials'
  | 'clock' // the runner's clock is wrong, so every signature is refused
  | 'permission'
  | 'request' // this request: its id, its action, its parameters
  | 'login' // the run is not let in: by STS, or because there is nobody to ask
  | 'account' // the credentials are good, and of an account that the workflow does not allow
  | 'untrusted' // a TLS certificate that does not hold: somebody else may be answering
  | 'proxy-refused' // a proxy lets nothing through

export interface Failure {
  readonly cause: FailureCause
  /** The cloud's `Code`, or the network error's, or `InvalidResponse` / `RequestTimeout` where there is none. */
  readonly code: string
  /** What the cloud or the network said: free of secrets, but foreign text all the same. */
  readonly message: string
  /** `''` where the reply had none. */
  readonly requestId: string
  /** What `x-acs-retry-after` asked for; 0 where it did not. */
  readonly retryAfterMs: number
  /** The call that failed, such as `DescribeScanTaskProgress`. */
  readonly action: string
  /** The call that this stands for was not sent: it is the login before it that failed. */
  readonly isUnsent?: true
  /** No connection was made, so that nothing can have arrived; absent where that is not known. */
  readonly isUnconnected?: true
  /** Whom the call went to, where that matters: the endpoint, or the proxy on the way to it. */
  readonly host?: string
  /** With `clock`: how far the runner's clock is ahead of the cloud's, in ms; absent where the reply did not say. */
  readonly clockAheadMs?: number
  /** With `login`: what the OIDC token that was refused says of itself. */
  readonly claims?: Claims
}

/** Whom an OIDC token is for and whose it is: what a RAM role's trust policy is held against. */
export interface Claims {
  readonly iss: string
  readonly aud: string
  readonly sub: string
}

/** The type of a target that is one server, and of one that is a server group. */
export const SERVER_TYPE = 'uuid'
export const GROUP_TYPE = 'groupId'

/** Two targets with the same key are the same, whatever they are called. */
export function targetKey({ type, target }: Pick<Target, 'type' | 'target'>): string {
  return JSON.stringify([type, target])
}

/** In order; what is named several times appears once. */
export function withoutRepeats(targets: readonly Target[]): readonly Target[] {
  const byKey = new Map<string, Target>()
  for (const target of targets) if (!byKey.has(targetKey(target))) byKey.set(targetKey(target), target)
  return [...byKey.values()]
}

/** The service as RAM calls it, before the name of an action. */
const RAM_PREFIX = 'yundun-sas:'

/** What RAM has to allow for a call of Security Center. */
export function ramActionOf(action: string): string {
  return `${RAM_PREFIX}${action}`
}

/** `TargetInfo` as it came: read, or not readable. */
export type TargetInfo =
  | { readonly kind: 'read'; readonly targets: readonly Target[] }
  | { readonly kind: 'unreadable' }

/** What came with every good reply. */
export interface Receipt {
  /** `''` where the reply had none. */
  readonly requestId: string
  /** The server's clock in ms since 1970, to the second; absent where the reply did not say. */
  readonly serverTimeMs?: number
}

/** What one look at a task showed. A failed look is an observation like any other. */
export type Observation =
  | ({ readonly kind: 'state'; readonly state: ScanState; readonly targetInfo: TargetInfo } & Receipt)
  | ({ readonly kind: 'unknown-state'; readonly raw: string; readonly targetInfo: TargetInfo } & Receipt)
  | { readonly kind: 'failure'; readonly failure: Failure }
