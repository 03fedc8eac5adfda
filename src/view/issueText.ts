import type { JudgedAlert } from '../domain/alerts.ts'
import type { Outcome } from '../domain/outcome.ts'
import { type IssueKind, type Marker, markerLine } from '../domain/tracking.ts'
import { factsIn, isFinding, verdictOf } from '../domain/verdict.ts'
import type { WorkflowRun } from '../domain/workflowRun.ts'
import { paragraph, type Room, table } from './blocks.ts'
import { GAP_WORDS, levelOf } from './gateText.ts'
import { minute } from './outputs.ts'
import { link, own, type Sentence, say } from './sentence.ts'
import { whatToDo } from './summary.ts'
import { factSentence, otherFacts, verdictSentence } from './verdictText.ts'

/** The words of the tracking issues. Like the summary they are made of HTML blocks, in which GitHub reads no Markdown. */

/** By this label, and a marker in its first line, a later run knows an issue again. */
export const ISSUE_LABEL = { name: 'virus-scan', color: 'd93f0b', description: 'Kept by the virus scan gate' } as const

/** GitHub takes 65,536 characters: three blocks, and no list that nobody would read to its end. */
const ROOM: Room = { rows: 25, bytes: 15 * 1024 }

/** `title` is the input. */
export function issueTexts(outcome: Outcome, run: WorkflowRun, title: string) {
  const thisRun = link('this run', run.url)
  const rehearsal = outcome.rehearsal ? own('(Rehearsal) ') : own('')
  const verdict = say`${rehearsal}${verdictSentence(outcome)} (${thisRun}).`
  const facts = (kind: IssueKind) => say`${rehearsal}${factsOf(kind, outcome)} (${thisRun}).`
  return {
    title: (kind: IssueKind) => `${title}${TITLE_ENDS[kind]}${outcome.rehearsal ? ' (rehearsal)' : ''}`,
    body: (marker: Marker) => bodyOf(marker, outcome, run),
    news: (kind: IssueKind) => paragraph(say`What the last run saw has changed: ${facts(kind)}`),
    closing: (kind: IssueKind) =>
      paragraph(
        say`${own(kind === 'findings' ? 'All is well again: ' : 'A scan was seen to its end again: ')}${verdict}`,
      ),
    duplicate: (of: number) => paragraph(say`Two runs opened this at the same time; #${of} is kept.`),
  }
}

const TITLE_ENDS: Readonly<Record<IssueKind, string>> = { findings: '', 'not-run': ' (scan did not run)' }

function bodyOf(marker: Marker, outcome: Outcome, run: WorkflowRun): string {
  const { kind, completeAt } = marker
  const isFindings = kind === 'findings'
  const alerts = outcome.gate?.sight.alerts?.all.filter(({ status }) => status === 'counting') ?? []
  const gaps = outcome.gate?.sight.gaps.filter(({ isAccepted }) => !isAccepted) ?? []
  const blocks = [
    markerLine(marker),
    ...(outcome.rehearsal ? [paragraph(own('This is a rehearsal: an emulator stood in for the cloud.'))] : []),
    paragraph(say`${verdictSentence(outcome)}.`),
    ...otherFacts(outcome.judgement, outcome).map(paragraph),
    ...whatToDo(outcome, ROOM),
    ...(isFindings && marker.hasAlerts && alerts.length === 0
      ? [paragraph(own('Virus alerts were there when alerts were last read. This run did not read them to the end.'))]
      : []),
    ...(isFindings && alerts.length > 0 ? ['### Virus alerts that count', alertTable(alerts)] : []),
    ...(isFindings && gaps.length > 0
      ? [
          '### Not covered',
          table(
            ['Name', 'Why'],
            gaps.map((gap) => [say`${gap.name || gap.target}`, own(GAP_WORDS[gap.reason])]),
            'gaps',
            ROOM,
          ),
        ]
      : []),
    ...(completeAt === undefined
      ? []
      : [paragraph(say`A scan was last seen to its end on ${own(minute(Date.parse(completeAt)))} UTC.`)]),
    paragraph(
      say`Last updated by ${link(`run ${run.runId}`, run.url)} of the workflow ${run.workflow}. ${own(ENDS[kind])} It is found again by its label and its first line, which is hidden: leave both as they are.`,
    ),
  ]
  return `${blocks.join('\n\n')}\n`
}

const ENDS: Readonly<Record<IssueKind, string>> = {
  findings: 'This issue is closed by the next run that passes, and, if alerts were found, has read alerts.',
  'not-run': 'This issue is closed by the next run that sees a scan to its end.',
}

function alertTable(alerts: readonly JudgedAlert[]): string {
  const rows = alerts.map((alert) => [
    levelOf(alert),
    say`${alert.name}`,
    say`${alert.serverName || alert.server}`,
    own(minute(alert.lastSeenMs)),
  ])
  return table(['Level', 'Alert', 'Server', 'Last seen (UTC)'], rows, 'alerts', ROOM)
}

/** The facts that an issue goes by, gravest first. */
function factsOf(kind: IssueKind, outcome: Outcome): Sentence {
  const facts = factsIn(outcome.judgement).filter((fact) => isFinding(verdictOf(fact)) === (kind === 'findings'))
  return facts.flatMap((fact, i) => (i === 0 ? factSentence(fact, outcome) : say`; ${factSentence(fact, outcome)}`))
}
