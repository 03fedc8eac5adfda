import { type CallTally, tallied, withFact } from '../../src/domain/outcome.ts'
import { FORGIVABLE, factsIn } from '../../src/domain/verdict.ts'
import { outcomeOf, waited } from '../support/builders.ts'

describe('one more thing that turned out to be wrong', () => {
  const notWritten = { kind: 'report-not-written', path: 'report.json', why: 'is a folder' } as const
  const passed = outcomeOf([waited({ kind: 'passed' })])

  test('a pass without the evidence that was asked for is none', () => {
    expect(passed.judgement).toMatchObject({ verdict: 'passed', failsJob: false })
    expect(withFact(passed, notWritten, FORGIVABLE).judgement).toMatchObject({ verdict: 'unavailable', failsJob: true })
  })

  test('it is held against fail-on like any other', () => {
    const { judgement } = withFact(passed, notWritten, ['alerts'])
    expect(judgement).toMatchObject({ verdict: 'unavailable', failsJob: false })
  })

  test('what was known before stays, and the graver of the two is the verdict', () => {
    const failed = outcomeOf([waited({ kind: 'scan-failed' })])
    const both = withFact(failed, notWritten, FORGIVABLE)
    expect(both.judgement.verdict).toBe('scan-failed')
    expect(factsIn(both.judgement).map(({ kind }) => kind)).toEqual(['scan-failed', 'report-not-written'])
    expect({ ...both, judgement: failed.judgement }).toEqual(failed)
  })
})

test('calls are counted by action; one without a request id leaves the last one that was seen, and its time', () => {
  const tallies = new Map<string, CallTally>()
  tallied(tallies, { action: 'DescribeAllGroups', requestId: '' }, 1)
  expect([...tallies.values()]).toEqual([{ action: 'DescribeAllGroups', calls: 1, requestId: '', requestIdAtMs: 0 }])
  tallied(tallies, { action: 'DescribeAllGroups', requestId: 'R-1' }, 2)
  tallied(tallies, { action: 'DescribeAllGroups', requestId: '' }, 3)
  tallied(tallies, { action: 'StartVirusScanTask', requestId: 'R-2' }, 4)
  expect([...tallies.values()]).toEqual([
    { action: 'DescribeAllGroups', calls: 3, requestId: 'R-1', requestIdAtMs: 2 },
    { action: 'StartVirusScanTask', calls: 1, requestId: 'R-2', requestIdAtMs: 4 },
  ])
})
