import { networkFailure } from '../../src/adapters/networkErrors.ts'
import { ProxyError } from '../../src/adapters/proxy.ts'

const HOST = 'tds.cn-shanghai.aliyuncs.com'
const error = (code: unknown, more = {}) =>
  Object.assign(new Error('words of Node, with a secret in them'), { code, ...more })

describe('a connection that failed may heal', () => {
  test.each([
    ['ENOTFOUND', `the name of ${HOST} could not be resolved`],
    ['EAI_AGAIN', `the name of ${HOST} could not be resolved`],
    ['ECONNREFUSED', `nothing accepts connections at ${HOST}`],
    ['ECONNRESET', `the connection to ${HOST} was cut`],
    ['EPIPE', `the connection to ${HOST} was cut`],
    ['EHOSTUNREACH', `${HOST} cannot be reached from this runner`],
    ['ENETUNREACH', `${HOST} cannot be reached from this runner`],
    ['ETIMEDOUT', `${HOST} cannot be reached from this runner`],
    ['EPROTO', `${HOST} does not speak TLS`],
    ['ERR_SSL_WRONG_VERSION_NUMBER', `${HOST} does not speak TLS`],
    ['ERR_SSL_PACKET_LENGTH_TOO_LONG', `${HOST} does not speak TLS`],
    ['EMFILE', `the connection to ${HOST} failed`],
    ['HPE_INVALID_CONSTANT', `the connection to ${HOST} failed`],
  ])('%s', (code, message) => {
    expect(networkFailure(error(code), HOST)).toEqual({ cause: 'network', code, message, host: HOST })
  })
})

describe('a certificate that does not hold does not', () => {
  const unknown = 'is not of a certificate authority that this runner trusts'
  test.each([
    ['SELF_SIGNED_CERT_IN_CHAIN', unknown],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', unknown],
    ['UNABLE_TO_GET_ISSUER_CERT', unknown],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', unknown],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', unknown],
    ['CERT_UNTRUSTED', unknown],
    ['CERT_REJECTED', unknown],
    ['CERT_CHAIN_TOO_LONG', unknown],
    ['INVALID_CA', unknown],
    ['INVALID_PURPOSE', unknown],
    ['PATH_LENGTH_EXCEEDED', unknown],
    ['CRL_HAS_EXPIRED', unknown],
    ['ERROR_IN_CRL_NEXT_UPDATE_FIELD', unknown],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'is for another name'],
    ['HOSTNAME_MISMATCH', 'is for another name'],
    ['CERT_HAS_EXPIRED', 'has expired'],
    ['CERT_NOT_YET_VALID', 'is not valid yet'],
    ['CERT_REVOKED', 'was revoked'],
  ])('%s', (code, words) => {
    expect(networkFailure(error(code), HOST)).toEqual({
      cause: 'untrusted',
      code,
      message: `the TLS certificate of ${HOST} ${words}`,
      host: HOST,
    })
  })
})

describe('a proxy is told from the endpoint behind it', () => {
  const of = (code: string, status?: number) =>
    networkFailure(new ProxyError('proxy.example:3128', { code, ...(status === undefined ? {} : { status }) }), HOST)
  const host = 'proxy.example:3128'

  test.each([
    [403, 'proxy-refused'],
    [407, 'proxy-refused'],
    [400, 'network'],
    [502, 'network'],
    [503, 'network'],
    [504, 'network'],
  ])('one that answers %i: %s', (status, cause) => {
    const message = `the proxy ${host} answered ${status} and did not connect to ${HOST}`
    expect(of('ProxyRefused', status)).toEqual({ cause, code: 'ProxyRefused', message, host, isUnconnected: true })
  })
  test('one that is not there', () => {
    const message = `nothing accepts connections at the proxy ${host}`
    expect(of('ECONNREFUSED')).toEqual({ cause: 'network', code: 'ECONNREFUSED', message, host, isUnconnected: true })
  })
  test('one with a bad certificate', () => {
    const message = `the TLS certificate of ${host} has expired`
    expect(of('CERT_HAS_EXPIRED')).toEqual({ cause: 'untrusted', code: 'CERT_HAS_EXPIRED', message, host })
  })
  test('what the endpoint has wrong behind it is told of the endpoint', () => {
    expect(networkFailure(error('CERT_HAS_EXPIRED'), HOST)?.host).toBe(HOST)
  })
  test('an error of the endpoint says nothing of whether a request arrived', () => {
    expect(networkFailure(error('ECONNRESET'), HOST)).not.toHaveProperty('isUnconnected')
  })
  test('an alert about a certificate of ours is no doubt of theirs', () => {
    expect(networkFailure(error('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), HOST)?.cause).toBe('network')
  })
})

test.each([
  ['nothing', undefined],
  ['null', null],
  ['a text', 'ECONNREFUSED'],
  ['an error without a code', new Error('x')],
  ['a number for a code', error(20)],
  ['a code in words', error('no code')],
  ['a code of the cloud', error('InvalidAccessKeyId.NotFound')],
  ['an abort', error('ABORT_ERR')],
  ['an empty code', error('')],
])('%s is no error of the network', (_, thrown) => {
  expect(networkFailure(thrown, HOST)).toBeUndefined()
})
