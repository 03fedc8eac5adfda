import { emptyReply, hang, raw, refusal } from '../src/emulator/answers.ts'
import { IDENTITY_SCENARIOS } from '../src/emulator/identityScenarios.ts'
import { runBundle } from './support/bundle.ts'
import { ASSUME, actionsOf, asRole, LOOK, ROLE, scan, sts } from './support/keylessRun.ts'

/** How what ships comes by its sessions with GitHub's OIDC token, keeps them and refuses wrong ones. */

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
