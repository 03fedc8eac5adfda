import { parse } from 'json-bigint'
import type { Group, Server } from '../domain/coverage.ts'
import {
  isTaskId,
  type Observation,
  type Receipt,
  ramActionOf,
  SCAN_STATES,
  type Target,
  type TargetInfo,
  type TaskId,
} from '../domain/scan.ts'
import {
  type AlertRow,
  type Answer,
  type Feature,
  PAGE_SIZE,
  type Page,
  type ScanService,
  type ServerCriterion,
} from '../ports.ts'
import type { RpcClient } from './rpc.ts'
import { failed, missing, type RpcResult } from './rpcReply.ts'

/** The calls of Security Center (product Sas) and the shapes of their replies. No other file knows an action's name. */
export const API_VERSION = '2018-12-03'

/** The RAM actions of each feature. Source: the authorisation tables on the pages of the calls. */
const ACTIONS: Readonly<Record<Feature, readonly string[]>> = {
  wait: ['DescribeScanTaskProgress'],
  start: ['StartVirusScanTask'],
  'find-servers': ['DescribeCloudCenterInstances'],
  'find-groups': ['DescribeAllGroups'],
  gate: [
    'DescribeAssetDetailByUuids',
    'DescribeCloudCenterInstances',
    'ListVirusScanMachine',
    'ListVirusScanMachineEvent',
  ],
}

/** How the search spells what it may look for. */
const CRITERIA: Readonly<Record<ServerCriterion['field'], string>> = {
  name: 'instanceName',
  instanceId: 'instanceId',
  groupId: 'groupId',
}

/** Names in an allow-list are the English ones, whatever the account's language. */
const ENGLISH = { Lang: 'en' }

/** What a reply has that takes back what it says; no page names the field for a look, but a look is no better then. */
const NO_SUCCESS = 'Success: false in it'

type Body = Readonly<Record<string, unknown>>

export class SecurityCenter implements ScanService {
  readonly #rpc: Pick<RpcClient, 'call' | 'callFresh'>

  constructor(rpc: Pick<RpcClient, 'call' | 'callFresh'>) {
    this.#rpc = rpc
  }

  ramActions(features: readonly Feature[]): readonly string[] {
    return ramActionsOf(features)
  }

  async describeScanTaskProgress(id: TaskId, cancel: AbortSignal): Promise<Observation> {
    const action = 'DescribeScanTaskProgress'
    const result = await this.#rpc.call(action, { TaskId: id }, cancel)
    if (result.kind === 'failure') return failed(action, result.failure)

    const { Success: success, ScanTaskProgress: progress, TargetInfo: info } = result.body
    if (success === false) return missing(action, result, NO_SUCCESS)
    if (typeof progress !== 'string' || progress === '') {
      return missing(action, result, 'no ScanTaskProgress; the task id may be wrong, or belong to the other site')
    }
    const state = SCAN_STATES.find((known) => known.toLowerCase() === progress.toLowerCase())
    const targetInfo = readTargetInfo(info)
    return state === undefined
      ? { kind: 'unknown-state', raw: progress, targetInfo, ...receiptOf(result) }
      : { kind: 'state', state, targetInfo, ...receiptOf(result) }
  }

  async startScan(targets: readonly Target[], cancel: AbortSignal): Promise<Answer<{ readonly id: TaskId }>> {
    const action = 'StartVirusScanTask'
    const info = JSON.stringify(targets.map(({ type, name, target }) => ({ type, name, target })))
    const result = await this.#rpc.callFresh(action, { TargetInfo: info }, cancel)
    return read(action, result, ({ ScanTaskId }) => {
      const id = text(ScanTaskId)
      return isTaskId(id) ? { id } : 'no ScanTaskId'
    })
  }

  async listServers(
    criterion: ServerCriterion | 'all',
    page: number,
    cancel: AbortSignal,
  ): Promise<Answer<Page<Server>>> {
    const action = 'DescribeCloudCenterInstances'
    const criteria =
      criterion === 'all'
        ? {}
        : { Criteria: JSON.stringify([{ name: CRITERIA[criterion.field], value: criterion.value }]), LogicalExp: 'AND' }
    // Machines only: the asset list has databases and load balancers too, which no virus scan looks at.
    const params = { ...criteria, MachineTypes: 'ecs', ...pageOf(page), ...ENGLISH }
    const result = await this.#rpc.call(action, params, cancel)
    return read(action, result, (body) =>
      readPage(body, 'Instances', (row) => {
        const server = readServer(row)
        return server === undefined || server.groupId === '' ? undefined : server
      }),
    )
  }

  async serversOf(uuids: readonly string[], cancel: AbortSignal): Promise<Answer<readonly Server[]>> {
    const action = 'DescribeAssetDetailByUuids'
    const result = await this.#rpc.call(action, { Uuids: uuids.join(','), ...ENGLISH }, cancel)
    return read(action, result, (body) => readRows(body, 'AssetList', readServer))
  }

  async listGroups(cancel: AbortSignal): Promise<Answer<readonly Group[]>> {
    const action = 'DescribeAllGroups'
    const result = await this.#rpc.call(action, ENGLISH, cancel)
    return read(action, result, (body) =>
      readRows(body, 'Groups', ({ GroupId, GroupName }) => {
        const id = text(GroupId)
        return id === '' ? undefined : { id, name: text(GroupName) }
      }),
    )
  }

  async listServersWithAlerts(
    page: number,
    cancel: AbortSignal,
  ): Promise<Answer<Page<{ readonly uuid: string; readonly hasAlerts: boolean }>>> {
    const action = 'ListVirusScanMachine'
    const result = await this.#rpc.call(action, { ...pageOf(page), ...ENGLISH }, cancel)
    return read(action, result, (body) =>
      readPage(body, 'Data', ({ Uuid, EventCount }) => {
        const uuid = text(Uuid)
        // Whatever is no zero is not taken for one: the server is asked.
        return uuid === '' ? undefined : { uuid, hasAlerts: EventCount !== 0 }
      }),
    )
  }

  async listAlerts(uuid: string, page: number, cancel: AbortSignal): Promise<Answer<Page<AlertRow>>> {
    const action = 'ListVirusScanMachineEvent'
    const result = await this.#rpc.call(action, { Uuid: uuid, ...pageOf(page), ...ENGLISH }, cancel)
    return read(action, result, (body) =>
      readPage(body, 'Data', ({ EventId, Level, EventName, LastTimeStamp }): AlertRow | undefined => {
        const eventId = text(EventId)
        if (eventId === '') return undefined
        const seen = typeof LastTimeStamp === 'number' ? { lastSeenMs: LastTimeStamp } : {}
        return { eventId, level: text(Level), name: text(EventName), ...seen }
      }),
    )
  }
}

/** The RAM actions that these features of a run need, each once. */
export function ramActionsOf(features: readonly Feature[]): readonly string[] {
  return [...new Set(features.flatMap((feature) => ACTIONS[feature]))].map(ramActionOf)
}

function receiptOf({ requestId, serverTimeMs }: Receipt): Receipt {
  return { requestId, ...(serverTimeMs === undefined ? {} : { serverTimeMs }) }
}

/** An answer from a reply, if `reader` can make sense of it; else it says what the reply does not have. */
function read<T extends object>(action: string, result: RpcResult, reader: (body: Body) => T | string): Answer<T> {
  if (result.kind === 'failure') return failed(action, result.failure)
  if (result.body.Success === false) return missing(action, result, NO_SUCCESS)
  const value = reader(result.body)
  return typeof value === 'string'
    ? missing(action, result, value)
    : { kind: 'answer', value, action, ...receiptOf(result) }
}

function pageOf(page: number): { readonly CurrentPage: string; readonly PageSize: string } {
  return { CurrentPage: String(page), PageSize: String(PAGE_SIZE) }
}

/** The rows of a list, all of which must be readable. */
function readRows<T>(body: Body, field: string, reader: (row: Body) => T | undefined): readonly T[] | string {
  const list = body[field]
  if (!Array.isArray(list)) return `no array ${field}`
  const rows = list.map((row: unknown) => (typeof row === 'object' && row !== null ? reader(row as Body) : undefined))
  return rows.every((row): row is T => row !== undefined) ? rows : `a row in ${field} without its id`
}

function readPage<T>(body: Body, field: string, reader: (row: Body) => T | undefined): Page<T> | string {
  const rows = readRows(body, field, reader)
  if (typeof rows === 'string') return rows
  const info = body.PageInfo
  const total = typeof info === 'object' && info !== null && 'TotalCount' in info ? info.TotalCount : undefined
  return typeof total === 'number' && Number.isSafeInteger(total) && total >= 0 ? { rows, total } : 'no TotalCount'
}

function readServer(row: Body): Server | undefined {
  const uuid = text(row.Uuid)
  if (uuid === '') return undefined
  return {
    uuid,
    name: text(row.InstanceName),
    instanceId: text(row.InstanceId),
    groupId: text(row.GroupId),
    clientStatus: text(row.ClientStatus),
    isBound: row.Bind === true,
    edition: typeof row.AuthVersion === 'number' ? row.AuthVersion : Number.NaN,
  }
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
