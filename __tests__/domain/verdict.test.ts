import { NOTHING_SEEN } from '../../src/domain/gate.ts'
import {
  type Fact,
  FORGIVABLE,
  type Forgivable,
  factsIn,
  factsOf,
  gateFacts,
  isFinding,
  isGood,
  judge,
  VERDICTS,
  verdictOf,
} from '../../src/domain/verdict.ts'
import type { Ending } from '../../src/domain/waiter.ts'
import { failure, id, waited } from '../support/builders.ts'

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

test('the order of the verdicts', () => {
  expect(VERDICTS).toEqual([
    'invalid-input',
    'cancelled',
    'denied',
    'alerts',
    'scan-failed',
    'timed-out',
    'unavailable',
    'incomplete',
    'started',
    'passed',
  ])
  expect(FORGIVABLE).toEqual(['alerts', 'scan-failed', 'timed-out', 'unavailable', 'incomplete'])
})

/** One of each, gravest first. */
const oneOfEach: readonly Fact[] = [
  { kind: 'invalid-input', problems: [] },
  { kind: 'cancelled', tasks: [] },
  { kind: 'denied', tasks: [] },
  { kind: 'alerts', alerts: [] },
  { kind: 'scan-failed', tasks: [] },
  { kind: 'timed-out', tasks: [] },
  { kind: 'unavailable', tasks: [] },
  { kind: 'incomplete', gaps: [], unclear: [], nothingToStart: true },
  { kind: 'started', id: id('1') },
]

test.each([
  { name: 'all that can fail the job do', failOn: FORGIVABLE },
  { name: 'all that can be forgiven are', failOn: [] },
])('of any two facts the graver one makes the verdict, and the other is kept: $name', ({ failOn }) => {
  for (const [i, graver] of oneOfEach.entries())
    for (const milder of oneOfEach.slice(i + 1)) {
      const expected = { verdict: graver.kind, decisive: graver, others: [milder] }
      expect(judge([graver, milder], failOn)).toMatchObject(expected)
      expect(judge([milder, graver], failOn)).toMatchObject(expected)
      expect(factsIn(judge([milder, graver], failOn))).toEqual([graver, milder])
    }
})

test('without a fact it is passed, and nothing is beside it', () => {
  const judgement = judge([], FORGIVABLE)
  expect(judgement).toEqual({ verdict: 'passed', failsJob: false, others: [] })
  expect(factsIn(judgement)).toEqual([])
})

test.each(VERDICTS)('%s: whether it is good, and whether it says something of the servers', (verdict) => {
  expect(isGood(verdict)).toBe(['started', 'passed'].includes(verdict))
  expect(isFinding(verdict)).toBe(['alerts', 'scan-failed', 'incomplete'].includes(verdict))
})

test('of tasks that were denied, the one that refuses the whole run is told first; else the order stays', () => {
  const denied = (cause: 'request' | 'permission') => ({ kind: 'denied', failure: failure(cause) }) as const
  const tasks = [denied('request'), denied('request'), denied('permission'), denied('request'), denied('permission')]
  const [fact] = factsOf(tasks.map((end, i) => waited(end, { id: id(String(i + 1)) })))
  expect(fact?.kind === 'denied' && fact.tasks.map((task) => task.id)).toEqual(['3', '5', '1', '2', '4'])
  const [late] = factsOf([waited(ending.timedOut, { id: id('2') }), waited(ending.timedOut, { id: id('1') })])
  expect(late).toMatchObject({ kind: 'timed-out', tasks: [{ id: '2' }, { id: '1' }] })
})

test('a task stands in the fact of its own ending only', () => {
  const found = factsOf(Object.values(ending).map((end) => waited(end)))
  expect(found.map((fact) => verdictOf(fact))).toEqual([
    'cancelled',
    'denied',
    'scan-failed',
    'timed-out',
    'unavailable',
  ])
  for (const fact of found) expect(fact).toMatchObject({ tasks: [{ ending: { kind: fact.kind } }] })
  for (const fact of found) expect(fact).toHaveProperty('tasks.length', 1)
})

describe('what the gate saw', () => {
  const gap = { type: 'uuid', target: 'uuid-01', name: 'web-01', reason: 'offline' } as const
  const alert = { server: 'uuid-01', serverName: 'web-01', eventId: '1', level: 'serious', name: 'x', before: null }
  const counting = { ...alert, status: 'counting' } as const
  const alerts = {
    all: [counting, { ...alert, status: 'accepted' } as const, { ...alert, status: 'below-cutoff' } as const],
    isSettled: true,
    reads: 1,
  }
  const open = { ...gap, isAccepted: false }
  const unclear = [{ taskId: id('1'), why: 'unreadable' }] as const
  const incomplete = { kind: 'incomplete', gaps: [], unclear: [], nothingToStart: false }

  test('nothing is no fact, nor is what somebody accepted or what is below the cutoff', () => {
    expect(gateFacts(NOTHING_SEEN)).toEqual([])
    const accepted = { ...NOTHING_SEEN, gaps: [{ ...gap, isAccepted: true }] }
    expect(gateFacts({ ...accepted, alerts: { ...alerts, all: alerts.all.slice(1) } })).toEqual([])
  })
  test('an alert that counts is one, without those that do not', () => {
    expect(gateFacts({ ...NOTHING_SEEN, alerts })).toEqual([{ kind: 'alerts', alerts: [counting] }])
  })
  test.each([
    { name: 'a gap that nobody accepted', saw: { gaps: [open, { ...gap, isAccepted: true }] }, is: { gaps: [open] } },
    { name: 'targets that are not clear', saw: { unclear }, is: { unclear } },
    { name: 'nothing to start', saw: { nothingToStart: true }, is: { nothingToStart: true } },
  ])('$name: incomplete', ({ saw, is }) => {
    expect(gateFacts({ ...NOTHING_SEEN, ...saw })).toEqual([{ ...incomplete, ...is }])
  })
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
