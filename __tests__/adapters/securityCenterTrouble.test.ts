import * as answers from '../../src/emulator/answers.ts'
import { failed } from '../support/emulatedCenter.ts'
import { stand } from '../support/lookStand.ts'

/** A look that comes to nothing: bad replies, replies that hang, cancels. */

describe('a bad reply is an observation', () => {
  const invalid = failed('invalid-response', 'InvalidResponse')
  const missing = failed('missing-fields', 'InvalidResponse')
  const success = '{"ScanTaskProgress":"Success","TargetInfo":"[]","RequestId":"R"}'
  test.each<{ name: string; answer: answers.Look; seen: unknown }>([
    {
      name: 'HTTP 500 without a code',
      answer: answers.raw(500, '{"RequestId":"R"}'),
      seen: failed('invalid-response', 'InvalidResponse', {
        message: 'HTTP 500 without an error code',
        requestId: 'R',
      }),
    },
    { name: 'HTTP 500 that claims Success', answer: answers.raw(500, success), seen: invalid },
    {
      name: 'HTTP 500 whose code is Success',
      answer: answers.raw(500, '{"Code":"Success","ScanTaskProgress":"Success"}'),
      seen: invalid,
    },
    {
      name: 'Success: false beside a state',
      answer: answers.raw(200, '{"Success":false,"ScanTaskProgress":"Success","TargetInfo":"[]"}'),
      seen: failed('missing-fields', 'InvalidResponse', { message: 'the reply has Success: false in it' }),
    },
    { name: 'HTTP 302 that claims Success', answer: answers.raw(302, success), seen: invalid },
    { name: 'HTTP 404 that claims Success', answer: answers.raw(404, success), seen: invalid },
    { name: 'a code in lower case', answer: answers.raw(403, '{"code":"NoPermission"}'), seen: invalid },
    {
      name: 'an HTML 502',
      answer: answers.badGateway(),
      seen: failed('invalid-response', 'InvalidResponse', {
        message: 'HTTP 502 without an error code',
        requestId: expect.stringMatching(/^E0/),
      }),
    },
    {
      name: 'an HTML 429',
      answer: answers.raw(429, '<html>Too Many Requests</html>', 'text/html'),
      seen: failed('throttled', 'InvalidResponse', { message: 'HTTP 429 without an error code', retryAfterMs: 0 }),
    },
    {
      name: 'an HTML 503 that asks for patience',
      answer: {
        ...answers.raw(503, '<html>Service Unavailable</html>', 'text/html'),
        headers: { 'x-acs-retry-after': '90000' },
      },
      seen: failed('throttled', 'InvalidResponse', { retryAfterMs: 90_000 }),
    },
    {
      name: 'HTML that says 200, with its request id',
      answer: answers.raw(200, '<html>Success</html>', 'text/html'),
      seen: failed('invalid-response', 'InvalidResponse', {
        message: 'the reply is not JSON',
        requestId: expect.stringMatching(/^E0/),
      }),
    },
    { name: 'HTML that says 200', answer: answers.raw(200, '<html>Success</html>', 'text/html'), seen: invalid },
    { name: 'an empty body', answer: answers.emptyReply(200), seen: invalid },
    { name: 'HTTP 429 without a code', answer: answers.raw(429, '{}'), seen: failed('throttled', 'InvalidResponse') },
    {
      name: 'HTTP 503 without a code that asks for patience',
      answer: { ...answers.raw(503, '{}'), headers: { 'x-acs-retry-after': '2000' } },
      seen: failed('throttled', 'InvalidResponse', { retryAfterMs: 2_000 }),
    },
    { name: 'an empty 503', answer: answers.emptyReply(503), seen: invalid },
    { name: 'null', answer: answers.raw(200, 'null'), seen: invalid },
    { name: '[]', answer: answers.raw(200, '[]'), seen: invalid },
    { name: 'a number', answer: answers.raw(200, '1'), seen: invalid },
    { name: 'a string', answer: answers.raw(200, '"Success"'), seen: invalid },
    { name: 'half a JSON', answer: answers.raw(200, success.slice(0, 30)), seen: invalid },
    { name: '__proto__ keys', answer: answers.raw(200, '{"__proto__":{"ScanTaskProgress":"Success"}}'), seen: invalid },
    {
      name: 'a constructor key',
      answer: answers.raw(200, '{"constructor":{"prototype":{}},"ScanTaskProgress":"Success"}'),
      seen: expect.objectContaining({ kind: expect.stringMatching(/state|failure/) }),
    },
    {
      name: 'ScanTaskProgress missing',
      answer: answers.withoutFields(),
      seen: failed('missing-fields', 'InvalidResponse', {
        message: expect.stringMatching(/task id may be wrong, or belong to the other site/),
      }),
    },
    { name: 'ScanTaskProgress empty', answer: answers.state(''), seen: missing },
    { name: 'ScanTaskProgress null', answer: answers.state(null), seen: missing },
    { name: 'ScanTaskProgress a number', answer: answers.state(100), seen: missing },
    { name: 'ScanTaskProgress a list', answer: answers.state(['Success']), seen: missing },
    { name: 'ScanTaskProgress an object', answer: answers.state({ toString: 'Success' }), seen: missing },
    { name: 'a truncated body', answer: answers.truncated(), seen: failed('network', 'ECONNRESET') },
    { name: 'a reset before the headers', answer: answers.resetBeforeHeaders(), seen: failed('network', 'ECONNRESET') },
    { name: 'a close before the headers', answer: answers.closeBeforeHeaders(), seen: failed('network', 'ECONNRESET') },
    { name: 'bytes that are no HTTP', answer: answers.noise(), seen: failed('network', 'HPE_INVALID_CONSTANT') },
    { name: 'a reset after the headers', answer: answers.resetAfterHeaders(), seen: failed('network', 'ECONNRESET') },
    {
      name: 'a code that nobody knows',
      answer: answers.refusal(400, 'TaskNotExist', 'no such task'),
      seen: failed('unknown-code', 'TaskNotExist', { message: 'no such task' }),
    },
    {
      name: 'a code that is a number',
      answer: answers.raw(500, '{"Code":500,"Message":"x"}'),
      seen: failed('unknown-code', '500'),
    },
    { name: 'a code that is an object', answer: answers.raw(500, '{"Code":{"a":1}}'), seen: invalid },
    {
      name: 'a request id that is no id',
      answer: answers.raw(500, '{"RequestId":"::error::\\n"}'),
      seen: failed('invalid-response', 'InvalidResponse', { requestId: expect.stringMatching(/^E0/) }),
    },
  ])('$name', async ({ answer, seen }) => {
    const { look } = await stand([answer, answers.state('Success')])
    expect(await look()).toEqual(seen)
    // And the next look is as good as any.
    expect(await look()).toMatchObject({ kind: 'state', state: 'Success' })
  })
})

describe('limits', () => {
  test.each([
    ['before the headers', answers.hang()],
    ['in the middle of the body', answers.hangInBody()],
    ['a byte at a time', answers.drip()],
  ])('a reply that hangs %s is a time-out', async (_, answer) => {
    const { look } = await stand([answer, answers.state('Success')], { limitMs: 300 })
    expect(await look()).toEqual(failed('timeout', 'RequestTimeout', { message: 'no complete reply within 0.3 s' }))
    expect(await look()).toMatchObject({ kind: 'state', state: 'Success' })
  })

  test.each([
    ['before the headers', answers.hang()],
    ['in the middle of the body', answers.hangInBody()],
  ])('a cancel ends a look that hangs %s', async (_, answer) => {
    const cancel = new AbortController()
    const { server, look } = await stand([answer])
    const result = look('282832', cancel.signal)
    while (server.exchanges.length === 0) await new Promise(setImmediate)
    cancel.abort()
    expect(await result).toMatchObject({ kind: 'failure' })
  })

  test('a cancel closes the connection, so that nothing keeps the process alive', async () => {
    const cancel = new AbortController()
    const { server, look } = await stand([answers.hang()])
    const result = look('282832', cancel.signal)
    while (server.exchanges.length === 0) await new Promise(setImmediate)
    expect(await server.connections()).toBe(1)
    cancel.abort()
    await result
    while ((await server.connections()) > 0) await new Promise(setImmediate)
  })

  test('a cancel ends a look whose compressed body hangs, which the library does not notice', async () => {
    const cancel = new AbortController()
    // The first two bytes of a zlib stream, after which the rest is awaited.
    const compressed = {
      ...answers.raw(200, 'x\u0001..'),
      headers: { 'content-encoding': 'deflate' },
      stall: 'in-body',
    } as const
    const timers = jest.spyOn(globalThis, 'setTimeout')
    const { server, look } = await stand([compressed], { limitMs: 3_600_000 })
    const result = look('282832', cancel.signal)
    while (server.exchanges.length === 0) await new Promise(setImmediate)
    setTimeout(() => cancel.abort(), 100)
    expect(await result).toMatchObject({ kind: 'failure' })
    // The library still waits, for two hours, and would keep the test's process alive.
    for (const { value } of timers.mock.results) clearTimeout(value)
    timers.mockRestore()
  })

  test('closing the client closes its idle connection', async () => {
    const { server, rpc, look } = await stand([answers.state('init')])
    await look()
    expect(await server.connections()).toBe(1)
    rpc.close()
    while ((await server.connections()) > 0) await new Promise(setImmediate)
  })

  test('a cancel from before means that nothing is sent', async () => {
    const { server, look } = await stand([answers.state('Success')])
    expect(await look('282832', AbortSignal.abort())).toMatchObject({ kind: 'failure' })
    expect(server.exchanges).toEqual([])
  })

  test('nothing listens at the endpoint', async () => {
    const { server, look } = await stand([])
    await server.close()
    expect(await look()).toEqual(
      failed('network', 'ECONNREFUSED', {
        message: expect.stringMatching(/^nothing accepts connections at 127\.0\.0\.1:\d+$/),
      }),
    )
  })
})
