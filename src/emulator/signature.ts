import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * The gateway's side of RPC signature version 1.0 (HMAC-SHA1), written from its documentation and not from the
 * client's code: an emulator that shared the client's mistakes would find none.
 */

export type Params = Readonly<Record<string, string>>

/** What the client has to sign: all parameters of query and form, less the signature itself. */
export function stringToSign(method: string, params: Params): string {
  const canonical = Object.keys(params)
    .filter((name) => name !== 'Signature')
    .sort(byBytes)
    .map((name) => `${percentEncode(name)}=${percentEncode(params[name] ?? '')}`)
    .join('&')
  return [method, percentEncode('/'), percentEncode(canonical)].join('&')
}

export function sign(method: string, params: Params, accessKeySecret: string): string {
  return createHmac('sha1', `${accessKeySecret}&`).update(stringToSign(method, params), 'utf8').digest('base64')
}

export function isSignedWith(method: string, params: Params, accessKeySecret: string): boolean {
  const expected = Buffer.from(sign(method, params, accessKeySecret))
  const given = Buffer.from(params.Signature ?? '')
  return expected.length === given.length && timingSafeEqual(expected, given)
}

/** Every byte but the unreserved ones of RFC 3986, from UTF-8. */
function percentEncode(text: string): string {
  let encoded = ''
  for (const byte of Buffer.from(text, 'utf8')) {
    const character = String.fromCharCode(byte)
    encoded += /[A-Za-z0-9._~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'))
}
