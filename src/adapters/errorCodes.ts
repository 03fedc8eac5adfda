import type { FailureCause } from '../domain/scan.ts'

/**
 * Which of the cloud's error codes may heal and which are refusals for good. Decided by the code, not by the HTTP
 * status: the products disagree on the status of one and the same code.
 *
 * Sources: the common error codes of the RPC gateway, the error pages of Security Center and STS, and the codes that
 * the official SDKs and tools retry. The first row that fits decides. A code that no row names is never taken for a
 * refusal.
 */
const CLASSES: readonly (readonly [RegExp, FailureCause])[] = [
  [/^(?:rejected\.)?throttling(?:\.|$)/, 'throttled'],
  [
    /^(?:serviceunavailable|internalerror|servererror|unknownerror|systemerror|systembusy|servicebusy)(?:\.|$)/,
    'server',
  ],
  [/^requesttimeout$/, 'server'],
  // Sent once more under a new nonce, the request is good.
  [/^signaturenonceused$/, 'server'],

  [/^(?:invalidtimestamp\.expired|illegaltimestamp)$/, 'clock'],
  [/^(?:signaturedoesnotmatch|incompletesignature|invalidtimestamp\.format)$/, 'credentials'],
  [/^(?:invalidaccesskeyid|inactiveaccesskeyid)(?:\.|$)/, 'credentials'],
  [
    /^(?:forbidden\.accesskey|invalidsecuritytoken\.|missingsecuritytoken$|securitytokenexpired$|invalidsecuritytoken$)/,
    'credentials',
  ],
  [/^missingaccesskeyid$/, 'credentials'],

  [/^(?:nopermission|forbidden|actionunauthorized|unauthorized)(?:\.|$)/, 'permission'],

  [
    /^(?:missing|invalidparameter|illegalparam|illegalparameter|invalidaction|invalidapi|nosuchversion|invalidversion|invalidproduct)/,
    'request',
  ],
  [/^(?:unsupportedoperation|unsupportedhttpmethod|invalidtaskid)(?:\.|$)/, 'request'],
]

/**
 * What a refusal of AssumeRoleWithOIDC comes to. Whatever it has against the request, the settings of the login are to be
 * mended; only an OIDC token that has ended is replaced, and what STS could not fetch from the issuer may heal.
 *
 * Source: the error codes on the pages of STS.
 */
export function classifyLogin(code: string): FailureCause {
  const lower = code.toLowerCase()
  if (lower === 'authenticationfail.oidctoken.expired') return 'session-ended'
  if (lower === 'authenticationfail.oidctoken.issuerconfigurationbroken') return 'server'
  if (/^(?:authenticationfail|entitynotexist)(?:\.|$)/.test(lower)) return 'login'
  const cause = classify(code)
  return cause === 'permission' || cause === 'credentials' || cause === 'request' ? 'login' : cause
}

/** Whether a `Code` says that session credentials were good once. */
export function saysSessionEnded(code: string): boolean {
  return /^(?:invalidsecuritytoken\.expired|securitytokenexpired)$/i.test(code)
}

/** The class of a `Code`, read without regard to case. */
export function classify(code: string): FailureCause {
  const lower = code.toLowerCase()
  return CLASSES.find(([pattern]) => pattern.test(lower))?.[1] ?? 'unknown-code'
}
