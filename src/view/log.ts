import { accept } from '../domain/acceptor.ts'
import type { Endpoint } from '../domain/endpoint.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Observation, TaskId } from '../domain/scan.ts'
import type { Step } from '../domain/waiter.ts'
import { clockTime, duration } from './duration.ts'
import { listed, own, type Sentence, say, toLog } from './sentence.ts'
import { siteName } from './summary.ts'
import { nextSteps, otherFacts, problemText } from './verdictText.ts'

/** A line for the log. `debug` lines are for runs with debug logging only; a `warning` becomes an annotation. */
export interface LogLine {
  readonly level: 'info' | 'debug' | 'warning'
  readonly text: string
}

/** Without news, a sign of life at most this often. */
const HEARTBEAT_MS = 60_000

export function openingLine(ids: readonly TaskId[], endpoint: Endpoint, deadlineMs: number): string {
  const what = ids.length === 1 ? `virus scan task ${ids[0]}` : `${ids.length} virus scan tasks`
  return `Waiting for ${what} at ${endpoint.host} (${siteName(endpoint.site)}), at most ${duration(deadlineMs)}`
}

/** Tells the wait as it happens: a line when what is seen of a task changes, else a heartbeat. */
export class Narrator {
  readonly #open: Set<TaskId>
  readonly #shown = new Map<TaskId, string>()
  readonly #warned = new Set<string>()
  readonly #introduced = new Set<TaskId>()
  #lastLineAt = 0

  readonly #maxConsecutiveErrors: number

  constructor(ids: readonly TaskId[], maxConsecutiveErrors: number) {
    this.#open = new Set(ids)
    this.#maxConsecutiveErrors = maxConsecutiveErrors
  }

  tell(step: Step): readonly LogLine[] {
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
  return [
    ...(problems.length > 1 ? problems : []).map((problem) => info(say`  - ${problemText(problem)}`)),
    ...otherFacts(judgement, outcome).map(info),
    ...unreadTargets(tasks),
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

/** What one look showed. */
function what({ observation }: Step): Sentence {
  if (observation.kind === 'state') return own(observation.state)
  if (observation.kind === 'unknown-state') return say`${observation.raw} (a state that is not documented)`
  const { code, message } = observation.failure
  return message === '' || message === code ? say`look failed: ${code}` : say`look failed: ${code}, ${message}`
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
