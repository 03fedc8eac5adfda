import { type AlertStatus, type JudgedAlert, severityOf } from '../domain/alerts.ts'
import { type AllowEntry, endsSoon, fits, isExpired } from '../domain/allowList.ts'
import type { GapReason } from '../domain/coverage.ts'
import { type GateSight, idleEntries, type JudgedGap, type UnclearTargets } from '../domain/gate.ts'
import type { Outcome } from '../domain/outcome.ts'
import { type Fact, factsIn } from '../domain/verdict.ts'
import { join, listed, own, type Sentence, say } from './sentence.ts'

/** How the gate's findings are spoken of: alerts, gaps in coverage, and what somebody accepted. */

/** What is wrong with a server or group, after its name. */
export const GAP_WORDS: Readonly<Record<GapReason, string>> = {
  offline: 'is offline',
  unlicensed: 'has no licence for virus scans',
  missing: 'does not exist',
  joined: 'joined its group too late to be scanned',
  empty: 'has no servers',
}

const GAP_STEPS: Readonly<Record<GapReason, string>> = {
  offline: 'Offline: see that the server runs and that its Security Center agent is online, then run this again.',
  unlicensed:
    'Unlicensed: bind a licence of an edition with virus scans (Anti-virus, Advanced, Enterprise, Ultimate) to the server.',
  missing:
    'Missing: take what does not exist out of targets, or see that region-id chooses the site that it belongs to.',
  joined: 'Joined: run this again, so that the servers that came during the scan are scanned too.',
  empty: 'Empty: put servers into the group, or take it out of targets.',
}

const UNCLEAR_WORDS: Readonly<Record<UnclearTargets['why'], string>> = {
  unreadable: 'has a TargetInfo that cannot be read',
  none: 'has no target in its TargetInfo',
  'unknown-type': 'has a target that is neither a server nor a server group',
  'not-as-started': 'does not scan what was started',
  changed: 'changed its targets during the scan',
}

export const STATUS_WORDS: Readonly<Record<AlertStatus, string>> = {
  counting: 'counts',
  accepted: 'accepted',
  'below-cutoff': 'below the cutoff',
}

/** `3 open virus alerts at or above serious on 2 servers: …` */
export function alertsSentence({ alerts }: Extract<Fact, { kind: 'alerts' }>, outcome: Outcome): Sentence {
  const servers = new Set(alerts.map((alert) => alert.server)).size
  const cutoff = outcome.gate?.rules.cutoff ?? 'serious'
  const expired = alerts.filter((alert) => alert.entry !== undefined).length
  const isSettled = outcome.gate?.sight.alerts?.isSettled === true
  return [
    ...say`${counted(alerts.length, 'open virus alert')} at or above ${own(cutoff)} on ${counted(servers, 'server')}: ${listed(alerts.map(alertText))}`,
    ...(expired === 0 ? [] : say` (${expired} no longer accepted)`),
    ...(isSettled ? [] : own(', and there may be more, since they were not read to the end')),
  ]
}

export function alertText(alert: JudgedAlert): Sentence {
  return say`${alert.name} (${levelOf(alert)}) on ${alert.serverName || alert.server}`
}

/** How many alerts of each status: `none that counts, 2 below the cutoff`. */
export function alertCounts(alerts: readonly JudgedAlert[]): Sentence {
  const counting = alerts.filter((alert) => alert.status === 'counting').length
  const first = own(counting === 0 ? 'none that counts' : counting === 1 ? '1 that counts' : `${counting} that count`)
  return join([first, ...harmlessCounts(alerts)], ', ')
}

/** How many alerts there are of each status that does not count. */
function harmlessCounts(alerts: readonly JudgedAlert[]): readonly Sentence[] {
  return (['accepted', 'below-cutoff'] as const).flatMap((status) => {
    const count = alerts.filter((alert) => alert.status === status).length
    return count === 0 ? [] : [say`${count} ${own(STATUS_WORDS[status])}`]
  })
}

/** The level as the cloud spells it; one that nobody knows says what it is taken for. */
export function levelOf(alert: JudgedAlert): Sentence {
  const severity = severityOf(alert)
  return alert.level.toLowerCase() === severity
    ? own(severity)
    : say`${alert.level || 'no level'}, taken for ${own(severity)}`
}

export function incompleteSentence(fact: Extract<Fact, { kind: 'incomplete' }>, outcome: Outcome): Sentence {
  const gaps = fact.gaps.map(gapText)
  const unclear = fact.unclear.map(({ taskId, why }) => say`task ${own(taskId)} ${own(UNCLEAR_WORDS[why])}`)
  const what = [...gaps, ...unclear]
  const mayRun = factsIn(outcome.judgement).some((other) => other.kind === 'start-unknown')
  const isStarted = outcome.taskIds.length > 0 || mayRun
  const end = isStarted
    ? 'no server of the scans that ended well is left'
    : fact.nothingToStart
      ? 'no server is left that a scan would cover, so none was started'
      : 'nothing was started'
  const rest = isStarted && !fact.nothingToStart ? [] : [own(end)]
  return say`The scan does not cover what was asked for: ${join([...(what.length === 0 ? [] : [listed(what)]), ...rest], ', ')}`
}

function gapText({ name, target, reason }: JudgedGap): Sentence {
  return say`${name || target} ${own(GAP_WORDS[reason])}`
}

/** What to do about what is not covered. */
export function gapSteps({
  gaps,
  unclear,
  nothingToStart,
}: Extract<Fact, { kind: 'incomplete' }>): readonly Sentence[] {
  const reasons = [...new Set(gaps.map((gap) => gap.reason))]
  const acceptable = reasons.some((reason) => reason !== 'empty')
  return [
    ...reasons.map((reason) => own(GAP_STEPS[reason])),
    ...(acceptable
      ? [
          own(
            'A server that need not be covered for a while belongs into the allow-list: uncovered, server, reason, until.',
          ),
        ]
      : []),
    ...(unclear.length === 0
      ? []
      : [own('See in the console what the task scans. A gate on task-id needs a task whose targets can be read.')]),
    ...(nothingToStart && reasons.length === 0
      ? [own('Name at least one server that can be scanned: a run that scans nothing cannot pass.')]
      : []),
  ]
}

/** What the gate saw of a run that passed: `on 12 servers no open virus alert at or above serious`. */
export function cleanSentence({ rules, sight }: NonNullable<Outcome['gate']>): Sentence {
  const gaps = sight.gaps.length
  const besides = [
    ...harmlessCounts(sight.alerts?.all ?? []),
    ...(gaps === 0 ? [] : [say`${counted(gaps, 'accepted gap')} in coverage`]),
  ]
  return say`no open virus alert at or above ${own(rules.cutoff)} on ${counted(sight.servers.size, 'server')}${
    besides.length === 0 ? own('') : say` (${join(besides, ', ')})`
  }`
}

/** Entries of the allow-list that somebody should look at: those that end soon, and those that nothing needs. */
export function allowListNotes({ rules, sight }: NonNullable<Outcome['gate']>): {
  readonly warnings: readonly Sentence[]
  readonly notes: readonly Sentence[]
} {
  const { entries, pending = [], today } = rules
  const expiredInUse = [...sight.gaps, ...(sight.alerts?.all ?? [])].flatMap(({ entry }) =>
    entry !== undefined && isExpired(entry, today) ? entry : [],
  )
  return {
    warnings: [
      ...entries
        .filter((entry) => endsSoon(entry, today))
        .map(
          (entry) => say`Line ${entry.line} of the allow-list holds until ${own(entry.until)} only: ${entry.reason}`,
        ),
      ...[...new Set(expiredInUse)].map(
        (entry) =>
          say`Line ${entry.line} of the allow-list expired on ${own(entry.until)}, so what it accepted counts again: ${entry.reason}`,
      ),
    ],
    notes: [
      ...pending.map((entry) => pendingNote(entry, sight)),
      // Where nothing could be read, nothing is known of what is needed.
      ...(sight.alerts?.isSettled ? idleEntries(entries, sight) : []).map(
        (entry) => say`Line ${entry.line} of the allow-list matches nothing of this run: ${entry.reason}`,
      ),
    ],
  }
}

/** What a change adds to the allow-list, and what it would accept once it is merged. */
function pendingNote(entry: AllowEntry, { gaps, alerts }: GateSight): Sentence {
  const counting = alerts?.all.filter(({ status }) => status === 'counting') ?? []
  const waiting = [
    ...gaps.filter((gap) => !gap.isAccepted && fits(entry, gap)).map((gap) => say`that ${gapText(gap)}`),
    ...counting.filter((alert) => fits(entry, alert)).map(alertText),
  ]
  const effect = waiting.length === 0 ? own('') : say`; it would then accept ${listed(waiting)}`
  return say`Line ${entry.line} of the allow-list is added by this change, so it is not in force before the merge${effect}: ${entry.reason}`
}

/** Members that left during the scan, and what was accepted: nothing counts, but it is said. */
export function sightNotes({ left, gaps, alerts }: GateSight): readonly Sentence[] {
  const accepted = [
    ...gaps.filter((gap) => gap.isAccepted).map((gap) => ({ what: gapText(gap), entry: gap.entry })),
    ...(alerts?.all ?? [])
      .filter((alert) => alert.status === 'accepted')
      .map((alert) => ({ what: alertText(alert), entry: alert.entry })),
  ]
  return [
    ...accepted.map(
      ({ what, entry }) => say`Accepted until ${own(entry?.until ?? '')}: ${what} (${entry?.reason ?? ''})`,
    ),
    ...left.map((server) => say`${server.name || server.uuid} left its group during the scan and is not counted`),
  ]
}

export function counted(count: number, noun: string): Sentence {
  return own(`${count} ${noun}${count === 1 ? '' : 's'}`)
}
