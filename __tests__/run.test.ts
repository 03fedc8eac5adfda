import { NOTHING_SEEN } from '../src/domain/gate.ts'
import type { Observation } from '../src/domain/scan.ts'
import { FORGIVABLE } from '../src/domain/verdict.ts'
import type { Inputs } from '../src/inputs.ts'
import { conclude, refuse, run } from '../src/run.ts'
import { fails, id, open, policy, restOfInputs, sees, waited } from './support/builders.ts'
import { ScriptedCloud, server } from './support/scriptedCloud.ts'
import { VirtualClock } from './support/virtualClock.ts'

const inputs: Inputs = {
  waitFor: { kind: 'tasks', ids: [id('1'), id('2')] },
  policy,
  ...restOfInputs,
}

/** The whole story against a scripted cloud; each task's last observation holds for ever. */
async function story(looks: Readonly<Record<string, readonly Observation[]>>, changes: Partial<Inputs> = {}) {
  const clock = new VirtualClock()
  const ports = { clock, random: () => 0.5, access: open, cloud: new ScriptedCloud({ looks }, clock), report: () => {} }
  return clock.finish(run({ ...inputs, ...changes }, ports, new AbortController().signal))
}

test('a night of waiting ends as soon as the slower of two scans is seen to be good', async () => {
  const slow = [...Array<Observation>(100).fill(sees('Processing')), sees('Success')]
  const outcome = await story({ '1': [sees('Success')], '2': slow })
  expect(outcome).toMatchObject({
    judgement: { verdict: 'passed', failsJob: false },
    taskIds: ['1', '2'],
    cloud: { site: 'China' },
  })
  expect(outcome.elapsedMs).toBeGreaterThan(30 * 60_000)
})

test('one scan that failed and one that never ends: the job fails for both', async () => {
  const outcome = await story({ '1': [sees('Failed')], '2': [sees('Processing')] })
  expect(outcome).toMatchObject({
    judgement: { verdict: 'scan-failed', failsJob: true, others: [{ kind: 'timed-out' }] },
    elapsedMs: policy.deadlineMs,
  })
})

test('forgiven is not passed', async () => {
  const outcome = await story({ '1': [sees('Success')], '2': [fails('server')] }, { failOn: [] })
  expect(outcome.judgement).toMatchObject({ verdict: 'unavailable', failsJob: false })
})

test('an outage of four minutes in the middle of a scan is forgotten', async () => {
  const outage = Array<Observation>(13).fill(fails('server'))
  const outcome = await story({ '1': [sees('Processing'), ...outage, sees('Success')], '2': [sees('Success')] })
  expect(outcome.judgement.verdict).toBe('passed')
})

describe('nothing wrong is not enough to pass', () => {
  const seen = { facts: [], taskIds: [], elapsedMs: 1, calls: [], ramActions: [] }
  const gate = { cutoff: 'serious', settleMs: 0, entries: [], today: '2026-11-24' } as const
  const servers = new Map([['uuid-01', server(1)]])
  const settled = { all: [], isSettled: true, reads: 2 }
  const verdict = (more: Partial<Parameters<typeof conclude>[1]>, gated: Inputs = inputs) =>
    conclude(gated, { ...seen, tasks: [waited({ kind: 'passed' })], ...more }).judgement

  test('the good must have been seen', () => {
    expect(verdict({})).toMatchObject({ verdict: 'passed' })
    expect(verdict({ sight: { ...NOTHING_SEEN, servers, alerts: settled } })).toMatchObject({ verdict: 'passed' })
  })
  test.each([
    { name: 'no task', more: { tasks: [] } },
    { name: 'a task that did not pass', more: { tasks: [waited({ kind: 'passed' }), waited({ kind: 'timed-out' })] } },
    { name: 'alerts that were not read', more: { sight: { ...NOTHING_SEEN, servers } } },
    {
      name: 'alerts that were not read twice',
      more: { sight: { ...NOTHING_SEEN, servers, alerts: { ...settled, isSettled: false } } },
    },
    { name: 'no server', more: { sight: { ...NOTHING_SEEN, alerts: settled } } },
  ])('$name', ({ more }) => {
    for (const failOn of [FORGIVABLE, []]) {
      expect(verdict(more, { ...inputs, gate, failOn })).toMatchObject({ verdict: 'unavailable', failsJob: true })
    }
  })
  test('the gate is on, and nobody says what it saw', () => {
    expect(verdict({}, { ...inputs, gate })).toMatchObject({ verdict: 'unavailable', failsJob: true })
  })
})

test('bad input is an outcome too', () => {
  const problems = [{ name: 'task-id', text: 'is empty' }]
  expect(refuse({ kind: 'invalid', problems, taskIds: [], jobSummary: true, rehearsal: true }, 3, false)).toEqual({
    judgement: { verdict: 'invalid-input', failsJob: true, decisive: { kind: 'invalid-input', problems }, others: [] },
    taskIds: [],
    tasks: [],
    elapsedMs: 3,
    rehearsal: true,
    calls: [],
    ramActions: [],
  })
})
