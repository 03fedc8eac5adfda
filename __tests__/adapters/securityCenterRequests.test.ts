import type { SecurityCenter } from '../../src/adapters/securityCenter.ts'
import { server as machine } from '../../src/emulator/fleet.ts'
import { FEATURES, type ServerCriterion } from '../../src/ports.ts'
import { callOf, DB, fleet, LONG, NAMES, never, WEB, web } from '../support/centerCalls.ts'
import { emulatedCenter } from '../support/emulatedCenter.ts'

/** What each call sends, and which permission it needs. */

describe('what is sent', () => {
  test.each<{ criterion: ServerCriterion; sent: string; found: readonly string[] }>([
    { criterion: { field: 'name', value: 'web-01' }, sent: 'instanceName', found: [WEB] },
    { criterion: { field: 'instanceId', value: web.instanceId }, sent: 'instanceId', found: [WEB] },
    { criterion: { field: 'groupId', value: LONG }, sent: 'groupId', found: [DB] },
    { criterion: { field: 'name', value: 'nobody' }, sent: 'instanceName', found: [] },
  ])('servers are searched by $criterion.field as $sent', async ({ criterion, sent, found }) => {
    const { server, center } = await emulatedCenter({ tasks: {}, fleet })
    const answer = await center.listServers(criterion, 1, never)
    expect(answer).toMatchObject({ value: { rows: found.map((uuid) => ({ uuid })), total: found.length } })
    expect(server.exchanges[0]?.params).toEqual({
      Criteria: `[{"name":"${sent}","value":"${criterion.value}"}]`,
      LogicalExp: 'AND',
      MachineTypes: 'ecs',
      CurrentPage: '1',
      PageSize: '100',
      Lang: 'en',
    })
  })

  test('pages are asked for by their number, and their rows stay in order', async () => {
    const alerts = Array.from({ length: 205 }, (_, i) => ({ eventId: `${i}`, level: 'remind', name: 'x', lastSeen: i }))
    const servers = Array.from({ length: 205 }, (_, i) => machine(i + 1, { alerts }))
    const { server, center } = await emulatedCenter({ tasks: {}, fleet: { groups: [], servers } })
    const uuid = servers[0]?.uuid ?? ''
    const pages = [2, 3, 4].map(async (page) => [
      await center.listServers('all', page, never),
      await center.listServersWithAlerts(page, never),
      await center.listAlerts(uuid, page, never),
    ])
    for (const [i, answersOfPage] of (await Promise.all(pages)).entries()) {
      const from = (i + 1) * 100
      const rows = servers.slice(from, from + 100)
      expect(answersOfPage).toMatchObject([
        { value: { rows: rows.map((row) => ({ uuid: row.uuid })), total: 205 } },
        { value: { rows: rows.map((row) => ({ uuid: row.uuid, hasAlerts: true })), total: 205 } },
        { value: { rows: alerts.slice(from, from + 100).map(({ eventId }) => ({ eventId })), total: 205 } },
      ])
    }
    expect(server.exchanges.map(({ params }) => params.CurrentPage).sort()).toEqual([...'222333444'])
    expect(new Set(server.exchanges.map(({ params }) => params.PageSize))).toEqual(new Set(['100']))
  })

  test('of a target nothing but type, name and id goes out', async () => {
    const { server, center } = await emulatedCenter({ tasks: {} })
    const target = { secret: 's', target: 'u-1', name: '', type: 'uuid' }
    await center.startScan([target], never)
    expect(server.exchanges[0]?.params).toEqual({ TargetInfo: '[{"type":"uuid","name":"","target":"u-1"}]' })
  })

  test('names of alerts are English only because that is asked for', async () => {
    const { rpc, center } = await emulatedCenter({ tasks: {}, fleet })
    const params = { Uuid: WEB, CurrentPage: '1', PageSize: '100' }
    const whoDoesNotAsk = await rpc.call('ListVirusScanMachineEvent', params, never)
    expect(whoDoesNotAsk).toMatchObject({ body: { Data: [{ EventName: '恶意软件-Trojan' }, {}] } })
    const names = await center.listAlerts(WEB, 1, never)
    expect(names).toMatchObject({ value: { rows: [{ name: 'Trojan' }, { name: 'Webshell' }] } })
  })
})

describe('RAM actions', () => {
  const of = async (...features: Parameters<SecurityCenter['ramActions']>[0]) => {
    const { center } = await emulatedCenter({ tasks: {} })
    return center.ramActions(features).map((action) => action.replace(/^yundun-sas:/, ''))
  }
  const OF_THE_GATE = [
    'DescribeAssetDetailByUuids',
    'DescribeCloudCenterInstances',
    'ListVirusScanMachine',
    'ListVirusScanMachineEvent',
  ]

  test.each([
    { features: [], actions: [] },
    { features: ['wait'], actions: ['DescribeScanTaskProgress'] },
    { features: ['start'], actions: ['StartVirusScanTask'] },
    { features: ['find-servers'], actions: ['DescribeCloudCenterInstances'] },
    { features: ['find-groups'], actions: ['DescribeAllGroups'] },
    { features: ['gate'], actions: OF_THE_GATE },
    { features: ['wait', 'start', 'wait'], actions: ['DescribeScanTaskProgress', 'StartVirusScanTask'] },
    {
      features: ['find-servers', 'gate'],
      actions: ['DescribeCloudCenterInstances', ...OF_THE_GATE.filter((x) => x !== 'DescribeCloudCenterInstances')],
    },
  ] as const)('$features', async ({ features, actions }) => {
    expect(await of(...features)).toEqual(actions)
  })

  test('all features together need each call once, and no other', async () => {
    const { center } = await emulatedCenter({ tasks: {} })
    const called = ['DescribeScanTaskProgress', ...NAMES.map((name) => callOf(name).action)]
    expect([...center.ramActions(FEATURES)].sort()).toEqual(called.map((action) => `yundun-sas:${action}`).sort())
  })
})
