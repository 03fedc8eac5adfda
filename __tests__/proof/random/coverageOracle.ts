import type { Asked } from './asked.ts'
import type { Played } from './play.ts'
import {
  type Assets,
  assetsIn,
  byList,
  type Placed,
  type Row,
  readingsOf,
  rowsIn,
  type Target,
  targetsIn,
} from './shown.ts'
import { AFFECTED, ALERTS, BY_UUIDS, LOOK, SERVERS, START, type Witnessed } from './witness.ts'

/** What of the servers is scanned, judged from what the cloud showed: the README, `incomplete`. */

const SCANNABLE: readonly unknown[] = ['uuid', 'groupId']
const keyOf = ({ type, target }: Target) => `${type} ${target}`

/** What is wrong with what the tasks say that they scan. `sent` is what this run started. */
export function targetObjections(
  tasks: readonly (readonly Target[] | undefined)[],
  sent: readonly Target[] | undefined,
): string[] {
  return tasks.flatMap((targets) => {
    if (targets === undefined) return ['TargetInfo could not be read']
    if (targets.length === 0) return ['TargetInfo names nothing']
    if (!targets.every(({ type }) => SCANNABLE.includes(type))) return ['TargetInfo names something else than servers']
    const [is, was] = [targets, sent ?? targets].map((list) => [...new Set(list.map(keyOf))].sort().join('\n'))
    return is === was ? [] : ['TargetInfo is not what was started']
  })
}

const EDITIONS: readonly unknown[] = [3, 5, 6, 7]

/** What a scan does not cover, save what somebody accepted. */
export class Uncovered {
  accepted = 0
  readonly #asked: Asked
  readonly #names: ReadonlyMap<string, readonly string[]>

  constructor(asked: Asked, names: ReadonlyMap<string, readonly string[]>) {
    this.#asked = asked
    this.#names = names
  }

  in(
    tasks: readonly (readonly Target[] | undefined)[],
    before: Assets | undefined,
    after: Assets,
    sent: readonly Target[] | undefined,
  ): readonly string[] {
    const targets = sent ?? tasks.flatMap((list) => list ?? [])
    const rows = rowsIn(after)
    if (rows.length === 0) return ['no server was seen after the scan']
    const wasFleet = before?.groups.has('all') === true
    const named = targets.filter(({ type }) => type === 'uuid')
    const groups = wasFleet ? [] : targets.filter(({ type }) => type === 'groupId')
    const there = new Set(rows.map(({ Uuid }) => String(Uuid)))
    const known = new Set((before === undefined ? [] : rowsIn(before)).map(({ Uuid }) => String(Uuid)))
    const namedUuids = named.map(({ target }) => target)
    return [
      ...named
        .filter(({ target }) => !there.has(target))
        .flatMap(({ target, name }) => this.#gap('missing', target, [name])),
      ...groups
        .filter(({ target }) => !after.groups.get(target)?.length)
        .map(({ target }) => `group ${target} is empty`),
      ...(wasFleet && !after.groups.has('all') ? ['the fleet was not seen after the scan'] : []),
      ...rows.flatMap((row) => this.#partsOf(row)),
      // The scan began without it. Who is gone is not asked for any more.
      ...(before === undefined ? [] : rowsIn(before))
        .filter(({ Uuid }) => there.has(String(Uuid)))
        .flatMap((row) => this.#partsOf(row)),
      ...(before === undefined ? [] : [...there])
        .filter((uuid) => !known.has(uuid) && !namedUuids.includes(uuid))
        .flatMap((uuid) => this.#gap('joined', uuid)),
    ]
  }

  /** Of what was seen before the start: `isKept` tells whether a server is still asked for. */
  before(before: Assets, named: ReadonlySet<string>, isKept: (uuid: string) => boolean): readonly string[] {
    const rows = rowsIn(before)
    const there = new Set(rows.map(({ Uuid }) => String(Uuid)))
    const anyName = [...this.#names.values()].flat()
    return [
      ...rows.filter(({ Uuid }) => isKept(String(Uuid))).flatMap((row) => this.#partsOf(row)),
      ...[...named].filter((uuid) => !there.has(uuid)).flatMap((uuid) => this.#gap('missing', uuid, anyName)),
      ...[...before.groups].filter(([, members]) => members.length === 0).map(([id]) => `group ${id} is empty`),
    ]
  }

  #partsOf({ Uuid, ClientStatus, Bind, AuthVersion }: Row): readonly string[] {
    const isOnline = typeof ClientStatus === 'string' && ClientStatus.toLowerCase() === 'online'
    const isLicensed = Bind === true && EDITIONS.includes(AuthVersion)
    const uuid = String(Uuid)
    return [...(isOnline ? [] : this.#gap('offline', uuid)), ...(isLicensed ? [] : this.#gap('unlicensed', uuid))]
  }

  #gap(reason: string, uuid: string, more: readonly string[] = []): readonly string[] {
    const isAccepted = this.#asked.accepts(reason, uuid, [...(this.#names.get(uuid) ?? []), ...more])
    if (isAccepted) this.accepted += 1
    return isAccepted ? [] : [`${uuid} is ${reason}`]
  }
}

export function namesIn(rows: readonly Row[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>()
  for (const { Uuid, InstanceName } of rows) names.set(String(Uuid), [String(InstanceName)])
  return names
}

/** What the witness can vouch for of what is not covered, whether or not the run came to its end. */
export interface CoverageTruth {
  /** Why `incomplete` is a fact, in words. */
  readonly reasons: readonly string[]
  /** Those of them that were known before the start. */
  readonly beforeStart: readonly string[]
  /** Whether nothing but them was wrong, and they were mended when the scan had ended. */
  readonly isMended: boolean
}

/** How long before the deadline nothing can have been kept waiting for a turn past it, in ms. */
const WELL_BEFORE_MS = 30_000

/**
 * A reading is taken for the whole check only where something proves that the check came to its end: what comes after it
 * was begun, or nothing went wrong and there was time enough.
 */
export function coverageTruth(
  played: Pick<Played, 'witness' | 'cancelMs' | 'endMs'>,
  tasks: readonly { readonly targets: readonly Target[] | undefined; readonly isSuccess: boolean }[],
  asked: Asked,
): CoverageTruth {
  const placed = played.witness.calls.map((call, place): Placed => [place, call])
  const start = placed.find(([, { action }]) => action === START)
  const isOwn = asked.taskIds.length === 0
  if (isOwn && start === undefined) {
    // Where nothing goes wrong, only a scan that would not cover what was asked for is not started.
    const isLeftOut = placed.some(([, call]) => isCheck(call)) && isCalm(played, asked)
    return { reasons: isLeftOut ? ['nothing was started'] : [], beforeStart: [], isMended: false }
  }
  const sent = start === undefined ? undefined : targetsIn(start[1].params.TargetInfo)
  const ended = tasks.filter(({ isSuccess }) => isSuccess).map(({ targets }) => targets)
  const later = laterCalls(placed)
  const uncovered = new Uncovered(asked, namesShown(placed))
  const first = placed.slice(0, start?.[0] ?? 0)
  const before = start === undefined ? undefined : assetsIn(first)
  const beforeStart = before === undefined ? [] : uncovered.before(before, uuidsAsked(first), isKept(first, later))
  // While a task is not over, and when nothing may be asked any more, what comes last need not be the check after the scan.
  const isOver =
    tasks.every(({ isSuccess }) => isSuccess) && played.cancelMs === undefined && played.endMs < asked.deadlineMs
  const isWhole = ended.length > 0 && isOver && (areAlertsRead(later) || isCalm(played, asked))
  const after = isOwn
    ? assetsIn(later)
    : ofTargets(
        assetsIn(later),
        ended.flatMap((targets) => targets ?? []),
      )
  const inTheEnd = isWhole ? uncovered.in(ended, before, after, sent) : []
  const unclear = targetObjections(ended, sent)
  const isMended =
    isWhole && beforeStart.length > 0 && [...unclear, ...uncovered.in(ended, undefined, after, sent)].length === 0
  return { reasons: [...unclear, ...beforeStart, ...inTheEnd], beforeStart, isMended }
}

/** Whether it asks what a scan covers, and not what a line of `targets` stands for. */
function isCheck({ action, params }: Witnessed): boolean {
  return action === BY_UUIDS || (action === SERVERS && !/"instance(?:Name|Id)"/.test(params.Criteria ?? ''))
}

function laterCalls(placed: readonly Placed[]): readonly Placed[] {
  const looks = placed.filter(([, { action }]) => action === LOOK)
  const lastLookMs = Math.max(0, ...looks.map(([, { endMs = Number.POSITIVE_INFINITY }]) => endMs))
  const lastLook = looks.at(-1)?.[0] ?? Number.POSITIVE_INFINITY
  return placed.filter(([place, { askedMs }]) => place > lastLook && askedMs >= lastLookMs)
}

/** Alerts are read when it is known of whom. */
function areAlertsRead(later: readonly Placed[]): boolean {
  const lastCheck = later.findLast(([, call]) => isCheck(call))?.[0] ?? Number.POSITIVE_INFINITY
  return later.some(([place, { action }]) => [ALERTS, AFFECTED].includes(action) && place > lastCheck)
}

const ROWS: Readonly<Record<string, readonly [field: string, key: string]>> = {
  [SERVERS]: ['Instances', 'Uuid'],
  [BY_UUIDS]: ['AssetList', 'Uuid'],
  [AFFECTED]: ['Data', 'Uuid'],
  [ALERTS]: ['Data', 'EventId'],
}

/** Whether nothing went wrong: no call failed, each list was read to its end, and nobody and no deadline broke it off. */
function isCalm({ witness, cancelMs, endMs }: Pick<Played, 'witness' | 'cancelMs' | 'endMs'>, asked: Asked): boolean {
  const { calls } = witness
  if (cancelMs !== undefined || endMs + WELL_BEFORE_MS > asked.deadlineMs) return false
  if (!calls.every(({ ending }) => ending?.kind === 'good')) return false
  return [...byList(calls.map((call, place): Placed => [place, call])).values()].every((list) => {
    const [place, { action }] = list.at(-1) as Placed
    const rows = ROWS[action]
    return rows === undefined || readingsOf(list, rows[0], (row) => String(row[rows[1]])).at(-1)?.to === place
  })
}

function uuidsAsked(calls: readonly Placed[]): ReadonlySet<string> {
  return new Set(
    calls.flatMap(([, { action, params }]) => (action === BY_UUIDS ? (params.Uuids ?? '').split(',') : [])),
  )
}

/** Who was named, or is seen again. While nobody looked again, all are. */
function isKept(first: readonly Placed[], later: readonly Placed[]): (uuid: string) => boolean {
  const named = uuidsAsked(first)
  const again = new Set(rowsIn(assetsIn(later)).map(({ Uuid }) => String(Uuid)))
  const isSeenAgain = later.some(([, call]) => isCheck(call))
  return (uuid) => !isSeenAgain || named.has(uuid) || again.has(uuid)
}

/** What of these assets the targets ask for. */
function ofTargets({ named, groups }: Assets, targets: readonly Target[]): Assets {
  const isAsked = (type: string, id: string) => targets.some((one) => one.type === type && one.target === id)
  return {
    named: new Map([...named].filter(([uuid]) => isAsked('uuid', uuid))),
    groups: new Map([...groups].filter(([id]) => isAsked('groupId', id))),
  }
}

/** The names of all servers that any reply had. */
function namesShown(placed: readonly Placed[]): ReadonlyMap<string, readonly string[]> {
  const rows = placed.flatMap(([, { action, ending }]) => {
    const field = action === SERVERS || action === BY_UUIDS ? ROWS[action]?.[0] : undefined
    return field !== undefined && ending?.kind === 'good' ? (ending.body[field] as readonly Row[]) : []
  })
  return namesIn(rows)
}
