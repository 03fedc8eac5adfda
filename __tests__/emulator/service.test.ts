import * as answers from '../../src/emulator/answers.ts'
import type { Moment } from '../../src/emulator/fleet.ts'
import { Service } from '../../src/emulator/service.ts'
import { called, fleet, LONG, START, service, target } from '../support/serviceStand.ts'

/** Scans of the emulated Security Center: starts, looks, permissions, trouble. */

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
