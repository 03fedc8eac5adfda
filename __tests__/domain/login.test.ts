import { ramActionsOf } from '../../src/adapters/securityCenter.ts'
import { accountOf, accountOfRole, type Login, mustAskForAccount, policyOf, usesSts } from '../../src/domain/login.ts'
import { policyIn } from '../../src/emulator/policy.ts'
import { FEATURES, type Feature } from '../../src/ports.ts'
import { keysLogin } from '../support/builders.ts'

const role: Login = {
  kind: 'role',
  roleArn: 'acs:ram::1234567890123456:role/virus-scan-gate',
  providerArn: 'acs:ram::1234567890123456:oidc-provider/github-actions',
  sessionName: 'example.app-42',
  durationSeconds: 1_800,
  audience: 'sts.aliyuncs.com',
}
const ecs: Login = { kind: 'ecs-role', role: 'auto' }

describe('the account of a role', () => {
  test.each([
    ['acs:ram::1234567890123456:role/gate', '1234567890123456'],
    ['acs:ram::1:role/a', '1'],
    ['acs:ram::12345678901234567890:role/A-z.0_9@x', '12345678901234567890'],
    [`acs:ram::1:role/${'r'.repeat(64)}`, '1'],
  ])('%s', (arn, account) => {
    expect(accountOfRole(arn)).toBe(account)
  })

  test.each([
    '',
    'gate',
    'acs:ram::1234567890123456:role/',
    'acs:ram::1234567890123456:user/gate',
    'acs:ram::1234567890123456:role/a/b',
    'acs:ram:cn-shanghai:1234567890123456:role/gate',
    'acs:ram::role/gate',
    'acs:ram::123456789012345678901:role/gate',
    'acs:ram::12a4:role/gate',
    ' acs:ram::1:role/gate',
    'acs:ram::1:role/gate\n',
    'ACS:RAM::1:ROLE/GATE',
    'acs:ram::1:assumed-role/gate/session',
    'arn:aws:iam::123456789012:role/gate',
    `acs:ram::1:role/${'r'.repeat(65)}`,
  ])('none in %j', (arn) => {
    expect(accountOfRole(arn)).toBeUndefined()
  })
})

test.each<[string, Login, string | undefined]>([
  ['a role tells its account', role, '1234567890123456'],
  ['keys do not', keysLogin, undefined],
  ['nor does the role of an instance', ecs, undefined],
])('%s', (_, login, account) => {
  expect(accountOf(login)).toBe(account)
})

test.each<[string, Login, readonly string[], { asks: boolean; sts: boolean }]>([
  ['keys, any account', keysLogin, [], { asks: false, sts: false }],
  ['keys, some accounts', keysLogin, ['1'], { asks: true, sts: true }],
  ['an instance, any account', ecs, [], { asks: false, sts: false }],
  ['an instance, some accounts', ecs, ['1'], { asks: true, sts: true }],
  ['a role, any account', role, [], { asks: false, sts: true }],
  ['a role, some accounts', role, ['1'], { asks: false, sts: true }],
])('%s', (_, login, allowed, { asks, sts }) => {
  expect(mustAskForAccount(login, allowed)).toBe(asks)
  expect(usesSts(login, allowed)).toBe(sts)
})

describe("the session's own policy", () => {
  test('is exactly the actions, on everything', () => {
    expect(JSON.parse(policyOf(['yundun-sas:DescribeScanTaskProgress', 'yundun-sas:StartVirusScanTask']))).toEqual({
      Version: '1',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['yundun-sas:DescribeScanTaskProgress', 'yundun-sas:StartVirusScanTask'],
          Resource: '*',
        },
      ],
    })
  })

  test.each<{ features: readonly Feature[] }>([{ features: ['wait'] }, { features: FEATURES }])(
    'of $features allows those and nothing else, within what STS takes',
    ({ features }) => {
      const actions = ramActionsOf(features)
      const text = policyOf(actions)
      const policy = policyIn(text)
      for (const action of ramActionsOf(FEATURES)) expect(policy?.allows(action)).toBe(actions.includes(action))
      expect(policy?.allows('yundun-sas:DeleteEverything')).toBe(false)
      expect(policy?.allows('ecs:DeleteInstance')).toBe(false)
      expect(text.length).toBeLessThan(2_048)
    },
  )
})
