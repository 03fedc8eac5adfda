import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { LogView } from '../../src/emulator/logView.ts'
import { readOutputs, runAction } from '../../src/emulator/runner.ts'

test('outputs are read as the runner reads them; a later value wins, lines are kept', () => {
  expect(readOutputs('a<<X\n1\nX\nb<<Y\nfirst\nsecond\nY\na<<Z\n2\nZ\n')).toEqual({ a: '2', b: 'first\nsecond' })
  expect(() => readOutputs('a<<X\n1\n')).toThrow('no end')
})

test('the log is shown as GitHub shows it', () => {
  const view = new LogView()
  expect(view.show('::add-mask::s3cret\nplain s3cr')).toEqual([])
  expect(view.show('et\n::error file=x::a%0Ab 100%25\n::warning::w\n')).toEqual([
    'plain ***',
    'Error: a\nb 100%',
    'Warning: w',
  ])
})

describe('runAction', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'action-'))
  const entry = path.join(folder, 'action.cjs')
  afterAll(() => rmSync(folder, { recursive: true }))

  /** Runs a script that sees `fs` and `env`. */
  function run(script: string, options: Partial<Parameters<typeof runAction>[0]> = {}) {
    writeFileSync(entry, `const fs = require('node:fs'); const { env } = process; ${script}`)
    return runAction({ entry, inputs: {}, ...options })
  }

  test('files are there, and what is in the workspace afterwards is handed out', async () => {
    const script = `
      fs.mkdirSync('evidence/deep', { recursive: true })
      fs.writeFileSync('evidence/deep/report.json', fs.readFileSync('.security/list.yml', 'utf8').toUpperCase())
      fs.rmSync('old')
      if (process.platform !== 'win32') fs.symlinkSync('/etc/hostname', 'link')
      fs.writeFileSync(env.RUNNER_TEMP + '/scrap', '')`
    const { files, stderr } = await run(script, { files: { '.security/list.yml': 'ü: a', old: '' } })
    expect(stderr).toBe('')
    expect(files).toEqual({ '.security/list.yml': 'ü: a', 'evidence/deep/report.json': 'Ü: A' })
  })

  test('it runs in the workspace, for a push, and nothing is left', async () => {
    const { stdout, files } = await run(`
      const inWorkspace = fs.realpathSync(env.GITHUB_WORKSPACE) === process.cwd()
      console.log(JSON.stringify({ ...env, inWorkspace }))`)
    const seen = JSON.parse(stdout)
    expect(seen).toMatchObject({
      inWorkspace: true,
      GITHUB_REPOSITORY: 'example/app',
      GITHUB_SHA: expect.stringMatching(/^[0-9a-f]{40}$/),
      GITHUB_WORKFLOW: 'Release',
      GITHUB_RUN_ID: '1234567890',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_EVENT_NAME: 'push',
      GITHUB_REF: 'refs/heads/main',
    })
    expect(path.relative(seen.GITHUB_WORKSPACE, seen.RUNNER_TEMP)).toMatch(/^\.\./)
    expect(existsSync(path.dirname(seen.GITHUB_WORKSPACE))).toBe(false)
    expect(files).toEqual({})
  })

  test('what it leaves in temporary folders and tells the runner is handed out too', async () => {
    const script = `
      fs.mkdirSync(env.RUNNER_TEMP + '/deep')
      fs.writeFileSync(env.RUNNER_TEMP + '/deep/token', 'a')
      fs.writeFileSync(require('node:os').tmpdir() + '/scrap', 'b')
      for (const name of ['OUTPUT', 'STATE', 'ENV', 'PATH', 'STEP_SUMMARY']) fs.appendFileSync(env['GITHUB_' + name], name)`
    const { leftBehind, commandFiles, stderr } = await run(script)
    expect(stderr).toBe('')
    expect(leftBehind).toEqual({ 'runner/deep/token': 'a', 'system/scrap': 'b' })
    expect(commandFiles).toEqual({
      GITHUB_OUTPUT: 'OUTPUT',
      GITHUB_STATE: 'STATE',
      GITHUB_ENV: 'ENV',
      GITHUB_PATH: 'PATH',
      GITHUB_STEP_SUMMARY: 'STEP_SUMMARY',
    })
  })

  const EVENT_SCRIPT = `
      const event = JSON.parse(fs.readFileSync(env.GITHUB_EVENT_PATH, 'utf8'))
      console.log(JSON.stringify([env.GITHUB_EVENT_NAME, event]))`

  test('the event is in a file, beside the workspace', async () => {
    const payload = { pull_request: { number: 7, head: { sha: 'ü' } } }
    const event = { name: 'pull_request', payload }
    const { stdout, files } = await run(EVENT_SCRIPT, { event })
    expect([JSON.parse(stdout), files]).toEqual([['pull_request', payload], {}])
  })

  test('without one it is a push, whose file is there too', async () => {
    const { stdout } = await run(EVENT_SCRIPT)
    expect(JSON.parse(stdout)).toEqual(['push', {}])
  })

  test('of GitHub there is a name, and an address of this machine where nobody is', async () => {
    const { stdout } = await run(`
      const { GITHUB_SERVER_URL, GITHUB_API_URL, GITHUB_ACTOR } = env
      fetch(GITHUB_API_URL).then(() => 'somebody', () => 'nobody').then((there) => {
        console.log(JSON.stringify({ GITHUB_SERVER_URL, GITHUB_API_URL, GITHUB_ACTOR, there }))
      })`)
    expect(JSON.parse(stdout)).toEqual({
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_API_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      GITHUB_ACTOR: 'octocat',
      there: 'nobody',
    })
  })

  test('what env says wins', async () => {
    const env = { GITHUB_REF: 'refs/heads/other', GITHUB_SHA: undefined, GITHUB_API_URL: 'http://127.0.0.1:8080' }
    const { stdout } = await run("console.log(env.GITHUB_REF, 'GITHUB_SHA' in env, env.GITHUB_API_URL)", { env })
    expect(stdout).toBe('refs/heads/other false http://127.0.0.1:8080\n')
  })

  test.each(['HTTPS_PROXY', 'https_proxy', 'no_proxy', 'ALL_PROXY', 'NODE_EXTRA_CA_CERTS', 'NODE_DEBUG', 'INPUT_WAIT'])(
    '%s of this machine is kept out',
    async (name) => {
      const before = process.env[name]
      process.env[name] = 'x'
      try {
        expect((await run(`console.log(${JSON.stringify(name)} in env)`)).stdout).toBe('false\n')
      } finally {
        if (before === undefined) delete process.env[name]
        else process.env[name] = before
      }
    },
  )
})
