import type { Failure } from '../domain/scan.ts'

/**
 * What Node says of a connection that failed, and in which words to tell it. Source of the codes: Node's pages on errors
 * and on TLS, whose codes of certificates are OpenSSL's.
 */

export type NetworkFailure = Pick<Failure, 'cause' | 'code' | 'message' | 'host' | 'isUnconnected'>

/** `host` is whom the request was for. Undefined for what is no error of the network. */
export function networkFailure(thrown: unknown, host: string): NetworkFailure | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined
  const { code, proxy, status } = thrown as {
    readonly code?: unknown
    readonly proxy?: unknown
    readonly status?: unknown
  }
  if (typeof code !== 'string' || code === 'ABORT_ERR') return undefined
  const whom = typeof proxy === 'string' ? proxy : host
  const isProxy = typeof proxy === 'string'
  if (code === 'ProxyRefused') {
    const cause = isProxyRefusal(Number(status)) ? 'proxy-refused' : 'network'
    return {
      cause,
      code,
      message: `the proxy ${whom} answered ${String(status)} and did not connect to ${host}`,
      host: whom,
      isUnconnected: true,
    }
  }
  if (!/^[A-Z][A-Z0-9_]+$/.test(code)) return undefined
  if (isOfCertificate(code)) {
    return { cause: 'untrusted', code, message: `the TLS certificate of ${whom} ${certificateWords(code)}`, host: whom }
  }
  // An error of the proxy itself comes before there is a tunnel.
  const unconnected = isProxy ? ({ isUnconnected: true } as const) : {}
  const words = connectionWords(code, isProxy ? `the proxy ${whom}` : whom)
  return { cause: 'network', code, message: words, host: whom, ...unconnected }
}

/**
 * These are about who asks and for what; what else a proxy answers is a trouble of its own, which may heal. 401 is no
 * status for a proxy, but tinyproxy says it of a wrong password, and 407 only where there is none.
 */
function isProxyRefusal(status: number): boolean {
  return status === 401 || status === 403 || status === 407
}

const OF_CERTIFICATES =
  /CERT|^UNABLE_TO_VERIFY_LEAF_SIGNATURE$|^INVALID_(?:CA|PURPOSE)$|^PATH_LENGTH_EXCEEDED$|^HOSTNAME_MISMATCH$|^ERROR_IN_CRL|^CRL_/

function isOfCertificate(code: string): boolean {
  // An alert is the other side's: it does not like a certificate of ours.
  return OF_CERTIFICATES.test(code) && !code.includes('_ALERT_')
}

function certificateWords(code: string): string {
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
    case 'HOSTNAME_MISMATCH':
      return 'is for another name'
    case 'CERT_HAS_EXPIRED':
      return 'has expired'
    case 'CERT_NOT_YET_VALID':
      return 'is not valid yet'
    case 'CERT_REVOKED':
      return 'was revoked'
    default:
      return 'is not of a certificate authority that this runner trusts'
  }
}

/** The common ones in words; the code says the rest. */
function connectionWords(code: string, whom: string): string {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name of ${whom} could not be resolved`
    case 'ECONNREFUSED':
      return `nothing accepts connections at ${whom}`
    case 'ECONNRESET':
    case 'EPIPE':
      return `the connection to ${whom} was cut`
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return `${whom} cannot be reached from this runner`
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return `${whom} does not speak TLS`
    default:
      return `the connection to ${whom} failed`
  }
}
