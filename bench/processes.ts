import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Node programs that are measured from outside, and the action as one of them. */

const root = path.dirname(import.meta.dirname)
export const ACTION = path.join(root, 'dist', 'index.js')

export interface Program {
  readonly script: string
  readonly env: NodeJS.ProcessEnv
  readonly nodeOptions?: readonly string[]
}

/** What the kernel counted for a process until it ended. */
export interface Usage {
  readonly peakKiB: number
  /** User and system. */
  readonly cpuMs: number
  readonly stdout: string
}

/** Told by the process itself as it exits; the telling costs time, so it is not timed. */
export async function usageOf({ script, env, nodeOptions = [] }: Program): Promise<Usage> {
  const tell = `data:text/javascript,process.on('exit',()=>{const u=process.resourceUsage();process.stderr.write('usage='+u.maxRSS+','+(u.userCPUTime+u.systemCPUTime)+';')})`
  const child = spawn(process.execPath, ['--import', tell, ...nodeOptions, script], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  await new Promise((resolve) => child.on('close', resolve))
  const told = /usage=(\d+),(\d+);/.exec(stderr)
  if (told === null) throw new Error(`${path.basename(script)} did not tell what it used: ${stderr.slice(0, 500)}`)
  return { peakKiB: Number(told[1]), cpuMs: Number(told[2]) / 1_000, stdout }
}

/** Plays the bundle in a workspace of its own; throws unless it ends with the verdict. */
export async function playAction(inputs: Readonly<Record<string, string>>, verdict: string): Promise<Usage> {
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
  }
  const usage = await usageOf({ script: ACTION, env })
  if (!readFileSync(files.output, 'utf8').includes(`\n${verdict}\n`))
    throw new Error(`the run did not end as ${verdict}: ${usage.stdout.slice(-500)}`)
  rmSync(folder, { recursive: true })
  return usage
}
