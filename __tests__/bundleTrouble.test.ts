import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as answers from '../src/emulator/answers.ts'
import { Cloud } from '../src/emulator/cloud.ts'
import { readOutputs } from '../src/emulator/runner.ts'
import { ACCOUNT } from '../src/emulator/scenarios.ts'
import { startServer } from '../src/emulator/server.ts'
import { ACTION, fast, keys, runBundle } from './support/bundle.ts'
import { HOSTILE_NAMES } from './support/hostile.ts'
import { expectOrderly, forTask, oneTask, success, targets } from './support/oneTask.ts'

/** What ships, and what may happen to it: signals, foreign text, mistakes of ours, a log that nobody takes. */

describe('signals', () => {
  const pending = { state: [answers.state('Processing')], hang: [answers.hang()], hangInBody: [answers.hangInBody()] }
  const slow = { 'min-poll-seconds': '30', 'max-poll-seconds': '30' }
  test.each<{ name: string; looks: readonly answers.Look[]; send: readonly NodeJS.Signals[] }>([
    { name: 'SIGINT while it sleeps', looks: pending.state, send: ['SIGINT'] },
    { name: 'SIGTERM while it sleeps', looks: pending.state, send: ['SIGTERM'] },
    { name: 'SIGINT while a request hangs', looks: pending.hang, send: ['SIGINT'] },
    { name: 'SIGTERM while a request hangs', looks: pending.hang, send: ['SIGTERM'] },
    { name: 'SIGINT while a body hangs', looks: pending.hangInBody, send: ['SIGINT'] },
    { name: 'SIGINT twice', looks: pending.state, send: ['SIGINT', 'SIGINT'] },
    {
      name: 'SIGINT, then SIGTERM, while a request hangs',
      looks: pending.hang,
      send: ['SIGINT', 'SIGTERM', 'SIGTERM'],
    },
  ])('$name', async ({ looks, send }) => {
    const result = await runBundle(oneTask(...looks), forTask({ inputs: slow, signals: { afterLooks: 1, send } }))
    expectOrderly(result, 'cancelled')
    expect(result.exitCode).toBe(1)
    expect(result.summary).toMatch(/^## ❌ Virus scan: wait cancelled/)
    expect(result.stdout).toContain('The cloud has no call to stop a scan')
    // The contract's own bound, which even a slow machine keeps: a hang would take 15 s, a sleep 30 s.
    expect(result.goneAfterMs).toBeLessThan(2_000)
  })

  test('a disk so slow that the summary is never written: gone in time, and not green', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'slow-'))
    const slow = path.join(folder, 'slow.cjs')
    writeFileSync(slow, "require('node:fs').promises.appendFile = () => new Promise((r) => setTimeout(r, 10_000))")
    const result = await runBundle(
      oneTask(...pending.hang),
      forTask({ env: { NODE_OPTIONS: `--require=${slow}` }, signals: { afterLooks: 1, send: ['SIGINT'] } }),
    )
    rmSync(folder, { recursive: true })
    expect(result.exitCode).toBe(1)
    expect(result.outputs.verdict).toBe('cancelled')
    expect(result.goneAfterMs).toBeLessThan(2_000)
  })

  test('with several tasks', async () => {
    const tasks = {
      '1': { targets, looks: [answers.state('Success')] },
      '2': { targets, looks: pending.hang },
      '3': { targets, looks: pending.hang },
    }
    const result = await runBundle(
      { account: ACCOUNT, tasks },
      { inputs: { 'task-id': '1 2 3' }, signals: { afterLooks: 3, send: ['SIGINT'] } },
    )
    expectOrderly(result, 'cancelled')
    expect(JSON.parse(result.outputs.tasks ?? '').map((task: { verdict: string }) => task.verdict)).toEqual([
      'passed',
      'cancelled',
      'cancelled',
    ])
  })
})

describe('foreign text', () => {
  test('a hostile name starts no command and stays in its cell', async () => {
    const hostile = HOSTILE_NAMES.map((name, i) => ({ type: 'uuid', name, target: `u-${i}` }))
    const cloud = {
      account: ACCOUNT,
      tasks: {
        '282832': {
          targets: hostile,
          looks: HOSTILE_NAMES.map((name) => answers.state(name)).concat(answers.state('Success')),
        },
      },
    }
    const result = await runBundle(cloud, forTask({ inputs: { 'max-poll-seconds': '0.05' } }))
    expectOrderly(result, 'passed')
    const commands = result.log.filter((line) => /^\s*::|##\[/.test(line)).map((line) => /^::[a-z-]+::/.exec(line)?.[0])
    expect([...new Set(commands)]).toEqual(['::add-mask::', '::warning::'])
    const read = JSON.parse(result.outputs.targets ?? '').map((target: { name: string }) => target.name)
    expect(read).toEqual(HOSTILE_NAMES)
  })

  test('TargetInfo that cannot be read is a warning; the verdict stays', async () => {
    const result = await runBundle(oneTask(answers.state('Success', { TargetInfo: '{"broken' })), forTask())
    expectOrderly(result, 'passed')
    expect(result.annotations).toEqual([
      expect.stringMatching(/^::warning::TargetInfo of virus scan task 282832 could not be read/),
    ])
  })

  test('30,000 targets: the summary stays below 1 MiB, the output is cut and says so', async () => {
    const many = Array.from({ length: 30_000 }, (_, i) => ({
      type: 'uuid',
      name: `<b>host ${i}</b>`,
      target: `5a1f0c1e-0000-4000-8000-${i}`,
    }))
    const cloud = { account: ACCOUNT, tasks: { '282832': { targets: many, looks: [answers.state('Success')] } } }
    const result = await runBundle(cloud, forTask())
    expectOrderly(result, 'passed')
    expect(Buffer.byteLength(result.summary)).toBeLessThan(1_024 * 1_024)
    expect(result.annotations).toEqual([
      expect.stringMatching(/^::warning::The output targets holds \d+ of 30000 elements/),
    ])
    expect(JSON.parse(result.outputs.tasks ?? '')).toMatchObject([{ targets: 30_000 }])
  })
})

describe('a mistake of ours', () => {
  /** Runs in the action's process before it: the only way to make a mistake in it from outside. */
  const sabotage = (code: string) => ({ NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(code)}"` })

  test.each([
    ['thrown out of the story', 'Math.min = () => { throw new Error("oops") }'],
    ['thrown where nobody catches', 'setTimeout(() => { throw new Error("oops") }, 400)'],
    ['rejected where nobody catches', 'setTimeout(() => { Promise.reject("oops") }, 400)'],
  ])('%s is no green job, shows no stack trace, and has the last word', async (_, code) => {
    const looks = [...Array.from({ length: 40 }, () => answers.state('Processing')), answers.state('Success')]
    const result = await runBundle(oneTask(...looks), forTask({ env: sabotage(code), inputs: { 'fail-on': 'none' } }))
    expectOrderly(result, 'unavailable')
    expect(result.exitCode).toBe(1)
    expect(result.outputs.reason).toBe(
      '(Rehearsal) This action made a mistake and saw nothing to rely on, the debug log has the details',
    )
    expect(result.outputs['task-id']).toBe('282832')
    expect(result.stdout).not.toContain('oops')
  })

  test('its stack goes to the debug log', async () => {
    const env = { ...sabotage('Math.min = () => { throw new Error("oops") }'), RUNNER_DEBUG: '1' }
    const result = await runBundle(oneTask(answers.state('init')), forTask({ env }))
    expect(result.log.filter((line) => line.includes('oops'))).toEqual([
      expect.stringMatching(/^::debug::Error: oops%0A\s+at /),
    ])
  })

  test('after the verdict it still fails the job', async () => {
    const code =
      'process.stdout.write = ((write) => (text, ...rest) => { if (/ended with Success/.test(text)) throw new Error("oops"); return write.call(process.stdout, text, ...rest) })(process.stdout.write)'
    const result = await runBundle(success, forTask({ env: sabotage(code) }))
    expect(result.exitCode).toBe(1)
    expect(result.annotations).toEqual([
      '::error::This action made a mistake after its verdict, the debug log has the details',
    ])
  })
})

describe('a log that nobody takes', () => {
  /** Runs the bundle with its output going where `stdout` says; resolves with exit code and outputs. */
  async function runWith(stdout: number | 'pipe', looks: readonly answers.Look[]) {
    const server = await startServer(new Cloud(oneTask(...looks), Date.now))
    const folder = mkdtempSync(path.join(tmpdir(), 'no-log-'))
    const output = path.join(folder, 'output')
    writeFileSync(output, '')
    const inputs = { ...keys, ...fast, 'task-id': '282832', endpoint: server.url, rehearsal: 'true' }
    const env = Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
    )
    const child = spawn(process.execPath, [ACTION], {
      env: { ...env, GITHUB_OUTPUT: output },
      stdio: ['ignore', stdout, 'ignore'],
    })
    child.stdout?.once('data', () => child.stdout?.destroy())
    const exitCode = await new Promise((resolve) => child.on('close', resolve))
    await server.close()
    const outputs = readOutputs(readFileSync(output, 'utf8'))
    rmSync(folder, { recursive: true })
    return { exitCode, verdict: outputs.verdict }
  }
  const pass = [answers.state('init'), answers.state('Processing'), answers.state('Success')]
  const failing = [answers.state('init'), answers.state('Failed')]

  test('because its reader went away, changes nothing else', async () => {
    expect(await runWith('pipe', pass)).toEqual({ exitCode: 0, verdict: 'passed' })
    expect(await runWith('pipe', failing)).toEqual({ exitCode: 1, verdict: 'scan-failed' })
  })

  const full = '/dev/full'
  const onFullDisk = existsSync(full) ? test : test.skip
  onFullDisk('because the disk is full, changes nothing else', async () => {
    const file = openSync(full, 'w')
    expect(await runWith(file, pass)).toEqual({ exitCode: 0, verdict: 'passed' })
    expect(await runWith(file, failing)).toEqual({ exitCode: 1, verdict: 'scan-failed' })
    closeSync(file)
  })
})

test('the name of an undeclared input starts no command', async () => {
  const result = await runBundle(success, forTask({ inputs: { '::warning::pwned': '1', '::error::x': '1' } }))
  expectOrderly(result, 'invalid-input')
  const commands = result.log
    .filter((line) => line.trimStart().startsWith('::'))
    .map((line) => /^::[a-z-]+::/.exec(line)?.[0])
  expect([...new Set(commands)]).toEqual(['::add-mask::', '::error::'])
})
