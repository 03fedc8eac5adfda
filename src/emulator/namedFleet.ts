import { type Fleet, server } from './fleet.ts'
import type { Targets } from './service.ts'

/** An account in which there is just what a workflow names: the lines of its `targets` read the other way round. */

export interface NamedFleet {
  readonly fleet: Fleet
  /** What the lines name, as a start would send it. */
  readonly targets: Targets
  /** The uuid of one server of each target: in most stories something is the matter with just these. */
  readonly oneOfEach: readonly string[]
}

/** A line as it was given, with the rest of a sentence about it; without a line it is about them all. */
export interface LineProblem {
  readonly line?: string
  readonly text: string
}

const WORDS = ['uuid', 'instance', 'host', 'group', 'group-id'] as const
type Word = (typeof WORDS)[number]

interface Line {
  readonly word: Word
  readonly name: string
}

const MOST_LINES = 1_000
const GREATEST_ID = 9_223_372_036_854_775_807n
const LINES = 'each line is all, or uuid:, instance:, host:, group: or group-id: and what it names, such as host:web-01'
/** What `all` stands for. */
const SAMPLE: readonly Line[] = [
  { word: 'host', name: 'web-01' },
  { word: 'group', name: 'web' },
  { word: 'group', name: 'databases' },
]
const SERVERS_IN_A_GROUP = 2
/** The group of servers that nobody has put into one. */
const NO_GROUP = 'Default'

/** The fleet that the lines of a gate's `targets` would find, or all that is wrong with the lines. */
export function readFleet(text: string): NamedFleet | { readonly problems: readonly LineProblem[] } {
  const texts = [...new Set(text.split(/\r?\n|\r/).map((line) => line.trim()))].filter((line) => line !== '')
  const isAll = (line: string) => line.toLowerCase() === 'all'
  if (texts.every(isAll)) return fleetOf(SAMPLE)
  const read = texts.map((line) => ({ line, reading: isAll(line) ? 'stands beside other lines' : readLine(line) }))
  const problems: LineProblem[] = read.flatMap(({ line, reading }) =>
    typeof reading === 'string' ? { line, text: reading } : [],
  )
  if (texts.length > MOST_LINES) problems.push({ text: `has ${texts.length} lines, at most ${MOST_LINES} are allowed` })
  if (problems.length > 0) return { problems }
  const lines = read.flatMap(({ reading }) => (typeof reading === 'string' ? [] : reading))
  return fleetOf([...new Map(lines.map((line) => [`${line.word}:${line.name}`, line])).values()])
}

/** One line, or the rest of a sentence about it. The rules are the gate's. */
function readLine(line: string): Line | string {
  const [, spelt = '', rest = ''] = /^([^:]*):([\s\S]*)$/.exec(line) ?? []
  const word = WORDS.find((known) => known === spelt.trim().toLowerCase())
  const name = rest.trim()
  if (word === undefined) return `is not a target: ${LINES}`
  if (name === '') return `names nothing after the colon: ${LINES}`
  if (!isName(word, name)) return `names nothing that could be there: ${LINES}`
  return { word, name }
}

function isName(word: Word, name: string): boolean {
  if (word === 'uuid') return /^[A-Za-z0-9-]{1,64}$/.test(name)
  if (word === 'instance') return /^[A-Za-z0-9._-]{1,128}$/.test(name)
  if (word === 'group-id') return /^[1-9]\d{0,18}$/.test(name) && BigInt(name) <= GREATEST_ID
  return name.length <= 256
}

function fleetOf(lines: readonly Line[]): NamedFleet {
  const builder = new FleetBuilder(lines)
  const found = lines.map((line) => builder.add(line))
  const { groups, servers } = builder
  return {
    fleet: { groups, servers },
    targets: found.map(({ target }) => target),
    oneOfEach: [...new Set(found.map(({ uuid }) => uuid))],
  }
}

/** Whatever the lines leave open gets a value that none of them names. */
class FleetBuilder {
  readonly groups: { readonly id: string; readonly name: string }[] = []
  readonly servers: Fleet['servers'][number][] = []
  readonly #taken: Set<string>

  constructor(lines: readonly Line[]) {
    this.#taken = new Set(lines.map(({ name }) => name))
  }

  /** The target of a line, and the uuid of a server in it. */
  add({ word, name }: Line): { readonly target: Targets[number]; readonly uuid: string } {
    if (word === 'group' || word === 'group-id') {
      const { id, name: groupName } = word === 'group' ? this.#group(name) : this.#groupWithId(name)
      const members = Array.from({ length: SERVERS_IN_A_GROUP }, (_, i) =>
        this.#server({ name: this.#free((n) => `${groupName}-${String(i + n).padStart(2, '0')}`), groupId: id }),
      )
      return { target: { type: 'groupId', name: groupName, target: id }, uuid: members[0] ?? '' }
    }
    const field = { uuid: 'uuid', instance: 'instanceId', host: 'name' } as const
    const own = word === 'host' ? {} : { name: this.#free((n) => `server-${String(n).padStart(2, '0')}`) }
    const uuid = this.#server({ ...own, [field[word]]: name, groupId: this.#group(NO_GROUP).id })
    return { target: { type: 'uuid', name: this.servers.at(-1)?.name ?? uuid, target: uuid }, uuid }
  }

  #server(changes: Parameters<typeof server>[1]): string {
    const n = this.servers.length + 1
    const plain = server(n)
    const uuid = this.#free((i) => (i === 1 ? plain.uuid : `${plain.uuid}-${i}`))
    const instanceId = this.#free((i) => (i === 1 ? plain.instanceId : `${plain.instanceId}-${i}`))
    const added = { ...plain, uuid, instanceId, ...changes }
    this.servers.push(added)
    return added.uuid
  }

  #group(name: string) {
    const known = this.groups.find((group) => group.name === name)
    if (known !== undefined) return known
    return this.#added({ id: this.#free((n) => String(10_000 + n)), name })
  }

  #groupWithId(id: string) {
    return this.#added({ id, name: this.#free((n) => (n === 1 ? `group-${id}` : `group-${id}-${n}`)) })
  }

  #added<Group extends { readonly id: string; readonly name: string }>(group: Group): Group {
    this.groups.push(group)
    return group
  }

  /** The first of some texts, counted from 1, that nothing is called yet. */
  #free(text: (n: number) => string): string {
    let n = 1
    while (this.#taken.has(text(n))) n += 1
    this.#taken.add(text(n))
    return text(n)
  }
}
