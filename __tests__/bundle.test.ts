import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as answers from '../src/emulator/answers.ts'
import { Cloud, type CloudState } from '../src/emulator/cloud.ts'
import { readOutputs } from '../src/emulator/runner.ts'
import { ACCOUNT, SCENARIOS } from '../src/emulator/scenarios.ts'
import { startServer } from '../src/emulator/server.ts'
import { OUTPUT_NAMES } from '../src/view/outputs.ts'
import { ACTION, type BundleResult, type BundleRun, fast, keys, runBundle } from './support/bundle.ts'
import { HOSTILE_NAMES } from './support/hostile.ts'

const targets = [{ type: 'uuid', name: 'web-01', target: 'u-1' }]
const oneTask = (...looks: readonly answers.Look[]): CloudState => ({
  account: ACCOUNT,
  tasks: { '282832': { targets, looks } },
})
const forTask = (run: BundleRun = {}): BundleRun => ({ ...run, inputs: { 'task-id': '282832', ...run.inputs } })
const success = oneTask(answers.state('Success'))
const secrets = Object.values(ACCOUNT)

/** What holds on every way out, whatever happened. */
function expectOrderly(result: BundleResult, verdict: string): void {
  expect(result.outputs).toMatchObject({ verdict, passed: String(verdict === 'passed') })
  expect(Object.keys(result.outputs).sort()).toEqual([...OUTPUT_NAMES].sort())
  expect(result.outputs.reason).toMatch(/^[A-Za-z0-9 ._:,()/@-]+$/)
  expect(result.stderr).toBe('')
  expect(result.signal).toBeNull()
  const errors = result.annotations.filter((line) => line.startsWith('::error'))
  expect(errors).toEqual(result.exitCode === 1 ? [`::error::${result.outputs.reason}`] : [])
  expectNoSecrets(result)
}

function expectNoSecrets({ log, stderr, outputs, summary }: BundleResult): void {
  const visible = [
    ...log.filter((line) => !line.startsWith('::add-mask::')),
    stderr,
    JSON.stringify(outputs),
    summary,
  ].join('\n')
  for (const secret of secrets) expect(visible).not.toContain(secret)
  expect(visible).not.toMatch(/Signature(?:Nonce)?(?:=|%3D)/)
}

describe('every verdict', () => {
  test.each(
    Object.entries(SCENARIOS).filter(
      ([, scenario]) => scenario.github === undefined && scenario.cancelAfterLooks === undefined,
    ),
  )(
    'scenario %s',
    async (_, { cloud, inputs: given, files = {}, identity, verdict }) => {
      const { 'min-poll-seconds': __, ...inputs } = given
      const result = await runBundle(cloud, { inputs, files, ...(identity === undefined ? {} : { identity }) })
      expectOrderly(result, verdict)
      expect(result.exitCode).toBe(['passed', 'started'].includes(verdict) ? 0 : 1)
      const looks = result.server.exchanges.filter(({ action }) => action === 'DescribeScanTaskProgress')
      expect(Number(result.outputs.polls)).toBe(looks.length)
      expect(result.summary).toMatch(/^## .* \(rehearsal\)\n/)
      expect(result.outputs.reason).toMatch(/^\(Rehearsal\) /)
    },
    180_000,
  )

  test('a refused id ends its own task only', async () => {
    const cloud = {
      account: ACCOUNT,
      tasks: {
        '1': { targets, looks: [answers.refusal(400, 'IllegalParam', 'Illegal param')] },
        '2': { targets, looks: [answers.state('init'), answers.state('Success')] },
      },
    }
    const result = await runBundle(cloud, { inputs: { 'task-id': '1,2' } })
    expectOrderly(result, 'denied')
    expect(JSON.parse(result.outputs.tasks ?? '')).toMatchObject([
      { id: '1', verdict: 'denied' },
      { id: '2', verdict: 'passed' },
    ])
  })

  test('a wrong id: replies without the fields end as unavailable, with the hint', async () => {
    const result = await runBundle(success, { inputs: { 'task-id': '1', 'max-consecutive-errors': '1' } })
    expectOrderly(result, 'unavailable')
    expect(result.outputs).toMatchObject({ 'error-code': 'InvalidResponse', polls: '2', progress: '' })
    expect(result.outputs.reason).toContain('the id may be wrong or belong to the other site')
  })

  test('max-consecutive-errors 0: one failed look is one too many', async () => {
    const result = await runBundle(
      oneTask(answers.serverError(), answers.state('Success')),
      forTask({ inputs: { 'max-consecutive-errors': '0' } }),
    )
    expectOrderly(result, 'unavailable')
    expect(result.outputs).toMatchObject({ 'error-code': 'ServerError', polls: '1' })
  })

  test.each([
    ['none', 'scan-failed', 0],
    ['timed-out, unavailable', 'scan-failed', 0],
    ['scan-failed', 'scan-failed', 1],
  ])('fail-on: %s with a failed scan: %s, exit code %d', async (failOn, verdict, exitCode) => {
    const result = await runBundle(oneTask(answers.state('Failed')), forTask({ inputs: { 'fail-on': failOn } }))
    expectOrderly(result, verdict)
    expect(result.exitCode).toBe(exitCode)
    expect(result.annotations).toEqual([`::${exitCode === 1 ? 'error' : 'warning'}::${result.outputs.reason}`])
    expect(result.summary).toMatch(exitCode === 1 ? /^## ❌/ : /^## ⚠️[\s\S]*leaves scan-failed out, so the job goes on/)
  })

  test('nothing listens at the endpoint', async () => {
    const result = await runBundle(
      success,
      forTask({ inputs: { endpoint: '127.0.0.1:1', 'max-consecutive-errors': '1' } }),
    )
    expectOrderly(result, 'unavailable')
    expect(result.outputs['error-code']).toBe('ECONNREFUSED')
  })

  test('a hundred tasks, ids with commas, spaces and line breaks mixed', async () => {
    const ids = Array.from({ length: 100 }, (_, i) => String(9_007_199_254_740_993n + BigInt(i)))
    const tasks = Object.fromEntries(ids.map((id) => [id, { targets, looks: [answers.state('Success')] }]))
    const text = ids.map((id, i) => id + ['\n', ', ', ' ', ','][i % 4]).join('')
    const result = await runBundle({ account: ACCOUNT, tasks }, { inputs: { 'task-id': text } })
    expectOrderly(result, 'passed')
    expect(result.outputs).toMatchObject({ polls: '100', 'task-id': ids.join(',') })
  })
})

describe('bad input', () => {
  test.each<{ name: string; run: BundleRun; says: RegExp }>([
    { name: 'a missing task-id', run: {}, says: /task-id is empty/ },
    { name: 'a full-width number', run: { inputs: { 'task-id': '１２３' } }, says: /task-id: _ is not a task id/ },
    {
      name: 'a misspelt input',
      run: forTask({ inputs: { fail_on: 'none' } }),
      says: /fail_on is not an input of this action, did you mean fail-on/,
    },
    {
      name: 'unchecked TLS',
      run: forTask({ env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } }),
      says: /NODE_TLS_REJECT_UNAUTHORIZED/,
    },
    {
      name: 'half a key pair',
      run: forTask({ inputs: { 'access-key-secret': '' } }),
      says: /access-key-secret is empty, but/,
    },
    {
      name: 'loopback without rehearsal',
      run: forTask({ inputs: { rehearsal: 'false' } }),
      says: /needs rehearsal: true/,
    },
    {
      name: 'a real host with it',
      run: forTask({ inputs: { endpoint: 'tds.cn-shanghai.aliyuncs.com' } }),
      says: /is not on loopback/,
    },
    {
      name: 'several',
      run: forTask({ inputs: { 'timeout-minutes': '5 minutes', 'job-summary': 'yess' } }),
      says: /^(?:\(Rehearsal\) )?2 problems with the inputs: \(1\) timeout-minutes: 5 minutes .*\(2\) job-summary: yess/,
    },
  ])('$name', async ({ run, says }) => {
    const result = await runBundle(success, run)
    expectOrderly(result, 'invalid-input')
    expect(result.exitCode).toBe(1)
    expect(result.outputs.reason).toMatch(says)
    expect(result.server.exchanges).toEqual([])
    expect(result.outputs).toMatchObject({ polls: '0', tasks: '[]', targets: '[]', progress: '' })
    expect(result.summary).toMatch(/^## ❌ Virus scan: invalid input/)
  })
})

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

describe('the files of the runner', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['unset', undefined],
    ['empty', ''],
    ['missing', path.join(tmpdir(), 'there', 'is', 'no', 'such', 'file')],
    ['a folder', tmpdir()],
  ]
  test.each(cases)('an output file that is %s changes nothing else', async (_, file) => {
    const result = await runBundle(success, forTask({ env: { GITHUB_OUTPUT: file } }))
    expect(result).toMatchObject({ exitCode: 0, stderr: '' })
    expect(result.summary).toMatch(/^## ✅/)
    expect(result.stdout).not.toMatch(/::set-output|\n\s+at /)
    expectNoSecrets(result)
  })
  test.each(cases)('a summary file that is %s changes nothing else', async (_, file) => {
    const result = await runBundle(success, forTask({ env: { GITHUB_STEP_SUMMARY: file } }))
    expect(result).toMatchObject({ exitCode: 0, stderr: '' })
    expect(result.outputs).toMatchObject({ verdict: 'passed' })
    expect(result.stdout).not.toMatch(/\n\s+at /)
  })
  test('a failing verdict stays one without any file', async () => {
    const result = await runBundle(
      oneTask(answers.state('Failed')),
      forTask({ env: { GITHUB_OUTPUT: undefined, GITHUB_STEP_SUMMARY: undefined } }),
    )
    expect(result).toMatchObject({ exitCode: 1, stderr: '' })
    expect(result.stdout).toContain('  verdict = scan-failed')
  })
  test('without an output file the outputs are printed, for a run by hand; masks are not, since nobody would swallow them', async () => {
    const result = await runBundle(success, forTask({ env: { GITHUB_OUTPUT: undefined, GITHUB_ACTIONS: undefined } }))
    expect(result.log).toContain('  verdict = passed')
    for (const secret of secrets) expect(result.stdout).not.toContain(secret)
  })
  test('job-summary: false writes none', async () => {
    const result = await runBundle(success, forTask({ inputs: { 'job-summary': 'false' } }))
    expectOrderly(result, 'passed')
    expect(result.summary).toBe('')
  })
  test('nothing is left behind in the temporary folder or the workspace', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'left-behind-'))
    await runBundle(success, forTask({ env: { RUNNER_TEMP: folder, TMPDIR: folder, HOME: folder } }))
    expect(readdirSync(folder)).toEqual([])
    rmSync(folder, { recursive: true })
  })
})

describe('secrets', () => {
  test('are masked before anything else is printed', async () => {
    const { log } = await runBundle(success, forTask())
    expect(log.slice(0, 3).sort()).toEqual(secrets.map((secret) => `::add-mask::${secret}`).sort())
    const invalid = await runBundle(success, { inputs: { 'task-id': 'abc' } })
    expect(invalid.log.slice(0, 3).sort()).toEqual(secrets.map((secret) => `::add-mask::${secret}`).sort())
  })

  test.each([
    ['DEBUG=*', { DEBUG: '*' }],
    ['DEBUG=httpx:*', { DEBUG: 'httpx:*', DEBUG_DEPTH: '10' }],
    ['RUNNER_DEBUG=1', { RUNNER_DEBUG: '1' }],
  ])('stay out of the log with %s', async (_, env) => {
    const looks = [
      answers.state('init'),
      answers.badGateway(),
      answers.resetBeforeHeaders(),
      answers.throttled(),
      answers.state('Success'),
    ]
    const result = await runBundle(oneTask(...looks), forTask({ env }))
    expectOrderly(result, 'passed')
    const denied = await runBundle(success, forTask({ env, inputs: { 'access-key-secret': 'another-secret' } }))
    expectOrderly(denied, 'denied')
    expect(denied.stdout.replace('::add-mask::another-secret', '')).not.toContain('another-secret')
  })

  test("of the environment are used, masked and kept out like the inputs'", async () => {
    const none = { 'access-key-id': '', 'access-key-secret': '', 'security-token': '' }
    const env = {
      ALIBABA_CLOUD_ACCESS_KEY_ID: ACCOUNT.accessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: ACCOUNT.accessKeySecret,
      ALIBABA_CLOUD_SECURITY_TOKEN: ACCOUNT.securityToken,
    }
    const result = await runBundle(success, forTask({ inputs: none, env }))
    expectOrderly(result, 'passed')
    expect(result.log.filter((line) => line.startsWith('::add-mask::'))).toHaveLength(3)
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

test('task-id is an output before the first look', async () => {
  const hanging = oneTask(answers.hang())
  const result = await runBundle(hanging, forTask({ signals: { afterLooks: 1, send: ['SIGKILL'] } }))
  expect(result.outputs).toEqual({ 'task-id': '282832' })
})

test('the defaults of the inputs need not be passed', async () => {
  const { 'min-poll-seconds': _, 'max-poll-seconds': __, 'timeout-minutes': ___, ...none } = { ...fast, ...keys }
  expect(none).toEqual(keys)
  const blank = { 'min-poll-seconds': '', 'max-poll-seconds': '', 'timeout-minutes': '' }
  expectOrderly(await runBundle(success, forTask({ inputs: blank })), 'passed')
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
