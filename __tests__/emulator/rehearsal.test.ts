import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { PLOTS } from '../../src/emulator/plots.ts'
import type { Listening, Order } from '../../src/emulator/rehearsalServer.ts'
import { startTokenService } from '../../src/emulator/tokenService.ts'
import { isListening, REHEARSAL, startJob } from '../support/rehearsalJob.ts'

/** The rehearsal action as it ships: its steps, and the process that goes on between them. */

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

describe('the process', () => {
  test('outlives the first step, holds none of its secrets, and ends with the last', async () => {
    const job = await startJob(SHORT, { RUNNER_TRACKING_ID: 'github_1', ACTIONS_RUNTIME_TOKEN: 'token-of-the-job' })
    expect(await isListening(job.endpoint)).toBe(true)
    if (process.platform === 'linux') {
      const environment = readFileSync(`/proc/${job.pid}/environ`, 'utf8')
      expect(environment).toContain('RUNNER_TRACKING_ID=github_1')
      expect(environment).not.toMatch(/token-of-the-job|INPUT_|GITHUB_/)
    }
    expect((await job.last()).exitCode).toBe(0)
    while (await isListening(job.endpoint));
    expect(readdirSync(job.temp)).toEqual([])
  })

  test('that has ended before leaves its conversation, and the job as it is', async () => {
    const job = await startJob({ targets: TARGETS, ...SHORT })
    await job.gate(GATE)
    process.kill(job.pid, 'SIGKILL')
    while (await isListening(job.endpoint));
    const { exitCode, stdout } = await job.last()
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/StartVirusScanTask/)
    expect(stdout).toMatch(/^::warning::The emulator had ended before the job did.\nIt said nothing.$/m)
    expect(stdout).not.toMatch(/^ +$/m)
  })

  test('that does not answer is killed where it can be told from others, else left to the runner, and the job as it is', async () => {
    const job = await startJob(SHORT)
    process.kill(job.pid, 'SIGSTOP')
    const { exitCode, stdout } = await job.last()
    expect(exitCode).toBe(0)
    if (process.platform === 'linux') {
      expect(stdout).toContain('::warning::The emulator did not answer, and was killed.')
      while (await isListening(job.endpoint));
    } else {
      process.kill(job.pid, 'SIGCONT')
      expect(stdout).toContain('::warning::The emulator does not answer.')
    }
    expect(readdirSync(job.temp)).toEqual([])
  })

  test('that has the number of one that does not answer lives on', async () => {
    const [job, other] = [await startJob(SHORT), await startJob(SHORT)]
    process.kill(job.pid, 'SIGSTOP')
    const { stdout } = await job.last({ STATE_pid: String(other.pid) })
    process.kill(job.pid, 'SIGKILL')
    expect(stdout).toContain('::warning::The emulator does not answer.')
    expect((await other.gate({ targets: 'all' })).outputs.verdict).toBe('passed')
  })

  test('is not ended by a request that goes nowhere', async () => {
    const job = await startJob(SHORT)
    const { port, hostname } = new URL(job.endpoint)
    const socket = connect(Number(port), hostname)
    socket.write('POST // HTTP/1.1\r\nHost: emulator\r\nConnection: close\r\n\r\n')
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /)
    expect((await job.gate({ targets: 'all' })).outputs.verdict).toBe('passed')
  })

  test('is not ended by a client that goes away in the middle of a request', async () => {
    const job = await startJob(SHORT)
    const { port, hostname } = new URL(job.endpoint)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    socket.write('POST / HTTP/1.1\r\nHost: emulator\r\nContent-Length: 100\r\n\r\nAction=')
    // The server has read what was sent when it answers somebody who came later.
    expect((await job.gate({ targets: 'all' })).outputs.verdict).toBe('passed')
    socket.destroy()
    expect((await job.gate({ targets: 'all' })).outputs.verdict).toBe('passed')
  })

  test('does not end for somebody who does not know the word', async () => {
    const job = await startJob(SHORT)
    const { origin } = new URL(job.state['end-url'] ?? '')
    for (const [method, place] of [
      ['POST', '/'],
      ['POST', `/${'0'.repeat(32)}`],
      ['GET', new URL(job.state['end-url'] ?? '').pathname],
    ])
      expect((await fetch(origin + place, { method: method ?? '' })).status).toBe(404)
    expect(await isListening(job.endpoint)).toBe(true)
  })
})

describe('in the background, alone', () => {
  const folders: string[] = []
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  })

  function background() {
    const folder = mkdtempSync(path.join(tmpdir(), 'background-'))
    folders.push(folder)
    const child = spawn(process.execPath, [REHEARSAL, 'background'], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    const ended = once(child, 'exit')
    const account = { accessKeyId: 'id', accessKeySecret: 'secret' }
    const order: Order = { scenario: 'clean', targets: 'all', scanMs: 0, account, folder, idleMs: 200 }
    return { child, ended, order, folder }
  }

  test('it ends by itself when nobody asks it anything, and says so', async () => {
    const { child, ended, order, folder } = background()
    child.send(order)
    const [listening] = (await once(child, 'message')) as [Listening]
    child.disconnect()
    expect(listening.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:/)
    expect(await ended).toEqual([0, null])
    expect(readFileSync(path.join(folder, 'conversation.jsonl'), 'utf8')).toContain('ended by itself')
  })

  test('it ends with a first step that was cancelled before it listened', async () => {
    const { child, ended } = background()
    child.disconnect()
    expect(await ended).toEqual([1, null])
  })
})

describe('what is told', () => {
  test('of names is text and no command, and of keys nothing', async () => {
    const targets = 'host:##[error]one\ngroup:::set-output name=a::b\u202e'
    const job = await startJob({ targets, ...SHORT })
    await job.gate({ ...GATE, targets })
    const { stdout } = await job.last()
    const { 'access-key-id': id = 'none', 'access-key-secret': secret = 'none' } = job.first.outputs
    expect(stdout).toContain('[error]one')
    for (const told of [stdout, job.first.stdout]) {
      expect(told).not.toMatch(/##\[|^\s*::(?!group::|endgroup::)|\u202e/m)
      expect(told).not.toContain(id)
      expect(told).not.toContain(secret)
      expect(told).not.toContain('Signature')
    }
  })

  test('of a request with a wrong secret is the code alone, since the message holds the key', async () => {
    const job = await startJob(SHORT)
    await job.gate({ targets: 'all', 'access-key-secret': 'another-secret' })
    const { stdout } = await job.last()
    expect(stdout).toMatch(/400 SignatureDoesNotMatch$/m)
    expect(stdout).not.toContain(job.first.outputs['access-key-id'])
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
