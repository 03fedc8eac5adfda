import { readFileSync } from 'node:fs'
import path from 'node:path'
import {
  BASE,
  type Before,
  cancelledWhileWaiting,
  cloud,
  type ExampleSiteOptions,
  expectGoodManners,
  fleet,
  forgiving,
  HEAD,
  HOUR_MS,
  jobOf,
  LIST,
  missingTools,
  pullRequest,
  push,
  resultsOf,
  SHA,
  siteOf,
  statusesOf,
  stepsOf,
  TROJAN,
  withTools,
} from './support/exampleSite.ts'
import { holds } from './support/replay/expressions.ts'
import type { WorkflowEvent } from './support/replay/workflowFile.ts'
import { replay } from './support/replay.ts'

/** The workflows of docs/examples, run exactly as they are written: those that call the action and no more. */

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
