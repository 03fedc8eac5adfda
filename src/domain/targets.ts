import type { Group, Server } from './coverage.ts'
import { GROUP_TYPE, SERVER_TYPE, type Target } from './scan.ts'

/** What a workflow wants scanned, and which servers and groups of the cloud that is. */
export type Wanted = { readonly kind: 'all' } | { readonly kind: 'listed'; readonly lines: readonly WantedLine[] }

/** How a line of `targets` may name something. The first and the last are taken as they are, the others looked up. */
export const TARGET_WORDS = ['uuid', 'instance', 'host', 'group', 'group-id'] as const
export type TargetWord = (typeof TARGET_WORDS)[number]

export interface WantedLine {
  readonly word: TargetWord
  readonly name: string
}

/** What the look-up of one line came to: one target, or the rest of a sentence about the line. */
export type Match = { readonly target: Target } | { readonly problem: string; readonly found: readonly string[] }

/** A server by name or instance id. The cloud's search is not documented to be exact, so equality is checked here. */
export function matchServer({ word, name }: WantedLine, rows: readonly Server[]): Match {
  const own = (server: Server) => (word === 'host' ? server.name : server.instanceId)
  const equal = rows.filter((server) => own(server) === name)
  const [only, ...others] = equal
  if (only !== undefined && others.length === 0) return { target: targetOfServer(only) }
  const what = word === 'host' ? 'name' : 'instance id'
  if (only === undefined) {
    return {
      problem: `no server has this ${what}${rows.length === 0 ? '' : ', similar ones are'}`,
      found: rows.map((server) => `${server.name} (${server.instanceId})`),
    }
  }
  return {
    problem: `${equal.length} servers have this ${what}, name the one that is meant by uuid:`,
    found: equal.map((server) => `uuid:${server.uuid} (${server.instanceId})`),
  }
}

/** A server group by name. */
export function matchGroup({ name }: WantedLine, groups: readonly Group[]): Match {
  const [only, ...others] = groups.filter((group) => group.name === name)
  if (only !== undefined && others.length === 0) return { target: targetOfGroup(only) }
  if (only === undefined) {
    return { problem: 'no server group has this name, the groups are', found: groups.map((group) => group.name) }
  }
  const found = [only, ...others].map((group) => `group-id:${group.id}`)
  return { problem: `${found.length} groups have this name, name the one that is meant by group-id:`, found }
}

/** A line that needs no look-up: its name is all that is known of it. */
export function targetAsNamed({ word, name }: WantedLine): Target | undefined {
  if (word === 'uuid') return { type: SERVER_TYPE, name, target: name }
  return word === 'group-id' ? { type: GROUP_TYPE, name, target: name } : undefined
}

export function targetOfServer({ uuid, name }: Server): Target {
  return { type: SERVER_TYPE, name: name || uuid, target: uuid }
}

export function targetOfGroup({ id, name }: Group): Target {
  return { type: GROUP_TYPE, name: name || id, target: id }
}
