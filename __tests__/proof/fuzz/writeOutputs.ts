import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { log, setOutputs } from '../../../src/adapters/runner.ts'
import type { LogLine } from '../../../src/view/log.ts'

/** Writes outputs and prints lines as the action does. The runs are read from stdin, each has a file in the folder. */

interface Run {
  readonly outputs: Readonly<Record<string, string>>
  readonly lines: readonly LogLine[]
}

const [, , folder = ''] = process.argv
const runs: readonly Run[] = JSON.parse(readFileSync(0, 'utf8'))
for (const [i, { outputs, lines }] of runs.entries()) {
  process.env.GITHUB_OUTPUT = path.join(folder, String(i))
  // The package wants the file to be there, as it is for every step.
  writeFileSync(process.env.GITHUB_OUTPUT, '')
  setOutputs(outputs)
  for (const { level, text } of lines) log(level, text)
}
