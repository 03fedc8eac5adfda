import { type Endpoint, endpointOfRegion, isRegionId, readEndpoint } from '../domain/endpoint.ts'
import type { WorkflowRun } from '../domain/workflowRun.ts'
import type { Given, Refuse } from './reading.ts'

/** The account: which site is asked, and with whose keys. */

export interface Credentials {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  /** Only with session credentials of STS. */
  readonly securityToken?: string
}

export const SECRET_INPUTS = ['access-key-id', 'access-key-secret', 'security-token', 'github-token'] as const
export const SECRET_VARIABLES = [
  'ALIBABA_CLOUD_ACCESS_KEY_ID',
  'ALIBABA_CLOUD_ACCESS_KEY_SECRET',
  'ALIBABA_CLOUD_SECURITY_TOKEN',
] as const

const DEFAULT_REGION = 'cn-shanghai'

export function readCloud(
  regionInput: string,
  regionVariable: string,
  endpointInput: string,
  rehearsal: boolean,
  refuse: Refuse,
): Endpoint | undefined {
  const regionName = regionInput !== '' || regionVariable === '' ? 'region-id' : 'ALIBABA_CLOUD_REGION_ID'
  const region = regionInput || regionVariable || DEFAULT_REGION
  const regionIsGood = isRegionId(region)
  if (!regionIsGood) {
    refuse(regionName, region, 'is not a region id: it looks like cn-shanghai or ap-southeast-1')
  }
  if (endpointInput === '') {
    if (!rehearsal) return regionIsGood ? endpointOfRegion(region) : undefined
    refuse(
      'endpoint',
      undefined,
      'is empty: rehearsal: true needs the address of the emulator, such as http://127.0.0.1:8080',
    )
    return undefined
  }
  const reading = readEndpoint(endpointInput, regionIsGood ? region : DEFAULT_REGION, rehearsal)
  if ('endpoint' in reading) return reading.endpoint
  // A value with a user (https://user:password@host) or a query (a signed URL) may hold a secret: it is not repeated.
  refuse('endpoint', /[@?#]/.test(endpointInput) ? undefined : endpointInput, reading.problem)
  return undefined
}

/** The first way that is configured is the only one tried: explicit keys, then the environment's. */
export function readCredentials(
  given: Given,
  variable: Given,
  refuse: Refuse,
  untrusted: () => WorkflowRun['untrusted'],
): Credentials | undefined {
  const explicit = readKeys(
    { id: 'access-key-id', secret: 'access-key-secret', token: 'security-token' },
    given('access-key-id'),
    given('access-key-secret'),
    given('security-token'),
    refuse,
    untrusted,
  )
  if (explicit !== 'none') return explicit
  const [id, secret, token] = SECRET_VARIABLES
  const ambient = readKeys({ id, secret, token }, variable(id), variable(secret), variable(token), refuse, untrusted)
  if (ambient !== 'none') return ambient
  refuse(
    'access-key-id',
    undefined,
    `is empty and no other credentials were found: give access-key-id and access-key-secret, or log in with an earlier step that sets ${id} and ${secret}${withheld(untrusted())}`,
  )
  return undefined
}

function readKeys(
  names: { id: string; secret: string; token: string },
  id: string,
  secret: string,
  token: string,
  refuse: Refuse,
  untrusted: () => WorkflowRun['untrusted'],
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
      `is empty, but ${names.id} and ${names.secret} are needed together${names.id === 'access-key-id' ? ', and variables do not fill in for inputs' : ''}: if it comes from a secret, the secret is not set or not available to this event${withheld(untrusted())}`,
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

/** The end of a sentence about missing keys, where it is GitHub that keeps them back, with the condition to use. */
function withheld(untrusted: WorkflowRun['untrusted']): string {
  switch (untrusted) {
    case 'fork':
      return " (GitHub gives no secrets to pull requests from forks: leave the job out there with if: github.event_name != 'pull_request' || github.event.pull_request.head.repo.full_name == github.repository)"
    case 'dependabot':
      return " (GitHub gives no Actions secrets to runs that Dependabot starts: leave the job out there with if: github.actor != 'dependabot[bot]', or set the secrets for Dependabot too)"
    default:
      return ''
  }
}
