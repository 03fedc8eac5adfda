import type { AlertStatus, JudgedAlert } from '../domain/alerts.ts'
import { isExpired } from '../domain/allowList.ts'
import type { GateRules, JudgedGap } from '../domain/gate.ts'
import type { Outcome } from '../domain/outcome.ts'
import { GROUP_TYPE, SCAN_STATES, SERVER_TYPE, type Target } from '../domain/scan.ts'
import { isGood, VERDICTS } from '../domain/verdict.ts'
import type { TaskWait } from '../domain/waiter.ts'
import { details, factTable, list, paragraph, type Room, table } from './blocks.ts'
import { alertChart, drawnTasks, MOST_DRAWN_TASKS, timeline } from './diagrams.ts'
import { clockTime, duration } from './duration.ts'
import { alertCounts, allowListNotes, GAP_WORDS, levelOf, sightNotes } from './gateText.ts'
import { minute, targetsOf } from './outputs.ts'
import { nextSteps, whereToLook } from './remedies.ts'
import { join, own, type Sentence, say } from './sentence.ts'
import { HEADINGS, otherFacts, verdictSentence } from './verdictText.ts'

/**
 * The job summary. Headings and diagrams are Markdown and hold nothing foreign; everything that may hold foreign text
 * is an HTML block without an empty line in it, in which GitHub reads no Markdown at all.
 */

/** GitHub refuses a step's summary above 1 MiB, and there are nine blocks at most. More rows than these nobody reads. */
const ROOM: Room = { rows: 100, bytes: 100 * 1024 }
/** A table of more tasks than these is closed at first. */
const MOST_OPEN_TASKS = 10

export function summaryOf(outcome: Outcome): string {
  const { judgement } = outcome
  const isFine = isGood(judgement.verdict)
  const badge = isFine ? '✅' : judgement.failsJob ? '❌' : '⚠️'
  const blocks = [
    `## ${badge} ${HEADINGS[judgement.verdict]}${outcome.rehearsal ? ' (rehearsal)' : ''}`,
    paragraph(verdictSentence(outcome)),
    ...otherFacts(judgement, outcome).map(paragraph),
    ...(!isFine && !judgement.failsJob
      ? [paragraph(say`The input fail-on leaves ${own(judgement.verdict)} out, so the job goes on.`)]
      : []),
    ...factStrip(outcome),
    ...whatToDo(outcome, ROOM),
    ...gateBlocks(outcome.gate),
    ...taskBlocks(outcome),
    ...targetBlock(targetsOf(outcome)),
    ...(outcome.cloud === undefined ? [] : [paragraph(say`Asked ${outcome.cloud.host}.`)]),
  ]
  return `${blocks.join('\n\n')}\n`
}

/** The figures of the run; none where the inputs did not even say which cloud to ask. */
function factStrip(outcome: Outcome): readonly string[] {
  const { cloud, gate, tasks, calls } = outcome
  if (cloud === undefined) return []
  const looks = tasks.reduce((sum, task) => sum + task.looks, 0)
  const otherCalls = calls.reduce((sum, tally) => sum + tally.calls, 0)
  return [
    factTable([
      ['Tasks', own(taskCounts(outcome))],
      ['Servers', own(serverCount(outcome))],
      ['Duration', own(duration(outcome.elapsedMs))],
      ['Calls', own(String(looks + otherCalls))],
      ...(gate === undefined ? [] : ([['Cutoff', own(gate.rules.cutoff)]] as const)),
      ['Virus alerts', alertsRead(gate)],
      ['Site', own(siteName(cloud.site))],
      ...(outcome.access?.account === undefined ? [] : ([['Account', own(outcome.access.account)]] as const)),
    ]),
  ]
}

/** `12`, or `12: 10 passed, 2 timed-out`. */
function taskCounts({ tasks, taskIds }: Outcome): string {
  const kinds = new Set(tasks.map((task) => task.ending.kind))
  const counts = [...kinds].map((kind) => `${tasks.filter((task) => task.ending.kind === kind).length} ${kind}`)
  if (tasks.length <= 1) return String(taskIds.length)
  return kinds.size === 1 ? counts.join('') : `${tasks.length}: ${counts.join(', ')}`
}

/** With the gate on, servers; else what the tasks scan, where groups are not told apart into servers. */
function serverCount(outcome: Outcome): string {
  const servers = outcome.gate?.sight.servers.size ?? 0
  if (servers > 0) {
    const uncovered = new Set(outcome.gate?.sight.gaps.map((gap) => gap.target)).size
    return uncovered === 0 ? String(servers) : `${servers}, not covered: ${uncovered}`
  }
  const targets = targetsOf(outcome)
  const groups = targets.filter((target) => target.type === GROUP_TYPE).length
  const parts = [plural(targets.length - groups, 'server'), plural(groups, 'group')]
  return targets.length === 0 ? 'not known' : parts.filter((part) => part !== '').join(', ')
}

function plural(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`
}

function alertsRead(gate: Outcome['gate']): Sentence {
  if (gate === undefined) return own('not read (no severity-cutoff)')
  const { alerts } = gate.sight
  if (alerts === undefined) return own('not read')
  const counts = alertCounts(alerts.all)
  return alerts.isSettled
    ? counts
    : say`${counts} (${own(alerts.reads === 0 ? 'before the scan' : 'not read to the end')})`
}

/** The remedies of a run that needs some. */
export function whatToDo(outcome: Outcome, room: Room): readonly string[] {
  const steps = nextSteps(outcome)
  if (steps.length === 0) return []
  return ['### What to do now', list(steps, 'ol', room), ...whereToLook(outcome).map(paragraph)]
}

/** What the gate saw: alerts, gaps in coverage, and what is to be said about the allow-list. */
function gateBlocks(gate: Outcome['gate']): readonly string[] {
  if (gate === undefined) return []
  const { rules, sight } = gate
  const { warnings, notes } = allowListNotes(gate)
  const remarks = [...warnings, ...notes, ...sightNotes(sight)]
  const alerts = sight.alerts?.all ?? []
  return [
    ...(alerts.length === 0 ? [] : ['### Virus alerts', alertChart(alerts), ...alertTables(alerts, rules)]),
    ...(sight.gaps.length === 0 ? [] : ['### Not covered', gapTable(sight.gaps)]),
    ...(remarks.length === 0 ? [] : ['### Remarks', list(remarks, 'ul', ROOM)]),
  ]
}

/** What counts is open; what does not is closed at first. */
function alertTables(alerts: readonly JudgedAlert[], rules: GateRules): readonly string[] {
  const of = (status: AlertStatus) => alerts.filter((alert) => alert.status === status)
  const closed = ({ all, words }: { readonly all: readonly JudgedAlert[]; readonly words: string }) =>
    all.length === 0 ? [] : [details(`${plural(all.length, 'alert')} ${words}`, alertTable(all, rules))]
  const counting = of('counting')
  return [
    ...(counting.length === 0 ? [] : [alertTable(counting, rules)]),
    ...closed({ all: of('accepted'), words: 'accepted by the allow-list' }),
    ...closed({ all: of('below-cutoff'), words: 'below the cutoff' }),
  ]
}

function alertTable(alerts: readonly JudgedAlert[], { today }: GateRules): string {
  const isAnyAccepted = alerts.some((alert) => alert.entry !== undefined)
  const rows = alerts.map((alert) => [
    levelOf(alert),
    say`${alert.name}`,
    say`${alert.serverName || alert.server}`,
    own(minute(alert.lastSeenMs)),
    own(alert.before === null ? 'not known' : alert.before ? 'yes' : 'no'),
    ...(isAnyAccepted ? [acceptance(alert.entry, today)] : []),
  ])
  const heads = ['Level', 'Alert', 'Server', 'Last seen (UTC)', 'There before']
  return table([...heads, ...(isAnyAccepted ? ['Accepted until'] : [])], rows, 'alerts', ROOM)
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

/** Tasks in time and in figures, the worst first. */
function taskBlocks({ tasks, elapsedMs }: Outcome): readonly string[] {
  if (tasks.length === 0) return []
  const byGravity = [...tasks].sort((a, b) => VERDICTS.indexOf(a.ending.kind) - VERDICTS.indexOf(b.ending.kind))
  const drawn = drawnTasks(byGravity).length
  const rows = taskTable(byGravity)
  return [
    '### Tasks',
    ...(drawn === 0 ? [] : [timeline(byGravity, elapsedMs)]),
    ...(drawn > MOST_DRAWN_TASKS ? [paragraph(say`The worst ${MOST_DRAWN_TASKS} of ${drawn} tasks are drawn.`)] : []),
    tasks.length > MOST_OPEN_TASKS ? details(`All ${tasks.length} tasks in figures`, rows) : rows,
  ]
}

function taskTable(tasks: readonly TaskWait[]): string {
  const rows = tasks.map((task) => [
    say`${task.id}`,
    own(task.ending.kind),
    statesOf(task),
    own(task.targets === undefined ? 'not known' : String(task.targets.length)),
    own(String(task.looks)),
    own(duration(task.elapsedMs)),
    task.requestId === '' ? [] : say`${task.requestId}`,
  ])
  return table(['Task', 'Verdict', 'States seen', 'Targets', 'Looks', 'Waited', 'Last request id'], rows, 'tasks', ROOM)
}

/** As many as a cell holds in a few lines. */
const MOST_STATES = 4

/** `init 00:01, Processing 00:40, Success 05:12`: when each was first seen, from the start of the run. */
function statesOf(task: TaskWait): Sentence {
  const shown = task.history.slice(-MOST_STATES)
  const before = task.history.length - shown.length
  const seen = shown.map(({ state, atMs }) => say`${stateName(state)} ${own(clockTime(atMs))}`)
  const last = task.unknownState ?? task.state
  const none = last === undefined ? own('none') : stateName(last)
  const all = seen.length === 0 ? none : join(before === 0 ? seen : [own(`${before} others`), ...seen], ', ')
  return task.lastFailure === undefined ? all : say`${all}, then ${task.lastFailure.code}`
}

function stateName(state: string): Sentence {
  return SCAN_STATES.some((known) => known === state) ? own(state) : say`${state} (unknown)`
}

const TARGET_TYPES: ReadonlyMap<string, string> = new Map([
  [SERVER_TYPE, 'server'],
  [GROUP_TYPE, 'server group'],
])

function targetBlock(targets: readonly Target[]): readonly string[] {
  if (targets.length === 0) return []
  const rows = targets.map((target) => {
    const type = TARGET_TYPES.get(target.type)
    return [type === undefined ? say`${target.type}` : own(type), say`${target.name}`, say`${target.target}`]
  })
  return [details(`Scanned: ${plural(targets.length, 'target')}`, table(['Type', 'Name', 'Id'], rows, 'targets', ROOM))]
}

/** `China site`, `global site`, or `rehearsal`. */
export function siteName(site: NonNullable<Outcome['cloud']>['site']): string {
  return site === 'rehearsal' ? 'rehearsal' : `${site} site`
}
