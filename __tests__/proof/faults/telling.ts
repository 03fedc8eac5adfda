import type { Operation } from '../../../src/emulator/gitHubOperations.ts'

/**
 * What a run leaves behind, in files and on GitHub, and what has to come of it when that fails. From the README: a report that
 * could not be written is `unavailable`, and what can be seen without the cloud is told before any call. From
 * docs/reference.md: GitHub may take 30 s.
 */

export interface Telling {
  readonly what: string
  readonly fault: string
  /** `v`: what it would be without the fault. */
  readonly verdict: string
  readonly exitCode: string
  readonly calls: string
}

/** With no call at all: the fault is seen before. */
const BEFORE = { verdict: '`invalid-input`', exitCode: '1', calls: 'none' }
const EVIDENCE_LOST = { verdict: '`unavailable`, or `v` where that is graver', exitCode: '1', calls: 'as without it' }
const UNTOUCHED = { verdict: 'v', exitCode: 'as without it', calls: 'as without it' }
/** What GitHub is told and asked. Two repetitions, and none of what creates: the first try may have arrived. */
export interface GitHubCall {
  readonly what: string
  readonly operation: Operation
  readonly creates: boolean
  /** How often it is asked for in a run, without repetitions. */
  readonly times: number
  /** Whether it is only asked for where an issue of an earlier run is open. */
  readonly needsIssue: boolean
}

function gitHubCall(what: string, operation: Operation, more: Partial<GitHubCall> = {}): GitHubCall {
  return { what, operation, creates: false, times: 1, needsIssue: false, ...more }
}

export const GITHUB_CALLS: readonly GitHubCall[] = [
  // Pending, and how it ended.
  gitHubCall('commit status', 'repos/create-commit-status', { times: 2 }),
  gitHubCall('list of issues', 'issues/list-for-repo'),
  gitHubCall('label: is it there', 'issues/get-label'),
  gitHubCall('label: make it', 'issues/create-label', { creates: true }),
  gitHubCall('tracking issue: open it', 'issues/create', { creates: true }),
  gitHubCall('whose token it is', 'graphql', { needsIssue: true }),
  gitHubCall('tracking issue: update or close it', 'issues/update', { needsIssue: true }),
  gitHubCall('tracking issue: comment', 'issues/create-comment', { creates: true, needsIssue: true }),
]

const REPETITIONS = 2
export function mostCalls({ creates, times }: GitHubCall): number {
  return times * (creates ? 1 : 1 + REPETITIONS)
}

function callsInWords(call: GitHubCall): string {
  const most = mostCalls(call)
  return most === 1 ? '1' : `1 to ${most}`
}

export const TELLING: readonly Telling[] = [
  { what: 'report', fault: 'a folder is in its place before the run', ...BEFORE },
  { what: 'report', fault: 'a file is where its folder should be before the run', ...BEFORE },
  { what: 'report', fault: 'a folder is in its place at the end of the run', ...EVIDENCE_LOST },
  { what: 'report', fault: 'a file is where its folder should be at the end of the run', ...EVIDENCE_LOST },
  { what: 'report', fault: 'no file can grow', ...EVIDENCE_LOST },
  { what: 'job summary', fault: 'the disk is full', ...UNTOUCHED },
  { what: 'job summary', fault: 'a folder is in its place', ...UNTOUCHED },
  { what: 'job summary', fault: 'its folder is not there', ...UNTOUCHED },
  { what: 'outputs', fault: 'the disk is full', ...UNTOUCHED },
  { what: 'outputs', fault: 'a folder is in their place', ...UNTOUCHED },
  { what: 'outputs', fault: 'their folder is not there', ...UNTOUCHED },
  {
    what: 'allow-list at the base commit',
    fault: 'any but 404, for ever',
    ...BEFORE,
    calls: '1 to 3, none of the cloud',
  },
  ...GITHUB_CALLS.map((call) => ({
    what: call.what,
    fault: 'any, for ever',
    ...UNTOUCHED,
    calls: callsInWords(call),
  })),
]
