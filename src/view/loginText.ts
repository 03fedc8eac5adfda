import type { Outcome } from '../domain/outcome.ts'
import type { Failure } from '../domain/scan.ts'
import { own, type Sentence, say } from './sentence.ts'

/** How a run that is not let in is spoken of, and what to mend: settings in RAM, at GitHub, of the runner or the network. */

/** What to do about a refused login. Source of the codes: the pages of STS; the others are this action's own. */
export function loginRemedy({ code, message, claims }: Failure): Sentence {
  const lower = code.toLowerCase()
  const is = (end: string) => lower.endsWith(end)
  if (is('.audiencenotmatch')) {
    return say`The token is for the audience ${claims?.aud ?? ''}: add that to the client ids of the OIDC provider in RAM, or set audience to one that it has.`
  }
  if (is('.issuernotmatch') || is('.httpsurlinvalid')) {
    return say`The token was issued by ${claims?.iss ?? ''}: the OIDC provider that oidc-provider-arn names must have just this address as its issuer.`
  }
  if (is('.invalidsignature') || is('.publickeyfingerprintmismatch') || is('.invalid')) {
    return say`RAM cannot check the token of ${claims?.iss ?? ''}: take the fingerprint of that issuer anew in the settings of the OIDC provider that oidc-provider-arn names.`
  }
  if (is('.expired')) {
    return own(
      'STS calls tokens too old that had just been handed out: see the earliest time of issue in the settings of the OIDC provider that oidc-provider-arn names.',
    )
  }
  if (is('.nopermission')) {
    return say`See that oidc-provider-arn names a provider that exists, and that the trust policy of role-to-assume lets it in with what the token of this job says: oidc:iss ${claims?.iss ?? ''}, oidc:aud ${claims?.aud ?? ''}, oidc:sub ${claims?.sub ?? ''}.`
  }
  if (lower.startsWith('entitynotexist'))
    return own('role-to-assume names a role that does not exist: copy its ARN again.')
  if (/duration/i.test(`${code} ${message}`)) {
    return own(
      'Lower role-session-expiration, or raise the maximum session duration of the role: sessions are renewed in time, so that a short one is enough.',
    )
  }
  switch (code) {
    case 'MetadataUnreachable':
      return own(
        'ecs-ram-role is for self-hosted runners on ECS: run the job on such a runner, or use role-to-assume with oidc-provider-arn.',
      )
    case 'RoleNotAttached':
      return own('Attach the RAM role to the ECS instance of the runner, and give its name, or auto, as ecs-ram-role.')
    case 'MetadataDisabled':
      return own('Unset ALIBABA_CLOUD_ECS_METADATA_DISABLED on the runner, or log in another way.')
    case 'MetadataForbidden':
      return own(
        'See that the metadata service of the instance is switched on and that nothing on the runner keeps it from being asked.',
      )
  }
  if (/^HTTP4/.test(code)) return own('See that the job has permissions: id-token: write.')
  return own(
    'Compare role-to-assume, oidc-provider-arn, role-session-name and audience with the role and the provider in RAM.',
  )
}

/** What to do where a TLS certificate does not hold. */
export function trustRemedy({ host }: Failure): Sentence {
  const whom = host === undefined ? own('it') : say`${host}`
  return say`If a proxy or a firewall of yours answers for ${whom}, give Node its certificate authority: set NODE_EXTRA_CA_CERTS to a PEM file, in env: of this step or of the runner. If nothing of yours should be in between, do not go on: somebody else may be answering.`
}

/** What to do where a proxy lets nothing through. */
export function proxyRemedy({ host, message }: Failure): Sentence {
  const proxy = host === undefined ? own('proxy') : say`proxy ${host}`
  return /\b40[17]\b/.test(message)
    ? say`The ${proxy} wants a user and a password, the right ones: put them into HTTPS_PROXY (http://user:password@host:port, percent-encoded).`
    : say`See that the ${proxy} may connect to the host named above, or leave that host out of it with NO_PROXY.`
}

export function accountRemedy(outcome: Outcome): Sentence {
  return outcome.access?.login === 'role'
    ? own('See that role-to-assume is a role of the right account, or add the account to allowed-account-ids.')
    : own('See that the credentials are those of the right account, or add the account to allowed-account-ids.')
}

/** What to do where STS does not say whose the credentials are, for which nobody needs a permission. */
export function identityRemedy(): Sentence {
  return own(
    'See that sts-endpoint is a service of STS, and that no policy keeps these credentials from GetCallerIdentity.',
  )
}

/** What to do about a session that has ended. */
export function endedSessionRemedy({ access }: Outcome): Sentence {
  return access === undefined || access.login === 'keys'
    ? own(
        'The session of the credentials ended during the wait, and this action cannot renew what an earlier step got: let it assume the role itself (role-to-assume with oidc-provider-arn), or raise role-session-expiration in the step that logs in, and the maximum session duration of the RAM role where it allows less.',
      )
    : own(
        'A session that had just been fetched is refused as well: see whether the role was changed or its sessions were revoked.',
      )
}
