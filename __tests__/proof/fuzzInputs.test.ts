import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { Files } from '../../src/adapters/files.ts'
import { readEndpoint } from '../../src/domain/endpoint.ts'
import type { INPUT_DEFAULTS } from '../../src/inputs/declared.ts'
import { readWorkflowRun } from '../../src/inputs/workflowRun.ts'
import { type Environment, type Inputs, parseInputs } from '../../src/inputs.ts'
import { inputWorld } from '../support/inputWorld.ts'
import { cases, figure } from '../support/proof.ts'
import { hostileText } from './fuzz/hostileText.ts'

/** Whatever the environment, the endpoint or a path says: it is refused, or it is what PRODUCT.md allows. */

let tried = 0
afterAll(() => figure('fuzzed inputs', 'environments, endpoints and paths', tried))

/** A comma, so that a list of words would tear it apart, and letters of both cases, so that lower case would hide it. */
const SECRETS = {
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
const NAMES = Object.keys(GOOD) as (keyof typeof INPUT_DEFAULTS)[]
const VARIABLES = [
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

const inputs: fc.Arbitrary<Environment> = fc
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

const ENTRY = "- alert: 'Trojan'\n  reason: r\n  until: 2026-12-31\n"
const world = inputWorld({ 'accepted.yml': ENTRY, '.github/list.yml': ENTRY, '../x': ENTRY })
const run = () => readWorkflowRun({ GITHUB_REPOSITORY: 'example/app', GITHUB_SHA: '1'.repeat(40) }, {})

const isLoopback = (host: string) => host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)

/** What is wrong with inputs that were taken for good, by PRODUCT.md alone. */
function wrongIn({
  waitFor,
  policy,
  gate,
  endpoint,
  sts,
  login,
  rehearsal,
  github,
  ...rest
}: Inputs): readonly string[] {
  const { deadlineMs, minDelayMs, maxDelayMs, maxConsecutiveErrors } = policy
  const rules: Readonly<Record<string, boolean>> = {
    'task-id':
      waitFor.kind === 'targets' ||
      (waitFor.ids.length >= 1 &&
        waitFor.ids.length <= 100 &&
        new Set(waitFor.ids).size === waitFor.ids.length &&
        waitFor.ids.every((one) => /^[1-9]\d*$/.test(one) && BigInt(one) <= 9223372036854775807n)),
    targets:
      waitFor.kind === 'tasks' ||
      waitFor.wanted.kind === 'all' ||
      (waitFor.wanted.lines.length >= 1 &&
        waitFor.wanted.lines.length <= 1000 &&
        waitFor.wanted.lines.every((line) => line.name !== '' && !/[\r\n]/.test(line.name))),
    'timeout-minutes': deadlineMs > 0 && deadlineMs <= 1440 * 60_000,
    'min-poll-seconds': minDelayMs >= 50 && minDelayMs <= maxDelayMs,
    'max-consecutive-errors':
      Number.isInteger(maxConsecutiveErrors) && maxConsecutiveErrors >= 0 && maxConsecutiveErrors <= 1000,
    'severity-cutoff': gate === undefined || ['serious', 'suspicious', 'remind'].includes(gate.cutoff),
    'settle-seconds':
      gate === undefined || (gate.settleMs >= 0 && gate.settleMs <= 900_000 && gate.settleMs <= deadlineMs),
    'allow-list':
      gate === undefined || gate.entries.every((entry) => entry.reason !== '' && /^\d{4}-\d\d-\d\d$/.test(entry.until)),
    'fail-on': rest.failOn.every((word) =>
      ['alerts', 'scan-failed', 'timed-out', 'unavailable', 'incomplete'].includes(word),
    ),
    endpoint: [endpoint, ...(sts === undefined ? [] : [sts])].every(({ url }) => leadsTo(url, rehearsal)),
    login:
      login.kind !== 'keys' ||
      (/^[!-~]+$/.test(login.credentials.accessKeyId) && /^[!-~]+$/.test(login.credentials.accessKeySecret)),
    role:
      login.kind !== 'role' ||
      (/^acs:ram::\d+:role\/[\w.@/-]+$/.test(login.roleArn) &&
        login.durationSeconds >= 900 &&
        login.durationSeconds <= 43_200 &&
        /^[\w.@-]{2,64}$/.test(login.sessionName)),
    'ecs-ram-role': login.kind !== 'ecs-role' || /^[\w.-]+$/.test(login.role),
    'allowed-account-ids': rest.allowedAccountIds.every((one) => /^\d+$/.test(one)),
    github:
      github === undefined ||
      (/^[!-~]+$/.test(github.token) &&
        ![github.commitStatus, github.trackingIssue].some((one) => one !== undefined && /[\p{C}]/u.test(one))),
  }
  return Object.entries(rules).flatMap(([name, isGood]) => (isGood ? [] : [name]))
}

/** Where a request to this address goes, by the parser that sends it there. */
function leadsTo(url: string, rehearsal: boolean): boolean {
  const { protocol, hostname, username, password, pathname, search } = new URL(url)
  if (username !== '' || password !== '' || pathname !== '/' || search !== '') return false
  if (rehearsal) return isLoopback(hostname)
  return protocol === 'https:' && hostname.endsWith('.aliyuncs.com') && /^[a-z0-9.-]+$/.test(hostname)
}

test('inputs are refused with a problem that names one and tells no secret, or they are what is allowed', () => {
  const known: readonly string[] = [...NAMES, ...VARIABLES]
  let good = 0
  fc.assert(
    fc.property(inputs, (env) => {
      tried += 1
      const reading = parseInputs(env, { ...world, run })
      if (reading.kind === 'ok') {
        good += 1
        return expect(wrongIn(reading.inputs)).toEqual([])
      }
      expect(reading.problems).not.toEqual([])
      for (const { name, value = '', text } of reading.problems) {
        expect([...known, ...undeclaredIn(env)]).toContain(name)
        const told = `${value} ${text}`.toLowerCase()
        for (const one of secretsGiven(env))
          for (const part of [one, ...one.split(',')]) expect(told).not.toContain(part.toLowerCase())
      }
    }),
    cases(4_000),
  )
  expect(good).toBeGreaterThan(tried / 30)
})

function undeclaredIn(env: Environment): readonly string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('INPUT_'))
    .map((name) => name.slice('INPUT_'.length).toLowerCase())
}

/** Only what was given as one is known to be one. */
function secretsGiven(env: Environment): readonly string[] {
  return Object.entries(SECRETS).flatMap(([name, one]) =>
    env[`INPUT_${name.toUpperCase()}`]?.trim() === one ? one : [],
  )
}

const HOSTS = [
  'tds.cn-shanghai.aliyuncs.com',
  'aliyuncs.com',
  'x.aliyuncs.com',
  'evil.example',
  '127.0.0.1',
  'localhost',
  '[::1]',
  '0x7f.1',
  '127.1',
  '2130706433',
  '0177.0.0.1',
  '[::ffff:127.0.0.1]',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  '127.0.0.256',
  '127.0.0.01',
  '１２７.0.0.1',
  'xn--aliyuncs-abc.com',
  'аliyuncs.com',
  'aliyuncs。com',
  'aliyuncs．com',
  'aliyuncs%2ecom',
  'aliyuncs.com.evil.example',
  'evilaliyuncs.com',
  '169.254.169.254',
  '[fe80::1%25eth0]',
]
const GLUE = [
  '',
  '.',
  '..',
  '@',
  ':',
  '/',
  '//',
  '\\',
  '#',
  '?',
  '%2f',
  '%40',
  '%00',
  ' ',
  '\t',
  '\n',
  '\0',
  ':443',
  ':0',
  ':65536',
  ':@',
  '。',
  '\u200b',
  '\u00ad',
  '-',
  '_',
  '*',
  '[',
  ']',
  ',',
  ';',
  '&',
  '|',
]
const SCHEMES = [
  '',
  'https://',
  'http://',
  'HTTPS://',
  'https:/',
  'https:\\\\',
  '//',
  'ftp://',
  'file://',
  'https://https://',
  'javascript:',
  ' https://',
]

const endpointText = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...SCHEMES),
        fc.array(fc.oneof(fc.constantFrom(...HOSTS), fc.constantFrom(...GLUE)), { minLength: 1, maxLength: 5 }),
      )
      .map(([scheme, parts]) => `${scheme}${parts.join('')}`),
  },
  // One host with one character more, anywhere.
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...SCHEMES),
        fc.constantFrom(...HOSTS),
        fc.oneof(fc.constantFrom(...GLUE), fc.string({ unit: 'binary', maxLength: 1 })),
        fc.nat(40),
      )
      .map(([scheme, host, one, at]) => `${scheme}${host.slice(0, at)}${one}${host.slice(at)}`),
  },
  { weight: 1, arbitrary: fc.webUrl() },
  { weight: 1, arbitrary: hostileText },
)

test('no endpoint leads outside .aliyuncs.com, or in a rehearsal outside of this machine', () => {
  let good = 0
  fc.assert(
    fc.property(endpointText, fc.boolean(), (text, rehearsal) => {
      tried += 1
      const reading = readEndpoint(text, 'cn-shanghai', rehearsal)
      if ('problem' in reading) return
      good += 1
      const { url, host } = reading.endpoint
      expect(leadsTo(url, rehearsal)).toBe(true)
      // What is shown is where it goes, and what was asked for.
      expect(new URL(url).host).toBe(new URL(`${url.split(':')[0]}://${host}`).host)
      const asked = new URL(/^https?:\/\//i.test(text) ? text : `${rehearsal ? 'http' : 'https'}://${text}`)
      expect(new URL(url).host).toBe(asked.host)
      expect([asked.username, asked.password, asked.search, asked.hash]).toEqual(['', '', '', ''])
    }),
    cases(30_000),
  )
  expect(good).toBeGreaterThan(100)
})

describe('paths', () => {
  /** A workspace, a folder for temporary files, and a neighbour; symbolic links lead everywhere. */
  let house: string
  let files: Files
  const at = (...names: string[]) => path.join(house, ...names)
  beforeEach(() => {
    house = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'fuzz-')))
    for (const name of ['workspace/.git/hooks', 'workspace/.github/workflows', 'workspace/sub', 'temp', 'neighbour'])
      fs.mkdirSync(at(name), { recursive: true })
    for (const place of ['workspace/.git', 'workspace/.github', 'neighbour'])
      fs.writeFileSync(at(place, 'kept'), 'not yours')
    const links = {
      out: '../neighbour',
      up: '..',
      git: '.git',
      loop: 'loop',
      nowhere: '../neighbour/new',
      file: '../neighbour/kept',
      temp: '../temp',
      abs: at('neighbour'),
    }
    for (const [name, target] of Object.entries(links)) fs.symlinkSync(target, at('workspace', name))
    files = new Files({ workspace: at('workspace'), temp: at('temp') })
  })
  afterEach(() => fs.rmSync(house, { recursive: true, force: true }))

  const component = fc.oneof(
    fc.constantFrom(
      '..',
      '.',
      '',
      'sub',
      'new',
      'a.json',
      'kept',
      'out',
      'up',
      'git',
      'loop',
      'nowhere',
      'file',
      'temp',
      'abs',
    ),
    fc.constantFrom(
      '.git',
      '.GIT',
      '.Git ',
      '.git.',
      '.github',
      '.GitHub',
      'hooks',
      'git~1',
      '.g\u200cit',
      '.git::$INDEX_ALLOCATION',
      'workflows',
      '.git\\hooks',
      '..\\..',
      'a\0b',
      '%2e%2e',
      '~',
      '$HOME',
      '-',
      'workspace',
      'neighbour',
    ),
    hostileText.map((text) => text.toWellFormed().slice(0, 40)),
  )
  const place = fc
    .tuple(
      fc.constantFrom('', '', '', './', '/', 'workspace:', 'temp:', 'neighbour:', 'house:'),
      fc.array(component, { minLength: 1, maxLength: 5 }),
      fc.constantFrom('/', '/', '/', '\\', '//'),
    )
    .map(([root, parts, separator]) => ({ root, rest: parts.join(separator) }))
  const spelt = ({ root, rest }: { readonly root: string; readonly rest: string }) =>
    root.endsWith(':') ? at(root === 'house:' ? '' : root.slice(0, -1), '/') + rest : `${root}${rest}`

  /** Everything that a run must leave alone, with what it holds. */
  const untouched = () =>
    ['workspace/.git', 'workspace/.github', 'neighbour', '.']
      .flatMap((folder) =>
        fs.readdirSync(at(folder), { recursive: folder !== '.', encoding: 'utf8' }).map((name) => `${folder}/${name}`),
      )
      .concat(fs.readFileSync(at('neighbour/kept'), 'utf8'), fs.readFileSync(at('workspace/.git/kept'), 'utf8'))

  const isInside = (real: string) => [at('workspace'), at('temp')].some((root) => real.startsWith(`${root}${path.sep}`))

  test('nothing is written or read outside the workspace and RUNNER_TEMP, nor written into .git and .github', () => {
    const before = untouched()
    let written = 0
    fc.assert(
      fc.property(place, (one) => {
        tried += 1
        const file = spelt(one)
        const refusal = files.refusal(file)
        const problem = files.write(file, 'written')
        if (refusal !== undefined) expect(problem).toBe(refusal)
        if (problem === undefined) {
          written += 1
          const real = fs.realpathSync(path.resolve(at('workspace'), file))
          expect(isInside(real)).toBe(true)
          expect(real.slice(house.length).toLowerCase()).not.toMatch(/\/\.git(?:hub)?[. ]*(?:\/|$)/)
          expect(fs.readFileSync(real, 'utf8')).toBe('written')
          fs.rmSync(real)
        }
        expect(untouched()).toEqual(before)
        const reading = files.readText(file)
        if ('text' in reading) expect(isInside(fs.realpathSync(path.resolve(at('workspace'), file)))).toBe(true)
        for (const text of [refusal, problem, 'problem' in reading ? reading.problem : undefined])
          expect(text ?? 'a b').toMatch(/^[a-z][\x20-\x7e]+$/)
      }),
      cases(1_200),
    )
    expect(written).toBeGreaterThan(50)
  })
})
