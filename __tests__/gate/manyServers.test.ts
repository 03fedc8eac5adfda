import { failure, sees } from '../support/builders.ts'
import { all, story, wants } from '../support/gateStory.ts'
import { alertRow, type Call, refused, server } from '../support/scriptedCloud.ts'

/** What the gate asks for fleets: few calls, and no more than ten a second. */

describe('many servers', () => {
  const fleet = (count: number) =>
    Array.from({ length: count }, (_, i) => server(i + 1, { groupId: String(100 + (i % 10)) }))
  const groups = Array.from({ length: 10 }, (_, i) => ({ id: String(100 + i), name: `group-${i}` }))
  const looks = {
    '282832': [
      sees(
        'Success',
        groups.map(({ id: target, name }) => ({ type: 'groupId', name, target })),
      ),
    ],
  }

  test('up to 50 servers are asked one by one', async () => {
    const { cloud } = await story({ servers: () => fleet(50), groups, looks }, { waitFor: all })
    expect(cloud.count('listServersWithAlerts')).toBe(0)
    expect(cloud.count('listAlerts')).toBe(150)
  })

  test('a throttled call slows all of them down for a while', async () => {
    const trouble = (call: Call, { nth }: { nth: number }) =>
      call === 'listAlerts' && nth === 20 ? failure('throttled', { code: 'Throttling.User' }) : undefined
    const { verdict, cloud } = await story({ servers: () => fleet(50), groups, looks, trouble }, { waitFor: all })
    expect(verdict).toBe('passed')
    const times = cloud.calls.map(({ atMs }) => atMs)
    const spans = times.slice(10).map((at, i) => at - (times[i] ?? 0))
    expect(spans.slice(0, 12).every((span) => span === 1_000)).toBe(true)
    expect(spans.slice(24, 40).every((span) => span >= 2_000)).toBe(true)
  })

  test('above, only those with alerts; where there are none, one is asked to prove the permission', async () => {
    const clean = await story({ servers: () => fleet(51), groups, looks }, { waitFor: all })
    expect(clean.verdict).toBe('passed')
    expect(clean.cloud.count('listServersWithAlerts')).toBe(3)
    expect(clean.cloud.count('listAlerts')).toBe(3)
    const denied = await story(
      { servers: () => fleet(51), groups, looks, trouble: (call) => (call === 'listAlerts' ? refused() : undefined) },
      { waitFor: all },
    )
    expect(denied.verdict).toBe('denied')
    const alerts = (server: string, { looks }: { looks: number }) =>
      server === 'uuid-51' && looks > 0 ? [alertRow(1)] : []
    const one = await story({ servers: () => fleet(51), groups, looks, alerts }, { waitFor: all })
    expect(one.verdict).toBe('alerts')
    expect(one.cloud.calls.filter(({ call }) => call === 'listAlerts').map(({ about }) => about)).toEqual([
      'uuid-01',
      'uuid-51',
    ])
  })

  test('5,000 clean servers cost about 110 calls, within ten a second', async () => {
    const servers = fleet(5_000)
    const { verdict, cloud } = await story({ servers: () => servers, groups, looks }, { waitFor: all })
    expect(verdict).toBe('passed')
    expect(cloud.calls.length).toBeLessThanOrEqual(112)
    const times = cloud.calls.map(({ atMs }) => atMs)
    for (const [i, at] of times.entries())
      expect((times[i + 10] ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThanOrEqual(1_000)
  })

  test('1,000 named servers: a hundred a call', async () => {
    const servers = fleet(1_000)
    const targets = servers.map(({ uuid: target, name }) => ({ type: 'uuid', name, target }))
    const { verdict, cloud } = await story(
      { servers: () => servers, looks: { '282832': [sees('Success', targets)] } },
      { waitFor: wants(...servers.map((one) => `uuid:${one.uuid}`)) },
    )
    expect(verdict).toBe('passed')
    expect(cloud.calls.filter(({ call }) => call === 'serversOf').map(({ about }) => about)).toEqual(
      Array(20).fill('100'),
    )
  })
})
