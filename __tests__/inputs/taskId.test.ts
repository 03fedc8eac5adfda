import { inputsOf, problemsOf } from '../support/inputReading.ts'

/** `task-id`: one or many, and what is no id. */

const LARGEST = '9223372036854775807'

function idsOf(text: string): readonly string[] {
  const { waitFor } = inputsOf({ 'task-id': text })
  return waitFor.kind === 'tasks' ? waitFor.ids : []
}

describe('task-id', () => {
  test.each([
    { name: 'one', text: '282832', ids: ['282832'] },
    { name: 'commas, spaces and line breaks mixed', text: ' 3,2\n1 , 4\t5\r\n', ids: ['3', '2', '1', '4', '5'] },
    { name: 'repeated ids count once, order is kept', text: '9 7 9 8 7', ids: ['9', '7', '8'] },
    { name: 'the largest', text: LARGEST, ids: [LARGEST] },
    { name: 'one that a number would change', text: '9007199254740993', ids: ['9007199254740993'] },
  ])('$name', ({ text, ids }) => {
    expect(idsOf(text)).toEqual(ids)
  })
  test('a hundred', () => {
    expect(idsOf(Array.from({ length: 100 }, (_, i) => i + 1).join(' '))).toHaveLength(100)
  })
  test('a hundred, some twice', () => {
    expect(idsOf(Array.from({ length: 150 }, (_, i) => (i % 100) + 1).join(','))).toHaveLength(100)
  })

  test.each([
    'abc',
    '-1',
    '+5',
    '0',
    '1.5',
    '1e3',
    '0x10',
    '１２３',
    '007',
    '9223372036854775808',
    '99999999999999999999',
    '282832;rm',
    'NaN',
    'Infinity',
    '1_000',
    '²',
  ])('%s is refused, and the value named', (text) => {
    const [problem] = problemsOf({ 'task-id': text })
    expect(problem).toMatch(/^task-id: .* is not a task id: .* from 1 to 9223372036854775807/)
    expect(problem).toContain(text)
  })
  test('one bad id among good ones is refused', () => {
    expect(problemsOf({ 'task-id': '1 2 three 4' })).toEqual([expect.stringMatching(/^task-id: three /)])
  })
  test('many bad ids are counted after the fifth', () => {
    expect(problemsOf({ 'task-id': 'a b c d e f g' })).toHaveLength(6)
    expect(problemsOf({ 'task-id': 'a b c d e f g' })[5]).toMatch(/2 more/)
  })
  test('101 ids are refused', () => {
    expect(problemsOf({ 'task-id': Array.from({ length: 101 }, (_, i) => i + 1).join(' ') })).toEqual([
      expect.stringMatching(/101 ids, at most 100/),
    ])
  })
  test.each([undefined, '', '  ', '\n'])('empty (%j) says that an earlier step may have no output', (text) => {
    expect(problemsOf({ 'task-id': text })).toEqual([expect.stringMatching(/^task-id is empty: .*earlier step/)])
  })
  test('separators alone are refused', () => {
    expect(problemsOf({ 'task-id': ' , ,' })).toEqual([expect.stringMatching(/no task id/)])
  })
})
