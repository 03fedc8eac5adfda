import * as answers from '../src/emulator/answers.ts'
import { problem } from '../src/emulator/gitHub.ts'
import {
  byHand,
  cloud,
  type ExampleSiteOptions,
  expectGoodManners,
  fleet,
  HOUR_MS,
  logOf,
  night,
  resultsOf,
  scheduled,
  siteOf,
  VARS,
  WRONG_VARS,
  withTools,
  withVars,
} from './support/exampleSite.ts'
import { githubTime, type RunRecord } from './support/replay/records.ts'
import type { Site } from './support/replay/site.ts'
import { replay } from './support/replay.ts'

/** The example of a scheduled check, run exactly as it is written, night after night. */

/** Titles with how they are. A replay is a rehearsal, and everything that is sent to GitHub says so. */
const issuesOf = ({ repository }: Site) =>
  repository.issues.map(({ title, state }) => `${title.replace(' (rehearsal)', '')}: ${state}`)

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
