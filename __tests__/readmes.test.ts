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
import { renderHtml } from './support/githubPage.ts'
import {
  anchorsOf,
  blocksOf,
  codeBlocks,
  codeIn,
  headingsOf,
  linksIn,
  sectionsOf,
  tablesOf,
} from './support/markdown.ts'
import { replay } from './support/replay.ts'

/** The two READMEs say the same, and what they tell people to copy works. */

const root = path.dirname(__dirname)
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const ENGLISH = 'README.md'
const CHINESE = 'README.zh-CN.md'
const [english, chinese] = [read(ENGLISH), read(CHINESE)]
const READMES = [ENGLISH, CHINESE]
const pages = readdirSync(path.join(root, 'docs'))
  .filter((file) => file.endsWith('.md'))
  .map((file) => `docs/${file}`)

describe('in English and in Chinese', () => {
  /** Without its comments, which are the only thing in a block that is translated. */
  const withoutComments = (code: string) => code.replaceAll(/(?:^|\s+)#.*$/gm, '')
  /** What a text has of the things that no language changes. */
  const facts = (text: string) => ({ code: codeIn(text).sort(), figures: (text.match(/\d+(?:\.\d+)*/g) ?? []).sort() })

  test('the headings have the same order and levels', () => {
    expect(headingsOf(chinese).map(({ level }) => level)).toEqual(headingsOf(english).map(({ level }) => level))
  })

  test('each leads to the other at its top', () => {
    expect(english.split('\n').slice(0, 4)).toContain(`English · [中文](${CHINESE})`)
    expect(chinese.split('\n').slice(0, 4)).toContain(`[English](${ENGLISH}) · 中文`)
  })

  test('the code blocks are the same apart from comments', () => {
    const of = (text: string) => codeBlocks(text).map(({ language, code }) => [language, withoutComments(code)])
    expect(of(chinese)).toEqual(of(english))
  })

  test('the tables have the same rows, with the same names, defaults and figures in each cell', () => {
    const of = (text: string) => tablesOf(text).map((rows) => rows.map((row) => row.map(facts)))
    expect(of(chinese)).toEqual(of(english))
  })

  // Prose may have them in another order, and more than once.
  test('each section has the same names, figures and links', () => {
    const of = (text: string, other: string) => {
      const anchors = anchorsOf(text).map((anchor) => `#${anchor}`)
      const place = (link: string) =>
        link === other ? 'the other' : anchors.includes(link) ? anchors.indexOf(link) : link
      return sectionsOf(text).map((section) => ({
        links: linksIn(section).map(place).map(String).sort(),
        code: [...new Set(codeIn(section))].sort(),
        figures: [...new Set(facts(section.replaceAll(/\]\([^)]*\)/g, ']')).figures)].sort(),
      }))
    }
    expect(of(chinese, ENGLISH)).toEqual(of(english, CHINESE))
  })

  // GitHub shows a line break as a blank, which Chinese has none of between its words.
  test('no Chinese paragraph is broken into lines', () => {
    const lines = chinese.replaceAll(/^```[\s\S]*?^```/gm, '').split('\n')
    const broken = lines.filter((line, i) => /^[^|#!\-\d]/.test(line) && /^[^|#!\-\d]/.test(lines[i + 1] ?? ''))
    expect(broken).toEqual([])
  })
})

test.each(READMES)('%s: what is set bold comes out bold', (file) => {
  expect(renderHtml(read(file)).replaceAll(/<code>.*?<\/code>/gs, '')).not.toContain('**')
})

// Its picture comes after it.
test.each(READMES)('%s: the quick start fits a screen', (file) => {
  const [, start = ''] = read(file).split(/^## .*\n/m)
  expect(start.split('\n').length).toBeLessThanOrEqual(60)
  expect(start).toContain('npm run demo')
})

/** The YAML of a page: whole workflows as they are, parts of one in their place, allow-lists apart. */
function asWorkflow(block: string): string | undefined {
  const indented = (by: number) => block.replaceAll(/^(?=.)/gm, ' '.repeat(by))
  const head = 'on: push\npermissions: {}\n'
  const content: unknown = parse(block)
  const isList = Array.isArray(content)
  const keys = Object.keys(isList ? content[0] : (content as object))
  if (isAllowList(block)) return undefined
  if (keys.includes('on')) return block
  if (keys.includes('jobs')) return `${head}${block.replace(/^permissions:.*\n/m, '')}`
  if (keys.includes('steps')) return `${head}jobs:\n  job:\n    runs-on: ubuntu-latest\n${indented(4)}`
  if (isList) return `${head}jobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n${indented(6)}`
  return `${head}jobs:\n  job:\n    runs-on: ubuntu-latest\n    steps: [{ run: 'true' }]\n${indented(4)}`
}

const isAllowList = (block: string) => /^- (?:alert|uncovered):/m.test(block)

describe.each([...READMES, ...pages])('the blocks of %s', (page) => {
  const text = read(page)

  test("workflows and parts of them pass GitHub's own parser and actionlint", () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'blocks-'))
    try {
      const workflows = blocksOf(text, 'yaml').flatMap((block) => asWorkflow(block) ?? [])
      const files = workflows.map((workflow, i) => {
        const file = path.join(folder, `block-${i + 1}.yml`)
        // A part that asks a step which stands elsewhere.
        const asked = [...workflow.matchAll(/steps\.(\w+)\.outputs/g)].map(([, id = '']) => id)
        const absent = asked.filter((id) => !new RegExp(`id: ${id}\\b`).test(workflow))
        const steps = [...new Set(absent)].map((id) => `      - id: ${id}\n        run: 'true'\n`).join('')
        writeFileSync(file, workflow.replace(/^ {4}steps:\n/m, `$&${steps}`))
        return file
      })
      const script = path.join(__dirname, 'support/lintGitHub.mjs')
      const problems =
        files.length === 0 ? '[]' : execFileSync(process.execPath, [script, ...files], { cwd: root, encoding: 'utf8' })
      expect(JSON.parse(problems)).toEqual([])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('allow-lists are good ones', () => {
    for (const block of blocksOf(text, 'yaml').filter(isAllowList)) {
      const reading = readYaml(block)
      expect(reading).not.toHaveProperty('problems')
      const entries = 'node' in reading ? readAllowList(reading.node, '2026-11-24') : {}
      expect(entries).toMatchObject({ entries: [{ kind: 'alert' }, { kind: 'uncovered' }] })
    }
  })

  const shells = blocksOf(text, 'sh')
  const withBash = missingTools.includes('bash') || shells.length === 0 ? test.skip : test
  withBash('what is for a shell can be read by one', () => {
    for (const block of shells) {
      const { status, stderr } = spawnSync('bash', ['-n'], { input: block, encoding: 'utf8' })
      expect({ block, status, stderr }).toEqual({ block, status: 0, stderr: '' })
    }
  })
})

test('every block of the READMEs is in a language whose blocks are checked', () => {
  for (const { language } of READMES.flatMap((file) => codeBlocks(read(file))))
    expect(['yaml', 'sh', 'json']).toContain(language)
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
    const yaml = blocksOf(english, 'yaml')
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

    const shells = blocksOf(english, 'sh')

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
