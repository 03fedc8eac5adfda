// Runs the sources, not the bundle, under GitHub's own stand-in for the runner, against the emulated cloud.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Cloud } from '../src/emulator/cloud.ts'
import { SCENARIOS } from '../src/emulator/scenarios.ts'
import { startServer } from '../src/emulator/server.ts'
import { writeFiles } from '../src/emulator/workspace.ts'

const TOOL = '@github/local-action@7.0.1'
const root = path.dirname(import.meta.dirname)
let failed = false
// One that only waits, and one that loads everything: start, gate, allow-list and report.
for (const name of ['passed', 'accepted']) {
  const { output, looks, verdict } = await play(name)
  const passed = output.includes(`verdict = ${verdict}`) && looks >= 4
  process.stdout.write(passed ? `ok      ${name} from the sources under ${TOOL}, ${looks} looks\n` : output)
  if (!passed) failed = true
}
process.exitCode = failed ? 1 : 0

async function play(name: string) {
  const scenario = SCENARIOS[name]
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`)
  const server = await startServer(new Cloud(scenario.cloud, Date.now))
  const folder = mkdtempSync(path.join(tmpdir(), 'local-action-'))
  await writeFiles(folder, scenario.files ?? {})
  const inputs = Object.entries({ ...scenario.inputs, endpoint: server.url, rehearsal: 'true' })
  const dotenv = path.join(folder, '.env')
  const quoted = inputs.map(([input, value]) => `INPUT_${input.toUpperCase()}="${value.replaceAll('\n', '\\n')}"\n`)
  writeFileSync(dotenv, `${quoted.join('')}GITHUB_WORKSPACE=${folder}\n`)
  const output = await localAction(dotenv)
  await server.close()
  rmSync(folder, { recursive: true })
  const looks = server.exchanges.filter(({ action }) => action === 'DescribeScanTaskProgress').length
  return { output, looks, verdict: scenario.verdict }
}

async function localAction(dotenv: string): Promise<string> {
  const entry = '__tests__/support/localActionEntry.ts'
  const args = ['exec', '--yes', `--package=${TOOL}`, '--', 'local-action', root, entry, dotenv]
  const child = spawn('npm', args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
  }
  await new Promise((resolve) => child.on('close', resolve))
  return output
}
