/**
 * What the far end saw and said, written down where it happens. The oracle judges by this and the inputs alone.
 */

export interface Witnessed {
  readonly action: string
  readonly params: Readonly<Record<string, string>>
  /** When the run asked for the call; a call that waits for a session is sent later, or never. */
  readonly askedMs: number
  sentMs?: number
  endMs?: number
  /** Absent while it is under way, and where the run broke it off. */
  ending?: WitnessedEnding
  /** Counts the replies in the order in which they came. */
  nth?: number
}

export type WitnessedEnding =
  /** As it should be, or with fields that the contract allows for. */
  | { readonly kind: 'good'; readonly body: Readonly<Record<string, unknown>>; readonly requestId: string }
  /** A reply without the fields that it should have. */
  | { readonly kind: 'broken'; readonly requestId: string }
  | {
      readonly kind: 'failed'
      readonly reach: 'heals' | 'session' | 'request' | 'run'
      readonly code: string
      readonly requestId: string
      readonly provesNoStart: boolean
      /** Whether these credentials could be replaced. */
      readonly isRenewable: boolean
    }
  /** It was not sent: there was no session. */
  | { readonly kind: 'unsent'; readonly isRefusal: boolean }

export class Witness {
  readonly calls: Witnessed[] = []
  /** When scans were really created, in ms; the client need not have heard of it. */
  readonly created: { readonly id: string; readonly targets: string; readonly atMs: number }[] = []
  #replies = 0

  ask(action: string, params: Readonly<Record<string, string>>, askedMs: number): Witnessed {
    const call: Witnessed = { action, params, askedMs }
    this.calls.push(call)
    return call
  }

  end(call: Witnessed, endMs: number, ending: WitnessedEnding): void {
    call.endMs = endMs
    call.ending = ending
    call.nth = this.#replies++
  }

  of(...actions: readonly string[]): readonly Witnessed[] {
    return this.calls.filter(({ action }) => actions.includes(action))
  }
}

export const LOOK = 'DescribeScanTaskProgress'
export const START = 'StartVirusScanTask'
export const SERVERS = 'DescribeCloudCenterInstances'
export const BY_UUIDS = 'DescribeAssetDetailByUuids'
export const GROUPS = 'DescribeAllGroups'
export const AFFECTED = 'ListVirusScanMachine'
export const ALERTS = 'ListVirusScanMachineEvent'
export const WHO_AM_I = 'GetCallerIdentity'
export const LOG_IN = 'AssumeRoleWithOIDC'
export const SECURITY_CENTER: readonly string[] = [LOOK, START, SERVERS, BY_UUIDS, GROUPS, AFFECTED, ALERTS]
