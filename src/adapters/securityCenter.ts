import { parse } from 'json-bigint'
import { type Observation, SCAN_STATES, type Target, type TargetInfo, type TaskId } from '../domain/scan.ts'
import type { CallFailure, RpcClient } from './rpc.ts'

/** The calls of Security Center (product Sas) and the shapes of their replies. No other file knows an action's name. */
export const API_VERSION = '2018-12-03'

export class SecurityCenter {
  readonly #rpc: Pick<RpcClient, 'call'>

  constructor(rpc: Pick<RpcClient, 'call'>) {
    this.#rpc = rpc
  }

  /** One look at a virus scan task. Never rejects. */
  async describeScanTaskProgress(id: TaskId, cancel: AbortSignal): Promise<Observation> {
    const action = 'DescribeScanTaskProgress'
    const result = await this.#rpc.call(action, { TaskId: id }, cancel)
    if (result.kind === 'failure') return failed(action, result.failure)

    const { ScanTaskProgress: progress, TargetInfo: info } = result.body
    const { requestId } = result
    if (typeof progress !== 'string' || progress === '') {
      const message = 'the reply has no ScanTaskProgress; the task id may be wrong, or belong to the other site'
      return failed(action, { cause: 'missing-fields', code: 'InvalidResponse', message, requestId, retryAfterMs: 0 })
    }
    const state = SCAN_STATES.find((known) => known.toLowerCase() === progress.toLowerCase())
    const targetInfo = readTargetInfo(info)
    return state === undefined
      ? { kind: 'unknown-state', raw: progress, targetInfo, requestId }
      : { kind: 'state', state, targetInfo, requestId }
  }
}

function failed(action: string, failure: CallFailure): Observation {
  return { kind: 'failure', failure: { ...failure, ramAction: `yundun-sas:${action}` } }
}

/**
 * Reads `TargetInfo`: by its page a string that holds a JSON array, in one published sample the array itself.
 * All of it can be read, or none of it counts.
 */
export function readTargetInfo(info: unknown): TargetInfo {
  try {
    const list: unknown = typeof info === 'string' ? parse(info) : info
    if (!Array.isArray(list)) return { kind: 'unreadable' }
    const targets = list.map(readTarget)
    return targets.every((target) => target !== undefined) ? { kind: 'read', targets } : { kind: 'unreadable' }
  } catch {
    return { kind: 'unreadable' }
  }
}

function readTarget(element: unknown): Target | undefined {
  if (typeof element !== 'object' || element === null) return undefined
  const { type, name, target } = element as Readonly<Record<string, unknown>>
  const id = text(target)
  if (typeof type !== 'string' || type === '' || id === '') return undefined
  return { type, name: text(name), target: id }
}

/** A string as it is; a number by its digits, also where the parser made an object of it; else `''`. */
function text(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  // The parser, pop-core's as well, makes objects of long numbers; JSON has no functions, so nothing else looks like one.
  return typeof value === 'object' && value !== null && 'toFixed' in value && typeof value.toFixed === 'function'
    ? String(value.toFixed())
    : ''
}
