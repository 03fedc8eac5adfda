import { type Fact, FORGIVABLE, judge } from '../../src/domain/verdict.ts'
import { finalStatus, pendingStatus } from '../../src/view/commitStatus.ts'
import { failure, id, outcomeOf, waited } from '../support/builders.ts'
import { HOSTILE_NAMES } from '../support/hostile.ts'

const passed = outcomeOf([waited({ kind: 'passed' })])
const of = (facts: readonly Fact[], failOn: readonly (typeof FORGIVABLE)[number][] = FORGIVABLE) =>
  finalStatus({ ...passed, judgement: judge(facts, failOn) })

const alert = (name: string) =>
  ({ server: 'u', serverName: name, eventId: '7', level: 'serious', name, status: 'counting', before: false }) as const
const tasks = [waited({ kind: 'timed-out' })]
const incomplete: Fact = { kind: 'incomplete', gaps: [], unclear: [], nothingToStart: true }
const timedOut: Fact = { kind: 'timed-out', tasks }
const alerts: Fact = { kind: 'alerts', alerts: [alert('Trojan')] }

test.each<[string, readonly Fact[], string]>([
  ['passed', [], 'success'],
  ['alerts', [alerts], 'failure'],
  ['scan-failed', [{ kind: 'scan-failed', tasks }], 'failure'],
  ['incomplete', [incomplete], 'failure'],
  ['timed-out', [timedOut], 'error'],
  ['unavailable', [{ kind: 'defect' }], 'error'],
  ['denied', [{ kind: 'denied', tasks: [waited({ kind: 'denied', failure: failure('permission') })] }], 'error'],
  ['cancelled', [{ kind: 'cancelled', tasks }], 'error'],
  ['invalid-input', [{ kind: 'invalid-input', problems: [{ name: 'wait', text: 'is bad' }] }], 'error'],
  ['started', [{ kind: 'started', id: id('7') }], 'pending'],
  // The gravest decides: alerts are there, whatever else could not be seen.
  ['alerts and a time-out', [timedOut, alerts], 'failure'],
])('%s', (_, facts, state) => {
  const text = of(facts)
  expect(text.state).toBe(state)
  expect(text.description).toMatch(/^[A-Za-z0-9 ._:,()/@-]{10,140}$/)
})

test('what is forgiven is a success that says what was forgiven', () => {
  expect(of([timedOut, alerts], [])).toEqual({
    state: 'success',
    description: expect.stringMatching(/^Forgiven by fail-on: alerts, timed-out\. 1 open virus alert at or above /),
  })
  const unread: Fact = { kind: 'call-ended', purpose: 'alerts', ending: { kind: 'timed-out' } }
  expect(of([timedOut, unread], []).description).toMatch(/^Forgiven by fail-on: timed-out\. /)
  expect(of([{ kind: 'started', id: id('7') }, incomplete], []).description).toMatch(
    /^Forgiven by fail-on: incomplete\. /,
  )
})

test('a pass says what was seen', () => {
  expect(of([]).description).toBe('Virus scan task 282832 ended with Success (what it found was not read)')
})

test('no name breaks out, and no description is longer than GitHub takes', () => {
  for (const name of [...HOSTILE_NAMES, 'x'.repeat(500)]) {
    const { description } = of([{ kind: 'alerts', alerts: [alert(name), alert(name), alert(name)] }])
    expect(description).toMatch(/^[A-Za-z0-9 ._:,()/@-]{1,140}$/)
  }
  expect(of([{ kind: 'alerts', alerts: [alert('x'.repeat(500))] }]).description).toMatch(/^.{137}\.\.\.$/)
})

test.each([
  [[], false, 'Starting a virus scan'],
  [['282832'], false, 'Waiting for virus scan task 282832'],
  [['1', '2', '3'], false, 'Waiting for 3 virus scan tasks, the first 1'],
  [['282832'], true, '(Rehearsal) Waiting for virus scan task 282832'],
])('while %j are waited for (rehearsal: %s)', (ids, rehearsal, description) => {
  expect(pendingStatus(ids, rehearsal)).toEqual({ state: 'pending', description })
})

test('what just fits is whole', () => {
  const of = (digits: number) => pendingStatus(['1'.repeat(digits)], false).description
  expect(of(112)).toMatch(/^Waiting for virus scan task 1{112}$/)
  expect(of(113)).toMatch(/^.{137}\.\.\.$/)
})

test('a rehearsal says so', () => {
  expect(finalStatus({ ...passed, rehearsal: true }).description).toMatch(/^\(Rehearsal\) /)
})
