import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Contexts, expand } from './expressions.ts'
import { type Done, type Place, runnerVariables, storeOf } from './run.ts'
import { writeGh } from './standIns.ts'
import { type Step, type Texts, textsOf } from './workflowFile.ts'

/** The commands of a `run:` in a real shell. */

/** Source: GitHub's page on workflow syntax: what `bash`, and what no shell at all, stands for. */
const SHELLS: Readonly<Record<string, readonly string[]>> = {
  '': ['-e'],
  bash: ['--noprofile', '--norc', '-e', '-o', 'pipefail'],
}

export async function shell(step: Step, contexts: Contexts, env: Texts, place: Place): Promise<Done> {
  const { folder, workspace, run } = place
  const options = SHELLS[step.shell ?? '']
  if (options === undefined) throw new Error(`The replay knows no shell ${step.shell}`)
  const files = { GITHUB_OUTPUT: '', GITHUB_ENV: '', GITHUB_PATH: '', GITHUB_STEP_SUMMARY: '' }
  const paths = Object.fromEntries(Object.keys(files).map((name) => [name, path.join(folder, name)]))
  for (const file of Object.values(paths)) await writeFile(file, '')
  await writeGh(folder, storeOf(run), run.site.tokens)
  const script = path.join(folder, 'script.sh')
  await writeFile(script, expand(step.run ?? '', { ...contexts, env }))
  const child = spawn('bash', [...options, script], {
    cwd: workspace,
    env: {
      PATH: `${folder}:${process.env.PATH}`,
      HOME: folder,
      RUNNER_TEMP: folder,
      GITHUB_WORKSPACE: workspace,
      ...runnerVariables(place),
      ...paths,
      ...textsOf(env),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(run.story.cancel?.aborted === false ? { signal: run.story.cancel, killSignal: 'SIGINT' } : {}),
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      log += chunk
    })
  child.on('error', () => {}) // the abort; the exit code tells
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  for (const name of ['GITHUB_ENV', 'GITHUB_PATH'])
    if ((await readFile(paths[name] ?? '', 'utf8')) !== '') throw new Error(`The replay knows no ${name}`)
  return { isGood: code === 0, outputs: readOutputLines(await readFile(paths.GITHUB_OUTPUT ?? '', 'utf8')), log }
}

function readOutputLines(text: string): Texts {
  const lines = text.split('\n').filter((line) => line !== '')
  if (lines.some((line) => !/^[\w-]+=/.test(line))) throw new Error('The replay knows outputs of one line only')
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2)))
}
