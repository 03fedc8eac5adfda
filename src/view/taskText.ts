import type { Outcome } from '../domain/outcome.ts'
import { type Failure, ramActionOf } from '../domain/scan.ts'
import type { TaskWait } from '../domain/waiter.ts'
import { duration } from './duration.ts'
import { listed, own, type Sentence, say } from './sentence.ts'

/** How tasks and what became of their looks are spoken of. */

export function tasksOf(tasks: readonly TaskWait[], outcome: Outcome): Sentence {
  const ids = listed(tasks.map((task) => own(task.id)))
  if (outcome.tasks.length === 1) return say`virus scan task ${ids}`
  return say`${tasks.length} of ${outcome.tasks.length} virus scan tasks (${ids})`
}

export function failureOf(tasks: readonly TaskWait[]): Sentence {
  const failures = tasks.map((task) => task.ending).flatMap((ending) => ('failure' in ending ? [ending.failure] : []))
  return listed([...new Set(failures.map((failure) => failure.code))].map((code) => say`${code}`))
}

/** The distinct refusals, those of the whole run first. */
export function refusals(tasks: readonly TaskWait[]): readonly Failure[] {
  const failures = tasks.flatMap(({ ending }) => (ending.kind === 'denied' ? [ending.failure] : []))
  return [...new Map(failures.map((failure) => [failure.code, failure])).values()]
}

export function refusalText(failure: Failure): Sentence {
  switch (failure.cause) {
    case 'permission':
      return say`${failure.code} (the RAM action ${own(ramActionOf(failure.action))} is not allowed)`
    case 'clock':
      return say`${failure.code} (the clock of the runner is ${clockText(failure)})`
    case 'login':
    case 'account':
    case 'untrusted':
    case 'proxy-refused':
      return say`${failure.code} (${failure.message})`
    case 'credentials':
      return say`${failure.code} (${own(/expired/i.test(failure.code) ? 'the session of the credentials has ended' : 'the credentials are not accepted')})`
    default:
      return say`${failure.code} (the request is not accepted)`
  }
}

function clockText({ clockAheadMs }: Failure): Sentence {
  if (clockAheadMs === undefined) return own('wrong')
  return own(`${duration(Math.abs(clockAheadMs))} ${clockAheadMs > 0 ? 'ahead of' : 'behind'} that of the cloud`)
}

/** Whether it is not the cloud that refuses, but something on the way to it. */
export function isOnTheWay({ cause }: Failure): boolean {
  return cause === 'untrusted' || cause === 'proxy-refused'
}

/** The cloud has no call to stop a scan; but nobody can tell of a scan that was never seen. */
export function scanGoesOn(tasks: readonly TaskWait[], { started }: Outcome): Sentence {
  return tasks.some(wasSeen) || started !== undefined ? own('the scan itself goes on') : own('no state was seen')
}

export function wasSeen(task: TaskWait): boolean {
  return task.state !== undefined || task.unknownState !== undefined
}

/** The states in which these tasks were last seen, each once. */
export function statesOf(tasks: readonly TaskWait[]): Sentence {
  return listed([...new Set(tasks.flatMap(({ state }) => state ?? []))].map(own))
}

export function lastSeen(tasks: readonly TaskWait[], outcome: Outcome): readonly Sentence[] {
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
    ...(tasks.some(wasSeen) || outcome.started !== undefined ? [scanGoesOn(tasks, outcome)] : []),
  ]
}

export function errorCount(tasks: readonly TaskWait[]): Sentence {
  const errors = Math.max(...tasks.map((task) => task.consecutiveErrors))
  return errors === 1 ? own('the look failed with') : say`${errors} looks in a row failed, the last with`
}

/** A task that never showed a state, in replies that were well-formed otherwise. */
export function isMissingFields(tasks: readonly TaskWait[]): boolean {
  return tasks.some((task) => task.state === undefined && task.lastFailure?.cause === 'missing-fields')
}

export function wrongIdHint(tasks: readonly TaskWait[], outcome: Outcome): Sentence {
  if (!isMissingFields(tasks)) return []
  return say`, so the id may be wrong or belong to the other site (this run asked the ${siteOf(outcome)} site)`
}

/** The site that was asked, as a word. */
export function siteOf(outcome: Outcome): Sentence {
  return own(outcome.cloud?.site ?? 'other')
}
