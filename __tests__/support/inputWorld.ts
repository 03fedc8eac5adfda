import { createHash } from 'node:crypto'
import { readYaml } from '../../src/adapters/yaml.ts'
import type { Environment } from '../../src/inputs/reading.ts'
import { readWorkflowRun } from '../../src/inputs/workflowRun.ts'
import type { InputReading, Inputs, InputWorld } from '../../src/inputs.ts'

/** A workspace that holds these files, on 24 November 2026. */
export function inputWorld(
  files: Readonly<Record<string, string>> = {},
  changes: Partial<InputWorld> = {},
): InputWorld {
  return {
    today: '2026-11-24',
    readText: (path) => {
      const text = Object.hasOwn(files, path) ? files[path] : undefined
      if (text === undefined) return { problem: 'does not exist in the workspace' }
      return { text, sha256: createHash('sha256').update(text).digest('hex') }
    },
    readYaml,
    run: () =>
      readWorkflowRun({ GITHUB_REPOSITORY: 'example/app', GITHUB_SHA: '1'.repeat(40), GITHUB_EVENT_NAME: 'push' }, {}),
    refusalToWrite: () => undefined,
    isSameFile: (one, other) => one === other,
    ...changes,
  }
}

/** Inputs by their names in a workflow, variables by theirs, as the runner passes both. */
export function asVariables(changes: Environment): Environment {
  const entries = Object.entries(changes).map(([name, value]) => [
    /^[a-z-]+$/.test(name) ? `INPUT_${name.toUpperCase()}` : name,
    value,
  ])
  return Object.fromEntries(entries)
}

/** What was read, where all of it was good. */
export function inputsIn(reading: InputReading): Inputs {
  if (reading.kind === 'invalid') throw new Error(problemsIn(reading).join('\n'))
  return reading.inputs
}

/** Every problem in a line: `name: value is not …`. */
export function problemsIn(reading: InputReading): readonly string[] {
  if (reading.kind === 'ok') return []
  return reading.problems.map(({ name, value, text }) => `${name}${value === undefined ? '' : `: ${value}`} ${text}`)
}
