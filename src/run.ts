import type { Outcome } from './domain/outcome.ts'
import { type Fact, factsOf, judge } from './domain/verdict.ts'
import { type TaskWait, waitForTasks } from './domain/waiter.ts'
import type { InputReading, Inputs } from './inputs.ts'
import type { Ports } from './ports.ts'

/** The story: wait for all tasks, then hold what was seen against what the workflow asked for. Never rejects. */
export async function run(inputs: Inputs, ports: Ports, cancel: AbortSignal): Promise<Outcome> {
  const { clock, random, cloud, report } = ports
  const look = cloud.describeScanTaskProgress.bind(cloud)
  const tasks = await waitForTasks(inputs.taskIds, inputs.policy, { clock, random, look, report }, cancel)
  return conclude(inputs, factsOf(tasks), tasks, clock.now())
}

/** The outcome of a run that knew its inputs. */
export function conclude(
  inputs: Inputs,
  facts: readonly Fact[],
  tasks: readonly TaskWait[],
  elapsedMs: number,
): Outcome {
  const { endpoint, failOn, rehearsal, taskIds } = inputs
  const cloud = { host: endpoint.host, site: endpoint.site }
  return { judgement: judge(facts, failOn), taskIds, tasks, elapsedMs, cloud, rehearsal }
}

/** The outcome of a run that ended with its inputs. No call was made. */
export function refuse(reading: Extract<InputReading, { kind: 'invalid' }>, elapsedMs: number): Outcome {
  const { problems, taskIds, rehearsal } = reading
  return { judgement: judge([{ kind: 'invalid-input', problems }], []), taskIds, tasks: [], elapsedMs, rehearsal }
}
