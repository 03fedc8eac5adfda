import * as answers from '../../src/emulator/answers.ts'
import type { Account, CloudState } from '../../src/emulator/cloud.ts'
import type { GitHubState } from '../../src/emulator/gitHub.ts'
import { ACCOUNT, SCENARIOS, type Scenario } from '../../src/emulator/scenarios.ts'
import type { Params } from '../../src/emulator/signature.ts'
import { REQUEST_TOKEN } from '../../src/emulator/tokenService.ts'
import type { BundleRun, Twist } from './bundle.ts'
import type { ConnectProxyOptions } from './connectProxy.ts'
import type { Secrets } from './secretSpellings.ts'

/** Secrets that are nowhere else, in whatever place a run may have one, and how a story with them is told. */

/** Runs that have secrets which are nowhere else: every scenario, every way to log in, every way in which that fails. */
export interface SecretStory {
  readonly cloud: CloudState
  readonly run: BundleRun
  readonly verdict: string
  readonly github?: Partial<GitHubState>
  /** Starts a proxy, whose password is the marked one; the run is no rehearsal then. */
  readonly proxy?: ConnectProxyOptions
  /** What the run meets besides what all of them have. */
  readonly secrets?: Secrets
  /** Whether it is about more sessions than one. */
  readonly isRenewed?: true
}

// With characters that URLs, forms, JSON, HTML, base64 and the runner's commands each write in their own way.
export const MARKED = {
  accessKeyId: `LTAI5t<Marked>"Id"&%2B~'`,
  accessKeySecret: `Marked\\Secret"of'them>+/~=`,
  securityToken: `CAIS+Marked/Token<that>"is"&%25/long~enough+to/be'cut==`,
} satisfies Account
export const WRONG_SECRET = `Wrong\\but"Marked'Secret>+/=`
export const GITHUB_TOKEN = 'ghs_MarkedTokenOfThisJob0123456789abcdef'
export const PASSWORD = { written: 'p%40ss-MarkedOfProxy', meant: 'p@ss-MarkedOfProxy' }
export const BASIC = Buffer.from(`user:${PASSWORD.meant}`).toString('base64')
export const proxyAt = (host: string) => `http://user:${PASSWORD.written}@${host}`

/** What every run has, whether it uses it or not. */
export const SECRETS: Secrets = {
  'the key id': MARKED.accessKeyId,
  'the key secret': MARKED.accessKeySecret,
  'the security token': MARKED.securityToken,
  'the wrong secret': WRONG_SECRET,
  "GitHub's token": GITHUB_TOKEN,
  'the request token': REQUEST_TOKEN,
  'the password of the proxy': PASSWORD.meant,
  'the password of the proxy as written': PASSWORD.written,
  'user and password of the proxy': BASIC,
}

export const KEYS = {
  'access-key-id': MARKED.accessKeyId,
  'access-key-secret': MARKED.accessKeySecret,
  'security-token': MARKED.securityToken,
}
export const VARIABLES = {
  ALIBABA_CLOUD_ACCESS_KEY_ID: MARKED.accessKeyId,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: MARKED.accessKeySecret,
  ALIBABA_CLOUD_SECURITY_TOKEN: MARKED.securityToken,
}
export const NO_KEYS = { 'access-key-id': '', 'access-key-secret': '', 'security-token': '' }

/** The scenario's secrets, replaced by marked ones. */
const MARKS: Readonly<Record<string, string>> = {
  [ACCOUNT.accessKeyId]: MARKED.accessKeyId,
  [ACCOUNT.accessKeySecret]: MARKED.accessKeySecret,
  [ACCOUNT.securityToken ?? '']: MARKED.securityToken,
  'not-the-emulated-secret': WRONG_SECRET,
  'emulated-github-token': GITHUB_TOKEN,
}

export function marked({ cloud, inputs, files, event, identity, github, cancelAfterLooks, verdict }: Scenario) {
  const { 'min-poll-seconds': _, ...others } = inputs
  const { permissions, ...state } = github ?? {}
  return {
    cloud: { ...cloud, account: { ...cloud.account, ...MARKED } },
    run: {
      inputs: Object.fromEntries(Object.entries(others).map(([name, value]) => [name, MARKS[value] ?? value])),
      ...(files === undefined ? {} : { files }),
      ...(event === undefined ? {} : { event }),
      ...(identity === undefined ? {} : { identity }),
      ...(cancelAfterLooks === undefined ? {} : { signals: { afterLooks: cancelAfterLooks, send: ['SIGINT'] } }),
    },
    github: { ...state, ...(permissions === undefined ? {} : { tokens: { [GITHUB_TOKEN]: permissions } }) },
    verdict,
  } satisfies SecretStory
}

function scenario(name: string): SecretStory {
  const found = SCENARIOS[name]
  if (found === undefined) throw new Error(`there is no scenario ${name}`)
  return marked(found)
}

export const passed = scenario('passed')
export const keyless = scenario('keyless')

/** A story told in another way: what is given is added, for `inputs` and `env` one by one. */
export function told(
  from: SecretStory,
  verdict: string,
  { cloud, run, ...others }: Omit<Partial<SecretStory>, 'cloud'> & { readonly cloud?: Partial<CloudState> },
): SecretStory {
  return {
    ...from,
    ...others,
    verdict,
    cloud: { ...from.cloud, ...cloud },
    run: {
      ...from.run,
      ...run,
      inputs: { ...from.run.inputs, ...run?.inputs },
      env: { ...from.run.env, ...run?.env },
    },
  }
}
export const withInputs = (inputs: Readonly<Record<string, string>>, verdict = 'invalid-input') =>
  told(passed, verdict, { run: { inputs } })
export const withEnv = (env: Readonly<Record<string, string>>, verdict: string, inputs = NO_KEYS as object) =>
  told(passed, verdict, { run: { inputs: { ...inputs }, env } })

const at =
  (action: string, make: (params: Params) => answers.Answer): Twist =>
  (answer, { params }) =>
    params.Action === action ? make(params) : answer
export const ONCE = { 'max-consecutive-errors': '1' }

/** STS has the token in its answer. */
export function stsSays(verdict: string, make: (token: string) => answers.Answer): SecretStory {
  return told(keyless, verdict, {
    run: { inputs: ONCE, twist: at('AssumeRoleWithOIDC', ({ OIDCToken = '' }) => make(OIDCToken)) },
  })
}

/** The cloud has key and token in its answer. */
export function cloudSays(make: (params: Params) => answers.Answer, verdict = 'denied'): SecretStory {
  return told(passed, verdict, { run: { inputs: ONCE, twist: at('DescribeScanTaskProgress', make) } })
}

/** What was planted in a reply. */
export const PLANTED = {
  'a planted key': 'STS.MarkedKeyInAReply',
  'a planted secret': 'MarkedSecret+of/aReply=',
  'a planted token': 'CAISMarked/Token+ofAReply/long+enough/to+be/cut==',
}
export const [plantedKey, plantedSecret, plantedToken] = Object.values(PLANTED) as [string, string, string]
export const PLANTED_JWT = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"sub":"Marked"}').toString('base64url')}.MarkedSignatureOfAToken0123456789`
export const grant = (credentials: object) => answers.success({ Credentials: credentials })

export function stsGives(answer: answers.Answer): SecretStory {
  return { ...stsSays('unavailable', () => answer), secrets: PLANTED }
}

export function tokenServiceSays(verdict: string, answer: answers.Answer): SecretStory {
  return told(keyless, verdict, {
    run: { inputs: ONCE, identity: { trouble: { first: [], rest: answer } } },
    secrets: { 'a planted JWT': PLANTED_JWT, 'the signature of a planted JWT': PLANTED_JWT.split('.')[2] ?? '' },
  })
}

export const SHORT = { account: { accessKeyId: MARKED.accessKeyId, accessKeySecret: MARKED.accessKeySecret } }
export const OIDC = 'AuthenticationFail.OIDCToken'

export const long = scenario('long-scan')
const { identity: _, ...longRun } = long.run
export const longOnEcs = { ...long, run: longRun }

export const OF_ECS = {
  AccessKeyId: MARKED.accessKeyId,
  AccessKeySecret: WRONG_SECRET,
  SecurityToken: MARKED.securityToken,
  Expiration: new Date(Date.now() + 3_600_000).toISOString(),
  LastUpdated: new Date().toISOString(),
  Code: 'Success',
}
