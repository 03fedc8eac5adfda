import type { SecurityCenter } from '../../src/adapters/securityCenter.ts'
import * as answers from '../../src/emulator/answers.ts'
import { type Fleet, server as machine } from '../../src/emulator/fleet.ts'
import { type Answer, FEATURES, type ServerCriterion } from '../../src/ports.ts'
import { type CenterOptions, emulatedCenter, failed } from '../support/emulatedCenter.ts'
import { HOSTILE_NAMES } from '../support/hostile.ts'

/** All calls but the look, which has a file of its own: what goes over the wire, and what is made of what comes back. */

const never = new AbortController().signal
const REQUEST_ID = 'E0000000-0000-4000-8000-000000000001'
const LONG = '9223372036854775807'
const ABOVE_2_53 = '9007199254740993'
const WEB = '5a1f0c1e-0000-4000-8000-00000000aa01'
const DB = '5a1f0c1e-0000-4000-8000-00000000aa02'
const targets = [
  { type: 'uuid', name: 'web-01', target: WEB },
  { type: 'groupId', name: 'databases', target: LONG },
]
const fleet: Fleet = {
  groups: [
    { id: '10001', name: 'web' },
    { id: LONG, name: 'databases' },
  ],
  servers: [
    machine(1, {
      alerts: [
        { eventId: ABOVE_2_53, level: 'serious', name: 'Trojan', lastSeen: 1_790_000_000_123 },
        { eventId: LONG, level: 'remind', name: 'Webshell', lastSeen: 1_790_000_000_456 },
      ],
    }),
    machine(2, { name: 'db', groupId: LONG, clientStatus: 'offline', bind: false, authVersion: 1 }),
  ],
}
const starts = [{ id: LONG, looks: [] }]
const web = {
  uuid: WEB,
  name: 'web-01',
  instanceId: 'i-uf60000000000000aa01',
  groupId: '10001',
  clientStatus: 'online',
  isBound: true,
  edition: 3,
}
const db = {
  uuid: DB,
  name: 'db',
  instanceId: 'i-uf60000000000000aa02',
  groupId: LONG,
  clientStatus: 'offline',
  isBound: false,
  edition: 1,
}

interface Call {
  readonly action: string
  readonly ask: (center: SecurityCenter, cancel?: AbortSignal) => Promise<Answer<unknown>>
  readonly sends: Readonly<Record<string, string>>
  /** What the fleet makes of it. */
  readonly value: unknown
}

const CALLS = {
  startScan: {
    action: 'StartVirusScanTask',
    ask: (center, cancel = never) => center.startScan(targets, cancel),
    sends: {
      TargetInfo: `[{"type":"uuid","name":"web-01","target":"${WEB}"},{"type":"groupId","name":"databases","target":"${LONG}"}]`,
    },
    value: { id: LONG },
  },
  listServers: {
    action: 'DescribeCloudCenterInstances',
    ask: (center, cancel = never) => center.listServers('all', 1, cancel),
    sends: { MachineTypes: 'ecs', CurrentPage: '1', PageSize: '100', Lang: 'en' },
    value: { rows: [web, db], total: 2 },
  },
  serversOf: {
    action: 'DescribeAssetDetailByUuids',
    ask: (center, cancel = never) => center.serversOf([DB, WEB, 'gone'], cancel),
    sends: { Uuids: `${DB},${WEB},gone`, Lang: 'en' },
    // This reply does not name the groups.
    value: [
      { ...web, groupId: '' },
      { ...db, groupId: '' },
    ],
  },
  listGroups: {
    action: 'DescribeAllGroups',
    ask: (center, cancel = never) => center.listGroups(cancel),
    sends: { Lang: 'en' },
    value: [
      { id: '10001', name: 'web' },
      { id: LONG, name: 'databases' },
    ],
  },
  listServersWithAlerts: {
    action: 'ListVirusScanMachine',
    ask: (center, cancel = never) => center.listServersWithAlerts(1, cancel),
    sends: { CurrentPage: '1', PageSize: '100', Lang: 'en' },
    value: { rows: [{ uuid: WEB, hasAlerts: true }], total: 1 },
  },
  listAlerts: {
    action: 'ListVirusScanMachineEvent',
    ask: (center, cancel = never) => center.listAlerts(WEB, 1, cancel),
    sends: { Uuid: WEB, CurrentPage: '1', PageSize: '100', Lang: 'en' },
    value: {
      rows: [
        { eventId: ABOVE_2_53, level: 'serious', name: 'Trojan', lastSeenMs: 1_790_000_000_123 },
        { eventId: LONG, level: 'remind', name: 'Webshell', lastSeenMs: 1_790_000_000_456 },
      ],
      total: 2,
    },
  },
} satisfies Readonly<Record<string, Call>>
type CallName = keyof typeof CALLS
const NAMES = Object.keys(CALLS) as CallName[]
const callOf = (name: CallName): Call => CALLS[name]

/** Where the rows of a list stand, and which fields no row may lack. */
const LISTS: readonly { name: CallName; list: string; ids: readonly string[]; isPaged: boolean }[] = [
  { name: 'listServers', list: 'Instances', ids: ['Uuid', 'GroupId'], isPaged: true },
  { name: 'serversOf', list: 'AssetList', ids: ['Uuid'], isPaged: false },
  { name: 'listGroups', list: 'Groups', ids: ['GroupId'], isPaged: false },
  { name: 'listServersWithAlerts', list: 'Data', ids: ['Uuid'], isPaged: true },
  { name: 'listAlerts', list: 'Data', ids: ['EventId'], isPaged: true },
]
const PAGED = LISTS.filter(({ isPaged }) => isPaged)

/** A row and a reply that are good for every call, so that a test spoils one thing and nothing else. */
const ROW = { Uuid: 'u-1', GroupId: 7, EventId: 8 }
const rowsEverywhere = (...rows: readonly unknown[]) => ({ Instances: rows, AssetList: rows, Groups: rows, Data: rows })
const GOOD = { ScanTaskId: 282_832, PageInfo: { TotalCount: 1 }, ...rowsEverywhere(ROW) }

const standWith = (name: CallName, answer: answers.Answer, options?: CenterOptions) =>
  emulatedCenter({ tasks: {}, fleet, starts, trouble: { [callOf(name).action]: [answer] } }, options)

/** What a call makes of an answer. */
async function hears(name: CallName, answer: answers.Answer) {
  const { center } = await standWith(name, answer)
  return callOf(name).ask(center)
}

/** The only row that a list read. */
async function readsRow(name: CallName, row: object): Promise<unknown> {
  const answer = await hears(name, answers.success({ ...GOOD, ...rowsEverywhere({ ...ROW, ...row }) }))
  if (answer.kind === 'failure') throw new Error(answer.failure.message)
  const value = answer.value as { rows: readonly unknown[] } | readonly unknown[]
  const rows = 'rows' in value ? value.rows : value
  expect(rows).toHaveLength(1)
  return rows[0]
}

describe.each(NAMES)('%s', (name) => {
  const { action, ask, sends, value } = callOf(name)

  test('sends one POST, with nothing in the URL, and reads the reply with its receipt', async () => {
    const { server, center } = await emulatedCenter({ tasks: {}, fleet, starts })
    expect(await ask(center)).toStrictEqual({
      kind: 'answer',
      value,
      action,
      requestId: REQUEST_ID,
      serverTimeMs: expect.any(Number),
    })
    expect(server.exchanges).toEqual([
      { method: 'POST', action, params: sends, inUrl: [], answer: '200', connection: 1, requestId: REQUEST_ID },
    ])
  })

  test('the time is that of the server, to the second', async () => {
    const clockOffMs = 300_000
    const { center } = await emulatedCenter({ tasks: {}, fleet, starts }, { clockOffMs })
    const from = Math.floor((Date.now() + clockOffMs) / 1_000) * 1_000
    const { serverTimeMs } = (await ask(center)) as { serverTimeMs: number }
    expect(serverTimeMs % 1_000).toBe(0)
    expect(serverTimeMs).toBeGreaterThanOrEqual(from)
    expect(serverTimeMs).toBeLessThanOrEqual(Date.now() + clockOffMs)
  })

  test.each(['soon', ''])('there is no time where the Date is %j', async (date) => {
    const answer = await hears(name, { ...answers.success(GOOD), headers: { date } })
    expect(answer).toMatchObject({ kind: 'answer', requestId: REQUEST_ID })
    expect(answer).not.toHaveProperty('serverTimeMs')
  })

  test.each([200, '200', 'OK', 'Success', 'success'])('a good reply may have the code %j', async (Code) => {
    expect(await hears(name, answers.success({ ...GOOD, Code }))).toMatchObject({ kind: 'answer', action })
  })

  const good = answers.success(GOOD)
  const invalid = failed('invalid-response', 'InvalidResponse')
  const reset = failed('network', 'ECONNRESET', {
    message: expect.stringMatching(/^the connection to 127\.0\.0\.1:\d+ was cut$/),
  })
  test.each<{ what: string; answer: answers.Answer; seen: unknown }>([
    {
      what: 'a missing permission',
      answer: answers.refusal(403, 'NoPermission', 'caller has no permission'),
      seen: {
        kind: 'failure',
        failure: {
          cause: 'permission',
          code: 'NoPermission',
          message: 'caller has no permission',
          requestId: REQUEST_ID,
          retryAfterMs: 0,
          action,
        },
      },
    },
    {
      what: 'no access to the service',
      answer: answers.refusal(400, 'NoPermission', 'no permission'),
      seen: failed('permission', 'NoPermission', { message: 'no permission' }),
    },
    { what: 'a parameter it does not like', answer: answers.illegalParam(), seen: failed('request', 'IllegalParam') },
    {
      what: 'throttling',
      answer: answers.throttled(1_500),
      seen: failed('throttled', 'Throttling.User', { retryAfterMs: 1_500 }),
    },
    { what: 'a server error', answer: answers.serverError(), seen: failed('server', 'ServerError') },
    {
      what: 'a code that nobody knows',
      answer: answers.refusal(400, 'Odd', ''),
      seen: failed('unknown-code', 'Odd'),
    },
    {
      what: 'a good reply with a bad code',
      answer: answers.success({ ...GOOD, Code: 'ServerError' }),
      seen: failed('server', 'ServerError'),
    },
    {
      what: 'HTTP 500 around a good reply',
      answer: { ...good, status: 500 },
      seen: failed('invalid-response', 'InvalidResponse', {
        message: 'HTTP 500 without an error code',
        requestId: REQUEST_ID,
      }),
    },
    { what: 'HTTP 302 around a good reply', answer: { ...good, status: 302 }, seen: invalid },
    {
      what: 'HTTP 429 around a good reply',
      answer: { ...good, status: 429 },
      seen: failed('throttled', 'InvalidResponse'),
    },
    { what: 'an HTML 502', answer: answers.badGateway(), seen: invalid },
    { what: 'HTML that says 200', answer: answers.raw(200, '<html></html>', 'text/html'), seen: invalid },
    { what: 'nothing', answer: answers.emptyReply(200), seen: invalid },
    { what: 'nothing with 503', answer: answers.emptyReply(503), seen: invalid },
    { what: 'null', answer: answers.raw(200, 'null'), seen: invalid },
    { what: 'a list around a good reply', answer: answers.raw(200, `[${good.text}]`), seen: invalid },
    { what: 'a text', answer: answers.raw(200, JSON.stringify(good.text)), seen: invalid },
    { what: 'half a JSON', answer: answers.raw(200, good.text.slice(0, -2)), seen: invalid },
    { what: 'a good reply as a prototype', answer: answers.raw(200, `{"__proto__":${good.text}}`), seen: invalid },
    { what: 'a reset before the headers', answer: answers.resetBeforeHeaders(), seen: reset },
    { what: 'a reset after the headers', answer: { ...good, cut: 'after-headers' }, seen: reset },
    { what: 'half a reply', answer: { ...good, cut: 'half' }, seen: reset },
  ])('$what is a failure, and the next call is as good as any', async ({ answer, seen }) => {
    const { center } = await standWith(name, answer)
    expect(await ask(center)).toEqual(seen)
    expect(await ask(center)).toMatchObject({ kind: 'answer', action })
  })

  test.each(['before-headers', 'in-body', 'drip'] as const)('a reply that stalls (%s) is a time-out', async (stall) => {
    const { center } = await standWith(name, { ...good, stall }, { limitMs: 200 })
    expect(await ask(center)).toEqual(
      failed('timeout', 'RequestTimeout', { message: 'no complete reply within 0.2 s', action }),
    )
    expect(await ask(center)).toMatchObject({ kind: 'answer', action })
  })

  test.each(['before-headers', 'in-body'] as const)(
    'an abort ends a call that hangs (%s), and its connection',
    async (stall) => {
      const cancel = new AbortController()
      const { server, center } = await standWith(name, { ...good, stall })
      const result = ask(center, cancel.signal)
      while (server.exchanges.length === 0) await new Promise(setImmediate)
      cancel.abort()
      expect(await result).toMatchObject({ kind: 'failure', failure: { action } })
      while ((await server.connections()) > 0) await new Promise(setImmediate)
    },
    5_000,
  )

  test('after an abort nothing is sent', async () => {
    const { server, center } = await emulatedCenter({ tasks: {}, fleet, starts })
    expect(await ask(center, AbortSignal.abort())).toMatchObject({ kind: 'failure' })
    expect(server.exchanges).toEqual([])
  })

  test('nothing listens at the endpoint', async () => {
    const { server, center } = await emulatedCenter({ tasks: {} })
    await server.close()
    expect(await ask(center)).toEqual(failed('network', 'ECONNREFUSED', { action }))
  })

  test('only its own permission counts', async () => {
    const others = NAMES.map((other) => callOf(other).action).filter((other) => other !== action)
    const may = await emulatedCenter({ tasks: {}, fleet, forbidden: others })
    expect(await ask(may.center)).toMatchObject({ kind: 'answer' })
    const mayNot = await emulatedCenter({ tasks: {}, fleet, forbidden: [action] })
    expect(await ask(mayNot.center)).toEqual(failed('permission', 'NoPermission', { action }))
  })
})

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

describe('connections', () => {
  test('each start has one of its own, the other calls share one', async () => {
    const { server, rpc, center } = await emulatedCenter({ tasks: {}, fleet })
    const order = [...NAMES, ...NAMES]
    for (const name of order) expect(await callOf(name).ask(center)).toMatchObject({ kind: 'answer' })
    const of = (isStart: boolean) =>
      server.exchanges.filter(({ action }) => (action === 'StartVirusScanTask') === isStart).map((x) => x.connection)
    expect(of(true)).toEqual([1, 3])
    expect(new Set(of(false))).toEqual(new Set([2]))
    // Those of the starts end by themselves, the shared one when the client is closed: nothing keeps the process alive.
    while ((await server.connections()) > 1) await new Promise(setImmediate)
    expect(await server.connections()).toBe(1)
    rpc.close()
    while ((await server.connections()) > 0) await new Promise(setImmediate)
  }, 5_000)

  test('a start ends its connection though nobody closes anything', async () => {
    const { server, center } = await emulatedCenter({ tasks: {} })
    await center.startScan(targets, never)
    while ((await server.connections()) > 0) await new Promise(setImmediate)
  }, 5_000)

  test('closing the client ends a start that hangs', async () => {
    const { server, rpc, center } = await standWith('startScan', answers.hang())
    const result = center.startScan(targets, never)
    while (server.exchanges.length === 0) await new Promise(setImmediate)
    rpc.close()
    expect(await result).toEqual(failed('network', 'ECONNRESET'))
    while ((await server.connections()) > 0) await new Promise(setImmediate)
  }, 5_000)
})

describe('a reply that lacks something is no answer, and the message names it', () => {
  const lacks = (name: CallName, what: string) => ({
    kind: 'failure',
    failure: {
      cause: 'missing-fields',
      code: 'InvalidResponse',
      message: `the reply has ${what}`,
      requestId: REQUEST_ID,
      retryAfterMs: 0,
      action: callOf(name).action,
    },
  })

  test.each(NAMES)('%s: nothing is wrong with the reply that is spoilt here', async (name) => {
    expect(await hears(name, answers.success(GOOD))).toMatchObject({ kind: 'answer' })
  })

  test.each(NAMES)('%s: an empty object', async (name) => {
    const answer = await hears(name, answers.success({}))
    const list = LISTS.find((listing) => listing.name === name)?.list
    expect(answer).toEqual(lacks(name, list === undefined ? 'no ScanTaskId' : `no array ${list}`))
  })

  test.each([
    ['no', undefined],
    ['null', null],
    ['zero', 0],
    ['a negative', -1],
    ['a fractional', 1.5],
    ['a too long', answers.verbatim('9223372036854775808')],
    ['a 25-digit', answers.verbatim('1'.repeat(25))],
    ['an exponential', 1e21],
    ['an empty', ''],
    ['a hexadecimal', 'fc98d58e0000000000000000000000aa'],
    ['a padded', ' 282832'],
    ['a leading-zero', '0282832'],
    ['a boolean', true],
    ['a listed', [282_832]],
    ['a wrapped', { id: 282_832 }],
    ['a disguised', { toFixed: '282832' }],
  ])('%s ScanTaskId', async (_, ScanTaskId) => {
    const answer = await hears('startScan', answers.success({ ...GOOD, ScanTaskId }))
    expect(answer).toEqual(lacks('startScan', 'no ScanTaskId'))
  })

  describe.each(LISTS)('$name', ({ name, list, ids }) => {
    test.each([
      ['missing', undefined],
      ['null', null],
      ['an empty object', {}],
      ['an object like an array', { 0: ROW, length: 1 }],
      ['an array in a text', JSON.stringify([ROW])],
      ['a number', 0],
      ['false', false],
      ['a long number', answers.verbatim(LONG)],
    ])('the list is %s', async (_, value) => {
      const answer = await hears(name, answers.success({ ...GOOD, [list]: value }))
      expect(answer).toEqual(lacks(name, `no array ${list}`))
    })

    test.each<{ what: string; row: unknown }>([
      { what: 'null', row: null },
      { what: 'a text', row: 'u-1' },
      { what: 'a number', row: 7 },
      { what: 'a long number', row: answers.verbatim(LONG) },
      { what: 'a list', row: [ROW] },
      { what: 'empty', row: {} },
      ...ids.flatMap((field) =>
        [undefined, null, '', {}, [], ['u-1'], true, { toFixed: '7' }, { toString: 'u-1' }].map((value) => ({
          what: `without ${field}: ${JSON.stringify(value)}`,
          row: { ...ROW, [field]: value },
        })),
      ),
    ])('a row is $what', async ({ row }) => {
      for (const rows of [[row], [ROW, row], [row, ROW]]) {
        const answer = await hears(name, answers.success({ ...GOOD, [list]: rows }))
        expect(answer).toEqual(lacks(name, `a row in ${list} without its id`))
      }
    })
  })

  describe.each(PAGED)('$name', ({ name }) => {
    test.each([
      ['no PageInfo', undefined],
      ['PageInfo null', null],
      ['PageInfo a number', 1],
      ['PageInfo a text', '{"TotalCount":1}'],
      ['PageInfo a list', [{ TotalCount: 1 }]],
      ['no TotalCount', { Count: 1, CurrentPage: 1, PageSize: 100 }],
      ['a token instead of TotalCount', { Count: 1, NextToken: 'Mg' }],
      ['null', { TotalCount: null }],
      ['a text', { TotalCount: '1' }],
      ['an empty text', { TotalCount: '' }],
      ['true', { TotalCount: true }],
      ['a list', { TotalCount: [1] }],
      ['negative', { TotalCount: -1 }],
      ['fractional', { TotalCount: 1.5 }],
      ['2 ** 53', { TotalCount: 2 ** 53 }],
      ['a 19-digit', { TotalCount: answers.verbatim(LONG) }],
      ['1e21', { TotalCount: 1e21 }],
    ])('the total is %s', async (_, PageInfo) => {
      expect(await hears(name, answers.success({ ...GOOD, PageInfo }))).toEqual(lacks(name, 'no TotalCount'))
    })

    test('a total elsewhere counts for nothing', async () => {
      const answer = await hears(name, answers.success({ ...GOOD, PageInfo: undefined, TotalCount: 1 }))
      expect(answer).toEqual(lacks(name, 'no TotalCount'))
    })

    test.each([0, 1, 999_999_999_999_999])('a total of %d is one', async (total) => {
      const answer = await hears(name, answers.success({ ...GOOD, PageInfo: { TotalCount: total } }))
      expect(answer).toMatchObject({ kind: 'answer', value: { total } })
    })

    test('nothing at all is an answer too', async () => {
      const answer = await hears(name, answers.success({ ...rowsEverywhere(), PageInfo: { TotalCount: 0 } }))
      expect(answer).toMatchObject({ kind: 'answer', value: { rows: [], total: 0 } })
    })
  })
})

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
