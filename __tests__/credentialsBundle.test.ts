import { createServer, type Server } from 'node:net'
import { emptyReply, raw } from '../src/emulator/answers.ts'
import { IDENTITY_SCENARIOS } from '../src/emulator/identityScenarios.ts'
import { ACCOUNT } from '../src/emulator/scenarios.ts'
import { type BundleRun, keys, runBundle } from './support/bundle.ts'
import { ASSUME, actionsOf, asRole, LOOK, scan } from './support/keylessRun.ts'

/** Which account is let in, the RAM role of an ECS instance, and which credentials win, over real sockets. */

describe('the account', () => {
  const other = { 'allowed-account-ids': '6543210987654321' }
  const same = { 'allowed-account-ids': '6543210987654321, 1234567890123456' }

  test('a role of another one is refused without any call', async () => {
    const { outputs, server, identity } = await asRole(scan(1), { inputs: other })
    expect(outputs).toMatchObject({ verdict: 'denied', 'error-code': 'AccountNotAllowed', polls: '0' })
    expect([server.exchanges, identity?.exchanges]).toEqual([[], []])
  })
  test('a role of the right one needs no call for it', async () => {
    const result = await asRole(scan(1), { inputs: same })
    expect(result.outputs.verdict).toBe('passed')
    expect(actionsOf(result)).not.toContain('GetCallerIdentity')
  })
  test('keys of another one are refused before Security Center is asked', async () => {
    const inputs = { 'task-id': '282832', 'report-file': 'report.json', ...other }
    const result = await runBundle(scan(1), { inputs })
    expect(result.outputs).toMatchObject({ verdict: 'denied', 'error-code': 'AccountNotAllowed' })
    expect(actionsOf(result)).toEqual(['GetCallerIdentity'])
    expect(JSON.parse(result.files['report.json'] ?? '')).toMatchObject({ account: '1234567890123456', passed: false })
  })
  test('keys of the right one go on, and the account is told', async () => {
    const result = await runBundle(scan(1), { inputs: { 'task-id': '282832', ...same } })
    expect(result.outputs.verdict).toBe('passed')
    expect(actionsOf(result).slice(0, 2)).toEqual(['GetCallerIdentity', LOOK])
    expect(result.stdout).toContain('account 1234567890123456')
  })
  test('an answer without an account opens nothing', async () => {
    const trouble = { GetCallerIdentity: { first: [], rest: raw(200, '{"RequestId":"R"}') } }
    const inputs = { 'task-id': '282832', 'max-consecutive-errors': '1', ...same }
    const result = await runBundle(scan(1, { trouble }), { inputs })
    expect(result.outputs).toMatchObject({ verdict: 'unavailable', 'error-code': 'InvalidResponse' })
    expect(new Set(actionsOf(result))).toEqual(new Set(['GetCallerIdentity']))
  })
  test('a rehearsal asks no real STS', async () => {
    const { outputs, server } = await asRole(scan(1), { inputs: { 'sts-endpoint': 'sts.aliyuncs.com' } })
    expect([outputs.verdict, server.exchanges]).toEqual(['invalid-input', []])
    expect(outputs.reason).toContain('sts-endpoint')
  })
})

describe('the RAM role of an ECS instance', () => {
  const onEcs = (role: string, run: BundleRun = {}, cloud = scan(2)) =>
    runBundle(cloud, {
      metadata: { role: 'scan-gate' },
      ...run,
      inputs: { 'task-id': '282832', 'ecs-ram-role': role, ...run.inputs },
    })

  test.each(['scan-gate', 'auto'])('%s: token mode first, then looks with its session', async (role) => {
    const { outputs, instance, server, stderr } = await onEcs(role, {
      metadata: { role: 'scan-gate', requiresToken: true },
    })
    expect([outputs.verdict, stderr]).toEqual(['passed', ''])
    expect(instance?.exchanges[0]).toMatchObject({ method: 'PUT', path: '/latest/api/token', answer: '200' })
    expect(instance?.exchanges.filter(({ answer }) => !answer.startsWith('200'))).toEqual([])
    expect(instance?.exchanges.every(({ method, hadToken }) => method === 'PUT' || hadToken)).toBe(true)
    expect(server.exchanges.every(({ session }) => session === 1)).toBe(true)
  })

  test('its sessions are renewed while the scan goes on', async () => {
    const { outputs, sessions, server } = await onEcs(
      'scan-gate',
      { metadata: { role: 'scan-gate', sessionMs: 4_000, freshMs: 1_500 }, inputs: { 'max-poll-seconds': '0.3' } },
      IDENTITY_SCENARIOS['long-scan']?.cloud ?? scan(2),
    )
    expect(outputs.verdict).toBe('passed')
    expect(sessions.length).toBeGreaterThanOrEqual(4)
    expect(server.exchanges.filter(({ answer }) => answer !== '200')).toEqual([])
  })

  test('the account is asked for where only some are allowed', async () => {
    const inputs = { 'allowed-account-ids': '6543210987654321' }
    const result = await onEcs('auto', { inputs })
    expect(result.outputs).toMatchObject({ verdict: 'denied', 'error-code': 'AccountNotAllowed' })
    expect(actionsOf(result)).toEqual(['GetCallerIdentity'])
  })

  test.each([
    { what: 'another role', metadata: { role: 'another' }, code: 'RoleNotAttached' },
    { what: 'no role', metadata: {}, code: 'RoleNotAttached' },
  ])('an instance with $what is refused at once', async ({ metadata, code }) => {
    const { outputs, server } = await onEcs('scan-gate', { metadata })
    expect(outputs).toMatchObject({ verdict: 'denied', 'error-code': code })
    expect(server.exchanges).toEqual([])
  })

  test('a switch in the environment is heeded', async () => {
    const { outputs, instance } = await onEcs('auto', { env: { ALIBABA_CLOUD_ECS_METADATA_DISABLED: 'true' } })
    expect(outputs).toMatchObject({ verdict: 'denied', 'error-code': 'MetadataDisabled' })
    expect(instance?.exchanges).toEqual([])
  })

  test('an unwell metadata service is asked again', async () => {
    const metadata = { role: 'scan-gate', trouble: { credentials: [emptyReply(500), emptyReply(500)] } }
    const { outputs } = await onEcs('scan-gate', { metadata })
    expect(outputs.verdict).toBe('passed')
  })

  describe('on a runner that is none', () => {
    let silent: Server
    beforeAll(async () => {
      silent = createServer(() => {})
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    })
    afterAll(() => silent.close())
    const elsewhere = (routes: Readonly<Record<string, number>>) =>
      runBundle(scan(1), { routes, inputs: { 'task-id': '282832', 'ecs-ram-role': 'auto' } })

    test('nobody at the address is found out at once', async () => {
      const { outputs, server, stdout } = await elsewhere({})
      expect(outputs).toMatchObject({ verdict: 'denied', 'error-code': 'MetadataUnreachable' })
      expect(server.exchanges).toEqual([])
      expect(stdout).toContain('self-hosted runners on ECS')
    })
    test('somebody who says nothing is found out within 3 s', async () => {
      const { port } = silent.address() as { readonly port: number }
      const { outputs, tookMs } = await elsewhere({ '100.100.100.200:80': port })
      expect(outputs).toMatchObject({ verdict: 'denied', 'error-code': 'MetadataUnreachable' })
      expect(Number(outputs['elapsed-seconds'])).toBeLessThanOrEqual(4)
      // And nothing that is still waited for keeps the process.
      expect(tookMs).toBeLessThan(10_000)
    })
  })

  test('DEBUG prints nothing of it', async () => {
    const { outputs, stderr, stdout, sessions } = await onEcs('auto', { env: { DEBUG: '*' } })
    expect([outputs.verdict, stderr]).toEqual(['passed', ''])
    for (const { accessKeyId, accessKeySecret, securityToken } of sessions) {
      for (const secret of [accessKeyId, accessKeySecret, securityToken])
        expect(stdout.replaceAll(`::add-mask::${secret}`, '')).not.toContain(secret)
    }
  })
})

test('keys of an earlier step win over nothing, and lose to what the workflow says', async () => {
  const env = {
    ALIBABA_CLOUD_ACCESS_KEY_ID: ACCOUNT.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: ACCOUNT.accessKeySecret,
    ALIBABA_CLOUD_SECURITY_TOKEN: ACCOUNT.securityToken,
  }
  const role = await asRole(scan(1), { env })
  expect(actionsOf(role)[0]).toBe(ASSUME)
  const explicit = await asRole(scan(1), { inputs: keys })
  expect(explicit.outputs.verdict).toBe('passed')
  expect(actionsOf(explicit)).not.toContain(ASSUME)
})
