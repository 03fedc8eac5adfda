import { listVirusScanMachine, listVirusScanMachineEvent } from './alertCalls.ts'
import { type Answer, illegalParam, type Look, refusal, state, success, verbatim, withoutFields } from './answers.ts'
import { describeAllGroups, describeAssetDetailByUuids, describeCloudCenterInstances } from './assetCalls.ts'
import type { Fleet, Moment } from './fleet.ts'
import { recordsIn } from './parameters.ts'
import type { Params } from './signature.ts'
import { TroubleScript, type Troubles } from './trouble.ts'

/** Security Center behind the gateway: what it does with a request that is well signed. */

/** What each look at a task shows in turn, the last one for ever; or by the time since the first look and the looks before. */
export type Looks = readonly Look[] | ((sinceFirstLookMs: number, before: number) => Look)

/** A virus scan task: what it scans, and how it goes. */
export interface Task {
  readonly targets: Targets
  readonly looks: Looks
}

export type Targets = readonly { readonly type: string; readonly name: string; readonly target: string }[]

/** What a start leads to. */
interface Start {
  /** Decimal digits, up to 19. */
  readonly id: string
  readonly looks: Looks
  /** The value of `TargetInfo` in the looks, instead of the text of what was sent. */
  readonly targetInfo?: unknown
}

export interface ServiceState {
  /** The tasks that were started before the story begins. */
  readonly tasks: Readonly<Record<string, Task>>
  /** What every other id stands for; absent where ids that nobody knows are met with nothing. */
  readonly otherTasks?: Task
  /** Without one the account has no servers, and a start is not held against it. */
  readonly fleet?: Fleet | ((moment: Moment) => Fleet)
  /** What the scans that get created become, in turn. */
  readonly starts?: readonly Start[] | ((nth: number) => Start)
  /** Actions that the key may not call. */
  readonly forbidden?: readonly string[]
  readonly trouble?: Troubles
}

export class Service {
  /** What was to be scanned by the scans that were created, those included that the client never heard of. */
  readonly started: Targets[] = []
  readonly #state: ServiceState
  readonly #wallClock: () => number
  readonly #troubles: TroubleScript
  readonly #startedTasks = new Map<string, { task: Task; targetInfo: unknown }>()
  readonly #looksAt = new Map<string, { readonly first: number; readonly count: number }>()
  #looks = 0
  #starts = 0
  #successAt: number | undefined

  constructor(serviceState: ServiceState, wallClock: () => number) {
    this.#state = serviceState
    this.#troubles = new TroubleScript(serviceState.trouble)
    this.#wallClock = wallClock
  }

  answer(params: Params): Answer {
    const action = params.Action ?? ''
    if (this.#state.forbidden?.includes(action)) return refusal(403, 'NoPermission', 'caller has no permission')
    const trouble = this.#troubles.next(action)
    if (trouble === undefined) return this.#call(action, params)
    if (action === 'StartVirusScanTask' && !isRefusal(trouble)) this.#create(params)
    return trouble
  }

  #call(action: string, params: Params): Answer {
    switch (action) {
      case 'StartVirusScanTask':
        return this.#startVirusScanTask(params)
      case 'DescribeScanTaskProgress':
        return this.#describeScanTaskProgress(params.TaskId ?? '')
      case 'DescribeCloudCenterInstances':
        return describeCloudCenterInstances(this.#fleet(), params)
      case 'DescribeAllGroups':
        return describeAllGroups(this.#fleet())
      case 'DescribeAssetDetailByUuids':
        return describeAssetDetailByUuids(this.#fleet(), params)
      case 'ListVirusScanMachine':
        return listVirusScanMachine(this.#fleet(), params)
      case 'ListVirusScanMachineEvent':
        return listVirusScanMachineEvent(this.#fleet(), params)
      default:
        return refusal(404, 'InvalidAction.NotFound', 'Specified api is not found, please check your url and method.')
    }
  }

  #startVirusScanTask(params: Params): Answer {
    const id = this.#create(params)
    if (id === undefined) return illegalParam()
    this.#starts += 1
    return success({ ScanTaskId: verbatim(id) })
  }

  /** The id of the scan that is now there; undefined if the request does not say what to scan. */
  #create({ TargetInfo }: Params): string | undefined {
    const targets = recordsIn(TargetInfo, ['type', 'name', 'target'])
    if (targets === undefined || targets.length === 0 || !this.#knows(targets)) return undefined
    const nth = this.started.push(targets) - 1
    const { starts = [] } = this.#state
    const { id, looks, ...rest } = (typeof starts === 'function' ? starts(nth) : starts[nth]) ?? {
      id: String(282_832 + nth),
      looks: [state('init'), state('Processing'), state('Success')],
    }
    const targetInfo = 'targetInfo' in rest ? rest.targetInfo : JSON.stringify(targets)
    this.#startedTasks.set(id, { task: { targets, looks }, targetInfo })
    return id
  }

  #knows(targets: Targets): boolean {
    if (!targets.every(({ type }) => type === 'uuid' || type === 'groupId')) return false
    if (this.#state.fleet === undefined) return true
    const { servers, groups } = this.#fleet()
    const uuids = new Set(servers.map(({ uuid }) => uuid))
    const groupIds = new Set(groups.map(({ id }) => id))
    return targets.every(({ type, target }) => (type === 'uuid' ? uuids : groupIds).has(target))
  }

  #describeScanTaskProgress(id: string): Answer {
    if (!/^\d+$/.test(id)) return illegalParam()
    const started = this.#startedTasks.get(id)
    const task = started?.task ?? this.#state.tasks[id] ?? this.#state.otherTasks
    // What the real service answers for an id it does not know is written nowhere; this is our guess.
    if (task === undefined) return reply(withoutFields(), undefined)
    const now = this.#wallClock()
    const { first, count } = this.#looksAt.get(id) ?? { first: now, count: 0 }
    this.#looksAt.set(id, { first, count: count + 1 })
    this.#looks += 1
    const { looks } = task
    const look =
      typeof looks === 'function'
        ? looks(now - first, count)
        : (looks[Math.min(count, looks.length - 1)] ?? state('init'))
    if (look.kind === 'progress' && look.fields.ScanTaskProgress === 'Success') this.#successAt ??= this.#wallClock()
    return reply(look, started === undefined ? JSON.stringify(task.targets) : started.targetInfo)
  }

  #fleet(): Fleet {
    const { fleet = { groups: [], servers: [] } } = this.#state
    if (typeof fleet !== 'function') return fleet
    const moment = { looks: this.#looks, starts: this.#starts }
    if (this.#successAt === undefined) return fleet(moment)
    return fleet({ ...moment, sinceSuccessMs: this.#wallClock() - this.#successAt })
  }
}

function reply(look: Look, targetInfo: unknown): Answer {
  return look.kind === 'progress' ? success({ TargetInfo: targetInfo, ...look.fields }) : look
}

/** Whether an answer arrives whole and says that nothing was done: after any other, it may have been. */
function isRefusal(answer: Answer): boolean {
  if (answer.kind !== 'reply' || answer.cut !== 'nowhere' || answer.stall !== 'nowhere') return false
  return answer.status >= 400 && answer.status < 500
}
