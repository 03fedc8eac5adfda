import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as answers from '../src/emulator/answers.ts'
import { ACCOUNT, SCENARIOS } from '../src/emulator/scenarios.ts'
import { type BundleRun, fast, keys, runBundle } from './support/bundle.ts'
import { expectNoSecrets, expectOrderly, forTask, oneTask, secrets, success, targets } from './support/oneTask.ts'

/** What ships, as a process of its own: every verdict, the files of the runner, and no secret anywhere. */

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
