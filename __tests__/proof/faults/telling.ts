/**
 * What a run leaves behind, in files and on GitHub, and what has to come of it when that fails. From the contract: section 3,
 * `unavailable` ("or evidence that was asked for could not be written"); section 1, what can be seen without the cloud is
 * told before any call; section 5, GitHub may take 30 s.
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
/** Two repetitions, and none of what creates: the first try may have arrived. */
const ONCE = { verdict: 'v', exitCode: 'as without it', calls: '1' }
const REPEATED = { verdict: 'v', exitCode: 'as without it', calls: '1 to 3' }

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
  { what: 'commit status', fault: 'any, for ever', ...REPEATED },
  { what: 'list of issues', fault: 'any, for ever', ...REPEATED },
  { what: 'label: is it there', fault: 'any, for ever', ...REPEATED },
  { what: 'label: make it', fault: 'any, for ever', ...ONCE },
  { what: 'tracking issue: open it', fault: 'any, for ever', ...ONCE },
  { what: 'whose token it is', fault: 'any, for ever', ...REPEATED },
  { what: 'tracking issue: update or close it', fault: 'any, for ever', ...REPEATED },
  { what: 'tracking issue: comment', fault: 'any, for ever', ...ONCE },
]
