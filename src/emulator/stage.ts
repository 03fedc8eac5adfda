import type { Account, CloudState } from './cloud.ts'
import type { GitHubState, Permissions } from './gitHub.ts'
import type { ActionRun } from './runner.ts'
import type { Files } from './workspace.ts'

/** What all scenarios have in common. */

/** A story to play without an account. */
export interface Scenario {
  readonly about: string
  readonly cloud: CloudState
  /** What the workflow's `with:` says, besides `endpoint` and `rehearsal`. */
  readonly inputs: Readonly<Record<string, string>>
  /** What is checked out in the workspace. */
  readonly files?: Files
  /** The event that the workflow runs for. */
  readonly event?: NonNullable<ActionRun['event']>
  /** The repository on GitHub; absent where the run tells it nothing. */
  readonly github?: Pick<GitHubState, 'commits'> & { readonly permissions?: Permissions }
  /** Sends SIGINT after this many looks, as the runner does when a job is cancelled. */
  readonly cancelAfterLooks?: number
  readonly verdict: string
}

/** Keys that the real cloud would refuse. */
export const ACCOUNT: Account = {
  accessKeyId: 'emulated-access-key-id',
  accessKeySecret: 'emulated-access-key-secret',
  securityToken: 'emulated-security-token',
}

export const KEYS = {
  'access-key-id': ACCOUNT.accessKeyId,
  'access-key-secret': ACCOUNT.accessKeySecret,
  'security-token': ACCOUNT.securityToken ?? '',
}
/** A hundred times faster than real ones. */
export const FAST = { 'min-poll-seconds': '0.2', 'max-poll-seconds': '1', 'timeout-minutes': '1' }
