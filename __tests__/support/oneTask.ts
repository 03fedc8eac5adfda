import * as answers from '../../src/emulator/answers.ts'
import type { CloudState } from '../../src/emulator/cloud.ts'
import { ACCOUNT } from '../../src/emulator/scenarios.ts'
import { OUTPUT_NAMES } from '../../src/view/outputs.ts'
import type { BundleResult, BundleRun } from './bundle.ts'

/** Runs of what ships that wait for one task, and what holds at the end of any. */

export const targets = [{ type: 'uuid', name: 'web-01', target: 'u-1' }]
export const oneTask = (...looks: readonly answers.Look[]): CloudState => ({
  account: ACCOUNT,
  tasks: { '282832': { targets, looks } },
})
export const forTask = (run: BundleRun = {}): BundleRun => ({ ...run, inputs: { 'task-id': '282832', ...run.inputs } })
export const success = oneTask(answers.state('Success'))
export const secrets = Object.values(ACCOUNT)

/** What holds on every way out, whatever happened. */
export function expectOrderly(result: BundleResult, verdict: string): void {
  expect(result.outputs).toMatchObject({ verdict, passed: String(verdict === 'passed') })
  expect(Object.keys(result.outputs).sort()).toEqual([...OUTPUT_NAMES].sort())
  expect(result.outputs.reason).toMatch(/^[A-Za-z0-9 ._:,()/@-]+$/)
  expect(result.stderr).toBe('')
  expect(result.signal).toBeNull()
  const errors = result.annotations.filter((line) => line.startsWith('::error'))
  expect(errors).toEqual(result.exitCode === 1 ? [`::error::${result.outputs.reason}`] : [])
  expectNoSecrets(result)
}

export function expectNoSecrets({ log, stderr, outputs, summary }: BundleResult): void {
  const visible = [
    ...log.filter((line) => !line.startsWith('::add-mask::')),
    stderr,
    JSON.stringify(outputs),
    summary,
  ].join('\n')
  for (const secret of secrets) expect(visible).not.toContain(secret)
  expect(visible).not.toMatch(/Signature(?:Nonce)?(?:=|%3D)/)
}
