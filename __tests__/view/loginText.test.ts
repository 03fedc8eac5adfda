import type { Login } from '../../src/domain/login.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import type { Failure, FailureCause } from '../../src/domain/scan.ts'
import { type Fact, FORGIVABLE, judge } from '../../src/domain/verdict.ts'
import { nextSteps } from '../../src/view/remedies.ts'
import { toHtml, toLog, toReason } from '../../src/view/sentence.ts'
import { reason } from '../../src/view/verdictText.ts'
import { failure, outcomeOf, waited } from '../support/builders.ts'
import { HOSTILE_NAMES } from '../support/hostile.ts'

/** What is said where a run is not let in, or where something on the way keeps it out. */

const claims = {
  iss: 'https://token.actions.githubusercontent.com',
  aud: 'sts.aliyuncs.com',
  sub: 'repo:example/app:environment:production',
}

/** Refused at the login, before there was a task to look at. */
function atLogin(cause: FailureCause, more: Partial<Failure>, login: Login['kind'] = 'role'): Outcome {
  const refused = failure(cause, { action: 'AssumeRoleWithOIDC', ...more })
  const fact: Fact = { kind: 'call-ended', purpose: 'login', ending: { kind: 'denied', failure: refused } }
  return outcomeOf([], { judgement: judge([fact], FORGIVABLE), access: { login } })
}

/** Refused in the middle of the wait. */
function inTheWait(cause: FailureCause, more: Partial<Failure>, login: Login['kind'] = 'role'): Outcome {
  return outcomeOf([waited({ kind: 'denied', failure: failure(cause, more) })], { access: { login } })
}

const steps = (outcome: Outcome) => nextSteps(outcome).map(toLog).join('\n')
const said = (outcome: Outcome) => toReason(reason(outcome))

describe('each refusal of STS names the setting to mend', () => {
  const OIDC = 'AuthenticationFail.OIDCToken'
  test.each<[string, Partial<Failure>, RegExp]>([
    [
      `${OIDC}.AudienceNotMatch`,
      {},
      /^The token is for the audience sts\.aliyuncs\.com: add that to the client ids .* or set audience/,
    ],
    [
      `${OIDC}.IssuerNotMatch`,
      {},
      /issued by https:\/\/token\.actions\.githubusercontent\.com: the OIDC provider .*oidc-provider-arn .* as its issuer/,
    ],
    [`${OIDC}.HttpsUrlInvalid`, {}, /oidc-provider-arn .* as its issuer/],
    [`${OIDC}.InvalidSignature`, {}, /fingerprint .*oidc-provider-arn/],
    [`${OIDC}.PublicKeyFingerprintMismatch`, {}, /fingerprint .*oidc-provider-arn/],
    [`${OIDC}.Invalid`, {}, /fingerprint .*oidc-provider-arn/],
    [
      'AuthenticationFail.NoPermission',
      {},
      /oidc-provider-arn names a provider that exists, and that the trust policy of role-to-assume .*: oidc:iss https:\/\/token\S+, oidc:aud sts\.aliyuncs\.com, oidc:sub repo:example\/app:environment:production\.$/,
    ],
    [`${OIDC}.Expired`, {}, /^STS calls tokens too old that had just been handed out: .*oidc-provider-arn/],
    ['EntityNotExist.Role', {}, /^role-to-assume names a role that does not exist/],
    ['InvalidParameter.DurationSeconds', {}, /^Lower role-session-expiration, or raise the maximum session duration/],
    [
      'InvalidParameter',
      { message: 'The Min/Max value of DurationSeconds is 15min/1hr.' },
      /^Lower role-session-expiration/,
    ],
    ['InvalidParameter.RoleSessionName', {}, /role-to-assume, oidc-provider-arn, role-session-name and audience/],
    ['NoPermission', {}, /^Compare role-to-assume/],
    ['HTTP403', { action: 'GetIDToken' }, /^See that the job has permissions: id-token: write\.$/],
    [
      'MetadataUnreachable',
      { action: 'GetInstanceRole' },
      /^ecs-ram-role is for self-hosted runners on ECS: .*role-to-assume/,
    ],
    ['RoleNotAttached', { action: 'GetInstanceRole' }, /^Attach the RAM role .*ecs-ram-role/],
    ['MetadataDisabled', { action: 'GetInstanceRole' }, /^Unset ALIBABA_CLOUD_ECS_METADATA_DISABLED/],
    ['MetadataForbidden', { action: 'GetInstanceRole' }, /metadata service of the instance is switched on/],
  ])('%s', (code, more, remedy) => {
    for (const spelt of [code, code.startsWith('Auth') ? code.toUpperCase() : code]) {
      const outcome = atLogin('login', { code: spelt, claims, ...more })
      expect(steps(outcome)).toMatch(remedy)
      expect(nextSteps(outcome)).toHaveLength(1)
      expect(said(outcome)).toMatch(/^The login was refused: \S+ \(/)
    }
  })

  test('the reason has code and words of STS', () => {
    expect(said(atLogin('login', { code: 'AuthenticationFail.NoPermission', message: 'There is no permission' }))).toBe(
      'The login was refused: AuthenticationFail.NoPermission (There is no permission)',
    )
    expect(
      said(inTheWait('login', { code: 'AuthenticationFail.NoPermission', message: 'There is no permission' })),
    ).toBe('The cloud refused virus scan task 282832: AuthenticationFail.NoPermission (There is no permission)')
  })
})

test('where STS does not say whose the credentials are, no policy is printed: nobody needs a permission for that', () => {
  const outcome = atLogin('login', { action: 'GetCallerIdentity', code: 'NoPermission' }, 'keys')
  expect(steps(outcome)).toMatch(
    /^See that sts-endpoint is a service of STS, and that no policy .* GetCallerIdentity\.$/,
  )
})

describe('another account', () => {
  const message = 'the credentials are of account 1, and allowed-account-ids lists 2, 3'
  test('is told with both', () => {
    expect(said(atLogin('account', { code: 'AccountNotAllowed', message }))).toBe(
      'The account is not allowed: the credentials are of account 1, and allowed-account-ids lists 2, 3',
    )
  })
  test.each<[Login['kind'], RegExp]>([
    ['role', /^See that role-to-assume is a role of the right account, or add the account to allowed-account-ids\.$/],
    ['keys', /^See that the credentials are those of the right account, or add the account to allowed-account-ids\.$/],
    ['ecs-role', /^See that the credentials are/],
  ])('of a %s', (login, remedy) => {
    expect(steps(atLogin('account', { code: 'AccountNotAllowed', message }, login))).toMatch(remedy)
  })
})

describe('a session that has ended', () => {
  test('of an earlier step cannot be renewed here', () => {
    const outcome = inTheWait('credentials', { code: 'InvalidSecurityToken.Expired' }, 'keys')
    expect(said(outcome)).toMatch(/InvalidSecurityToken\.Expired \(the session of the credentials has ended\)$/)
    expect(steps(outcome)).toMatch(
      /cannot renew .*role-to-assume with oidc-provider-arn.* raise role-session-expiration/,
    )
  })
  test.each<Login['kind']>(['role', 'ecs-role'])('that had just been fetched (%s) is another matter', (login) => {
    const outcome = inTheWait('credentials', { code: 'SecurityTokenExpired' }, login)
    expect(steps(outcome)).toMatch(/just been fetched .*revoked/)
    expect(steps(outcome)).not.toMatch(/role-session-expiration/)
  })
})

describe('a clock that is wrong', () => {
  test.each([
    [3_723_000, 'InvalidTimeStamp.Expired (the clock of the runner is 1 h 2 min ahead of that of the cloud)'],
    [-1_200_000, 'InvalidTimeStamp.Expired (the clock of the runner is 20 min behind that of the cloud)'],
    [undefined, 'InvalidTimeStamp.Expired (the clock of the runner is wrong)'],
  ])('by %s ms', (ahead, words) => {
    const more = ahead === undefined ? {} : { clockAheadMs: ahead }
    const outcome = atLogin('clock', { code: 'InvalidTimeStamp.Expired', ...more })
    expect(said(outcome)).toBe(`The login was refused: ${words}`)
    expect(steps(outcome)).toMatch(/^Set the runner's clock/)
  })
})

describe('what is on the way', () => {
  const host = 'proxy.example:3128'
  test('a certificate names host, reason and variable', () => {
    const message = 'the TLS certificate of tds.cn-shanghai.aliyuncs.com has expired'
    const of = { code: 'CERT_HAS_EXPIRED', message, host: 'tds.cn-shanghai.aliyuncs.com' }
    expect(said(inTheWait('untrusted', of))).toBe(
      `No connection to the cloud for virus scan task 282832: CERT_HAS_EXPIRED (${message})`,
    )
    expect(said(atLogin('untrusted', of))).toBe(`No connection to the cloud to log in: CERT_HAS_EXPIRED (${message})`)
    expect(steps(inTheWait('untrusted', of))).toMatch(
      /answers for tds\.cn-shanghai\.aliyuncs\.com, give Node its certificate authority: set NODE_EXTRA_CA_CERTS/,
    )
  })
  test('of whom nothing is known, no name is missing in the middle of the sentence', () => {
    expect(steps(atLogin('untrusted', { code: 'CertificateNotTrusted' }))).toMatch(/yours answers for it, give/)
    expect(steps(atLogin('proxy-refused', { code: 'ProxyRefused', message: 'answered 407' }))).toMatch(
      /^The proxy wants a user/,
    )
    expect(steps(atLogin('proxy-refused', { code: 'ProxyRefused', message: 'answered 403' }))).toMatch(
      /^See that the proxy may connect/,
    )
  })
  test.each([
    [407, /^The proxy proxy\.example:3128 wants a user and a password, the right ones: put them into HTTPS_PROXY/],
    [403, /^See that the proxy proxy\.example:3128 may connect .*NO_PROXY\.$/],
  ])('a proxy that answers %i', (status, remedy) => {
    const message = `the proxy ${host} answered ${status} and did not connect to x`
    const outcome = atLogin('proxy-refused', { code: 'ProxyRefused', message, host })
    expect(said(outcome)).toBe(`No connection to the cloud to log in: ProxyRefused (${message})`)
    expect(steps(outcome)).toMatch(remedy)
  })
})

test('a login that is not had in time says so', () => {
  const down = failure('server', { code: 'ServiceUnavailable', action: 'AssumeRoleWithOIDC' })
  const fact: Fact = { kind: 'call-ended', purpose: 'login', ending: { kind: 'unavailable', failure: down } }
  const outcome = outcomeOf([], { judgement: judge([fact], FORGIVABLE) })
  expect(said(outcome)).toBe(
    'It was not possible to log in: too many calls in a row failed, the last with ServiceUnavailable',
  )
})

describe('claims, codes and messages are foreign text', () => {
  test.each(HOSTILE_NAMES)('%j', (name) => {
    const codes = [
      'AuthenticationFail.NoPermission',
      'AuthenticationFail.OIDCToken.AudienceNotMatch',
      'AuthenticationFail.OIDCToken.IssuerNotMatch',
      'AuthenticationFail.OIDCToken.Invalid',
      name,
    ]
    const foreign = { message: name, host: name, claims: { iss: name, aud: name, sub: name } }
    const outcomes = [
      ...codes.map((code) => atLogin('login', { code, ...foreign })),
      ...(['account', 'untrusted', 'proxy-refused'] as const).map((cause) =>
        atLogin(cause, { code: name, ...foreign }),
      ),
    ]
    for (const outcome of outcomes) {
      expect(said(outcome)).toMatch(/^[A-Za-z0-9 ._:,()/@-]+$/)
      for (const sentence of [reason(outcome), ...nextSteps(outcome)]) {
        const log = toLog(sentence)
        expect(log).not.toMatch(/[\r\n]|##\[/)
        expect(log).not.toMatch(/^\s*::/)
        const html = toHtml(sentence)
        expect(html.replaceAll(/<code>[^<>"']*<\/code>/g, '')).not.toMatch(/<|>|@octocat|evil/)
      }
    }
  })
})
