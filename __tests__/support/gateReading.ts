import { type InputWorld, parseInputs } from '../../src/inputs.ts'
import { asVariables, inputsIn, inputWorld, problemsIn } from './inputWorld.ts'

/** The inputs of the gate, read beside a task and keys that are good, in a workspace with a few allow-lists. */

const keys = { 'INPUT_ACCESS-KEY-ID': 'LTAI-id', 'INPUT_ACCESS-KEY-SECRET': 'key-secret', 'INPUT_TASK-ID': '7' }
export const LIST = '# accepted\n- alert: Backdoor\n  reason: known\n  until: 2026-12-31\n'

export type Changes = Readonly<Record<string, string>>

const files = { 'allow.yml': LIST, 'empty.yml': '', 'bad.yml': 'nonsense' }

export function read(changes: Changes, world: Partial<InputWorld> = {}) {
  return parseInputs({ ...keys, ...asVariables(changes) }, inputWorld(files, world))
}

export const inputsOf = (...given: Parameters<typeof read>) => inputsIn(read(...given))
export const problemsOf = (...given: Parameters<typeof read>) => problemsIn(read(...given))
