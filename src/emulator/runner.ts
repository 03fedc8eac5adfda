import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Starts an action as GitHub's runner does: own process, inputs in `INPUT_*`, files for outputs and summary. */
export interface ActionRun {
  /** The action's `dist/index.js`. */
  readonly entry: string
  readonly inputs: Readonly<Record<string, string>>
  /** Beside the variables of the runner; `undefined` removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly onOutput?: (chunk: string) => void
  /** Handed the process, to send it signals. */
  readonly onStart?: (process: { kill(signal: NodeJS.Signals): void }) => void
}

export interface ActionResult {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
}

/** What could change an action's mind from outside: it must not reach a rehearsal by accident. */
const KEPT_OUT =
  /^(?:INPUT_|GITHUB_|RUNNER_|ACTIONS_|ALIBABA_?CLOUD_|ALICLOUD_|STATE_|DEBUG$|NODE_DEBUG$|NODE_TLS_REJECT_UNAUTHORIZED$)/i

export async function runAction(run: ActionRun): Promise<ActionResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rehearsal-'))
  const outputFile = path.join(folder, 'output')
  const summaryFile = path.join(folder, 'summary')
  await Promise.all([writeFile(outputFile, ''), writeFile(summaryFile, '')])

  const ambient = Object.entries(process.env).filter(([name]) => !KEPT_OUT.test(name))
  const inputs = Object.entries(run.inputs).map(([name, value]) => [
    `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
    value,
  ])
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(ambient),
    GITHUB_ACTIONS: 'true',
    GITHUB_OUTPUT: outputFile,
    GITHUB_STEP_SUMMARY: summaryFile,
    RUNNER_TEMP: folder,
    ...Object.fromEntries(inputs),
    ...run.env,
  }
  const child = spawn(process.execPath, [run.entry], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
    run.onOutput?.(chunk)
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
    run.onOutput?.(chunk)
  })
  run.onStart?.({ kill: (signal) => child.kill(signal) })
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, killedBy) => resolve([code, killedBy]))
  })
  const outputs = readOutputs(await readFile(outputFile, 'utf8'))
  const summary = await readFile(summaryFile, 'utf8')
  await rm(folder, { recursive: true, force: true })
  return { exitCode, signal, stdout, stderr, outputs, summary }
}

/** The runner's file format: `name<<delimiter`, the lines of the value, `delimiter`. A later value wins. */
export function readOutputs(text: string): Readonly<Record<string, string>> {
  const outputs: Record<string, string> = {}
  const lines = text.split(/\r?\n/)
  for (let i = 0; i < lines.length; i++) {
    const head = /^([^=<]+)<<(.+)$/.exec(lines[i] ?? '')
    if (head === null) continue
    const end = lines.indexOf(head[2] ?? '', i + 1)
    if (end === -1) throw new Error(`The output ${head[1]} has no end`)
    outputs[head[1] ?? ''] = lines.slice(i + 1, end).join('\n')
    i = end
  }
  return outputs
}

/** Shows an action's output as GitHub's log does: commands carried out, secrets masked. */
export class LogView {
  readonly #secrets = new Set<string>()
  #rest = ''

  /** The lines that a reader sees of the next piece of output. */
  show(chunk: string): readonly string[] {
    const lines = (this.#rest + chunk).split(/\r?\n/)
    this.#rest = lines.pop() ?? ''
    return lines.flatMap((line) => this.#line(line))
  }

  #line(line: string): readonly string[] {
    const command = /^\s*::([a-z-]+)(?: [^:]*)?::(.*)$/.exec(line)
    if (command === null) return [this.#mask(line)]
    const text = (command[2] ?? '').replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%')
    switch (command[1]) {
      case 'add-mask':
        this.#secrets.add(text)
        return []
      case 'error':
        return [`Error: ${this.#mask(text)}`]
      case 'warning':
        return [`Warning: ${this.#mask(text)}`]
      case 'debug':
        return [`Debug: ${this.#mask(text)}`]
      default:
        return [`(runner command ${command[1]})`]
    }
  }

  #mask(text: string): string {
    return [...this.#secrets].reduce((masked, secret) => masked.replaceAll(secret, '***'), text)
  }
}
