import { state } from '../../src/emulator/answers.ts'
import type { CloudState } from '../../src/emulator/cloud.ts'
import { ACCOUNT } from '../../src/emulator/scenarios.ts'
import { type BundleRun, runBundle } from './bundle.ts'
import { type CheckedGitHub, checkedGitHub, TOKEN } from './gitHubApi.ts'

/** What ships, with a real client, against an emulated GitHub that is held against GitHub's own description. */

export const sha = (digit: string) => digit.repeat(40)
export const PUSHED = '5eed0f1a5eed0f1a5eed0f1a5eed0f1a5eed0f1a'
export const RUN_PAGE = 'https://github.com/example/app/actions/runs/1234567890'
export const task = (...looks: string[]): CloudState => ({
  account: ACCOUNT,
  tasks: { '282832': { targets: [], looks: looks.map((look) => state(look)) } },
})
export const passing = task('init', 'Success')
export const failing = task('init', 'Failed')

interface HubRun extends BundleRun {
  readonly github?: CheckedGitHub
}

/** Runs the bundle with a token; `github` lets several runs share a repository. */
export async function runHub(cloud: CloudState, run: HubRun = {}) {
  const { github = await checkedGitHub(), ...bundleRun } = run
  const result = await runBundle(cloud, {
    ...bundleRun,
    inputs: { 'task-id': '282832', 'github-token': TOKEN, ...bundleRun.inputs },
    env: { GITHUB_API_URL: github.url, ...bundleRun.env },
  })
  expect(github.violations).toEqual([])
  const { stdout, stderr, outputs, summary, files } = result
  expect(stderr).toBe('')
  // The runner is told once what to mask; after that the token is nowhere.
  const shown = JSON.stringify([stdout.replaceAll(`::add-mask::${TOKEN}`, ''), outputs, summary, files])
  expect(shown).not.toContain(TOKEN)
  const told = JSON.stringify(
    github.requests.map(({ method, path: asked, query, body }) => [method, asked, query, body]),
  )
  for (const secret of [TOKEN, ...Object.values(ACCOUNT)]) expect(told).not.toContain(secret)
  return { ...result, github, statuses: github.repository.statuses, issues: github.repository.issues }
}

export const status = { 'commit-status': 'virus scan' }
export const tracking = { 'tracking-issue': 'Virus alerts' }
export const statesOf = ({ statuses }: { readonly statuses: CheckedGitHub['repository']['statuses'] }) =>
  statuses.map(({ state: one }) => one)
