import {
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
  logOf,
  push,
  resultsOf,
  SHA,
  siteOf,
  statusesOf,
  stepsOf,
  TROJAN,
  WRONG_VARS,
  withTools,
  withVars,
} from './support/exampleSite.ts'
import type { RunRecord } from './support/replay/records.ts'
import { digestOf } from './support/replay/standIns.ts'
import { replay } from './support/replay.ts'

/** The example of a gate before a release, run exactly as it is written: what passes it, and what does not. */

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
