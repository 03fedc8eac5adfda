import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { byHand, expectGoodManners, jobOf, pullRequest, resultsOf, siteOf, withTools } from './support/exampleSite.ts'
import { EXAMPLES } from './support/replay/jobs.ts'
import type { RunRecord } from './support/replay/records.ts'
import { replay } from './support/replay.ts'

/** The example of a rehearsed release, run exactly as it is written. */

withTools('rehearse-release.yml', () => {
  const FILE = 'rehearse-release.yml'
  const LEGS = ['Rehearse clean', 'Rehearse infected', 'Rehearse failed', 'Rehearse throttled']
  const SCAN = 'Scan the rehearsed servers'
  const scanOf = (run: RunRecord, leg: string) => {
    const scan = jobOf(run, leg).steps.find(({ name }) => name === SCAN)
    return `${scan?.outcome} ${scan?.outputs.verdict}`
  }
  const postOf = (run: RunRecord, leg: string) => {
    const post = jobOf(run, leg).steps.at(-1)
    expect(post).toMatchObject({ name: 'Post Start the emulated cloud', outcome: 'success' })
    return post?.log ?? ''
  }

  test('is green for every scenario, since the gate does what the matrix says, and asks nobody else', async () => {
    const at = await siteOf(FILE)
    const run = await replay(FILE, at, { event: byHand })
    expect(resultsOf(run)).toEqual(Object.fromEntries(LEGS.map((leg) => [leg, 'success'])))
    expect(LEGS.map((leg) => scanOf(run, leg))).toEqual([
      'success passed',
      'failure alerts',
      'failure scan-failed',
      'success passed',
    ])
    for (const leg of LEGS)
      expect(postOf(run, leg)).toMatch(/StartVirusScanTask .*"databases"[\s\S]*(?:"Success"|"Failed")/)
    expect(postOf(run, 'Rehearse throttled')).toContain('400 Throttling.User')
    expect([at.cloudServer.exchanges, at.identity.exchanges, at.repository.statuses]).toEqual([[], [], []])
    expectGoodManners(at, run)
  })

  test('runs on pull requests too, those of forks included', async () => {
    const at = await siteOf(FILE)
    const run = await replay(FILE, at, { event: pullRequest('somebody/app') })
    expect(run.result).toBe('success')
    expect(at.identity.exchanges).toEqual([])
    expectGoodManners(at, run)
  })

  test('is red where the gate does something else', async () => {
    const amendWorkflow = (text: string) =>
      text.replace(/^ *severity-cutoff: .*\n/m, '').replace(/^ *allow-list: .*\n/m, '')
    const run = await replay(FILE, await siteOf(FILE), { event: byHand, amendWorkflow })
    expect(scanOf(run, 'Rehearse infected')).toBe('success passed')
    expect(resultsOf(run)).toEqual({
      'Rehearse clean': 'success',
      'Rehearse infected': 'failure',
      'Rehearse failed': 'success',
      'Rehearse throttled': 'success',
    })
  })

  test('rehearses the gate of release-gate.yml: the inputs are the same, but for those that it says are not', () => {
    interface Steps {
      readonly steps: readonly { readonly id?: string; readonly with?: object }[]
    }
    const scanIn = (file: string, job: string): object => {
      const { jobs } = parse(readFileSync(path.join(EXAMPLES, file), 'utf8')) as { jobs: Record<string, Steps> }
      return jobs[job]?.steps.find(({ id }) => id === 'scan')?.with ?? {}
    }
    const left = ['commit-status', 'role-to-assume', 'oidc-provider-arn']
    const own = ['rehearsal', 'endpoint', 'access-key-id', 'access-key-secret', 'settle-seconds']
    const without = (inputs: object, names: readonly string[]) =>
      Object.fromEntries(Object.entries(inputs).filter(([name]) => !names.includes(name)))
    expect(without(scanIn(FILE, 'rehearse'), own)).toEqual(without(scanIn('release-gate.yml', 'gate'), left))
  })
})
