import type { Outcome } from './outcome.ts'
import type { Author, Issue } from './repository.ts'
import { type Fact, factsIn, verdictOf } from './verdict.ts'

/**
 * The tracking issue: what a run opens, keeps up to date and closes. There are two of them, since they are about
 * different things: what the scans found, and that there was no scan to find anything.
 */
const ISSUE_KINDS = ['findings', 'not-run'] as const
export type IssueKind = (typeof ISSUE_KINDS)[number]

/** What the first line of an issue's body says to later runs. Readers do not see it. */
export interface Marker {
  readonly kind: IssueKind
  /** 32 hex digits: the same for all runs that watch the same. */
  readonly identity: string
  /** 16 hex digits: the same while nothing changes. */
  readonly facts: string
  /** Whether alerts are open as far as anybody read: only who reads alerts can say that they are gone. */
  readonly hasAlerts: boolean
  /** When a scan was last seen to its end, `2026-11-24T02:17:00.000Z`; absent where no open issue knows. */
  readonly completeAt?: string
}

const MARKER =
  /^<!-- virus-scan-gate (findings|not-run) ([0-9a-f]{32}) facts=([0-9a-f]{16}) alerts=(yes|no) complete=(unknown|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) -->$/

export function markerLine({ kind, identity, facts, hasAlerts, completeAt = 'unknown' }: Marker): string {
  return `<!-- virus-scan-gate ${kind} ${identity} facts=${facts} alerts=${hasAlerts ? 'yes' : 'no'} complete=${completeAt} -->`
}

/** Only the first line can be a marker: further down a server's name may look like one. */
export function markerIn(body: string): Marker | undefined {
  const line = body.slice(0, body.search(/\r?\n|$/))
  const [, kind, identity, facts, alerts, complete] = MARKER.exec(line) ?? []
  const known = ISSUE_KINDS.find((word) => word === kind)
  if (known === undefined || identity === undefined || facts === undefined || complete === undefined) return undefined
  const completeAt = complete === 'unknown' ? {} : { completeAt: complete }
  return { kind: known, identity, facts, hasAlerts: alerts === 'yes', ...completeAt }
}

/** What all runs share that watch the same, also while the cloud is down: it comes from inputs only. */
export interface Watch {
  readonly title: string
  readonly site: string
  /** The lines of `targets`; none with `task-id`. */
  readonly targets: readonly string[]
  /** Where the inputs tell it. */
  readonly account?: string
}

/** The text that an identity is the digest of. */
export function identityText({ title, site, targets, account }: Watch): string {
  return JSON.stringify([title, site, [...targets].sort(), ...(account === undefined ? [] : [account])])
}

/** What a run has to say to its issues. */
export interface Tracked {
  /** One text a fact; two runs that saw the same have the same texts. */
  readonly findings: readonly string[]
  readonly troubles: readonly string[]
  readonly hasAlerts: boolean
  readonly wereAlertsRead: boolean
  readonly isPassed: boolean
  /** Whether every task was seen to its end, and what was to be read was read. */
  readonly isComplete: boolean
}

/** Undefined where the run says nothing of the servers: bad input, a cancel, a scan that was only started. */
export function trackedIn({ judgement, tasks, gate }: Outcome): Tracked | undefined {
  const facts = factsIn(judgement)
  if (facts.some((fact) => ['invalid-input', 'cancelled', 'started'].includes(verdictOf(fact)))) return undefined
  const troubles = facts.flatMap(troubleIn)
  const isEnded = tasks.length > 0 && tasks.every(({ ending }) => ['passed', 'scan-failed'].includes(ending.kind))
  return {
    findings: facts.flatMap(findingsIn).sort(),
    troubles,
    hasAlerts: facts.some((fact) => fact.kind === 'alerts'),
    wereAlertsRead: gate?.sight.alerts?.isSettled === true,
    isPassed: judgement.verdict === 'passed',
    isComplete: isEnded && troubles.length === 0,
  }
}

/** Without the ids of tasks, which each run has anew. */
function findingsIn(fact: Fact): readonly string[] {
  switch (fact.kind) {
    case 'alerts':
      return fact.alerts.map(({ server, eventId, level }) => `alert ${server} ${eventId} ${level}`)
    case 'incomplete':
      return [
        ...fact.gaps.map(({ type, target, reason }) => `gap ${type} ${target} ${reason}`),
        ...fact.unclear.map(({ why }) => `unclear ${why}`),
        ...(fact.nothingToStart ? ['nothing to start'] : []),
      ]
    case 'scan-failed':
      return ['scan failed']
    default:
      return []
  }
}

/** A report that could not be written says nothing of the scan. */
function troubleIn(fact: Fact): readonly string[] {
  const verdict = verdictOf(fact)
  if (fact.kind === 'report-not-written' || !['timed-out', 'unavailable', 'denied'].includes(verdict)) return []
  const purpose = fact.kind === 'call-ended' ? fact.purpose : fact.kind
  const endings =
    fact.kind === 'call-ended' ? [fact.ending] : 'tasks' in fact ? fact.tasks.map((task) => task.ending) : []
  // What refuses is worth a word when it changes; which way a bad network fails is not.
  const codes = endings.flatMap((ending) => (ending.kind === 'denied' ? ending.failure.code : []))
  return [[verdict, purpose, ...new Set(codes)].join(' ')]
}

/** An open issue of this watch. */
export interface KnownIssue {
  readonly issue: Issue
  readonly marker: Marker
}

/** Whoever may open issues may write any marker, so only those count that the token's own account has opened. */
export function knownIssues(
  issues: readonly Issue[],
  identity: string,
  isOurs: (author: Author) => boolean,
): readonly KnownIssue[] {
  return issues
    .flatMap((issue) => {
      const marker = markerIn(issue.body)
      return marker?.identity === identity && isOurs(issue.author) ? [{ issue, marker }] : []
    })
    .sort((a, b) => a.issue.number - b.issue.number)
}

/** One thing to do about the issues. */
export type IssueStep =
  | { readonly kind: 'open'; readonly marker: Marker }
  /** `isNews` is worth a comment, which is what people get told of. */
  | { readonly kind: 'update'; readonly known: KnownIssue; readonly marker: Marker; readonly isNews: boolean }
  | { readonly kind: 'close'; readonly known: KnownIssue }
  | { readonly kind: 'close-duplicate'; readonly known: KnownIssue; readonly of: number }

/** What to do, given the open issues of this watch, oldest first. `digest` gives 16 hex digits or more. */
export function planIssues(
  tracked: Tracked,
  known: readonly KnownIssue[],
  {
    identity,
    now,
    digest,
  }: { readonly identity: string; readonly now: string; readonly digest: (text: string) => string },
): readonly IssueStep[] {
  const completeAt = tracked.isComplete
    ? now
    : known
        .flatMap(({ marker }) => marker.completeAt ?? [])
        .sort()
        .at(-1)
  const marker = (kind: IssueKind, facts: readonly string[], hasAlerts: boolean): Marker => ({
    kind,
    identity,
    facts: digest(JSON.stringify(facts)).slice(0, 16),
    hasAlerts,
    ...(completeAt === undefined ? {} : { completeAt }),
  })
  return ISSUE_KINDS.flatMap((kind): readonly IssueStep[] => {
    const [oldest, ...others] = known.filter((one) => one.marker.kind === kind)
    if (oldest === undefined) {
      if (kind === 'findings' && tracked.findings.length > 0)
        return [{ kind: 'open', marker: marker(kind, tracked.findings, tracked.hasAlerts) }]
      if (kind === 'not-run' && tracked.troubles.length > 0)
        return [{ kind: 'open', marker: marker(kind, tracked.troubles, false) }]
      return []
    }
    const hasAlerts = tracked.hasAlerts || (oldest.marker.hasAlerts && !tracked.wereAlertsRead)
    const facts = kind === 'findings' ? tracked.findings : tracked.troubles
    const isOver = kind === 'findings' ? tracked.isPassed && !hasAlerts : tracked.isComplete
    const next = marker(kind, facts, kind === 'findings' && hasAlerts)
    return [
      ...others.map((one): IssueStep => ({ kind: 'close-duplicate', known: one, of: oldest.issue.number })),
      ...(facts.length > 0
        ? [{ kind: 'update', known: oldest, marker: next, isNews: next.facts !== oldest.marker.facts } as const]
        : isOver
          ? [{ kind: 'close', known: oldest } as const]
          : []),
    ]
  })
}
