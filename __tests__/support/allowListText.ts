import { type InputWorld, parseInputs } from '../../src/inputs.ts'
import { inputsIn, inputWorld } from './inputWorld.ts'

/** The text of an allow-list, read as the input is. Today is 24 November 2026. */

export const env = {
  'INPUT_ACCESS-KEY-ID': 'LTAI-id',
  'INPUT_ACCESS-KEY-SECRET': 'key-secret',
  'INPUT_TASK-ID': '7',
  'INPUT_SEVERITY-CUTOFF': 'serious',
  'INPUT_ALLOW-LIST': 'a.yml',
}

export function read(text: string, world: Partial<InputWorld> = {}) {
  return parseInputs(env, inputWorld({ 'a.yml': text }, world))
}

export function entriesOf(text: string, world: Partial<InputWorld> = {}) {
  return inputsIn(read(text, world)).gate?.allowList?.entries
}

/** Without the name of the input and the file: `line 3, until: 2026-02-29 is not a day …`. */
export function problemsOf(text: string, world: Partial<InputWorld> = {}): readonly string[] {
  const reading = read(text, world)
  if (reading.kind === 'ok') return []
  expect(reading.problems.filter(({ name }) => name !== 'allow-list')).toEqual([])
  return reading.problems.map(({ value, text }) => `${value} ${text}`.replace(/^a\.yml /, ''))
}

/** An entry in block style, its keys in the order given. */
export function entry(fields: Readonly<Record<string, string | undefined>>): string {
  const lines = Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${value}`]))
  return `- ${lines.join('\n  ')}\n`
}

export const terms = { reason: 'known', until: '2026-12-31' }
export const good = { alert: 'Backdoor', ...terms }
export const goodGap = { uncovered: 'offline', server: 'web-01', ...terms }
