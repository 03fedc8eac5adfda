import { parseInputs } from '../../src/inputs.ts'
import { asVariables, inputWorld, problemsIn } from './inputWorld.ts'

/** What to wait for, as it is read. */

const keys = { 'INPUT_ACCESS-KEY-ID': 'LTAI-id', 'INPUT_ACCESS-KEY-SECRET': 'key-secret' }
export const UUID = '503201a7-14c6-4280-801b-1169ed420000'

export type Changes = Readonly<Record<string, string>>

export function read(changes: Changes) {
  return parseInputs({ ...keys, ...asVariables(changes) }, inputWorld())
}

export function waitForOf(changes: Changes) {
  const reading = read(changes)
  return reading.kind === 'ok' ? reading.inputs.waitFor : reading.problems
}

export const problemsOf = (changes: Changes) => problemsIn(read(changes))

export const listed = (...lines: readonly (readonly [word: string, name: string])[]) => ({
  kind: 'targets',
  wanted: { kind: 'listed', lines: lines.map(([word, name]) => ({ word, name })) },
  wait: true,
})
export const everything = { kind: 'targets', wanted: { kind: 'all' }, wait: true }

export const uuids = (count: number, from = 1) => Array.from({ length: count }, (_, i) => `uuid:u-${from + i}`)
