import { type Environment, parseInputs } from '../../src/inputs.ts'
import { inputWorld } from './inputWorld.ts'

/** Inputs as a workflow names them, read: what comes of them, or every problem in a line. */

const keys = { 'INPUT_ACCESS-KEY-ID': 'LTAI-id', 'INPUT_ACCESS-KEY-SECRET': 'key-secret' }
const good: Environment = { 'INPUT_TASK-ID': '282832', ...keys }

export const world = inputWorld()

/** Inputs by their names in a workflow; variables by theirs. */
export function env(changes: Readonly<Record<string, string | undefined>>): Environment {
  const entries = Object.entries(changes).map(([name, value]) => [
    /^[a-z-]+$/.test(name) ? `INPUT_${name.toUpperCase()}` : name,
    value,
  ])
  return { ...good, ...Object.fromEntries(entries) }
}

export function inputsOf(changes: Readonly<Record<string, string | undefined>>) {
  const reading = parseInputs(env(changes), world)
  if (reading.kind === 'invalid')
    throw new Error(reading.problems.map(({ name, text }) => `${name} ${text}`).join('\n'))
  return reading.inputs
}

export function problemsOf(changes: Readonly<Record<string, string | undefined>>): readonly string[] {
  const reading = parseInputs(env(changes), world)
  return reading.kind === 'ok'
    ? []
    : reading.problems.map(({ name, value, text }) => `${name}${value === undefined ? '' : `: ${value}`} ${text}`)
}
