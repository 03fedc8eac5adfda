/** Takes secrets out of foreign text: the cloud echoes what it was sent, key and token included. */

/**
 * After a wrong signature the cloud answers with the string it signed, which holds every parameter, percent-encoded
 * twice. Nothing in it helps a reader, so it goes as a whole.
 */
const STRING_TO_SIGN = /\b(?:GET|POST)&[^\s]*/g

/** Any parameter of a request that is a secret or proves one, plain or percent-encoded once or twice. */
const SECRET_PARAMETER = /\b(Signature|SecurityToken|AccessKeyId|OIDCToken)(=|%3D|%253D)[^&\s]*/gi

/** A JSON web token or its beginning, whoever's it is (RFC 7515): an object, `{"`, in base64url. */
const WEB_TOKEN = /\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*/g

/** In base64 a shorter one could be a part of any word. */
const SHORTEST_IN_BASE64 = 8

const REDACTED = '***'

/** Takes the secrets out of a text, and whatever else tells of a request. */
export type Redaction = (text: string) => string

/** Made once for many texts: to look for a secret however it is encoded costs more than to read a reply. */
export function redactionOf(secrets: readonly string[]): Redaction {
  const patterns = secrets
    .filter((secret) => secret !== '')
    // The longest first, so that no rest of one secret survives the removal of another that is a part of it.
    .sort((a, b) => b.length - a.length)
    .flatMap((secret) => [howeverEncoded(secret), ...(secret.length < SHORTEST_IN_BASE64 ? [] : [inBase64(secret)])])
  return (text) => {
    const withoutEcho = text.replace(STRING_TO_SIGN, REDACTED).replace(SECRET_PARAMETER, `$1$2${REDACTED}`)
    return [...patterns, WEB_TOKEN].reduce((redacted, pattern) => redacted.replace(pattern, REDACTED), withoutEcho)
  }
}

/**
 * Each character as it is, percent-encoded up to four times by whatever rules, with digits in either case, or with the
 * backslashes that JSON puts before it. Keys and tokens are ASCII.
 */
function howeverEncoded(secret: string): RegExp {
  const characters = Array.from(secret, (character) => {
    const hex = character.charCodeAt(0).toString(16).padStart(2, '0')
    return `\\\\{0,4}(?:${literally(character)}|%(?:25){0,3}(?:${hex}|${hex.toUpperCase()}))`
  })
  return new RegExp(characters.join(''), 'g')
}

function inBase64(secret: string): RegExp {
  const either = Array.from(Buffer.from(secret).toString('base64url'), (character) => {
    if (character === '-') return '[+-]'
    return character === '_' ? '[/_]' : character
  })
  return new RegExp(`${either.join('')}=*`, 'g')
}

function literally(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&')
}
