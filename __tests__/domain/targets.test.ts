import fc from 'fast-check'
import type { Group, Server } from '../../src/domain/coverage.ts'
import {
  type Match,
  matchGroup,
  matchServer,
  type TargetWord,
  targetAsNamed,
  targetOfGroup,
  targetOfServer,
} from '../../src/domain/targets.ts'

/** The cloud's search may find what is only alike: what a line names is decided here. */

function server(n: number, name: string, instanceId = `i-${n}`): Server {
  return { uuid: `uuid-0${n}`, name, instanceId, groupId: '1', clientStatus: 'online', isBound: true, edition: 7 }
}

const group = (id: string, name: string): Group => ({ id, name })
const found = (match: Match) => ('target' in match ? match.target.target : match)

describe('a server by name', () => {
  const line = (name: string) => ({ word: 'host', name }) as const

  test('is the one that is called so', () => {
    expect(matchServer(line('web'), [server(1, 'web-01'), server(2, 'web'), server(3, 'my-web')])).toEqual({
      target: { type: 'uuid', name: 'web', target: 'uuid-02' },
    })
  })
  test.each([
    { name: 'case', wanted: 'web', has: 'Web' },
    { name: 'a space', wanted: 'web', has: 'web ' },
    { name: 'an accent in two characters', wanted: 'ü', has: 'u\u0308' },
    { name: 'an invisible character', wanted: 'web', has: 'web\u200b' },
    { name: 'a star', wanted: 'web*', has: 'web-01' },
  ])('is not one that differs by $name', ({ wanted, has }) => {
    expect(matchServer(line(wanted), [server(1, has)])).toMatchObject({ found: [`${has} (i-1)`] })
  })
  test('is not one whose instance id or uuid is that', () => {
    expect(matchServer(line('i-1'), [server(1, 'web')])).toHaveProperty('problem')
    expect(matchServer(line('uuid-01'), [server(1, 'web')])).toHaveProperty('problem')
  })
  test('that nobody has is a problem', () => {
    expect(matchServer(line('web'), [])).toEqual({ problem: 'no server has this name', found: [] })
  })
  test('that nobody has shows the similar ones', () => {
    expect(matchServer(line('web'), [server(1, 'web-01'), server(2, '')])).toEqual({
      problem: 'no server has this name, similar ones are',
      found: ['web-01 (i-1)', ' (i-2)'],
    })
  })
  test('that several have is a problem that shows how to tell them apart, and only them', () => {
    expect(
      matchServer(line('web'), [server(1, 'web'), server(2, 'web-01'), server(3, 'web'), server(4, 'web')]),
    ).toEqual({
      problem: '3 servers have this name, name the one that is meant by uuid:',
      found: ['uuid:uuid-01 (i-1)', 'uuid:uuid-03 (i-3)', 'uuid:uuid-04 (i-4)'],
    })
  })
})

describe('a server by instance id', () => {
  const line = (name: string) => ({ word: 'instance', name }) as const

  test('is the one that has it, with its name', () => {
    expect(matchServer(line('i-2'), [server(1, 'i-2'), server(2, 'web'), server(22, 'web')])).toEqual({
      target: { type: 'uuid', name: 'web', target: 'uuid-02' },
    })
  })
  test('has the uuid for a name where it has none', () => {
    expect(matchServer(line('i-1'), [server(1, '')])).toEqual({
      target: { type: 'uuid', name: 'uuid-01', target: 'uuid-01' },
    })
  })
  test('that nobody has is a problem', () => {
    expect(matchServer(line('i-9'), [])).toEqual({ problem: 'no server has this instance id', found: [] })
    expect(matchServer(line('i-9'), [server(1, 'i-9')])).toEqual({
      problem: 'no server has this instance id, similar ones are',
      found: ['i-9 (i-1)'],
    })
  })
  test('that several have is a problem', () => {
    expect(matchServer(line('i-1'), [server(1, 'a'), server(2, 'b', 'i-1')])).toEqual({
      problem: '2 servers have this instance id, name the one that is meant by uuid:',
      found: ['uuid:uuid-01 (i-1)', 'uuid:uuid-02 (i-1)'],
    })
  })
})

describe('a group by name', () => {
  const line = (name: string) => ({ word: 'group', name }) as const

  test('is the one that is called so', () => {
    expect(matchGroup(line('web'), [group('1', 'Web'), group('2', 'web'), group('3', 'web ')])).toEqual({
      target: { type: 'groupId', name: 'web', target: '2' },
    })
  })
  test('is not one whose id is that', () => {
    expect(matchGroup(line('1'), [group('1', 'web')])).toHaveProperty('problem')
  })
  test('that nobody has shows the groups', () => {
    expect(matchGroup(line('wbe'), [group('1', 'web'), group('2', 'db')])).toEqual({
      problem: 'no server group has this name, the groups are',
      found: ['web', 'db'],
    })
  })
  test('that several have is a problem that shows how to tell them apart, and only them', () => {
    expect(matchGroup(line('web'), [group('1', 'web'), group('2', 'db'), group('3', 'web')])).toEqual({
      problem: '2 groups have this name, name the one that is meant by group-id:',
      found: ['group-id:1', 'group-id:3'],
    })
  })
})

test('a line becomes a target only where exactly one thing has that name', () => {
  const name = fc.constantFrom('a', 'A', 'b', '')
  fc.assert(
    fc.property(fc.array(name), name, fc.constantFrom('host', 'instance', 'group' as const), (names, wanted, word) => {
      const match =
        word === 'group'
          ? matchGroup(
              { word, name: wanted },
              names.map((each, i) => group(`${i}`, each)),
            )
          : matchServer(
              { word: word as TargetWord, name: wanted },
              names.map((each, i) => (word === 'host' ? server(i, each) : server(i, 'x', each))),
            )
      const places = names.flatMap((each, i) => (each === wanted ? [word === 'group' ? `${i}` : `uuid-0${i}`] : []))
      if (places.length === 1) expect(found(match)).toBe(places[0])
      else expect(match).toHaveProperty('problem')
    }),
  )
})

describe('a line that is taken as it is', () => {
  test.each([
    { line: { word: 'uuid', name: 'uuid-01' }, target: { type: 'uuid', name: 'uuid-01', target: 'uuid-01' } },
    { line: { word: 'group-id', name: '7' }, target: { type: 'groupId', name: '7', target: '7' } },
    { line: { word: 'host', name: 'web' }, target: undefined },
    { line: { word: 'instance', name: 'i-1' }, target: undefined },
    { line: { word: 'group', name: 'web' }, target: undefined },
  ] as const)('$line.word', ({ line, target }) => {
    expect(targetAsNamed(line)).toEqual(target)
  })
})

test.each([
  { name: 'a server', target: targetOfServer(server(1, 'web')), is: { type: 'uuid', name: 'web', target: 'uuid-01' } },
  {
    name: 'a server without a name',
    target: targetOfServer(server(1, '')),
    is: { type: 'uuid', name: 'uuid-01', target: 'uuid-01' },
  },
  { name: 'a group', target: targetOfGroup(group('7', 'web')), is: { type: 'groupId', name: 'web', target: '7' } },
  {
    name: 'a group without a name',
    target: targetOfGroup(group('7', '')),
    is: { type: 'groupId', name: '7', target: '7' },
  },
])('$name as StartVirusScanTask takes it', ({ target, is }) => {
  expect(target).toEqual(is)
})
