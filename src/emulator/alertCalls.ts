import { type Answer, illegalParam, success, verbatim } from './answers.ts'
import { ADDRESSES, type EmulatedAlert, type EmulatedServer, type Fleet } from './fleet.ts'
import { type Page, pageIn, rowsOn } from './parameters.ts'
import type { Params } from './signature.ts'

/** The calls that tell what virus alerts there are. */

export function listVirusScanMachine(fleet: Fleet, params: Params): Answer {
  const page = pageIn(params)
  if (page === undefined) return illegalParam()
  const { Uuid, Remark = '' } = params
  const servers = listed(fleet).filter(
    ({ uuid, name }) => (Uuid === undefined || uuid === Uuid) && name.includes(Remark),
  )
  return paged(page, servers, ({ uuid, instanceId, name, alerts }) => ({
    Uuid: uuid,
    InstanceId: instanceId,
    InstanceName: name,
    ...ADDRESSES,
    EventCount: alerts.length,
  }))
}

/**
 * The servers with alerts. One page of the documentation has it that all scanned servers are listed: to be ready for
 * both, one server without alerts is listed too, unless it is the only one.
 */
function listed({ servers }: Fleet): readonly EmulatedServer[] {
  const [clean, another] = servers.filter(({ alerts }) => alerts.length === 0)
  return servers.filter((server) => server.alerts.length > 0 || (another !== undefined && server === clean))
}

export function listVirusScanMachineEvent(fleet: Fleet, params: Params): Answer {
  const page = pageIn(params)
  if (page === undefined) return illegalParam()
  const { Uuid, Lang } = params
  // What the real service answers for a server that it does not know is written nowhere; no rows is our guess.
  const servers = fleet.servers.filter(({ uuid }) => Uuid === undefined || uuid === Uuid)
  const rows = servers.flatMap(({ name, alerts }) => alerts.map((alert) => ({ name, alert })))
  return paged(page, rows, ({ name, alert }) => ({
    EventId: verbatim(alert.eventId),
    Level: alert.level,
    EventName: Lang === 'en' ? alert.name : inChinese(alert),
    LastTimeStamp: alert.lastSeen,
    InstanceName: name,
    ...ADDRESSES,
    Details: [],
  }))
}

function inChinese({ name }: EmulatedAlert): string {
  return `恶意软件-${name}`
}

function paged<Row>(page: Page, rows: readonly Row[], fields: (row: Row) => object): Answer {
  return success({
    PageInfo: { CurrentPage: page.number, PageSize: page.size, TotalCount: rows.length },
    Data: rowsOn(page, rows).map(fields),
  })
}
