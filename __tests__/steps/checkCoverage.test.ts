import type { Scope } from '../../src/domain/coverage.ts'
import { checkCoverage } from '../../src/steps/checkCoverage.ts'
import { policy } from '../support/builders.ts'
import { callerOf } from '../support/callerOnClock.ts'
import { refused, type Script, ScriptedCloud, server } from '../support/scriptedCloud.ts'

const named = (...numbers: readonly number[]) =>
  numbers.map((n) => ({ type: 'uuid', name: '', target: server(n).uuid }))
const group = (id: string) => ({ type: 'groupId', name: id, target: id })

async function check(scope: Partial<Scope>, script: Script) {
  const { caller, clock } = callerOf(policy)
  const cloud = new ScriptedCloud(script, clock)
  const whole = { named: [], groups: [], wholeFleet: false, ...scope }
  const asked = await clock.finish(checkCoverage(whole, cloud, caller))
  const servers = asked.kind === 'answer' ? [...asked.value.servers.keys()].sort() : []
  const gaps = asked.kind === 'answer' ? asked.value.gaps.map((gap) => `${gap.target} ${gap.reason}`) : []
  return { asked, servers, gaps, calls: cloud.calls.map(({ call, about }) => `${call} ${about}`) }
}

describe('a check of what a scan would cover', () => {
  const servers = () => [server(1), server(2), server(3, { groupId: '1001' })]

  test('asks for named servers a hundred at a time, the rest in a call of its own', async () => {
    const many = Array.from({ length: 201 }, (_, i) => i + 1)
    const {
      servers: seen,
      gaps,
      calls,
    } = await check({ named: named(...many) }, { servers: () => many.map((n) => server(n)) })
    expect(calls).toEqual(['serversOf 100', 'serversOf 100', 'serversOf 1'])
    expect({ seen: seen.length, gaps }).toEqual({ seen: 201, gaps: [] })
  })
  test('asks once for each group, and takes no server of a group that is only alike', async () => {
    const { servers: seen, gaps, calls } = await check({ groups: [group('100'), group('555')] }, { servers })
    expect(calls).toEqual(['listServers groupId=100', 'listServers groupId=555'])
    expect({ seen, gaps }).toEqual({ seen: ['uuid-01', 'uuid-02'], gaps: ['555 empty'] })
  })
  test('of the whole fleet is one list, whatever groups there are', async () => {
    const groups = [group('100'), group('1001')]
    const { servers: seen, gaps, calls } = await check({ groups, wholeFleet: true }, { servers })
    expect(calls).toEqual(['listServers all'])
    expect({ seen, gaps }).toEqual({ seen: ['uuid-01', 'uuid-02', 'uuid-03'], gaps: [] })
  })
  test('of nothing asks nothing', async () => {
    expect(await check({}, { servers })).toMatchObject({ servers: [], gaps: [], calls: [] })
  })
  test.each([
    { name: 'named servers', scope: { named: named(1) }, call: 'serversOf' },
    { name: 'a group', scope: { groups: [group('100')] }, call: 'listServers' },
  ])('of $name that is refused knows nothing', async ({ scope, call }) => {
    const { asked } = await check(scope, { servers, trouble: (made) => (made === call ? refused() : undefined) })
    expect(asked).toMatchObject({ kind: 'ended', ending: { kind: 'denied', failure: { action: call } } })
  })
})
