import { claimsIn, requestIdToken } from '../../src/adapters/idToken.ts'

/**
 * GitHub's OIDC token as this action asks for it. The rejections are those of the real client, as it worded them when it
 * was set upon servers that answered like this.
 */

const never = new AbortController().signal
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const CLAIMS = {
  iss: 'https://token.actions.githubusercontent.com',
  aud: 'sts.aliyuncs.com',
  sub: 'repo:example/app:environment:production',
}
const TOKEN = `${encoded({ alg: 'RS256' })}.${encoded({ ...CLAIMS, jti: 'x' })}.c2lnbmF0dXJl`

const rejecting = (message: string) => ({ fetch: () => Promise.reject(new Error(message)) })
const status = (code: number, body: string) =>
  `Error message: Failed to get ID Token. \n \n        Error Code : ${code}\n \n        Error Message: ${body}`
const broken = (words: string) =>
  `Error message: Failed to get ID Token. \n \n        Error Code : undefined\n \n        Error Message: ${words}`
const failed = (cause: string, code: string, message: string | RegExp = /./) => ({
  kind: 'failure',
  failure: {
    cause,
    code,
    message: typeof message === 'string' ? message : expect.stringMatching(message),
    requestId: '',
    retryAfterMs: 0,
    action: 'GetIDToken',
  },
})

test('a token is handed on, and is for the audience that was asked for', async () => {
  const audiences: string[] = []
  const fetch = async (audience: string) => {
    audiences.push(audience)
    return TOKEN
  }
  expect(await requestIdToken('sts.aliyuncs.com', { fetch }, never)).toEqual({
    kind: 'answer',
    value: TOKEN,
    action: 'GetIDToken',
    requestId: '',
  })
  expect(audiences).toEqual(['sts.aliyuncs.com'])
})

describe('a refusal is one at once', () => {
  test.each([400, 401, 403, 404, 405, 410, 422, 499])('HTTP %i', async (code) => {
    expect(await requestIdToken('a', rejecting(status(code, 'no')), never)).toEqual(
      failed('login', `HTTP${code}`, `the token service of GitHub refused to give an OIDC token (HTTP ${code})`),
    )
  })
})

describe('what may heal', () => {
  test.each([
    [500, 'server'],
    [502, 'server'],
    [503, 'server'],
    [408, 'server'],
    [429, 'throttled'],
  ])('HTTP %i is %s', async (code, cause) => {
    expect(await requestIdToken('a', rejecting(status(code, 'boom')), never)).toEqual(
      failed(cause, `HTTP${code}`, `the token service of GitHub answered HTTP ${code}`),
    )
  })

  test.each([
    ['connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED'],
    ['getaddrinfo ENOTFOUND no.such.host.invalid', 'ENOTFOUND'],
    ['getaddrinfo EAI_AGAIN no.such.host.invalid', 'EAI_AGAIN'],
    ['read ECONNRESET', 'ECONNRESET'],
    ['socket hang up', 'ECONNRESET'],
    ['connect ETIMEDOUT 192.0.2.1:443', 'ETIMEDOUT'],
    ['tunneling socket could not be established, cause=connect ECONNREFUSED 127.0.0.1:3128', 'ECONNREFUSED'],
    [
      'write EPROTO 400D4B7D097F0000:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:../deps/openssl/openssl/ssl/record/methods/tlsany_meth.c:77:\n',
      'EPROTO',
    ],
  ])('%s', async (words, code) => {
    expect(await requestIdToken('a', rejecting(broken(words)), never)).toEqual(
      failed('network', code, 'the token service of GitHub cannot be reached'),
    )
  })

  test.each([
    'Error message: Response json body do not have ID Token field',
    'Error message: something that nobody has seen yet',
    '',
  ])('%j, whatever that is', async (message) => {
    expect(await requestIdToken('a', rejecting(message), never)).toEqual(failed('invalid-response', 'InvalidResponse'))
  })

  test.each([
    ['is none', 'no token at all'],
    ['has no claims', 'a.b.c'],
    ['has claims that are null', `a.${encoded(null)}.c`],
    ['is empty', ''],
    ['is undefined', undefined as unknown as string],
  ])('what came as a token %s', async (_, text) => {
    expect(await requestIdToken('a', { fetch: async () => text }, never)).toEqual(
      failed('invalid-response', 'InvalidResponse', 'what came is no token'),
    )
  })

  test('what is thrown is no error', async () => {
    const fetch = () => Promise.reject('words alone')
    expect(await requestIdToken('a', { fetch }, never)).toEqual(failed('invalid-response', 'InvalidResponse'))
  })
})

describe('a certificate that does not hold is none of the things that heal', () => {
  test.each([
    'self-signed certificate; if the root CA is installed locally, try running Node.js with --use-system-ca',
    'self-signed certificate in certificate chain',
    'unable to verify the first certificate',
    'unable to get local issuer certificate',
    'certificate has expired',
    "Hostname/IP does not match certificate's altnames: Host: pipelines.example. is not in the cert's altnames: DNS:other.example",
  ])('%s', async (words) => {
    expect(await requestIdToken('a', rejecting(broken(words)), never)).toEqual(
      failed('untrusted', 'CertificateNotTrusted', 'the TLS certificate of the token service of GitHub is not trusted'),
    )
  })
})

test.each([
  ['403', 'proxy-refused'],
  ['407', 'proxy-refused'],
  ['502', 'network'],
])('a proxy that answers %s is %s', async (answer, cause) => {
  const words = `tunneling socket could not be established, statusCode=${answer}`
  expect(await requestIdToken('a', rejecting(broken(words)), never)).toEqual(
    failed(cause, 'ProxyRefused', `the proxy answered ${answer} on the way to the token service of GitHub`),
  )
})

test('nothing that the service or the network says is repeated: it may echo the token of the request', async () => {
  for (const message of [
    status(401, 'Bearer request-token is bad'),
    status(503, 'request-token'),
    broken('connect ECONNREFUSED request-token'),
    broken('certificate request-token'),
    'request-token',
  ]) {
    expect(JSON.stringify(await requestIdToken('a', rejecting(message), never))).not.toContain('request-token')
  }
})

describe('it is bounded, though its client knows no end', () => {
  const hangs = { fetch: () => new Promise<string>(() => {}) }

  test('by a limit', async () => {
    expect(await requestIdToken('a', { ...hangs, limitMs: 20 }, never)).toEqual(
      failed('timeout', 'RequestTimeout', 'GitHub gave no OIDC token within 0.02 s'),
    )
  })

  test('a cancel ends it at once', async () => {
    const cancel = new AbortController()
    const asked = requestIdToken('a', { ...hangs, limitMs: 3_600_000 }, cancel.signal)
    cancel.abort()
    expect(await asked).toMatchObject({ kind: 'failure', failure: { requestId: '' } })
  })

  test('a cancel from before means that nothing is asked', async () => {
    let isAsked = false
    const fetch = async () => {
      isAsked = true
      return TOKEN
    }
    expect(await requestIdToken('a', { fetch }, AbortSignal.abort())).toMatchObject({ kind: 'failure' })
    expect(isAsked).toBe(false)
  })
})

describe('what a token says of itself', () => {
  test('whose it is and whom it is for', () => {
    expect(claimsIn(TOKEN)).toEqual(CLAIMS)
  })
  test('characters outside of ASCII come through', () => {
    expect(claimsIn(`a.${encoded({ ...CLAIMS, sub: 'repo:exämple/日本:ref' })}.b`)?.sub).toBe('repo:exämple/日本:ref')
  })
  test('several audiences', () => {
    expect(claimsIn(`a.${encoded({ ...CLAIMS, aud: ['x', 'y'] })}.b`)?.aud).toBe('x,y')
  })
  test.each(['', 'a', 'a.b', 'a.%%%.b', `a.${encoded('text').slice(1)}.b`])('nothing in %j', (text) => {
    expect(claimsIn(text)).toBeUndefined()
  })
})
