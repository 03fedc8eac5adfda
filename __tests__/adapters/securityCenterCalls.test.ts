import * as answers from '../../src/emulator/answers.ts'
import {
  callOf,
  fleet,
  GOOD,
  hears,
  NAMES,
  never,
  REQUEST_ID,
  standWith,
  starts,
  targets,
} from '../support/centerCalls.ts'
import { emulatedCenter, failed } from '../support/emulatedCenter.ts'

/** All calls but the look, which has a file of its own: what is the same for each of them. */

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
