import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { PLOTS } from '../src/emulator/plots.ts'

/** The rules that this repository's own workflows keep, beyond what `github-files.test.ts` asks of these and the examples. */

interface Step {
  readonly id?: string
  readonly uses?: string
  readonly run?: string
  readonly env?: Readonly<Record<string, string>>
  readonly with?: Readonly<Record<string, unknown>>
}
interface Job {
  readonly uses?: string
  readonly needs?: string | readonly string[]
  readonly environment?: string
  readonly permissions?: Readonly<Record<string, string>>
  readonly 'timeout-minutes'?: number
  readonly strategy?: { readonly matrix: { readonly include?: readonly Readonly<Record<string, string>>[] } }
  readonly steps?: readonly Step[]
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly concurrency?: Readonly<Record<string, unknown>>
  readonly env?: object
  readonly jobs: Readonly<Record<string, Job>>
}

const root = path.dirname(__dirname)
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const FOLDER = '.github/workflows'
const files = readdirSync(path.join(root, FOLDER))
const workflow = (file: string): Workflow => parse(read(`${FOLDER}/${file}`))
const jobs = files.flatMap((file) =>
  Object.entries(workflow(file).jobs).map(([name, job]) => [`${file} ${name}`, job, workflow(file)] as const),
)
const stepsOf = ({ steps = [] }: Job) => steps
const runs = jobs.flatMap(([name, job]) => stepsOf(job).flatMap(({ run }) => (run === undefined ? [] : [[name, run]])))

test('these are the workflows', () => {
  expect(files.sort()).toEqual([
    ...['ci.yml', 'codeql.yml', 'dependency-review.yml', 'examples.yml', 'release.yml', 'rollback.yml'],
    'scorecard.yml',
  ])
})

describe.each(files)('%s', (file) => {
  const { on, concurrency, env } = workflow(file)
  const text = read(`${FOLDER}/${file}`)

  test('starts on nothing that gives a stranger’s code more than it has by itself', () => {
    const safe = ['push', 'pull_request', 'merge_group', 'schedule', 'branch_protection_rule']
    const byHand = ['workflow_dispatch', 'workflow_call']
    expect(Object.keys(on).filter((event) => ![...safe, ...byHand].includes(event))).toEqual([])
  })

  test('says which runs make others unnecessary, and sets nothing for all of its jobs', () => {
    expect(Object.keys(concurrency ?? {})).toEqual(['group', 'cancel-in-progress'])
    expect(env).toBeUndefined()
  })

  test('says for every permission what it is needed for', () => {
    const granted = text.split('\n').filter((line) => /^\s+[a-z-]+: (?:read|write)\b/.test(line))
    for (const line of granted) expect(line).toMatch(/: (?:read|write) # \w+/)
  })

  test('has lines that can be read', () => {
    expect(text.split('\n').filter((line) => line.length > 130)).toEqual([])
  })
})

describe.each(jobs)('%s', (_, job) => {
  test('says what it may, and for how long', () => {
    expect(job.permissions).toBeDefined()
    // A job that is another workflow has the limits of that one's jobs.
    if (job.uses === undefined) expect(job['timeout-minutes']).toBeLessThanOrEqual(45)
  })

  test('leaves no token behind in the checkout', () => {
    for (const step of stepsOf(job).filter(({ uses = '' }) => uses.startsWith('actions/checkout@')))
      expect(step.with?.['persist-credentials']).toBe(false)
  })

  test('has no expression in a script: what it stands for would be run', () => {
    expect(stepsOf(job).filter(({ run = '' }) => run.includes('${{'))).toEqual([])
    expect(stepsOf(job).filter(({ uses = '' }) => /github-script/.test(uses))).toEqual([])
  })

  test('has secrets only in an environment, whose reviewers see it first', () => {
    if (job.environment === undefined) expect(JSON.stringify(job)).not.toMatch(/\bsecrets\b/)
  })
})

test('these jobs may write, and no others', () => {
  const writing = jobs.map(([name, { permissions = {} }]) => [
    name,
    Object.keys(permissions).filter((one) => permissions[one] === 'write'),
  ])
  expect(writing.filter(([, rights]) => rights?.length !== 0)).toEqual([
    ['codeql.yml analyze', ['security-events']],
    ['release.yml attest', ['attestations', 'id-token']],
    ['release.yml publish', ['contents']],
    ['rollback.yml rollback', ['contents']],
    ['scorecard.yml analysis', ['id-token', 'security-events']],
  ])
})

test('what may write, or has a secret, runs no package, and what it may reach is a list', () => {
  const trusted = jobs.filter(([, job]) => /"(?:contents|attestations)":"write"|\bsecrets\b/.test(JSON.stringify(job)))
  expect(trusted.map(([name]) => name)).toEqual(['release.yml attest', 'release.yml publish', 'rollback.yml rollback'])
  for (const [, job] of trusted) {
    const [first] = stepsOf(job)
    expect(first?.uses).toMatch(/^step-security\/harden-runner@/)
    expect(first?.with).toMatchObject({ 'egress-policy': 'block', 'disable-sudo': true })
    const scripts = stepsOf(job).map(({ run = '' }) => run)
    expect(scripts.filter((run) => /\bnp[mx]\b|node_modules|\.ci\/run/.test(run))).toEqual([])
  }
  // Nor does the script that they run.
  const script = ['.ci/release.ts', ...readdirSync(path.join(root, '.ci/release')).map((file) => `.ci/release/${file}`)]
  const imports = script.flatMap((file) => [...read(file).matchAll(/\bfrom '([^']+)'/g)].map(([, name = '']) => name))
  expect(imports.length).toBeGreaterThan(10)
  expect(imports.filter((name) => !/^node:|^\.\//.test(name))).toEqual([])
})

test('an action is the same one everywhere', () => {
  const folders = [FOLDER, 'docs/examples']
  const all = folders.flatMap((folder) => readdirSync(path.join(root, folder)).map((file) => read(`${folder}/${file}`)))
  const pins = new Map<string, Set<string>>()
  for (const [, action = '', pin = ''] of all
    .join('\n')
    .matchAll(/uses: ([\w-]+\/[\w-]+)[\w/-]*@([0-9a-f]{40} # \S+)/g))
    pins.set(action, (pins.get(action) ?? new Set()).add(pin))
  expect(pins.size).toBeGreaterThan(7)
  expect([...pins].filter(([, one]) => one.size !== 1)).toEqual([])
})

test('scripts name files that are there', () => {
  const named = runs.flatMap(([name, run = '']) =>
    [...run.matchAll(/(?:^| )((?:__tests__|\.ci)\/\S*|dist|action\.yml|src\/\S+|LICENSE)(?= |$)/gm)].map(
      ([, file = '']) => [name, file],
    ),
  )
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter(([, file = '']) => !existsSync(path.join(root, file)))).toEqual([])
})

test('scripts call npm scripts that are there', () => {
  const { scripts } = JSON.parse(read('package.json'))
  const called = runs.flatMap(([, run = '']) => [...run.matchAll(/\bnpm run ([\w-]+)/g)].map(([, name = '']) => name))
  expect(called.length).toBeGreaterThan(3)
  expect(called.filter((name) => !(name in scripts))).toEqual([])
})

test.each([
  ['./', 'action.yml'],
  ['./src/emulator', 'src/emulator/action.yml'],
])('%s gets only inputs that it has, and is asked only for outputs that it has', (place, actionFile) => {
  const { inputs, outputs } = parse(read(actionFile))
  const ours = jobs.flatMap(([, job]) =>
    stepsOf(job)
      .filter(({ uses }) => uses === place)
      .map((step) => [job, step] as const),
  )
  expect(ours.length).toBeGreaterThan(0)
  for (const [job, step] of ours) {
    expect(Object.keys(step.with ?? {}).filter((name) => !(name in inputs))).toEqual([])
    const asked = [...JSON.stringify(job).matchAll(new RegExp(`steps\\.${step.id}\\.outputs\\.([\\w-]+)`, 'g'))]
    expect(asked.map(([, name = '']) => name).filter((name) => !(name in outputs))).toEqual([])
  }
})

describe('ci.yml', () => {
  const { jobs: all } = workflow('ci.yml')

  test('rehearses every story on Linux, and some elsewhere, each with its verdict', () => {
    const stories = all.rehearse?.strategy?.matrix.include ?? []
    const verdicts = Object.entries(PLOTS).map(([name, { verdict }]) => [name, verdict])
    const told = (os: string) => stories.filter((one) => one.os === os).map((one) => [one.scenario, one.expected])
    expect(told('ubuntu-latest')).toEqual(verdicts)
    for (const os of ['windows-latest', 'macos-latest']) {
      expect(told(os).length).toBeGreaterThan(1)
      for (const story of told(os)) expect(verdicts).toContainEqual(story)
    }
  })

  test('its last job waits for all others', () => {
    const { passed, ...others } = all
    expect(passed?.needs).toEqual(Object.keys(others))
    expect(passed?.steps?.[0]?.run).toContain(
      `"${Object.keys(others)
        .map(() => 'success')
        .join(' ')}"`,
    )
  })
})

describe('release.yml', () => {
  const { jobs: all } = workflow('release.yml')
  const needed = (name: string): readonly string[] =>
    [all[name]?.needs ?? []].flat().flatMap((one) => [...needed(one), one])

  test('publishes only what was checked, tested on all systems and attested', () => {
    expect(new Set(needed('publish'))).toEqual(new Set(['check', 'ci', 'sbom', 'attest']))
    expect(all.ci?.uses).toBe('./.github/workflows/ci.yml')
  })

  test('every job comes after the check of the version, which scripts may then rely on', () => {
    const unchecked = Object.keys(all).filter((name) => name !== 'check' && !needed(name).includes('check'))
    expect(unchecked).toEqual([])
  })

  test('packs the archive as docs/releasing.md has it', () => {
    const pack = stepsOf(all.attest ?? {}).find(({ run = '' }) => run.startsWith('git archive'))?.run ?? ''
    const [, byHand = ''] = /^(git archive .*?) \| sha256sum$/m.exec(read('docs/releasing.md')) ?? []
    const words = pack.replaceAll(/ --output="[^"]*"|"/g, '').replaceAll('$VERSION', '0.2.0')
    expect(words.trim()).toBe(byHand)
  })

  test('attests all that is published, and what users run', () => {
    const [provenance, sbom] = stepsOf(all.attest ?? {}).filter(({ uses }) => uses?.startsWith('actions/attest@'))
    expect(provenance?.with?.['subject-path']).toBe('assets/*\ndist/**/index.js\n')
    expect(sbom?.with).toEqual({ 'subject-path': 'assets/*.tar', 'sbom-path': 'assets/sbom.cdx.json' })
  })
})
