import * as answers from '../../src/emulator/answers.ts'
import { type EmulatedAlert, type Fleet, type Moment, server } from '../../src/emulator/fleet.ts'
import { Service, type ServiceState } from '../../src/emulator/service.ts'

const LONG = '9223372036854775807'
const alert = (eventId: string, level = 'serious'): EmulatedAlert => ({ eventId, level, name: 'Webshell', lastSeen: 5 })
const fleet: Fleet = {
  groups: [
    { id: '10001', name: 'web' },
    { id: LONG, name: 'Databases' },
    { id: '10003', name: 'Default' },
  ],
  servers: [
    server(1, { alerts: [alert(LONG), alert('2', 'remind')] }),
    server(2, { clientStatus: 'offline' }),
    server(3, { name: 'web-011', authVersion: 1, bind: false }),
    server(4, { name: 'db', groupId: LONG, alerts: [alert('3')] }),
  ],
}
const uuids = fleet.servers.map(({ uuid }) => uuid)
const target = (changes = {}) => ({ type: 'uuid', name: 'web-01', target: uuids[0], ...changes })
const START = { Action: 'StartVirusScanTask', TargetInfo: JSON.stringify([target()]) }

function service(changes: Partial<ServiceState> = {}, wallClock = () => 0) {
  return new Service({ tasks: {}, fleet, ...changes }, wallClock)
}

/** Text, and what it says, of an answer that comes whole. */
function called(stand: Service, action: string, params: Readonly<Record<string, string>> = {}) {
  const answer = stand.answer({ Action: action, ...params })
  if (answer.kind !== 'reply') throw new Error('no reply')
  return { status: answer.status, text: answer.text, ...JSON.parse(answer.text) }
}

describe('StartVirusScanTask', () => {
  const started = (stand: Service, TargetInfo = START.TargetInfo) => called(stand, 'StartVirusScanTask', { TargetInfo })

  test('the n-th scan is the n-th of the script, by an id of up to 19 digits', () => {
    const looks = [answers.state('Failed')]
    const stand = service({ starts: [{ id: LONG, looks, targetInfo: 'nonsense' }] })
    expect(started(stand).text).toContain(`"ScanTaskId":${LONG}`)
    const groups = JSON.stringify([target({ type: 'groupId', target: LONG })])
    expect(started(stand, groups)).toMatchObject({ status: 200, ScanTaskId: 282_833 })
    expect(stand.started).toEqual([[target()], [target({ type: 'groupId', target: LONG })]])
    expect(called(stand, 'DescribeScanTaskProgress', { TaskId: LONG })).toMatchObject({
      ScanTaskProgress: 'Failed',
      TargetInfo: 'nonsense',
    })
    const shown = Array.from({ length: 4 }, () => called(stand, 'DescribeScanTaskProgress', { TaskId: '282833' }))
    expect(shown.map(({ ScanTaskProgress }) => ScanTaskProgress)).toEqual(['init', 'Processing', 'Success', 'Success'])
    expect(shown[0]?.TargetInfo).toBe(groups)
  })

  test.each([
    { what: 'nothing', sent: '' },
    { what: 'no JSON', sent: '[' },
    { what: 'no list', sent: '{}' },
    { what: 'an empty list', sent: '[]' },
    { what: 'another type', sent: JSON.stringify([target({ type: 'host', target: '10001' })]) },
    { what: 'a number for an id', sent: JSON.stringify([target({ type: 'groupId', target: 10_001 })]) },
    { what: 'no name', sent: JSON.stringify([target({ name: undefined })]) },
    { what: 'null', sent: '[null]' },
    { what: 'an unknown server', sent: JSON.stringify([target(), target({ target: 'u' })]) },
    { what: 'an unknown group', sent: JSON.stringify([target({ type: 'groupId' })]) },
  ])('$what is refused, and no scan is created', ({ sent }) => {
    const stand = service()
    expect(started(stand, sent)).toMatchObject({ status: 400, Code: 'IllegalParam', Message: 'Illegal param' })
    expect(stand.started).toEqual([])
  })

  test('without a fleet any target is good', () => {
    const stand = new Service({ tasks: {} }, () => 0)
    expect(started(stand, JSON.stringify([target({ target: 'u' })]))).toMatchObject({ ScanTaskId: 282_832 })
  })

  test.each([
    { what: 'throttling', answer: answers.throttled(), created: 0 },
    { what: 'a refusal', answer: answers.refusal(403, 'NoPermission', ''), created: 0 },
    { what: 'a broken connection', answer: answers.resetBeforeHeaders(), created: 1 },
    { what: 'half a reply', answer: answers.truncated(), created: 1 },
    { what: 'half a refusal', answer: { ...answers.throttled(), cut: 'half' as const }, created: 1 },
    { what: 'silence', answer: answers.hang(), created: 1 },
    { what: 'a server error', answer: answers.serverError(), created: 1 },
    { what: 'an empty reply', answer: answers.emptyReply(200), created: 1 },
  ])('after $what, $created scans were created', ({ answer, created }) => {
    const stand = service({ trouble: { StartVirusScanTask: [answer] } })
    expect(stand.answer(START)).toBe(answer)
    expect(stand.started).toHaveLength(created)
    expect(started(stand)).toMatchObject({ status: 200, ScanTaskId: 282_832 + created })
  })

  test('a start that says nothing creates nothing, whatever the trouble', () => {
    const stand = service({ trouble: { StartVirusScanTask: [answers.serverError()] } })
    started(stand, '[]')
    expect(stand.started).toEqual([])
  })
})

test('trouble comes in turn, by action, and may stay', () => {
  const [bad, worse] = [answers.serverError(), answers.badGateway()]
  const stand = service({
    trouble: { DescribeAllGroups: [undefined, bad], ListVirusScanMachine: { first: [undefined, bad], rest: worse } },
  })
  const statuses = (action: string) =>
    Array.from({ length: 4 }, () => stand.answer({ Action: action, CurrentPage: '1', PageSize: '9' })).map(
      (answer) => answer.kind === 'reply' && answer.status,
    )
  expect(statuses('DescribeAllGroups')).toEqual([200, 500, 200, 200])
  expect(statuses('ListVirusScanMachine')).toEqual([200, 500, 502, 502])
  expect(statuses('ListVirusScanMachineEvent')).toEqual([200, 200, 200, 200])
})

test('what the key may not call is refused, and only that', () => {
  const stand = service({ forbidden: ['StartVirusScanTask'] })
  expect(called(stand, 'StartVirusScanTask', START)).toMatchObject({
    status: 403,
    Code: 'NoPermission',
    Message: 'caller has no permission',
  })
  expect(stand.started).toEqual([])
  expect(called(stand, 'DescribeAllGroups')).toMatchObject({ status: 200 })
})

test('the fleet hears what the world has come to', () => {
  const moments: Moment[] = []
  const now = { ms: 1_000 }
  const looks = [answers.state('Processing'), answers.serverError(), answers.state('Success')]
  const stand = service(
    {
      fleet: (moment) => {
        moments.push(moment)
        return fleet
      },
      starts: [{ id: '7', looks }],
      trouble: { StartVirusScanTask: [answers.serverError()] },
    },
    () => now.ms,
  )
  const look = () => stand.answer({ Action: 'DescribeScanTaskProgress', TaskId: '7' })
  stand.answer(START)
  stand.answer(START)
  look()
  look()
  stand.answer({ Action: 'DescribeAllGroups' })
  look()
  now.ms = 3_500
  look()
  stand.answer({ Action: 'DescribeAllGroups' })
  expect(moments).toEqual([
    { looks: 0, starts: 0 },
    { looks: 0, starts: 0 },
    { looks: 2, starts: 1 },
    { looks: 4, starts: 1, sinceSuccessMs: 2_500 },
  ])
})

test('a look may go by the time since the first one, whatever time that was', () => {
  let now = 5_000
  const looks = (ms: number) => answers.state(ms < 1_000 ? 'Processing' : 'Success')
  const stand = service({ tasks: { '1': { targets: [], looks } } }, () => now)
  const shownAfter = (ms: number) => {
    now += ms
    return called(stand, 'DescribeScanTaskProgress', { TaskId: '1' }).ScanTaskProgress
  }
  expect([shownAfter(0), shownAfter(999), shownAfter(1)]).toEqual(['Processing', 'Processing', 'Success'])
})

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
