// The mutation check of the core: changes the code bit by bit, and asks whether a test notices. A change that no test
// notices is a rule without a test, unless `survivors.ts` says why nobody can notice it.
// `node .ci/mutate.ts [FILE ...]`: these files, or all of the core. Exits with 1 where a survivor in what decides on a pass
// has no reason.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { SURVIVORS, type Survivor } from './survivors.ts'

/** Not among the dev dependencies: 166 packages for a tool that only this script starts. */
const TOOLS = ['@stryker-mutator/core@9.6.1', '@stryker-mutator/jest-runner@9.6.1']

/** The rules, and the one step that must not be taken twice. */
const CORE = ['src/domain/*.ts', 'src/steps/startScan.ts']

/** What decides on a pass: here every survivor is to have a reason. */
const HELD = [
  ...['acceptor', 'alerts', 'allowList', 'backoff', 'budget', 'coverage', 'gate', 'verdict', 'waiter'].map(
    (name) => `src/domain/${name}.ts`,
  ),
  'src/steps/startScan.ts',
]

/** The tests that are about it, and take no socket and no process. */
const TESTS = ['domain/**', 'gate/**', 'run', 'steps/**'].map((name) => `<rootDir>/__tests__/${name}.test.ts`)

/** As the report of Stryker has it. Lines and columns from 1. */
interface Mutant {
  readonly mutatorName: string
  readonly replacement: string
  readonly status: string
  readonly location: Record<'start' | 'end', { readonly line: number; readonly column: number }>
}
interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>
}
type Found = Omit<Survivor, 'why'> & { readonly at: number; readonly why: string | undefined }

const root = path.dirname(import.meta.dirname)
const asked = process.argv.slice(2)
const report = await mutate(asked.length > 0 ? asked : CORE)
const survivors = Object.entries(report.files).flatMap(([file, { source, mutants }]) =>
  mutants
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .map((one) => found(file, source, one)),
)
const open = survivors.filter(({ why }) => why === undefined)
const stale = SURVIVORS.filter(
  (entry) => report.files[entry.file] !== undefined && !survivors.some((survivor) => isSame(entry, survivor)),
)
process.stdout.write(`\n${table()}\n`)
for (const { file, at, line, original, replacement } of open)
  process.stdout.write(`\nSURVIVED  ${file}:${at}\n    ${line}\n  - ${original}\n  + ${replacement}\n`)
for (const { file, line, replacement } of stale)
  process.stdout.write(
    `\nSTALE     survivors.ts has a reason for what did not survive: ${file}\n    ${line}\n  + ${replacement}\n`,
  )
mkdirSync(path.join(root, 'coverage'), { recursive: true })
writeFileSync(path.join(root, 'coverage', 'survivors.json'), `${JSON.stringify(survivors, undefined, 2)}\n`)
process.exitCode = stale.length > 0 || open.some(({ file }) => HELD.includes(file)) ? 1 : 0

/** Runs Stryker in a copy of the sources. */
async function mutate(files: readonly string[]): Promise<Report> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mutants-'))
  const fileName = path.join(folder, 'report.json')
  const config = {
    testRunner: 'jest',
    plugins: ['@stryker-mutator/jest-runner'],
    mutate: files,
    ignorePatterns: ['/dist', '/docs', '/bench', '/pictures', '/coverage'],
    coverageAnalysis: 'perTest',
    // Rewritten only where projects refer to each other; to read it, Stryker would want a TypeScript of its own.
    tsconfigFile: 'none',
    jest: { config: { testMatch: TESTS, runner: path.join(root, '.ci', 'firstFailure.cjs') } },
    concurrency: 2,
    // Of a test run that hangs. Generous, since a busy machine must not pass for one.
    timeoutMS: 10_000,
    timeoutFactor: 3,
    tempDirName: path.join(folder, 'copy'),
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName },
    allowConsoleColors: false,
  }
  writeFileSync(path.join(folder, 'stryker.json'), JSON.stringify(config))
  const packages = TOOLS.map((tool) => `--package=${tool}`)
  const child = spawn(
    'npm',
    ['exec', '--yes', ...packages, '--', 'stryker', 'run', path.join(folder, 'stryker.json')],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
    },
  )
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`the run of Stryker ended with ${code}`)
  const text = readFileSync(fileName, 'utf8')
  rmSync(folder, { recursive: true })
  return JSON.parse(text)
}

function found(file: string, source: string, { location: { start, end }, replacement }: Mutant): Found {
  const lines = source.split('\n').slice(start.line - 1, end.line)
  const line = (lines[0] ?? '').trim()
  const last = lines.length - 1
  const cut = lines.map((text, i) =>
    text.slice(i === 0 ? start.column - 1 : 0, i === last ? end.column - 1 : undefined),
  )
  const survivor = { file, line, original: oneLine(cut.join('\n')), replacement: oneLine(replacement) }
  return { ...survivor, at: start.line, why: SURVIVORS.find((entry) => isSame(entry, survivor))?.why }
}

function isSame(a: Omit<Survivor, 'why'>, b: Omit<Survivor, 'why'>): boolean {
  return a.file === b.file && a.line === b.line && a.original === b.original && a.replacement === b.replacement
}

function oneLine(code: string): string {
  return code.replaceAll(/\s*\n\s*/g, ' ')
}

function table(): string {
  const rows = Object.entries(report.files).map(([file, { mutants }]) => row(file, mutants, [file]))
  const all = Object.entries(report.files)
  const total = row(
    'all',
    all.flatMap(([, { mutants }]) => mutants),
    Object.keys(report.files),
  )
  const names = Object.keys(total) as (keyof typeof total)[]
  const cells = [names, ...[...rows, total].map((values) => names.map((name) => String(values[name])))]
  const widths = names.map((_, i) => Math.max(...cells.map((line) => (line[i] ?? '').length)))
  return cells
    .map((line) =>
      line.map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join('  '),
    )
    .join('\n')
}

/** A mutant that makes the tests run for ever, or breaks them as they load, is noticed like one that fails them. */
function row(file: string, mutants: readonly Mutant[], files: readonly string[]) {
  const count = (...statuses: readonly string[]) => mutants.filter(({ status }) => statuses.includes(status)).length
  const noticed = count('Killed', 'Timeout', 'RuntimeError', 'CompileError')
  const valid = noticed + count('Survived', 'NoCoverage')
  const justified = survivors.filter((one) => files.includes(one.file) && one.why !== undefined).length
  return {
    file,
    mutants: valid,
    killed: noticed - count('Timeout'),
    'timed out': count('Timeout'),
    survived: count('Survived'),
    'not covered': count('NoCoverage'),
    'with a reason': justified,
    score: valid === 0 ? '-' : `${((100 * noticed) / valid).toFixed(1)} %`,
  }
}
