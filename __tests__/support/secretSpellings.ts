/** How a secret may look when it turns up where it does not belong. Pure: texts in, findings out. */

/** A secret by what it is called, so that a finding can be told without repeating it. */
export type Secrets = Readonly<Record<string, string>>

/** Texts by where they were seen. */
export type Places = Readonly<Record<string, string>>

/** Of a secret this long its beginning or end alone gives too much away: a text that was cut may have just that. */
const LONG = 32
const TELLING_PART = 20

/** By name. The same text may stand under several names: most secrets have nothing in them to encode. */
export function spellingsOf(secret: string): Readonly<Record<string, string>> {
  const once = percentSpellings(secret)
  const twice = once.flatMap(percentSpellings)
  return {
    plain: secret,
    ...numbered('percent-encoded', once),
    ...numbered('percent-encoded twice', twice),
    // A form has a plus where a URL has %20, and the secret's own plus signs may have been read as spaces.
    form: new URLSearchParams([['', secret]]).toString().slice(1),
    'form, read once too often': secret.replaceAll('+', ' '),
    JSON: inJson(secret),
    'JSON in JSON': inJson(inJson(secret)),
    HTML: secret.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`),
    'HTML, named': secret.replace(/[&<>"']/g, (character) => NAMED_ENTITIES[character] ?? character),
    'command of the runner': secret.replaceAll('%', '%25'),
    reason: secret.replace(/[^A-Za-z0-9 ._:,()/@-]+/g, '_'),
    hex: Buffer.from(secret).toString('hex'),
    'hex, upper case': Buffer.from(secret).toString('hex').toUpperCase(),
    ...base64Spellings(secret),
    ...(secret.length < LONG ? {} : { beginning: secret.slice(0, TELLING_PART), end: secret.slice(-TELLING_PART) }),
  }
}

/** What of the secrets is in the places, as `NAME in PLACE (SPELLING)`: one finding for each secret and place. */
export function findSecrets(secrets: Secrets, places: Places): readonly string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    if (secret.length < 8) throw new Error(`${name} is too short to be looked for`)
    const spellings = Object.entries(spellingsOf(secret))
    return Object.entries(places).flatMap(([place, text]) => {
      const found = spellings.find(([, spelling]) => text.includes(spelling))
      return found === undefined ? [] : [`${name} in ${place} (${found[0]})`]
    })
  })
}

const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** What JavaScript encodes by itself, and all that RFC 3986 has encoded, with digits in both cases. */
function percentSpellings(text: string): readonly string[] {
  const lax = encodeURIComponent(text)
  const strict = lax.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  const lower = (encoded: string) => encoded.replace(/%[0-9A-F]{2}/g, (digits) => digits.toLowerCase())
  return [lax, strict, lower(lax), lower(strict)]
}

/**
 * The value by itself, and what is always the same of it inside a longer text: a character stands for 6 bits, so that
 * where the secret begins 0, 1 or 2 bytes after a multiple of three, the first and the last character may hold bits of
 * its neighbours.
 */
function base64Spellings(secret: string): Readonly<Record<string, string>> {
  const bytes = Buffer.from(secret)
  const inside = [0, 1, 2].map((offset) => {
    const bits = 8 * (offset + bytes.length)
    const whole = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    return whole.slice(Math.ceil((8 * offset) / 6), Math.floor(bits / 6))
  })
  const all = [bytes.toString('base64'), ...inside]
  const inUrls = all.map((text) => text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''))
  return { ...numbered('base64', all), ...numbered('base64url', inUrls) }
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function numbered(name: string, texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries([...new Set(texts)].map((text, i) => [i === 0 ? name : `${name} ${i + 1}`, text]))
}
