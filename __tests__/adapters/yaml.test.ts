import { readYaml } from '../../src/adapters/yaml.ts'
import { problemsOf, read } from '../support/yamlReading.ts'

/** Which YAML is read, and what comes of it. */

describe('what it reads', () => {
  test('maps, lists and scalars, each with its line', () => {
    expect(readYaml('# accepted\nalerts:\n  - id: 7\n    why: >\n      no\n      danger\n  - x\ngaps:\n')).toEqual({
      node: {
        kind: 'map',
        line: 2,
        entries: [
          {
            key: 'alerts',
            line: 2,
            value: {
              kind: 'list',
              line: 3,
              items: [
                {
                  kind: 'map',
                  line: 3,
                  entries: [
                    { key: 'id', line: 3, value: { kind: 'scalar', value: 7, line: 3 } },
                    { key: 'why', line: 4, value: { kind: 'scalar', value: 'no danger\n', line: 4 } },
                  ],
                },
                { kind: 'scalar', value: 'x', line: 7 },
              ],
            },
          },
          { key: 'gaps', line: 8, value: { kind: 'scalar', value: null, line: 8 } },
        ],
      },
    })
  })

  test('lines are counted in a file from Windows too', () => {
    expect(readYaml('a: 1\r\n\r\nb: 2\r\n')).toMatchObject({ node: { entries: [{ line: 1 }, { line: 3 }] } })
  })

  test.each([
    ['an empty text', ''],
    ['comments only', '# nothing yet\n\n# really\n'],
    ['a start without a document', '---\n# nothing yet\n'],
  ])('%s is no node', (_, text) => {
    expect(readYaml(text)).toEqual({ node: undefined })
  })

  test.each([
    ['a date', '2026-12-31', '2026-12-31'],
    ['no', 'no', 'no'],
    ['on', 'on', 'on'],
    ['a time', '12:30', '12:30'],
    ['true', 'true', true],
    ['False', 'False', false],
    ['nothing', '', null],
    ['a tilde', '~', null],
    ['an empty text in quotes', '""', ''],
    ['a number in quotes', '"5"', '5'],
    ['a number', '-5', -5],
    ['a fraction', '1.5', 1.5],
    ['the longest number', '9007199254740991', 9007199254740991],
    ['a longer one', '9007199254740993', '9007199254740993'],
    ['a longer one that a double holds', '9007199254740994', '9007199254740994'],
    ['an id of 20 digits', '12345678901234567890', '12345678901234567890'],
    ['a long fraction', '0.12345678901234567890', '0.12345678901234567890'],
    ['zeros in front', '007', '007'],
    ['a zero at the end', '1.10', '1.10'],
    ['a hexadecimal number', '0x1F', '0x1F'],
    ['a number beyond all', '1e999', '1e999'],
    ['infinity', '.inf', '.inf'],
    ['no number', '.nan', '.nan'],
    ['what would be an alias outside of quotes', "'*.exe'", '*.exe'],
    ['signs in the middle', 'a &b *c !d %e', 'a &b *c !d %e'],
    ['a block of lines', '|\n  &a\n  *b\n  !c\n', '&a\n*b\n!c\n'],
    ['signs after a character that the lexer uses for itself', '\x1f&a', '\x1f&a'],
  ])('a scalar: %s', (_, source, value) => {
    expect(read(`key: ${source}`)).toEqual({ key: value })
  })

  test.each([
    ['text', 'text'],
    ['""', ''],
    ['~', null],
    ['--- |\n*a\n&b\n', '*a\n&b\n'],
  ])('a scalar alone: %j', (text, value) => {
    expect(readYaml(text)).toEqual({ node: { kind: 'scalar', value, line: 1 } })
  })

  test('keys with numbers are their source', () => {
    expect(read('1: a\n0x2: b\n"3": c\n')).toEqual({ '1': 'a', '0x2': 'b', '3': 'c' })
  })

  test('a key without a value, in any spelling', () => {
    expect(read('a: {b, c: }\n? d\n')).toEqual({ a: { b: null, c: null }, d: null })
  })

  test('JSON', () => {
    expect(read('{"a": [1, "x", null, {"b": false}]}')).toEqual({ a: [1, 'x', null, { b: false }] })
  })

  test('a key that every object has is a key like others', () => {
    expect(readYaml('__proto__: 1\nconstructor: 2')).toMatchObject({
      node: { entries: [{ key: '__proto__' }, { key: 'constructor' }] },
    })
  })

  test('one document between its marks', () => {
    expect(read('---\na: 1\n...\n# end\n')).toEqual({ a: 1 })
  })
})

describe('how deep', () => {
  const inBrackets = (levels: number) => `${'['.repeat(levels)}1${']'.repeat(levels)}`
  const inDashes = (levels: number, scalar: string) => `${'- '.repeat(levels)}${scalar}`
  const inLines = (levels: number) =>
    Array.from({ length: levels }, (_, level) => `${' '.repeat(level)}a: # c\n`)
      .concat(`${' '.repeat(levels)}1`)
      .join('')
  const inPairs = (levels: number) => `${'[a: '.repeat(levels)}1${']'.repeat(levels)}`

  test.each([inBrackets(10), inDashes(10, '1'), inDashes(10, `|\n${' '.repeat(21)}1\n`), inLines(10), inPairs(5)])(
    'ten levels: %j',
    (text) => {
      expect(problemsOf(text)).toEqual([])
    },
  )

  test.each([
    [inBrackets(11), 1],
    [inBrackets(11).replace('1', ''), 1],
    [inDashes(11, '1'), 1],
    [inDashes(11, `|\n${' '.repeat(23)}1\n`), 1],
    [inLines(11), 11],
    [inPairs(6), 1],
  ])('eleven levels: %j', (text, line) => {
    expect(problemsOf(text)).toEqual([`${line}: nested deeper than 10 levels`])
  })
})

test.each([
  ['my-stream', undefined],
  ['', 'true'],
])('nothing is printed, whatever the environment holds, and it is left as it was: %j %j', (stream, tokens) => {
  process.env.LOG_STREAM = stream
  if (tokens !== undefined) process.env.LOG_TOKENS = tokens
  const before = { ...process.env }
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 7
  const prints = [jest.spyOn(console, 'log'), jest.spyOn(console, 'dir'), jest.spyOn(process, 'emitWarning')]
  for (const print of prints) print.mockImplementation(() => {})
  readYaml('a: !x 1')
  readYaml('a: 1')
  for (const print of prints) expect(print).not.toHaveBeenCalled()
  expect({ ...process.env }).toEqual(before)
  expect(Error.stackTraceLimit).toBe(7)
  Error.stackTraceLimit = stackTraceLimit
})
