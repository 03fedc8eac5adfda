import { type AllowEntry, isExpired } from '../domain/allowList.ts'
import type { Server } from '../domain/coverage.ts'
import type { GateSight } from '../domain/gate.ts'
import type { Outcome } from '../domain/outcome.ts'
import { type Fact, factsIn, isForgiven, verdictOf } from '../domain/verdict.ts'
import type { StateSeen, TaskWait } from '../domain/waiter.ts'
import type { WorkflowRun } from '../domain/workflowRun.ts'
import type { Inputs } from '../inputs.ts'
import { forJson } from './escape.ts'
import { alertRow, gapRow, isoTime } from './outputs.ts'
import { toReason } from './sentence.ts'
import { factSentence, reason } from './verdictText.ts'

/**
 * The report: the verdict as evidence, for attestations and auditors. docs/report.schema.json is its published shape:
 * whatever changes it changes `schemaVersion`.
 */
const SCHEMA_VERSION = 1

/** As in package.json. */
export const ACTION_VERSION = '0.1.0'
export const ACTION_NAME = 'alibaba-cloud-virus-scan-gate'

/** What the report says besides the outcome. Times are ms since 1970, on the runner's clock. */
export interface ReportContext {
  readonly inputs: Inputs
  readonly run: WorkflowRun
  readonly startedMs: number
  readonly endedMs: number
}

/** The report's text: JSON with its keys always in the same order, and nothing in it that cannot be seen. */
export function reportOf(outcome: Outcome, context: ReportContext): string {
  const lines = JSON.stringify(reportValue(outcome, context), undefined, 2).split('\n')
  return `${lines.map(forJson).join('\n')}\n`
}

function reportValue(outcome: Outcome, { inputs, run, startedMs, endedMs }: ReportContext): object {
  const { judgement, cloud, gate } = outcome
  return {
    schemaVersion: SCHEMA_VERSION,
    verdict: judgement.verdict,
    passed: judgement.verdict === 'passed',
    failsJob: judgement.failsJob,
    reason: toReason(reason(outcome)),
    rehearsal: outcome.rehearsal,
    facts: factsIn(judgement).map((fact) => factValue(fact, outcome, inputs)),
    action: { name: ACTION_NAME, version: ACTION_VERSION },
    run: runValue(run),
    // No call is made just to know it.
    account: outcome.access?.account ?? null,
    cloud: { site: cloud?.site ?? null, host: cloud?.host ?? null },
    startedAt: isoTime(startedMs),
    endedAt: isoTime(endedMs),
    settings: settingsValue(inputs),
    scan: {
      taskIds: outcome.taskIds,
      started:
        outcome.started === undefined
          ? null
          : {
              taskId: outcome.started.id,
              at: isoTime(outcome.started.serverTimeMs),
              targets: outcome.started.targets,
              requestId: outcome.started.requestId,
            },
      tasks: outcome.tasks.map(taskValue),
    },
    coverage: gate === undefined ? null : coverageValue(gate.sight),
    alerts: gate?.sight.alerts === undefined ? null : alertsValue(gate.sight.alerts, gate.rules.today),
    calls: outcome.calls.map(({ action, calls, requestId }) => ({ action, calls, lastRequestId: requestId })),
  }
}

function runValue({ repository, sha, ref, event, workflow, job, runId, runAttempt }: WorkflowRun): object {
  return { repository, sha, ref, event, workflow, job, runId, runAttempt }
}

function factValue(fact: Fact, outcome: Outcome, { failOn }: Inputs): object {
  return {
    verdict: verdictOf(fact),
    forgiven: isForgiven(fact, failOn),
    sentence: toReason(factSentence(fact, outcome)),
  }
}

function settingsValue({ waitFor, policy, gate, failOn }: Inputs): object {
  const list = gate?.allowList
  return {
    targets:
      waitFor.kind === 'tasks'
        ? null
        : waitFor.wanted.kind === 'all'
          ? ['all']
          : waitFor.wanted.lines.map(({ word, name }) => `${word}:${name}`),
    wait: waitFor.kind === 'tasks' || waitFor.wait,
    timeoutMinutes: policy.deadlineMs / 60_000,
    severityCutoff: gate?.cutoff ?? null,
    settleSeconds: gate === undefined ? null : gate.settleMs / 1_000,
    failOn,
    allowList:
      list === undefined
        ? null
        : {
            path: list.path,
            sha256: list.sha256,
            commit: list.base?.commit ?? null,
            entries: list.entries.map(entryValue),
            pending: (list.base?.pending ?? []).map(entryValue),
          },
  }
}

function entryValue({ line, kind, reason: why, until, ...entry }: AllowEntry): object {
  const subject = 'alert' in entry ? entry.alert : entry.uncovered
  return { line, accepts: kind, subject, server: entry.server ?? null, reason: why, until }
}

function taskValue(task: TaskWait): object {
  return {
    id: task.id,
    verdict: task.ending.kind,
    state: task.state ?? null,
    states: task.history.map(stateValue),
    targets: task.targets ?? null,
    looks: task.looks,
    errorCode: 'failure' in task.ending ? task.ending.failure.code : null,
    lastRequestId: task.requestId,
  }
}

/** When a state was first seen, by the server's clock. */
function stateValue({ state, serverTimeMs }: StateSeen): object {
  return { state, at: isoTime(serverTimeMs) }
}

function coverageValue({ servers, gaps, left, unclear }: GateSight): object {
  const uncovered = new Set(gaps.map((gap) => gap.target))
  return {
    servers: [...servers.values()].map((server) => serverValue(server, uncovered)),
    uncovered: gaps.map((gap) => ({ ...gapRow(gap), acceptedBecause: (gap.isAccepted && gap.entry?.reason) || null })),
    left: left.map(({ uuid, name }) => ({ uuid, name })),
    unclearTasks: unclear.map(({ taskId, why }) => ({ taskId, why })),
  }
}

function serverValue({ uuid, name, instanceId, groupId }: Server, uncovered: ReadonlySet<string>): object {
  return { uuid, name, instanceId, groupId, covered: !uncovered.has(uuid) }
}

function alertsValue({ all, isSettled, reads }: NonNullable<GateSight['alerts']>, today: string): object {
  return {
    settled: isSettled,
    reads,
    counting: all.filter((alert) => alert.status === 'counting').length,
    list: all.map((alert) => ({
      ...alertRow(alert),
      acceptedBecause: (alert.entry !== undefined && !isExpired(alert.entry, today) && alert.entry.reason) || null,
    })),
  }
}
