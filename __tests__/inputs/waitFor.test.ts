import { type Changes, everything, listed, problemsOf, read, waitForOf } from '../support/waitForReading.ts'

/** What to wait for: `task-id` or `targets`, and `wait`. */

describe('task-id and targets', () => {
  test('a task alone', () => {
    expect(waitForOf({ 'task-id': '7 8' })).toEqual({ kind: 'tasks', ids: ['7', '8'] })
  })
  test.each(['', ' ', '\n\t'])('blank targets (%j) are none', (targets) => {
    expect(waitForOf({ 'task-id': '7', targets })).toEqual({ kind: 'tasks', ids: ['7'] })
  })
  test.each(['', ' ', '\n\t'])('a blank task-id (%j) beside targets is none', (taskId) => {
    expect(waitForOf({ 'task-id': taskId, targets: 'all' })).toEqual(everything)
  })
  test('both are refused, and the problem names both', () => {
    expect(problemsOf({ 'task-id': '7', targets: 'all' })).toEqual([
      expect.stringMatching(/^targets is given beside task-id: .*not both$/),
    ])
  })
  test('both are refused, and the ids are handed on', () => {
    expect(read({ 'task-id': '7 8', targets: 'all' })).toMatchObject({ kind: 'invalid', taskIds: ['7', '8'] })
  })
  test('what is wrong inside of either is said too', () => {
    const problems = problemsOf({ 'task-id': 'x', targets: 'nonsense' })
    expect(problems).toHaveLength(3)
    expect(problems).toContainEqual(expect.stringMatching(/^targets is given beside task-id/))
    expect(problems).toContainEqual(expect.stringMatching(/^task-id: x is not a task id/))
    expect(problems).toContainEqual(expect.stringMatching(/^targets: nonsense is not a target/))
  })
  test.each([{}, { 'task-id': '', targets: '' }, { 'task-id': ' ', targets: '\r\n' }])(
    'neither (%j) is refused once, naming both and the likely cause',
    (changes) => {
      expect(problemsOf(changes as Changes)).toEqual([
        expect.stringMatching(/^task-id is empty: .*StartVirusScanTask.* targets .*earlier step/),
      ])
    },
  )
  test('in the order of the declarations', () => {
    const names = problemsOf({ 'task-id': 'x', targets: 'y' }).map((problem) => problem.split(/[: ]/)[0])
    expect(names).toEqual(['task-id', 'targets', 'targets'])
  })
  test('one target in two spellings counts once', () => {
    expect(waitForOf({ targets: 'host:a\nHOST: a' })).toEqual(listed(['host', 'a']))
  })
  test('a lone wait: false does not blame a task-id that is not there', () => {
    expect(problemsOf({ wait: 'false', 'task-id': '' })).toEqual([expect.stringMatching(/^task-id is empty/)])
  })
  test('bad targets are not taken for missing ones', () => {
    expect(problemsOf({ targets: 'nonsense' })).toEqual([expect.stringMatching(/^targets: nonsense /)])
  })
})

describe('wait', () => {
  test.each([
    { name: 'false ends at once', wait: 'false', value: false },
    { name: 'case does not matter', wait: ' FALSE ', value: false },
    { name: 'true waits', wait: 'True', value: true },
    { name: 'blank is the default', wait: ' ', value: true },
  ])('$name', ({ wait, value }) => {
    expect(waitForOf({ targets: 'all', wait })).toEqual({ ...everything, wait: value })
    expect(waitForOf({ targets: 'host:a', wait })).toEqual({ ...listed(['host', 'a']), wait: value })
  })
  test('true with task-id says nothing new', () => {
    expect(waitForOf({ 'task-id': '7', wait: 'true' })).toEqual({ kind: 'tasks', ids: ['7'] })
  })
  test('false with task-id is refused', () => {
    expect(problemsOf({ 'task-id': '7', wait: 'False' })).toEqual([
      expect.stringMatching(/^wait: false has nothing to do with task-id: /),
    ])
  })
  test('false with task-id is refused, and the ids are handed on', () => {
    expect(read({ 'task-id': '7', wait: 'false' })).toMatchObject({ taskIds: ['7'] })
  })
  test.each(['no', '0', 'fales', 'off'])('%s is refused, and is not taken for false', (wait) => {
    const problem = `wait: ${wait} is neither true nor false`
    expect(problemsOf({ targets: 'all', wait })).toEqual([problem])
    expect(problemsOf({ 'task-id': '7', wait })).toEqual([problem])
  })
  test.each([
    { name: 'a bad id', changes: { 'task-id': 'x' }, names: ['task-id', 'wait', 'timeout-minutes'] },
    { name: 'no id', changes: {}, names: ['task-id', 'wait', 'timeout-minutes'] },
    { name: 'a bad line', changes: { targets: 'nonsense' }, names: ['targets', 'wait', 'timeout-minutes'] },
    { name: 'both', changes: { 'task-id': '7', targets: 'all' }, names: ['targets', 'wait', 'timeout-minutes'] },
  ])('misspelt, it is reported in its place, after $name', ({ changes, names }) => {
    const problems = problemsOf({ 'timeout-minutes': 'x', wait: 'x', ...changes } as Changes)
    expect(problems.map((problem) => /^[a-z-]+/.exec(problem)?.[0])).toEqual(names)
  })
  test('false without a task is reported in its place too', () => {
    const problems = problemsOf({ 'timeout-minutes': 'x', wait: 'false', 'task-id': 'x' })
    expect(problems.map((problem) => /^[a-z-]+/.exec(problem)?.[0])).toEqual(['task-id', 'wait', 'timeout-minutes'])
  })
})

test('what is foreign stands in the value, never in the text of a problem', () => {
  const hostile = 'x::error::y'
  const lines = [
    hostile,
    `uuid:${hostile}`,
    `instance:${hostile}`,
    `group-id:${hostile}`,
    `host:${hostile}${'n'.repeat(300)}`,
  ]
  for (const changes of [{ targets: lines.join('\n') }, { 'task-id': hostile }, { targets: 'all', wait: hostile }]) {
    const reading = read(changes as unknown as Changes)
    if (reading.kind === 'ok') throw new Error('it was taken')
    expect(reading.problems.map(({ text }) => text).join()).not.toContain('::')
    expect(reading.problems.every(({ value }) => value?.includes(hostile))).toBe(true)
  }
})
