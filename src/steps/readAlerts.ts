import { type Alert, type AlertRead, agree, alertKey, graver, hasCounting, mergeAlerts } from '../domain/alerts.ts'
import type { Clock } from '../domain/clock.ts'
import type { Server } from '../domain/coverage.ts'
import type { GateRules } from '../domain/gate.ts'
import type { CallEnding } from '../domain/waiter.ts'
import type { ScanService } from '../ports.ts'
import { type Asked, type Caller, forEach } from './caller.ts'

/** Up to here each server is asked; above, the list of servers with alerts says first which to ask. */
const MOST_ASKED_ONE_BY_ONE = 50

export interface Reading {
  readonly read: AlertRead
  /** Why the read is not complete. */
  readonly ending?: CallEnding
}

/** One read of the open alerts of these servers. What was seen before it broke off is kept. */
export async function readAlerts(
  servers: ReadonlyMap<string, Server>,
  cloud: ScanService,
  caller: Caller,
): Promise<Reading> {
  const seen = new Map<string, Alert>()
  const readServer = (uuid: string, one: Caller) =>
    one.askAll(
      (page, stop) => cloud.listAlerts(uuid, page, stop),
      (row) => row.eventId,
      (rows) => {
        for (const row of rows) {
          const alert = { server: uuid, serverName: servers.get(uuid)?.name ?? '', ...row }
          // Shown twice in one read, with two levels: the graver one was seen, and that is a fact.
          seen.set(alertKey(alert), graver(seen.get(alertKey(alert)), alert))
        }
      },
    )
  const uuids = await uuidsToAsk([...servers.keys()], cloud, caller)
  const over = uuids.kind === 'ended' ? uuids : await forEach(uuids.value, caller, readServer)
  const isComplete = over.kind === 'answer'
  const read = { servers: new Set(servers.keys()), alerts: [...seen.values()], isComplete }
  return over.kind === 'ended' ? { read, ending: over.ending } : { read }
}

async function uuidsToAsk(
  uuids: readonly string[],
  cloud: ScanService,
  caller: Caller,
): Promise<Asked<readonly string[]>> {
  if (uuids.length <= MOST_ASKED_ONE_BY_ONE) return { kind: 'answer', value: uuids }
  const affected = new Set<string>()
  const asked = await caller.askAll(
    (page, stop) => cloud.listServersWithAlerts(page, stop),
    (row) => row.uuid,
    (rows) => {
      for (const row of rows) if (row.hasAlerts) affected.add(row.uuid)
    },
  )
  if (asked.kind === 'ended') return asked
  const ours = uuids.filter((uuid) => affected.has(uuid))
  // Where none is affected, one call still proves that alerts may be read at all: no permission must not look clean.
  return { kind: 'answer', value: ours.length > 0 ? ours : uuids.slice(0, 1) }
}

export interface SettledReading {
  /** The last read; where it broke off, with what the reads before it showed. */
  readonly last: AlertRead
  /** Complete ones. */
  readonly reads: number
  readonly isSettled: boolean
  readonly ending?: CallEnding
}

/**
 * Reads until it can be believed: something that counts at once, a clean read only when another one, `settleMs` after
 * its end, shows the same.
 */
export async function readUntilSettled(
  servers: ReadonlyMap<string, Server>,
  rules: GateRules,
  world: {
    readonly cloud: ScanService
    readonly caller: Caller
    readonly clock: Clock
    readonly deadlineMs: number
    readonly stop: AbortSignal
  },
  onRead: (read: AlertRead, reads: number, nextInMs?: number) => void,
): Promise<SettledReading> {
  const { cloud, caller, clock, deadlineMs, stop } = world
  let previous: AlertRead | undefined
  for (let reads = 1; ; reads++) {
    const { read, ending } = await readAlerts(servers, cloud, caller)
    if (ending !== undefined) {
      const alerts = mergeAlerts(previous?.alerts ?? [], read.alerts)
      return { last: { ...read, alerts }, reads: reads - 1, isSettled: false, ending }
    }
    const isBelieved =
      hasCounting(read.alerts, rules) || (previous !== undefined && agree(previous.alerts, read.alerts))
    onRead(read, reads, isBelieved ? undefined : rules.settleMs)
    if (isBelieved) return { last: read, reads, isSettled: true }
    // A read that could only begin after the deadline is not worth the wait.
    if (clock.now() + rules.settleMs > deadlineMs)
      return { last: read, reads, isSettled: false, ending: { kind: 'timed-out' } }
    await clock.sleep(rules.settleMs, stop)
    if (stop.aborted) return { last: read, reads, isSettled: false, ending: stop.reason as CallEnding }
    previous = read
  }
}
