import { execFileSync } from 'node:child_process'
import { state } from '../../src/emulator/answers.ts'
import { ACCOUNT_ID, type CloudState } from '../../src/emulator/cloud.ts'
import { type EmulatedAlert, type Fleet, server } from '../../src/emulator/fleet.ts'
import { ISSUER } from '../../src/emulator/tokenService.ts'
import { REPOSITORY } from './replay/identity.ts'
import type { JobRecord, RunRecord } from './replay/records.ts'
import type { Story } from './replay/run.ts'
import { openSite, type Site, type SiteOptions } from './replay/site.ts'
import type { Texts, WorkflowEvent } from './replay/workflowFile.ts'
import { replay } from './replay.ts'

/** The repository and the account that the examples are replayed in, set up as the head of each example says. */

export const HOUR_MS = 3_600_000

/** What happens before a job or a step. */
export type Before = NonNullable<Story['before']>

/** As users may have it: alerts are told, and leave the gate's job green. */
export const forgiving = (text: string) => text.replace(/^( *)severity-cutoff: .*/m, '$&\n$1fail-on: none')

export const SHA = '5eed0f1a5eed0f1a5eed0f1a5eed0f1a5eed0f1a'
export const HEAD = 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00'
export const BASE = 'ba5e0000ba5e0000ba5e0000ba5e0000ba5e0000'
export const LIST = '.security/virus-allow-list.yml'

const PROVIDER = `acs:ram::${ACCOUNT_ID}:oidc-provider/github-actions`
const ROLE = `acs:ram::${ACCOUNT_ID}:role/virus-scan-gate`
const OTHER_ROLE = `acs:ram::${ACCOUNT_ID}:role/of-another-repository`
/** Keys that no example has. */
const ACCOUNT = { accessKeyId: 'emulated-access-key-id', accessKeySecret: 'emulated-access-key-secret' }

export const VARS = { ALIBABA_CLOUD_ROLE_ARN: ROLE, ALIBABA_CLOUD_OIDC_PROVIDER_ARN: PROVIDER }
/** Those of a role that does not trust this repository. */
export const WRONG_VARS = { ...VARS, ALIBABA_CLOUD_ROLE_ARN: OTHER_ROLE }

export type Example = 'ci-step.yml' | 'release-gate.yml' | 'rehearse-release.yml' | 'scheduled-check.yml' | 'caller.yml'

/** How each `sub` ends that its role trusts. */
export const TRUSTED: Readonly<Record<Example, readonly string[]>> = {
  'ci-step.yml': ['ref:refs/heads/main', 'pull_request'],
  'release-gate.yml': ['environment:virus-scan'],
  'rehearse-release.yml': [],
  'scheduled-check.yml': ['environment:virus-scan'],
  'caller.yml': ['pull_request'],
}

const MAIN_ONLY = { branches: ['main'] }
export const withVars = (vars: Texts) => ({
  environments: { 'virus-scan': { ...MAIN_ONLY, vars }, production: MAIN_ONLY },
})

export interface ExampleSiteOptions extends Partial<SiteOptions> {
  /** Whole ones, in the place of what the example needs. */
  readonly trusted?: readonly string[]
}

/** Closed after the test. */
export function siteOf(example: Example, { trusted, ...options }: ExampleSiteOptions = {}): Promise<Site> {
  const endings = TRUSTED[example]
  const isByEnvironment = endings.every((ending) => ending.startsWith('environment:'))
  const checkedOut = {
    'build.sh': 'echo "built" > built.txt\n',
    'deploy.sh': 'echo "deployed $GITHUB_SHA"\n',
    [LIST]: '[]\n',
  }
  const sts = {
    providers: { [PROVIDER]: { issuer: ISSUER, clientIds: ['sts.aliyuncs.com'] } },
    roles: {
      [ROLE]: { trusts: PROVIDER, subjects: trusted ?? endings.map((ending) => `repo:${REPOSITORY}:${ending}`) },
      [OTHER_ROLE]: { trusts: PROVIDER, subjects: ['repo:example/other:environment:virus-scan'] },
    },
  }
  const gitHub = { commits: { [BASE]: { [LIST]: '[]\n' } } }
  return openSite({
    ...{ checkedOut, gitHub, ...(isByEnvironment ? withVars(VARS) : { vars: VARS }) },
    ...options,
    cloud: { sts, ...(options.cloud ?? cloud()) },
  })
}

export const TROJAN: EmulatedAlert = {
  eventId: '42',
  level: 'serious',
  name: 'Malicious Software-Trojan',
  lastSeen: Date.now(),
}

/** A server in each group; those that are named are infected. */
export function fleet(...infected: readonly string[]): Fleet {
  const names = ['staging', 'web', 'databases']
  return {
    groups: names.map((name, i) => ({ id: String(10_001 + i), name })),
    servers: names.map((name, i) =>
      server(i + 1, { groupId: String(10_001 + i), alerts: infected.includes(name) ? [TROJAN] : [] }),
    ),
  }
}

export function cloud(changes: Partial<CloudState> = {}): CloudState {
  return { account: ACCOUNT, tasks: {}, fleet: fleet(), ...changes }
}

/** The scans that are started do not end. */
const endless = { starts: [{ id: '282832', looks: [state('init'), state('Processing')] }] }

/** Somebody cancels the run while it waits for such a scan. */
export async function cancelledWhileWaiting(file: Example): Promise<{ readonly at: Site; readonly run: RunRecord }> {
  const cancel = new AbortController()
  let looks = 0
  const onCloudCall = (action: string) => {
    if (action === 'DescribeScanTaskProgress') looks += 1
    if (looks === 8) cancel.abort()
  }
  const at = await siteOf(file, { cloud: cloud(endless), onCloudCall })
  return { at, run: await replay(file, at, { event: push, cancel: cancel.signal }) }
}

export const push: WorkflowEvent = { name: 'push', payload: {}, ref: 'refs/heads/main', sha: SHA }
export const pullRequest = (from = REPOSITORY, actor = 'octocat'): WorkflowEvent => ({
  name: 'pull_request',
  payload: {
    pull_request: {
      head: { sha: HEAD, repo: { full_name: from } },
      base: { sha: BASE, ref: 'main', repo: { full_name: REPOSITORY } },
    },
  },
  ref: 'refs/pull/7/merge',
  sha: SHA,
  actor,
})
/** By its cron line. */
export const scheduled = (schedule: string): WorkflowEvent => ({ ...push, name: 'schedule', payload: { schedule } })
export const night = scheduled('23 2 * * *')
export const byHand: WorkflowEvent = { ...push, name: 'workflow_dispatch' }

export function jobOf(run: RunRecord, name: string): JobRecord {
  const job = run.jobs.find((one) => one.name === name)
  if (job === undefined) throw new Error(`No job ${name}, but ${run.jobs.map((one) => one.name).join(', ')}`)
  return job
}

/** Names of steps with how they ended. */
export const stepsOf = (run: RunRecord, job: string) =>
  jobOf(run, job).steps.map(({ name, outcome }) => `${name}: ${outcome}`)
export const resultsOf = (run: RunRecord) => Object.fromEntries(run.jobs.map(({ name, result }) => [name, result]))
export const logOf = (run: RunRecord, job: string) =>
  jobOf(run, job)
    .steps.map(({ log }) => log)
    .join('\n')
export const statusesOf = ({ repository }: Site) =>
  repository.statuses.map(({ sha, context, state }) => `${sha} ${context}: ${state}`)

/** Whatever a story is about: GitHub was asked only what it allows, and nothing secret is told. */
export function expectGoodManners(at: Site, run: RunRecord): void {
  expect(at.gitHub.violations).toEqual([])
  const told = whatIsTold(at, run)
  const secrets = secretsOf(at)
  expect(secrets.filter((secret) => told.includes(secret))).toEqual([])
  expect(told).not.toContain('could not be set')
}

/** Logs and outputs, and all that went to GitHub. The runner reads masks; it does not show them. */
function whatIsTold({ repository, attestations }: Site, run: RunRecord): string {
  const steps = run.jobs.flatMap((job) => job.steps)
  const logs = steps.map(({ log }) => log.replaceAll(/^::add-mask::.*$/gm, ''))
  const outputs = [...run.jobs, ...steps].map((one) => one.outputs)
  return [...logs, JSON.stringify([outputs, repository.statuses, repository.issues, attestations])].join('\n')
}

/** As they are, and as URLs and Base64 have them. */
function secretsOf({ identity, identities, cloud: { sessions } }: Site): readonly string[] {
  const secrets = [
    ...identity.given.flatMap((token) => [token, ...token.split('.').slice(1)]),
    ...Object.keys(identities),
    ...sessions.issued.flatMap(({ accessKeyId, accessKeySecret, securityToken }) => [
      accessKeyId,
      accessKeySecret,
      securityToken,
    ]),
  ]
  return secrets.flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
}

/** The examples call these from their shell. */
export const missingTools = ['bash', 'curl', 'jq'].filter((name) => {
  try {
    return execFileSync(name, ['--version']).length === 0
  } catch {
    return true
  }
})
/** For stories that need them. */
export const withTools = missingTools.length === 0 ? describe : describe.skip
