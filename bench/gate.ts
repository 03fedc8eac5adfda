import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Cloud } from '../src/emulator/cloud.ts'
import { SCENARIOS } from '../src/emulator/scenarios.ts'
import { startServer } from '../src/emulator/server.ts'
import { peakKiB } from './startup.ts'
import { table } from './table.ts'

/** What the gate costs on a fleet of 5,000 servers, in calls by action, and in memory. */

const root = path.dirname(import.meta.dirname)

export async function benchGate(): Promise<void> {
  const infected = SCENARIOS['big-fleet']
  if (infected === undefined) throw new Error('there is no big fleet')
  const { fleet } = infected.cloud
  // The scenario's fleet before any look showed Success: nobody is infected.
  const clean = typeof fleet === 'function' ? fleet({ looks: 0, starts: 0 }) : fleet
  const runs = [
    { name: '5,000 servers, clean', cloud: { ...infected.cloud, ...(clean && { fleet: clean }) }, verdict: 'passed' },
    { name: '5,000 servers, 300 infected', cloud: infected.cloud, verdict: 'alerts' },
  ]
  const rows: string[][] = []
  for (const { name, cloud, verdict } of runs) {
    const server = await startServer(new Cloud(cloud, Date.now))
    const peakMiB = await play({ ...infected.inputs, endpoint: server.url, rehearsal: 'true' }, verdict)
    const looks = server.exchanges.filter(({ action }) => action === 'DescribeScanTaskProgress').length
    rows.push([name, String(server.exchanges.length - looks), String(looks), peakMiB.toFixed(0)])
    await server.close()
  }
  table('The gate with targets: all', ['fleet', 'calls', 'looks besides', 'peak MiB'], rows)
}

/** Runs the bundle and returns its peak memory in MiB, as the kernel counted it. */
async function play(inputs: Readonly<Record<string, string>>, verdict: string): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'))
  const files = { output: path.join(folder, 'output'), summary: path.join(folder, 'summary') }
  for (const file of Object.values(files)) writeFileSync(file, '')
  const given = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])
  const env = {
    ...process.env,
    GITHUB_ACTIONS: 'true',
    GITHUB_OUTPUT: files.output,
    GITHUB_STEP_SUMMARY: files.summary,
    GITHUB_WORKSPACE: folder,
    ...Object.fromEntries(given),
    'INPUT_REPORT-FILE': 'report.json',
  }
  const peak = await peakKiB({ script: path.join(root, 'dist', 'index.js'), env })
  if (!readFileSync(files.output, 'utf8').includes(`\n${verdict}\n`))
    throw new Error(`the run did not end as ${verdict}`)
  rmSync(folder, { recursive: true })
  return peak / 1_024
}
