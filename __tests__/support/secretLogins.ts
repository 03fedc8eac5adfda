import * as answers from '../../src/emulator/answers.ts'
import { REQUEST_TOKEN } from '../../src/emulator/tokenService.ts'
import {
  cloudSays,
  grant,
  KEYS,
  keyless,
  long,
  longOnEcs,
  MARKED,
  NO_KEYS,
  OF_ECS,
  OIDC,
  ONCE,
  PLANTED,
  PLANTED_JWT,
  passed,
  plantedKey,
  plantedSecret,
  plantedToken,
  type SecretStory,
  SHORT,
  stsGives,
  stsSays,
  tokenServiceSays,
  told,
  VARIABLES,
  WRONG_SECRET,
  withEnv,
  withInputs,
} from './secretMarks.ts'

/** Runs with secrets that log in in every way, and those that are refused. */

export const LOGINS: Readonly<Record<string, SecretStory>> = {
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

export const REFUSED: Readonly<Record<string, SecretStory>> = {
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

export const STS_REFUSALS: Readonly<Record<string, SecretStory>> = {
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

export const TOKEN_SERVICE: Readonly<Record<string, SecretStory>> = {
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
