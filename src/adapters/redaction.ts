/** Takes secrets out of foreign text: the cloud echoes what it was sent, key and token included. */

/**
 * After a wrong signature the cloud answers with the string it signed, which holds every parameter, percent-encoded
 * twice. Nothing in it helps a reader, so it goes as a whole.
 */
const STRING_TO_SIGN = /\b(?:GET|POST)&[^\s]*/g

/** Any parameter of a request that is a secret or proves one, plain or percent-encoded once or twice. */
const SECRET_PARAMETER = /\b(Signature|SecurityToken|AccessKeyId|OIDCToken)(=|%3D|%253D)[^&\s]*/gi

const REDACTED = '***'

export function redact(text: string, secrets: readonly string[]): string {
  const spellings = secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => {
      const encoded = percentEncode(secret)
      return [secret, encoded, percentEncode(encoded)]
    })
    // The longest first, so that no rest of one secret survives the removal of another that is a part of it.
    .sort((a, b) => b.length - a.length)
  const withoutEcho = text.replace(STRING_TO_SIGN, REDACTED).replace(SECRET_PARAMETER, `$1$2${REDACTED}`)
  return spellings.reduce((redacted, spelling) => redacted.replaceAll(spelling, REDACTED), withoutEcho)
}

function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}
