import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { state } from '../../src/emulator/answers.ts'
import { Cloud } from '../../src/emulator/cloud.ts'
import { IDENTITY_SCENARIOS } from '../../src/emulator/identityScenarios.ts'
import { sign } from '../../src/emulator/signature.ts'
import { runBundle } from '../support/bundle.ts'

/** The worlds are as told: what a script in the place of the action meets in them. */

const folder = mkdtempSync(path.join(tmpdir(), 'login-'))
const entry = path.join(folder, 'login.cjs')
afterAll(() => rmSync(folder, { recursive: true }))

/** Asks for a token and shows it to STS, three times, as the workflow's inputs say. */
const LOGIN = `
const { env } = process
const input = (name) => env['INPUT_' + name.toUpperCase()] ?? ''
async function login() {
  const url = env.ACTIONS_ID_TOKEN_REQUEST_URL + '&audience=' + (input('audience') || 'sts.aliyuncs.com')
  const authorization = 'Bearer ' + env.ACTIONS_ID_TOKEN_REQUEST_TOKEN
  const { value } = await (await fetch(url, { headers: { authorization } })).json()
  const Timestamp = new Date().toISOString().slice(0, 19) + 'Z'
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithOIDC', Version: '2015-04-01', Format: 'JSON', Timestamp, OIDCToken: value,
    RoleArn: input('role-to-assume'), OIDCProviderArn: input('oidc-provider-arn'), RoleSessionName: 'a-run',
  })
  const reply = await fetch(input('sts-endpoint'), { method: 'POST', body })
  await reply.text()
}
login().then(login).then(login)
`
writeFileSync(entry, LOGIN)

const scenario = (name: string) => {
  const found = IDENTITY_SCENARIOS[name]
  if (found === undefined) throw new Error(`no scenario ${name}`)
  return found
}

const audience = '401 AuthenticationFail.OIDCToken.AudienceNotMatch'
const trust = '401 AuthenticationFail.NoPermission'
const LOGINS: Readonly<Record<string, readonly string[]>> = {
  keyless: ['200', '200', '200'],
  'long-scan': ['200', '200', '200'],
  'wrong-audience': [audience, audience, audience],
  'untrusted-branch': [trust, trust, trust],
  'wrong-account': ['200', '200', '200'],
  'sts-outage': ['503 ServiceUnavailable', '503', '200'],
}

test('the keyless ones are known here', () => {
  const keyless = Object.entries(IDENTITY_SCENARIOS).filter(([, { identity }]) => identity !== undefined)
  expect(keyless.map(([name]) => name)).toEqual(Object.keys(LOGINS))
})

test.each(Object.entries(LOGINS))('%s: three logins', async (name, answers) => {
  const { cloud, inputs, identity = {} } = scenario(name)
  const { server, sessions, identity: told, stdout, stderr } = await runBundle(cloud, { inputs, identity, entry })
  expect(stdout + stderr).toBe('')
  expect(server.exchanges.map(({ answer }) => answer)).toEqual(answers)
  expect(server.exchanges.every(({ inUrl }) => inUrl.length === 0)).toBe(true)
  expect(told?.exchanges.map((exchange) => exchange.audience)).toEqual(
    answers.map(() => inputs.audience ?? 'sts.aliyuncs.com'),
  )
  expect(told?.given).toHaveLength(3)
  expect(sessions).toHaveLength(answers.filter((answer) => answer === '200').length)
})

test('without identity there is no token service, and the keys are there as ever', async () => {
  const script =
    'const { env } = process; console.log(JSON.stringify(Object.keys(env).filter((n) => /^(?:INPUT|ACTIONS)_/.test(n))))'
  const other = path.join(folder, 'other.cjs')
  writeFileSync(other, script)
  const { cloud } = scenario('keyless')
  const names = async (run: Parameters<typeof runBundle>[1]) =>
    JSON.parse((await runBundle(cloud, { entry: other, ...run })).stdout)
  const plain = await names({})
  expect(plain).toContain('INPUT_ACCESS-KEY-ID')
  expect(plain.filter((name: string) => /^ACTIONS_|STS/.test(name))).toEqual([])
  expect(await names({ inputs: { 'allowed-account-ids': '1' } })).toContain('INPUT_STS-ENDPOINT')
  const keyless = await names({ identity: {} })
  expect(keyless).toEqual(expect.arrayContaining(['ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN']))
  expect(keyless.filter((name: string) => /KEY/.test(name))).toEqual([])
})

/** What a cloud says to so many signed calls with the scenario's keys. */
function signedCalls(name: string, count: number, more: Readonly<Record<string, string>>) {
  const { cloud, inputs } = scenario(name)
  const stand = new Cloud(cloud, () => Date.parse('2026-11-24T12:00:00Z'))
  return Array.from({ length: count }, (_, i) => {
    const params = {
      ...{ Format: 'JSON', SignatureMethod: 'HMAC-SHA1', SignatureVersion: '1.0', SignatureNonce: String(i) },
      ...{ Timestamp: '2026-11-24T12:00:00Z', AccessKeyId: inputs['access-key-id'] ?? '' },
      ...{ SecurityToken: inputs['security-token'] ?? '', ...more },
    }
    const Signature = sign('POST', params, inputs['access-key-secret'] ?? '')
    const answer = stand.answer({ method: 'POST', params: { ...params, Signature } })
    return answer.kind === 'reply' ? JSON.parse(answer.text) : answer
  })
}

test('wrong-account-keys: the cloud names an account that is not allowed', () => {
  const [told] = signedCalls('wrong-account-keys', 1, { Action: 'GetCallerIdentity', Version: '2015-04-01' })
  expect(told.AccountId).toMatch(/^\d{16}$/)
  expect(scenario('wrong-account-keys').inputs['allowed-account-ids']).not.toContain(told.AccountId)
  expect(scenario('wrong-account').inputs['role-to-assume']).toContain(`::${told.AccountId}:`)
})

test('session-expired: the session ends before the scan does', () => {
  const look = { Action: 'DescribeScanTaskProgress', Version: '2018-12-03', TaskId: '282832' }
  const told = signedCalls('session-expired', 6, look)
  expect(told.map(({ ScanTaskProgress, Code }) => ScanTaskProgress ?? Code)).toEqual([
    ...['init', 'Processing', 'Processing', 'Processing'],
    ...['InvalidSecurityToken.Expired', 'InvalidSecurityToken.Expired'],
  ])
})

test('long-scan: the scan outlasts three sessions, however often it is looked at', () => {
  const { cloud } = scenario('long-scan')
  const { looks = [] } = cloud.tasks['282832'] ?? {}
  if (typeof looks !== 'function') throw new Error('counted looks')
  const sessionMs = cloud.sts?.sessionMs ?? Number.NaN
  expect(looks(3 * sessionMs, 0)).toEqual(state('Processing'))
  expect(looks(4 * sessionMs, 0)).toEqual(state('Success'))
})

test.each(Object.entries(IDENTITY_SCENARIOS))('%s: secrets say that they are not real', (_, { inputs }) => {
  for (const [name, value] of Object.entries(inputs))
    if (/^access-key|^security-token/.test(name)) expect(value).toContain('emulated')
})
