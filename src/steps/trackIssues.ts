import { type Author, mayHeal, type RepositoryFailure } from '../domain/repository.ts'
import {
  type IssueKind,
  type IssueStep,
  type KnownIssue,
  knownIssues,
  type Marker,
  planIssues,
  type Tracked,
} from '../domain/tracking.ts'
import type { Label, Repository, Told } from '../ports.ts'

/** The words of the issues. */
interface IssueTexts {
  title(kind: IssueKind): string
  /** The marker's line comes first. */
  body(marker: Marker): string
  /** A comment that says what has changed. */
  news(kind: IssueKind): string
  /** A comment that says why the issue is closed. */
  closing(kind: IssueKind): string
  duplicate(of: number): string
}

export interface TrackingWorld {
  readonly repository: Repository
  readonly identity: string
  readonly texts: IssueTexts
  readonly label: Label
  /** The time now, `2026-11-24T02:17:00.000Z`. */
  readonly now: string
  /** 16 hex digits or more. */
  readonly digest: (text: string) => string
  readonly stop: AbortSignal
}

/** What was done with an issue, for the log. */
export interface IssueEvent {
  readonly done:
    | 'opened'
    | 'opened, but not to be found by its label'
    | 'updated'
    | 'commented'
    | 'closed'
    | 'closed as a duplicate'
  readonly url: string
}

/** Brings the issues of a watch in line with what a run saw. A failure ends it; what was done before stays. */
export async function trackIssues(
  tracked: Tracked,
  world: TrackingWorld,
): Promise<{ readonly events: readonly IssueEvent[]; readonly failure?: RepositoryFailure }> {
  const events: IssueEvent[] = []
  const listed = await listKnown(world)
  if (listed.kind === 'refused') return { events, failure: listed.failure }
  for (const step of planIssues(tracked, listed.value, world)) {
    const told = await carryOut(step, world)
    if (told.kind === 'refused') return { events, failure: told.failure }
    events.push(...told.value)
  }
  return { events }
}

/** The open issues of this watch. Whose token it is matters only where an issue looks like one of them. */
async function listKnown({ repository, identity, label, stop }: TrackingWorld): Promise<Told<readonly KnownIssue[]>> {
  const issues = await repository.openIssues(label.name, stop)
  if (issues.kind === 'refused') return issues
  if (knownIssues(issues.value, identity, () => true).length === 0) return { kind: 'done', value: [] }
  const viewer = await repository.viewer(stop)
  // Not to know whose issues these are would be to open another one beside them.
  if (viewer.kind === 'refused' && mayHeal(viewer.failure)) return viewer
  const isOurs = viewer.kind === 'done' ? isAccount(viewer.value) : ({ isBot }: Author) => isBot
  return { kind: 'done', value: knownIssues(issues.value, identity, isOurs) }
}

/** GitHub's two interfaces do not agree on whether the name of a bot ends in `[bot]`. */
function isAccount(login: string): (author: Author) => boolean {
  const plain = (name: string) => name.toLowerCase().replace(/\[bot\]$/, '')
  return (author) => plain(author.login) === plain(login)
}

async function carryOut(step: IssueStep, world: TrackingWorld): Promise<Told<readonly IssueEvent[]>> {
  switch (step.kind) {
    case 'open':
      return open(step.marker, world)
    case 'update':
      return update(step, world)
    case 'close':
      return close(step.known, world, world.texts.closing(step.known.marker.kind), 'completed')
    case 'close-duplicate':
      return close(step.known, world, world.texts.duplicate(step.of), 'not_planned')
  }
}

/** Two runs may open one at once, so whoever opened one looks again: the lowest number stays. */
async function open(marker: Marker, world: TrackingWorld): Promise<Told<readonly IssueEvent[]>> {
  const { repository, texts, label, identity, stop } = world
  // An issue can be opened with a label that is not there; it is only plainer then.
  await repository.ensureLabel(label, stop)
  const issue = { title: texts.title(marker.kind), body: texts.body(marker), labels: [label.name] }
  const opened = await repository.createIssue(issue, stop)
  if (opened.kind === 'refused') return opened
  const { url } = opened.value
  const events: IssueEvent[] = [{ done: 'opened', url }]
  const issues = await repository.openIssues(label.name, stop)
  if (issues.kind === 'refused') return { kind: 'done', value: events }
  const known = knownIssues(issues.value, identity, isAccount(opened.value.author.login))
  const same = known.filter((one) => one.marker.kind === marker.kind)
  const own = same.find(({ issue: { number } }) => number === opened.value.number)
  if (own === undefined) return { kind: 'done', value: [{ done: 'opened, but not to be found by its label', url }] }
  const [first] = same
  if (first === undefined || first === own) return { kind: 'done', value: events }
  // Each run closes its own, so that nobody is told twice.
  const closed = await close(own, world, texts.duplicate(first.issue.number), 'not_planned')
  return { kind: 'done', value: closed.kind === 'done' ? [...events, ...closed.value] : events }
}

/** The comment comes first: told twice is better than not told, should the second call fail. */
async function update(
  { known, marker, isNews }: Extract<IssueStep, { kind: 'update' }>,
  { repository, texts, stop }: TrackingWorld,
): Promise<Told<readonly IssueEvent[]>> {
  const { number, url } = known.issue
  if (isNews) {
    const commented = await repository.comment(number, texts.news(marker.kind), stop)
    if (commented.kind === 'refused') return commented
  }
  const updated = await repository.updateIssue(number, { body: texts.body(marker) }, stop)
  if (updated.kind === 'refused') return updated
  return { kind: 'done', value: [{ done: isNews ? 'commented' : 'updated', url }] }
}

async function close(
  { issue }: KnownIssue,
  { repository, stop }: TrackingWorld,
  comment: string,
  closedAs: 'completed' | 'not_planned',
): Promise<Told<readonly IssueEvent[]>> {
  // The end is the news here, so a comment that fails is no reason to say it again the next night.
  const closed = await repository.updateIssue(issue.number, { closedAs }, stop)
  if (closed.kind === 'refused') return closed
  const commented = await repository.comment(issue.number, comment, stop)
  if (commented.kind === 'refused') return commented
  return {
    kind: 'done',
    value: [{ done: closedAs === 'completed' ? 'closed' : 'closed as a duplicate', url: issue.url }],
  }
}
