import { BY_UUIDS, LOOK, SERVERS, type Witness, type Witnessed } from './witness.ts'

/** What the far end showed, made of what the witness wrote down: states of tasks, targets, whole lists. */

export const STATES = ['Failed', 'init', 'Processing', 'Success'] as const
export type State = (typeof STATES)[number]

export interface TaskShown {
  /** Looks that the run began. */
  readonly polls: number
  /** The last state that the documentation knows, of all good looks. */
  readonly state?: State
  /** What the last look that got an answer showed: a state, `?` for one that nobody knows, or how it failed. */
  readonly last?: State | '?' | 'refused' | 'failed'
  readonly failuresInARow: number
  /** The last targets that could be read. */
  readonly targets?: readonly Target[]
  /** Of the last look that got an answer, in order of the answers. */
  readonly lastNth: number
}

export interface Target {
  readonly type: string
  readonly name: string
  readonly target: string
}

export function taskShown(witness: Witness, id: string): TaskShown {
  const looks = witness.of(LOOK).filter(({ params }) => params.TaskId === id)
  const ended = looks.filter(({ ending }) => ending !== undefined)
  let shown: Omit<TaskShown, 'polls'> = { failuresInARow: 0, lastNth: -1 }
  for (const call of ended) {
    const { ending, nth: lastNth = -1 } = call
    if (ending?.kind === 'good') {
      const state = stateOf(ending.body.ScanTaskProgress)
      const targets = targetsIn(ending.body.TargetInfo)
      shown = {
        ...shown,
        lastNth,
        last: state ?? '?',
        failuresInARow: 0,
        ...(state && { state }),
        ...(targets && { targets }),
      }
    } else {
      shown = {
        ...shown,
        lastNth,
        last: isRefusal(call) ? 'refused' : 'failed',
        failuresInARow: shown.failuresInARow + 1,
      }
    }
  }
  return { ...shown, polls: looks.length }
}

/** Whether waiting does not mend it. */
export function isRefusal({ ending }: Witnessed): boolean {
  if (ending?.kind === 'unsent') return ending.isRefusal
  if (ending?.kind !== 'failed') return false
  return ending.reach === 'request' || ending.reach === 'run' || (ending.reach === 'session' && !ending.isRenewable)
}

/** States are compared without regard to case, and nothing else. */
function stateOf(progress: unknown): State | undefined {
  return STATES.find((state) => typeof progress === 'string' && state.toLowerCase() === progress.toLowerCase())
}

/** Undefined for what cannot be read. */
export function targetsIn(info: unknown): readonly Target[] | undefined {
  try {
    const list: unknown = typeof info === 'string' ? JSON.parse(info) : info
    return Array.isArray(list) ? (list as Target[]) : undefined
  } catch {
    return undefined
  }
}

export type Row = Readonly<Record<string, unknown>>

/** A call, and where it stands among all calls. */
export type Placed = readonly [place: number, call: Witnessed]

/** A list that was read to its end. */
export interface Reading {
  /** When its first page was asked for, tries that failed included. */
  readonly startMs: number
  readonly endMs: number
  readonly rows: readonly Row[]
  /** Where its first and its last page stand among all calls. */
  readonly from: number
  readonly to: number
}

/** The whole readings of one list among these calls, in order: all pages, one total, and as many rows as it says. */
export function readingsOf(calls: readonly Placed[], field: string, keyOf: (row: Row) => string): readonly Reading[] {
  const readings: Reading[] = []
  let first: Placed | undefined
  let attempt: { rows: Map<string, Row>; total: number; page: number } | undefined
  for (const [place, call] of calls) {
    first ??= [place, call]
    if (call.ending?.kind !== 'good') continue
    const page = Number(call.params.CurrentPage ?? 1)
    const { body } = call.ending
    const rows = body[field] as readonly Row[]
    const total = 'PageInfo' in body ? (body.PageInfo as { TotalCount: number }).TotalCount : rows.length
    if (page === 1) attempt = { rows: new Map(), total, page: 0 }
    if (attempt === undefined || attempt.page + 1 !== page || attempt.total !== total) {
      attempt = undefined
      continue
    }
    attempt.page = page
    for (const row of rows) attempt.rows.set(keyOf(row), row)
    if (attempt.rows.size < total && 'PageInfo' in body) continue
    const [from, { askedMs: startMs }] = first
    readings.push({ startMs, endMs: call.endMs ?? 0, rows: [...attempt.rows.values()], from, to: place })
    first = undefined
    attempt = undefined
  }
  return readings
}

/** The calls by what their list is a list of. */
export function byList(calls: readonly Placed[]): ReadonlyMap<string, readonly Placed[]> {
  const lists = new Map<string, Placed[]>()
  for (const entry of calls) {
    const { action, params } = entry[1]
    const key = [action, params.Criteria ?? '', params.Uuids ?? '', params.Uuid ?? ''].join(' ')
    const list = lists.get(key)
    if (list === undefined) lists.set(key, [entry])
    else list.push(entry)
  }
  return lists
}

/** What the asset calls in a part of the story showed of the servers, each list as it was read last. */
export interface Assets {
  /** By uuid, all rows of it: two lists may disagree. */
  readonly named: ReadonlyMap<string, readonly Row[]>
  /** By group id; under `all` everything, where no group was asked for. */
  readonly groups: ReadonlyMap<string, readonly Row[]>
}

export function assetsIn(calls: readonly Placed[]): Assets {
  const named = new Map<string, Row[]>()
  const groups = new Map<string, readonly Row[]>()
  for (const [, list] of byList(calls.filter(([, { action }]) => action === SERVERS || action === BY_UUIDS))) {
    const [[, first] = []] = list
    if (first === undefined) continue
    const { action, params } = first
    const criterion = (JSON.parse(params.Criteria ?? '[]') as { name: string; value: string }[])[0]
    if (criterion !== undefined && criterion.name !== 'groupId') continue
    const rows = readingsOf(list, action === SERVERS ? 'Instances' : 'AssetList', (row) => String(row.Uuid)).at(
      -1,
    )?.rows
    if (rows === undefined) continue
    if (action === SERVERS) {
      const isMember = (row: Row) => criterion === undefined || String(row.GroupId) === criterion.value
      groups.set(criterion?.value ?? 'all', rows.filter(isMember))
    } else {
      const wanted = (params.Uuids ?? '').split(',')
      for (const row of rows) {
        const uuid = String(row.Uuid)
        if (wanted.includes(uuid)) named.set(uuid, [...(named.get(uuid) ?? []), row])
      }
    }
  }
  return { named, groups }
}

/** All rows of servers in them. */
export function rowsIn({ named, groups }: Assets): readonly Row[] {
  return [...named.values(), ...groups.values()].flat()
}
