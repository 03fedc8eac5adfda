import { accept } from '../domain/acceptor.ts'
import type { RunEvent } from '../domain/event.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Failure, Observation, TaskId } from '../domain/scan.ts'
import type { Step } from '../domain/waiter.ts'
import { clockTime, duration } from './duration.ts'
import { alertCounts, alertText, allowListNotes, counted, GAP_WORDS, sightNotes } from './gateText.ts'
import { nextSteps } from './remedies.ts'
import { listed, own, type Sentence, say, toLog, toReason } from './sentence.ts'
import { otherFacts, problemText, reason } from './verdictText.ts'

/** A line for the log. `debug` lines are for runs with debug logging only; a `warning` becomes an annotation. */
export interface LogLine {
  readonly level: 'info' | 'debug' | 'warning'
  readonly text: string
}

/** Without news, a sign of life at most this often. */
const HEARTBEAT_MS = 60_000

/** Tells a run as it happens: of a task a line when what is seen of it changes, else a heartbeat. */
export class Narrator {
  readonly #open: Set<TaskId>
  readonly #failing = new Set<string>()
  readonly #shown = new Map<TaskId, string>()
  readonly #warned = new Set<string>()
  readonly #introduced = new Set<TaskId>()
  #lastLineAt = 0

  readonly #maxConsecutiveErrors: number

  constructor(ids: readonly TaskId[], maxConsecutiveErrors: number) {
    this.#open = new Set(ids)
    this.#maxConsecutiveErrors = maxConsecutiveErrors
  }

  tell(event: RunEvent): readonly LogLine[] {
    const line = (sentence: Sentence): LogLine[] => {
      this.#lastLineAt = 'atMs' in event ? event.atMs : this.#lastLineAt
      return [{ level: 'info', text: `${clockTime(this.#lastLineAt)}  ${toLog(sentence)}` }]
    }
    switch (event.kind) {
      case 'look':
        return this.#tellLook(event.step)
      case 'started':
        this.#open.add(event.id)
        return line(say`virus scan task ${own(event.id)} was started on ${counted(event.targets.length, 'target')}`)
      case 'session':
        return line(
          say`${own(event.isRenewed ? 'session renewed' : 'logged in')}, for ${own(duration(event.endsAtMs - event.atMs))}`,
        )
      case 'logged-in':
        return event.account === undefined ? [] : line(say`account ${own(event.account)}`)
      case 'looked-up':
        return line(say`to scan: ${listed(event.targets.map((target) => say`${target.name}`))}`)
      case 'coverage':
        return [...line(coverageLine(event)), ...this.#gapWarning(event)]
      case 'alerts':
        return line(alertsLine(event))
      case 'call-failed':
        return this.#tellFailedCall(event)
    }
  }

  /** The first failure of a kind is news, the rest is for debugging. */
  #tellFailedCall({ atMs, failure, errors, delayMs }: Extract<RunEvent, { kind: 'call-failed' }>): readonly LogLine[] {
    const next = delayMs === undefined ? 'not repeated' : `error ${errors} in a row, next try in ${duration(delayMs)}`
    const key = `${failure.action} ${failure.code} ${delayMs === undefined}`
    const level = this.#failing.has(key) ? 'debug' : 'info'
    this.#failing.add(key)
    const text = toLog(say`${own(failure.action)} failed: ${failureText(failure)} (${own(next)})`)
    return [{ level, text: `${clockTime(atMs)}  ${text}` }]
  }

  /** A task that runs already cannot be kept back, but nobody should wait for an hour to hear of a gap. */
  #gapWarning({ when, gaps }: Extract<RunEvent, { kind: 'coverage' }>): readonly LogLine[] {
    const open = gaps.filter((gap) => !gap.isAccepted)
    if (when === 'after' || open.length === 0 || this.#open.size === 0) return []
    const text = toLog(
      say`The scan does not cover ${listed(open.map(({ name, target }) => say`${name || target}`))}: this counts at its end, whatever is found.`,
    )
    return [{ level: 'warning', text }]
  }

  #tellLook(step: Step): readonly LogLine[] {
    const { sight, observation, decision, atMs } = step
    if (decision.kind === 'stop') this.#open.delete(sight.id)

    const lines: LogLine[] = []
    const line = (level: LogLine['level'], id: string, sentence: Sentence) => {
      lines.push({ level, text: `${clockTime(atMs)}  ${id}  ${toLog(sentence)}` })
    }
    const seen = say`${what(step)}${this.#errorCount(step)}`
    const next =
      decision.kind === 'stop' || observation.kind === 'failure'
        ? own('')
        : own(`, next look in ${duration(decision.delayMs)}`)
    if (this.#shown.get(sight.id) !== identity(step)) {
      this.#shown.set(sight.id, identity(step))
      line('info', sight.id, say`${seen}${this.#firstTargets(step)}`)
      this.#lastLineAt = atMs
    } else if (atMs - this.#lastLineAt >= HEARTBEAT_MS) {
      const others = this.#open.size > 1 ? own(` (${this.#open.size} tasks still open)`) : own('')
      line('info', sight.id, say`still ${seen} after ${sight.looks} looks${next}${others}`)
      this.#lastLineAt = atMs
    }
    line('debug', sight.id, say`look ${sight.looks}: ${seen}, request ${requestIdOf(observation)}${next}`)

    if (observation.kind === 'unknown-state' && !this.#warned.has(observation.raw)) {
      this.#warned.add(observation.raw)
      const text = toLog(
        say`Virus scan task ${own(sight.id)} is in a state that is not documented: ${observation.raw}. It is not taken for an end; the wait goes on.`,
      )
      lines.push({ level: 'warning', text })
    }
    return lines
  }

  #errorCount({ observation, sight, decision }: Step): Sentence {
    if (observation.kind !== 'failure' || accept(observation) === 'refused') return []
    const forgiven = this.#maxConsecutiveErrors
    return decision.kind === 'stop'
      ? say` (error ${sight.consecutiveErrors} in a row, ${forgiven} are forgiven: the wait ends here)`
      : say` (error ${sight.consecutiveErrors} in a row, ${forgiven} are forgiven, next look in ${own(duration(decision.delayMs))})`
  }

  /** What a task scans, told once. */
  #firstTargets({ sight }: Step): Sentence {
    if (sight.targets === undefined || this.#introduced.has(sight.id)) return []
    this.#introduced.add(sight.id)
    const names = sight.targets.map((target) => say`${target.name || target.target}`)
    return names.length === 0 ? own(', no targets') : say`, scans ${listed(names)}`
  }
}

/** What is said before the annotation that gives the reason: names in full, and what holds besides. */
export function detailLines(outcome: Outcome): readonly LogLine[] {
  const { judgement, tasks } = outcome
  const problems = judgement.decisive?.kind === 'invalid-input' ? judgement.decisive.problems : []
  // A single one is what the annotation says; several are easier to read one a line.
  const sentence = reason(outcome)
  return [
    ...(problems.length > 1 ? problems : []).map((problem) => info(say`  - ${problemText(problem)}`)),
    // The annotation has harmless characters only; whose name lost some of its own reads it here.
    ...(problems.length <= 1 && toLog(sentence) !== toReason(sentence) ? [info(sentence)] : []),
    ...otherFacts(judgement, outcome).map(info),
    ...(outcome.gate === undefined ? unreadTargets(tasks) : gateLines(outcome.gate)),
  ]
}

/** More lines of one kind than this are for the outputs and the report. */
const MOST_LINES = 100

/** GitHub's page of a run shows ten warnings a step. */
const MOST_WARNINGS = 9

function capped(
  sentences: readonly Sentence[],
  level: LogLine['level'] = 'info',
  most = MOST_LINES,
): readonly LogLine[] {
  const rest = sentences.length - most
  const shown = [...sentences.slice(0, most), ...(rest > 0 ? [say`  and ${rest} more`] : [])]
  return shown.map((sentence) => ({ level, text: toLog(sentence) }))
}

function gateLines(gate: NonNullable<Outcome['gate']>): readonly LogLine[] {
  const { warnings, notes } = allowListNotes(gate)
  const counting = gate.sight.alerts?.all.filter(({ status }) => status === 'counting') ?? []
  return [
    ...capped(counting.map((alert) => say`  - ${alertText(alert)}, event ${alert.eventId}`)),
    ...capped([...sightNotes(gate.sight), ...notes]),
    ...capped(warnings, 'warning', MOST_WARNINGS),
  ]
}

/** The last lines of the log: what to do about the reason. */
export function remedyLines(outcome: Outcome): readonly LogLine[] {
  const steps = nextSteps(outcome)
  return steps.length === 0 ? [] : [info(own('What to do now:')), ...steps.map((step) => info(say`  - ${step}`))]
}

function info(sentence: Sentence): LogLine {
  return { level: 'info', text: toLog(sentence) }
}

/** A wait goes by the state alone, so targets that could not be read are a warning. */
function unreadTargets(tasks: Outcome['tasks']): readonly LogLine[] {
  const unread = tasks.filter((task) => task.looks > 0 && task.state !== undefined && task.targets === undefined)
  if (unread.length === 0) return []
  const ids = unread.map((task) => task.id).join(', ')
  return [
    {
      level: 'warning',
      text: `TargetInfo of virus scan task ${ids} could not be read, so the outputs do not say what was scanned. The verdict stands.`,
    },
  ]
}

function coverageLine({ when, servers, gaps }: Extract<RunEvent, { kind: 'coverage' }>): Sentence {
  const uncovered = gaps.map(
    ({ name, target, reason, isAccepted }) =>
      say`${name || target} ${own(GAP_WORDS[reason])}${own(isAccepted ? ' (accepted)' : '')}`,
  )
  const state = gaps.length === 0 ? own('all covered') : listed(uncovered)
  return say`coverage ${own(when)} the scan: ${counted(servers.size, 'server')}, ${state}`
}

function alertsLine({ when, read, nextInMs }: Extract<RunEvent, { kind: 'alerts' }>): Sentence {
  const next = nextInMs === undefined ? own('') : own(`; read again in ${duration(nextInMs)}, to be sure`)
  return say`open virus alerts ${own(when)} the scan: ${alertCounts(read.all)}${next}`
}

/** What one look showed. */
function what({ observation }: Step): Sentence {
  if (observation.kind === 'state') return own(observation.state)
  if (observation.kind === 'unknown-state') return say`${observation.raw} (a state that is not documented)`
  return say`look failed: ${failureText(observation.failure)}`
}

function failureText({ code, message }: Failure): Sentence {
  return message === '' || message === code ? say`${code}` : say`${code}, ${message}`
}

function requestIdOf(observation: Observation): string {
  return (observation.kind === 'failure' ? observation.failure.requestId : observation.requestId) || 'unknown'
}

/** Two looks with the same identity are no news. */
function identity(step: Step): string {
  const { observation, decision } = step
  const end = decision.kind === 'stop' ? 'end' : ''
  if (observation.kind === 'state') return observation.state
  if (observation.kind === 'unknown-state') return `?${observation.raw}`
  return `!${observation.failure.code}${end}`
}

/** What was done at GitHub, and where: a name that the workflow gives, or an address. */
export function repositoryLine(done: string, where: string): LogLine {
  return info(say`${own(done)}: ${where}`)
}
