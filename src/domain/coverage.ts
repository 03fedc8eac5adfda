import { GROUP_TYPE, SERVER_TYPE, type Target, targetKey, withoutRepeats } from './scan.ts'

/**
 * Which servers a scan covers. A scan of a server that is offline or has no licence for it ends with `Success` like
 * any other, so that a pass says nothing about what is uncovered.
 */

/** A server as the asset list of Security Center shows it. */
export interface Server {
  readonly uuid: string
  /** `''` where it has none. */
  readonly name: string
  readonly instanceId: string
  /** Decimal digits; `''` where the reply does not say. */
  readonly groupId: string
  /** State of the agent: `online`, `offline`, `pause` … */
  readonly clientStatus: string
  /** Whether a licence is bound to it, so that it may be scanned. */
  readonly isBound: boolean
  /** The edition that protects it, as `AuthVersion` counts them; `NaN` where the reply does not say. */
  readonly edition: number
}

export interface Group {
  readonly id: string
  readonly name: string
}

export type GapReason = 'offline' | 'unlicensed' | 'missing' | 'joined' | 'empty'

/** Something that was asked for and is not scanned. */
export interface Gap {
  readonly type: typeof SERVER_TYPE | typeof GROUP_TYPE
  readonly target: string
  readonly name: string
  readonly reason: GapReason
}

/**
 * The editions with a virus scan: Enterprise 3, Advanced 5, Anti-virus 6, Ultimate 7. Free (1) and value-added services
 * alone (10) have none. Source: AuthVersion on the pages of DescribeCloudCenterInstances and of the feature.
 */
const SCANNED_EDITIONS: readonly number[] = [3, 5, 6, 7]

/** What was asked for: servers one by one, groups, or with `wholeFleet` whatever servers the account has. */
export interface Scope {
  readonly named: readonly Target[]
  readonly groups: readonly Target[]
  readonly wholeFleet: boolean
}

/** What the asset list showed of a scope. */
export interface Sighting {
  /** The named servers that exist. */
  readonly named: readonly Server[]
  /** The members of the groups; with `wholeFleet` all servers there are. */
  readonly members: readonly Server[]
}

export interface Coverage {
  readonly scope: Scope
  /** All servers of the scope that exist, by uuid. */
  readonly servers: ReadonlyMap<string, Server>
  readonly gaps: readonly Gap[]
}

/** The scope of targets; none where a target is neither a server nor a group, so that nobody knows what it covers. */
export function scopeOf(targets: readonly Target[]): Scope | undefined {
  const named = targets.filter(({ type }) => type === SERVER_TYPE)
  const groups = targets.filter(({ type }) => type === GROUP_TYPE)
  return named.length + groups.length === targets.length ? { named, groups, wholeFleet: false } : undefined
}

export function mergeScopes(scopes: readonly Scope[]): Scope {
  return {
    named: withoutRepeats(scopes.flatMap((scope) => scope.named)),
    groups: withoutRepeats(scopes.flatMap((scope) => scope.groups)),
    wholeFleet: scopes.some((scope) => scope.wholeFleet),
  }
}

/** Each reason why a server is not scanned. What is not known to be good is not good. */
export function gapReasons(server: Server): readonly GapReason[] {
  const isOnline = server.clientStatus.toLowerCase() === 'online'
  const isLicensed = server.isBound && SCANNED_EDITIONS.includes(server.edition)
  return [...(isOnline ? [] : (['offline'] as const)), ...(isLicensed ? [] : (['unlicensed'] as const))]
}

export function coverageOf(scope: Scope, sighting: Sighting): Coverage {
  const rows = [...sighting.named, ...sighting.members]
  const servers = new Map(rows.map((server) => [server.uuid, server]))
  const groupIds = new Set(scope.groups.map((group) => group.target))
  const inhabited = new Set(sighting.members.map((server) => server.groupId))
  const missing = scope.named.filter(({ target }) => !servers.has(target))
  // A server in a group that is not scanned came after the groups were listed.
  const strangers = scope.wholeFleet ? sighting.members.filter((server) => !groupIds.has(server.groupId)) : []
  const empty = scope.wholeFleet ? [] : scope.groups.filter(({ target }) => !inhabited.has(target))
  const nothing: Gap = { type: GROUP_TYPE, target: 'all', name: 'the account', reason: 'empty' }
  return {
    scope,
    servers,
    gaps: withoutRepeatedGaps([
      ...missing.map(({ target, name }): Gap => ({ type: SERVER_TYPE, target, name, reason: 'missing' })),
      // Of every row: where two calls disagree about a server, the worse one holds.
      ...rows.flatMap((server) => gapReasons(server).map((reason) => gapOf(server, reason))),
      ...strangers.map((server) => gapOf(server, 'joined')),
      ...empty.map(({ target, name }): Gap => ({ type: GROUP_TYPE, target, name, reason: 'empty' })),
      ...(scope.wholeFleet && servers.size === 0 ? [nothing] : []),
    ]),
  }
}

/** Coverage over the time of a scan: what was there before and after it. */
export interface CoverageChange {
  readonly servers: ReadonlyMap<string, Server>
  readonly gaps: readonly Gap[]
  /** Members that left their group during the scan: reported, not held against it. */
  readonly left: readonly Server[]
}

/**
 * A gap before the scan stays one, whatever came later: the scan began without it. Who joined a group during the scan
 * was not scanned, who left it is not asked for any more.
 */
export function compareCoverage(before: Coverage | undefined, after: Coverage): CoverageChange {
  if (before === undefined) return { servers: after.servers, gaps: after.gaps, left: [] }
  const groupsBefore = new Set(before.scope.groups.map((group) => group.target))
  const named = new Set(after.scope.named.map(({ target }) => target))
  const isWatched = ({ groupId }: Server) => before.scope.wholeFleet || groupsBefore.has(groupId)
  const joined = [...after.servers.values()].filter(
    (server) => !before.servers.has(server.uuid) && !named.has(server.uuid) && isWatched(server),
  )
  // Who was named has not left, whatever the task says it scans now.
  const wasNamed = new Set(before.scope.named.map(({ target }) => target))
  const left = [...before.servers.values()].filter(
    ({ uuid }) => !after.servers.has(uuid) && !named.has(uuid) && !wasNamed.has(uuid),
  )
  const gone = new Set(left.map((server) => server.uuid))
  const kept = before.gaps.filter((gap) => gap.type !== SERVER_TYPE || !gone.has(gap.target))
  return {
    servers: after.servers,
    gaps: withoutRepeatedGaps([...kept, ...after.gaps, ...joined.map((server) => gapOf(server, 'joined'))]),
    left,
  }
}

export function mergeCoverages(coverages: readonly Coverage[]): Coverage | undefined {
  if (coverages.length === 0) return undefined
  return {
    scope: mergeScopes(coverages.map((coverage) => coverage.scope)),
    servers: new Map(coverages.flatMap((coverage) => [...coverage.servers])),
    gaps: withoutRepeatedGaps(coverages.flatMap((coverage) => coverage.gaps)),
  }
}

/** What is left to start of these targets when the gaps are let pass: a group is started whole, an empty one not. */
export function startable(targets: readonly Target[], { servers, gaps, scope }: Coverage): readonly Target[] {
  const uncovered = new Set(gaps.map((gap) => gap.target))
  if (![...servers.keys()].some((uuid) => !uncovered.has(uuid))) return []
  const inhabited = new Set([...servers.values()].map((server) => server.groupId))
  const leftOut = new Set(gaps.map(targetKey))
  return targets
    .filter((target) => !leftOut.has(targetKey(target)))
    .filter(({ type, target }) => !scope.wholeFleet || type !== GROUP_TYPE || inhabited.has(target))
    .map((target) => ({ ...target, name: nameOf(target, servers) }))
}

/** The name that was looked up, where one was. */
function nameOf({ type, target, name }: Target, servers: ReadonlyMap<string, Server>): string {
  return (type === SERVER_TYPE && servers.get(target)?.name) || name
}

function gapOf({ uuid, name }: Server, reason: GapReason): Gap {
  return { type: SERVER_TYPE, target: uuid, name, reason }
}

export function withoutRepeatedGaps(gaps: readonly Gap[]): readonly Gap[] {
  return [...new Map(gaps.map((gap) => [`${targetKey(gap)} ${gap.reason}`, gap])).values()]
}
