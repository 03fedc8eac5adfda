import * as answers from '../../src/emulator/answers.ts'
import { problem } from '../../src/emulator/gitHub.ts'
import { SCENARIOS } from '../../src/emulator/scenarios.ts'
import { LOGINS, REFUSED, STS_REFUSALS, TOKEN_SERVICE } from './secretLogins.ts'
import {
  BASIC,
  GITHUB_TOKEN,
  keyless,
  MARKED,
  marked,
  NO_KEYS,
  ONCE,
  PASSWORD,
  PLANTED,
  passed,
  plantedKey,
  plantedSecret,
  plantedToken,
  proxyAt,
  type SecretStory,
  told,
  withEnv,
  withInputs,
} from './secretMarks.ts'

/** Runs that have secrets which are nowhere else: every scenario, every way to log in, every way in which that fails. */

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
