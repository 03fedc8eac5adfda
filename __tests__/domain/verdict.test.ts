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
