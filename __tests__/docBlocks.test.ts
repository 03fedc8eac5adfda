import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parse } from 'yaml'
import { readYaml } from '../src/adapters/yaml.ts'
import { state } from '../src/emulator/answers.ts'
import { Cloud } from '../src/emulator/cloud.ts'
import { ACCOUNT } from '../src/emulator/scenarios.ts'
import { startServer } from '../src/emulator/server.ts'
import { readAllowList } from '../src/inputs/allowList.ts'
import {
  cloud,
  type Example,
  expectGoodManners,
  fleet,
  missingTools,
  push,
  resultsOf,
  siteOf,
  stepsOf,
  withTools,
} from './support/exampleSite.ts'
import { blocksOf, codeBlocks } from './support/markdown.ts'
import { replay } from './support/replay.ts'

/** What people copy from the READMEs and the pages of docs: linted, and where it can be run, run. */

const root = path.dirname(__dirname)
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const READMES = ['README.md', 'README.zh-CN.md']
const pages = readdirSync(path.join(root, 'docs'))
  .filter((file) => file.endsWith('.md'))
  .map((file) => `docs/${file}`)

/** Keys that a part of a job may begin with. */
const OF_A_JOB = ['if', 'needs', 'env', 'permissions', 'environment', 'strategy', 'outputs', 'timeout-minutes', 'steps']

const isAllowList = (block: string) => /^- (?:alert|uncovered):/m.test(block)

/** A workflow, or a part of one in its place; undefined for other YAML. */
function asWorkflow(block: string): string | undefined {
  const content: unknown = parse(block)
  if (typeof content !== 'object' || content === null || isAllowList(block)) return undefined
  const indented = (by: number) => block.replaceAll(/^(?=.)/gm, ' '.repeat(by))
  const job = 'on: push\npermissions: {}\njobs:\n  job:\n    runs-on: ubuntu-latest\n'
  if (Array.isArray(content)) return `${job}    steps:\n${indented(6)}`
  const keys = Object.keys(content)
  if (keys.includes('on')) return block
  if (keys.includes('jobs')) return `on: push\n${block}`
  if (!keys.every((key) => OF_A_JOB.includes(key))) return undefined
  return `${job}${keys.includes('steps') ? '' : "    steps: [{ run: 'true' }]\n"}${indented(4)}`
}

/** A part may ask for outputs of a step that stands elsewhere. */
function withStepsAsked(workflow: string): string {
  const asked = [...workflow.matchAll(/steps\.(\w+)\.outputs/g)].map(([, id = '']) => id)
  const absent = [...new Set(asked)].filter((id) => !new RegExp(`id: ${id}\\b`).test(workflow))
  return workflow.replace(
    /^ {4}steps:\n/m,
    `$&${absent.map((id) => `      - id: ${id}\n        run: 'true'\n`).join('')}`,
  )
}

function problemsOf(workflows: readonly string[]): unknown {
  const folder = mkdtempSync(path.join(tmpdir(), 'blocks-'))
  try {
    const files = workflows.map((workflow, i) => {
      const file = path.join(folder, `block-${i + 1}.yml`)
      writeFileSync(file, withStepsAsked(workflow))
      return file
    })
    const script = path.join(__dirname, 'support/lintGitHub.mjs')
    return JSON.parse(execFileSync(process.execPath, [script, ...files], { cwd: root, encoding: 'utf8' }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const bashTest = missingTools.includes('bash') ? test.skip : test

describe.each([...READMES, ...pages])('%s', (page) => {
  const text = read(page)
  const yaml = blocksOf(text, 'yaml')
  const workflows = yaml.flatMap((block) => asWorkflow(block) ?? [])
  const allowLists = yaml.filter(isAllowList)
  const shells = blocksOf(text, 'sh')

  test('has blocks that are checked, each in its way', () => {
    const others = codeBlocks(text).filter(({ language }) => !['yaml', 'sh', 'json'].includes(language))
    if (READMES.includes(page)) expect([others, yaml.length]).toEqual([[], workflows.length + allowLists.length])
  })

  if (workflows.length > 0)
    test("its workflows, and parts of them, pass GitHub's own parser and actionlint", () => {
      expect(problemsOf(workflows)).toEqual([])
    })

  if (allowLists.length > 0)
    test('its allow-lists are good ones', () => {
      for (const block of allowLists) {
        const reading = readYaml(block)
        expect(reading).not.toHaveProperty('problems')
        const entries = 'node' in reading ? readAllowList(reading.node, '2026-11-24') : {}
        expect(entries).toMatchObject({ entries: [{ kind: 'alert' }, { kind: 'uncovered' }] })
      }
    })

  if (shells.length > 0)
    bashTest('what is for a shell can be read by one', () => {
      for (const block of shells) {
        const { status, stderr } = spawnSync('bash', ['-n'], { input: block, encoding: 'utf8' })
        expect({ block, status, stderr }).toEqual({ block, status: 0, stderr: '' })
      }
    })
})

/** Runs a command as somebody would type it at home, where nothing is set that GitHub sets. */
async function inBash(command: string): Promise<{ readonly code: number | null; readonly stdout: string }> {
  const ambient = Object.entries(process.env).filter(([name]) => !/^(?:INPUT|GITHUB|ALIBABA_CLOUD)_/.test(name))
  const child = spawn('bash', ['-e'], {
    cwd: root,
    env: Object.fromEntries(ambient),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(command)
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout }
}

withTools(
  `what is copied from the README${missingTools.length === 0 ? '' : ` (not here: ${missingTools.join(', ')})`}`,
  () => {
    const yaml = blocksOf(read('README.md'), 'yaml')
    const only = (pattern: RegExp, blocks = yaml) => {
      const found = blocks.filter((block) => pattern.test(block))
      expect(found).toHaveLength(1)
      return found[0] ?? ''
    }
    /** In the place of an example, whose repository, account and role it is for. */
    const play = async (example: Example, workflow: string, infected: readonly string[] = []) => {
      const at = await siteOf(example, { cloud: cloud({ fleet: fleet(...infected) }) })
      // Nobody waits here for alerts that arrive late.
      const amended = workflow.replaceAll(/^( *)severity-cutoff: .*$/gm, '$&\n$1settle-seconds: 0')
      const run = await replay(example, at, { event: push, amendWorkflow: () => amended })
      expectGoodManners(at, run)
      return { at, run }
    }

    test('the quick start deploys when all servers are clean, logged in without a key', async () => {
      const { at, run } = await play('release-gate.yml', only(/^name: release$/m))
      expect(resultsOf(run)).toEqual({ 'virus-scan': 'success', deploy: 'success' })
      expect(at.cloud.started).toHaveLength(1)
      expect(at.cloud.sessions.issued).not.toEqual([])
    })

    test('and does not when one is infected', async () => {
      const { run } = await play('release-gate.yml', only(/^name: release$/m), ['databases'])
      expect(resultsOf(run)).toEqual({ 'virus-scan': 'failure', deploy: 'skipped' })
    })

    test.each([
      ['clean', [], 'success'],
      ['infected', ['staging'], 'failure'],
    ])('the steps of a build start one scan and wait for it: %s servers', async (_, infected, outcome) => {
      const steps = only(/^steps:$/m).replaceAll(/^(?=.)/gm, '    ')
      const job = '  build:\n    runs-on: ubuntu-latest\n    permissions: { id-token: write }\n'
      const { at, run } = await play(
        'ci-step.yml',
        `name: build\non: { push: }\npermissions: {}\njobs:\n${job}${steps}`,
        infected,
      )
      expect(at.cloud.started).toHaveLength(1)
      expect(stepsOf(run, 'build').map((step) => step.split(': ').at(-1))).toEqual(['success', 'success', outcome])
    })

    const shells = blocksOf(read('README.md'), 'sh')

    test('npm run demo plays a scan that passes', () => {
      const { status, stdout } = spawnSync('bash', ['-e'], {
        input: only(/^npm run demo$/m, shells),
        cwd: root,
        encoding: 'utf8',
      })
      expect({ status, passed: stdout.includes('verdict: passed') }).toEqual({ status: 0, passed: true })
    })

    // It runs these very tests.
    test('npm cit is there to be run', () => {
      expect(only(/^npm cit$/m, shells)).toBe('npm cit\n')
      expect(JSON.parse(read('package.json')).scripts.test).toBe('jest')
      expect(existsSync(path.join(root, 'package-lock.json'))).toBe(true)
    })

    test('the command for a real account runs the bundle, here against an emulated one', async () => {
      const { accessKeyId, accessKeySecret } = ACCOUNT
      const account = { accessKeyId, accessKeySecret }
      const server = await startServer(
        new Cloud({ account, tasks: { '282832': { targets: [], looks: [state('Success')] } } }, Date.now),
      )
      try {
        const command = only(/dist\/index\.js/, shells)
          .replace('KEY_ID=...', `KEY_ID=${accessKeyId}`)
          .replace('KEY_SECRET=...', `KEY_SECRET=${accessKeySecret}`)
          .replace('env ', `env INPUT_REHEARSAL=true INPUT_ENDPOINT=${server.url} `)
          .replace('node ', `'${process.execPath}' `)
        const { stdout, code } = await inBash(command)
        expect(stdout).toContain('Virus scan task 282832 ended with Success')
        expect(stdout).toMatch(/verdict.*passed/)
        expect(code).toBe(0)
      } finally {
        await server.close()
      }
    })
  },
)
