import type { Asked } from './asked.ts'
import { namesIn, targetObjections, Uncovered } from './coverageOracle.ts'
import {
  assetsIn,
  byList,
  type Placed,
  type Reading,
  type Row,
  readingsOf,
  rowsIn,
  type Target,
  targetsIn,
} from './shown.ts'
import { AFFECTED, ALERTS, BY_UUIDS, LOOK, SERVERS, START, type Witness } from './witness.ts'

/** What the gate must have seen, judged from what the cloud showed: the README's inputs and verdicts. */
export interface GateTruth {
  /** Why a pass would be wrong, in words; none where nothing is. */
  readonly objections: readonly string[]
  /** Whether a counting alert was shown that no later whole read can have taken back. */
  readonly hasAlerts: boolean
  /** Whether one was shown at all. */
  readonly wasAlertSeen: boolean
  readonly acceptedGaps: number
  /** Whole reads of all servers after the scan. */
  readonly reads: number
}

export function gateTruth(
  witness: Witness,
  tasks: readonly (readonly Target[] | undefined)[],
  asked: Asked,
): GateTruth {
  const placed = witness.calls.map((call, place): Placed => [place, call])
  const isOwn = asked.taskIds.length === 0
  const start = placed.find(([, { action }]) => action === START)
  const lastLook = placed.findLast(([, { action }]) => action === LOOK)?.[0] ?? -1
  const lastLookMs = Math.max(0, ...witness.of(LOOK).map(({ endMs = 0 }) => endMs))
  const before = start === undefined ? undefined : assetsIn(placed.slice(0, start[0]))
  const later = placed.filter(([place, { askedMs }]) => place > lastLook && askedMs >= lastLookMs)
  const after = assetsIn(later)
  const lastAsset = later.findLast(([, { action }]) => action === SERVERS || action === BY_UUIDS)
  const names = namesIn([
    ...(before === undefined ? [] : rowsIn(before)),
    ...rowsIn(after),
    ...rowsIn(assetsIn(placed)),
  ])
  const alertCalls = placed.filter(([, { action }]) => action === ALERTS || action === AFFECTED)
  const isAfter = ([place, { askedMs }]: Placed) =>
    lastAsset !== undefined && place > lastAsset[0] && askedMs >= (lastAsset[1].endMs ?? Number.POSITIVE_INFINITY)

  const sent = start === undefined ? undefined : targetsIn(start[1].params.TargetInfo)
  const uncovered = new Uncovered(asked, names)
  const objections = [...targetObjections(tasks, sent), ...uncovered.in(tasks, before, after, sent)]
  const scope = new Set(rowsIn(after).map(({ Uuid }) => String(Uuid)))
  const reads = wholeReads(alertCalls.filter(isAfter), scope)
  const isCounting = (row: Row) => asked.counts(alertOf(row, names))
  const shown = (calls: readonly Placed[]) => calls.flatMap(rowsOf).filter(isCounting)
  // Where nothing was started, the first read is the one before, and a later whole one may take back what it showed.
  const baselineTo = isOwn && start === undefined && reads.length > 1 ? (reads[0]?.to ?? -1) : -1
  const isLast = (call: Placed) => isAfter(call) && call[0] > baselineTo
  const countingAfter = shown(alertCalls.filter(isLast))
  const countingBefore = shown(alertCalls.filter((call) => !isLast(call)))
  const named = everNamed(witness, sent)
  const isNothingKnown = !later.some(
    ([, { action, ending }]) => [SERVERS, BY_UUIDS].includes(action) && ending?.kind === 'good',
  )
  const stays = (uuid: string) => isNothingKnown || named.has(uuid)
  const last = reads.at(-1)
  const previous = reads.at(-2)
  if (last === undefined || previous === undefined) objections.push('alerts were not read twice')
  else {
    const [signs, signsBefore] = [last, previous].map(({ rows, shown: all }) => [signature(rows), signature(all)])
    if (!signs?.some((one) => signsBefore?.includes(one))) objections.push('the last two reads do not agree')
    if (last.startMs - previous.endMs < asked.settleMs) objections.push('the second read came too early')
    if ([...last.rows, ...previous.rows].some(isCounting)) objections.push('a read showed a counting alert')
  }
  return {
    objections,
    hasAlerts:
      countingAfter.length > 0 || (reads.length === 0 && countingBefore.some(({ Uuid }) => stays(String(Uuid)))),
    wasAlertSeen: countingAfter.length + countingBefore.length > 0,
    acceptedGaps: uncovered.accepted,
    reads: reads.length,
  }
}

/** The servers that were named at any time. Who was only a member of a group may have left it, with its alerts. */
function everNamed(witness: Witness, sent: readonly Target[] = []): ReadonlySet<string> {
  const shown = witness
    .of(LOOK)
    .flatMap(({ ending }) => (ending?.kind === 'good' ? (targetsIn(ending.body.TargetInfo) ?? []) : []))
  return new Set([...sent, ...shown].filter(({ type }) => type === 'uuid').map(({ target }) => target))
}

/** Rows of alerts as they were shown, with whose they are; also those of lists that were never read to their end. */
function rowsOf([, { action, params, ending }]: Placed): readonly Row[] {
  if (action !== ALERTS || ending?.kind !== 'good') return []
  return (ending.body.Data as readonly Row[]).map((row) => ({ ...row, Uuid: params.Uuid }))
}

function alertOf({ Uuid, Level, EventName }: Row, names: ReadonlyMap<string, readonly string[]>) {
  const uuid = String(Uuid)
  return { uuid, server: names.get(uuid)?.[0] ?? '', level: String(Level), name: String(EventName) }
}

interface WholeRead {
  readonly startMs: number
  readonly endMs: number
  readonly rows: readonly Row[]
  /** Besides, the rows of tries that were begun again: that they were seen is a fact. */
  readonly shown: readonly Row[]
  /** Where its last page stands among all calls. */
  readonly to: number
}

/** Above this many servers the list of the affected ones says which to ask. */
const ASKED_ONE_BY_ONE = 50

/** The reads that came to every server of the scope. */
function wholeReads(calls: readonly Placed[], scope: ReadonlySet<string>): readonly WholeRead[] {
  const lists = byList(calls)
  const ofServer = (uuid: string) => {
    const list = lists.get([ALERTS, '', '', uuid].join(' ')) ?? []
    return readingsOf(list, 'Data', ({ EventId }) => String(EventId)).map((reading) => ({
      ...reading,
      rows: reading.rows.map((row) => ({ ...row, Uuid: uuid })),
      shown: list.filter(([place]) => place >= reading.from && place <= reading.to).flatMap(rowsOf),
    }))
  }
  const readings = new Map([...scope].map((uuid) => [uuid, ofServer(uuid)]))
  if (scope.size === 0) return []
  if (scope.size <= ASKED_ONE_BY_ONE) {
    const count = Math.min(...[...readings.values()].map((list) => list.length))
    return Array.from({ length: count }, (_, k) => together([...readings.values()].flatMap((list) => list[k] ?? [])))
  }
  const affected = readingsOf(lists.get([AFFECTED, '', '', ''].join(' ')) ?? [], 'Data', ({ Uuid }) => String(Uuid))
  return affected.flatMap((list, k) => {
    const until = affected[k + 1]?.from ?? Number.POSITIVE_INFINITY
    const flagged = list.rows.filter((row) => row.EventCount !== 0).map(({ Uuid }) => String(Uuid))
    const wanted = flagged.filter((uuid) => scope.has(uuid))
    const read = [...readings].flatMap(([uuid, all]) => {
      const inTime = all.findLast(({ from, to }) => from > list.to && to < until)
      return inTime === undefined ? [] : [[uuid, inTime] as const]
    })
    const seen = new Set(read.map(([uuid]) => uuid))
    if (seen.size === 0 || !wanted.every((uuid) => seen.has(uuid))) return []
    return [together([{ ...list, rows: [], shown: [] }, ...read.map(([, reading]) => reading)])]
  })
}

function together(readings: readonly (Reading & Pick<WholeRead, 'shown'>)[]): WholeRead {
  return {
    startMs: Math.min(...readings.map(({ startMs }) => startMs)),
    endMs: Math.max(...readings.map(({ endMs }) => endMs)),
    rows: readings.flatMap(({ rows }) => rows),
    shown: readings.flatMap(({ shown }) => shown),
    to: Math.max(...readings.map(({ to }) => to)),
  }
}

function signature(rows: readonly Row[]): string {
  return [...new Set(rows.map(({ Uuid, EventId, Level }) => JSON.stringify([Uuid, EventId, Level])))].sort().join('\n')
}
