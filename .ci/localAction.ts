// Runs the sources, not the bundle, under GitHub's own stand-in for the runner, against the emulated cloud.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Cloud } from '../src/emulator/cloud.ts'
import { SCENARIOS } from '../src/emulator/scenarios.ts'
import { startServer } from '../src/emulator/server.ts'

const TOOL = '@github/local-action@7.0.1'
const root = path.dirname(import.meta.dirname)
const scenario = SCENARIOS.passed
if (scenario === undefined) throw new Error('there is no scenario to play')

const server = await startServer(new Cloud(scenario.cloud, Date.now))
const folder = mkdtempSync(path.join(tmpdir(), 'local-action-'))
const inputs = { ...scenario.inputs, endpoint: server.url, rehearsal: 'true' }
const dotenv = path.join(folder, '.env')
writeFileSync(
  dotenv,
  Object.entries(inputs)
    .map(([name, value]) => `INPUT_${name.toUpperCase()}=${value}\n`)
    .join(''),
)

const args = [
  'exec',
  '--yes',
  `--package=${TOOL}`,
  '--',
  'local-action',
  root,
  '__tests__/support/localActionEntry.ts',
  dotenv,
]
const child = spawn('npm', args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' })
let output = ''
for (const stream of [child.stdout, child.stderr]) {
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
  })
}
const status = await new Promise((resolve) => child.on('close', resolve))
await server.close()
rmSync(folder, { recursive: true })

const passed = status === 0 && output.includes('verdict = passed') && server.exchanges.length === 6
process.stdout.write(passed ? `ok      the sources under ${TOOL}, ${server.exchanges.length} calls\n` : output)
process.exitCode = passed ? 0 : 1
