import {
  badGateway,
  emptyReply,
  type Look,
  resetBeforeHeaders,
  serverError,
  state,
  throttled,
  truncated,
} from './answers.ts'
import type { EmulatedServer, Fleet, Moment } from './fleet.ts'
import type { NamedFleet } from './namedFleet.ts'
import type { ServiceState } from './service.ts'

/** Stories that can be played for any workflow, on whatever servers it names. Each scan of a job goes the same way. */

export interface Plot {
  readonly about: string
  /** Of a gate with a `severity-cutoff`, that waits long enough and forgives as much as its defaults do. */
  readonly verdict: string
  /** Of one without, where it differs. */
  readonly verdictWithoutGate?: string
  readonly service: (named: NamedFleet, scanMs: number) => ServiceState
}

type ScanLooks = (sinceFirstLookMs: number, before: number) => Look

/** The account with a scan that goes so, whoever starts it, and whichever id it is asked for by. */
function account({ fleet, targets }: NamedFleet, looks: ScanLooks, changes: Partial<ServiceState> = {}): ServiceState {
  const starts = (nth: number) => ({ id: String(282_832 + nth), looks })
  return { tasks: {}, otherTasks: { targets, looks }, fleet, starts, ...changes }
}

/** A scan of so many milliseconds. */
const ending =
  (scanMs: number, end = 'Success'): ScanLooks =>
  (ms) =>
    state(ms >= scanMs ? end : ms >= scanMs / 4 ? 'Processing' : 'init')

/** These first, in place of what would be seen; `undefined` lets it be seen. */
const troubled =
  (first: readonly (Look | undefined)[], looks: ScanLooks): ScanLooks =>
  (ms, before) =>
    first[before] ?? looks(ms, before)

/** One server of each target, changed. */
function changed({ fleet, oneOfEach }: NamedFleet, changes: (n: number) => Partial<EmulatedServer>): Fleet {
  const places = new Map(oneOfEach.map((uuid, i) => [uuid, i + 1]))
  const servers = fleet.servers.map((server) => {
    const n = places.get(server.uuid)
    return n === undefined ? server : { ...server, ...changes(n) }
  })
  return { ...fleet, servers }
}

/** From the first `Success` on there is a trojan on one server of each target; it stays, as alerts do. */
function infectedWhenScanned(named: NamedFleet): (moment: Moment) => Fleet {
  let infected: Fleet | undefined
  return ({ sinceSuccessMs }) => {
    if (sinceSuccessMs === undefined) return named.fleet
    const lastSeen = Date.now()
    const trojan = { level: 'serious', name: 'Malicious Software-Trojan', lastSeen }
    infected ??= changed(named, (n) => ({ alerts: [{ ...trojan, eventId: String(9_000_000 + n) }] }))
    return infected
  }
}

export const PLOTS: Readonly<Record<string, Plot>> = {
  clean: {
    about: 'The scan ends well and finds nothing.',
    verdict: 'passed',
    service: (named, scanMs) => account(named, ending(scanMs)),
  },
  infected: {
    about: 'The scan ends well and finds a trojan on one server of each target.',
    verdict: 'alerts',
    verdictWithoutGate: 'passed',
    service: (named, scanMs) => account(named, ending(scanMs), { fleet: infectedWhenScanned(named) }),
  },
  failed: {
    about: 'The scan itself fails.',
    verdict: 'scan-failed',
    service: (named, scanMs) => account(named, ending(scanMs, 'Failed')),
  },
  throttled: {
    about: 'The cloud asks for patience: at every start, and twice while the scan runs. It ends well.',
    verdict: 'passed',
    service: (named, scanMs) =>
      account(named, troubled([undefined, throttled(1_500), throttled()], ending(scanMs)), {
        trouble: { StartVirusScanTask: (before) => (before % 2 === 0 ? throttled(1_000) : undefined) },
      }),
  },
  flaky: {
    about: 'A gateway and a network with a bad day: HTML, empty and cut replies, resets. The scan ends well.',
    verdict: 'passed',
    service: (named, scanMs) =>
      account(
        named,
        troubled(
          [undefined, badGateway(), resetBeforeHeaders(), undefined, emptyReply(503), truncated(), serverError()],
          ending(scanMs),
        ),
      ),
  },
  outage: {
    about: 'The cloud breaks down after the first look at a scan, and stays broken.',
    verdict: 'unavailable',
    service: (named) => account(named, (_, before) => (before === 0 ? state('init') : serverError())),
  },
  endless: {
    about: 'The scan never ends.',
    verdict: 'timed-out',
    service: (named, scanMs) => account(named, ending(scanMs, 'Processing')),
  },
  offline: {
    about: 'One server of each target is offline, so that a scan would see nothing of it.',
    verdict: 'incomplete',
    verdictWithoutGate: 'passed',
    service: (named, scanMs) =>
      account(named, ending(scanMs), { fleet: changed(named, () => ({ clientStatus: 'offline' })) }),
  },
  unlicensed: {
    about: 'No licence is bound to one server of each target, so that it is not scanned.',
    verdict: 'incomplete',
    verdictWithoutGate: 'passed',
    service: (named, scanMs) => account(named, ending(scanMs), { fleet: changed(named, () => ({ bind: false })) }),
  },
  denied: {
    about: 'The key is good, but may neither start scans nor look at them.',
    verdict: 'denied',
    service: (named, scanMs) =>
      account(named, ending(scanMs), { forbidden: ['StartVirusScanTask', 'DescribeScanTaskProgress'] }),
  },
}
