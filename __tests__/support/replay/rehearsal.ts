import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'yaml'
import { readOutputs, runAction } from '../../../src/emulator/runner.ts'
import { defaultsOf } from './gate.ts'
import { type Done, type Place, runnerVariables } from './run.ts'
import { type Texts, textsOf } from './workflowFile.ts'

/** Our rehearsal as a step: the action as it ships, with what it leaves behind until its last step. */

/** All that is injected: a faster clock. */
const PACE = { 'scan-seconds': '0.3' }
const ACTION_FILE = path.resolve(__dirname, '../../../src/emulator/action.yml')

export async function useRehearsal(
  name: string,
  given: Readonly<Record<string, string>>,
  env: Texts,
  place: Place,
): Promise<Done> {
  const { runs } = parse(await readFile(ACTION_FILE, 'utf8')) as { readonly runs: Record<'main' | 'post', string> }
  const inputs = { ...(await defaultsOf(ACTION_FILE)), ...given, ...PACE }
  const run = async (step: 'main' | 'post', saved: Readonly<Record<string, string>> = {}) => {
    const state = Object.entries(saved).map(([key, value]) => [`STATE_${key}`, value])
    const result = await runAction({
      // As the runner joins them: from the folder of action.yml.
      entry: path.join(path.dirname(ACTION_FILE), runs[step]),
      inputs,
      event: place.run.story.event,
      env: {
        ...textsOf(env),
        ...runnerVariables(place),
        RUNNER_TEMP: place.folder,
        ...Object.fromEntries(state),
      },
    })
    const { exitCode, outputs, stdout, stderr } = result
    return { isGood: exitCode === 0, outputs, log: stdout + stderr, state: result.commandFiles.GITHUB_STATE ?? '' }
  }
  const { state, ...done } = await run('main')
  place.posts.push({ name, run: () => run('post', readOutputs(state)) })
  return done
}
