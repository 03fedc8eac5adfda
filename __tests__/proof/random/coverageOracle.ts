import type { Asked } from './asked.ts'
import { type Assets, type Row, rowsIn, type Target } from './shown.ts'

/** What of the servers is scanned, judged from what the cloud showed: PRODUCT.md, section 3, `incomplete`. */

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
