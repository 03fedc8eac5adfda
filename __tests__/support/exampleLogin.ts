import { type Claims, tokenIn } from '../../src/emulator/jwt.ts'
import { type Example, night, pullRequest, push } from './exampleSite.ts'
import type { Site } from './replay/site.ts'
import type { WorkflowEvent } from './replay/workflowFile.ts'

/** How an example logs in: which role with which token, for which calls. */

export const REPOSITORY = 'repo:example/app'

/** What the tokens said that were signed. */
const claimsOf = ({ identity }: Site): readonly Claims[] => identity.given.map((token) => tokenIn(token)?.claims ?? {})
export const subjectsOf = (at: Site) => claimsOf(at).map(({ sub }) => sub)

/** What STS was asked for, and what it answered. */
export const loginsOf = ({ cloudServer }: Site) =>
  cloudServer.exchanges.filter(({ action }) => action === 'AssumeRoleWithOIDC')
export const callsOf = ({ cloudServer }: Site) =>
  cloudServer.exchanges.filter(({ action }) => action !== 'AssumeRoleWithOIDC')

/** The actions of the policy that came with each login, less their product. */
export const askedActionsOf = (at: Site): readonly (readonly string[])[] =>
  loginsOf(at).map(({ params }) => {
    const { Statement: statements } = JSON.parse(params.Policy ?? '')
    expect(statements).toEqual([{ Effect: 'Allow', Action: expect.any(Array), Resource: '*' }])
    return statements[0].Action.map((action: string) => action.replace(/^yundun-sas:/, '')).sort()
  })

/** A mistake in the file. Every place with this text is changed, and there must be one. */
export const changed = (from: string | RegExp, to = '') => ({
  amendWorkflow: (text: string) => {
    const other = text.replaceAll(typeof from === 'string' ? from : new RegExp(from, 'gm'), to)
    if (other === text) throw new Error(`Nothing to change: ${from}`)
    return other
  },
})
export const withoutIdToken = changed(/^ *id-token: write.*\n/)

const WAIT = ['DescribeScanTaskProgress']
const START = ['DescribeAllGroups', 'StartVirusScanTask']
const GATE = [
  'DescribeAssetDetailByUuids',
  'DescribeCloudCenterInstances',
  'ListVirusScanMachine',
  'ListVirusScanMachineEvent',
]

interface Login {
  readonly example: Example
  readonly event: WorkflowEvent
  readonly subject: string
  /** Of each login, in turn. */
  readonly actions: readonly (readonly string[])[]
}

const WHOLE = [...START, ...WAIT, ...GATE]
export const LOGINS: readonly Login[] = [
  ...[
    { event: push, subject: 'ref:refs/heads/main' },
    { event: pullRequest(), subject: 'pull_request' },
  ].map((one) => ({ example: 'ci-step.yml' as const, ...one, actions: [START.concat(GATE), WAIT.concat(GATE)] })),
  { example: 'release-gate.yml', event: push, subject: 'environment:virus-scan', actions: [WHOLE] },
  { example: 'scheduled-check.yml', event: night, subject: 'environment:virus-scan', actions: [WHOLE, WHOLE] },
  { example: 'caller.yml', event: pullRequest(), subject: 'pull_request', actions: [WHOLE] },
]
