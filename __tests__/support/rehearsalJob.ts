import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type ActionResult, readOutputs, runAction } from '../../src/emulator/runner.ts'
import { ACTION, fast } from './bundle.ts'

/** A job on a runner: the rehearsal's first step, gates, the rehearsal's last step. */

export const REHEARSAL = path.resolve(__dirname, '../../dist/emulator/index.js')

type Texts = Readonly<Record<string, string>>

export interface Job {
  readonly first: ActionResult
  readonly endpoint: string
  /** The number of the process that goes on. */
  readonly pid: number
  /** What the last step gets of the first one. */
  readonly state: Texts
  /** Where the first step leaves things for the last one. */
  readonly temp: string
  /** A gate in the same job, with the rehearsal's own keys unless told. */
  gate(inputs: Texts, env?: Readonly<Record<string, string | undefined>>): Promise<ActionResult>
  /** With other things in the state, if told. */
  last(changes?: Texts): Promise<ActionResult>
}

const jobs: { readonly temp: string; readonly last: () => Promise<unknown> }[] = []
afterEach(async () => {
  for (const { temp, last } of jobs.splice(0)) {
    await last()
    rmSync(temp, { recursive: true, force: true })
  }
})

/** Its last step comes after the test, if the test has none. */
export async function startJob(inputs: Texts = {}, env: Texts = {}): Promise<Job> {
  const temp = mkdtempSync(path.join(tmpdir(), 'job-'))
  const first = await runAction({ entry: REHEARSAL, inputs, env: { RUNNER_TEMP: temp, ...env } })
  const state = readOutputs(first.commandFiles.GITHUB_STATE ?? '')
  const saved = Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]))
  const last = (changes: Texts = {}) =>
    runAction({ entry: REHEARSAL, inputs, env: { RUNNER_TEMP: temp, ...env, ...saved, ...changes } })
  jobs.push({ temp, last })
  const { endpoint = '', 'access-key-id': id = '', 'access-key-secret': secret = '' } = first.outputs
  const keys = { 'access-key-id': id, 'access-key-secret': secret }
  return {
    ...{ first, endpoint, state, temp, last },
    pid: Number(/process (\d+)/.exec(first.stdout)?.[1]),
    gate: (given, variables = {}) =>
      runAction({
        entry: ACTION,
        inputs: { ...('role-to-assume' in given ? {} : keys), ...fast, endpoint, rehearsal: 'true', ...given },
        env: variables,
      }),
  }
}

/** Whether somebody takes connections there. */
export function isListening(url: string): Promise<boolean> {
  const { port, hostname } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}
