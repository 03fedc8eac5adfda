// `npm run proof`: everything that the gate is tried against, more of it and with other dice than in CI, and then the
// figures into docs/proof.md. Options: --scale N (times the cases of CI, 10 unless told), --seed N (of today unless told).
// Parts by name, if not all: tests, mutants, bench.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { PATIENCE_MS } from '../__tests__/support/proof.ts'

const root = path.dirname(import.meta.dirname)
const PAGE = path.join(root, 'docs', 'proof.md')

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scale: { type: 'string', default: '10' },
    seed: { type: 'string', default: new Date().toISOString().slice(0, 10).replaceAll('-', '') },
  },
})

interface Part {
  readonly name: string
  readonly args: readonly string[]
  /** Whether it tries more cases than CI does. */
  readonly isScaled?: true
  /** What stands on the page, of its output or of the figures that it noted. */
  readonly shown: (output: string) => string
}

const figures = mkdtempSync(path.join(tmpdir(), 'proof-'))
const PARTS: readonly Part[] = [
  {
    name: 'tests',
    args: ['node_modules/jest/bin/jest.js', '__tests__/proof', `--testTimeout=${PATIENCE_MS}`],
    isScaled: true,
    shown: figureTable,
  },
  { name: 'mutants', args: ['.ci/mutate.ts'], shown: (output) => asPrinted(fromTheTable(output)) },
  { name: 'bench', args: ['bench/bench.ts'], shown: asPrinted },
]

const unknown = positionals.filter((name) => !PARTS.some((part) => part.name === name))
if (unknown.length > 0)
  throw new Error(`there is no part ${unknown.join(', ')}: ${PARTS.map(({ name }) => name).join(', ')}`)
const asked = positionals.length === 0 ? PARTS : PARTS.filter(({ name }) => positionals.includes(name))
const rows: string[] = []
for (const part of asked) {
  const startedAt = performance.now()
  const { output, exitCode } = await play(part)
  const minutes = `${((performance.now() - startedAt) / 60_000).toFixed(0)} min`
  const result = exitCode === 0 ? 'passed' : 'FAILED'
  rows.push(`${result}  ${part.name}, ${minutes}`)
  if (exitCode !== 0) process.exitCode = 1
  const how = part.isScaled ? `, ${values.scale} times the cases of CI from seed ${values.seed}` : ''
  const machine = `${availableParallelism()} cores, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`
  const head = `The last run ${result} in ${minutes}${how} (${machine}).`
  writeFileSync(PAGE, withBlock(readFileSync(PAGE, 'utf8'), part.name, `\n${head}\n\n${part.shown(output)}\n`))
}
rmSync(figures, { recursive: true })
process.stdout.write(`\n${rows.join('\n')}\n`)

async function play({ name, args }: Part): Promise<{ readonly output: string; readonly exitCode: number | null }> {
  process.stdout.write(`\n--- ${name}\n`)
  const env = { ...process.env, PROOF_SCALE: values.scale, PROOF_SEED: values.seed, PROOF_FIGURES: figures }
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    process.stdout.write(chunk)
  })
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return { output, exitCode }
}

function asPrinted(output: string): string {
  return `\`\`\`text\n${output.trim()}\n\`\`\``
}

/** What comes before the table is progress. */
function fromTheTable(output: string): string {
  const table = output.slice(output.lastIndexOf('\nfile ') + 1)
  // Who survived without a reason is told after it, in files where that is allowed.
  return (table.split('\n\n')[0] ?? '').trim()
}

function figureTable(): string {
  const lines = readdirSync(figures)
    .sort()
    .flatMap((file) =>
      Object.entries(JSON.parse(readFileSync(path.join(figures, file), 'utf8'))).map(
        ([name, value]) => `| ${path.basename(file, '.json')} | ${name} | ${inWords(value)} |`,
      ),
    )
  return ['| part | what | how many |', '|---|---|---|', ...lines].join('\n')
}

function inWords(value: unknown): string {
  return typeof value === 'number' ? value.toLocaleString('en-US') : String(value)
}

/** The page with what stands between two comments replaced. */
function withBlock(text: string, name: string, content: string): string {
  const [from, to] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
  const [start, end] = [text.indexOf(from), text.indexOf(to)]
  if (start === -1 || end < start) throw new Error(`${PAGE} has no place for ${name}`)
  return `${text.slice(0, start + from.length)}\n${content}\n${text.slice(end)}`
}
