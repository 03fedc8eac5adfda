import type { Fleet } from '../../src/emulator/fleet.ts'
import { GATE_SCENARIOS } from '../../src/emulator/gateScenarios.ts'
import { GITHUB_SCENARIOS } from '../../src/emulator/gitHubScenarios.ts'
import { IDENTITY_SCENARIOS } from '../../src/emulator/identityScenarios.ts'
import { SCENARIOS, type Scenario, WAIT_SCENARIOS } from '../../src/emulator/scenarios.ts'

/** The worlds are as told; what the action makes of them is for others to test. */

function fleetOf({ cloud: { fleet } }: Scenario, sinceSuccessMs?: number): Fleet {
  if (fleet === undefined) throw new Error('no fleet')
  if (typeof fleet !== 'function') return fleet
  return fleet({ looks: 1, starts: 1, ...(sinceSuccessMs === undefined ? {} : { sinceSuccessMs }) })
}

const scenario = (name: string) => GATE_SCENARIOS[name] ?? fail(name)
const fail = (name: string): never => {
  throw new Error(`no scenario ${name}`)
}
const levels = (fleet: Fleet) => fleet.servers.flatMap(({ alerts }) => alerts.map(({ level }) => level))

test('no name stands for two stories', () => {
  expect(Object.keys(GATE_SCENARIOS).filter((name) => name in WAIT_SCENARIOS)).toEqual([])
  expect(Object.keys(SCENARIOS)).toEqual(
    [WAIT_SCENARIOS, GATE_SCENARIOS, GITHUB_SCENARIOS, IDENTITY_SCENARIOS].flatMap((scenarios) =>
      Object.keys(scenarios),
    ),
  )
})

test.each(Object.entries(GATE_SCENARIOS))('%s: servers and alerts have ids of their own, and groups', (_, told) => {
  const { groups, servers } = fleetOf(told, 60_000)
  const eventIds = servers.flatMap(({ alerts }) => alerts.map(({ eventId }) => eventId))
  for (const ids of [servers.map(({ uuid }) => uuid), servers.map(({ instanceId }) => instanceId), eventIds])
    expect(new Set(ids).size).toBe(ids.length)
  const groupIds = groups.map(({ id }) => id)
  expect(servers.filter(({ groupId }) => !groupIds.includes(groupId))).toEqual([])
})

test.each(Object.entries(GATE_SCENARIOS))('%s: targets are there, once where they should be', (name, told) => {
  const { groups, servers } = fleetOf(told)
  for (const line of told.inputs.targets?.split('\n') ?? []) {
    const [kind, wanted] = line.split(':')
    const found = { all: groups, host: servers, group: groups }[kind ?? '']?.filter(
      (one) => kind === 'all' || one.name === wanted,
    )
    const count = { 'big-fleet': 10, 'ambiguous-host': kind === 'host' ? 2 : 1 }[name] ?? 1
    expect(found).toHaveLength(count)
  }
})

test('alerts appear with Success, or later, and then keep their time', () => {
  expect(levels(fleetOf(scenario('infected')))).toEqual(['remind'])
  expect(levels(fleetOf(scenario('infected'), 0))).toEqual(['serious', 'remind', 'suspicious'])
  expect(levels(fleetOf(scenario('late-alerts'), 1_499))).toEqual([])
  expect(levels(fleetOf(scenario('late-alerts'), 1_500))).toEqual(['serious'])
  expect(fleetOf(scenario('infected'), 0)).toBe(fleetOf(scenario('infected'), 9_000))
  expect(levels(fleetOf(scenario('big-fleet')))).toEqual([])
  expect(levels(fleetOf(scenario('big-fleet'), 0))).toHaveLength(300)
  expect(fleetOf(scenario('big-fleet')).servers).toHaveLength(5_000)
})

test('the allow-list holds for another month, or has ended a month ago', () => {
  const until = (name: string) => {
    const text = Object.values(scenario(name).files ?? {}).join('')
    return Date.parse(/^ {2}until: (\d{4}-\d{2}-\d{2})$/m.exec(text)?.[1] ?? '')
  }
  expect(until('accepted')).toBeGreaterThan(Date.now() + 28 * 86_400_000)
  expect(until('expired')).toBeLessThan(Date.now() - 28 * 86_400_000)
  expect(Object.keys(scenario('accepted').files ?? {})).toEqual([scenario('accepted').inputs['allow-list']])
})
