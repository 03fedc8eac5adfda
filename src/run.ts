import { CallBudget } from './domain/budget.ts'
import { type Coverage, type Scope, scopeOf, startable } from './domain/coverage.ts'
import { type GateSight, judgeGaps, NOTHING_SEEN } from './domain/gate.ts'
import { accountOf } from './domain/login.ts'
import type { Outcome, Started } from './domain/outcome.ts'
import type { TaskId } from './domain/scan.ts'
import { type Fact, factsOf, gateFacts, isForgiven, judge } from './domain/verdict.ts'
import { stopperOf, type TaskWait, waitForTasks } from './domain/waiter.ts'
import type { InputReading, Inputs } from './inputs.ts'
import type { Feature, Ports } from './ports.ts'
import { Caller } from './steps/caller.ts'
import { type GateEnding, GateWatch } from './steps/gateWatch.ts'
import { logIn } from './steps/logIn.ts'
import { lookUp } from './steps/lookUp.ts'
import { SignedTurns } from './steps/signedTurns.ts'
import { startScan } from './steps/startScan.ts'

/**
 * The story: get in, start a scan where that was asked for, wait for the tasks, and hold what was seen against what the
 * workflow asked for. Never rejects.
 */
export async function run(inputs: Inputs, ports: Ports, cancel: AbortSignal): Promise<Outcome> {
  const { policy, waitFor, login, allowedAccountIds } = inputs
  const { clock, random, cloud, access, report } = ports
  const stopper = stopperOf(cancel)
  const budget = new SignedTurns(new CallBudget(clock), access.sessions, clock)
  const caller = new Caller({ policy, clock, random, budget, stop: stopper.signal, report })
  const calls = () => [...(access.sessions?.tallies ?? []), ...caller.tallies]
  const entry = await logIn(login, allowedAccountIds, { access, caller, clock, report })
  const account = entry.account === undefined ? {} : { account: entry.account }
  if (entry.kind === 'ended') {
    return conclude(inputs, {
      facts: [{ kind: 'call-ended', purpose: 'login', ending: entry.ending }],
      ...account,
      taskIds: waitFor.kind === 'tasks' ? waitFor.ids : [],
      tasks: [],
      elapsedMs: clock.now(),
      calls: calls(),
      ramActions: cloud.ramActions(featuresOf(inputs)),
    })
  }
  const over = new AbortController()
  const keeping = access.sessions?.keep(over.signal)
  const gate =
    inputs.gate && new GateWatch(inputs.gate, { cloud, caller, clock, deadlineMs: policy.deadlineMs, stopper, report })
  const look = cloud.describeScanTaskProgress.bind(cloud)

  const beginning: Beginning =
    waitFor.kind === 'tasks'
      ? { taskIds: waitFor.ids, facts: [] }
      : await begin(inputs, waitFor, ports, caller, gate, stopper)
  const isStartOnly = waitFor.kind === 'targets' && !waitFor.wait && beginning.started !== undefined
  const tasks = await waitForTasks(
    isStartOnly ? [] : beginning.taskIds,
    policy,
    {
      clock,
      random,
      budget,
      look,
      report: (step) => {
        report({ kind: 'look', step })
        gate?.noticed(step)
      },
    },
    stopper,
  )
  await gate?.settled()
  if (tasks.length > 0) await gate?.checkAfter(tasks, beginning.started !== undefined)
  over.abort()
  await keeping
  const sight = gate?.sight
  // Where the scan has only been started, its alerts are for the step that waits for it.
  const seen = (sight === undefined ? [] : gateFacts(sight)).filter((fact) => !isStartOnly || fact.kind !== 'alerts')
  return conclude(inputs, {
    facts: [...beginning.facts, ...waitFacts(tasks, gate?.endings), ...endingFacts(tasks, gate?.endings), ...seen],
    tasks,
    taskIds: beginning.taskIds,
    elapsedMs: clock.now(),
    calls: calls(),
    ramActions: cloud.ramActions(featuresOf(inputs)),
    ...account,
    ...(beginning.started === undefined ? {} : { started: beginning.started }),
    ...(sight === undefined ? {} : { sight }),
  })
}

/** What comes before the wait. */
interface Beginning {
  readonly taskIds: readonly TaskId[]
  readonly facts: readonly Fact[]
  readonly started?: Started
}

const nothing = (...facts: readonly Fact[]): Beginning => ({ taskIds: [], facts })

/** Looks the targets up, checks what a scan of them would cover, and starts it. */
async function begin(
  inputs: Inputs,
  waitFor: Extract<Inputs['waitFor'], { kind: 'targets' }>,
  { clock, cloud, report }: Ports,
  caller: Caller,
  gate: GateWatch | undefined,
  stopper: AbortController,
): Promise<Beginning> {
  const { wanted } = waitFor
  const found = await lookUp(wanted, cloud, caller)
  if (found.kind === 'invalid') return nothing({ kind: 'invalid-input', problems: found.problems })
  if (found.kind === 'ended') {
    stopper.abort(found.ending)
    return nothing({ kind: 'call-ended', purpose: 'look-up', ending: found.ending })
  }
  report({ kind: 'looked-up', atMs: clock.now(), targets: found.targets })

  let { targets } = found
  if (gate !== undefined) {
    const scope = { ...(scopeOf(targets) as Scope), wholeFleet: wanted.kind === 'all' }
    const coverage = await gate.checkBefore('', targets, scope)
    // What ended the gate's own calls is told with what it saw.
    if (coverage.kind === 'ended' || !mayEndWell(inputs, coverage.value, false)) return nothing()
    const baseline = await gate.readBaseline('')
    if (baseline.kind === 'ended') return nothing()
    targets = startable(targets, coverage.value)
    if (targets.length === 0) {
      gate.nothingToStart()
      if (mayEndWell(inputs, coverage.value, true)) await gate.readAfter(coverage.value.servers)
      return nothing()
    }
  }

  const start = await startScan(targets, cloud, caller)
  if (start.kind === 'ended') return nothing({ kind: 'call-ended', purpose: 'start', ending: start.ending })
  if (start.kind === 'unknown') {
    const { failure, ending } = start
    const cause: Fact[] = ending === undefined ? [] : [{ kind: 'call-ended', purpose: 'start', ending }]
    return nothing({ kind: 'start-unknown', failure }, ...cause)
  }
  const { kind: _, ...started } = start
  report({ kind: 'started', atMs: clock.now(), id: start.id, targets })
  gate?.started(start.id, targets)
  return { taskIds: [start.id], started, facts: waitFor.wait ? [] : [{ kind: 'started', id: start.id }] }
}

/** Whether the job can still end well, after what is known before a start. */
function mayEndWell({ gate, failOn }: Inputs, { gaps }: Coverage, nothingToStart: boolean): boolean {
  if (gate === undefined) return true
  const facts = gateFacts({ ...NOTHING_SEEN, gaps: judgeGaps(gaps, gate), nothingToStart })
  return facts.every((fact) => isForgiven(fact, failOn))
}

/** Tasks that only ended because the gate had to give up are told as what the gate could not do. */
function waitFacts(tasks: readonly TaskWait[], endings: readonly GateEnding[] = []): readonly Fact[] {
  return factsOf(tasks.filter((task) => !endings.some(({ isFirst, ending }) => isFirst && task.ending === ending)))
}

/** What the gate could not do, unless it is what its tasks tell already. */
function endingFacts(tasks: readonly TaskWait[], endings: readonly GateEnding[] = []): readonly Fact[] {
  const news = endings.filter(({ isFirst, ending }) => isFirst || !tasks.some((task) => task.ending === ending))
  return news.map(({ purpose, ending }) => ({ kind: 'call-ended', purpose, ending }))
}

/** What needs permissions of its own. */
export function featuresOf({ waitFor, gate }: Inputs): readonly Feature[] {
  const wanted = waitFor.kind === 'targets' ? waitFor.wanted : undefined
  const words = wanted?.kind === 'listed' ? wanted.lines.map((line) => line.word) : []
  return [
    ...(waitFor.kind === 'tasks' || waitFor.wait ? (['wait'] as const) : []),
    ...(wanted === undefined ? [] : (['start'] as const)),
    ...(words.includes('host') || words.includes('instance') ? (['find-servers'] as const) : []),
    ...(wanted?.kind === 'all' || words.includes('group') ? (['find-groups'] as const) : []),
    ...(gate === undefined ? [] : (['gate'] as const)),
  ]
}

/** What a run that knew its inputs has to show for itself. */
export type Seen = Pick<Outcome, 'taskIds' | 'tasks' | 'elapsedMs' | 'calls' | 'ramActions' | 'started'> & {
  readonly facts: readonly Fact[]
  readonly sight?: GateSight
  /** Where a call told it. */
  readonly account?: string
}

/** The outcome of a run that knew its inputs. Nothing wrong is not enough to pass: the good must have been seen. */
export function conclude(inputs: Inputs, { facts, sight, account = accountOf(inputs.login), ...seen }: Seen): Outcome {
  const { endpoint, failOn, rehearsal } = inputs
  const isSeenGood =
    seen.tasks.length > 0 &&
    seen.tasks.every((task) => task.ending.kind === 'passed') &&
    (inputs.gate === undefined || (sight !== undefined && sight.servers.size > 0 && sight.alerts?.isSettled === true))
  const judged: readonly Fact[] = facts.length === 0 && !isSeenGood ? [{ kind: 'defect' }] : facts
  return {
    judgement: judge(judged, failOn),
    ...seen,
    access: { login: inputs.login.kind, ...(account === undefined ? {} : { account }) },
    cloud: { host: endpoint.host, site: endpoint.site },
    rehearsal,
    ...(inputs.gate === undefined ? {} : { gate: { rules: inputs.gate, sight: sight ?? NOTHING_SEEN } }),
  }
}

/** The outcome of a run that ended with its inputs, or was cancelled while they were read. No call was made. */
export function refuse(
  { problems, taskIds, rehearsal }: Extract<InputReading, { kind: 'invalid' }>,
  elapsedMs: number,
  isCancelled: boolean,
): Outcome {
  const cancelled = { kind: 'call-ended', purpose: 'allow-list', ending: { kind: 'cancelled' } } as const
  const judgement = judge([isCancelled ? cancelled : { kind: 'invalid-input', problems }], [])
  return { judgement, taskIds, tasks: [], elapsedMs, rehearsal, calls: [], ramActions: [] }
}
