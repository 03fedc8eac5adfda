import { appendFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { PLOTS } from '../../src/emulator/plots.ts'
import { startTokenService } from '../../src/emulator/tokenService.ts'
import { startJob } from '../support/rehearsalJob.ts'

/** Rehearsals as workflows have them: servers of their own, logging in, inputs, and every scenario. */

const TARGETS = 'host:app-7\ngroup:web'
const SHORT = { 'scan-seconds': '0.3' }
const GATE = { targets: TARGETS, 'severity-cutoff': 'suspicious', 'settle-seconds': '0.1' }
/** What the stories need that would go on for long. */
const PATIENCE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  outage: { 'max-consecutive-errors': '3' },
  endless: { 'timeout-minutes': '0.03' },
}

describe('for a workflow with servers of its own', () => {
  test.each(Object.entries(PLOTS))('%s ends as it says, time and again', async (scenario, plot) => {
    const { verdict, verdictWithoutGate = verdict } = plot
    const job = await startJob({ scenario, targets: TARGETS, ...SHORT })
    expect(job.first).toMatchObject({ exitCode: 0, stderr: '' })
    const withGate = { ...GATE, ...PATIENCE[scenario] }
    const gates = [
      await job.gate({ ...withGate, targets: 'host:app-7' }),
      await job.gate({ ...withGate, targets: 'group:web' }),
    ]
    expect(gates.map(({ outputs }) => outputs.verdict)).toEqual([verdict, verdict])
    const bare = { targets: TARGETS, ...PATIENCE[scenario] }
    expect((await job.gate(bare)).outputs.verdict).toBe(verdictWithoutGate)
    const { exitCode, stdout, stderr } = await job.last()
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toMatch(/^::group::The conversation: \d\d+ requests$/m)
    expect(stdout).not.toMatch(/^::(?:error|warning)/m)
  })

  test('a task that somebody else has started goes the same way', async () => {
    const job = await startJob({ scenario: 'infected', targets: TARGETS, ...SHORT })
    const { targets: _, ...gate } = GATE
    const { outputs } = await job.gate({ ...gate, 'task-id': '4711' })
    expect(outputs).toMatchObject({ verdict: 'alerts', 'alert-count': '2' })
  })

  test('a server that is not in its `targets` is not there', async () => {
    const job = await startJob({ targets: TARGETS, ...SHORT })
    const { outputs } = await job.gate({ ...GATE, targets: 'host:app-8' })
    expect(outputs.verdict).toBe('invalid-input')
  })

  test('without inputs there is a small account, and all is well', async () => {
    const job = await startJob()
    expect(job.first.stdout).toContain('Scenario clean')
    const { outputs } = await job.gate({ ...GATE, targets: 'all' })
    expect(outputs.verdict).toBe('passed')
  })
})

describe('logging in', () => {
  const ROLE = 'acs:ram::6543210987654321:role/any-role'
  const PROVIDER = 'acs:ram::6543210987654321:oidc-provider/any-provider'

  test('the keys are good there and nowhere else, and those of another rehearsal are not', async () => {
    const [one, other] = [await startJob(SHORT), await startJob(SHORT)]
    expect(one.endpoint).not.toBe(other.endpoint)
    expect(one.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const { 'access-key-id': id = '', 'access-key-secret': secret = '' } = other.first.outputs
    expect(id).toMatch(/^rehearsal-key-/)
    const foreign = { targets: 'all', 'access-key-id': id, 'access-key-secret': secret }
    expect((await one.gate(foreign)).outputs).toMatchObject({
      verdict: 'denied',
      'error-code': 'InvalidAccessKeyId.NotFound',
    })
    expect((await other.gate(foreign)).outputs.verdict).toBe('passed')
  })

  test('any role may be assumed, with a token that nobody can check, and its session may do what it was asked for', async () => {
    const service = await startTokenService()
    const job = await startJob({ targets: TARGETS, ...SHORT })
    const login = { 'role-to-assume': ROLE, 'oidc-provider-arn': PROVIDER, 'sts-endpoint': job.endpoint }
    const hours = { 'role-session-expiration': '43200', 'allowed-account-ids': '6543210987654321' }
    const { outputs } = await job.gate({ ...GATE, ...login, ...hours }, service.env)
    await service.close()
    expect(outputs.verdict).toBe('passed')
    const { stdout } = await job.last()
    expect(stdout).toMatch(/AssumeRoleWithOIDC .*any-role.* -> {2}200$/m)
    for (const secret of [...service.given, 'STS.emulated-key', 'emulated-secret', 'emulated/session'])
      expect(stdout).not.toContain(secret)
  })

  test('a token that is over is refused all the same', async () => {
    const service = await startTokenService({ lifeMs: -1_000 })
    const job = await startJob(SHORT)
    const login = { 'role-to-assume': ROLE, 'oidc-provider-arn': PROVIDER, 'sts-endpoint': job.endpoint }
    const { outputs } = await job.gate({ targets: 'all', ...login, 'max-consecutive-errors': '0' }, service.env)
    await service.close()
    expect(outputs['error-code']).toBe('AuthenticationFail.OIDCToken.Expired')
  })

  test('the keys are of the account that it is told', async () => {
    const job = await startJob({ ...SHORT, 'account-id': '6543210987654321' })
    const asked = { targets: 'all', 'sts-endpoint': job.endpoint }
    const good = await job.gate({ ...asked, 'allowed-account-ids': '6543210987654321' })
    const bad = await job.gate({ ...asked, 'allowed-account-ids': '1234567890123456' })
    expect([good, bad].map(({ outputs }) => outputs.verdict)).toEqual(['passed', 'denied'])
  })
})

test('two rehearsals of one job have a conversation each', async () => {
  const one = await startJob(SHORT)
  const other = await startJob(SHORT, { RUNNER_TEMP: one.temp })
  for (const [{ endpoint }, Action] of [[one, 'AskedOne'] as const, [other, 'AskedOther'] as const])
    await fetch(endpoint, { method: 'POST', body: new URLSearchParams({ Format: 'JSON', Action }) })
  const asked = async (job: typeof one) => (await job.last()).stdout.match(/Asked\w+/g)
  expect([await asked(other), await asked(one)]).toEqual([['AskedOther'], ['AskedOne']])
})

describe('a line that was cut short', () => {
  test('costs itself and no other', async () => {
    const job = await startJob(SHORT)
    const ask = () =>
      fetch(job.endpoint, { method: 'POST', body: new URLSearchParams({ Format: 'JSON', Action: 'Asked' }) })
    await ask()
    appendFileSync(path.join(job.state.folder ?? '', 'conversation.jsonl'), '{"atMs":1,"act\n')
    await ask()
    const { stdout } = await job.last()
    expect(stdout).toMatch(/^::group::The conversation: 2 requests\n.*Asked.*\n.*Asked.*\n1 line was cut short/m)
    expect(readdirSync(job.temp)).toEqual([])
  })
})

describe('bad inputs', () => {
  test('are told all at once, and nothing is started', async () => {
    const job = await startJob({
      scenario: 'infectd',
      targets: 'host:\nall\nserver:web-01',
      'scan-seconds': '-1',
      'account-id': 'mine',
      scenarios: 'clean',
    })
    expect(job.first.exitCode).toBe(1)
    const annotations = job.first.stdout.split('\n').filter((line) => line.startsWith('::error'))
    expect(annotations).toHaveLength(1)
    for (const words of [
      'scenario "infectd" is not one of clean, infected, ',
      'targets "host:" names nothing after the colon',
      'targets "all" stands beside other lines',
      'targets "server:web-01" is not a target',
      'scan-seconds "-1" is not a plain number',
      'account-id "mine" is not an account id',
      'scenarios is not an input of this action, did you mean scenario',
    ])
      expect(annotations[0]).toContain(words)
    expect(job.first.outputs).toEqual({})
    expect(readdirSync(job.temp)).toEqual([])
    const { exitCode, stdout } = await job.last()
    expect([exitCode, stdout.trim()]).toEqual([0, 'No emulator was started, so there is nothing to tell.'])
  })
})
