import type { JudgedAlert } from '../domain/alerts.ts'
import { isExpired } from '../domain/allowList.ts'
import type { GateRules, JudgedGap } from '../domain/gate.ts'
import type { Outcome } from '../domain/outcome.ts'
import { GROUP_TYPE, SERVER_TYPE, type Target } from '../domain/scan.ts'
import { isGood } from '../domain/verdict.ts'
import type { TaskWait } from '../domain/waiter.ts'
import { list, paragraph, type Room, table } from './blocks.ts'
import { duration } from './duration.ts'
import { allowListNotes, counted, GAP_WORDS, levelOf, STATUS_WORDS, sightNotes } from './gateText.ts'
import { isoTime, targetsOf } from './outputs.ts'
import { nextSteps } from './remedies.ts'
import { join, own, type Sentence, say } from './sentence.ts'
import { HEADINGS, otherFacts, verdictSentence } from './verdictText.ts'

/**
 * The job summary. Headings are Markdown; everything that may hold foreign text is an HTML block without an empty
 * line in it, in which GitHub reads no Markdown at all.
 */

/** GitHub refuses a step's summary above 1 MiB, and there are six blocks at most. More rows than these nobody reads. */
const ROOM: Room = { rows: 100, bytes: 140 * 1024 }

export function summaryOf(outcome: Outcome): string {
  const { judgement } = outcome
  const isFine = isGood(judgement.verdict)
  const badge = isFine ? '✅' : judgement.failsJob ? '❌' : '⚠️'
  const steps = nextSteps(outcome)
  const blocks = [
    `## ${badge} ${HEADINGS[judgement.verdict]}${outcome.rehearsal ? ' (rehearsal)' : ''}`,
    paragraph(verdictSentence(outcome)),
    ...otherFacts(judgement, outcome).map(paragraph),
    ...(!isFine && !judgement.failsJob
      ? [paragraph(say`The input fail-on leaves ${own(judgement.verdict)} out, so the job goes on.`)]
      : []),
    ...(steps.length === 0 ? [] : ['### What to do now', list(steps, 'ol', ROOM)]),
    ...gateBlocks(outcome.gate),
    ...(outcome.tasks.length === 0 ? [] : ['### Tasks', taskTable(outcome.tasks)]),
    ...targetTable(targetsOf(outcome)),
    paragraph(footer(outcome)),
  ]
  return `${blocks.join('\n\n')}\n`
}

/** What the gate saw: alerts, gaps in coverage, and what is to be said about the allow-list. */
function gateBlocks(gate: Outcome['gate']): readonly string[] {
  if (gate === undefined) return []
  const { rules, sight } = gate
  const { warnings, notes } = allowListNotes(gate)
  const remarks = [...warnings, ...notes, ...sightNotes(sight)]
  const alerts = sight.alerts?.all ?? []
  return [
    ...(alerts.length === 0 ? [] : ['### Virus alerts', alertTable(alerts, rules)]),
    ...(sight.gaps.length === 0 ? [] : ['### Not covered', gapTable(sight.gaps)]),
    ...(remarks.length === 0 ? [] : ['### Remarks', list(remarks, 'ul', ROOM)]),
  ]
}

function alertTable(alerts: readonly JudgedAlert[], { today }: GateRules): string {
  const rows = alerts.map((alert) => [
    own(STATUS_WORDS[alert.status]),
    levelOf(alert),
    say`${alert.name}`,
    say`${alert.serverName || alert.server}`,
    own(isoTime(alert.lastSeenMs)?.slice(0, 16).replace('T', ' ') ?? 'not known'),
    own(alert.before === null ? 'not known' : alert.before ? 'yes' : 'no'),
    acceptance(alert.entry, today),
  ])
  const heads = ['Status', 'Level', 'Alert', 'Server', 'Last seen (UTC)', 'There before', 'Accepted until']
  return table(heads, rows, 'alerts', ROOM)
}

function gapTable(gaps: readonly JudgedGap[]): string {
  const rows = gaps.map((gap) => [
    own(TARGET_TYPES.get(gap.type) ?? gap.type),
    say`${gap.name || gap.target}`,
    own(GAP_WORDS[gap.reason]),
    own(
      gap.isAccepted
        ? `until ${gap.entry?.until ?? ''}`
        : gap.entry === undefined
          ? 'no'
          : `no longer, ended ${gap.entry.until}`,
    ),
  ])
  return table(['Type', 'Name', 'Why', 'Accepted'], rows, 'gaps', ROOM)
}

function acceptance(entry: JudgedAlert['entry'], today: string): Sentence {
  if (entry === undefined) return []
  return own(isExpired(entry, today) ? `ended ${entry.until}` : entry.until)
}

function taskTable(tasks: readonly TaskWait[]): string {
  const rows = tasks.map((task) => [
    say`${task.id}`,
    own(task.ending.kind),
    stateOf(task),
    own(task.targets === undefined ? 'not known' : String(task.targets.length)),
    own(String(task.looks)),
    own(duration(task.elapsedMs)),
    task.requestId === '' ? [] : say`${task.requestId}`,
  ])
  return table(['Task', 'Verdict', 'Last state', 'Targets', 'Looks', 'Waited', 'Last request id'], rows, 'tasks', ROOM)
}

function stateOf(task: TaskWait): Sentence {
  const state = task.unknownState !== undefined ? say`${task.unknownState} (unknown)` : own(task.state ?? 'none seen')
  return task.lastFailure === undefined ? state : say`${state}, then ${task.lastFailure.code}`
}

const TARGET_TYPES: ReadonlyMap<string, string> = new Map([
  [SERVER_TYPE, 'server'],
  [GROUP_TYPE, 'server group'],
])

function targetTable(targets: readonly Target[]): readonly string[] {
  if (targets.length === 0) return []
  const rows = targets.map((target) => {
    const type = TARGET_TYPES.get(target.type)
    return [type === undefined ? say`${target.type}` : own(type), say`${target.name}`, say`${target.target}`]
  })
  return ['### Servers and server groups', table(['Type', 'Name', 'Id'], rows, 'targets', ROOM)]
}

function footer(outcome: Outcome): Sentence {
  const looks = outcome.tasks.reduce((sum, task) => sum + task.looks, 0)
  const calls = outcome.calls.reduce((sum, tally) => sum + tally.calls, 0)
  const facts = [
    own(`${duration(outcome.elapsedMs)} in all`),
    counted(looks, 'look'),
    ...(calls === 0 ? [] : [counted(calls, 'other call')]),
    ...(outcome.cloud === undefined || outcome.gate !== undefined ? [] : [own('alerts not read (no severity-cutoff)')]),
    ...(outcome.cloud === undefined ? [] : [say`${outcome.cloud.host} (${own(siteName(outcome.cloud.site))})`]),
  ]
  return join(facts, ', ')
}

/** `China site`, `global site`, or `rehearsal`. */
export function siteName(site: NonNullable<Outcome['cloud']>['site']): string {
  return site === 'rehearsal' ? 'rehearsal' : `${site} site`
}
