import type { SecurityCenter } from '../../src/adapters/securityCenter.ts'
import * as answers from '../../src/emulator/answers.ts'
import { type Fleet, server as machine } from '../../src/emulator/fleet.ts'
import type { Answer } from '../../src/ports.ts'
import { type CenterOptions, emulatedCenter } from './emulatedCenter.ts'

/** All calls but the look: what each is asked for, sends and gives, and an emulated cloud to send them to. */

export const never = new AbortController().signal
export const REQUEST_ID = 'E0000000-0000-4000-8000-000000000001'
export const LONG = '9223372036854775807'
export const ABOVE_2_53 = '9007199254740993'
export const WEB = '5a1f0c1e-0000-4000-8000-00000000aa01'
export const DB = '5a1f0c1e-0000-4000-8000-00000000aa02'
export const targets = [
  { type: 'uuid', name: 'web-01', target: WEB },
  { type: 'groupId', name: 'databases', target: LONG },
]
export const fleet: Fleet = {
  groups: [
    { id: '10001', name: 'web' },
    { id: LONG, name: 'databases' },
  ],
  servers: [
    machine(1, {
      alerts: [
        { eventId: ABOVE_2_53, level: 'serious', name: 'Trojan', lastSeen: 1_790_000_000_123 },
        { eventId: LONG, level: 'remind', name: 'Webshell', lastSeen: 1_790_000_000_456 },
      ],
    }),
    machine(2, { name: 'db', groupId: LONG, clientStatus: 'offline', bind: false, authVersion: 1 }),
  ],
}
export const starts = [{ id: LONG, looks: [] }]
export const web = {
  uuid: WEB,
  name: 'web-01',
  instanceId: 'i-uf60000000000000aa01',
  groupId: '10001',
  clientStatus: 'online',
  isBound: true,
  edition: 3,
}
const db = {
  uuid: DB,
  name: 'db',
  instanceId: 'i-uf60000000000000aa02',
  groupId: LONG,
  clientStatus: 'offline',
  isBound: false,
  edition: 1,
}

interface Call {
  readonly action: string
  readonly ask: (center: SecurityCenter, cancel?: AbortSignal) => Promise<Answer<unknown>>
  readonly sends: Readonly<Record<string, string>>
  /** What the fleet makes of it. */
  readonly value: unknown
}

const CALLS = {
  startScan: {
    action: 'StartVirusScanTask',
    ask: (center, cancel = never) => center.startScan(targets, cancel),
    sends: {
      TargetInfo: `[{"type":"uuid","name":"web-01","target":"${WEB}"},{"type":"groupId","name":"databases","target":"${LONG}"}]`,
    },
    value: { id: LONG },
  },
  listServers: {
    action: 'DescribeCloudCenterInstances',
    ask: (center, cancel = never) => center.listServers('all', 1, cancel),
    sends: { MachineTypes: 'ecs', CurrentPage: '1', PageSize: '100', Lang: 'en' },
    value: { rows: [web, db], total: 2 },
  },
  serversOf: {
    action: 'DescribeAssetDetailByUuids',
    ask: (center, cancel = never) => center.serversOf([DB, WEB, 'gone'], cancel),
    sends: { Uuids: `${DB},${WEB},gone`, Lang: 'en' },
    // This reply does not name the groups.
    value: [
      { ...web, groupId: '' },
      { ...db, groupId: '' },
    ],
  },
  listGroups: {
    action: 'DescribeAllGroups',
    ask: (center, cancel = never) => center.listGroups(cancel),
    sends: { Lang: 'en' },
    value: [
      { id: '10001', name: 'web' },
      { id: LONG, name: 'databases' },
    ],
  },
  listServersWithAlerts: {
    action: 'ListVirusScanMachine',
    ask: (center, cancel = never) => center.listServersWithAlerts(1, cancel),
    sends: { CurrentPage: '1', PageSize: '100', Lang: 'en' },
    value: { rows: [{ uuid: WEB, hasAlerts: true }], total: 1 },
  },
  listAlerts: {
    action: 'ListVirusScanMachineEvent',
    ask: (center, cancel = never) => center.listAlerts(WEB, 1, cancel),
    sends: { Uuid: WEB, CurrentPage: '1', PageSize: '100', Lang: 'en' },
    value: {
      rows: [
        { eventId: ABOVE_2_53, level: 'serious', name: 'Trojan', lastSeenMs: 1_790_000_000_123 },
        { eventId: LONG, level: 'remind', name: 'Webshell', lastSeenMs: 1_790_000_000_456 },
      ],
      total: 2,
    },
  },
} satisfies Readonly<Record<string, Call>>
export type CallName = keyof typeof CALLS
export const NAMES = Object.keys(CALLS) as CallName[]
export const callOf = (name: CallName): Call => CALLS[name]

/** Where the rows of a list stand, and which fields no row may lack. */
export const LISTS: readonly { name: CallName; list: string; ids: readonly string[]; isPaged: boolean }[] = [
  { name: 'listServers', list: 'Instances', ids: ['Uuid', 'GroupId'], isPaged: true },
  { name: 'serversOf', list: 'AssetList', ids: ['Uuid'], isPaged: false },
  { name: 'listGroups', list: 'Groups', ids: ['GroupId'], isPaged: false },
  { name: 'listServersWithAlerts', list: 'Data', ids: ['Uuid'], isPaged: true },
  { name: 'listAlerts', list: 'Data', ids: ['EventId'], isPaged: true },
]
export const PAGED = LISTS.filter(({ isPaged }) => isPaged)

/** A row and a reply that are good for every call, so that a test spoils one thing and nothing else. */
export const ROW = { Uuid: 'u-1', GroupId: 7, EventId: 8 }
export const rowsEverywhere = (...rows: readonly unknown[]) => ({
  Instances: rows,
  AssetList: rows,
  Groups: rows,
  Data: rows,
})
export const GOOD = { ScanTaskId: 282_832, PageInfo: { TotalCount: 1 }, ...rowsEverywhere(ROW) }

export const standWith = (name: CallName, answer: answers.Answer, options?: CenterOptions) =>
  emulatedCenter({ tasks: {}, fleet, starts, trouble: { [callOf(name).action]: [answer] } }, options)

/** What a call makes of an answer. */
export async function hears(name: CallName, answer: answers.Answer) {
  const { center } = await standWith(name, answer)
  return callOf(name).ask(center)
}

/** The only row that a list read. */
export async function readsRow(name: CallName, row: object): Promise<unknown> {
  const answer = await hears(name, answers.success({ ...GOOD, ...rowsEverywhere({ ...ROW, ...row }) }))
  if (answer.kind === 'failure') throw new Error(answer.failure.message)
  const value = answer.value as { rows: readonly unknown[] } | readonly unknown[]
  const rows = 'rows' in value ? value.rows : value
  expect(rows).toHaveLength(1)
  return rows[0]
}
