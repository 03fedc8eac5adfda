import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { state } from '../src/emulator/answers.ts'
import { Cloud } from '../src/emulator/cloud.ts'
import { ACCOUNT } from '../src/emulator/scenarios.ts'
import { startServer } from '../src/emulator/server.ts'
import { ACTION, type Program, usageOf } from './processes.ts'
import { median, table } from './table.ts'

/** What every run pays before and after its wait: a task that is already `Success`, against one bare request. */

const PAIRS = 25
const MEMORY_PAIRS = 7
const root = path.dirname(import.meta.dirname)
const peakKiB = async (program: Program) => (await usageOf(program)).peakKiB

export async function benchStartup(): Promise<void> {
  const looks = [state('Success')]
  const targets = [{ type: 'uuid', name: 'host001', target: '5a1f0c1e-0000-4000-8000-00000000aa01' }]
  const server = await startServer(new Cloud({ account: ACCOUNT, tasks: { '282832': { targets, looks } } }, Date.now))
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'))
  const [output, summary] = ['output', 'summary'].map((name) => path.join(folder, name)) as [string, string]
  const actionEnv = {
    ...process.env,
    GITHUB_ACTIONS: 'true',
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
    'INPUT_TASK-ID': '282832',
    'INPUT_ACCESS-KEY-ID': ACCOUNT.accessKeyId,
    'INPUT_ACCESS-KEY-SECRET': ACCOUNT.accessKeySecret,
    'INPUT_SECURITY-TOKEN': ACCOUNT.securityToken,
    INPUT_ENDPOINT: server.url,
    INPUT_REHEARSAL: 'true',
  }
  const bare = { script: path.join(root, 'bench', 'bareRequest.mjs'), env: { ...process.env, URL: server.url } }
  const ours = { script: ACTION, env: actionEnv }
  const wall = { bare: [] as number[], ours: [] as number[] }
  const peak = { bare: [] as number[], ours: [] as number[] }
  for (let i = 0; i < PAIRS + MEMORY_PAIRS; i++) {
    for (const file of [output, summary]) writeFileSync(file, '')
    const [into, measure] = i < PAIRS ? [wall, wallMs] : [peak, peakKiB]
    into.bare.push(await measure(bare))
    into.ours.push(await measure(ours))
    if (!readFileSync(output, 'utf8').includes('passed')) throw new Error('the measured run did not pass')
  }
  await server.close()
  rmSync(folder, { recursive: true })

  const row = (name: string, who: 'bare' | 'ours') => [
    name,
    median(wall[who]).toFixed(1),
    (median(wall[who]) / median(wall.bare)).toFixed(3),
    (median(peak[who]) / 1_024).toFixed(1),
    (median(peak[who]) / median(peak.bare)).toFixed(3),
  ]
  table(
    `Start-up on Node ${process.versions.node}: medians of ${PAIRS} pairs run in turn (memory: ${MEMORY_PAIRS})`,
    ['', 'wall ms', 'ratio', 'peak MiB', 'ratio'],
    [row('bare process, one POST', 'bare'), row('dist/index.js, task already Success', 'ours')],
  )
  table('Size', ['file', 'kB'], [['dist/index.js', (statSync(ACTION).size / 1_000).toFixed(0)]])
}

async function wallMs({ script, env }: Program): Promise<number> {
  const start = performance.now()
  const child = spawn(process.execPath, [script], { env, stdio: 'ignore' })
  await new Promise((resolve) => child.on('close', resolve))
  return performance.now() - start
}
