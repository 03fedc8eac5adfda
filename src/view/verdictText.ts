import type { Outcome } from '../domain/outcome.ts'
import type { Failure } from '../domain/scan.ts'
import { type Fact, type Judgement, type Problem, type Verdict, verdictOf } from '../domain/verdict.ts'
import type { TaskWait } from '../domain/waiter.ts'
import { duration } from './duration.ts'
import { code, join, listed, own, type Sentence, say } from './sentence.ts'

/** What each verdict is called on a page. */
export const HEADINGS: Readonly<Record<Verdict, string>> = {
  passed: 'Virus scan passed',
  'scan-failed': 'Virus scan failed',
  'timed-out': 'Virus scan not finished in time',
  unavailable: 'Virus scan could not be watched',
  denied: 'Virus scan: refused by the cloud',
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
  return tasks.length === 1
    ? say`Virus scan task ${own(taskIds[0] ?? '')} ended with Success (what it found was not read)`
    : say`All ${tasks.length} virus scan tasks ended with Success (what they found was not read)`
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
      return say`The wait for ${tasksOf(fact.tasks, outcome)} was cancelled after ${own(duration(outcome.elapsedMs))}, ${scanGoesOn(fact.tasks)}`
    case 'denied':
      return say`The cloud refused ${tasksOf(fact.tasks, outcome)}: ${listed(refusals(fact.tasks).map(refusalText))}`
    case 'scan-failed':
      return say`Security Center ended ${tasksOf(fact.tasks, outcome)} with Failed`
    case 'timed-out':
      return say`The wait for ${tasksOf(fact.tasks, outcome)} ended at the deadline, after ${own(duration(outcome.elapsedMs))}: ${join(lastSeen(fact.tasks), ', ')}`
    case 'unavailable':
      return say`The state of ${tasksOf(fact.tasks, outcome)} is not known: ${errorCount(fact.tasks)} ${failureOf(fact.tasks)}${wrongIdHint(fact.tasks, outcome)}`
    case 'defect':
      return own('This action made a mistake and saw nothing to rely on, the debug log has the details')
  }
}

/** What to do now, most useful first; nothing when all is well. */
export function nextSteps(outcome: Outcome): readonly Sentence[] {
  const facts = [outcome.judgement.decisive, ...outcome.judgement.others].filter((fact) => fact !== undefined)
  return facts.flatMap((fact) => stepsFor(fact, outcome))
}

function stepsFor(fact: Fact, outcome: Outcome): readonly Sentence[] {
  switch (fact.kind) {
    case 'invalid-input':
      return [own('Mend the inputs named above; the README of this action lists them all.')]
    case 'cancelled':
      return [own('The cloud has no call to stop a scan. To go on waiting, run this step again with the same task-id.')]
    case 'denied':
      return refusals(fact.tasks).map((failure) => remedy(failure, outcome))
    case 'scan-failed':
      return [
        own(
          'Look the task up in the Security Center console (Virus Detection and Removal) and see that its servers are online and have the agent running.',
        ),
        own('Then start a new scan: a task that has failed cannot be resumed.'),
      ]
    case 'timed-out':
      return [
        fact.tasks.some(wasSeen)
          ? own('Run this step again with the same task-id to go on waiting, or raise timeout-minutes.')
          : say`No look succeeded: see that the runner can reach ${outcome.cloud?.host ?? 'the endpoint'} before you raise timeout-minutes.`,
        ...(fact.tasks.some((task) => task.unknownState !== undefined)
          ? [
              own(
                'Look the task up in the console. A state that is not documented is never taken for success: report it to this project.',
              ),
            ]
          : []),
      ]
    case 'unavailable':
      return [
        own('Run this step again with the same task-id: the scan does not depend on this job.'),
        ...(missingFields(fact.tasks)
          ? [checkTheId(outcome)]
          : [
              own('If it happens often, raise max-consecutive-errors, and see that the runner may reach the endpoint.'),
            ]),
      ]
    case 'defect':
      return [own('Run the job again with debug logging and report the stack trace to this project.')]
  }
}

/** The remedy for a refusal. */
function remedy(failure: Failure, outcome: Outcome): Sentence {
  switch (failure.cause) {
    case 'permission':
      return say`Allow ${own(failure.ramAction)} to the RAM user or role whose key is used. This policy is enough: ${policy(failure.ramAction)}`
    case 'clock':
      return own("Set the runner's clock: the cloud refuses requests whose time is more than 15 minutes off.")
    case 'credentials':
      return credentialsRemedy(failure.code, outcome)
    default:
      return checkTheId(outcome)
  }
}

function checkTheId(outcome: Outcome): Sentence {
  return say`See that task-id is what StartVirusScanTask returned, and that region-id chooses the site where it was started (this run asked the ${siteOf(outcome)} site).`
}

function siteOf(outcome: Outcome): Sentence {
  return own(outcome.cloud?.site ?? 'other')
}

function credentialsRemedy(code: string, outcome: Outcome): Sentence {
  if (/securitytoken.*expired/i.test(code)) {
    return own(
      'The session of the credentials ended during the wait: raise role-session-expiration in the step that logs in, and the maximum session duration of the RAM role where it allows less.',
    )
  }
  if (/securitytoken/i.test(code)) {
    return own(
      'The security token does not belong to this key: pass all three of one session, or no token with a permanent key.',
    )
  }
  if (/signature/i.test(code)) {
    return own(
      'The access key secret does not belong to the access key id: copy both again, without spaces around them.',
    )
  }
  return say`See that the access key exists, is enabled, and belongs to an account of the ${siteOf(outcome)} site, which region-id chooses.`
}

/** The smallest RAM policy that allows one action. The service knows no finer resource than `*` for these calls. */
function policy(ramAction: string): Sentence {
  const statement = { Effect: 'Allow', Action: [ramAction], Resource: '*' }
  return code(JSON.stringify({ Version: '1', Statement: [statement] }))
}

/** One problem in full: what, which value, why. */
export function problemText({ name, value, text }: Problem): Sentence {
  return value === undefined ? say`${name} ${own(text)}` : say`${name}: ${value} ${own(text)}`
}

function problemsSentence(fact: Extract<Fact, { kind: 'invalid-input' }>): Sentence {
  const listed = fact.problems.map(problemText)
  if (listed.length <= 1) return join(listed, '')
  return say`${listed.length} problems with the inputs: ${join(
    listed.map((problem, i) => say`(${i + 1}) ${problem}`),
    ', ',
  )}`
}

function tasksOf(tasks: readonly TaskWait[], outcome: Outcome): Sentence {
  const ids = listed(tasks.map((task) => own(task.id)))
  if (outcome.tasks.length === 1) return say`virus scan task ${ids}`
  return say`${tasks.length} of ${outcome.tasks.length} virus scan tasks (${ids})`
}

function failureOf(tasks: readonly TaskWait[]): Sentence {
  const failures = tasks.map((task) => task.ending).flatMap((ending) => ('failure' in ending ? [ending.failure] : []))
  return listed([...new Set(failures.map((failure) => failure.code))].map((code) => say`${code}`))
}

/** The distinct refusals, those of the whole run first. */
function refusals(tasks: readonly TaskWait[]): readonly Failure[] {
  const failures = tasks.flatMap(({ ending }) => (ending.kind === 'denied' ? [ending.failure] : []))
  return [...new Map(failures.map((failure) => [failure.code, failure])).values()]
}

function refusalText(failure: Failure): Sentence {
  switch (failure.cause) {
    case 'permission':
      return say`${failure.code} (the RAM action ${own(failure.ramAction)} is not allowed)`
    case 'clock':
      return say`${failure.code} (the clock of the runner is wrong)`
    case 'credentials':
      return say`${failure.code} (the credentials are not accepted)`
    default:
      return say`${failure.code} (the request is not accepted)`
  }
}

/** The cloud has no call to stop a scan; but nobody can tell of a scan that was never seen. */
function scanGoesOn(tasks: readonly TaskWait[]): Sentence {
  return tasks.some(wasSeen) ? own('the scan itself goes on') : own('no state was seen')
}

function wasSeen(task: TaskWait): boolean {
  return task.state !== undefined || task.unknownState !== undefined
}

function lastSeen(tasks: readonly TaskWait[]): readonly Sentence[] {
  const words = tasks.map((task) => {
    if (task.looks === 0) return 'never looked at'
    if (task.unknownState !== undefined) return undefined
    return task.state === undefined ? 'no state was seen' : `last seen ${task.state}`
  })
  const known = [...new Set(words.filter((word) => word !== undefined))].map(own)
  const unknown = [...new Set(tasks.flatMap((task) => task.unknownState ?? []))]
  const failed = tasks.filter((task) => task.lastFailure !== undefined)
  return [
    ...known,
    ...(unknown.length === 0
      ? []
      : [say`last seen ${listed(unknown.map((raw) => say`${raw}`))}, which is no known state`]),
    ...(failed.length === 0 ? [] : [say`the last look failed (${failed[0]?.lastFailure?.code ?? ''})`]),
    ...(tasks.some(wasSeen) ? [scanGoesOn(tasks)] : []),
  ]
}

function errorCount(tasks: readonly TaskWait[]): Sentence {
  const errors = Math.max(...tasks.map((task) => task.consecutiveErrors))
  return errors === 1 ? own('the look failed with') : say`${errors} looks in a row failed, the last with`
}

/** A task that never showed a state, in replies that were well-formed otherwise. */
function missingFields(tasks: readonly TaskWait[]): boolean {
  return tasks.some((task) => task.state === undefined && task.lastFailure?.cause === 'missing-fields')
}

function wrongIdHint(tasks: readonly TaskWait[], outcome: Outcome): Sentence {
  if (!missingFields(tasks)) return []
  return say`, so the id may be wrong or belong to the other site (this run asked the ${siteOf(outcome)} site)`
}
