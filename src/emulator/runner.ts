import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Files, readFiles, writeFiles } from './workspace.ts'

/** Starts an action as GitHub's runner does: own process, inputs in `INPUT_*`, files for outputs and summary. */
export interface ActionRun {
  /** The action's `dist/index.js`. */
  readonly entry: string
  readonly inputs: Readonly<Record<string, string>>
  /** What is checked out in the workspace, which is where the action runs. */
  readonly files?: Files
  /** The event that the workflow runs for; a push where there is none. */
  readonly event?: { readonly name: string; readonly payload: object }
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
  /** All that is in the workspace afterwards. */
  readonly files: Files
  /** What was written into the files by which a step talks to the runner, as it stands there, by its variable. */
  readonly commandFiles: Readonly<Record<string, string>>
  /** What is left in RUNNER_TEMP (`runner/…`) and in the system's folder for temporary files (`system/…`). */
  readonly leftBehind: Files
}

/** The files by which a step talks to the runner. */
const COMMAND_FILES = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY'] as const

/** The run that the action is a step of. Its API is a port on which nobody listens, so that nothing ever leaves. */
const RUN = {
  GITHUB_API_URL: 'http://127.0.0.1:1',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_ACTOR: 'octocat',
  GITHUB_REPOSITORY: 'example/app',
  GITHUB_SHA: '5eed0f1a5eed0f1a5eed0f1a5eed0f1a5eed0f1a',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_WORKFLOW: 'Release',
  GITHUB_RUN_ID: '1234567890',
  GITHUB_RUN_ATTEMPT: '1',
}

/** What could change an action's mind from outside: it must not reach a rehearsal by accident. */
const KEPT_OUT =
  /^(?:INPUT_|GITHUB_|RUNNER_|ACTIONS_|ALIBABA_?CLOUD_|ALICLOUD_|STATE_|DEBUG$|NODE_DEBUG$|NODE_TLS_REJECT_UNAUTHORIZED$|NODE_EXTRA_CA_CERTS$|(?:HTTPS?|ALL|NO)_PROXY$)/i

export async function runAction(run: ActionRun): Promise<ActionResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rehearsal-'))
  try {
    return await runIn(folder, run)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function runIn(folder: string, run: ActionRun): Promise<ActionResult> {
  const commands = COMMAND_FILES.map((variable) => [variable, path.join(folder, variable)] as const)
  const workspace = path.join(folder, 'workspace')
  const temp = path.join(folder, 'temp')
  const [runnerTemp, systemTemp] = [path.join(temp, 'runner'), path.join(temp, 'system')]
  const eventFile = path.join(folder, 'event.json')
  const { event = { name: 'push', payload: {} } } = run
  await Promise.all([workspace, runnerTemp, systemTemp].map((one) => mkdir(one, { recursive: true })))
  await writeFile(eventFile, JSON.stringify(event.payload))
  await Promise.all(commands.map(([, file]) => writeFile(file, '')))
  await writeFiles(workspace, run.files ?? {})

  const ambient = Object.entries(process.env).filter(([name]) => !KEPT_OUT.test(name))
  const inputs = Object.entries(run.inputs).map(([name, value]) => [
    `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
    value,
  ])
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(ambient),
    GITHUB_ACTIONS: 'true',
    ...RUN,
    GITHUB_EVENT_NAME: event.name,
    GITHUB_EVENT_PATH: eventFile,
    GITHUB_WORKSPACE: workspace,
    ...Object.fromEntries(commands),
    RUNNER_TEMP: runnerTemp,
    // Of its own, so that what is left there is seen. The names are those of all systems.
    ...{ TMPDIR: systemTemp, TMP: systemTemp, TEMP: systemTemp },
    ...Object.fromEntries(inputs),
    ...run.env,
  }
  const entry = path.resolve(run.entry)
  const child = spawn(process.execPath, [entry], { cwd: workspace, env, stdio: ['ignore', 'pipe', 'pipe'] })
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
  const written = await Promise.all(commands.map(async ([name, file]) => [name, await readFile(file, 'utf8')] as const))
  const commandFiles: Readonly<Record<string, string>> = Object.fromEntries(written)
  const { GITHUB_OUTPUT = '', GITHUB_STEP_SUMMARY: summary = '' } = commandFiles
  const [files, leftBehind] = await Promise.all([readFiles(workspace), readFiles(temp)])
  return {
    exitCode,
    signal,
    stdout,
    stderr,
    outputs: readOutputs(GITHUB_OUTPUT),
    summary,
    files,
    commandFiles,
    leftBehind,
  }
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
