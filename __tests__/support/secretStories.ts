import * as answers from '../../src/emulator/answers.ts'
import type { Account, CloudState } from '../../src/emulator/cloud.ts'
import { type GitHubState, problem } from '../../src/emulator/gitHub.ts'
import { ACCOUNT, SCENARIOS, type Scenario } from '../../src/emulator/scenarios.ts'
import type { Params } from '../../src/emulator/signature.ts'
import { REQUEST_TOKEN } from '../../src/emulator/tokenService.ts'
import type { BundleRun, Twist } from './bundle.ts'
import type { ConnectProxyOptions } from './connectProxy.ts'
import type { Secrets } from './secretSpellings.ts'

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
const WRONG_SECRET = `Wrong\\but"Marked'Secret>+/=`
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

const KEYS = {
  'access-key-id': MARKED.accessKeyId,
  'access-key-secret': MARKED.accessKeySecret,
  'security-token': MARKED.securityToken,
}
const VARIABLES = {
  ALIBABA_CLOUD_ACCESS_KEY_ID: MARKED.accessKeyId,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: MARKED.accessKeySecret,
  ALIBABA_CLOUD_SECURITY_TOKEN: MARKED.securityToken,
}
const NO_KEYS = { 'access-key-id': '', 'access-key-secret': '', 'security-token': '' }

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

const passed = scenario('passed')
const keyless = scenario('keyless')

/** A story told in another way: what is given is added, for `inputs` and `env` one by one. */
function told(
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
const withInputs = (inputs: Readonly<Record<string, string>>, verdict = 'invalid-input') =>
  told(passed, verdict, { run: { inputs } })
const withEnv = (env: Readonly<Record<string, string>>, verdict: string, inputs = NO_KEYS as object) =>
  told(passed, verdict, { run: { inputs: { ...inputs }, env } })

const at =
  (action: string, make: (params: Params) => answers.Answer): Twist =>
  (answer, { params }) =>
    params.Action === action ? make(params) : answer
const ONCE = { 'max-consecutive-errors': '1' }

/** STS has the token in its answer. */
function stsSays(verdict: string, make: (token: string) => answers.Answer): SecretStory {
  return told(keyless, verdict, {
    run: { inputs: ONCE, twist: at('AssumeRoleWithOIDC', ({ OIDCToken = '' }) => make(OIDCToken)) },
  })
}

/** The cloud has key and token in its answer. */
function cloudSays(make: (params: Params) => answers.Answer, verdict = 'denied'): SecretStory {
  return told(passed, verdict, { run: { inputs: ONCE, twist: at('DescribeScanTaskProgress', make) } })
}

/** What was planted in a reply. */
const PLANTED = {
  'a planted key': 'STS.MarkedKeyInAReply',
  'a planted secret': 'MarkedSecret+of/aReply=',
  'a planted token': 'CAISMarked/Token+ofAReply/long+enough/to+be/cut==',
}
const [plantedKey, plantedSecret, plantedToken] = Object.values(PLANTED) as [string, string, string]
const PLANTED_JWT = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"sub":"Marked"}').toString('base64url')}.MarkedSignatureOfAToken0123456789`
const grant = (credentials: object) => answers.success({ Credentials: credentials })

function stsGives(answer: answers.Answer): SecretStory {
  return { ...stsSays('unavailable', () => answer), secrets: PLANTED }
}

function tokenServiceSays(verdict: string, answer: answers.Answer): SecretStory {
  return told(keyless, verdict, {
    run: { inputs: ONCE, identity: { trouble: { first: [], rest: answer } } },
    secrets: { 'a planted JWT': PLANTED_JWT, 'the signature of a planted JWT': PLANTED_JWT.split('.')[2] ?? '' },
  })
}

const SHORT = { account: { accessKeyId: MARKED.accessKeyId, accessKeySecret: MARKED.accessKeySecret } }
const OIDC = 'AuthenticationFail.OIDCToken'

const long = scenario('long-scan')
const { identity: _, ...longRun } = long.run
const longOnEcs = { ...long, run: longRun }

const OF_ECS = {
  AccessKeyId: MARKED.accessKeyId,
  AccessKeySecret: WRONG_SECRET,
  SecurityToken: MARKED.securityToken,
  Expiration: new Date(Date.now() + 3_600_000).toISOString(),
  LastUpdated: new Date().toISOString(),
  Code: 'Success',
}

const LOGINS: Readonly<Record<string, SecretStory>> = {
  'explicit keys without a token': told(passed, 'passed', { cloud: SHORT, run: { inputs: { 'security-token': '' } } }),
  'keys of the environment': withEnv(VARIABLES, 'passed'),
  'keys of the environment without a token': told(
    withEnv({ ...VARIABLES, ALIBABA_CLOUD_SECURITY_TOKEN: '' }, 'passed'),
    'passed',
    { cloud: SHORT },
  ),
  'inputs and environment at once': withEnv(VARIABLES, 'passed', KEYS),
  'keys of an account that is asked for': withInputs({ 'allowed-account-ids': '1234567890123456' }, 'passed'),
  'a session that is renewed, and cancelled': told(long, 'cancelled', {
    cloud: { sts: { providers: {}, roles: {}, ...long.cloud.sts, sessionMs: 2_000 } },
    run: { signals: { afterLooks: 40, send: ['SIGINT'] } },
    isRenewed: true,
  }),
  'a session that the cloud ends early': told(keyless, 'passed', {
    cloud: { sts: { providers: {}, roles: {}, ...keyless.cloud.sts, endsAfterCalls: [2] } },
  }),
  'the role of an ECS instance, whose session is renewed': told(longOnEcs, 'cancelled', {
    run: {
      inputs: { ...NO_KEYS, 'role-to-assume': '', 'oidc-provider-arn': '', 'ecs-ram-role': 'auto' },
      metadata: { role: 'gate', sessionMs: 2_000 },
      signals: { afterLooks: 40, send: ['SIGINT'] },
    },
    isRenewed: true,
  }),
  'half a credential of an ECS instance': told(passed, 'unavailable', {
    run: {
      inputs: { ...NO_KEYS, ...ONCE, 'ecs-ram-role': 'gate' },
      metadata: {
        role: 'gate',
        trouble: {
          credentials: {
            first: [],
            rest: answers.raw(200, JSON.stringify({ AccessKeySecret: MARKED.accessKeySecret, Code: 'Success' })),
          },
        },
      },
    },
  }),
  'a session of an ECS instance that is refused': told(passed, 'denied', {
    run: {
      inputs: { ...NO_KEYS, 'ecs-ram-role': 'gate' },
      metadata: {
        role: 'gate',
        trouble: { credentials: { first: [], rest: answers.raw(200, JSON.stringify(OF_ECS)) } },
      },
    },
  }),
}

const REFUSED: Readonly<Record<string, SecretStory>> = {
  'a wrong secret of the environment': withEnv(
    { ...VARIABLES, ALIBABA_CLOUD_ACCESS_KEY_SECRET: WRONG_SECRET },
    'denied',
  ),
  'a wrong secret, seen by STS first': withInputs(
    { 'allowed-account-ids': '1234567890123456', 'access-key-secret': WRONG_SECRET },
    'denied',
  ),
  'a key that nobody knows': withInputs({ 'access-key-id': plantedKey }, 'denied'),
  'a token of another key': withInputs({ 'security-token': plantedToken }, 'denied'),
  'a session that ends': told(passed, 'denied', { cloud: { account: { ...MARKED, endsAfterCalls: 2 } } }),
  ...Object.fromEntries(
    Object.entries<(secret: string) => string>({
      'as it is': (secret) => secret,
      'percent-encoded': encodeURIComponent,
      'percent-encoded twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
      'percent-encoded with small letters': (secret) =>
        encodeURIComponent(secret).replace(/%../g, (digits) => digits.toLowerCase()),
      'as a form has it': (secret) => new URLSearchParams({ x: secret }).toString().slice(2),
      'in JSON': (secret) => JSON.stringify(secret),
      'in base64': (secret) => Buffer.from(secret).toString('base64'),
    }).map(([how, spell]) => [
      `a refusal with key and token in it, ${how}`,
      cloudSays(({ AccessKeyId = '', SecurityToken = '', Signature = '' }) =>
        answers.refusal(
          403,
          'NoPermission',
          `The key ${spell(AccessKeyId)} with the token ${spell(SecurityToken)} and the Signature=${spell(Signature)} may not`,
        ),
      ),
    ]),
  ),
  'a refusal with the key in its code': cloudSays(({ AccessKeyId = '' }) =>
    answers.refusal(403, `NoPermission.${AccessKeyId}`, 'no'),
  ),
  'an outage with the whole form in its message': cloudSays(
    (params) => answers.refusal(500, 'InternalError', `Failed: ${new URLSearchParams(params)}`),
    'unavailable',
  ),
  'a gateway that prints the request': cloudSays(
    (params) => answers.raw(502, `<pre>${new URLSearchParams(params)}</pre>`, 'text/html'),
    'unavailable',
  ),
}

const STS_REFUSALS: Readonly<Record<string, SecretStory>> = {
  ...Object.fromEntries(
    [
      `${OIDC}.AudienceNotMatch`,
      `${OIDC}.IssuerNotMatch`,
      `${OIDC}.InvalidSignature`,
      `${OIDC}.PublicKeyFingerprintMismatch`,
      `${OIDC}.Invalid`,
      'AuthenticationFail.NoPermission',
      'EntityNotExist.Role',
      'InvalidParameter.DurationSeconds',
      'InvalidTimeStamp.Expired',
    ].map((code) => [
      `${code} with the token in its message`,
      stsSays('denied', (token) => answers.refusal(401, code, `Bad token: ${token}, see OIDCToken=${token}&more`)),
    ]),
  ),
  'an expired token, in the message': stsSays('denied', (token) =>
    answers.refusal(401, `${OIDC}.Expired`, `This JsonWebToken is expired: "${token}"`),
  ),
  'the beginning of the token in a message': stsSays('denied', (token) =>
    answers.refusal(401, `${OIDC}.Invalid`, `The Jwt content is invalid: ${token.slice(0, 100)}...`),
  ),
  'the end of the token in a message': stsSays('denied', (token) =>
    answers.refusal(401, `${OIDC}.InvalidSignature`, `The signature ${token.split('.')[2]} is not good`),
  ),
  'the token in a code': stsSays('denied', (token) => answers.refusal(401, `${OIDC}.Invalid ${token}`, 'no')),
  'STS throttles, with the token in its message': stsSays('unavailable', (token) =>
    answers.refusal(429, 'Throttling.User', `Too often: ${token}`),
  ),
  'STS is down, with the token in its message': stsSays('unavailable', (token) =>
    answers.refusal(503, 'ServiceUnavailable', `Cannot check ${token}`),
  ),
  'STS is down, and prints the token': stsSays('unavailable', (token) =>
    answers.raw(500, `<pre>${token}</pre>`, 'text/html'),
  ),
  'STS hangs up': stsSays('unavailable', () => answers.resetBeforeHeaders()),
  'STS hangs, and the job is cancelled': told(keyless, 'cancelled', {
    cloud: { trouble: { AssumeRoleWithOIDC: [answers.hang()] } },
    run: { signals: { afterCalls: { action: 'AssumeRoleWithOIDC' }, send: ['SIGINT'] } },
  }),
  'a session without a token': stsGives(grant({ AccessKeyId: plantedKey, AccessKeySecret: plantedSecret })),
  'a session whose secret is none': stsGives(
    grant({ AccessKeyId: plantedKey, AccessKeySecret: `${plantedSecret} and a space`, SecurityToken: plantedToken }),
  ),
  'a session in a list': stsGives(answers.success({ Credentials: [Object.values(PLANTED)] })),
  'half a reply': stsGives(
    answers.raw(
      200,
      `{"Credentials":{"AccessKeyId":"${plantedKey}","AccessKeySecret":"${plantedSecret}","SecurityToken":"${plantedToken}`,
    ),
  ),
  'a session with an error': stsGives(
    answers.raw(500, JSON.stringify({ Code: 'InternalError', Message: '', Credentials: PLANTED })),
  ),
}

const say = (text: string) => JSON.stringify({ message: text })

const TOKEN_SERVICE: Readonly<Record<string, SecretStory>> = {
  'no token: HTTP 403 with the request token': tokenServiceSays(
    'denied',
    answers.raw(403, say(`Bearer ${REQUEST_TOKEN} is not allowed`)),
  ),
  'no token: HTTP 500 with the request token and a JWT': tokenServiceSays(
    'unavailable',
    answers.raw(500, say(`${REQUEST_TOKEN} ${PLANTED_JWT}`)),
  ),
  'no token: text with both': tokenServiceSays(
    'unavailable',
    answers.raw(200, `<p>${REQUEST_TOKEN} ${PLANTED_JWT}</p>`, 'text/html'),
  ),
  'no token: half a reply': tokenServiceSays('unavailable', answers.raw(200, `{"value":"${PLANTED_JWT}`)),
  'no token: a reply of another shape': tokenServiceSays(
    'unavailable',
    answers.raw(200, JSON.stringify({ token: PLANTED_JWT })),
  ),
  'no token: a value that is none': tokenServiceSays(
    'unavailable',
    answers.raw(200, JSON.stringify({ value: `${PLANTED_JWT.split('.')[2]} and ${REQUEST_TOKEN}` })),
  ),
  'a token that STS does not take': tokenServiceSays(
    'denied',
    answers.raw(200, JSON.stringify({ value: PLANTED_JWT })),
  ),
  'the token service is not there': told(keyless, 'unavailable', {
    run: { inputs: ONCE, env: { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1:1/token?api-version=2.0' } },
  }),
  'the token service has no address': told(keyless, 'invalid-input', {
    run: { inputs: ONCE, env: { ACTIONS_ID_TOKEN_REQUEST_URL: 'nowhere/token?api-version=2.0' } },
  }),
  'the job may not ask for a token': told(keyless, 'invalid-input', {
    run: { env: { ACTIONS_ID_TOKEN_REQUEST_URL: '' } },
  }),
}

const planted = (story: SecretStory): SecretStory => ({ ...story, secrets: PLANTED })

const INVALID: Readonly<Record<string, SecretStory>> = {
  'an id without a secret': withInputs({ 'access-key-secret': '', 'security-token': '' }),
  'a secret without an id': withInputs({ 'access-key-id': '' }),
  'a token alone': withInputs({ 'access-key-id': '', 'access-key-secret': '' }),
  'half a pair in the environment': withEnv(
    { ALIBABA_CLOUD_ACCESS_KEY_SECRET: MARKED.accessKeySecret },
    'invalid-input',
  ),
  'keys with spaces and breaks in them': {
    ...withInputs({
      'access-key-id': `${plantedKey} x`,
      'access-key-secret': `${plantedSecret}\n${MARKED.accessKeySecret}`,
      'security-token': `${plantedToken}é`,
    }),
    secrets: PLANTED,
  },
  "a token of GitHub's with a break in it": withInputs({ 'github-token': `${GITHUB_TOKEN}\nx` }),
  'a key in endpoint, as user and password': planted(
    withInputs({ endpoint: `https://${plantedKey}:${encodeURIComponent(plantedSecret)}@tds.aliyuncs.com` }),
  ),
  'a signed URL as endpoint': planted(
    withInputs({
      endpoint: `https://tds.aliyuncs.com/?AccessKeyId=${plantedKey}&Signature=${encodeURIComponent(plantedSecret)}&SecurityToken=${encodeURIComponent(plantedToken)}`,
    }),
  ),
  'a token behind a hash in endpoint': planted(withInputs({ endpoint: `https://tds.aliyuncs.com#${plantedToken}` })),
  'a key in sts-endpoint, as user and password': planted(
    withInputs({
      'allowed-account-ids': '1',
      'sts-endpoint': `https://${plantedKey}:${encodeURIComponent(plantedSecret)}@sts.aliyuncs.com`,
    }),
  ),
  'a signed URL as sts-endpoint': planted(
    withInputs({ 'allowed-account-ids': '1', 'sts-endpoint': `https://sts.aliyuncs.com/?Signature=${plantedSecret}` }),
  ),
  ...Object.fromEntries(
    [
      'region-id',
      'endpoint',
      'role-to-assume',
      'oidc-provider-arn',
      'role-session-name',
      'ecs-ram-role',
      'allowed-account-ids',
      'task-id',
      'fail-on',
      'allow-list',
      'min-poll-seconds',
    ].map((name) => [`the key secret in ${name} as well`, withInputs({ [name]: `${MARKED.accessKeySecret} ` })]),
  ),
  'a proxy with a slash in its password': told(passed, 'invalid-input', {
    run: { env: { HTTPS_PROXY: `http://user:p/${plantedSecret}@127.0.0.1:1` } },
    secrets: PLANTED,
  }),
  'a proxy of another kind': told(passed, 'invalid-input', {
    run: { env: { HTTPS_PROXY: '', ALL_PROXY: `socks5://user:${plantedSecret}@127.0.0.1:1` } },
    secrets: PLANTED,
  }),
  'a proxy with a password that cannot be read': told(passed, 'invalid-input', {
    run: { env: { HTTP_PROXY: `http://user:%zz${plantedSecret}@127.0.0.1:1` } },
    secrets: PLANTED,
  }),
  'a key for a user of the proxy': told(passed, 'invalid-input', {
    run: { env: { HTTPS_PROXY: `ftp://${plantedKey}:${plantedSecret}@127.0.0.1:1` } },
    secrets: { 'a planted secret': plantedSecret },
  }),
  'nothing but a proxy': told(passed, 'invalid-input', { run: { inputs: NO_KEYS } }),
}

const real = (story: SecretStory): SecretStory =>
  told(story, story.verdict, {
    run: { routes: {}, inputs: { ...ONCE, rehearsal: 'false', endpoint: '', 'sts-endpoint': '' } },
  })

const NETWORK: Readonly<Record<string, SecretStory>> = {
  'a proxy that wants another password, and repeats this one': {
    ...real(told(passed, 'denied', {})),
    proxy: { says: `HTTP/1.1 407 Not ${BASIC}\r\nproxy-authenticate: Basic realm="${PASSWORD.meant}"\r\n\r\n${BASIC}` },
  },
  'a proxy that forbids, for STS': { ...real(told(keyless, 'denied', {})), proxy: {} },
  'a proxy that says what is no HTTP': {
    ...real(told(passed, 'unavailable', {})),
    proxy: { says: `what? ${BASIC}\r\n\r\n` },
  },
  'a proxy that hangs up': { ...real(told(passed, 'unavailable', {})), proxy: { says: 'goodbye' } },
  'a proxy that is not there': real(told(passed, 'unavailable', {})),
  'a proxy that all schemes share, and is not there': real(
    told(passed, 'unavailable', { run: { env: { HTTPS_PROXY: '', ALL_PROXY: proxyAt('127.0.0.1:1') } } }),
  ),
  'the cloud is not there': withInputs({ ...ONCE, endpoint: 'http://127.0.0.1:1' }, 'unavailable'),
  'GitHub repeats its token in a refusal': {
    ...passed,
    github: { trouble: () => problem(403, `The token ${GITHUB_TOKEN} may not (token=${GITHUB_TOKEN})`) },
  },
  'GitHub is down and prints the token': {
    ...passed,
    github: { trouble: () => answers.raw(500, `<p>${GITHUB_TOKEN}</p>`, 'text/html') },
  },
}

/** Runs in the action's process before it: the only way to make a mistake in it from outside. */
const sabotage = (code: string) => ({ NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(code)}"` })

const OOPS = '"oops " + process.argv.join() + process.env.INPUT_TASK_ID'
const DEFECTS: Readonly<Record<string, SecretStory>> = {
  'a mistake of ours': told(passed, 'unavailable', {
    run: { env: sabotage(`Math.min = () => { throw new Error(${OOPS}) }`) },
  }),
  'a mistake of ours after the verdict': told(passed, 'unavailable', {
    run: {
      env: sabotage(
        `process.stdout.write = ((write) => (text, ...rest) => { if (/ended with Success/.test(text)) throw new Error(${OOPS}); return write.call(process.stdout, text, ...rest) })(process.stdout.write)`,
      ),
    },
  }),
  'a mistake of ours with a session at hand': told(keyless, 'unavailable', {
    run: {
      env: sabotage(
        `let n = 0; const { min } = Math; Math.min = (...all) => { if (++n > 3) throw new Error(${OOPS}); return min(...all) }`,
      ),
    },
  }),
}

/** Takes minutes; the tests of the bundle play it. */
const LEFT_OUT = 'big-fleet'

export const STORIES: Readonly<Record<string, SecretStory>> = {
  ...Object.fromEntries(
    Object.entries(SCENARIOS)
      .filter(([name]) => name !== LEFT_OUT)
      .map(([name, one]) => [`scenario ${name}`, marked(one)]),
  ),
  ...LOGINS,
  ...REFUSED,
  ...STS_REFUSALS,
  ...TOKEN_SERVICE,
  ...INVALID,
  ...NETWORK,
  ...DEFECTS,
}
