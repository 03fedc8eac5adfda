import type { Outcome } from '../domain/outcome.ts'
import { type Fact, type Judgement, type Problem, type Purpose, type Verdict, verdictOf } from '../domain/verdict.ts'
import { duration } from './duration.ts'
import { alertsSentence, cleanSentence, counted, incompleteSentence } from './gateText.ts'
import { join, listed, own, type Sentence, say } from './sentence.ts'
import {
  errorCount,
  failureOf,
  isOnTheWay,
  lastSeen,
  refusals,
  refusalText,
  scanGoesOn,
  statesOf,
  tasksOf,
  wrongIdHint,
} from './taskText.ts'

/** What each verdict is called on a page. */
export const HEADINGS: Readonly<Record<Verdict, string>> = {
  passed: 'Virus scan passed',
  started: 'Virus scan started',
  alerts: 'Virus alerts found',
  incomplete: 'Virus scan does not cover everything',
  'scan-failed': 'Virus scan failed',
  'timed-out': 'Virus scan not finished in time',
  unavailable: 'Virus scan could not be watched',
  denied: 'Virus scan: access refused',
  cancelled: 'Virus scan: wait cancelled',
  'invalid-input': 'Virus scan: invalid input',
}

/** The one sentence of `reason`. */
export function reason(outcome: Outcome): Sentence {
  return outcome.rehearsal ? say`(Rehearsal) ${verdictSentence(outcome)}` : verdictSentence(outcome)
}

/** Why the verdict is what it is, whatever else holds. */
export function verdictSentence(outcome: Outcome): Sentence {
  const { judgement, tasks, taskIds } = outcome
  if (judgement.decisive !== undefined) return factSentence(judgement.decisive, outcome)
  const ended =
    tasks.length === 1
      ? say`Virus scan task ${own(taskIds[0] ?? '')} ended with Success`
      : say`All ${tasks.length} virus scan tasks ended with Success`
  return outcome.gate === undefined
    ? say`${ended} (what ${own(tasks.length === 1 ? 'it' : 'they')} found was not read)`
    : say`${ended}, and there is ${cleanSentence(outcome.gate)}`
}

/** All of it that is not in `reason`: the other facts. */
export function otherFacts(judgement: Judgement, outcome: Outcome): readonly Sentence[] {
  return judgement.others.map((fact) => say`Also ${own(verdictOf(fact))}: ${factSentence(fact, outcome)}`)
}

/** One fact in one sentence. */
export function factSentence(fact: Fact, outcome: Outcome): Sentence {
  switch (fact.kind) {
    case 'invalid-input':
      return problemsSentence(fact)
    case 'cancelled':
      return say`The wait for ${tasksOf(fact.tasks, outcome)} was cancelled after ${own(duration(outcome.elapsedMs))}, ${scanGoesOn(fact.tasks, outcome)}`
    case 'denied': {
      const failures = refusals(fact.tasks)
      const who = own(failures.every(isOnTheWay) ? 'No connection to the cloud for' : 'The cloud refused')
      return say`${who} ${tasksOf(fact.tasks, outcome)}: ${listed(failures.map(refusalText))}`
    }
    case 'scan-failed':
      return say`Security Center ended ${tasksOf(fact.tasks, outcome)} with ${statesOf(fact.tasks)}`
    case 'timed-out':
      return say`The wait for ${tasksOf(fact.tasks, outcome)} ended at the deadline, after ${own(duration(outcome.elapsedMs))}: ${join(lastSeen(fact.tasks, outcome), ', ')}`
    case 'unavailable':
      return say`The state of ${tasksOf(fact.tasks, outcome)} is not known: ${errorCount(fact.tasks)} ${failureOf(fact.tasks)}${wrongIdHint(fact.tasks, outcome)}`
    case 'call-ended':
      return callSentence(fact, outcome)
    case 'start-unknown':
      return say`The start of the scan got no answer that says what became of it (${fact.failure.code}): a scan may be running, and its id is lost`
    case 'alerts':
      return alertsSentence(fact, outcome)
    case 'incomplete':
      return incompleteSentence(fact, outcome)
    case 'started':
      return say`Virus scan task ${own(fact.id)} was started on ${counted(outcome.started?.targets.length ?? 0, 'target')}, and this step did not wait for it`
    case 'report-not-written':
      return say`The report could not be written to ${fact.path}: ${fact.why}`
    case 'defect':
      return own('This action made a mistake and saw nothing to rely on, the debug log has the details')
  }
}

/** What a call was made for, after `to`. */
const PURPOSES: Readonly<Record<Purpose, string>> = {
  'allow-list': 'read the allow-list',
  login: 'log in',
  'look-up': 'look the targets up',
  coverage: 'see what the scan covers',
  baseline: 'read the virus alerts that were open before the scan',
  start: 'start the scan',
  'coverage-after': 'see what the scan covered',
  alerts: 'read the virus alerts',
}

function callSentence({ purpose, ending }: Extract<Fact, { kind: 'call-ended' }>, outcome: Outcome): Sentence {
  const task = own(PURPOSES[purpose])
  const after = own(duration(outcome.elapsedMs))
  switch (ending.kind) {
    case 'denied': {
      const { failure } = ending
      if (failure.cause === 'account') return say`The account is not allowed: ${failure.message}`
      const who = own(isOnTheWay(failure) ? 'No connection to the cloud to' : 'The cloud refused to')
      if (purpose === 'login' && !isOnTheWay(failure)) return say`The login was refused: ${refusalText(failure)}`
      return say`${who} ${task}: ${refusalText(failure)}`
    }
    case 'unavailable':
      return say`It was not possible to ${task}: too many calls in a row failed, the last with ${ending.failure.code}`
    case 'timed-out':
      return outcome.tasks.some((wait) => wait.ending.kind === 'passed')
        ? say`The scan ended, but the deadline came, after ${after}, before the action could ${task}${alertsSoFar(outcome)}`
        : say`The deadline came, after ${after}, before the action could ${task}${
            outcome.taskIds.length > 0 ? own('') : own(', nothing was started')
          }`
    case 'cancelled':
      return say`The run was cancelled after ${after}, while it was to ${task}${
        outcome.taskIds.length > 0 ? own('') : purpose === 'start' ? own('') : own(', nothing was started')
      }`
  }
}

/** Whether a deadline left nothing read, or something that could not be confirmed. */
function alertsSoFar({ gate }: Outcome): Sentence {
  const reads = gate?.sight.alerts?.reads ?? 0
  return own(reads === 0 ? ': alerts not read' : ': alerts read, but not confirmed by a second read')
}

/** One problem in full: what, which value, why. */
export function problemText({ name, value, text, found = [] }: Problem): Sentence {
  const sentence = value === undefined ? say`${name} ${own(text)}` : say`${name}: ${value} ${own(text)}`
  const list = join(
    found.map((thing) => say`${thing}`),
    ', ',
  )
  return found.length === 0 ? sentence : say`${sentence} ${list}`
}

/** A reason is one sentence: of a long list of problems the log has the rest. */
const MOST_PROBLEMS = 10

function problemsSentence({ problems }: Extract<Fact, { kind: 'invalid-input' }>): Sentence {
  const texts = problems.slice(0, MOST_PROBLEMS).map(problemText)
  if (problems.length <= 1) return join(texts, '')
  const rest = problems.length - texts.length
  const numbered = texts.map((problem, i) => say`(${i + 1}) ${problem}`)
  const end = rest === 0 ? [] : [say`and ${rest} more, which the log lists`]
  return say`${problems.length} problems with the inputs: ${join([...numbered, ...end], ', ')}`
}
