import type { KeyObject } from 'node:crypto'
import type { Account, CloudState } from './cloud.ts'
import type { GitHubState, Permissions } from './gitHub.ts'
import type { ActionRun } from './runner.ts'
import type { TokenServiceState } from './tokenService.ts'
import type { Files } from './workspace.ts'

/** What all scenarios have in common. */

/** A story to play without an account. */
export interface Scenario {
  readonly about: string
  readonly cloud: CloudState
  /** What the workflow's `with:` says, besides `endpoint`, `sts-endpoint` and `rehearsal`. */
  readonly inputs: Readonly<Record<string, string>>
  /** What is checked out in the workspace. */
  readonly files?: Files
  /** The event that the workflow runs for. */
  readonly event?: NonNullable<ActionRun['event']>
  /** The repository on GitHub; absent where the run tells it nothing. */
  readonly github?: Pick<GitHubState, 'commits'> & { readonly permissions?: Permissions }
  /** GitHub's token service; absent where the job may not ask for a token. */
  readonly identity?: TokenServiceState
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

/** Whether a run with these inputs talks to STS, and so needs `sts-endpoint` too. */
export function usesSts(inputs: Readonly<Record<string, string>>): boolean {
  return 'role-to-assume' in inputs || 'allowed-account-ids' in inputs
}

/** A cloud whose STS takes the tokens of this issuer for good. */
export function trusting(cloud: CloudState, issuerKey: KeyObject): CloudState {
  return cloud.sts === undefined ? cloud : { ...cloud, sts: { ...cloud.sts, issuerKey } }
}
