import type { WrongBody } from './faults.ts'

/** The calls that the action makes of the cloud, as data: how often each is made in a good run, and what decides its rules. */

export type Kind =
  /** A look at a task: its errors count for its task. */
  | 'look'
  /** Any other call that may be repeated: its errors count for itself. */
  | 'call'
  /** StartVirusScanTask: a second one may start a second scan. */
  | 'start'
  /** A call of STS. */
  | 'login'
  /** GitHub's token service: it has no error codes, its status decides. */
  | 'token'

/** The runs in which the calls are made; `stories.ts` plays them. */
export type StoryName = 'wait' | 'two-tasks' | 'start' | 'group' | 'host' | 'fleet' | 'server' | 'account' | 'role'

export interface Call {
  readonly name: string
  readonly action: string
  readonly kind: Kind
  readonly story: StoryName
  /** How often the action is asked for in a good run of the story. */
  readonly times: number
  /** The calls of the action that are made for this, counted from 1: the fault meets the first, the middle or the last of them. */
  readonly span: readonly [first: number, last: number]
  /** Calls that go on beside it, for another task: as many as are made whatever becomes of this one. */
  readonly beside?: number
  readonly wrong: WrongBody
}

const page = (rows: string): WrongBody => ({
  types: { [rows]: { 0: 'x' }, PageInfo: [] },
  values: { [rows]: [{ Uuid: null, EventId: {} }], PageInfo: { TotalCount: -1 } },
})
const look = {
  types: { ScanTaskProgress: 100, TargetInfo: 7 },
  values: { ScanTaskProgress: '', TargetInfo: '[]' },
}

export const CALLS: readonly Call[] = [
  {
    name: 'look',
    action: 'DescribeScanTaskProgress',
    kind: 'look',
    story: 'wait',
    times: 4,
    span: [1, 4],
    wrong: look,
  },
  {
    name: 'look, beside another task',
    action: 'DescribeScanTaskProgress',
    kind: 'look',
    story: 'two-tasks',
    times: 4,
    span: [1, 4],
    beside: 4,
    wrong: look,
  },
  {
    name: 'start',
    action: 'StartVirusScanTask',
    kind: 'start',
    story: 'start',
    times: 1,
    span: [1, 1],
    wrong: { types: { ScanTaskId: [7] }, values: { ScanTaskId: '0' } },
  },
  {
    name: 'look-up of a group',
    action: 'DescribeAllGroups',
    kind: 'call',
    story: 'group',
    times: 1,
    span: [1, 1],
    wrong: { types: { Groups: 'web' }, values: { Groups: [null] } },
  },
  {
    name: 'look-up of a server, three pages',
    action: 'DescribeCloudCenterInstances',
    kind: 'call',
    story: 'host',
    times: 3,
    span: [1, 3],
    wrong: page('Instances'),
  },
  {
    name: 'coverage of a group, three pages before and three after the scan',
    action: 'DescribeCloudCenterInstances',
    kind: 'call',
    story: 'fleet',
    times: 6,
    span: [1, 6],
    wrong: page('Instances'),
  },
  {
    name: 'coverage of a server before and after the scan',
    action: 'DescribeAssetDetailByUuids',
    kind: 'call',
    story: 'server',
    times: 2,
    span: [1, 2],
    wrong: { types: { AssetList: {} }, values: { AssetList: [{ Uuid: [] }] } },
  },
  {
    name: 'which servers have alerts, three pages before the scan and twice three after it',
    action: 'ListVirusScanMachine',
    kind: 'call',
    story: 'fleet',
    times: 9,
    span: [1, 9],
    wrong: page('Data'),
  },
  {
    name: 'alerts of a server, before the scan and twice after it',
    action: 'ListVirusScanMachineEvent',
    kind: 'call',
    story: 'server',
    times: 3,
    span: [1, 3],
    wrong: page('Data'),
  },
  {
    name: 'whose keys they are',
    action: 'GetCallerIdentity',
    kind: 'login',
    story: 'account',
    times: 1,
    span: [1, 1],
    wrong: { types: { AccountId: { id: 1 } }, values: { AccountId: 'acs:ram' } },
  },
  {
    name: 'session of a role',
    action: 'AssumeRoleWithOIDC',
    kind: 'login',
    story: 'role',
    times: 1,
    span: [1, 1],
    wrong: { types: { Credentials: 'none' }, values: { Credentials: { AccessKeyId: '', SecurityToken: 7 } } },
  },
  {
    name: "GitHub's OIDC token",
    action: 'GetIDToken',
    kind: 'token',
    story: 'role',
    times: 1,
    span: [1, 1],
    wrong: { types: { value: 7 }, values: { value: 'no.token' } },
  },
]
