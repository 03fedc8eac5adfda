import type { Observation } from '../../src/domain/scan.ts'
import { FORGIVABLE, judge } from '../../src/domain/verdict.ts'
import { type Decision, learn, type Step, type TaskSight } from '../../src/domain/waiter.ts'
import { detailLines, Narrator, remedyLines, repositoryLine } from '../../src/view/log.ts'
import { fails, failure, id, outcomeOf, sees, seesUnknown, server01, waited } from '../support/builders.ts'
import { HOSTILE_NAMES } from '../support/hostile.ts'
import { server } from '../support/scriptedCloud.ts'
import { gateOutcome } from '../support/summaryStories.ts'

const again: Decision = { kind: 'look-again', delayMs: 3_000 }

/** Lines of level `info` and `warning` for looks at one task, each at its time in seconds. */
function narrate(
  looks: readonly (readonly [atS: number, observation: Observation, decision?: Decision])[],
  level = /info|warning/,
) {
  const narrator = new Narrator([id('282832')], 15)
  let sight: TaskSight = {
    id: id('282832'),
    consecutiveErrors: 0,
    requestId: '',
    requestIdAtMs: 0,
    looks: 0,
    history: [],
  }
  return looks.flatMap(([atS, observation, decision = again]) => {
    const atMs = atS * 1_000
    sight = learn(sight, observation, atMs)
    const step: Step = { atMs, observation, sight, decision }
    return narrator
      .tell({ kind: 'look', step })
      .filter((line) => level.test(line.level))
      .map((line) => line.text)
  })
}

test('a line when the state changes, a heartbeat once a minute, nothing in between', () => {
  expect(
    narrate([
      [0, sees('init')],
      [3, sees('init')],
      [6, sees('Processing')],
      [65, sees('Processing')],
      [66, sees('Processing')],
      [70, sees('Processing')],
      [126, sees('Processing')],
      [312, sees('Success'), { kind: 'stop', ending: { kind: 'passed' } }],
    ]),
  ).toEqual([
    '00:00  282832  init, scans host001',
    '00:06  282832  Processing',
    '01:06  282832  still Processing after 5 looks, next look in 3 s',
    '02:06  282832  still Processing after 7 looks, next look in 3 s',
    '05:12  282832  Success',
  ])
})

test('an error is said once while it stays the same, with the count of what is forgiven', () => {
  expect(
    narrate([
      [0, sees('init', [])],
      [3, fails('server', { code: 'ServerError', message: 'ServerError' })],
      [4, fails('server', { code: 'ServerError', message: 'ServerError' })],
      [9, fails('network', { code: 'ECONNRESET', message: 'the connection was cut' })],
      [12, sees('init', [])],
    ]),
  ).toEqual([
    '00:00  282832  init, no targets',
    '00:03  282832  look failed: ServerError (error 1 in a row, 15 are forgiven, next look in 3 s)',
    '00:09  282832  look failed: ECONNRESET, the connection was cut (error 3 in a row, 15 are forgiven, next look in 3 s)',
    '00:12  282832  init',
  ])
})

test('an unknown state is named and warned about once', () => {
  expect(
    narrate([
      [0, seesUnknown('Paused')],
      [3, sees('Processing')],
      [6, seesUnknown('Paused')],
    ]),
  ).toEqual([
    '00:00  282832  Paused (a state that is not documented), scans host001',
    'Virus scan task 282832 is in a state that is not documented: Paused. It is not taken for an end; the wait goes on.',
    '00:03  282832  Processing',
    '00:06  282832  Paused (a state that is not documented)',
  ])
})

test('each look is told at debug level, with its request id', () => {
  expect(
    narrate(
      [
        [0, sees('init')],
        [3, sees('init')],
      ],
      /debug/,
    ),
  ).toEqual([
    '00:00  282832  look 1: init, request R-1, next look in 3 s',
    '00:03  282832  look 2: init, request R-1, next look in 3 s',
  ])
})

test.each(HOSTILE_NAMES)('%j starts no command, breaks no line', (name) => {
  const lines = [
    ...narrate([
      [0, sees('init', [{ ...server01, name }])],
      [1, seesUnknown(name)],
      [2, fails('server', { code: name, message: name })],
    ]),
    ...detailLines(outcomeOf([waited({ kind: 'unavailable', failure: failure('server', { code: name }) })])).map(
      (line) => line.text,
    ),
  ]
  for (const line of lines) {
    expect(line).not.toMatch(/[\r\n\u2028\u2029\u0085]|^\s*::|##\[/)
  }
})

test('a line that starts with a foreign name is no command either', () => {
  const starts = (name: string) => [
    ...detailLines(gateOutcome({ left: [server(7, { name })] })),
    ...detailLines(
      outcomeOf([], {
        judgement: judge([{ kind: 'invalid-input', problems: [{ name, text: 'is ’bad’' }] }], FORGIVABLE),
      }),
    ),
  ]
  expect(starts(' ::add-mask::x').map((line) => line.text)).toEqual([
    expect.stringMatching(/^ ⟨U\+003A⟩:add-mask::x left its group/),
    ' ⟨U+003A⟩:add-mask::x is ’bad’',
  ])
})

test('what could not be read of the targets is a warning at the end', () => {
  const { targets: _, ...unread } = waited({ kind: 'passed' })
  expect(detailLines(outcomeOf([unread]))).toEqual([
    { level: 'warning', text: expect.stringMatching(/^TargetInfo of virus scan task 282832 could not be read/) },
  ])
  expect(detailLines(outcomeOf([waited({ kind: 'passed' })]))).toEqual([])
})

test('the last of too many errors says that the wait ends', () => {
  const bad = failure('server', { code: 'ServerError', message: '' })
  const stop: Decision = { kind: 'stop', ending: { kind: 'unavailable', failure: bad } }
  expect(narrate([[0, fails('server', { code: 'ServerError', message: '' }), stop]])).toEqual([
    '00:00  282832  look failed: ServerError (error 1 in a row, 15 are forgiven: the wait ends here)',
  ])
})

test('what to do comes last', () => {
  expect(remedyLines(outcomeOf([waited({ kind: 'passed' })]))).toEqual([])
  expect(remedyLines(outcomeOf([waited({ kind: 'scan-failed' })])).map((line) => line.text)[0]).toBe('What to do now:')
})

test('a login and a renewal are told with how long the session lasts; an account only where it is known', () => {
  const narrator = new Narrator([id('282832')], 15)
  const text = (event: Parameters<Narrator['tell']>[0]) => narrator.tell(event).map((line) => line.text)
  expect(text({ kind: 'session', atMs: 0, endsAtMs: 1_800_000, isRenewed: false })).toEqual([
    expect.stringMatching(/logged in, for 30 min/),
  ])
  expect(text({ kind: 'session', atMs: 60_000, endsAtMs: 1_860_000, isRenewed: true })).toEqual([
    expect.stringMatching(/session renewed, for 30 min/),
  ])
  expect(text({ kind: 'logged-in', atMs: 0, account: '1234567890123456' })).toEqual([
    expect.stringMatching(/account 1234567890123456$/),
  ])
  expect(text({ kind: 'logged-in', atMs: 0 })).toEqual([])
})

test('what was done at GitHub is told with where', () => {
  expect(repositoryLine('Opened the tracking issue', 'https://github.com/o/r/issues/7')).toEqual({
    level: 'info',
    text: 'Opened the tracking issue: https://github.com/o/r/issues/7',
  })
})
