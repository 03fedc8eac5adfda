import type { Clock } from '../../../src/domain/clock.ts'
import { AFFECTED, ALERTS, BY_UUIDS, GROUPS, LOOK, SERVERS, START, WHO_AM_I, type Witness } from './witness.ts'
import type { Breakage, InfoKind, LookScript, ServerRow, When, World } from './world.ts'

/** What the account of a random world answers to calls that arrive. */

type Params = Readonly<Record<string, string>>
type Body = Record<string, unknown>

export const ALLOWED_ACCOUNT = '1234567890123456'
export const STARTED_ID = '900000000000000001'

export class ModelCloud {
  readonly #world: World
  readonly #clock: Clock
  readonly #taskIds: readonly string[]
  readonly #witness: Witness
  readonly #looks = new Map<string, number>()
  #startAt: number | undefined
  #successAt: number | undefined

  constructor(world: World, taskIds: readonly string[], clock: Clock, witness: Witness) {
    this.#world = world
    this.#taskIds = taskIds
    this.#clock = clock
    this.#witness = witness
  }

  /** The good reply, its fields as the cloud sends them. */
  answer(action: string, params: Params): Body {
    switch (action) {
      case LOOK:
        return this.#look(params.TaskId ?? '')
      case START:
        return { ScanTaskId: this.create(params) }
      case SERVERS:
        return { Success: true, ...this.#page(params, 'Instances', this.#search(params)) }
      case BY_UUIDS: {
        const wanted = (params.Uuids ?? '').split(',')
        const rows = this.#servers().filter(({ Uuid }) => wanted.includes(Uuid))
        return { AssetList: rows.map(({ GroupId: _, ...row }) => row).reverse() }
      }
      case GROUPS:
        return { Count: this.#world.groups.length, Groups: this.#world.groups }
      case AFFECTED: {
        const rows = this.#servers().map(({ Uuid }) => ({ Uuid, EventCount: this.#alertsOf(Uuid).length }))
        // Whether servers without alerts are listed is not documented: here every other one is.
        return this.#page(
          params,
          'Data',
          rows.filter(({ EventCount }, i) => EventCount > 0 || i % 2 === 0),
        )
      }
      case ALERTS:
        return this.#page(params, 'Data', this.#alertsOf(params.Uuid ?? ''))
      case WHO_AM_I:
        return { AccountId: this.#world.isAllowedAccount ? ALLOWED_ACCOUNT : '6543210987654321' }
      default:
        throw new Error(`${action} is no call of this cloud`)
    }
  }

  /** A scan is there from now on, whether or not the client will hear of it. */
  create({ TargetInfo = '' }: Params): string {
    this.#startAt ??= this.#clock.now()
    this.#witness.created.push({ id: STARTED_ID, targets: TargetInfo, atMs: this.#clock.now() })
    return STARTED_ID
  }

  #look(id: string): Body {
    const place = id === STARTED_ID ? 0 : this.#taskIds.indexOf(id)
    const script = this.#world.looks[place % this.#world.looks.length] ?? []
    const nth = this.#looks.get(id) ?? 0
    this.#looks.set(id, nth + 1)
    const look: LookScript = script[Math.min(nth, script.length - 1)] ?? { progress: 'init', info: 'text' }
    if (look.progress === 'Success') this.#successAt ??= this.#clock.now()
    const targets: unknown[] =
      id === STARTED_ID
        ? JSON.parse(this.#witness.created.at(-1)?.targets ?? '[]')
        : [...(this.#world.targets[place % this.#world.targets.length] ?? [])]
    const info = targetInfo(look.info, targets)
    return { ScanTaskProgress: look.progress, ...(info === undefined ? {} : { TargetInfo: info }) }
  }

  #search({ Criteria = '[]' }: Params): readonly ServerRow[] {
    const [criterion] = JSON.parse(Criteria) as { name: string; value: string }[]
    if (criterion === undefined) return this.#servers()
    const { name, value } = criterion
    // As fuzzy as it may be: whatever contains the value, in any case.
    const has = (text: string) => text.toLowerCase().includes(value.toLowerCase())
    if (name === 'groupId') return this.#servers().filter(({ GroupId }) => has(String(GroupId)))
    return this.#servers().filter((row) => has(name === 'instanceId' ? row.InstanceId : row.InstanceName))
  }

  #page({ CurrentPage = '1', PageSize = '20' }: Params, field: string, rows: readonly object[]): Body {
    const size = Math.min(Number(PageSize), this.#world.pageCap)
    const from = (Number(CurrentPage) - 1) * size
    return { PageInfo: { TotalCount: rows.length }, [field]: rows.slice(from, from + size) }
  }

  #servers(): readonly ServerRow[] {
    return this.#world.servers.flatMap((base, i) => {
      const changes = this.#world.changes.filter(({ server, when }) => server === i && this.#isPast(when))
      const { isGone, ...row } = Object.assign({}, base, ...changes.map(({ becomes }) => becomes)) as typeof base
      return isGone ? [] : [row as ServerRow]
    })
  }

  #alertsOf(uuid: string): readonly Body[] {
    const place = this.#world.servers.findIndex(({ Uuid }) => Uuid === uuid)
    return this.#world.alerts
      .filter(({ server, from, until }) => server === place && this.#isPast(from) && !(until && this.#isPast(until)))
      .map(({ eventId, level, name }) => ({ EventId: eventId, Level: level, EventName: name, LastTimeStamp: 1.79e12 }))
  }

  #isPast({ after, ms }: When): boolean {
    const zero = after === 'beginning' ? 0 : after === 'start' ? this.#startAt : this.#successAt
    return zero !== undefined && this.#clock.now() >= zero + ms
  }
}

function targetInfo(kind: InfoKind, targets: readonly unknown[]): unknown {
  switch (kind) {
    case 'text':
      return JSON.stringify(targets)
    case 'array':
      return targets
    case 'missing':
      return undefined
    case 'broken':
      return JSON.stringify(targets).slice(0, -1)
    case 'null':
      return null
    case 'number':
      return 7
    case 'none':
      return '[]'
    case 'unknown-type':
      return JSON.stringify([...targets, { type: 'cluster', name: 'k8s', target: 'c-1' }])
    case 'other':
      return JSON.stringify([{ type: 'uuid', name: 'else', target: 'uuid-elsewhere' }])
  }
}

const LISTS: Readonly<Record<string, string>> = {
  [SERVERS]: 'Instances',
  [BY_UUIDS]: 'AssetList',
  [GROUPS]: 'Groups',
  [AFFECTED]: 'Data',
  [ALERTS]: 'Data',
}

/** A good reply made worse. `isBroken` where the contract calls it a reply without the expected fields. */
export function worsened(action: string, body: Body, breakage: Breakage): { body: Body; isBroken: boolean } {
  const broken = (changes: Body) => ({ body: { ...body, ...changes }, isBroken: true })
  const field = LISTS[action]
  if (field === undefined) {
    const nothing = [undefined, null, 0, '', [], { deep: 1 }, true][breakage.length % 7]
    const name = action === LOOK ? 'ScanTaskProgress' : action === START ? 'ScanTaskId' : 'AccountId'
    return broken({ [name]: nothing })
  }
  const rows = body[field] as readonly Body[]
  const isPaged = 'PageInfo' in body
  const total = (value: unknown) => ({ PageInfo: { TotalCount: value } })
  const count = isPaged ? (body.PageInfo as { TotalCount: number }).TotalCount : 0
  switch (breakage) {
    case 'no-rows':
      return broken({ [field]: undefined })
    case 'rows-null':
      return broken({ [field]: [...rows, null] })
    case 'row-without-id':
      return broken({ [field]: [...rows, { Level: 'serious', InstanceName: 'nobody' }] })
    case 'success-false':
      return broken({ Success: false })
    case 'no-total':
    case 'total-text':
    case 'total-negative': {
      if (!isPaged) return broken({ [field]: 'none' })
      return broken(total(breakage === 'no-total' ? undefined : breakage === 'total-text' ? String(count) : -1))
    }
    case 'one-missing':
      return { body: { ...body, ...(isPaged ? total(count + 1) : {}) }, isBroken: false }
    case 'row-twice':
      return { body: { ...body, [field]: [...rows.slice(0, 1), ...rows] }, isBroken: false }
    case 'stranger': {
      const row = action === SERVERS || action === BY_UUIDS ? STRANGER : undefined
      if (row === undefined) return { body, isBroken: false }
      return { body: { ...body, [field]: [...rows, row], ...(isPaged ? total(count + 1) : {}) }, isBroken: false }
    }
  }
}

/** A server that nobody asked for, and that nothing is good about. */
const STRANGER: ServerRow = {
  Uuid: 'uuid-stranger',
  InstanceId: 'i-stranger',
  InstanceName: 'stranger',
  GroupId: '77',
  ClientStatus: 'offline',
  AuthVersion: 1,
  Bind: false,
}
