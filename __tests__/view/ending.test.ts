import { judge } from '../../src/domain/verdict.ts'
import { endingOf } from '../../src/view/ending.ts'
import { OUTPUT_NAMES } from '../../src/view/outputs.ts'
import { failure, outcomeOf, waited } from '../support/builders.ts'

/** What a run says at its end: the contract allows one annotation of the reason, and a job that fails has just one error. */

const failed = outcomeOf([waited({ kind: 'scan-failed' })])
const reasonOf = (outcome = failed) => endingOf(outcome).outputs.reason

test('a job that fails ends with 1 and has one error, which is the reason', () => {
  const { exitCode, lines, outputs } = endingOf(failed)
  expect(exitCode).toBe(1)
  expect(lines.filter(({ level }) => level === 'error')).toEqual([{ level: 'error', text: reasonOf() }])
  expect(Object.keys(outputs)).toEqual([...OUTPUT_NAMES])
})

test('what is forgiven ends with 0, and the reason is a warning', () => {
  const forgiven = {
    ...failed,
    judgement: judge([...(failed.judgement.decisive ? [failed.judgement.decisive] : [])], []),
  }
  const { exitCode, lines } = endingOf(forgiven)
  expect(exitCode).toBe(0)
  expect(lines.filter(({ level }) => level === 'error')).toEqual([])
  expect(lines).toContainEqual({ level: 'warning', text: reasonOf(forgiven) })
})

test('a pass is no annotation', () => {
  const passed = outcomeOf([waited({ kind: 'passed' })])
  const { exitCode, lines, summary } = endingOf(passed)
  expect(exitCode).toBe(0)
  expect(lines.filter(({ level }) => level === 'error' || level === 'warning')).toEqual([])
  expect(lines).toContainEqual({ level: 'info', text: reasonOf(passed) })
  expect(summary).toContain('Virus scan passed')
})

test('what to do comes after the reason, and what the outputs had to leave out before it', () => {
  const refused = outcomeOf([waited({ kind: 'denied', failure: failure('permission') })])
  const many = Array.from({ length: 2_000 }, (_, i) => ({ type: 'uuid', name: 'n'.repeat(60), target: `uuid-${i}` }))
  const { lines } = endingOf({ ...refused, tasks: refused.tasks.map((task) => ({ ...task, targets: many })) })
  const at = lines.findIndex(({ level }) => level === 'error')
  expect(lines[0]?.level).toBe('warning')
  expect(lines[0]?.text).toContain('targets')
  expect(lines.slice(at + 1).some(({ text }) => text.includes('yundun-sas:') || text.includes('RAM'))).toBe(true)
})
