import type { Fleet } from '../../src/emulator/fleet.ts'
import { called, fleet, LONG, service, uuids } from '../support/serviceStand.ts'

/** What the emulated Security Center lists: servers, groups, alerts. */

describe('DescribeCloudCenterInstances', () => {
  const asked = (params: Readonly<Record<string, string>> = {}) =>
    called(service(), 'DescribeCloudCenterInstances', params)
  const names = (params: Readonly<Record<string, string>> = {}) =>
    asked(params).Instances.map(({ InstanceName }: { InstanceName: string }) => InstanceName)
  const by = (...criteria: readonly (readonly [string, string])[]) => ({
    Criteria: JSON.stringify(criteria.map(([name, value]) => ({ name, value }))),
  })

  test('all servers with all fields, and group ids digit by digit', () => {
    const { text, ...reply } = asked()
    expect(reply).toMatchObject({
      Success: true,
      PageInfo: { Count: 4, CurrentPage: 1, PageSize: 20, TotalCount: 4 },
      RequestId: '{request-id}',
    })
    expect(reply.Instances[2]).toEqual({
      Uuid: '5a1f0c1e-0000-4000-8000-00000000aa03',
      InstanceId: 'i-uf60000000000000aa03',
      InstanceName: 'web-011',
      InternetIp: '',
      IntranetIp: '10.0.0.1',
      ClientStatus: 'online',
      AuthVersion: 1,
      Bind: false,
      GroupId: 10_001,
      GroupTrace: 'web',
      Status: 'Running',
    })
    expect(text).toContain(`"GroupId":${LONG},"GroupTrace":"Databases"`)
  })

  test('names match in part, ids in full; criteria are alternatives unless they are to hold together', () => {
    expect(names(by(['instanceName', 'WEB-01']))).toEqual(['web-01', 'web-011'])
    expect(names(by(['instanceId', 'i-uf60000000000000aa02']))).toEqual(['web-02'])
    expect(names(by(['instanceId', 'i-uf60000000000000aa0']))).toEqual([])
    expect(names(by(['groupId', LONG]))).toEqual(['db'])
    expect(names(by(['groupId', '922337203685477580']))).toEqual([])
    expect(names(by(['groupName', 'data']))).toEqual(['db'])
    const both = by(['instanceName', 'web-01'], ['groupId', LONG])
    expect(names(both)).toEqual(['web-01', 'web-011', 'db'])
    expect(names({ ...both, LogicalExp: 'AND' })).toEqual([])
    expect(names({ MachineTypes: 'ecs' })).toHaveLength(4)
    expect(names({ MachineTypes: 'eci' })).toEqual([])
  })

  test('pages, and nothing beyond the last', () => {
    const page = (CurrentPage: string) => asked({ CurrentPage, PageSize: '3' })
    expect(page('1').PageInfo).toEqual({ Count: 3, CurrentPage: 1, PageSize: 3, TotalCount: 4 })
    expect(page('2').PageInfo).toEqual({ Count: 1, CurrentPage: 2, PageSize: 3, TotalCount: 4 })
    expect(page('2').Instances).toMatchObject([{ InstanceName: 'db' }])
    expect(page('3')).toMatchObject({ Instances: [], PageInfo: { Count: 0, TotalCount: 4 } })
  })

  test('tokens lead from page to page, without a total', () => {
    const first = asked({ UseNextToken: 'true', PageSize: '2' })
    expect(first.PageInfo).toEqual({ Count: 2, CurrentPage: 1, PageSize: 2, NextToken: expect.stringMatching(/./) })
    const last = asked({ UseNextToken: 'true', PageSize: '2', NextToken: first.PageInfo.NextToken })
    expect(last.PageInfo).toMatchObject({ Count: 2, NextToken: '' })
    expect(last.Instances).toMatchObject([{ InstanceName: 'web-011' }, { InstanceName: 'db' }])
  })

  test.each<Readonly<Record<string, string>>>([
    { Criteria: 'instanceId' },
    { Criteria: '{}' },
    { Criteria: '[{"name":"groupId","value":10001}]' },
    by(['InstanceId', 'i']),
    by(['uuid', 'u']),
    { LogicalExp: 'or' },
    { MachineTypes: 'ECS' },
    { CurrentPage: '0' },
    { CurrentPage: 'one' },
    { PageSize: '101' },
    { PageSize: '' },
    { UseNextToken: 'yes' },
    { UseNextToken: 'true', NextToken: 'x' },
    { UseNextToken: 'true', PageSize: '101' },
  ])('%p is refused', (params) => {
    expect(asked(params)).toMatchObject({ status: 400, Code: 'IllegalParam' })
  })
})

test('DescribeAllGroups lists all groups, ids digit by digit', () => {
  const { text, ...reply } = called(service(), 'DescribeAllGroups', { Lang: 'en' })
  expect(reply.Count).toBe(3)
  expect(reply.Groups).toMatchObject([{ GroupName: 'web', GroupFlag: 1 }, {}, { GroupName: 'Default', GroupFlag: 0 }])
  expect(text).toContain(`{"GroupId":${LONG},"GroupName":"Databases","GroupFlag":1}`)
})

test('DescribeAssetDetailByUuids leaves out what it does not know', () => {
  const asked = (Uuids: readonly string[]) =>
    called(service(), 'DescribeAssetDetailByUuids', { Uuids: Uuids.join(',') })
  expect(asked([uuids[2] ?? '', 'unknown', uuids[1] ?? '']).AssetList).toMatchObject([
    { Uuid: uuids[1], InstanceName: 'web-02', ClientStatus: 'offline', AuthVersion: 3, Bind: true },
    { Uuid: uuids[2], InstanceId: 'i-uf60000000000000aa03', ClientStatus: 'online', AuthVersion: 1, Bind: false },
  ])
  expect(asked(['unknown']).AssetList).toEqual([])
  expect(asked(Array.from({ length: 100 }, () => 'u'))).toMatchObject({ status: 200 })
  for (const uuidList of [[], ['a', '', 'b'], Array.from({ length: 101 }, () => 'u')])
    expect(asked(uuidList)).toMatchObject({ status: 400, Code: 'IllegalParam' })
})

describe.each(['ListVirusScanMachine', 'ListVirusScanMachineEvent'])('%s', (action) => {
  test.each<Readonly<Record<string, string>>>([
    { CurrentPage: '1' },
    { PageSize: '20' },
    { CurrentPage: '0', PageSize: '20' },
    { CurrentPage: '1', PageSize: '101' },
    { CurrentPage: '1.5', PageSize: '20' },
  ])('%p is refused', (params) => {
    expect(called(service(), action, params)).toMatchObject({ status: 400, Code: 'IllegalParam' })
  })

  test('pages, and nothing beyond the last', () => {
    const page = (CurrentPage: string) => called(service(), action, { CurrentPage, PageSize: '2' })
    expect(page('1')).toMatchObject({ Data: [{}, {}], PageInfo: { CurrentPage: 1, PageSize: 2, TotalCount: 3 } })
    expect(page('2')).toMatchObject({ Data: [{}], PageInfo: { CurrentPage: 2, TotalCount: 3 } })
    expect(page('2').Data[0].InstanceName).toBe('db')
    expect(page('3')).toMatchObject({ Data: [], PageInfo: { CurrentPage: 3, TotalCount: 3 } })
  })
})

describe('ListVirusScanMachine', () => {
  const listed = (servers: Fleet['servers'], params = {}) =>
    called(service({ fleet: { groups: [], servers } }), 'ListVirusScanMachine', {
      CurrentPage: '1',
      PageSize: '9',
      ...params,
    }).Data.map(({ InstanceName, EventCount }: Record<string, unknown>) => [InstanceName, EventCount])

  test('servers with alerts, and one of several without', () => {
    expect(listed(fleet.servers)).toEqual([
      ['web-01', 2],
      ['web-02', 0],
      ['db', 1],
    ])
    expect(listed(fleet.servers.slice(0, 2))).toEqual([['web-01', 2]])
    expect(listed([])).toEqual([])
  })

  test('by uuid or by a part of the name', () => {
    expect(listed(fleet.servers, { Uuid: uuids[3] })).toEqual([['db', 1]])
    expect(listed(fleet.servers, { Remark: 'web' })).toHaveLength(2)
  })
})

describe('ListVirusScanMachineEvent', () => {
  const listed = (params = {}) =>
    called(service(), 'ListVirusScanMachineEvent', { CurrentPage: '1', PageSize: '9', ...params })

  test('the alerts of a server, in English only if asked for, ids digit by digit and no uuid', () => {
    const { text, ...reply } = listed({ Uuid: uuids[0], Lang: 'en' })
    expect(text).toContain(`"EventId":${LONG},`)
    expect(reply.Data).toHaveLength(2)
    expect(reply.Data[1]).toEqual({
      EventId: 2,
      Level: 'remind',
      EventName: 'Webshell',
      LastTimeStamp: 5,
      InstanceName: 'web-01',
      InternetIp: '',
      IntranetIp: '10.0.0.1',
      Details: [],
    })
    expect(listed({ Uuid: uuids[0] }).Data[0].EventName).toBe('恶意软件-Webshell')
  })

  test('without a server the alerts of all; of an unknown one none', () => {
    expect(listed().Data).toHaveLength(3)
    expect(listed({ Uuid: 'unknown' })).toMatchObject({ status: 200, Data: [], PageInfo: { TotalCount: 0 } })
  })
})
