import type { AlertRead } from '../../src/domain/alerts.ts'
import { readAlerts, readUntilSettled } from '../../src/steps/readAlerts.ts'
import { failure, policy } from '../support/builders.ts'
import { callerOf } from '../support/callerOnClock.ts'
import { alertRow, refused, type Script, ScriptedCloud, server } from '../support/scriptedCloud.ts'

const rules = { cutoff: 'suspicious', settleMs: 60_000, entries: [], today: '2026-11-24' } as const
const low = (n: number) => alertRow(n, { level: 'remind' })

function account(script: Script, deadlineMs = policy.deadlineMs) {
  const { caller, clock, stopper } = callerOf({ deadlineMs, maxConsecutiveErrors: 0 })
  const cloud = new ScriptedCloud({ servers: () => [server(1), server(2)], ...script }, clock)
  return { clock, stopper, cloud, caller, deadlineMs, stop: stopper.signal }
}
const fleet = (count: number) => new Map(Array.from({ length: count }, (_, i) => server(i + 1)).map((s) => [s.uuid, s]))

describe('one read', () => {
  test('shows the alerts of each server, under its name', async () => {
    const { clock, cloud, caller } = account({ alerts: (uuid) => (uuid === 'uuid-02' ? [alertRow(1), low(2)] : []) })
    expect(await clock.finish(readAlerts(fleet(2), cloud, caller))).toEqual({
      read: {
        servers: new Set(['uuid-01', 'uuid-02']),
        alerts: [alertRow(1), low(2)].map((row) => ({ ...row, server: 'uuid-02', serverName: 'web-02' })),
        isComplete: true,
      },
    })
  })
  test('that breaks off keeps what it saw, and says that it is not whole', async () => {
    const { clock, cloud, caller } = account({
      alerts: () => Array.from({ length: 150 }, (_, i) => low(i)),
      trouble: (call, { nth }) => (call === 'listAlerts' && nth > 0 ? failure('server') : undefined),
    })
    const { read, ending } = await clock.finish(readAlerts(new Map([['uuid-01', server(1)]]), cloud, caller))
    expect(ending).toMatchObject({ kind: 'unavailable' })
    expect(read).toMatchObject({ isComplete: false, servers: new Set(['uuid-01']) })
    expect(read.alerts).toHaveLength(100)
  })
  test('of many servers that may not ask who has alerts has seen nothing', async () => {
    const { clock, cloud, caller } = account({
      trouble: (call) => (call === 'listServersWithAlerts' ? refused() : undefined),
    })
    const { read, ending } = await clock.finish(readAlerts(fleet(51), cloud, caller))
    expect(ending).toMatchObject({ kind: 'denied', failure: { action: 'listServersWithAlerts' } })
    expect(read).toMatchObject({ isComplete: false, alerts: [] })
    expect(cloud.count('listAlerts')).toBe(0)
  })
  test('of many servers asks those of ours that have alerts, and no one else', async () => {
    const servers = Array.from({ length: 60 }, (_, i) => server(i + 1))
    const { clock, cloud, caller } = account({
      servers: () => servers,
      alerts: (uuid) => (['uuid-03', 'uuid-60'].includes(uuid) ? [low(1)] : []),
    })
    await clock.finish(readAlerts(fleet(51), cloud, caller))
    expect(cloud.calls.filter(({ call }) => call === 'listAlerts').map(({ about }) => about)).toEqual(['uuid-03'])
  })
})

describe('reading until it can be believed', () => {
  async function settle(
    script: Script,
    more: { deadlineMs?: number; onRead?: (world: ReturnType<typeof account>) => void } = {},
  ) {
    const world = account(script, more.deadlineMs)
    const told: unknown[] = []
    const onRead = (read: AlertRead, reads: number, nextInMs?: number) => {
      told.push([read.alerts.length, reads, nextInMs])
      more.onRead?.(world)
    }
    const result = await world.clock.finish(readUntilSettled(fleet(2), rules, world, onRead))
    return { result, told, clock: world.clock, cloud: world.cloud }
  }

  test('one read with something that counts is enough', async () => {
    const { result, told } = await settle({ alerts: () => [alertRow(1)] })
    expect(result).toMatchObject({ reads: 1, isSettled: true, last: { isComplete: true } })
    expect(result).not.toHaveProperty('ending')
    expect(told).toEqual([[2, 1, undefined]])
  })
  test('a clean read waits for another one that agrees, and tells when it will come', async () => {
    const { result, told, clock } = await settle({ alerts: () => [low(1)] })
    expect(result).toMatchObject({ reads: 2, isSettled: true })
    expect(told).toEqual([
      [2, 1, 60_000],
      [2, 2, undefined],
    ])
    expect(clock.now()).toBe(60_000)
  })
  test('each read is held against the one before it', async () => {
    const alerts: Script['alerts'] = (_, { nth }) => (nth < 2 || (nth >= 4 && nth < 6) ? [low(1)] : [low(1), low(2)])
    expect((await settle({ alerts })).result).toMatchObject({ reads: 5, isSettled: true })
  })
  test('a read that breaks off leaves what those before it showed, as not settled', async () => {
    const { result, told } = await settle({
      alerts: () => [low(1)],
      trouble: (call, { nth }) => (call === 'listAlerts' && nth === 3 ? failure('server') : undefined),
    })
    expect(result).toMatchObject({ reads: 1, isSettled: false, ending: { kind: 'unavailable' } })
    expect(result.last.isComplete).toBe(false)
    expect(result.last.alerts.map((alert) => alert.server)).toEqual(['uuid-01', 'uuid-02'])
    expect(told).toEqual([[2, 1, 60_000]])
  })
  test('the first read breaks off: nothing was read', async () => {
    const { result, told } = await settle({ trouble: () => failure('server') })
    expect(result).toMatchObject({ reads: 0, isSettled: false, ending: { kind: 'unavailable' }, last: { alerts: [] } })
    expect(told).toEqual([])
  })
  test('a second read may begin at the deadline, and is not waited for when it could only begin after it', async () => {
    const intime = await settle({}, { deadlineMs: 60_000 })
    expect(intime.result).toMatchObject({ reads: 2, isSettled: true })
    const late = await settle({}, { deadlineMs: 59_999 })
    expect(late.result).toMatchObject({ reads: 1, isSettled: false, ending: { kind: 'timed-out' } })
    expect(late.result.last.isComplete).toBe(true)
    expect(late.clock.now()).toBe(0)
  })
  test('a run that is over is not waited for', async () => {
    const { result, clock } = await settle({}, { onRead: ({ stopper }) => stopper.abort({ kind: 'cancelled' }) })
    expect(result).toMatchObject({ reads: 1, isSettled: false, ending: { kind: 'cancelled' } })
    expect(result.last.isComplete).toBe(true)
    expect(clock.now()).toBe(0)
  })
})
