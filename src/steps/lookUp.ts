import type { Group } from '../domain/coverage.ts'
import { type Target, withoutRepeats } from '../domain/scan.ts'
import {
  type Match,
  matchGroup,
  matchServer,
  targetAsNamed,
  targetOfGroup,
  type Wanted,
  type WantedLine,
} from '../domain/targets.ts'
import type { Problem } from '../domain/verdict.ts'
import type { CallEnding } from '../domain/waiter.ts'
import type { ScanService } from '../ports.ts'
import { type Asked, type Caller, forEach } from './caller.ts'

export type LookUp =
  | { readonly kind: 'found'; readonly targets: readonly Target[] }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }
  | { readonly kind: 'ended'; readonly ending: CallEnding }

/** How many of the things that were found a message lists. */
const MOST_SHOWN = 10

/** What the lines of `targets` stand for in the cloud. Every line that stands for nothing, or for several things, is a problem. */
export async function lookUp(wanted: Wanted, cloud: ScanService, caller: Caller): Promise<LookUp> {
  const lines = wanted.kind === 'all' ? [] : wanted.lines
  let groups: readonly Group[] = []
  if (wanted.kind === 'all' || lines.some((line) => line.word === 'group')) {
    const asked = await caller.ask((stop) => cloud.listGroups(stop))
    if (asked.kind === 'ended') return asked
    groups = asked.value
  }
  if (wanted.kind === 'all') {
    if (groups.length > 0) return { kind: 'found', targets: groups.map(targetOfGroup) }
    return {
      kind: 'invalid',
      problems: [{ name: 'targets', value: 'all', text: 'finds nothing: the account has no server group' }],
    }
  }

  const matches = new Map<WantedLine, Match>()
  const over = await forEach(lines, caller, async (line, one): Promise<Asked<unknown>> => {
    const target = targetAsNamed(line)
    if (target !== undefined) matches.set(line, { target })
    else if (line.word === 'group') matches.set(line, matchGroup(line, groups))
    else {
      const field = line.word === 'host' ? 'name' : 'instanceId'
      const criterion = { field, value: line.name } as const
      const asked = await one.askAll(
        (page, stop) => cloud.listServers(criterion, page, stop),
        (row) => row.uuid,
      )
      if (asked.kind === 'ended') return asked
      matches.set(line, matchServer(line, asked.value))
    }
    return { kind: 'answer', value: undefined }
  })
  if (over.kind === 'ended') return over

  const found = lines.map((line) => ({ line, match: matches.get(line) as Match }))
  const problems = found.flatMap(({ line, match }) => ('problem' in match ? problemOf(line, match) : []))
  if (problems.length > 0) return { kind: 'invalid', problems }
  return {
    kind: 'found',
    targets: withoutRepeats(found.flatMap(({ match }) => ('target' in match ? match.target : []))),
  }
}

function problemOf({ word, name }: WantedLine, match: Extract<Match, { problem: string }>): Problem {
  const shown = match.found.slice(0, MOST_SHOWN)
  const rest = match.found.length - shown.length
  return {
    name: 'targets',
    value: `${word}:${name}`,
    text: `finds no single target: ${match.problem}`,
    ...(shown.length === 0 ? {} : { found: rest === 0 ? shown : [...shown, `and ${rest} more`] }),
  }
}
