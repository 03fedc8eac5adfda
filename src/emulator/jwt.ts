import { type KeyObject, sign, verify } from 'node:crypto'

/** JSON web tokens, as far as GitHub's token service and STS need them (RFC 7515, RS256). */

export type Claims = Readonly<Record<string, unknown>>

export function signedToken(claims: Claims, privateKey: KeyObject): string {
  const head = { typ: 'JWT', alg: 'RS256', kid: 'emulated-key' }
  const content = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${content}.${sign('RSA-SHA256', Buffer.from(content), privateKey).toString('base64url')}`
}

export interface Token {
  readonly algorithm: string
  readonly claims: Claims
  isSignedBy(publicKey: KeyObject): boolean
}

/** What a text says as a token; `undefined` if it is none. Nothing of it is true before its signature is checked. */
export function tokenIn(text: string): Token | undefined {
  const [head, body, signature, ...rest] = text.split('.')
  if (head === undefined || body === undefined || signature === undefined || rest.length > 0) return undefined
  const [header, claims] = [objectIn(head), objectIn(body)]
  if (header === undefined || claims === undefined) return undefined
  const content = Buffer.from(`${head}.${body}`)
  return {
    algorithm: String(header.alg),
    claims,
    isSignedBy: (publicKey) => verify('RSA-SHA256', content, publicKey, Buffer.from(signature, 'base64url')),
  }
}

function objectIn(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Claims) : undefined
  } catch {
    return undefined
  }
}
