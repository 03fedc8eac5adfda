import {
  type Coverage,
  compareCoverage,
  coverageOf,
  gapReasons,
  mergeCoverages,
  mergeScopes,
  type Scope,
  scopeOf,
  startable,
  withoutRepeatedGaps,
} from '../../src/domain/coverage.ts'
import type { Target } from '../../src/domain/scan.ts'
import { server } from '../support/scriptedCloud.ts'

const uuid = (n: number, name = `as asked ${n}`): Target => ({ type: 'uuid', name, target: `uuid-0${n}` })
const group = (id: string, name = `group ${id}`): Target => ({ type: 'groupId', name, target: id })
const scope = (more: Partial<Scope> = {}): Scope => ({ named: [], groups: [], wholeFleet: false, ...more })
const offline = { clientStatus: 'offline' }

/** What the asset list shows of a scope: its named servers, and the others as members. */
const covered = (wanted: Scope, servers: readonly ReturnType<typeof server>[]): Coverage => {
  const names = new Set(wanted.named.map(({ target }) => target))
  const named = servers.filter((one) => names.has(one.uuid))
  return coverageOf(wanted, { named, members: servers.filter((one) => !names.has(one.uuid)) })
}
const gapsOf = ({ gaps }: Pick<Coverage, 'gaps'>) =>
  gaps.map(({ type, target, name, reason }) => `${type} ${target} (${name}) ${reason}`)

describe('a scope', () => {
  test('has servers and groups apart', () => {
    expect(scopeOf([group('7'), uuid(1), group('8')])).toEqual(
      scope({ named: [uuid(1)], groups: [group('7'), group('8')] }),
    )
  })
  test('is not known where one target is neither', () => {
    expect(scopeOf([uuid(1), { type: 'vpc', name: 'x', target: 'x' }])).toBeUndefined()
  })
  test('of several tasks has what is named twice once, and is the whole fleet where one of them is', () => {
    const one = scope({ named: [uuid(1)], groups: [group('7')] })
    const other = scope({ named: [uuid(1, 'another name'), uuid(2)], groups: [group('7'), group('8')] })
    const both = { named: [uuid(1), uuid(2)], groups: [group('7'), group('8')] }
    expect(mergeScopes([one, other])).toEqual(scope(both))
    expect(mergeScopes([one, { ...other, wholeFleet: true }])).toEqual(scope({ ...both, wholeFleet: true }))
  })
})

test.each([
  { name: 'online and licensed', changes: {}, reasons: [] },
  { name: 'online in another spelling', changes: { clientStatus: 'ONLINE' }, reasons: [] },
  { name: 'offline', changes: offline, reasons: ['offline'] },
  { name: 'in a state that is not known', changes: { clientStatus: '' }, reasons: ['offline'] },
  { name: 'of an edition with a scan, and not bound', changes: { isBound: false }, reasons: ['unlicensed'] },
  { name: 'bound, of the free edition', changes: { edition: 1 }, reasons: ['unlicensed'] },
  { name: 'of an edition that is not known', changes: { edition: Number.NaN }, reasons: ['unlicensed'] },
  { name: 'neither', changes: { ...offline, isBound: false }, reasons: ['offline', 'unlicensed'] },
])('a server that is $name', ({ changes, reasons }) => {
  expect(gapReasons(server(1, changes))).toEqual(reasons)
})

describe('the gaps of a scope', () => {
  test('none where every server is there, online and licensed', () => {
    const all = covered(scope({ named: [uuid(1)], groups: [group('100')] }), [server(1, { groupId: '' }), server(2)])
    expect(gapsOf(all)).toEqual([])
    expect([...all.servers.keys()]).toEqual(['uuid-01', 'uuid-02'])
    expect(all.servers.get('uuid-02')).toEqual(server(2))
  })
  test('a named server that does not exist is missing, under the name that was given', () => {
    expect(gapsOf(covered(scope({ named: [uuid(1), uuid(2)] }), [server(1)]))).toEqual([
      'uuid uuid-02 (as asked 2) missing',
    ])
  })
  test('a group without a server of its own is empty', () => {
    expect(gapsOf(covered(scope({ groups: [group('100'), group('200')] }), [server(1)]))).toEqual([
      'groupId 200 (group 200) empty',
    ])
  })
  test('a server that is named and in a group as well, seen in two states: the worse one holds, once', () => {
    const wanted = scope({ named: [uuid(1)], groups: [group('100')] })
    const gaps = ['uuid uuid-01 (web-01) offline']
    const [good, bad] = [server(1), server(1, offline)]
    for (const [named, member] of [[good, bad] as const, [bad, good] as const, [bad, bad] as const])
      expect(gapsOf(coverageOf(wanted, { named: [named], members: [member] }))).toEqual(gaps)
  })
  test('a member of a group that was asked for has not joined, whatever its group says', () => {
    expect(gapsOf(covered(scope({ groups: [group('100')] }), [server(1), server(2, { groupId: '300' })]))).toEqual([])
  })
})

describe('the gaps of the whole fleet', () => {
  const fleet = scope({ groups: [group('100'), group('200')], wholeFleet: true })
  test('a server in a group that is not in the list has joined', () => {
    expect(gapsOf(covered(fleet, [server(1), server(2, { groupId: '300' })]))).toEqual(['uuid uuid-02 (web-02) joined'])
  })
  test('groups without servers are left out, not held against it', () => {
    expect(gapsOf(covered(fleet, [server(1)]))).toEqual([])
  })
  test('no server at all: the account is empty', () => {
    expect(gapsOf(covered(fleet, []))).toEqual(['groupId all (the account) empty'])
  })
})

describe('coverage before and after a scan', () => {
  const web = scope({ groups: [group('100')] })
  const change = (before: Coverage, after: Coverage) => {
    const { left, servers, ...rest } = compareCoverage(before, after)
    return { gaps: gapsOf(rest), left: left.map((one) => one.uuid), servers: [...servers.keys()] }
  }

  test('nobody looked before: what is there now is all that is known', () => {
    const after = covered(web, [server(1), server(2, offline)])
    expect(compareCoverage(undefined, after)).toEqual({ servers: after.servers, gaps: after.gaps, left: [] })
  })
  test('all as before: no gap', () => {
    const same = covered(web, [server(1), server(2)])
    expect(change(same, same)).toEqual({ gaps: [], left: [], servers: ['uuid-01', 'uuid-02'] })
  })
  test('a gap of before stays one when it has healed, and is told once when it has not', () => {
    const before = covered(web, [server(1), server(2, offline)])
    const gaps = ['uuid uuid-02 (web-02) offline']
    expect(change(before, covered(web, [server(1), server(2)])).gaps).toEqual(gaps)
    expect(change(before, before).gaps).toEqual(gaps)
  })
  test('who joined a group was not scanned', () => {
    const after = covered(web, [server(1), server(2)])
    expect(change(covered(web, [server(1)]), after).gaps).toEqual(['uuid uuid-02 (web-02) joined'])
  })
  test('who joined a group that another task brought in was not promised before', () => {
    const both = scope({ groups: [group('100'), group('200')] })
    const after = covered(both, [server(1), server(2, { groupId: '200' })])
    expect(change(covered(web, [server(1)]), after).gaps).toEqual([])
  })
  test('who joined a fleet has, whatever its group', () => {
    const fleet = scope({ groups: [group('100'), group('200')], wholeFleet: true })
    const after = covered(fleet, [server(1), server(2, { groupId: '200' })])
    expect(change(covered(scope({ wholeFleet: true, groups: [group('100')] }), [server(1)]), after).gaps).toEqual([
      'uuid uuid-02 (web-02) joined',
    ])
  })
  test('who left a group is told, and its gaps are gone with it; those of others and of groups stay', () => {
    const wanted = scope({ groups: [group('100'), group('200')] })
    const before = covered(wanted, [server(1), server(2, offline), server(3, offline)])
    expect(change(before, covered(wanted, [server(1), server(3), server(4, { groupId: '200' })]))).toEqual({
      gaps: ['uuid uuid-03 (web-03) offline', 'groupId 200 (group 200) empty', 'uuid uuid-04 (web-04) joined'],
      left: ['uuid-02'],
      servers: ['uuid-01', 'uuid-03', 'uuid-04'],
    })
  })
  test('a group keeps its gap, even if a server that left had its id for a uuid', () => {
    const wanted = scope({ groups: [group('100'), group('200')] })
    const before = covered(wanted, [server(1), server(2, { uuid: '200' })])
    const after = covered(wanted, [server(1), server(3, { groupId: '200' })])
    expect(change(before, after).gaps).toEqual(['groupId 200 (group 200) empty', 'uuid uuid-03 (web-03) joined'])
  })
  test('a named server neither joins nor leaves: it is there, or missing', () => {
    const wanted = scope({ named: [uuid(1), uuid(2)] })
    const [one, both] = [covered(wanted, [server(1)]), covered(wanted, [server(1), server(2)])]
    const missing = ['uuid uuid-02 (as asked 2) missing']
    expect(change(both, one)).toEqual({ gaps: missing, left: [], servers: ['uuid-01'] })
    expect(change(one, both)).toEqual({ gaps: missing, left: [], servers: ['uuid-01', 'uuid-02'] })
    // Also where it is in a group that was asked for.
    const inGroup = scope({ named: [uuid(2)], groups: [group('100')] })
    expect(change(covered(inGroup, [server(1)]), covered(inGroup, [server(1), server(2)])).gaps).toEqual(missing)
  })
})

test('the coverage of several tasks is that of all their servers, each gap once; that of none is not known', () => {
  const one = covered(scope({ named: [uuid(1)] }), [server(1, offline)])
  const other = covered(scope({ named: [uuid(1), uuid(2)] }), [server(1, offline), server(2)])
  const both = mergeCoverages([one, other])
  expect(both?.scope).toEqual(scope({ named: [uuid(1), uuid(2)] }))
  expect([...(both?.servers.keys() ?? [])]).toEqual(['uuid-01', 'uuid-02'])
  expect(both && gapsOf(both)).toEqual(['uuid uuid-01 (web-01) offline'])
  expect(mergeCoverages([])).toBeUndefined()
})

test('a gap is another one with another type, target or reason', () => {
  const gap = { type: 'uuid', target: '1', name: 'one', reason: 'offline' } as const
  const others = [{ type: 'groupId' }, { target: '2' }, { reason: 'unlicensed' }].map((more) => ({ ...gap, ...more }))
  expect(withoutRepeatedGaps([gap, ...(others as (typeof gap)[]), { ...gap }])).toEqual([gap, ...others])
})

describe('what is left to start', () => {
  const start = (targets: readonly Target[], servers: readonly ReturnType<typeof server>[]) =>
    startable(targets, covered(scopeOf(targets) as Scope, servers))

  test('named servers without a gap, under the names that they have', () => {
    expect(start([uuid(1), uuid(2), uuid(3)], [server(1), server(2, offline)])).toEqual([uuid(1, 'web-01')])
  })
  test('a server that has no name keeps the one that was given', () => {
    expect(start([uuid(1)], [server(1, { name: '' })])).toEqual([uuid(1)])
  })
  test('a group whole, also with a gap in it; not an empty one', () => {
    const targets = [group('100'), group('200')]
    expect(start(targets, [server(1), server(2, offline)])).toEqual([group('100')])
  })
  test('a group keeps its name, even if a server has its id for a uuid', () => {
    expect(start([group('100')], [server(1, { uuid: '100' })])).toEqual([group('100')])
  })
  test('of the whole fleet no group without servers', () => {
    const targets = [group('100'), group('200')]
    const coverage = covered(scope({ groups: targets, wholeFleet: true }), [server(1)])
    expect(startable(targets, coverage)).toEqual([group('100')])
    // One by one they are no groups, and stay.
    expect(startable([uuid(1)], { ...coverage, gaps: [] })).toEqual([uuid(1, 'web-01')])
  })
  test('nothing where no server is covered, though a group has some', () => {
    expect(start([group('100')], [server(1, offline), server(2, { isBound: false })])).toEqual([])
    expect(start([group('100')], [])).toEqual([])
  })
})
