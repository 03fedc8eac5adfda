import type { Login } from '../../src/domain/login.ts'
import { loginLine, openingLine } from '../../src/view/openingText.ts'
import { id } from '../support/builders.ts'

const endpoint = {
  url: 'https://tds.cn-shanghai.aliyuncs.com',
  host: 'tds.cn-shanghai.aliyuncs.com',
  site: 'China',
} as const

test('the first line names task, host, site and deadline', () => {
  expect(openingLine([id('282832')], endpoint, 7_200_000, undefined)).toBe(
    'Waiting for virus scan task 282832 at tds.cn-shanghai.aliyuncs.com (China site), at most 2 h, alerts are not read',
  )
  expect(openingLine([id('1'), id('2')], { ...endpoint, site: 'rehearsal' }, 1_000, 'serious')).toMatch(
    /^Waiting for 2 virus scan tasks at .* \(rehearsal\), at most 1 s, gate at serious$/,
  )
})

test('a proxy on the way is named, and cannot become a command', () => {
  const line = openingLine([id('1')], endpoint, 1_000, undefined, 'proxy.example:3128')
  expect(line).toContain('(China site) through the proxy proxy.example:3128, at most')
  expect(openingLine([id('1')], endpoint, 1_000, undefined, 'a\n::error::b')).not.toMatch(/\n/)
})

const credentials = { accessKeyId: 'the-id', accessKeySecret: 'the-secret' }
const role: Login = {
  kind: 'role',
  roleArn: 'acs:ram::1:role/gate',
  providerArn: 'acs:ram::1:oidc-provider/github',
  sessionName: 'example.app-1',
  durationSeconds: 1_800,
  audience: 'sts.aliyuncs.com',
}

test.each<[string, Login, string]>([
  ['a role', role, "acs:ram::1:role/gate by GitHub's OIDC token, session example.app-1, renewed in time"],
  ['an instance', { kind: 'ecs-role', role: 'auto' }, 'the RAM role of this ECS instance (auto), renewed in time'],
  ['keys of the workflow', { kind: 'keys', from: 'inputs', credentials }, 'the input access-key-id'],
  ['keys of a step', { kind: 'keys', from: 'environment', credentials }, 'the variable ALIBABA_CLOUD_ACCESS_KEY_ID'],
])('the credentials of %s', (_, login, text) => {
  expect(loginLine(login, 7_200_000)).toBe(`Credentials: ${text}`)
})

test('a session that cannot be renewed is told, with what that means, and without its secrets', () => {
  const session = { ...credentials, securityToken: 'the-token' }
  const line = loginLine({ kind: 'keys', from: 'environment', credentials: session }, 7_200_000)
  expect(line).toMatch(
    /of a session that this action cannot renew: should it end within 2 h, .* the verdict is denied$/,
  )
  expect(line).not.toMatch(/the-id|the-secret|the-token/)
})
