import { mkdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'yaml'
import { runAction } from '../../../src/emulator/runner.ts'
import { readFiles, writeFiles } from '../../../src/emulator/workspace.ts'
import { ACTION } from '../bundle.ts'
import { type Done, isCancelled, type Place, runnerVariables } from './run.ts'
import { digestOf } from './standIns.ts'
import { type Texts, textsOf } from './workflowFile.ts'

/** Our own action as a step. */

const ACTION_FILE = path.resolve(__dirname, '../../../action.yml')

/** All that is injected: the emulated cloud in the place of the real one, and its faster clock. */
const PACE = { 'min-poll-seconds': '0.05', 'max-poll-seconds': '0.2', 'settle-seconds': '0.1' }

/** The action as it ships, with the defaults of `action.yml` as the runner fills them in. */
export async function useGate(given: Readonly<Record<string, string>>, env: Texts, place: Place): Promise<Done> {
  const { workspace, run } = place
  const { site, story } = run
  const { url } = site.cloudServer
  // Who rehearses by themselves has said where.
  const stage = given.rehearsal === 'true' ? {} : { endpoint: url, 'sts-endpoint': url, rehearsal: 'true' }
  const injected = { ...PACE, ...stage }
  const inputs: Readonly<Record<string, string>> = { ...(await defaultsOf(ACTION_FILE)), ...given, ...injected }
  const cancel = isCancelled(story.cancel) ? undefined : story.cancel
  const result = await runAction({
    entry: ACTION,
    inputs,
    files: await readFiles(workspace),
    event: story.event,
    env: { ...textsOf(env), ...runnerVariables(place) },
    onStart: ({ kill }) => cancel?.addEventListener('abort', () => kill('SIGINT'), { once: true }),
  })
  const file = inputs['report-file'] ?? ''
  const amended = story.amendReport === undefined ? undefined : amend(result.files[file], story.amendReport)
  await rm(workspace, { recursive: true })
  await mkdir(workspace)
  await writeFiles(workspace, { ...result.files, ...(amended === undefined ? {} : { [file]: amended }) })
  const digest = amended === undefined ? {} : { 'report-digest': digestOf(amended) }
  return {
    isGood: result.exitCode === 0,
    outputs: { ...result.outputs, ...digest },
    log: result.stdout + result.stderr,
  }
}

function amend(report: string | undefined, change: (report: Record<string, unknown>) => object): string | undefined {
  return report && `${JSON.stringify(change(JSON.parse(report)), undefined, 2)}\n`
}

/** The inputs that an action has when a workflow gives none. */
export async function defaultsOf(file: string): Promise<Readonly<Record<string, string>>> {
  const action = parse(await readFile(file, 'utf8')) as {
    readonly inputs: Readonly<Record<string, { readonly default?: string }>>
  }
  return Object.fromEntries(Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? '']))
}
