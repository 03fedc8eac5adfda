import type { Environment, Given, Refuse } from './reading.ts'

/** The proxies that the environment names. `adapters/proxy.ts` goes through them. */

/** In the order in which they are looked at, as `@actions/http-client` does: the first that is not empty counts. */
export const PROXY_VARIABLES = {
  https: ['https_proxy', 'HTTPS_PROXY'],
  http: ['http_proxy', 'HTTP_PROXY'],
  all: ['all_proxy', 'ALL_PROXY'],
} as const

const ALLOWED = 'allowed is a URL with http:// or https://, such as http://proxy.example:3128'
const CREDENTIALS = 'and in a user or password % is written %25, @ %40, / %2F, # %23 and ? %3F'

/**
 * Masking a password of one or two characters would blacken them all over the log, which hides nothing any more and
 * tells what they are.
 */
const SHORTEST_MASKED = 3

/** Without a scheme a proxy is spoken to over http, as everywhere. */
export function withScheme(text: string): string {
  const trimmed = text.trim()
  return trimmed === '' || trimmed.includes('://') ? trimmed : `http://${trimmed}`
}

/** Whether a text names a proxy that can be used. What a URL parser would repair by itself could lead elsewhere. */
export function isProxy(text: string): boolean {
  const full = withScheme(text)
  if (!/^https?:\/\/[^\s]+$/i.test(full) || !URL.canParse(full)) return false
  const { username, password, pathname, search, hash } = new URL(full)
  // A password with a slash in it: the parser took its beginning for a port.
  if (`${pathname}${search}${hash}`.includes('@')) return false
  return decoded(username) !== undefined && decoded(password) !== undefined
}

/**
 * Refuses what would be used and cannot be: `@actions/http-client` would take no proxy then, or throw. ALL_PROXY counts
 * for https alone here, the one scheme in which anything outside of this machine is called.
 */
export function readProxies(variable: Given, refuse: Refuse): void {
  for (const names of [[...PROXY_VARIABLES.https, ...PROXY_VARIABLES.all], PROXY_VARIABLES.http]) {
    const name = names.find((candidate) => variable(candidate) !== '')
    if (name === undefined || isProxy(variable(name))) continue
    const text = variable(name)
    // It may hold a password, which is not repeated.
    if (text.includes('@')) refuse(name, undefined, `is not a proxy that can be used: ${ALLOWED}, ${CREDENTIALS}`)
    else refuse(name, text, `is not a proxy that can be used: ${ALLOWED}`)
  }
}

/** Whether nothing is there that `readProxies` would refuse. */
export function areProxiesGood(env: Environment): boolean {
  let isGood = true
  readProxies(
    (name) => env[name]?.trim() ?? '',
    () => {
      isGood = false
    },
  )
  return isGood
}

/** What of the variables must be masked: passwords as written and as meant, and what goes over the wire for them. */
export function proxySecrets(env: Environment): readonly string[] {
  const texts = Object.values(PROXY_VARIABLES)
    .flat()
    .map((name) => withScheme(env[name] ?? ''))
  return [...new Set(texts.flatMap(secretsOf))]
}

/** Also of a URL that is refused: it is shown nowhere, but others may have printed it. */
function secretsOf(text: string): readonly string[] {
  const [, user = '', written = ''] = /^[^/]*:\/\/([^:]*):(.*)@/s.exec(text) ?? []
  if (written === '') return []
  const password = decoded(written) ?? written
  const basic = Buffer.from(`${decoded(user) ?? user}:${password}`).toString('base64')
  const reencoded = URL.canParse(text) ? new URL(text).password : ''
  return [...[written, password, reencoded].filter((one) => one.length >= SHORTEST_MASKED), basic]
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
