import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import type { Listening, Order } from '../../src/emulator/rehearsalServer.ts'
import { isListening, REHEARSAL, startJob } from '../support/rehearsalJob.ts'

/** The process that a rehearsal leaves in the background, and what is told of its end. */

const TARGETS = 'host:app-7\ngroup:web'
const SHORT = { 'scan-seconds': '0.3' }
const GATE = { targets: TARGETS, 'severity-cutoff': 'suspicious', 'settle-seconds': '0.1' }

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
