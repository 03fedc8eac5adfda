import { LogView, readOutputs } from '../../src/emulator/runner.ts'

test('outputs are read as the runner reads them; a later value wins, lines are kept', () => {
  expect(readOutputs('a<<X\n1\nX\nb<<Y\nfirst\nsecond\nY\na<<Z\n2\nZ\n')).toEqual({ a: '2', b: 'first\nsecond' })
  expect(() => readOutputs('a<<X\n1\n')).toThrow('no end')
})

test('the log is shown as GitHub shows it', () => {
  const view = new LogView()
  expect(view.show('::add-mask::s3cret\nplain s3cr')).toEqual([])
  expect(view.show('et\n::error file=x::a%0Ab 100%25\n::warning::w\n')).toEqual([
    'plain ***',
    'Error: a\nb 100%',
    'Warning: w',
  ])
})
