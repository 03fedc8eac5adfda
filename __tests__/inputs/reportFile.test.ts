import { inputsOf, problemsOf, read } from '../support/gateReading.ts'

/** `report-file`: where it may be written. */

describe('report-file', () => {
  test('is asked about as it is named, and kept', () => {
    const asked: string[] = []
    const refusalToWrite = (path: string) => {
      asked.push(path)
      return undefined
    }
    expect(inputsOf({ 'report-file': ' out/verdict 1.json\n' }, { refusalToWrite }).reportFile).toBe(
      'out/verdict 1.json',
    )
    expect(asked).toEqual(['out/verdict 1.json'])
  })
  test.each(['', ' \n'])('unset (%j) nothing is asked and nothing kept', (path) => {
    const refusalToWrite = jest.fn(() => 'may not be written')
    expect(inputsOf({ 'report-file': path }, { refusalToWrite })).not.toHaveProperty('reportFile')
    expect(refusalToWrite).not.toHaveBeenCalled()
  })
  test('needs no gate', () => {
    expect(inputsOf({ 'report-file': 'r.json' })).toMatchObject({ reportFile: 'r.json' })
  })
  test('where it may not be written, the world says why', () => {
    const path = '../x\n::error::y'
    expect(read({ 'report-file': path }, { refusalToWrite: () => 'leads out of the workspace' })).toMatchObject({
      problems: [{ name: 'report-file', value: path, text: 'leads out of the workspace' }],
    })
  })
})

test('a report that would replace the allow-list is refused', () => {
  const changes = { 'severity-cutoff': 'serious', 'allow-list': 'allow.yml', 'report-file': 'allow.yml' }
  expect(problemsOf(changes)).toEqual([expect.stringMatching(/^report-file: allow.yml is the allow-list/)])
})
