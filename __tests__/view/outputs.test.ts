import { type Fact, FORGIVABLE, judge } from '../../src/domain/verdict.ts'
import { OUTPUT_NAMES, outputsOf } from '../../src/view/outputs.ts'
import { failure, id, outcomeOf, server01, waited } from '../support/builders.ts'
import { HOSTILE_NAMES } from '../support/hostile.ts'

test('all outputs of a run that passed', () => {
  expect(outputsOf(outcomeOf([waited({ kind: 'passed' })]))).toEqual({
    outputs: {
      verdict: 'passed',
      passed: 'true',
      reason: 'Virus scan task 282832 ended with Success (what it found was not read)',
      'error-code': '',
      'request-id': 'R-1',
      'task-id': '282832',
      progress: 'Success',
      targets: JSON.stringify([server01]),
      tasks:
        '[{"id":"282832","verdict":"passed","progress":"Success","targets":1,"requestId":"R-1","errorCode":"","polls":3,"elapsedSeconds":61}]',
      'elapsed-seconds': '61.5',
      polls: '3',
      'alert-count': '',
      alerts: '[]',
      uncovered: '[]',
      'report-file': '',
      'report-digest': '',
    },
    warnings: [],
  })
})

test('every output is set when nothing is known', () => {
  const { outputs } = outputsOf(outcomeOf([]))
  expect(Object.keys(outputs)).toEqual([...OUTPUT_NAMES])
  expect(outputs).toMatchObject({
    verdict: 'unavailable',
    passed: 'false',
    'task-id': '',
    progress: '',
    targets: '[]',
    tasks: '[]',
    polls: '0',
  })
})

test('passed is true for the verdict passed only, also where the job does not fail', () => {
  const outcome = outcomeOf([waited({ kind: 'scan-failed' })])
  const forgiven = { ...outcome, judgement: { ...outcome.judgement, failsJob: false } }
  expect(outputsOf(forgiven).outputs).toMatchObject({ verdict: 'scan-failed', passed: 'false' })
})

test.each([
  [['Success', 'Processing', 'init', 'Failed'], 'Failed'],
  [['Success', 'Processing', 'init'], 'init'],
  [['Success', 'Processing'], 'Processing'],
  [['Success', 'Success'], 'Success'],
] as const)('of the states %j the worst is %s', (states, worst) => {
  expect(outputsOf(outcomeOf(states.map((state) => waited({ kind: 'timed-out' }, { state })))).outputs.progress).toBe(
    worst,
  )
})

test('the request id is the last one in time, not in order', () => {
  const tasks = [
    waited({ kind: 'passed' }, { requestId: 'late', requestIdAtMs: 9_000 }),
    waited({ kind: 'passed' }, { requestId: 'early', requestIdAtMs: 1_000 }),
  ]
  expect(outputsOf(outcomeOf(tasks)).outputs['request-id']).toBe('late')
})

test('targets of several tasks are merged without repeats', () => {
  const group = { type: 'groupId', name: 'web', target: '9223372036854775807' }
  const tasks = [
    waited({ kind: 'passed' }, { targets: [server01, group] }),
    waited({ kind: 'passed' }, { targets: [group, { ...server01, target: 'x' }] }),
  ]
  expect(JSON.parse(outputsOf(outcomeOf(tasks)).outputs.targets)).toEqual([
    server01,
    group,
    { ...server01, target: 'x' },
  ])
})

test.each([
  ['denied', { kind: 'denied', failure: failure('permission', { code: 'NoPermission' }) }, 'NoPermission'],
  ['unavailable', { kind: 'unavailable', failure: failure('network', { code: 'ECONNREFUSED' }) }, 'ECONNREFUSED'],
  ['a hostile code', { kind: 'unavailable', failure: failure('unknown-code', { code: 'x$(id)\n' }) }, 'x_(id)_'],
  ['no code for a time-out', { kind: 'timed-out' }, ''],
] as const)('error-code: %s', (_, ending, code) => {
  expect(outputsOf(outcomeOf([waited(ending, { lastFailure: failure('server') })])).outputs['error-code']).toBe(code)
})

test('30,000 targets are cut to whole elements within 64 KiB, and said', () => {
  const targets = Array.from({ length: 30_000 }, (_, i) => ({
    ...server01,
    target: `uuid-${i}`,
    name: HOSTILE_NAMES[i % HOSTILE_NAMES.length] ?? '',
  }))
  const { outputs, warnings } = outputsOf(outcomeOf([waited({ kind: 'passed' }, { targets })]))
  const kept = JSON.parse(outputs.targets)
  expect(Buffer.byteLength(outputs.targets)).toBeLessThanOrEqual(65_536)
  expect(Buffer.byteLength(outputs.targets)).toBeGreaterThan(65_000)
  expect(kept).toEqual(targets.slice(0, kept.length))
  expect(warnings).toEqual([
    `The output targets holds ${kept.length} of 30000 elements: ${30_000 - kept.length} did not fit into 64 KiB. With report-file, the report has them all.`,
  ])
})

test('a hundred tasks fit', () => {
  const tasks = Array.from({ length: 100 }, (_, i) =>
    waited({ kind: 'passed' }, { id: id(`92233720368547758${i}`), requestId: 'E0000000-0000-4000-8000-000000000042' }),
  )
  expect(outputsOf(outcomeOf(tasks)).warnings).toEqual([])
})

test.each<[string, Fact]>([
  [
    'a call that was given up',
    { kind: 'call-ended', purpose: 'alerts', ending: { kind: 'unavailable', failure: failure('server') } },
  ],
  ['a start whose fate is not known', { kind: 'start-unknown', failure: failure('server') }],
])('the code behind %s is told', (_, fact) => {
  const { outputs } = outputsOf(outcomeOf([], { judgement: judge([fact], FORGIVABLE) }))
  expect(outputs).toMatchObject({ verdict: 'unavailable', 'error-code': 'Code.server' })
})
