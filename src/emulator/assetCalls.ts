import { type Answer, illegalParam, success, verbatim } from './answers.ts'
import { ADDRESSES, type EmulatedServer, type Fleet } from './fleet.ts'
import { type Page, pageIn, recordsIn, rowsOn } from './parameters.ts'
import type { Params } from './signature.ts'

/** The calls that tell what servers and groups there are. */

const MACHINE_TYPES = ['ecs', 'cloud_product', 'eci', 'rund', 'runc']
const FIRST_PAGE: Page = { number: 1, size: 20 }

type Test = (server: EmulatedServer) => boolean

export function describeCloudCenterInstances(fleet: Fleet, params: Params): Answer {
  const { MachineTypes = 'ecs', UseNextToken = 'false' } = params
  const isWanted = criteriaIn(fleet, params)
  const page = UseNextToken === 'true' ? tokenPageIn(params) : pageIn(params, FIRST_PAGE)
  if (isWanted === undefined || page === undefined) return illegalParam()
  if (!MACHINE_TYPES.includes(MachineTypes) || !['true', 'false'].includes(UseNextToken)) return illegalParam()

  // All servers of the fleet are of one type.
  const all = MachineTypes === 'ecs' ? fleet.servers.filter(isWanted) : []
  const rows = rowsOn(page, all)
  const isLast = page.number * page.size >= all.length
  const end =
    UseNextToken === 'true' ? { NextToken: isLast ? '' : tokenFor(page.number + 1) } : { TotalCount: all.length }
  const groupNames = new Map(fleet.groups.map(({ id, name }) => [id, name]))
  return success({
    Success: true,
    PageInfo: { Count: rows.length, CurrentPage: page.number, PageSize: page.size, ...end },
    Instances: rows.map((server) => ({
      ...assetFields(server),
      GroupId: verbatim(server.groupId),
      GroupTrace: groupNames.get(server.groupId) ?? '',
      Status: 'Running',
    })),
  })
}

/**
 * How names match is not documented. Here they match in part and without regard to case, so that a client that takes
 * the first answer for the right one is found out. The real call knows more criteria, which nobody here sends.
 */
function criteriaIn(fleet: Fleet, { Criteria = '[]', LogicalExp = 'OR' }: Params): Test | undefined {
  const criteria = recordsIn(Criteria, ['name', 'value'])
  if (criteria === undefined || !['OR', 'AND'].includes(LogicalExp)) return undefined
  const tests: Test[] = []
  for (const { name, value } of criteria) {
    if (name === 'instanceId') tests.push(({ instanceId }) => instanceId === value)
    else if (name === 'instanceName') tests.push((server) => contains(server.name, value))
    else if (name === 'groupId') tests.push(({ groupId }) => groupId === value)
    else if (name === 'groupName') tests.push(isInGroupNamed(fleet, value))
    else return undefined
  }
  if (tests.length === 0 || LogicalExp === 'AND') return (server) => tests.every((test) => test(server))
  return (server) => tests.some((test) => test(server))
}

function isInGroupNamed(fleet: Fleet, value: string): Test {
  const ids = new Set(fleet.groups.filter(({ name }) => contains(name, value)).map(({ id }) => id))
  return ({ groupId }) => ids.has(groupId)
}

function contains(name: string, part: string): boolean {
  return name.toLowerCase().includes(part.toLowerCase())
}

/** With tokens `CurrentPage` counts for nothing: the token says where to go on. */
function tokenPageIn({ NextToken = '', PageSize }: Params): Page | undefined {
  const number = NextToken === '' ? '1' : Buffer.from(NextToken, 'base64url').toString('latin1')
  if (NextToken !== '' && tokenFor(Number(number)) !== NextToken) return undefined
  return pageIn({ CurrentPage: number, ...(PageSize === undefined ? {} : { PageSize }) }, FIRST_PAGE)
}

function tokenFor(page: number): string {
  return Buffer.from(String(page)).toString('base64url')
}

export function describeAllGroups(fleet: Fleet): Answer {
  const groups = fleet.groups.map(({ id, name }) => ({
    GroupId: verbatim(id),
    GroupName: name,
    GroupFlag: name === 'Default' ? 0 : 1,
  }))
  return success({ Count: groups.length, Groups: groups })
}

/** The limit is not documented either. */
const MOST_UUIDS = 100

/** Uuids that it does not know are left out, and the others come in an order of its own. */
export function describeAssetDetailByUuids(fleet: Fleet, { Uuids = '' }: Params): Answer {
  const uuids = Uuids.split(',')
  if (uuids.includes('') || uuids.length > MOST_UUIDS) return illegalParam()
  const wanted = new Set(uuids)
  return success({ AssetList: fleet.servers.filter(({ uuid }) => wanted.has(uuid)).map(assetFields) })
}

function assetFields({ uuid, instanceId, name, clientStatus, authVersion, bind }: EmulatedServer) {
  return {
    Uuid: uuid,
    InstanceId: instanceId,
    InstanceName: name,
    ...ADDRESSES,
    ClientStatus: clientStatus,
    AuthVersion: authVersion,
    Bind: bind,
  }
}
