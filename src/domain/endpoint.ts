/** The management centre that answers, or the emulator that stands in for one. */
export type Site = 'China' | 'global' | 'rehearsal'

/**
 * Which host gets the calls. Security Center has two management centres ("sites") with data of their own; a task
 * started at one is unknown at the other.
 *
 * Source: the service's endpoint page and the endpoint map of its SDK.
 */
export interface Endpoint {
  /** `https://host`, or on loopback also `http://host:port`. */
  readonly url: string
  readonly host: string
  readonly site: Site
}

const REGION_ID = /^[a-z]{2}-[a-z]+(?:-[a-z0-9]+)*$/

/** The hosts that the service's pages name for a site; the VPC ones are for runners inside the cloud. */
const SITE_OF_HOST: ReadonlyMap<string, Site> = new Map([
  ['tds.cn-shanghai.aliyuncs.com', 'China'],
  ['tds.vpc-proxy.aliyuncs.com', 'China'],
  ['tds.ap-southeast-1.aliyuncs.com', 'global'],
  ['tds-intl.vpc-proxy.aliyuncs.com', 'global'],
  ['tds-vpc.ap-southeast-2.aliyuncs.com', 'global'],
])

export function isRegionId(text: string): boolean {
  return text.length <= 64 && REGION_ID.test(text)
}

/** The site's public endpoint: `cn-*`, Hong Kong included, belongs to the China site, all else to the global one. */
export function endpointOfRegion(regionId: string): Endpoint {
  const host = regionId.startsWith('cn-') ? 'tds.cn-shanghai.aliyuncs.com' : 'tds.ap-southeast-1.aliyuncs.com'
  return { url: `https://${host}`, host, site: siteOf(host, regionId) }
}

/** Either an endpoint, or the rest of a sentence that says what is wrong with the text. */
export type EndpointReading = { readonly endpoint: Endpoint } | { readonly problem: string }

/**
 * Reads `endpoint`. The text is matched as it stands, not after a URL parser has made sense of it: whatever a parser
 * would repair (back-slashes, full-width dots, user names) could lead signed requests elsewhere.
 */
export function readEndpoint(text: string, regionId: string, rehearsal: boolean): EndpointReading {
  const parts = /^(?:(https?):\/\/)?(\[::1\]|[A-Za-z0-9.-]+)(?::([0-9]{1,5}))?\/?$/i.exec(text)
  const allowed = rehearsal
    ? 'with rehearsal: true it must be a host or URL on loopback, such as http://127.0.0.1:8080'
    : 'it must be a host that ends in .aliyuncs.com, such as tds.cn-shanghai.aliyuncs.com, alone or as https URL, without user, path or query'
  const host = parts?.[2]?.toLowerCase()
  if (parts === null || host === undefined) return { problem: `is not an endpoint: ${allowed}` }

  // On loopback a host alone means the emulator, which speaks plain http.
  const scheme = parts[1]?.toLowerCase() ?? (rehearsal ? 'http' : 'https')
  const port = parts[3] === undefined ? '' : `:${Number(parts[3])}`
  if (parts[3] !== undefined && (Number(parts[3]) < 1 || Number(parts[3]) > 65_535)) {
    return { problem: 'has a port outside 1 to 65535' }
  }
  if (rehearsal) {
    if (!isLoopback(host)) return { problem: `is not on loopback: ${allowed}` }
    return { endpoint: { url: `${scheme}://${host}${port}`, host: `${host}${port}`, site: 'rehearsal' } }
  }
  if (isLoopback(host)) return { problem: 'is on loopback: that needs rehearsal: true' }
  if (!isAliyunHost(host)) {
    return { problem: `is outside .aliyuncs.com, where signed requests must not go: ${allowed}` }
  }
  if (scheme === 'http') return { problem: 'is plain http, which anybody on the way can read: use https' }
  return { endpoint: { url: `https://${host}${port}`, host: `${host}${port}`, site: siteOf(host, regionId) } }
}

function siteOf(host: string, regionId: string): Site {
  return SITE_OF_HOST.get(host) ?? (regionId.startsWith('cn-') ? 'China' : 'global')
}

export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '[::1]') return true
  const octets = host.split('.')
  return (
    octets.length === 4 &&
    octets[0] === '127' &&
    octets.every((o) => /^(?:0|[1-9][0-9]{0,2})$/.test(o) && Number(o) < 256)
  )
}

function isAliyunHost(host: string): boolean {
  const labels = host.split('.')
  return (
    host.length <= 253 &&
    host.endsWith('.aliyuncs.com') &&
    labels.every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label))
  )
}
