import { GATE_SCENARIOS } from './gateScenarios.ts'
import type { Scenario } from './stage.ts'

/** Stories of what a run tells GitHub, and what it reads there. */

const TOKEN = { 'github-token': 'emulated-github-token' }
const TELLING = { ...TOKEN, 'commit-status': 'virus scan', 'tracking-issue': 'Virus alerts on the web servers' }
const sha = (digit: string) => digit.repeat(40)
const side = (commit: string) => ({ sha: commit, repo: { full_name: 'example/app' } })
const PULL_REQUEST = { name: 'pull_request', payload: { pull_request: { head: side(sha('a')), base: side(sha('b')) } } }

function from(name: string): Scenario {
  const scenario = GATE_SCENARIOS[name]
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`)
  return scenario
}

const infected = from('infected')
const accepted = from('accepted')

export const GITHUB_SCENARIOS: Readonly<Record<string, Scenario>> = {
  tracked: {
    ...infected,
    about: 'The scan finds something: the commit status fails, and a tracking issue is opened.',
    inputs: { ...infected.inputs, ...TELLING },
    github: {},
  },
  'read-only-token': {
    ...from('clean'),
    about: 'All is well, but the token may write neither statuses nor issues. The verdict stands.',
    inputs: { ...from('clean').inputs, ...TELLING },
    github: { permissions: { contents: 'read' } },
  },
  'pull-request': {
    ...accepted,
    about: 'A pull request adds an entry to the allow-list. It is not in force before the merge, so the alert counts.',
    inputs: { ...accepted.inputs, ...TOKEN, 'commit-status': 'virus scan' },
    event: PULL_REQUEST,
    github: { commits: { [sha('b')]: {} } },
    verdict: 'alerts',
  },
}
