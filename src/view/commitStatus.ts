import type { Outcome } from '../domain/outcome.ts'
import type { CommitStatus } from '../domain/repository.ts'
import { factsIn, isFinding, verdictOf } from '../domain/verdict.ts'
import { toReason } from './sentence.ts'
import { reason } from './verdictText.ts'

/** The commit status: its state, and its description, of harmless characters only. */
export type StatusText = Pick<CommitStatus, 'state' | 'description'>

/** GitHub refuses a longer description. Source: its page on the REST API for commit statuses. */
const LONGEST_DESCRIPTION = 140

/** While the run goes on. With no ids a scan is to be started. */
export function pendingStatus(taskIds: readonly string[], rehearsal: boolean): StatusText {
  const [id = ''] = taskIds
  const what = taskIds.length === 1 ? `virus scan task ${id}` : `${taskIds.length} virus scan tasks, the first ${id}`
  const text = taskIds.length === 0 ? 'Starting a virus scan' : `Waiting for ${what}`
  return status('pending', rehearsal ? `(Rehearsal) ${text}` : text)
}

/** At the end. A scan that was only started stays pending: the step that waits for it ends the status. */
export function finalStatus(outcome: Outcome): StatusText {
  const { judgement } = outcome
  const text = toReason(reason(outcome))
  if (judgement.verdict === 'started') return status('pending', text)
  if (judgement.failsJob) return status(isFinding(judgement.verdict) ? 'failure' : 'error', text)
  if (judgement.verdict === 'passed') return status('success', text)
  const forgiven = [...new Set(factsIn(judgement).map(verdictOf))].filter((verdict) => verdict !== 'started')
  return status('success', `Forgiven by fail-on: ${forgiven.join(', ')}. ${text}`)
}

function status(state: CommitStatus['state'], text: string): StatusText {
  const description = text.length <= LONGEST_DESCRIPTION ? text : `${text.slice(0, LONGEST_DESCRIPTION - 3)}...`
  return { state, description }
}
