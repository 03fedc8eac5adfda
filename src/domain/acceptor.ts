import type { FailureCause, Observation, ScanState } from './scan.ts'

/** What an observation means for the wait; the first three are terminal. */
export type Acceptance = 'success' | 'failure' | 'refused' | 'error' | 'retry'

/** The only place that knows what is terminal. */
const STATES = {
  init: 'retry',
  Processing: 'retry',
  Success: 'success',
  Failed: 'failure',
} as const satisfies Readonly<Record<ScanState, Acceptance>>

/** Whether a task stays in this state for ever. */
export function isTerminal(state: ScanState): boolean {
  return STATES[state] !== 'retry'
}

/** A state that nobody knows is not terminal: it may be a new step on the way, and it is never success. */
export function accept(observation: Observation): Acceptance {
  switch (observation.kind) {
    case 'state':
      return STATES[observation.state]
    case 'unknown-state':
      return 'retry'
    case 'failure':
      return refusal(observation.failure.cause) === 'none' ? 'error' : 'refused'
  }
}

/** How far a refusal reaches: bad credentials refuse every call of the run, a bad id only its own task. */
export function refusal(cause: FailureCause): 'none' | 'task' | 'run' {
  switch (cause) {
    case 'credentials':
    case 'clock':
    case 'permission':
    case 'login':
    case 'account':
    case 'untrusted':
    case 'proxy-refused':
      return 'run'
    case 'request':
      return 'task'
    case 'throttled':
    case 'server':
    case 'network':
    case 'timeout':
    case 'invalid-response':
    case 'missing-fields':
    case 'unknown-code':
    case 'session-ended':
      return 'none'
  }
}
