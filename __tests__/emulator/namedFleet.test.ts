import fc from 'fast-check'
import { matchGroup, matchServer } from '../../src/domain/targets.ts'
import { type NamedFleet, readFleet } from '../../src/emulator/namedFleet.ts'
import { readWaitFor, type WaitFor } from '../../src/inputs/waitFor.ts'
import { cases } from '../support/proof.ts'

/** The lines of a gate's `targets`, read by the gate and by the rehearsal, which share no code. */

/** As the gate reads them; undefined where it refuses them. */
function gateReads(targets: string): WaitFor | undefined {
  let isGood = true
  const given = (name: string) => (name === 'targets' ? targets.trim() : '')
  const refuse = () => {
    isGood = false
  }
  const { waitFor } = readWaitFor(given, true, refuse)
  return isGood ? waitFor : undefined
}

/** Names that meet: those that the fleet itself would choose, and those that two lines may share. */
const name = fc.oneof(
  fc.constantFrom('web', 'web-01', 'server-01', 'group-10001', '10001', '10002', 'Default', 'i-uf60000000000000aa01'),
  fc.constantFrom('0', '01', '9223372036854775807', '9223372036854775808', '', 'a:b', 'x'.repeat(257)),
  fc.string({ maxLength: 5 }),
)
const word = fc.constantFrom('uuid', 'instance', 'host', 'group', 'group-id', 'GROUP', ' host ', 'server')
const line = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(word, name).map(([one, other]) => `${one}:${other}`) },
  { weight: 1, arbitrary: fc.constantFrom('all', 'ALL', '', 'web-01') },
)
const lines = fc.array(line, { minLength: 1, maxLength: 6 }).map((some) => some.join('\n'))

test('both take the same lines', () => {
  fc.assert(
    fc.property(lines, (text) => {
      fc.pre(text.trim() !== '')
      expect('problems' in readFleet(text)).toBe(gateReads(text) === undefined)
    }),
    cases(2_000),
  )
})

test('what a gate looks up is there, and once', () => {
  fc.assert(
    fc.property(lines, (text) => {
      const [read, named] = [gateReads(text), readFleet(text)]
      if (read?.kind !== 'targets' || read.wanted.kind !== 'listed') return
      const { fleet, targets, oneOfEach } = named as NamedFleet
      const servers = fleet.servers.map((server) => ({ ...server, isLicensed: true, isOnline: true }))
      for (const wanted of read.wanted.lines) {
        if (wanted.word === 'uuid') expect(servers.filter(({ uuid }) => uuid === wanted.name)).toHaveLength(1)
        else if (wanted.word === 'group-id') expect(fleet.groups.filter(({ id }) => id === wanted.name)).toHaveLength(1)
        else if (wanted.word === 'group') expect(matchGroup(wanted, fleet.groups)).toHaveProperty('target')
        else expect(matchServer(wanted, servers as never)).toHaveProperty('target')
      }
      for (const unique of [servers.map(({ uuid }) => uuid), fleet.groups.map(({ id }) => id), oneOfEach])
        expect(new Set(unique).size).toBe(unique.length)
      expect(targets).toHaveLength(read.wanted.lines.length)
    }),
    cases(2_000),
  )
})

test('one server of each target is among those that something is the matter with', () => {
  const { fleet, oneOfEach } = readFleet('host:app-7\ngroup:web\ngroup-id:77') as NamedFleet
  const marked = fleet.servers.filter(({ uuid }) => oneOfEach.includes(uuid))
  const groups = new Map(fleet.groups.map(({ id, name: group }) => [id, group]))
  expect(marked.map((server) => [server.name, groups.get(server.groupId)])).toEqual([
    ['app-7', 'Default'],
    ['web-01', 'web'],
    ['group-77-01', 'group-77'],
  ])
})
