import type { Login } from '../../src/domain/login.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import type { Failure, FailureCause, Observation, ScanState, Target, TaskId } from '../../src/domain/scan.ts'
import { FORGIVABLE, factsOf, judge } from '../../src/domain/verdict.ts'
import type { Ending, TaskWait, WaitPolicy } from '../../src/domain/waiter.ts'
import type { Inputs } from '../../src/inputs.ts'
import type { Access } from '../../src/ports.ts'

/** Values with everything filled in, so that a test says only what it is about. */

export const id = (text: string) => text as TaskId

export const server01: Target = { type: 'uuid', name: 'host001', target: '503201a7-14c6-4280-801b-1169ed420000' }

export const policy: WaitPolicy = {
  minDelayMs: 3_000,
  maxDelayMs: 60_000,
  deadlineMs: 7_200_000,
  maxConsecutiveErrors: 15,
}

export function sees(state: ScanState, targets: readonly Target[] = [server01]): Observation {
  return { kind: 'state', state, targetInfo: { kind: 'read', targets }, requestId: 'R-1' }
}

export function seesUnknown(raw: string): Observation {
  return { kind: 'unknown-state', raw, targetInfo: { kind: 'read', targets: [server01] }, requestId: 'R-1' }
}

export function failure(cause: FailureCause, more: Partial<Failure> = {}): Failure {
  const action = 'DescribeScanTaskProgress'
  return { cause, code: `Code.${cause}`, message: 'said so', requestId: 'R-2', retryAfterMs: 0, action, ...more }
}

export function fails(cause: FailureCause, more: Partial<Failure> = {}): Observation {
  return { kind: 'failure', failure: failure(cause, more) }
}

export function waited(ending: Ending, more: Partial<TaskWait> = {}): TaskWait {
  const seen: Partial<TaskWait> =
    ending.kind === 'passed' ? { state: 'Success' } : ending.kind === 'scan-failed' ? { state: 'Failed' } : {}
  return {
    id: id('282832'),
    consecutiveErrors: 0,
    requestId: 'R-1',
    requestIdAtMs: 0,
    looks: 3,
    elapsedMs: 61_000,
    targets: [server01],
    history: [],
    ...seen,
    ending,
    ...more,
  }
}

export function outcomeOf(tasks: readonly TaskWait[], more: Partial<Outcome> = {}): Outcome {
  return {
    judgement: judge(tasks.length === 0 ? [{ kind: 'defect' }] : factsOf(tasks), FORGIVABLE),
    taskIds: tasks.map((task) => task.id),
    tasks,
    elapsedMs: 61_500,
    cloud: { host: 'tds.cn-shanghai.aliyuncs.com', site: 'China' },
    rehearsal: false,
    calls: [],
    ramActions: [],
    ...more,
  }
}

/** Keys that never end, of an account that nobody asks for. */
export const keysLogin: Login = {
  kind: 'keys',
  from: 'inputs',
  credentials: { accessKeyId: 'the-key-id', accessKeySecret: 'the-key-secret' },
}
/** What of the inputs a story about a wait or a gate says nothing of. */
export const restOfInputs = {
  failOn: FORGIVABLE,
  endpoint: { url: 'https://tds.cn-shanghai.aliyuncs.com', host: 'tds.cn-shanghai.aliyuncs.com', site: 'China' },
  login: keysLogin,
  allowedAccountIds: [],
  rehearsal: false,
  jobSummary: true,
} satisfies Partial<Inputs>

export const open: Access = { whoAmI: () => Promise.reject(new Error('nobody asks')) }
