import * as answers from '../../src/emulator/answers.ts'
import { server as machine } from '../../src/emulator/fleet.ts'
import {
  ABOVE_2_53,
  fleet,
  GOOD,
  hears,
  LONG,
  never,
  ROW,
  readsRow,
  rowsEverywhere,
  WEB,
} from '../support/centerCalls.ts'
import { emulatedCenter } from '../support/emulatedCenter.ts'
import { HOSTILE_NAMES } from '../support/hostile.ts'

/** What is read of good replies, whatever the names in them. */

describe('what is read', () => {
  const lengths = ['1', '0', '999999999999999', '1000000000000000', '9007199254740991', ABOVE_2_53, LONG]

  test.each([...lengths, '1'.repeat(25)])('the id %s keeps its digits, as a number and as a text', async (digits) => {
    for (const id of [answers.verbatim(digits), digits]) {
      expect(await readsRow('listServers', { Uuid: id, GroupId: id, InstanceId: id })).toMatchObject({
        uuid: digits,
        groupId: digits,
        instanceId: digits,
      })
      expect(await readsRow('serversOf', { Uuid: id })).toMatchObject({ uuid: digits })
      expect(await readsRow('listGroups', { GroupId: id })).toMatchObject({ id: digits })
      expect(await readsRow('listServersWithAlerts', { Uuid: id })).toMatchObject({ uuid: digits })
      expect(await readsRow('listAlerts', { EventId: id })).toMatchObject({ eventId: digits })
    }
  })

  test.each(lengths.filter((digits) => digits !== '0'))('so does the task id %s', async (digits) => {
    for (const ScanTaskId of [answers.verbatim(digits), digits]) {
      expect(await hears('startScan', answers.success({ ScanTaskId }))).toMatchObject({ value: { id: digits } })
    }
  })

  describe.each(['listServers', 'serversOf'] as const)('a server in %s', (name) => {
    test('says only what its row says', async () => {
      expect(await readsRow(name, {})).toStrictEqual({
        uuid: 'u-1',
        name: '',
        instanceId: '',
        groupId: '7',
        clientStatus: '',
        isBound: false,
        edition: Number.NaN,
      })
    })

    test.each([
      { Bind: true, isBound: true },
      { Bind: false, isBound: false },
      { Bind: 'true', isBound: false },
      { Bind: 1, isBound: false },
      { Bind: null, isBound: false },
      { Bind: [true], isBound: false },
    ])('Bind $Bind: $isBound', async ({ Bind, isBound }) => {
      expect(await readsRow(name, { Bind })).toMatchObject({ isBound })
    })

    test.each([
      { AuthVersion: 7, edition: 7 },
      { AuthVersion: 0, edition: 0 },
      { AuthVersion: '3', edition: Number.NaN },
      { AuthVersion: null, edition: Number.NaN },
      { AuthVersion: true, edition: Number.NaN },
      { AuthVersion: [3], edition: Number.NaN },
    ])('AuthVersion $AuthVersion: $edition', async ({ AuthVersion, edition }) => {
      expect(await readsRow(name, { AuthVersion })).toMatchObject({ edition })
    })

    test.each(['online', 'OFFLINE', 'pause', ''])('ClientStatus %j as it is', async (ClientStatus) => {
      expect(await readsRow(name, { ClientStatus })).toMatchObject({ clientStatus: ClientStatus })
    })
  })

  test.each([
    { EventCount: 0, hasAlerts: false },
    { EventCount: 3, hasAlerts: true },
    // What cannot be read counts as affected.
    { EventCount: undefined, hasAlerts: true },
    { EventCount: null, hasAlerts: true },
    { EventCount: '0', hasAlerts: true },
    { EventCount: '', hasAlerts: true },
    { EventCount: false, hasAlerts: true },
    { EventCount: [], hasAlerts: true },
    { EventCount: answers.verbatim(LONG), hasAlerts: true },
    { EventCount: -1, hasAlerts: true },
  ])('EventCount $EventCount: $hasAlerts', async ({ EventCount, hasAlerts }) => {
    expect(await readsRow('listServersWithAlerts', { EventCount })).toStrictEqual({ uuid: 'u-1', hasAlerts })
  })

  test.each([
    { LastTimeStamp: 1_790_000_000_123, seen: { lastSeenMs: 1_790_000_000_123 } },
    { LastTimeStamp: 0, seen: { lastSeenMs: 0 } },
    { LastTimeStamp: undefined, seen: {} },
    { LastTimeStamp: null, seen: {} },
    { LastTimeStamp: '1790000000123', seen: {} },
    { LastTimeStamp: answers.verbatim(LONG), seen: {} },
  ])('LastTimeStamp $LastTimeStamp: $seen', async ({ LastTimeStamp, seen }) => {
    expect(await readsRow('listAlerts', { LastTimeStamp })).toStrictEqual({
      eventId: '8',
      level: '',
      name: '',
      ...seen,
    })
  })

  test.each([
    { given: 'Serious', read: 'Serious' },
    { given: undefined, read: '' },
    { given: null, read: '' },
    { given: 1, read: '1' },
    { given: ['remind'], read: '' },
    { given: { level: 'remind' }, read: '' },
  ])('Level, EventName and GroupName $given: $read', async ({ given, read }) => {
    expect(await readsRow('listAlerts', { Level: given, EventName: given })).toMatchObject({ level: read, name: read })
    expect(await readsRow('listGroups', { GroupName: given })).toStrictEqual({ id: '7', name: read })
  })
})

describe('hostile names', () => {
  test('come through unchanged', async () => {
    const servers = HOSTILE_NAMES.map((name, i) =>
      machine(i + 1, {
        name,
        instanceId: name,
        clientStatus: name,
        alerts: [{ eventId: '1', level: name, name, lastSeen: 0 }],
      }),
    )
    const groups = HOSTILE_NAMES.map((name, i) => ({ id: String(i), name }))
    const { center } = await emulatedCenter({ tasks: {}, fleet: { groups, servers } })
    const asNamed = HOSTILE_NAMES.map((name) => ({ name, instanceId: name, clientStatus: name }))
    const uuids = servers.map(({ uuid }) => uuid)
    expect(await center.listGroups(never)).toMatchObject({ value: HOSTILE_NAMES.map((name) => ({ name })) })
    expect(await center.listServers('all', 1, never)).toMatchObject({ value: { rows: asNamed } })
    expect(await center.serversOf(uuids, never)).toMatchObject({ value: asNamed })
    for (const [i, uuid] of uuids.entries()) {
      const name = HOSTILE_NAMES[i]
      expect(await center.listAlerts(uuid, 1, never)).toMatchObject({ value: { rows: [{ level: name, name }] } })
    }
  })

  test('as uuids too', async () => {
    for (const name of ['listServers', 'serversOf', 'listServersWithAlerts'] as const) {
      const rows = rowsEverywhere(...HOSTILE_NAMES.map((Uuid) => ({ ...ROW, Uuid })))
      const answer = await hears(name, answers.success({ ...GOOD, ...rows }))
      const read = HOSTILE_NAMES.map((uuid) => expect.objectContaining({ uuid }))
      expect(answer).toMatchObject({ value: name === 'serversOf' ? read : { rows: read } })
    }
  })

  test.each(HOSTILE_NAMES.map((name) => ({ name })))('$name is sent unchanged', async ({ name }) => {
    const servers = [machine(1, { name, instanceId: name })]
    const { server, center } = await emulatedCenter({ tasks: {}, fleet: { groups: [], servers } })
    for (const field of ['name', 'instanceId'] as const) {
      const found = await center.listServers({ field, value: name }, 1, never)
      expect(found).toMatchObject({ value: { rows: [{ name, instanceId: name }], total: 1 } })
    }
    const target = { type: 'uuid', name, target: servers[0]?.uuid ?? '' }
    expect(await center.startScan([target], never)).toMatchObject({ kind: 'answer' })
    const sent = server.exchanges.map(({ params }) => JSON.parse(params.Criteria ?? params.TargetInfo ?? ''))
    expect(sent).toEqual([[{ name: 'instanceName', value: name }], [{ name: 'instanceId', value: name }], [target]])
  })

  test.each(HOSTILE_NAMES.map((uuid) => ({ uuid })))(
    '$uuid as a uuid is sent unchanged, or not at all',
    async ({ uuid }) => {
      const { server, center } = await emulatedCenter({ tasks: {}, fleet })
      const [of, alerts] = [await center.serversOf([uuid, WEB], never), await center.listAlerts(uuid, 1, never)]
      // Half a character has no place in a form.
      if (!uuid.isWellFormed()) {
        expect([of, alerts]).toMatchObject([{ kind: 'failure' }, { kind: 'failure' }])
        expect(server.exchanges).toEqual([])
        return
      }
      expect(of).toMatchObject({ value: [{ uuid: WEB }] })
      expect(alerts).toMatchObject({ value: { rows: [], total: 0 } })
      expect(server.exchanges.map(({ params }) => params.Uuids ?? params.Uuid)).toEqual([`${uuid},${WEB}`, uuid])
    },
  )
})
