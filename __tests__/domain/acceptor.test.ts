import { accept, isTerminal, refusal } from '../../src/domain/acceptor.ts'
import type { FailureCause } from '../../src/domain/scan.ts'
import { fails, sees, seesUnknown } from '../support/builders.ts'

test.each([
  { what: 'Success', observation: sees('Success'), acceptance: 'success' },
  { what: 'Failed', observation: sees('Failed'), acceptance: 'failure' },
  { what: 'init', observation: sees('init'), acceptance: 'retry' },
  { what: 'Processing', observation: sees('Processing'), acceptance: 'retry' },
  { what: 'a state that nobody knows', observation: seesUnknown('Successful'), acceptance: 'retry' },
  { what: 'throttling', observation: fails('throttled'), acceptance: 'error' },
  { what: 'a server error', observation: fails('server'), acceptance: 'error' },
  { what: 'a network error', observation: fails('network'), acceptance: 'error' },
  { what: 'a time-out', observation: fails('timeout'), acceptance: 'error' },
  { what: 'an unreadable reply', observation: fails('invalid-response'), acceptance: 'error' },
  { what: 'a reply without the fields', observation: fails('missing-fields'), acceptance: 'error' },
  { what: 'a code that nobody knows', observation: fails('unknown-code'), acceptance: 'error' },
  { what: 'bad credentials', observation: fails('credentials'), acceptance: 'refused' },
  { what: 'a wrong clock', observation: fails('clock'), acceptance: 'refused' },
  { what: 'a missing permission', observation: fails('permission'), acceptance: 'refused' },
  { what: 'a bad request', observation: fails('request'), acceptance: 'refused' },
])('$what means $acceptance', ({ observation, acceptance }) => {
  expect(accept(observation)).toBe(acceptance)
})

test.each([
  ['init', false],
  ['Processing', false],
  ['Success', true],
  ['Failed', true],
] as const)('a task stays in %s for ever: %s', (state, is) => {
  expect(isTerminal(state)).toBe(is)
})

/** From the contract: what may heal is tried again; credentials and permission end the run, a refused id only its task. */
const reach: Record<FailureCause, 'none' | 'task' | 'run'> = {
  throttled: 'none',
  server: 'none',
  network: 'none',
  timeout: 'none',
  'invalid-response': 'none',
  'missing-fields': 'none',
  'unknown-code': 'none',
  'session-ended': 'none',
  request: 'task',
  credentials: 'run',
  clock: 'run',
  permission: 'run',
  login: 'run',
  account: 'run',
  untrusted: 'run',
  'proxy-refused': 'run',
}
test.each(Object.entries(reach) as [FailureCause, string][])('%s ends: %s', (cause, ends) => {
  expect(refusal(cause)).toBe(ends)
  expect(accept(fails(cause))).toBe(ends === 'none' ? 'error' : 'refused')
})
