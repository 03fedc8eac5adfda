import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import * as answers from '../src/emulator/answers.ts'
import { problem } from '../src/emulator/gitHub.ts'
import {
  BASE,
  byHand,
  cancelledWhileWaiting,
  cloud,
  type ExampleSiteOptions,
  expectGoodManners,
  fleet,
  HEAD,
  jobOf,
  LIST,
  logOf,
  missingTools,
  night,
  pullRequest,
  push,
  resultsOf,
  SHA,
  scheduled,
  siteOf,
  statusesOf,
  stepsOf,
  TROJAN,
  VARS,
  WRONG_VARS,
  withTools,
  withVars,
} from './support/exampleSite.ts'
import { holds } from './support/replay/expressions.ts'
import { EXAMPLES } from './support/replay/jobs.ts'
import { githubTime, type RunRecord } from './support/replay/records.ts'
import type { Story } from './support/replay/run.ts'
import type { Site } from './support/replay/site.ts'
import { digestOf } from './support/replay/standIns.ts'
import type { WorkflowEvent } from './support/replay/workflowFile.ts'
import { replay } from './support/replay.ts'

/** The workflows of docs/examples, run exactly as they are written. */

const HOUR_MS = 3_600_000

type Before = NonNullable<Story['before']>

/** As users may have it: alerts are told, and leave the gate's job green. */
const forgiving = (text: string) => text.replace(/^( *)severity-cutoff: .*/m, '$&\n$1fail-on: none')

/** Titles with how they are. A replay is a rehearsal, and everything that is sent to GitHub says so. */
const issuesOf = ({ repository }: Site) =>
  repository.issues.map(({ title, state }) => `${title.replace(' (rehearsal)', '')}: ${state}`)

withTools(`ci-step.yml${missingTools.length === 0 ? '' : ` (not here: ${missingTools.join(', ')})`}`, () => {
  const site = (options: ExampleSiteOptions = {}) => siteOf('ci-step.yml', options)
  const START = 'Start the virus scan'
  const BUILD = 'Build'
  const WAIT = 'Wait for the virus scan'
  const CHECKOUT = 'Run actions/checkout@1af3b93b6815bc44a9784bd300feb67ff0d1eeb3'
  const ended = (...outcomes: readonly string[]) =>
    [START, CHECKOUT, BUILD, WAIT].map((name, i) => `${name}: ${outcomes[i]}`)

  test('starts one scan, builds meanwhile, and ends the status when the scan ends', async () => {
    const at = await site()
    const statesBeforeStep: Record<string, readonly string[]> = {}
    const run = await replay('ci-step.yml', at, {
      event: push,
      before: ({ step }) => {
        if (step !== undefined) statesBeforeStep[step] = at.repository.statuses.map(({ state }) => state)
      },
    })
    expect(run.result).toBe('success')
    expect(stepsOf(run, 'build')).toEqual(ended('success', 'success', 'success', 'success'))
    expect(at.cloud.started).toHaveLength(1)
    expect(new Set(statesBeforeStep[BUILD])).toEqual(new Set(['pending']))
    expect(new Set(statesBeforeStep[WAIT])).toEqual(new Set(['pending']))
    expect(statusesOf(at).at(-1)).toBe(`${SHA} virus scan: success`)
    expectGoodManners(at, run)
  })

  test('an infected server makes the waiting step red, and the status with it', async () => {
    const at = await site({ cloud: cloud({ fleet: fleet('staging') }) })
    const run = await replay('ci-step.yml', at, { event: push })
    expect(run.result).toBe('failure')
    expect(stepsOf(run, 'build')).toEqual(ended('success', 'success', 'success', 'failure'))
    expect(statusesOf(at).at(-1)).toBe(`${SHA} virus scan: failure`)
    expectGoodManners(at, run)
  })

  test('a server that no scan covers ends the job before the build', async () => {
    const offline = { ...fleet(), servers: fleet().servers.map((one) => ({ ...one, clientStatus: 'offline' })) }
    const at = await site({ cloud: cloud({ fleet: offline }) })
    const run = await replay('ci-step.yml', at, { event: push })
    expect(stepsOf(run, 'build')).toEqual(ended('failure', 'skipped', 'skipped', 'skipped'))
    expect(statusesOf(at).at(-1)).toBe(`${SHA} virus scan: failure`)
    expect(at.cloud.started).toEqual([])
  })

  test('a build that fails is red, and the scan is waited for all the same', async () => {
    const at = await site({ checkedOut: { 'build.sh': 'exit 3\n' } })
    const run = await replay('ci-step.yml', at, { event: push })
    expect(run.result).toBe('failure')
    expect(stepsOf(run, 'build')).toEqual(ended('success', 'success', 'failure', 'success'))
    expect(statusesOf(at).at(-1)).toBe(`${SHA} virus scan: success`)
  })

  test('a cancel during the build leaves the status pending; nobody waits', async () => {
    const at = await site()
    const cancel = new AbortController()
    const before: Before = ({ step }) => step === BUILD && cancel.abort()
    const run = await replay('ci-step.yml', at, { event: push, cancel: cancel.signal, before })
    expect(run.result).toBe('cancelled')
    expect(stepsOf(run, 'build')).toEqual(ended('success', 'success', 'skipped', 'skipped'))
    expect(statusesOf(at).at(-1)).toBe(`${SHA} virus scan: pending`)
  })

  test('a cancel during the wait ends the status', async () => {
    const { at, run } = await cancelledWhileWaiting('ci-step.yml')
    expect(run.result).toBe('cancelled')
    expect(stepsOf(run, 'build')).toEqual(ended('success', 'success', 'success', 'cancelled'))
    expect(statusesOf(at).at(-1)).toBe(`${SHA} virus scan: error`)
  })

  test('on a pull request the status is on its head commit', async () => {
    const at = await site()
    const run = await replay('ci-step.yml', at, { event: pullRequest() })
    expect(run.result).toBe('success')
    expect(statusesOf(at).at(-1)).toBe(`${HEAD} virus scan: success`)
  })

  test.each([
    ['a fork', pullRequest('mallory/app')],
    ['Dependabot', pullRequest('example/app', 'dependabot[bot]')],
  ])('a pull request of %s does not log in: it is built, and nothing is scanned', async (_, event) => {
    const at = await site()
    const run = await replay('ci-step.yml', at, { event })
    expect(run.result).toBe('success')
    expect(stepsOf(run, 'build')).toEqual(ended('skipped', 'success', 'success', 'skipped'))
    expect([at.identity.exchanges, at.cloudServer.exchanges]).toEqual([[], []])
  })
})

withTools('release-gate.yml', () => {
  const site = (options: ExampleSiteOptions = {}) => siteOf('release-gate.yml', options)
  type Report = Record<string, unknown> & { readonly run: object; readonly settings: object }
  /** The report that a gate against the real cloud would have written. */
  const real = (report: Record<string, unknown>): Report => ({ ...(report as Report), rehearsal: false })
  const refusals = (run: RunRecord) =>
    [...logOf(run, 'deploy').matchAll(/::error::(.*)/g)].map(([, text]) => text?.replace('The report is refused: ', ''))
  const isDeployed = (run: RunRecord) => logOf(run, 'deploy').includes(`deployed ${SHA}`)

  test('a rehearsal passes the gate, is attested, and is not deployed: for that reason alone', async () => {
    const at = await site()
    const run = await replay('release-gate.yml', at, { event: push })
    expect(resultsOf(run)).toEqual({ gate: 'success', deploy: 'failure' })
    expect(refusals(run)).toEqual(['it is of a rehearsal'])
    expect(logOf(run, 'deploy')).toContain('Verification succeeded')
    expect(isDeployed(run)).toBe(false)
    expect(at.attestations.map(({ digest }) => digest)).toEqual([jobOf(run, 'gate').outputs['report-digest']])
    expect(statusesOf(at).at(-1)).toBe(`${SHA} release virus scan: success`)
    expectGoodManners(at, run)
  })

  test('with no rehearsal in the report, which is all that is changed, it deploys', async () => {
    const at = await site()
    const run = await replay('release-gate.yml', at, { event: push, amendReport: real })
    expect(resultsOf(run)).toEqual({ gate: 'success', deploy: 'success' })
    expect(isDeployed(run)).toBe(true)
    expectGoodManners(at, run)
  })

  test('an infected server: nothing is deployed, and the report of it is attested and kept', async () => {
    const at = await site({ cloud: cloud({ fleet: fleet('databases') }) })
    const artifacts: string[] = []
    const before: Before = (_, store) => artifacts.push(...store.artifacts.keys())
    const run = await replay('release-gate.yml', at, { event: push, amendReport: real, before })
    expect(resultsOf(run)).toEqual({ gate: 'failure', deploy: 'skipped' })
    expect(statusesOf(at).at(-1)).toBe(`${SHA} release virus scan: failure`)
    expect(at.attestations).toMatchObject([{ predicate: { verdict: 'alerts', passed: false } }])
    expect(stepsOf(run, 'gate').at(-1)).toBe('Keep the report: success')
    expectGoodManners(at, run)
  })

  test('a bad verdict that a `fail-on` forgives makes the gate green, and still nothing is deployed', async () => {
    const at = await site({ cloud: cloud({ fleet: fleet('databases') }) })
    const run = await replay('release-gate.yml', at, { event: push, amendReport: real, amendWorkflow: forgiving })
    expect(resultsOf(run)).toEqual({ gate: 'success', deploy: 'skipped' })
  })

  test('what the allow-list of the commit accepts does not hold the release up', async () => {
    const until = new Date(Date.now() + 30 * 24 * HOUR_MS).toISOString().slice(0, 10)
    const entry = `- alert: ${TROJAN.name}\n  server: web-02\n  reason: ticket 4711\n  until: ${until}\n`
    const at = await site({
      cloud: cloud({ fleet: fleet('web') }),
      checkedOut: { [LIST]: entry, 'deploy.sh': 'echo "deployed $GITHUB_SHA"\n' },
    })
    const run = await replay('release-gate.yml', at, { event: push, amendReport: real })
    expect(isDeployed(run)).toBe(true)
  })

  test('a role that does not trust this repository: nothing is deployed', async () => {
    const at = await site(withVars(WRONG_VARS))
    const run = await replay('release-gate.yml', at, { event: push, amendReport: real })
    expect(resultsOf(run)).toEqual({ gate: 'failure', deploy: 'skipped' })
    expect(statusesOf(at).at(-1)).toBe(`${SHA} release virus scan: error`)
  })

  test('without variables the input is invalid: no report, no deployment, and the status says error', async () => {
    const at = await site(withVars({}))
    const run = await replay('release-gate.yml', at, { event: push })
    expect(resultsOf(run)).toEqual({ gate: 'failure', deploy: 'skipped' })
    expect(stepsOf(run, 'gate').slice(1)).toEqual([
      'Scan production: failure',
      'Attest the report: skipped',
      'Keep the report: skipped',
    ])
    expect(statusesOf(at).at(-1)).toBe(`${SHA} release virus scan: error`)
  })

  test('a cancel: nothing is attested, nothing is deployed', async () => {
    const { at, run } = await cancelledWhileWaiting('release-gate.yml')
    expect(resultsOf(run)).toEqual({ gate: 'cancelled', deploy: 'skipped' })
    expect(at.attestations).toEqual([])
    expect(statusesOf(at).at(-1)).toBe(`${SHA} release virus scan: error`)
  })

  const inRun = (changes: object) => (report: Report) => ({ ...report, run: { ...report.run, ...changes } })
  test.each<[string, (report: Report) => object, string]>([
    ['of another commit', inRun({ sha: HEAD }), 'it is of another commit'],
    ['of another repository', inRun({ repository: 'mallory/app' }), 'it is of another repository'],
    ['of another run', inRun({ runId: '1' }), 'it is of another run'],
    ['with another verdict', (report) => ({ ...report, verdict: 'alerts' }), 'its verdict is not passed'],
    ['that did not pass', (report) => ({ ...report, passed: false }), 'its verdict is not passed'],
    [
      'of a gate that was off',
      (report) => ({ ...report, settings: { ...report.settings, severityCutoff: null } }),
      'it says nothing of alerts',
    ],
    [
      'that is older than a day',
      (report) => ({ ...report, endedAt: new Date(Date.now() - 25 * HOUR_MS).toISOString() }),
      'it is too old',
    ],
  ])('a report %s is refused, however well it is signed', async (_, change, reason) => {
    const at = await site()
    const run = await replay('release-gate.yml', at, { event: push, amendReport: (report) => change(real(report)) })
    expect(resultsOf(run)).toEqual({ gate: 'success', deploy: 'failure' })
    expect(refusals(run)).toEqual([reason])
    expect(isDeployed(run)).toBe(false)
  })

  const swapped =
    (text: string): Before =>
    ({ job, step }, store) => {
      if (job === 'deploy' && step === undefined) store.artifacts.set('virus-scan-report', { 'virus-scan.json': text })
    }

  test('a report that was changed after the gate is not the one that was attested', async () => {
    const at = await site()
    const run = await replay('release-gate.yml', at, {
      event: push,
      amendReport: real,
      before: swapped('{"passed":true}'),
    })
    expect(resultsOf(run)).toEqual({ gate: 'success', deploy: 'failure' })
    expect(logOf(run, 'deploy')).toContain('no attestations found')
    expect(isDeployed(run)).toBe(false)
  })

  test('a report that another run had attested is not the one that the gate wrote', async () => {
    const at = await site()
    const earlier = '{"passed":true,"verdict":"passed"}'
    const predicateType = 'https://github.com/OWNER/virus-scan-gate/report/v1'
    const signer = 'example/app/.github/workflows/release-gate.yml'
    at.attestations.push({ digest: digestOf(earlier), predicateType, predicate: {}, repository: 'example/app', signer })
    const run = await replay('release-gate.yml', at, { event: push, amendReport: real, before: swapped(earlier) })
    expect(logOf(run, 'deploy')).toContain('Verification succeeded')
    expect(refusals(run)).toEqual(['The report is not the file that the gate of this run has written.'])
    expect(isDeployed(run)).toBe(false)
  })

  test('an attestation by another workflow, or of another kind, is none', async () => {
    for (const forged of [
      { signer: 'example/app/.github/workflows/other.yml' },
      { predicateType: 'https://slsa.dev/provenance/v1' },
    ]) {
      const at = await site()
      const before: Before = ({ job }) => {
        if (job === 'deploy')
          at.attestations.splice(0, 1, ...at.attestations.slice(0, 1).map((one) => ({ ...one, ...forged })))
      }
      const run = await replay('release-gate.yml', at, { event: push, amendReport: real, before })
      expect(resultsOf(run)).toEqual({ gate: 'success', deploy: 'failure' })
      expect(logOf(run, 'deploy')).toContain('no attestation fits')
    }
  })
})

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

withTools('scheduled-check.yml', () => {
  const FILE = 'scheduled-check.yml'
  const site = (options: ExampleSiteOptions = {}) => siteOf(FILE, options)
  const morning = scheduled('53 8 * * *')
  const completed = (run: RunRecord) =>
    run.jobs.flatMap(({ name, steps }) =>
      steps.filter((step) => step.name === 'Scan completed').map(({ outcome }) => `${name}: ${outcome}`),
    )

  test('a clean night: every group has a scan of its own, and there is no issue', async () => {
    const premises = await site()
    const run = await replay(FILE, premises, { event: night })
    expect(resultsOf(run)).toEqual({ 'Scan web': 'success', 'Scan databases': 'success', Watchdog: 'skipped' })
    expect(premises.cloud.started.map((targets) => targets.map(({ name }) => name))).toEqual([['web'], ['databases']])
    expect(issuesOf(premises)).toEqual([])
    expect(completed(run)).toEqual(['Scan web: success', 'Scan databases: success'])
    expectGoodManners(premises, run)
  })

  test('an infected group: one issue, one comment for all nights, closed when it is gone', async () => {
    let now = fleet('web')
    const premises = await site({ cloud: cloud({ fleet: () => now }) })
    const first = await replay(FILE, premises, { event: night })
    expect(resultsOf(first)).toMatchObject({ 'Scan web': 'failure', 'Scan databases': 'success' })
    expect(completed(first)).toEqual(['Scan web: success', 'Scan databases: success'])
    expect(issuesOf(premises)).toEqual(['Virus scan of web: open'])
    await replay(FILE, premises, { event: byHand })
    expect(issuesOf(premises)).toEqual(['Virus scan of web: open'])
    expect(premises.repository.issues[0]?.comments).toEqual([])
    now = fleet('databases')
    await replay(FILE, premises, { event: night })
    expect(issuesOf(premises)).toEqual(['Virus scan of web: closed', 'Virus scan of databases: open'])
    now = fleet()
    const last = await replay(FILE, premises, { event: night })
    expect(issuesOf(premises)).toEqual(['Virus scan of web: closed', 'Virus scan of databases: closed'])
    expect(last.result).toBe('success')
    for (const run of [first, last]) expectGoodManners(premises, run)
  })

  test('a night without a scan has an issue of its own, which the next one closes', async () => {
    const premises = await site()
    const run = await replay(FILE, { ...premises, ...withVars(WRONG_VARS) }, { event: night })
    expect(completed(run)).toEqual(['Scan web: failure', 'Scan databases: failure'])
    expect(issuesOf(premises)).toEqual([
      'Virus scan of web (scan did not run): open',
      'Virus scan of databases (scan did not run): open',
    ])
    await replay(FILE, premises, { event: night })
    expect(premises.repository.issues.map(({ state }) => state)).toEqual(['closed', 'closed'])
  })

  describe('the watchdog', () => {
    const watch = (premises: Site) => replay(FILE, premises, { event: morning })

    /** The night's run, as it would look so many hours later. */
    function later(run: RunRecord, hours: number): RunRecord {
      const jobs = run.jobs.map((job) => ({
        ...job,
        completedAt: githubTime(Date.parse(job.completedAt) - hours * HOUR_MS),
      }))
      return { ...run, jobs }
    }

    async function afterNight(options: ExampleSiteOptions = {}, hours = 6, event = night): Promise<Site> {
      const premises = await site(options)
      const run = await replay(FILE, premises, { event })
      premises.runs.splice(0, 1, later(run, hours))
      return premises
    }

    test('is content with a night in which all groups were scanned', async () => {
      const premises = await afterNight()
      const run = await watch(premises)
      expect(resultsOf(run)).toMatchObject({ Watchdog: 'success' })
      expect(logOf(run, 'Watchdog')).toContain(`was at ${premises.runs[0]?.jobs[0]?.completedAt}`)
      expectGoodManners(premises, run)
    })

    test('is content with alerts: somebody else tells of them', async () => {
      const run = await watch(await afterNight({ cloud: cloud({ fleet: fleet('web') }) }))
      expect(resultsOf(run)).toMatchObject({ Watchdog: 'success' })
    })

    test('looks past runs in which nothing was scanned, its own too', async () => {
      const premises = await afterNight()
      await watch(premises)
      await replay(FILE, { ...premises, ...withVars({}) }, { event: byHand })
      expect(premises.runs).toHaveLength(3)
      expect(resultsOf(await watch(premises))).toMatchObject({ Watchdog: 'success' })
    })

    test('barks when the last complete scan is older than 26 hours', async () => {
      const run = await watch(await afterNight({}, 27))
      expect(resultsOf(run)).toMatchObject({ Watchdog: 'failure' })
      expect(logOf(run, 'Watchdog')).toMatch(/::error::The last complete scan .* more than 26 hours ago/)
    })

    test('barks when there was none', async () => {
      const run = await watch(await site())
      expect(resultsOf(run)).toMatchObject({ Watchdog: 'failure' })
      expect(logOf(run, 'Watchdog')).toContain('::error::None of the last runs')
    })

    test('barks when one group of the last runs was not scanned', async () => {
      const lost = { StartVirusScanTask: [undefined, answers.refusal(403, 'NoPermission', 'no')] }
      const run = await watch(await afterNight({ cloud: cloud({ trouble: lost }) }))
      expect(logOf(run, 'Watchdog')).toContain('::error::None of the last runs')
    })

    test('takes no run of another branch for one of this', async () => {
      const withoutRule = { environments: { 'virus-scan': { vars: VARS } } }
      const premises = await afterNight(withoutRule, 6, { ...byHand, ref: 'refs/heads/feature' })
      expect(premises.runs[0]?.result).toBe('success')
      const run = await watch(premises)
      expect(logOf(run, 'Watchdog')).toContain('::error::None of the last runs')
    })

    test.each([
      ['list of runs', 'actions/list-workflow-runs'],
      ['jobs of a run', 'actions/list-jobs-for-workflow-run'],
    ])('barks when GitHub does not tell: the %s', async (_, operation) => {
      const trouble = (asked: string) => (asked === operation ? problem(403, 'Forbidden') : undefined)
      const run = await watch(await afterNight({ gitHub: { trouble } }))
      expect(resultsOf(run)).toMatchObject({ Watchdog: 'failure' })
      expect(logOf(run, 'Watchdog')).toContain('403')
    })
  })
})

withTools('virus-scan.yml, called by caller.yml', () => {
  const site = (options: ExampleSiteOptions = {}) => siteOf('caller.yml', options)
  const until = new Date(Date.now() + 30 * 24 * HOUR_MS).toISOString().slice(0, 10)
  const accepts = `- alert: ${TROJAN.name}\n  server: web-01\n  reason: ticket 4711\n  until: ${until}\n`
  const deploy = { 'deploy.sh': 'echo "deployed $GITHUB_SHA"\n' }
  const listed = (inBase: string, inChange: string) => ({
    checkedOut: { ...deploy, [LIST]: inChange },
    gitHub: { commits: { [BASE]: { [LIST]: inBase } } },
  })

  test('the outputs of the called workflow let the next job run', async () => {
    const at = await site(listed('[]', '[]'))
    const run = await replay('caller.yml', at, { event: pullRequest() })
    expect(resultsOf(run)).toEqual({ 'virus-scan / scan': 'success', preview: 'success' })
    expect(jobOf(run, 'virus-scan / scan').outputs).toMatchObject({ verdict: 'passed', passed: 'true' })
    expect(statusesOf(at).at(-1)).toBe(`${HEAD} virus scan: success`)
    expectGoodManners(at, run)
  })

  test('an infected server stops the next job', async () => {
    const at = await site({ cloud: cloud({ fleet: fleet('staging') }), ...listed('[]', '[]') })
    const run = await replay('caller.yml', at, { event: pullRequest() })
    expect(resultsOf(run)).toEqual({ 'virus-scan / scan': 'failure', preview: 'skipped' })
  })

  test('nor does it run where the called workflow forgives with a `fail-on`', async () => {
    const at = await site({ cloud: cloud({ fleet: fleet('staging') }), ...listed('[]', '[]') })
    const run = await replay('caller.yml', at, { event: pullRequest(), amendWorkflow: forgiving })
    expect(resultsOf(run)).toEqual({ 'virus-scan / scan': 'success', preview: 'skipped' })
  })

  test('nobody unblocks themselves: an entry of the pull request accepts nothing, one of the base does', async () => {
    const infected = { cloud: cloud({ fleet: fleet('staging') }) }
    const own = await replay('caller.yml', await site({ ...infected, ...listed('[]', accepts) }), {
      event: pullRequest(),
    })
    expect(resultsOf(own)).toEqual({ 'virus-scan / scan': 'failure', preview: 'skipped' })
    const merged = await replay('caller.yml', await site({ ...infected, ...listed(accepts, accepts) }), {
      event: pullRequest(),
    })
    expect(resultsOf(merged)).toEqual({ 'virus-scan / scan': 'success', preview: 'success' })
  })

  test.each([
    ['a fork', pullRequest('mallory/app')],
    ['Dependabot', pullRequest('example/app', 'dependabot[bot]')],
  ])('a pull request of %s is neither scanned nor deployed', async (_, event) => {
    const at = await site()
    const run = await replay('caller.yml', at, { event })
    expect(run.result).toBe('skipped')
    expect([at.identity.exchanges, at.cloudServer.exchanges]).toEqual([[], []])
  })
})

describe('the condition that leaves a job out which could not log in', () => {
  const page = readFileSync(path.resolve(__dirname, '../docs/reference.md'), 'utf8')
  const [, advised = ''] = /```yaml\nif: >-\n([\s\S]*?)```/.exec(page) ?? []
  const github = (event: WorkflowEvent) => ({
    ...{ event_name: event.name, event: event.payload, actor: event.actor ?? 'octocat', repository: 'example/app' },
  })

  test.each<[string, WorkflowEvent, boolean]>([
    ['a push', push, true],
    ['a merge queue', { ...push, name: 'merge_group' }, true],
    ['a pull request of the repository', pullRequest(), true],
    ['one of a fork', pullRequest('somebody/app'), false],
    ['one of Dependabot', pullRequest('example/app', 'dependabot[bot]'), false],
  ])('%s', (_, event, isLeftIn) => {
    const status = { success: true, failure: false, cancelled: false }
    expect(holds(advised, { github: github(event) }, status)).toBe(isLeftIn)
  })
})
