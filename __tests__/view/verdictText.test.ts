import type { Outcome } from '../../src/domain/outcome.ts'
import { type Fact, FORGIVABLE, judge } from '../../src/domain/verdict.ts'
import type { CallEnding, Ending } from '../../src/domain/waiter.ts'
import { nextSteps } from '../../src/view/remedies.ts'
import { toLog, toReason } from '../../src/view/sentence.ts'
import { otherFacts, problemText, reason } from '../../src/view/verdictText.ts'
import { failure, id, outcomeOf, waited } from '../support/builders.ts'
import { HOSTILE_NAMES } from '../support/hostile.ts'

const denied = (more: Parameters<typeof failure>[1], cause: Parameters<typeof failure>[0]): Ending => ({
  kind: 'denied',
  failure: failure(cause, more),
})
const ofFact = (fact: Fact, more: Partial<Outcome> = {}) =>
  outcomeOf([], { judgement: judge([fact], FORGIVABLE), ...more })
const cut = failure('server', { code: 'ServerError' })
const missing = failure('missing-fields', { code: 'InvalidResponse' })
const { state: _, ...neverSeen } = waited(
  { kind: 'unavailable', failure: missing },
  { lastFailure: missing, consecutiveErrors: 16 },
)

test.each<{ name: string; outcome: Outcome; says: string }>([
  {
    name: 'passed',
    outcome: outcomeOf([waited({ kind: 'passed' })]),
    says: 'Virus scan task 282832 ended with Success (what it found was not read)',
  },
  {
    name: 'many passed',
    outcome: outcomeOf([waited({ kind: 'passed' }), waited({ kind: 'passed' }, { id: id('2') })]),
    says: 'All 2 virus scan tasks ended with Success (what they found was not read)',
  },
  {
    name: 'a rehearsal says so',
    outcome: outcomeOf([waited({ kind: 'passed' })], { rehearsal: true }),
    says: '(Rehearsal) Virus scan task 282832 ended with Success (what it found was not read)',
  },
  {
    name: 'failed',
    outcome: outcomeOf([waited({ kind: 'scan-failed' })]),
    says: 'Security Center ended virus scan task 282832 with Failed',
  },
  {
    name: 'some of many',
    outcome: outcomeOf(
      Array.from({ length: 8 }, (_, i) => waited({ kind: i === 0 ? 'passed' : 'scan-failed' }, { id: id(String(i)) })),
    ),
    says: 'Security Center ended 7 of 8 virus scan tasks (1, 2, 3, 4, 5 and 2 more) with Failed',
  },
  {
    name: 'timed out',
    outcome: outcomeOf([waited({ kind: 'timed-out' }, { state: 'Processing' })]),
    says: 'The wait for virus scan task 282832 ended at the deadline, after 1 min 2 s: last seen Processing, the scan itself goes on',
  },
  {
    name: 'timed out in an unknown state, the last look failed',
    outcome: outcomeOf([waited({ kind: 'timed-out' }, { unknownState: 'Paused™', lastFailure: cut })]),
    says: 'The wait for virus scan task 282832 ended at the deadline, after 1 min 2 s: last seen Paused_, which is no known state, the last look failed (ServerError), the scan itself goes on',
  },
  {
    name: 'timed out without a look',
    outcome: outcomeOf([waited({ kind: 'timed-out' }, { looks: 0 })]),
    says: 'The wait for virus scan task 282832 ended at the deadline, after 1 min 2 s: never looked at',
  },
  {
    name: 'unavailable',
    outcome: outcomeOf([
      waited({ kind: 'unavailable', failure: cut }, { state: 'Processing', lastFailure: cut, consecutiveErrors: 16 }),
    ]),
    says: 'The state of virus scan task 282832 is not known: 16 looks in a row failed, the last with ServerError',
  },
  {
    name: 'unavailable, and never a state: the id may be wrong',
    outcome: outcomeOf([neverSeen]),
    says: 'The state of virus scan task 282832 is not known: 16 looks in a row failed, the last with InvalidResponse, so the id may be wrong or belong to the other site (this run asked the China site)',
  },
  {
    name: 'unavailable from the first look for another reason: not the id to blame',
    outcome: outcomeOf([{ ...neverSeen, lastFailure: failure('invalid-response') }]),
    says: 'The state of virus scan task 282832 is not known: 16 looks in a row failed, the last with InvalidResponse',
  },
  {
    name: 'a missing permission',
    outcome: outcomeOf([waited(denied({ code: 'NoPermission' }, 'permission'))]),
    says: 'The cloud refused virus scan task 282832: NoPermission (the RAM action yundun-sas:DescribeScanTaskProgress is not allowed)',
  },
  {
    name: 'bad credentials',
    outcome: outcomeOf([waited(denied({ code: 'SignatureDoesNotMatch' }, 'credentials'))]),
    says: 'The cloud refused virus scan task 282832: SignatureDoesNotMatch (the credentials are not accepted)',
  },
  {
    name: 'a wrong clock',
    outcome: outcomeOf([waited(denied({ code: 'InvalidTimeStamp.Expired' }, 'clock'))]),
    says: 'The cloud refused virus scan task 282832: InvalidTimeStamp.Expired (the clock of the runner is wrong)',
  },
  {
    name: 'a bad request',
    outcome: outcomeOf([waited(denied({ code: 'IllegalParam' }, 'request'))]),
    says: 'The cloud refused virus scan task 282832: IllegalParam (the request is not accepted)',
  },
  {
    name: 'cancelled',
    outcome: outcomeOf([waited({ kind: 'cancelled' }, { state: 'init' })]),
    says: 'The wait for virus scan task 282832 was cancelled after 1 min 2 s, the scan itself goes on',
  },
  {
    name: 'cancelled before anything was seen: nobody can tell what goes on',
    outcome: outcomeOf([waited({ kind: 'cancelled' })]),
    says: 'The wait for virus scan task 282832 was cancelled after 1 min 2 s, no state was seen',
  },
  {
    name: 'timed out without a good look',
    outcome: outcomeOf([waited({ kind: 'timed-out' }, { lastFailure: failure('network', { code: 'ENOTFOUND' }) })]),
    says: 'The wait for virus scan task 282832 ended at the deadline, after 1 min 2 s: no state was seen, the last look failed (ENOTFOUND)',
  },
  {
    name: 'one failed look that was one too many',
    outcome: outcomeOf([
      waited({ kind: 'unavailable', failure: cut }, { state: 'init', lastFailure: cut, consecutiveErrors: 1 }),
    ]),
    says: 'The state of virus scan task 282832 is not known: the look failed with ServerError',
  },
  {
    name: 'several refusals, that of the whole run first',
    outcome: outcomeOf([
      waited(denied({ code: 'InvalidTaskId' }, 'request'), { id: id('1') }),
      waited(denied({ code: 'NoPermission' }, 'permission'), { id: id('2') }),
    ]),
    says: 'The cloud refused 2 of 2 virus scan tasks (2, 1): NoPermission (the RAM action yundun-sas:DescribeScanTaskProgress is not allowed), InvalidTaskId (the request is not accepted)',
  },
  {
    name: 'one bad input',
    outcome: ofFact({
      kind: 'invalid-input',
      problems: [{ name: 'job-summary', value: 'yess', text: 'is neither true nor false' }],
    }),
    says: 'job-summary: yess is neither true nor false',
  },
  {
    name: 'two bad inputs in one sentence',
    outcome: ofFact({
      kind: 'invalid-input',
      problems: [
        { name: 'a', value: '$(x)', text: 'is bad' },
        { name: 'b', text: 'is empty' },
      ],
    }),
    says: '2 problems with the inputs: (1) a: _(x) is bad, (2) b is empty',
  },
  {
    name: 'a defect',
    outcome: ofFact({ kind: 'defect' }),
    says: 'This action made a mistake and saw nothing to rely on, the debug log has the details',
  },
])('$name', ({ outcome, says }) => {
  expect(toReason(reason(outcome))).toBe(says)
  // Our own words keep to the harmless characters, so that nothing of them is lost on the way.
  expect(says.replace('Paused_', '').replace('_(x)', '')).not.toContain('_')
})

describe('what to do now', () => {
  const steps = (ending: Ending, more = {}) => nextSteps(outcomeOf([waited(ending, more)])).map(toLog)

  test('nothing when all is well', () => {
    expect(steps({ kind: 'passed' })).toEqual([])
  })
  test('a wait that saw something can go on', () => {
    expect(steps({ kind: 'timed-out' }, { state: 'init' }).join()).toMatch(
      /^To go on waiting, run this step again with the same task-id/,
    )
  })
  test('each refusal has its remedy', () => {
    const outcome = outcomeOf([
      waited(denied({ code: 'IllegalParam' }, 'request')),
      waited(denied({ code: 'NoPermission' }, 'permission')),
    ])
    expect(nextSteps(outcome).map(toLog)).toEqual([
      expect.stringMatching(/^Allow yundun-sas/),
      expect.stringMatching(/^See that task-id .* the China one \(region-id: ap-southeast-1 asks the global site\)/),
    ])
  })
  test.each<[Ending, RegExp]>([
    [{ kind: 'scan-failed' }, /start a new scan/],
    [{ kind: 'timed-out' }, /No look succeeded: see that the runner can reach tds\.cn-shanghai\.aliyuncs\.com/],
    [{ kind: 'unavailable', failure: cut }, /same task-id/],
    [{ kind: 'cancelled' }, /no call to stop a scan/],
    [
      denied({}, 'permission'),
      /\{"Version":"1","Statement":\[\{"Effect":"Allow","Action":\["yundun-sas:DescribeScanTaskProgress"\],"Resource":"\*"\}\]\}/,
    ],
    [denied({}, 'clock'), /Set the runner's clock/],
    [denied({}, 'request'), /region-id: ap-southeast-1 asks the global site/],
    [denied({ code: 'SignatureDoesNotMatch' }, 'credentials'), /secret does not belong to the access key id/],
    [denied({ code: 'InvalidSecurityToken.Expired' }, 'credentials'), /raise role-session-expiration/],
    [denied({ code: 'SecurityTokenExpired' }, 'credentials'), /raise role-session-expiration/],
    [denied({ code: 'InvalidSecurityToken.Malformed' }, 'credentials'), /security token does not belong/],
    [denied({ code: 'InvalidAccessKeyId.NotFound' }, 'credentials'), /access key exists/],
  ])('%j', (ending, step) => {
    expect(steps(ending).join('\n')).toMatch(step)
  })
})

describe('what to do where another call than a look has ended the run', () => {
  const steps = (ending: CallEnding, more: Partial<Outcome> = {}) => {
    const facts: readonly Fact[] = [{ kind: 'call-ended', purpose: 'coverage', ending }]
    return nextSteps(outcomeOf([], { judgement: judge(facts, FORGIVABLE), ...more })).map(toLog)
  }
  const lost: CallEnding = { kind: 'unavailable', failure: failure('network') }
  const running: Partial<Outcome> = {
    taskIds: ['282832'],
    started: { id: id('282832'), targets: [], requestId: 'R-1' },
  }

  test('before anything was started it is enough to run it again', () => {
    expect(steps(lost)[0]).toBe('Nothing was started. Run this again.')
    expect(steps({ kind: 'timed-out' })).toEqual([expect.stringMatching(/^Raise timeout-minutes/)])
    expect(steps({ kind: 'cancelled' })).toEqual([])
  })

  test.each<CallEnding>([lost, { kind: 'timed-out' }, { kind: 'cancelled' }])(
    'a scan that runs is waited for, not started again: %j',
    (ending) => {
      expect(steps(ending, running)[0]).toMatch(/task-id: 282832 instead of targets; with targets, another scan/)
    },
  )

  test('a refusal has its remedy', () => {
    expect(steps({ kind: 'denied', failure: failure('permission') })).toEqual([
      expect.stringMatching(/^Allow yundun-sas:DescribeScanTaskProgress/),
    ])
  })
})

test('a report that could not be written asks for another place', () => {
  const fact: Fact = { kind: 'report-not-written', path: 'report.json', why: 'is a folder' }
  expect(nextSteps(ofFact(fact)).map(toLog)).toEqual([expect.stringMatching(/^See that report-file names a place/)])
})

test('a mistake of ours asks for its stack trace', () => {
  expect(nextSteps(outcomeOf([])).map(toLog)).toEqual([
    expect.stringMatching(/debug logging and report the stack trace/),
  ])
})

test('a problem lists what the cloud has instead', () => {
  const problem = {
    name: 'targets',
    value: 'host:web',
    text: 'finds no single target: there are',
    found: ['web-01', 'web-02'],
  }
  expect(toLog(problemText(problem))).toBe('targets: host:web finds no single target: there are web-01, web-02')
  expect(toLog(problemText({ name: 'task-id', text: 'is empty', found: [] }))).toBe('task-id is empty')
})

test('what holds besides the verdict is said too', () => {
  const outcome = outcomeOf([
    waited({ kind: 'scan-failed' }),
    waited({ kind: 'timed-out' }, { id: id('7'), state: 'init' }),
  ])
  expect(otherFacts(outcome.judgement, outcome).map(toLog)).toEqual([
    expect.stringMatching(/^Also timed-out: The wait for 1 of 2 virus scan tasks \(7\)/),
  ])
})

test.each(HOSTILE_NAMES)('%j in a reason is harmless', (name) => {
  const outcomes = [
    outcomeOf([waited({ kind: 'timed-out' }, { unknownState: name })]),
    outcomeOf([waited({ kind: 'unavailable', failure: failure('unknown-code', { code: name }) })]),
    ofFact({ kind: 'invalid-input', problems: [{ name, value: name, text: 'is bad' }] }),
  ]
  for (const outcome of outcomes) expect(toReason(reason(outcome))).toMatch(/^[A-Za-z0-9 ._:,()/@-]+$/)
})
