import { readTargetInfo } from '../../src/adapters/securityCenter.ts'
import * as answers from '../../src/emulator/answers.ts'
import { ACCOUNT } from '../../src/emulator/scenarios.ts'
import { failed } from '../support/emulatedCenter.ts'
import { stand, targets } from '../support/lookStand.ts'

/** A look: what is read of a good one, and what a refusal says. */

describe('a good look', () => {
  test('sends one POST with the id, and reads state, targets and request id', async () => {
    const { server, look } = await stand([answers.state('Processing')])
    expect(await look()).toEqual({
      kind: 'state',
      state: 'Processing',
      targetInfo: { kind: 'read', targets },
      requestId: 'E0000000-0000-4000-8000-000000000001',
      serverTimeMs: expect.any(Number),
    })
    expect(server.exchanges).toEqual([
      {
        method: 'POST',
        action: 'DescribeScanTaskProgress',
        params: { TaskId: '282832' },
        inUrl: [],
        answer: '200',
        connection: 1,
        requestId: 'E0000000-0000-4000-8000-000000000001',
      },
    ])
  })

  test.each([
    ['init', 'init'],
    ['INIT', 'init'],
    ['success', 'Success'],
    ['PROCESSING', 'Processing'],
    ['failed', 'Failed'],
  ])('%s is put out as %s', async (spelt, state) => {
    const { look } = await stand([answers.state(spelt)])
    expect(await look()).toMatchObject({ kind: 'state', state })
  })

  test.each(['Successful', 'Success ', 'Done', '100', 'constructor', '成功'])(
    '%j is a state that nobody knows',
    async (raw) => {
      const { look } = await stand([answers.state(raw)])
      expect(await look()).toMatchObject({ kind: 'unknown-state', raw })
    },
  )

  test.each(['1', '9007199254740993', '9223372036854775807'])('the id %s goes out digit by digit', async (task) => {
    const { server, look } = await stand([answers.state('init')], { task })
    expect(await look()).toMatchObject({ kind: 'state' })
    expect(server.exchanges[0]?.params).toEqual({ TaskId: task })
  })

  test('looks share one connection', async () => {
    const { server, look } = await stand([answers.state('init')])
    for (let i = 0; i < 3; i++) await look()
    expect(server.exchanges.map((exchange) => exchange.connection)).toEqual([1, 1, 1])
  })

  test('long numbers in a TargetInfo that is an array come back digit by digit', async () => {
    const json =
      '{"ScanTaskProgress":"init","RequestId":"R","TargetInfo":[{"type":"groupId","name":9007199254740993,"target":9223372036854775807}]}'
    const { look } = await stand([answers.raw(200, json)])
    expect(await look()).toMatchObject({
      targetInfo: {
        kind: 'read',
        targets: [{ type: 'groupId', name: '9007199254740993', target: '9223372036854775807' }],
      },
    })
  })
})

describe('a refusal keeps code, request id and what to allow', () => {
  test.each<{ name: string; looks: answers.Look[]; options?: Parameters<typeof stand>[1]; seen: unknown }>([
    {
      name: 'a missing permission',
      looks: [answers.refusal(403, 'NoPermission', 'caller has no permission')],
      seen: failed('permission', 'NoPermission', {
        message: 'caller has no permission',
        requestId: 'E0000000-0000-4000-8000-000000000001',
        action: 'DescribeScanTaskProgress',
      }),
    },
    {
      name: 'a wrong secret',
      looks: [],
      options: { keys: { accessKeySecret: 'other' } },
      seen: failed('credentials', 'SignatureDoesNotMatch'),
    },
    {
      name: 'an unknown key',
      looks: [],
      options: { keys: { accessKeyId: 'other' } },
      seen: failed('credentials', 'InvalidAccessKeyId.NotFound'),
    },
    {
      name: 'a wrong token',
      looks: [],
      options: { keys: { securityToken: 'other' } },
      seen: failed('credentials', 'InvalidSecurityToken.MismatchWithAccessKey'),
    },
    {
      name: 'a wrong clock',
      looks: [],
      options: { clockOffMs: 3_600_000 },
      seen: failed('clock', 'InvalidTimeStamp.Expired'),
    },
    {
      name: 'a bad id',
      looks: [answers.refusal(400, 'IllegalParam', 'Illegal param')],
      seen: failed('request', 'IllegalParam'),
    },
  ])('$name', async ({ looks, options, seen }) => {
    const { look } = await stand(looks, options)
    expect(await look()).toEqual(seen)
  })

  test('throttling hands on what the cloud asks for, in milliseconds', async () => {
    const { look } = await stand([
      answers.throttled(1_500),
      answers.throttled(),
      { ...answers.throttled(), headers: { 'x-acs-retry-after': 'soon' } },
    ])
    expect(await look()).toEqual(failed('throttled', 'Throttling.User', { retryAfterMs: 1_500 }))
    expect(await look()).toEqual(failed('throttled', 'Throttling.User', { retryAfterMs: 0 }))
    expect(await look()).toEqual(failed('throttled', 'Throttling.User', { retryAfterMs: 0 }))
  })

  test.each([200, 403])('a key that comes back as a request id is none: HTTP %d', async (status) => {
    const lookAt = async (RequestId: string) => {
      const rest = status === 200 ? { ScanTaskProgress: 'init' } : { Code: 'NoPermission' }
      return JSON.stringify(await (await stand([answers.raw(status, JSON.stringify({ RequestId, ...rest }))])).look())
    }
    expect(await lookAt('R-7')).toContain('R-7')
    expect(await lookAt(ACCOUNT.accessKeyId)).not.toContain(ACCOUNT.accessKeyId)
  })

  test('no secret comes back in what the cloud says', async () => {
    const { look } = await stand([], { keys: { accessKeySecret: 'another-secret' } })
    const text = JSON.stringify(await look())
    expect(text).toContain('SignatureDoesNotMatch')
    for (const secret of ['another-secret', ACCOUNT.accessKeyId, ACCOUNT.securityToken ?? ''])
      expect(text).not.toContain(secret)
    expect(text).not.toMatch(/SignatureNonce/)
  })
})

describe('TargetInfo', () => {
  test.each([
    [
      'the documented string',
      '[{"type":"uuid","name":"host001","target":"5032"}]',
      [{ type: 'uuid', name: 'host001', target: '5032' }],
    ],
    [
      'an array',
      [{ type: 'uuid', name: 'host001', target: '5032' }],
      [{ type: 'uuid', name: 'host001', target: '5032' }],
    ],
    [
      'long numbers in a string',
      '[{"type":"groupId","name":"g","target":9007199254740993}]',
      [{ type: 'groupId', name: 'g', target: '9007199254740993' }],
    ],
    [
      'the longest',
      '[{"type":"groupId","name":"g","target":9223372036854775807}]',
      [{ type: 'groupId', name: 'g', target: '9223372036854775807' }],
    ],
    ['a short number', '[{"type":"groupId","name":"g","target":42}]', [{ type: 'groupId', name: 'g', target: '42' }]],
    ['no name', '[{"type":"uuid","target":"5032"}]', [{ type: 'uuid', name: '', target: '5032' }]],
    [
      'more fields than expected',
      '[{"type":"uuid","target":"5032","x":{"y":1}}]',
      [{ type: 'uuid', name: '', target: '5032' }],
    ],
    ['no element', '[]', []],
  ])('%s is read', (_, info, targetsRead) => {
    expect(readTargetInfo(info)).toEqual({ kind: 'read', targets: targetsRead })
  })
  test.each([
    ['absent', undefined],
    ['null', null],
    ['an empty string', ''],
    ['no JSON', 'host001'],
    ['half a JSON', '[{"type":"uuid"'],
    ['an object', '{"type":"uuid","target":"5032"}'],
    ['an array of strings', '["5032"]'],
    ['an array of null', '[null]'],
    ['an element without type', '[{"target":"5032"}]'],
    ['an element without target', '[{"type":"uuid","name":"host001"}]'],
    ['a target that is an object', '[{"type":"uuid","target":{"id":1}}]'],
    ['one bad element among good ones', '[{"type":"uuid","target":"5032"},{}]'],
    ['__proto__ keys', '[{"type":"uuid","target":"5032","__proto__":{}}]'],
    ['a number', 42],
  ])('%s is not', (_, info) => {
    expect(readTargetInfo(info)).toEqual({ kind: 'unreadable' })
  })
})
