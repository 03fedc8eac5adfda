import { judgeAlerts } from '../../../src/domain/alerts.ts'
import type { AllowEntry } from '../../../src/domain/allowList.ts'
import type { RunEvent } from '../../../src/domain/event.ts'
import { type GateRules, type GateSight, judgeGaps, NOTHING_SEEN } from '../../../src/domain/gate.ts'
import type { Outcome } from '../../../src/domain/outcome.ts'
import type { Failure, FailureCause, Observation, Target } from '../../../src/domain/scan.ts'
import { type Fact, FORGIVABLE, factsOf, gateFacts, judge } from '../../../src/domain/verdict.ts'
import { learn, type Step, type TaskSight } from '../../../src/domain/waiter.ts'
import type { WorkflowRun } from '../../../src/domain/workflowRun.ts'
import { readWorkflowRun } from '../../../src/inputs/workflowRun.ts'
import type { Inputs } from '../../../src/inputs.ts'
import type { ReportContext } from '../../../src/view/report.ts'
import { failure, id, outcomeOf, policy, restOfInputs, waited } from '../../support/builders.ts'
import { server } from '../../support/scriptedCloud.ts'
import { alert, seen, task } from '../../support/summaryStories.ts'

/** Runs in which foreign text stands at every place where it can stand: each call of `next` is one place. */
export type Next = () => string

/** Whatever a run can come to. The ends of tasks and calls are one outcome a cause, since each has words of its own. */
export function outcomesWith(next: Next): readonly Outcome[] {
  const causes: readonly FailureCause[] = [
    'permission',
    'login',
    'account',
    'untrusted',
    'proxy-refused',
    'clock',
    'credentials',
    'request',
  ]
  const judged = (facts: readonly Fact[], more: Partial<Outcome> = {}) =>
    outcomeOf([], { judgement: judge(facts, FORGIVABLE), cloud: { host: next(), site: 'China' }, ...more })
  const problem = () => ({ name: next(), value: next(), text: 'is bad', found: [next(), next()] })
  return [
    gateWith(next),
    ...causes.map((cause) =>
      judged([{ kind: 'call-ended', purpose: 'start', ending: { kind: 'denied', failure: failureWith(next, cause) } }]),
    ),
    tasksWith(next),
    judged([{ kind: 'call-ended', purpose: 'login', ending: { kind: 'denied', failure: failureWith(next, 'login') } }]),
    judged([
      { kind: 'call-ended', purpose: 'alerts', ending: { kind: 'unavailable', failure: failureWith(next, 'server') } },
    ]),
    judged([
      { kind: 'start-unknown', failure: failureWith(next, 'timeout') },
      { kind: 'report-not-written', path: next(), why: next() },
    ]),
    judged([{ kind: 'invalid-input', problems: [problem()] }]),
    judged([{ kind: 'invalid-input', problems: [problem(), { name: next(), text: 'is missing' }] }]),
    judged([{ kind: 'started', id: id('7') }], {
      taskIds: [id('7')],
      started: { id: id('7'), targets: [targetWith(next), targetWith(next)], requestId: next() },
    }),
  ]
}

function failureWith(next: Next, cause: FailureCause): Failure {
  const claims = { iss: next(), aud: next(), sub: next() }
  return failure(cause, { code: next(), message: next(), requestId: next(), host: next(), claims })
}

function targetWith(next: Next): Target {
  return { type: next(), name: next(), target: next() }
}

/** Tasks that could not be watched, that were refused, and that were in states which nobody knows. */
export function tasksWith(next: Next): Outcome {
  const lost = failureWith(next, 'unknown-code')
  const states = seen(['init', 0.1], [next(), 1], ['Processing', 2], [next(), 3])
  const targets = [targetWith(next), targetWith(next)]
  return outcomeOf([
    task({ kind: 'unavailable', failure: lost }, states, { targets, lastFailure: lost, requestId: next() }),
    task({ kind: 'denied', failure: failureWith(next, 'request') }, [], { id: id('2'), requestId: next() }),
    task({ kind: 'timed-out' }, seen([next(), 1]), { id: id('3'), unknownState: next(), lastFailure: lost }),
  ])
}

const UNTIL = '2026-11-26'

/** Alerts of every status, gaps, what an allow-list accepts and would accept, and a server that left. */
export function gateWith(next: Next): Outcome {
  const on = { kind: 'alert', alert: '*', until: UNTIL } as const
  const entries: readonly AllowEntry[] = [
    { ...on, line: 1, server: 'uuid-02', reason: next() },
    { ...on, line: 2, server: 'uuid-01', reason: next(), until: '2026-11-01' },
    { kind: 'alert', line: 3, alert: next(), server: 'nobody', reason: next(), until: UNTIL },
    { kind: 'uncovered', line: 4, uncovered: 'missing', server: 'uuid-06', reason: next(), until: UNTIL },
  ]
  const rules: GateRules = {
    cutoff: 'suspicious',
    settleMs: 60_000,
    today: '2026-11-24',
    entries,
    pending: [{ ...on, line: 5, server: 'uuid-03', reason: next() }],
  }
  const found = [
    alert(1, { level: next(), name: next(), serverName: next(), eventId: next() }),
    alert(2, { name: next(), serverName: next(), eventId: next() }),
    alert(3, { level: 'suspicious', name: next(), serverName: next(), eventId: next() }),
    alert(4, { level: 'remind', name: next(), serverName: next(), eventId: next() }),
  ]
  const sight: GateSight = {
    ...NOTHING_SEEN,
    servers: new Map([1, 2, 3, 4].map((n) => [`uuid-0${n}`, server(n, { name: next(), instanceId: next() })])),
    gaps: judgeGaps(
      [
        { type: 'uuid', target: next(), name: next(), reason: 'offline' },
        { type: 'uuid', target: 'uuid-06', name: next(), reason: 'missing' },
        { type: 'groupId', target: next(), name: next(), reason: 'empty' },
      ],
      rules,
    ),
    left: [server(7, { name: next() })],
    alerts: { all: judgeAlerts(found, rules, undefined), isSettled: true, reads: 2 },
  }
  const tasks = [
    waited(
      { kind: 'passed' },
      { targets: [targetWith(next), targetWith(next)], history: seen(['init', 0], [next(), 1], ['Success', 5]) },
    ),
  ]
  return outcomeOf(tasks, {
    judgement: judge([...factsOf(tasks), ...gateFacts(sight)], FORGIVABLE),
    gate: { rules, sight },
    cloud: { host: next(), site: 'China' },
    calls: [{ action: 'ListVirusScanMachineEvent', calls: 9, requestId: next(), requestIdAtMs: 1 }],
  })
}

/** What is told while a run goes on. */
export function eventsWith(next: Next): readonly RunEvent[] {
  const target = () => ({ type: 'uuid', name: next(), target: next() })
  const looks: readonly Observation[] = [
    { kind: 'state', state: 'init', requestId: next(), targetInfo: { kind: 'read', targets: [target(), target()] } },
    { kind: 'unknown-state', raw: next(), requestId: next(), targetInfo: { kind: 'unreadable' } },
    { kind: 'failure', failure: failureWith(next, 'unknown-code') },
  ]
  let sight: TaskSight = { ...waited({ kind: 'passed' }), targets: undefined, looks: 0, history: [] } as never
  const steps = looks.map((observation, i): Step => {
    sight = learn(sight, observation, i * 1_000)
    return { atMs: i * 1_000, observation, sight, decision: { kind: 'look-again', delayMs: 3_000 } }
  })
  const rules = { cutoff: 'serious', settleMs: 1, entries: [], today: '2026-11-24' } as const
  const gaps = judgeGaps([{ type: 'uuid', target: next(), name: next(), reason: 'offline' }], rules)
  return [
    { kind: 'looked-up', atMs: 0, targets: [target(), target()] },
    { kind: 'coverage', atMs: 0, when: 'before', servers: new Map(), gaps },
    ...steps.map((step): RunEvent => ({ kind: 'look', step })),
    { kind: 'call-failed', atMs: 1, failure: failureWith(next, 'server'), errors: 1, delayMs: 5 },
  ]
}

/** The run that a report is about, as the runner and the inputs name it. */
export function contextWith(next: Next): ReportContext {
  const inputs: Inputs = {
    waitFor: { kind: 'targets', wanted: { kind: 'listed', lines: [{ word: 'uuid', name: 'a' }] }, wait: true },
    policy,
    gate: {
      cutoff: 'serious',
      settleMs: 1,
      entries: [],
      today: '2026-11-24',
      allowList: {
        path: next(),
        sha256: 'a'.repeat(64),
        entries: [{ kind: 'alert', line: 1, alert: next(), server: next(), reason: next(), until: UNTIL }],
      },
    },
    ...restOfInputs,
  }
  return { inputs, run: runWith(next), startedMs: 0, endedMs: 1_000 }
}

export function runWith(next: Next): WorkflowRun {
  const env = { GITHUB_REPOSITORY: 'example/app', GITHUB_RUN_ID: '42', GITHUB_WORKFLOW: next(), GITHUB_JOB: next() }
  return { ...readWorkflowRun(env, {}), ref: next() }
}
