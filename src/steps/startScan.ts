import { refusal } from '../domain/acceptor.ts'
import type { Failure, Receipt, Target, TaskId } from '../domain/scan.ts'
import type { CallEnding } from '../domain/waiter.ts'
import type { ScanService } from '../ports.ts'
import type { Caller } from './caller.ts'

export type Start =
  | ({ readonly kind: 'started'; readonly id: TaskId; readonly targets: readonly Target[] } & Receipt)
  /** Nothing was started. */
  | { readonly kind: 'ended'; readonly ending: CallEnding }
  /** The request went out and its fate is not known; `ending` where the run was over while it was under way. */
  | { readonly kind: 'unknown'; readonly failure: Failure; readonly ending?: CallEnding }

/** Codes of the network that say that no connection was made, so that nothing can have been sent. */
const NEVER_CONNECTED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']

/** Whether a failure proves that the cloud started nothing, so that the call may be repeated. */
export function provesNoStart({ cause, code, isUnsent, isUnconnected }: Failure): boolean {
  if (isUnsent || isUnconnected || cause === 'session-ended') return true
  if (cause === 'network') return NEVER_CONNECTED.includes(code)
  // A throttling without a code of its own is a guess from status or header, and a guess is no proof.
  return cause === 'throttled' && code !== 'InvalidResponse'
}

/** Starts a scan at most once. */
export async function startScan(targets: readonly Target[], cloud: ScanService, caller: Caller): Promise<Start> {
  const asked = await caller.ask<Exclude<Start, { kind: 'ended' }>>(async (stop) => {
    const answer = await cloud.startScan(targets, stop)
    if (answer.kind === 'answer') {
      const { value, serverTimeMs, ...rest } = answer
      const at = serverTimeMs === undefined ? {} : { serverTimeMs }
      return { ...rest, value: { kind: 'started', id: value.id, targets, requestId: rest.requestId, ...at } }
    }
    const { failure } = answer
    if (provesNoStart(failure) || refusal(failure.cause) !== 'none') return answer
    const ended = stop.aborted ? { ending: stop.reason as CallEnding } : {}
    return {
      kind: 'answer',
      value: { kind: 'unknown', failure, ...ended },
      action: failure.action,
      requestId: failure.requestId,
    }
  })
  return asked.kind === 'ended' ? asked : asked.value
}
