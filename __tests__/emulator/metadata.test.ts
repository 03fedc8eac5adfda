import { emptyReply, state } from '../../src/emulator/answers.ts'
import { Cloud } from '../../src/emulator/cloud.ts'
import { type MetadataState, startMetadata } from '../../src/emulator/metadata.ts'
import { sign } from '../../src/emulator/signature.ts'
import { afterTest } from '../support/afterTest.ts'

/** The metadata service of a server on ECS, as far as it hands out credentials. */

const NOW = Date.parse('2026-11-24T12:00:00Z')
const ROLES = '/latest/meta-data/ram/security-credentials/'
const TTL = { 'x-aliyun-ecs-metadata-token-ttl-seconds': '60' }
async function started(metadata: MetadataState) {
  const clock = { now: NOW }
  const account = { accessKeyId: 'id', accessKeySecret: 'secret' }
  const tasks = { '1': { targets: [], looks: [state('Processing')] } }
  const cloud = new Cloud({ account, tasks }, () => clock.now)
  const service = await startMetadata(metadata, cloud.sessions, () => clock.now)
  afterTest(() => service.close())
  const ask = async (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') => {
    const reply = await fetch(service.url + path, { method, headers })
    return { status: reply.status, text: await reply.text() }
  }
  return {
    clock,
    cloud,
    service,
    ask,
    token: async () => ({ 'x-aliyun-ecs-metadata-token': (await ask('/latest/api/token', TTL, 'PUT')).text }),
    keysOf: async (role: string, headers = {}) => JSON.parse((await ask(ROLES + role, headers)).text),
  }
}

test('with a token it names the role and hands out its credentials', async () => {
  const { ask, token, keysOf, service } = await started({ role: 'gate', requiresToken: true })
  const headers = await token()
  expect(await ask(ROLES, headers)).toEqual({ status: 200, text: 'gate' })
  expect(await ask(ROLES.slice(0, -1), headers)).toEqual({ status: 200, text: 'gate' })
  expect(await keysOf('gate', headers)).toEqual({
    AccessKeyId: expect.stringMatching(/^STS\.emulated-/),
    AccessKeySecret: expect.stringContaining('emulated'),
    SecurityToken: expect.stringContaining('emulated'),
    Expiration: '2026-11-24T18:00:00Z',
    LastUpdated: '2026-11-24T12:00:00Z',
    Code: 'Success',
  })
  expect(service.given).toEqual([headers['x-aliyun-ecs-metadata-token']])
  expect(service.exchanges.slice(0, 2)).toEqual([
    { method: 'PUT', path: '/latest/api/token', hadToken: false, answer: '200' },
    { method: 'GET', path: ROLES, hadToken: true, answer: '200' },
  ])
})

test('in hardened mode nobody without a good token is answered', async () => {
  const { ask, token, clock } = await started({ role: 'gate', requiresToken: true })
  expect(await ask(`${ROLES}gate`)).toMatchObject({ status: 403 })
  expect(await ask(ROLES, { 'x-aliyun-ecs-metadata-token': 'other' })).toMatchObject({ status: 403 })
  const headers = await token()
  clock.now += 59_999
  expect(await ask(ROLES, headers)).toMatchObject({ status: 200 })
  clock.now += 1
  expect(await ask(ROLES, headers)).toMatchObject({ status: 403 })
})

test('in normal mode no token is needed', async () => {
  const { ask } = await started({ role: 'gate' })
  expect(await ask(ROLES)).toEqual({ status: 200, text: 'gate' })
})

test.each([
  { what: 'no time', headers: {}, status: 400 },
  { what: 'too long a time', headers: { 'x-aliyun-ecs-metadata-token-ttl-seconds': '21601' }, status: 400 },
  { what: 'no time at all', headers: { 'x-aliyun-ecs-metadata-token-ttl-seconds': '0' }, status: 400 },
  { what: 'the longest time', headers: { 'x-aliyun-ecs-metadata-token-ttl-seconds': '21600' }, status: 200 },
])('a token for $what: $status', async ({ headers, status }) => {
  expect((await (await started({})).ask('/latest/api/token', headers, 'PUT')).status).toBe(status)
})

test('a token is not there to be read, nor credentials to be put', async () => {
  const { ask } = await started({ role: 'gate' })
  expect((await ask('/latest/api/token', TTL)).status).toBe(405)
  expect((await ask(`${ROLES}gate`, {}, 'PUT')).status).toBe(405)
})

test.each([
  { what: 'a role that is not attached', metadata: { role: 'gate' }, path: `${ROLES}other` },
  { what: 'the list where no role is attached', metadata: {}, path: ROLES },
  { what: 'a role where none is attached', metadata: {}, path: `${ROLES}gate` },
  { what: 'anything else', metadata: { role: 'gate' }, path: '/latest/meta-data/instance-id' },
])('$what is not found', async ({ metadata, path }) => {
  const { ask, cloud } = await started(metadata)
  expect(await ask(path)).toEqual({ status: 404, text: expect.stringContaining('404') })
  expect(cloud.sessions.issued).toEqual([])
})

test('the gateway takes its sessions, until they end', async () => {
  const { cloud, clock, keysOf } = await started({ role: 'gate', accountId: '42', sessionMs: 4_000 })
  const keys = await keysOf('gate')
  let nonce = 0
  const call = (more: Readonly<Record<string, string>>) => {
    const params = {
      ...{ Format: 'JSON', SignatureMethod: 'HMAC-SHA1', SignatureVersion: '1.0', SignatureNonce: String(++nonce) },
      ...{ Timestamp: '2026-11-24T12:00:00Z', AccessKeyId: keys.AccessKeyId, SecurityToken: keys.SecurityToken },
      ...more,
    }
    const signed = { ...params, Signature: sign('POST', params, keys.AccessKeySecret) }
    const answer = cloud.answer({ method: 'POST', params: signed })
    return answer.kind === 'reply' ? JSON.parse(answer.text) : answer
  }
  const look = { Action: 'DescribeScanTaskProgress', Version: '2018-12-03', TaskId: '1' }
  expect(call({ Action: 'GetCallerIdentity', Version: '2015-04-01' })).toMatchObject({
    AccountId: '42',
    Arn: expect.stringMatching(/^acs:ram::42:assumed-role\/gate\//),
  })
  expect(call(look)).toMatchObject({ ScanTaskProgress: 'Processing' })
  clock.now += 4_000
  expect(call(look)).toMatchObject({ Code: 'InvalidSecurityToken.Expired' })
})

test('a session is handed out again until its end is near', async () => {
  const { clock, keysOf } = await started({ role: 'gate', sessionMs: 8_000, freshMs: 2_000 })
  const idAfter = async (ms: number) => {
    clock.now += ms
    return (await keysOf('gate')).AccessKeyId
  }
  const ids = [await idAfter(0), await idAfter(5_999), await idAfter(1), await idAfter(0)]
  expect(ids.map((id) => ids.indexOf(id))).toEqual([0, 0, 2, 2])
})

test('trouble comes call by call', async () => {
  const trouble = { token: [emptyReply(404)], list: [emptyReply(500)], credentials: [emptyReply(502)] }
  const { ask } = await started({ role: 'gate', trouble })
  const twice = async (...call: Parameters<typeof ask>) => [(await ask(...call)).status, (await ask(...call)).status]
  expect(await twice('/latest/api/token', TTL, 'PUT')).toEqual([404, 200])
  expect(await twice(ROLES)).toEqual([500, 200])
  expect(await twice(`${ROLES}gate`)).toEqual([502, 200])
})
