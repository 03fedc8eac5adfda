import { isLoopback } from '../domain/endpoint.ts'
import { accountOfRole, type Login, type RoleLogin } from '../domain/login.ts'
import type { Credentials } from '../domain/session.ts'
import type { WorkflowRun } from '../domain/workflowRun.ts'
import { type Given, type Refuse, wholeNumber, wordsOf } from './reading.ts'

/** The ways to get credentials: explicit keys, a role by GitHub's OIDC token, the role of an ECS instance, variables. */

export const SECRET_INPUTS = ['access-key-id', 'access-key-secret', 'security-token', 'github-token'] as const
export const SECRET_VARIABLES = [
  'ALIBABA_CLOUD_ACCESS_KEY_ID',
  'ALIBABA_CLOUD_ACCESS_KEY_SECRET',
  'ALIBABA_CLOUD_SECURITY_TOKEN',
] as const
/** Of the runner: where OIDC tokens are asked for, and what with, which it masks as well. */
export const TOKEN_URL_VARIABLE = 'ACTIONS_ID_TOKEN_REQUEST_URL'
export const REQUEST_TOKEN_VARIABLE = 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'

/** What is needed to read them. `text` is an input with its default, `given` without. */
export interface LoginSources {
  readonly given: Given
  readonly text: Given
  readonly variable: Given
  readonly run: () => WorkflowRun
  readonly refuse: Refuse
}

/** The first way that is configured is the only one tried; what is given for the others must be well-formed all the same. */
export function readLogin(sources: LoginSources): Login | undefined {
  const { given, variable, run, refuse } = sources
  const explicit = readKeys(
    { id: 'access-key-id', secret: 'access-key-secret', token: 'security-token' },
    { id: given('access-key-id'), secret: given('access-key-secret'), token: given('security-token') },
    sources,
  )
  const isRoleWanted = given('role-to-assume') !== '' || given('oidc-provider-arn') !== ''
  const isEcsWanted = given('ecs-ram-role') !== ''
  const [id, secret, token] = SECRET_VARIABLES
  const isAmbientUsed = explicit === 'none' && !isRoleWanted && !isEcsWanted
  const ambient = isAmbientUsed
    ? readKeys({ id, secret, token }, { id: variable(id), secret: variable(secret), token: variable(token) }, sources)
    : 'none'
  if (isAmbientUsed && ambient === 'none') {
    refuse(
      'role-to-assume',
      undefined,
      `is empty and no other credentials were found: give role-to-assume and oidc-provider-arn (keyless), ecs-ram-role on a runner in ECS, or access-key-id and access-key-secret, or log in with an earlier step that sets ${id} and ${secret}${withheld(run().untrusted)}`,
    )
  }

  const role = readRole(sources, isRoleWanted, explicit === 'none')
  const ecsRole = readEcsRole(sources)
  if (explicit !== 'none') return explicit && { kind: 'keys', from: 'inputs', credentials: explicit }
  if (isRoleWanted) return role && { kind: 'role', ...role }
  if (isEcsWanted) return ecsRole === undefined ? undefined : { kind: 'ecs-role', role: ecsRole }
  return ambient === 'none' ? undefined : ambient && { kind: 'keys', from: 'environment', credentials: ambient }
}

/** The accounts that `allowed-account-ids` lists; none means any. */
export function readAllowedAccounts(given: Given, refuse: Refuse): readonly string[] | undefined {
  const ids = wordsOf(given('allowed-account-ids'))
  // Commas alone are what is left of variables that are not set: no list at all would let any account in.
  if (ids.length === 0 && given('allowed-account-ids') !== '') {
    refuse('allowed-account-ids', given('allowed-account-ids'), 'has no account id in it')
    return undefined
  }
  const bad = ids.filter((id) => !/^[0-9]{1,20}$/.test(id))
  for (const id of bad) refuse('allowed-account-ids', id, 'is not an account id: it looks like 1234567890123456')
  return bad.length === 0 ? ids : undefined
}

function readRole({ given, text, variable, run, refuse }: LoginSources, isWanted: boolean, isUsed: boolean) {
  const [roleArn, providerArn] = [given('role-to-assume'), given('oidc-provider-arn')]
  let isGood = true
  const check = (name: string, value: string | undefined, problem: string | undefined) => {
    if (problem === undefined) return
    refuse(name, value, problem)
    isGood = false
  }
  if (isWanted) {
    check(
      'role-to-assume',
      roleArn || undefined,
      arnProblem(roleArn, accountOfRole(roleArn) !== undefined, 'role/scan-gate', 'oidc-provider-arn'),
    )
    if (isUsed && (variable(TOKEN_URL_VARIABLE) === '' || variable(REQUEST_TOKEN_VARIABLE) === '')) {
      check(
        'role-to-assume',
        roleArn || undefined,
        `needs an OIDC token of GitHub, and this job may not ask for one: give the job permissions: id-token: write${withheld(run().untrusted)}`,
      )
    } else if (isUsed && !isPrivate(variable(TOKEN_URL_VARIABLE))) {
      check(
        TOKEN_URL_VARIABLE,
        undefined,
        'is no https address, and the request for an OIDC token is not sent in the clear',
      )
    }
    check(
      'oidc-provider-arn',
      providerArn || undefined,
      arnProblem(providerArn, PROVIDER_ARN.test(providerArn), 'oidc-provider/GitHub', 'role-to-assume'),
    )
  }
  const sessionName = given('role-session-name') || (isWanted ? defaultSessionName(run()) : '')
  if (given('role-session-name') !== '' && !SESSION_NAME.test(sessionName)) {
    check('role-session-name', sessionName, 'is not a session name: 2 to 64 of the characters A-Z a-z 0-9 . @ _ -')
  }
  const duration = wholeNumber({ least: 900, most: 43_200 })(text('role-session-expiration'))
  if ('problem' in duration)
    check('role-session-expiration', text('role-session-expiration'), `${duration.problem} (seconds)`)
  const audience = text('audience')
  if (!/^[\x21-\x7e]{1,255}$/.test(audience)) {
    check(
      'audience',
      audience,
      'is not an audience: it is one of the client ids of the OIDC provider in RAM, such as sts.aliyuncs.com',
    )
  }
  if (!isGood || 'problem' in duration) return undefined
  return { roleArn, providerArn, sessionName, durationSeconds: duration.value, audience } satisfies RoleLogin
}

/** Whether nobody on the way can read what is sent there. */
function isPrivate(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

const PROVIDER_ARN = /^acs:ram::[0-9]{1,20}:oidc-provider\/[A-Za-z0-9._@-]{1,128}$/
const SESSION_NAME = /^[A-Za-z0-9.@_-]{2,64}$/

function arnProblem(arn: string, isGood: boolean, resource: string, other: string): string | undefined {
  if (arn === '') return `is empty, but ${other} is given: keyless login needs both ARNs`
  return isGood ? undefined : `is not the ARN in full, such as acs:ram::1234567890123456:${resource}`
}

/** Repository and run, so that the cloud's audit trail leads back to here: the run whole, the repository as it fits. */
function defaultSessionName({ repository, runId }: WorkflowRun): string {
  const suffix = runId === '' ? '' : `-${runId}`
  const name = repository.replaceAll(/[^A-Za-z0-9._-]/g, '.').slice(0, 64 - suffix.length)
  const whole = `${name}${suffix}`
  return SESSION_NAME.test(whole) ? whole : 'virus-scan-gate'
}

function readEcsRole({ given, refuse }: LoginSources): string | 'auto' | undefined {
  const role = given('ecs-ram-role')
  if (role === '') return undefined
  if (role.toLowerCase() === 'auto') return 'auto'
  if (/^[A-Za-z0-9._-]{1,64}$/.test(role)) return role
  refuse('ecs-ram-role', role, 'is not the name of a RAM role (its name alone, no ARN), nor auto')
  return undefined
}

function readKeys(
  names: { readonly id: string; readonly secret: string; readonly token: string },
  { id, secret, token }: { readonly id: string; readonly secret: string; readonly token: string },
  { run, refuse }: LoginSources,
): Credentials | undefined | 'none' {
  if (id === '' && secret === '' && token === '') return 'none'
  let good = true
  for (const [name, value] of [
    [names.id, id],
    [names.secret, secret],
  ] as const) {
    if (value !== '') continue
    refuse(
      name,
      undefined,
      `is empty, but ${names.id} and ${names.secret} are needed together${names.id === 'access-key-id' ? ', and variables do not fill in for inputs' : ''}: if it comes from a secret, the secret is not set or not available to this event${withheld(run().untrusted)}`,
    )
    good = false
  }
  for (const [name, value] of [
    [names.id, id],
    [names.secret, secret],
    [names.token, token],
  ] as const) {
    if (/^[\x21-\x7e]*$/.test(value)) continue
    refuse(
      name,
      undefined,
      'has a character in it that no key has (a space, a line break or a non-ASCII letter): copy it again',
    )
    good = false
  }
  if (!good) return undefined
  return { accessKeyId: id, accessKeySecret: secret, ...(token === '' ? {} : { securityToken: token }) }
}

/** The end of a sentence about what is missing, where it is GitHub that keeps it back, with the condition to use. */
function withheld(untrusted: WorkflowRun['untrusted']): string {
  switch (untrusted) {
    case 'fork':
      return " (GitHub gives no secrets and no OIDC tokens to pull requests from forks: leave the job out there with if: github.event_name != 'pull_request' || github.event.pull_request.head.repo.full_name == github.repository)"
    case 'dependabot':
      return " (GitHub gives no Actions secrets to runs that Dependabot starts: leave the job out there with if: github.actor != 'dependabot[bot]', or set the secrets for Dependabot too)"
    default:
      return ''
  }
}
