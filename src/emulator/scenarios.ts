import {
  badGateway,
  emptyReply,
  hang,
  type Look,
  refusal,
  resetBeforeHeaders,
  serverError,
  state,
  throttled,
  truncated,
} from './answers.ts'
import type { CloudState } from './cloud.ts'
import { GATE_SCENARIOS } from './gateScenarios.ts'
import { GITHUB_SCENARIOS } from './gitHubScenarios.ts'
import { IDENTITY_SCENARIOS } from './identityScenarios.ts'
import type { Task } from './service.ts'
import { ACCOUNT, FAST, KEYS, type Scenario } from './stage.ts'

export { ACCOUNT, type Scenario }

const SERVERS: Task['targets'] = [
  { type: 'uuid', name: 'web-01', target: '5a1f0c1e-0000-4000-8000-00000000aa01' },
  { type: 'uuid', name: 'web-02', target: '5a1f0c1e-0000-4000-8000-00000000aa02' },
  { type: 'groupId', name: 'databases', target: '9007199254740993' },
]

const processing = (times: number): readonly Look[] => Array.from({ length: times }, () => state('Processing'))

function oneTask(...looks: readonly Look[]): CloudState {
  return { account: ACCOUNT, tasks: { '282832': { targets: SERVERS, looks } } }
}
const ONE = { ...KEYS, ...FAST, 'task-id': '282832' }

/** Stories of a wait: the gate is off. Each takes seconds, since it polls a hundred times faster than real ones. */
export const WAIT_SCENARIOS: Readonly<Record<string, Scenario>> = {
  passed: {
    about: 'A scan of two servers and a group runs and ends well.',
    cloud: oneTask(state('init'), ...processing(4), state('Success')),
    inputs: ONE,
    verdict: 'passed',
  },
  failed: {
    about: 'The scan itself fails.',
    cloud: oneTask(state('init'), ...processing(2), state('Failed')),
    inputs: ONE,
    verdict: 'scan-failed',
  },
  flaky: {
    about: 'A gateway and a network with a bad day: HTML, empty and cut replies, resets. The scan ends well.',
    cloud: oneTask(
      state('init'),
      badGateway(),
      resetBeforeHeaders(),
      state('Processing'),
      emptyReply(503),
      truncated(),
      serverError(),
      state('Processing'),
      state('Success'),
    ),
    inputs: ONE,
    verdict: 'passed',
  },
  throttled: {
    about: 'The cloud asks for patience twice, once saying for how long. The scan ends well.',
    cloud: oneTask(state('Processing'), throttled(1_500), throttled(), state('Processing'), state('Success')),
    inputs: ONE,
    verdict: 'passed',
  },
  denied: {
    about: 'The key is good, but may not read scan tasks.',
    cloud: oneTask(refusal(403, 'NoPermission', 'caller has no permission')),
    inputs: ONE,
    verdict: 'denied',
  },
  'wrong-key': {
    about: 'The secret does not belong to the access key.',
    cloud: oneTask(state('Success')),
    inputs: { ...ONE, 'access-key-secret': 'not-the-emulated-secret' },
    verdict: 'denied',
  },
  timeout: {
    about: 'The scan takes longer than the workflow wants to wait.',
    cloud: oneTask(state('init'), state('Processing')),
    inputs: { ...ONE, 'timeout-minutes': '0.05' },
    verdict: 'timed-out',
  },
  'unknown-state': {
    about: 'The cloud shows a state that no page documents, and stays in it. That is never taken for success.',
    cloud: oneTask(state('Processing'), state('Verifying')),
    inputs: { ...ONE, 'timeout-minutes': '0.05' },
    verdict: 'timed-out',
  },
  many: {
    about: 'Twelve scans at once, which take turns under one budget of calls and all end well.',
    cloud: {
      account: ACCOUNT,
      tasks: Object.fromEntries(
        Array.from({ length: 12 }, (_, i): [string, Task] => [
          String(282_832 + i),
          {
            targets: SERVERS.slice(i % 3, (i % 3) + 1),
            looks: [state('init'), ...processing(1 + (i % 4)), state('Success')],
          },
        ]),
      ),
    },
    inputs: { ...ONE, 'task-id': Array.from({ length: 12 }, (_, i) => 282_832 + i).join('\n') },
    verdict: 'passed',
  },
  outage: {
    about: 'The cloud breaks down during the scan and does not come back within the errors that are forgiven.',
    cloud: oneTask(state('init'), state('Processing'), serverError()),
    inputs: { ...ONE, 'max-consecutive-errors': '4' },
    verdict: 'unavailable',
  },
  cancelled: {
    about: 'Somebody cancels the job while a request hangs.',
    cloud: oneTask(state('init'), state('Processing'), hang()),
    inputs: ONE,
    cancelAfterLooks: 3,
    verdict: 'cancelled',
  },
}

/** All stories to play without an account. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  ...WAIT_SCENARIOS,
  ...GATE_SCENARIOS,
  ...GITHUB_SCENARIOS,
  ...IDENTITY_SCENARIOS,
}
