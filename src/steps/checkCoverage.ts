import { type Coverage, coverageOf, type Scope, type Server } from '../domain/coverage.ts'
import { MOST_UUIDS, type ScanService } from '../ports.ts'
import { type Asked, type Caller, forEach } from './caller.ts'

/** One check of what a scan of this scope covers: a list a group (one of the whole fleet), a hundred named servers a call. */
export async function checkCoverage(scope: Scope, cloud: ScanService, caller: Caller): Promise<Asked<Coverage>> {
  const named: Server[] = []
  const members: Server[] = []
  const uuids = scope.named.map((target) => target.target)
  const chunks = Array.from({ length: Math.ceil(uuids.length / MOST_UUIDS) }, (_, i) =>
    uuids.slice(i * MOST_UUIDS, (i + 1) * MOST_UUIDS),
  )
  const readNamed = async (chunk: readonly string[], one: Caller): Promise<Asked<unknown>> => {
    const asked = await one.ask((stop) => cloud.serversOf(chunk, stop))
    if (asked.kind === 'answer') named.push(...asked.value.filter((server) => chunk.includes(server.uuid)))
    return asked
  }
  const readGroup = async (groupId: string | undefined, one: Caller): Promise<Asked<unknown>> => {
    const criterion = groupId === undefined ? 'all' : ({ field: 'groupId', value: groupId } as const)
    const asked = await one.askAll(
      (page, stop) => cloud.listServers(criterion, page, stop),
      (row) => row.uuid,
    )
    // The search is not documented to be exact.
    if (asked.kind === 'answer')
      members.push(...asked.value.filter((server) => groupId === undefined || server.groupId === groupId))
    return asked
  }
  const groupIds = scope.wholeFleet ? [undefined] : scope.groups.map((group) => group.target)
  const reads = [
    ...chunks.map((chunk) => (one: Caller) => readNamed(chunk, one)),
    ...groupIds.map((id) => (one: Caller) => readGroup(id, one)),
  ]
  const over = await forEach(reads, caller, (read, one) => read(one))
  return over.kind === 'ended' ? over : { kind: 'answer', value: coverageOf(scope, { named, members }) }
}
