import fc from 'fast-check'
import type { INPUT_DEFAULTS } from '../../../src/inputs/declared.ts'
import type { Environment } from '../../../src/inputs/reading.ts'
import { hostileText } from './hostileText.ts'

/** Environments of all kinds: inputs that are good, torn or hostile, with secrets in wrong places. */

/** A comma, so that a list of words would tear it apart, and letters of both cases, so that lower case would hide it. */
export const SECRETS = {
  'access-key-id': 'LTAI5tFuzzedKeyId0001',
  'access-key-secret': 'Vq7Kp2Wm,Zt9/Of=The%Run+0001',
  'security-token': 'CAISfuzzedSecurityToken==0001',
  'github-token': 'ghs_FuzzedGitHubToken000000000000001',
}
const secret = fc.constantFrom(...Object.values(SECRETS))

const GOOD: Readonly<Record<keyof typeof INPUT_DEFAULTS, readonly string[]>> = {
  'task-id': ['282832', '1,2 3\n4', '9223372036854775807', '9223372036854775808', '0', '007', '1e3', '-1', '+1', '１'],
  targets: [
    'all',
    'host:web-01',
    'uuid:a\r\ngroup: b',
    'group-id:9007199254740993',
    'ALL\nhost:a',
    'host:',
    ':',
    'instance:i-1',
  ],
  wait: ['true', 'FALSE', 'yes', '1', 'ＴＲＵＥ'],
  'timeout-minutes': [
    '120',
    '0.0000001',
    '1440',
    '1440.01',
    '0',
    '-1',
    '1e2',
    'Infinity',
    '0x10',
    '1_0',
    '.5',
    '5.',
    '٣',
    '9'.repeat(400),
  ],
  'min-poll-seconds': ['3', '0.05', '0.049', '86400', 'NaN', '3s'],
  'max-poll-seconds': ['60', '0.05', '2', '86401', '1,5'],
  'max-consecutive-errors': ['15', '0', '1000', '1001', '1.5', '-0'],
  'severity-cutoff': ['serious', 'Suspicious', 'REMIND', 'none', 'high', 'ſerious'],
  'settle-seconds': ['60', '0', '900', '900.1', '59.9999'],
  'allow-list': ['accepted.yml', '../x', '.github/list.yml'],
  'fail-on': ['any', 'none', 'alerts,timed-out', 'denied', 'any alerts', ',', 'ALERTS'],
  'report-file': ['report.json', 'accepted.yml', '/etc/passwd'],
  'region-id': ['cn-shanghai', 'ap-southeast-1', 'evil.example/', 'cn-', '../x', 'CN-shanghai'],
  endpoint: [
    'tds.cn-shanghai.aliyuncs.com',
    'https://x.aliyuncs.com',
    'http://127.0.0.1:1',
    'evil.example',
    'https://a@x.aliyuncs.com',
  ],
  'access-key-id': [SECRETS['access-key-id']],
  'access-key-secret': [SECRETS['access-key-secret'], 'with space'],
  'security-token': [SECRETS['security-token']],
  'role-to-assume': ['acs:ram::1234567890123456:role/gate', 'gate', 'acs:ram::1:role/a b'],
  'oidc-provider-arn': ['acs:ram::1234567890123456:oidc-provider/GitHub', 'GitHub'],
  'role-session-name': ['ok', 'a', 'a b'],
  'role-session-expiration': ['900', '43200', '899', '43201', '1e3'],
  audience: ['sts.aliyuncs.com', 'a b', 'x'.repeat(256)],
  'sts-endpoint': ['sts.aliyuncs.com', 'sts.evil.example', 'http://localhost:1'],
  'ecs-ram-role': ['auto', 'AUTO', 'role', '../x', 'a/b'],
  'allowed-account-ids': ['1234567890123456', '1,2', ',', 'x'],
  rehearsal: ['true', 'false', 'TRUE', 'no'],
  'job-summary': ['true', 'false', '0'],
  'github-token': [SECRETS['github-token']],
  'commit-status': ['virus scan', 'a\nb', 'x'.repeat(101)],
  'tracking-issue': ['Virus alerts', 'x'.repeat(201), '\u202e'],
}
export const NAMES = Object.keys(GOOD) as (keyof typeof INPUT_DEFAULTS)[]
export const VARIABLES = [
  'ALIBABA_CLOUD_REGION_ID',
  'ALIBABA_CLOUD_ACCESS_KEY_ID',
  'ALIBABA_CLOUD_ACCESS_KEY_SECRET',
  'ALIBABA_CLOUD_SECURITY_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_URL',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'https_proxy',
  'HTTP_PROXY',
  'ALL_PROXY',
]
const LOGIN = ['access-key-id', 'access-key-secret'] as const

/** A secret as people paste it: alone, in a wrong case, in quotes, or in the middle of something. */
const pasted = fc
  .tuple(secret, fc.constantFrom('', 'x ', '"', 'host:', '1,'), fc.constantFrom('', '"', '\n', ',2'))
  .map(([one, before, after]) => `${before}${one}${after}`)

const value = (name: (typeof NAMES)[number]) =>
  fc.oneof(
    { weight: 30, arbitrary: fc.constant(GOOD[name][0] ?? '') },
    { weight: 12, arbitrary: fc.constantFrom(...GOOD[name]) },
    { weight: 1, arbitrary: hostileText },
    { weight: 1, arbitrary: pasted },
    { weight: 1, arbitrary: fc.constantFrom('', ' ', '\n') },
  )

export const inputs: fc.Arbitrary<Environment> = fc
  .tuple(
    fc.subarray(NAMES, { maxLength: 7 }),
    fc.constantFrom(true, true, true, false),
    fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.subarray([...VARIABLES], { maxLength: 3 })),
    fc.oneof(
      { weight: 9, arbitrary: fc.constant({}) },
      fc.dictionary(
        hostileText.map((text) => `INPUT_${text.toUpperCase()}`),
        hostileText,
        { maxKeys: 1 },
      ),
    ),
  )
  .chain(([names, isKeyed, variables, others]) => {
    const all = [
      ...new Set([...names, ...(isKeyed ? LOGIN : []), ...(names.includes('targets') ? [] : (['task-id'] as const))]),
    ]
    const texts = fc.tuple(
      ...all.map((name) => (isKeyed && name.startsWith('access-key') ? fc.constant(GOOD[name][0] ?? '') : value(name))),
    )
    const more = fc.tuple(
      ...variables.map(() =>
        fc.oneof(hostileText, pasted, fc.constantFrom('0', 'http://u:p@proxy.example:1', 'https://token.example/')),
      ),
    )
    return fc.tuple(texts, more).map(([given, rest]) => ({
      ...Object.fromEntries(all.map((name, i) => [`INPUT_${name.toUpperCase()}`, given[i]])),
      ...Object.fromEntries(variables.map((name, i) => [name, rest[i]])),
      ...others,
    }))
  })
