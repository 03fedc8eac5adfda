import { state } from '../../src/emulator/answers.ts'
import { Cloud } from '../../src/emulator/cloud.ts'
import { sign } from '../../src/emulator/signature.ts'

const account = { accessKeyId: 'id', accessKeySecret: 'secret', securityToken: 'token' }
const targets = [{ type: 'uuid', name: 'web-01', target: 'u-1' }]
const now = Date.parse('2026-11-24T12:00:00Z')

let nonce = 0
function request(changes: Readonly<Record<string, string | undefined>> = {}, secret = 'secret', method = 'POST') {
  const all = {
    Action: 'DescribeScanTaskProgress',
    Version: '2018-12-03',
    Format: 'JSON',
    AccessKeyId: 'id',
    SecurityToken: 'token',
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: `nonce-${++nonce}`,
    Timestamp: '2026-11-24T12:00:00Z',
    TaskId: '1',
    ...changes,
  }
  const params = Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  return { method, params: { Signature: sign(method, params, secret), ...params } }
}

const cloud = () =>
  new Cloud({ account, tasks: { '1': { targets, looks: [state('init'), state('Success')] } } }, () => now)

/** The last of the answers that one cloud gives to several requests. */
function answered(...requests: readonly ReturnType<typeof request>[]) {
  const stand = cloud()
  const last = requests.map((sent) => stand.answer(sent)).at(-1)
  if (last?.kind !== 'reply') throw new Error('no reply')
  return { status: last.status, ...JSON.parse(last.text) }
}

test('a good request is answered from the script, the last look for ever', () => {
  expect(answered(request())).toMatchObject({
    status: 200,
    ScanTaskProgress: 'init',
    TargetInfo: JSON.stringify(targets),
  })
  expect(answered(request(), request(), request())).toMatchObject({ status: 200, ScanTaskProgress: 'Success' })
})

test('an id that it does not know gets a reply without the fields', () => {
  expect(answered(request({ TaskId: '2' }))).toEqual({ status: 200, RequestId: '{request-id}' })
})

test.each([
  { what: 'a wrong secret', sent: request({}, 'other'), code: 'SignatureDoesNotMatch', status: 400 },
  { what: 'an unknown key', sent: request({ AccessKeyId: 'other' }), code: 'InvalidAccessKeyId.NotFound', status: 404 },
  { what: 'a missing token', sent: request({ SecurityToken: undefined }), code: 'MissingSecurityToken', status: 400 },
  {
    what: 'a wrong token',
    sent: request({ SecurityToken: 'other' }),
    code: 'InvalidSecurityToken.MismatchWithAccessKey',
    status: 400,
  },
  {
    what: 'a stale timestamp',
    sent: request({ Timestamp: '2026-11-24T11:44:59Z' }),
    code: 'InvalidTimeStamp.Expired',
    status: 400,
  },
  {
    what: 'a timestamp of tomorrow',
    sent: request({ Timestamp: '2026-11-25T12:00:00Z' }),
    code: 'InvalidTimeStamp.Expired',
    status: 400,
  },
  {
    what: 'a timestamp in another format',
    sent: request({ Timestamp: '2026-11-24T12:00:00.000Z' }),
    code: 'InvalidTimeStamp.Format',
    status: 400,
  },
  { what: 'a wrong version', sent: request({ Version: '2014-05-26' }), code: 'NoSuchVersion', status: 404 },
  {
    what: 'an unknown action',
    sent: request({ Action: 'DescribeEverything' }),
    code: 'InvalidAction.NotFound',
    status: 404,
  },
  { what: 'a missing nonce', sent: request({ SignatureNonce: undefined }), code: 'MissingSignatureNonce', status: 400 },
  { what: 'no signature', sent: request({ Signature: '' }), code: 'MissingSignature', status: 400 },
  {
    what: 'another signature method',
    sent: request({ SignatureMethod: 'HMAC-SHA256' }),
    code: 'IncompleteSignature',
    status: 400,
  },
  { what: 'GET', sent: request({}, 'secret', 'GET'), code: 'UnsupportedHTTPMethod', status: 405 },
  { what: 'an id that is no number', sent: request({ TaskId: '1;2' }), code: 'IllegalParam', status: 400 },
])('$what is refused: $code', ({ sent, code, status }) => {
  expect(answered(sent)).toMatchObject({ Code: code, status })
})

test('a replayed nonce is refused', () => {
  const once = request()
  expect(answered(once, once)).toMatchObject({ Code: 'SignatureNonceUsed' })
})

test('a wrong signature is answered with what was signed, as the cloud does', () => {
  expect(answered(request({}, 'other')).Message).toContain('SecurityToken%3Dtoken')
})

test('the service stands behind the gateway: a start that was not let through creates no scan', () => {
  const stand = cloud()
  const start = { Action: 'StartVirusScanTask', TargetInfo: JSON.stringify(targets) }
  stand.answer(request(start, 'other'))
  expect(stand.started).toEqual([])
  stand.answer(request(start))
  expect(stand.started).toEqual([targets])
})
