import { type Fact, FORGIVABLE, type Forgivable, factsOf, judge, VERDICTS } from '../../src/domain/verdict.ts'
import type { Ending } from '../../src/domain/waiter.ts'
import { failure, waited } from '../support/builders.ts'

const ending = {
  passed: { kind: 'passed' },
  failed: { kind: 'scan-failed' },
  timedOut: { kind: 'timed-out' },
  unavailable: { kind: 'unavailable', failure: failure('server') },
  denied: { kind: 'denied', failure: failure('permission') },
  cancelled: { kind: 'cancelled' },
} as const satisfies Record<string, Ending>

const facts = (...endings: readonly Ending[]) => factsOf(endings.map((end) => waited(end)))

test('only what was seen to be good is no fact', () => {
  expect(facts(ending.passed, ending.passed)).toEqual([])
  for (const end of Object.values(ending)) expect(facts(ending.passed, end)).toHaveLength(end.kind === 'passed' ? 0 : 1)
})

test.each<{
  name: string
  endings: readonly Ending[]
  failOn: readonly Forgivable[]
  verdict: string
  failsJob: boolean
}>([
  { name: 'all passed', endings: [ending.passed], failOn: FORGIVABLE, verdict: 'passed', failsJob: false },
  {
    name: 'one failed',
    endings: [ending.passed, ending.failed],
    failOn: FORGIVABLE,
    verdict: 'scan-failed',
    failsJob: true,
  },
  {
    name: 'the gravest of two that fail',
    endings: [ending.unavailable, ending.timedOut],
    failOn: FORGIVABLE,
    verdict: 'timed-out',
    failsJob: true,
  },
  { name: 'forgiven, still not passed', endings: [ending.failed], failOn: [], verdict: 'scan-failed', failsJob: false },
  {
    name: 'the gravest of two forgiven',
    endings: [ending.timedOut, ending.failed],
    failOn: [],
    verdict: 'scan-failed',
    failsJob: false,
  },
  {
    name: 'one that fails before a graver one that is forgiven',
    endings: [ending.failed, ending.timedOut],
    failOn: ['timed-out'],
    verdict: 'timed-out',
    failsJob: true,
  },
  { name: 'denied cannot be forgiven', endings: [ending.denied], failOn: [], verdict: 'denied', failsJob: true },
  {
    name: 'nor can cancelled',
    endings: [ending.cancelled, ending.failed],
    failOn: [],
    verdict: 'cancelled',
    failsJob: true,
  },
  {
    name: 'cancelled is graver than denied',
    endings: [ending.denied, ending.cancelled],
    failOn: FORGIVABLE,
    verdict: 'cancelled',
    failsJob: true,
  },
])('$name: $verdict', ({ endings, failOn, verdict, failsJob }) => {
  expect(judge(facts(...endings), failOn)).toMatchObject({ verdict, failsJob })
})

test('the facts beside the verdict are kept, gravest first', () => {
  const { others } = judge(facts(ending.unavailable, ending.failed, ending.timedOut), ['unavailable'])
  expect(others.map((fact) => fact.kind)).toEqual(['scan-failed', 'timed-out'])
})

test('invalid input and defects fail the job whatever fail-on says', () => {
  const bad: readonly Fact[] = [{ kind: 'invalid-input', problems: [] }, { kind: 'defect' }]
  for (const fact of bad) expect(judge([fact], [])).toMatchObject({ failsJob: true })
})

test('passed is the mildest verdict', () => {
  expect(VERDICTS.at(-1)).toBe('passed')
})

const call = (kind: 'denied' | 'timed-out' | 'cancelled' | 'unavailable') => {
  const end = kind === 'denied' ? ending.denied : kind === 'unavailable' ? ending.unavailable : ({ kind } as const)
  return { kind: 'call-ended', purpose: 'alerts', ending: end } as const
}
test.each<{ fact: Fact; verdict: string; forgivable: boolean }>([
  { fact: call('denied'), verdict: 'denied', forgivable: false },
  { fact: call('cancelled'), verdict: 'cancelled', forgivable: false },
  { fact: call('timed-out'), verdict: 'timed-out', forgivable: true },
  { fact: call('unavailable'), verdict: 'unavailable', forgivable: true },
  { fact: { kind: 'start-unknown', failure: failure('timeout') }, verdict: 'unavailable', forgivable: true },
  { fact: { kind: 'report-not-written', path: 'x', why: 'y' }, verdict: 'unavailable', forgivable: true },
  { fact: { kind: 'alerts', alerts: [] }, verdict: 'alerts', forgivable: true },
  {
    fact: { kind: 'incomplete', gaps: [], unclear: [], nothingToStart: true },
    verdict: 'incomplete',
    forgivable: true,
  },
  { fact: { kind: 'defect' }, verdict: 'unavailable', forgivable: false },
])('a fact of kind $fact.kind makes $verdict; forgivable: $forgivable', ({ fact, verdict, forgivable }) => {
  expect(judge([fact], FORGIVABLE)).toMatchObject({ verdict, failsJob: true })
  expect(judge([fact], [])).toMatchObject({ verdict, failsJob: !forgivable })
})

test('a start fails nobody, and hides nothing graver', () => {
  const started: Fact = { kind: 'started', id: waited(ending.passed).id }
  expect(judge([started], FORGIVABLE)).toMatchObject({ verdict: 'started', failsJob: false })
  const gap: Fact = { kind: 'incomplete', gaps: [], unclear: [], nothingToStart: false }
  expect(judge([started, gap], [])).toMatchObject({ verdict: 'incomplete', failsJob: false, others: [started] })
})
