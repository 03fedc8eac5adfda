import { createServer, type Server } from 'node:net'
import { emptyReply, hang, raw, refusal, state } from '../src/emulator/answers.ts'
import type { CloudState } from '../src/emulator/cloud.ts'
import { IDENTITY_SCENARIOS } from '../src/emulator/identityScenarios.ts'
import { ACCOUNT } from '../src/emulator/scenarios.ts'
import { type BundleRun, keys, runBundle } from './support/bundle.ts'

/** How what ships comes by its credentials, keeps them and refuses wrong ones, over real sockets. */

const keyless = IDENTITY_SCENARIOS.keyless
if (keyless === undefined) throw new Error('the scenario keyless is gone')
const { inputs: ROLE } = keyless
const sts = keyless.cloud.sts ?? { providers: {}, roles: {} }
const LOOK = 'DescribeScanTaskProgress'
const ASSUME = 'AssumeRoleWithOIDC'

const scan = (processing: number, changes: Partial<CloudState> = {}): CloudState => ({
  ...keyless.cloud,
  tasks: {
    '282832': {
      targets: [{ type: 'uuid', name: 'web-01', target: '5a1f0c1e-0000-4000-8000-00000000aa01' }],
      looks: [state('init'), ...Array.from({ length: processing }, () => state('Processing')), state('Success')],
    },
  },
  ...changes,
})
const asRole = (cloud: CloudState = scan(2), { inputs, ...run }: BundleRun = {}) =>
  runBundle(cloud, { identity: {}, ...run, inputs: { ...ROLE, ...inputs } })
const actionsOf = ({ server }: Awaited<ReturnType<typeof runBundle>>) => server.exchanges.map(({ action }) => action)

describe('keyless', () => {
  test('a token, a session that may do just what the run needs, and looks', async () => {
    const result = await asRole(scan(2), { inputs: { 'report-file': 'report.json' } })
    expect(result.outputs).toMatchObject({ verdict: 'passed' })
    expect(result.identity?.exchanges).toEqual([{ audience: 'sts.aliyuncs.com', answer: '200' }])
    expect(actionsOf(result)).toEqual([ASSUME, LOOK, LOOK, LOOK, LOOK])
    const [assumed, ...looks] = result.server.exchanges
    expect(assumed).toMatchObject({
      method: 'POST',
      inUrl: [],
      params: {
        RoleArn: ROLE['role-to-assume'],
        OIDCProviderArn: ROLE['oidc-provider-arn'],
        RoleSessionName: 'example.app-1234567890',
        DurationSeconds: '1800',
        Policy: JSON.stringify({
          Version: '1',
          Statement: [{ Effect: 'Allow', Action: [`yundun-sas:${LOOK}`], Resource: '*' }],
        }),
      },
    })
    expect(looks.every(({ session }) => session === 1)).toBe(true)
    const account = '1234567890123456'
    expect(result.stdout).toContain(`account ${account}`)
    expect(result.summary).toContain(account)
    expect(JSON.parse(result.files['report.json'] ?? '')).toMatchObject({
      account,
      calls: [{ action: ASSUME, calls: 1 }],
    })
  })

  test('what the workflow says of the session is what is asked for', async () => {
    const cloud = scan(1, {
      sts: {
        ...sts,
        providers: {
          [ROLE['oidc-provider-arn'] ?? '']: {
            issuer: 'https://token.actions.githubusercontent.com',
            clientIds: ['gate'],
          },
        },
      },
    })
    const inputs = { 'role-session-name': 'nightly@scan', 'role-session-expiration': '900', audience: 'gate' }
    const { outputs, server, identity } = await asRole(cloud, { inputs })
    expect(outputs.verdict).toBe('passed')
    expect(identity?.exchanges).toEqual([{ audience: 'gate', answer: '200' }])
    expect(server.exchanges[0]?.params).toMatchObject({ RoleSessionName: 'nightly@scan', DurationSeconds: '900' })
  })

  test('without id-token: write nothing is asked, and the message says what to add', async () => {
    const env = { ACTIONS_ID_TOKEN_REQUEST_URL: undefined, ACTIONS_ID_TOKEN_REQUEST_TOKEN: undefined }
    const { outputs, server, exitCode } = await asRole(scan(1), { env })
    expect([exitCode, outputs.verdict, server.exchanges]).toEqual([1, 'invalid-input', []])
    expect(outputs.reason).toContain('permissions: id-token: write')
  })

  test('a scan that outlasts its sessions is seen to its end without a failed look', async () => {
    const story = IDENTITY_SCENARIOS['long-scan']
    if (story === undefined) throw new Error('the scenario long-scan is gone')
    const { outputs, sessions, server, identity, log } = await runBundle(story.cloud, {
      inputs: story.inputs,
      identity: story.identity ?? {},
    })
    expect(outputs.verdict).toBe('passed')
    expect(sessions.length).toBeGreaterThanOrEqual(4)
    // A token for each session, and every session was used.
    expect(identity?.given.length).toBe(sessions.length)
    const looks = server.exchanges.filter(({ action }) => action === LOOK)
    expect(looks.filter(({ answer }) => answer !== '200')).toEqual([])
    expect(new Set(looks.map(({ session }) => session)).size).toBeGreaterThanOrEqual(4)
    expect(log.filter((line) => line.includes('session renewed')).length).toBe(sessions.length - 1)
  })

  test('a session that is ended early costs one look, and another one follows', async () => {
    const { outputs, sessions, server } = await asRole(scan(3, { sts: { ...sts, endsAfterCalls: [2] } }))
    expect(outputs.verdict).toBe('passed')
    expect(sessions.length).toBe(2)
    const answers = server.exchanges
      .filter(({ action }) => action === LOOK)
      .map(({ answer, session }) => [answer, session])
    expect(answers).toEqual([
      ['200', 1],
      ['200', 1],
      ['400 InvalidSecurityToken.Expired', 1],
      ['200', 2],
      ['200', 2],
      ['200', 2],
    ])
  })

  test('where the fresh one is refused too, the run is denied', async () => {
    const { outputs, sessions, stdout } = await asRole(scan(3, { sts: { ...sts, endsAfterCalls: [2, 0] } }))
    expect(outputs).toMatchObject({ verdict: 'denied', 'error-code': 'InvalidSecurityToken.Expired' })
    expect(sessions.length).toBe(2)
    expect(stdout).toContain('revoked')
  })

  test('a token that ended on the way to STS is replaced', async () => {
    const cloud = scan(1, {
      trouble: { [ASSUME]: [refusal(401, 'AuthenticationFail.OIDCToken.Expired', 'This JsonWebToken is expired.')] },
    })
    const { outputs, identity } = await asRole(cloud)
    expect([outputs.verdict, identity?.given.length]).toEqual(['passed', 2])
  })

  test('but not one after the other', async () => {
    const cloud = scan(1, {
      trouble: {
        [ASSUME]: {
          first: [],
          rest: refusal(401, 'AuthenticationFail.OIDCToken.Expired', 'This JsonWebToken is expired.'),
        },
      },
    })
    const { outputs, identity } = await asRole(cloud)
    expect(outputs).toMatchObject({ verdict: 'denied', 'error-code': 'AuthenticationFail.OIDCToken.Expired' })
    expect(identity?.given.length).toBe(2)
  })

  test.each([
    {
      what: 'STS',
      run: {},
      cloud: scan(1, { trouble: { [ASSUME]: { first: [], rest: emptyReply(503) } } }),
      code: 'InvalidResponse',
    },
    {
      what: 'throttling at STS',
      run: {},
      cloud: scan(1, { trouble: { [ASSUME]: { first: [], rest: refusal(400, 'Throttling.User', 'slow down') } } }),
      code: 'Throttling.User',
    },
    {
      what: "GitHub's token service",
      run: { identity: { trouble: { first: [], rest: emptyReply(500) } } },
      cloud: scan(1),
      code: 'HTTP500',
    },
  ])('an outage of $what lasts as long as errors are forgiven', async ({ run, cloud, code }) => {
    const { outputs, server } = await asRole(cloud, { ...run, inputs: { 'max-consecutive-errors': '2' } })
    expect(outputs).toMatchObject({ verdict: 'unavailable', 'error-code': code, polls: '0' })
    expect(server.exchanges.filter(({ action }) => action === LOOK)).toEqual([])
  })

  test.each([
    { what: 'refuses', answer: raw(403, '{"message":"no"}'), code: 'HTTP403', verdict: 'denied' },
    { what: 'gives no token', answer: raw(200, '{}'), code: 'InvalidResponse', verdict: 'unavailable' },
    {
      what: 'gives something else',
      answer: raw(200, '{"value":"surprise"}'),
      code: 'InvalidResponse',
      verdict: 'unavailable',
    },
  ])("where GitHub's token service $what, nothing goes to STS", async ({ answer, code, verdict }) => {
    const trouble = { first: [], rest: answer }
    const run = { identity: { trouble }, inputs: { 'max-consecutive-errors': '1' } }
    const { outputs, server } = await asRole(scan(1), run)
    expect(outputs).toMatchObject({ verdict, 'error-code': code })
    expect(server.exchanges).toEqual([])
  })

  test('a cancel while the token service hangs ends the run at once, and nothing keeps the process', async () => {
    const kills: (() => void)[] = []
    let signalledAt = Number.NaN
    const result = await asRole(scan(1), {
      identity: { trouble: { first: [], rest: hang() } },
      onStart: (action) => kills.push(() => action.kill('SIGINT')),
      onOutput: (chunk) => {
        if (!chunk.includes('Credentials:')) return
        signalledAt = performance.now()
        for (const kill of kills) kill()
      },
    })
    expect(result.outputs.verdict).toBe('cancelled')
    expect(performance.now() - signalledAt).toBeLessThan(2_000)
  })

  test('replies of STS without all parts of the credentials sign nothing', async () => {
    const half = raw(200, JSON.stringify({ Credentials: { AccessKeyId: 'STS.half', SecurityToken: 'token' } }))
    const cloud = scan(1, { trouble: { [ASSUME]: { first: [], rest: half } } })
    const { outputs, server } = await asRole(cloud, { inputs: { 'max-consecutive-errors': '1' } })
    expect(outputs).toMatchObject({ verdict: 'unavailable', 'error-code': 'InvalidResponse' })
    expect(new Set(server.exchanges.map(({ action }) => action))).toEqual(new Set([ASSUME]))
  })

  test('a start is not sent while there is no session, and is sent once when there is one', async () => {
    const trouble = { [ASSUME]: [emptyReply(503), undefined] }
    const inputs = { targets: 'uuid:5a1f0c1e-0000-4000-8000-00000000aa01' }
    const { 'task-id': _, ...role } = ROLE
    const result = await runBundle(scan(1, { trouble }), { identity: {}, inputs: { ...role, ...inputs } })
    expect(result.outputs.verdict).toBe('passed')
    expect(result.started.length).toBe(1)
  })
})

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
