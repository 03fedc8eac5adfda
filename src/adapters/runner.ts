import { readFileSync } from 'node:fs'
import * as core from '@actions/core'

/** The GitHub runner: masks, log, annotations, outputs, summary. The only file that knows `@actions/core`. */

/** Outside of a runner nobody swallows the command that masks a secret, and it would print what it should hide. */
function runnerListens(): boolean {
  return process.env.GITHUB_ACTIONS === 'true' || (process.env.GITHUB_OUTPUT ?? '') !== ''
}

export function mask(secrets: readonly string[]): void {
  if (runnerListens()) for (const secret of secrets) core.setSecret(secret)
}

export function log(level: 'info' | 'debug' | 'warning', text: string): void {
  if (level === 'info') core.info(text)
  else if (level === 'warning') core.warning(text)
  else if (core.isDebug()) core.debug(text)
}

/** The event that the workflow runs for, as GitHub sent it; undefined where there is none that can be read. */
export function readEvent(): unknown {
  try {
    return JSON.parse(readFileSync(process.env.GITHUB_EVENT_PATH ?? '', 'utf8'))
  } catch {
    return undefined
  }
}

/** One error annotation, and exit code 1 when the process ends by itself. */
export function fail(reason: string): void {
  core.setFailed(reason)
}

/** Writes an output, if the runner gave a file for it. What cannot be written is said and changes nothing else. */
export function setOutput(name: string, value: string): void {
  setOutputs({ [name]: value }, () => {})
}

/** Writes all outputs likewise. Without a file for them (a run by hand) they are handed to `print` instead. */
export function setOutputs(outputs: Readonly<Record<string, string>>, print: (line: string) => void = core.info): void {
  if ((process.env.GITHUB_OUTPUT ?? '') === '') {
    for (const [name, value] of Object.entries(outputs)) print(`  ${name} = ${value}`)
    return
  }
  try {
    for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value)
  } catch (error) {
    core.warning(`The outputs could not be written: ${explain(error)}. The verdict stands.`)
  }
}

/** Writes the job summary, if the runner gave a file for it. */
export async function writeSummary(markdown: string): Promise<void> {
  if ((process.env.GITHUB_STEP_SUMMARY ?? '') === '') return
  try {
    await core.summary.addRaw(markdown).write()
  } catch (error) {
    core.warning(`The job summary could not be written: ${explain(error)}. The verdict stands.`)
  }
}

function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replaceAll(/\s+/g, ' ').replace(/\.$/, '')
}
