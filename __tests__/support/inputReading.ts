import type { Environment } from '../../src/inputs/reading.ts'
import { parseInputs } from '../../src/inputs.ts'
import { asVariables, inputsIn, inputWorld, problemsIn } from './inputWorld.ts'

/** Inputs as a workflow names them, beside a task and keys that are good. */

const good = {
  'INPUT_TASK-ID': '282832',
  'INPUT_ACCESS-KEY-ID': 'LTAI-id',
  'INPUT_ACCESS-KEY-SECRET': 'key-secret',
}

export const world = inputWorld()
export const env = (changes: Environment): Environment => ({ ...good, ...asVariables(changes) })
export const inputsOf = (changes: Environment) => inputsIn(parseInputs(env(changes), world))
export const problemsOf = (changes: Environment) => problemsIn(parseInputs(env(changes), world))
