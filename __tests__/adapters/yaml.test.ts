import fc from 'fast-check'
import { Composer, type Document, parseDocument } from 'yaml'
import { readYaml } from '../../src/adapters/yaml.ts'
import type { YamlNode } from '../../src/inputs/allowList.ts'

afterEach(() => {
  jest.restoreAllMocks()
  delete process.env.LOG_STREAM
  delete process.env.LOG_TOKENS
})

/** The bare values, as JSON would hold them. */
function valuesOf(node: YamlNode | undefined): unknown {
  if (node?.kind === 'map') return Object.fromEntries(node.entries.map(({ key, value }) => [key, valuesOf(value)]))
  return node?.kind === 'list' ? node.items.map(valuesOf) : node?.value
}

function read(text: string): unknown {
  const reading = readYaml(text)
  return 'node' in reading ? valuesOf(reading.node) : reading
}

function problemsOf(text: string): readonly string[] {
  const reading = readYaml(text)
  return 'problems' in reading ? reading.problems.map(({ line, text }) => `${line}: ${text}`) : []
}

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

const ANCHORS = 'anchors and aliases are not allowed here: write the value out, or put quotes around it'
const TAGS = 'tags (words that start with !) are not allowed here: remove the tag, or put quotes around the value'
const DIRECTIVES = 'directives (lines that start with %) are not allowed here: remove the line'
const SECOND = 'a second document is not allowed here: remove the line with --- and what follows'
const KEY = 'a key must be a plain word: put quotes around it'
const REPEATED = 'this key stands twice in the same map: remove one of the two'

describe('what it refuses, with the line', () => {
  test.each([
    ['an anchor', 'a:\n  b: &x 1', [`2: ${ANCHORS}`]],
    ['an anchor before a map', 'a: &x\n  b: 1', [`1: ${ANCHORS}`]],
    ['an anchor on a key', 'b: 1\n&x a: 1', [`2: ${ANCHORS}`]],
    ['an alias', 'a: 1\nb:\n  - *x', [`3: ${ANCHORS}`]],
    ['an alias as a key', 'a: 1\n*x : 1', [`2: ${ANCHORS}`]],
    ['a pattern that looks like an alias', 'name: *.exe', [`1: ${ANCHORS}`]],
    ['a tag', 'a: 1\nb: !!str 1', [`2: ${TAGS}`]],
    ['a tag of its own', 'a: !x [1]', [`1: ${TAGS}`]],
    ['a long tag', 'a: !<tag:yaml.org,2002:int> "1"', [`1: ${TAGS}`]],
    ['an older YAML', '%YAML 1.1\n---\na: no', [`1: ${DIRECTIVES}`]],
    ['a second document', 'a: 1\n---\nb: 1', [`2: ${SECOND}`]],
    ['a second document that is empty', 'a: 1\n---\n', [`2: ${SECOND}`]],
    ['a second document after an end', '---\na: 1\n...\n---\nb: 1', [`4: ${SECOND}`]],
    ['a repeated key', 'a: 1\nb: 2\n"a": 3', [`3: ${REPEATED}`]],
    ['a repeated key in braces', 'x:\n  {a: 1, b: 2,\n  a: 3}', [`3: ${REPEATED}`]],
    ['a number and its text as keys', '1: a\n"1": b', [`2: ${REPEATED}`]],
    ['a merge key', 'a:\n  <<: {b: 1}', ['2: merge keys (<<) are not allowed here: write the entries out']],
    ['a list as a key', 'a: 1\n[b]: 1', [`2: ${KEY}`]],
    ['a map as a key', '? {a: 1}\n: 1', [`1: ${KEY}`]],
    ['null as a key', 'a: 1\nnull: 1', [`2: ${KEY}`]],
    ['true as a key', 'true: 1', [`1: ${KEY}`]],
    ['nothing as a key', ': 1', [`1: ${KEY}`]],
    ['several things', 'a: &x 1\nb: 1\nc: !y 1\n', [`1: ${ANCHORS}`, `3: ${TAGS}`]],
  ])('%s', (_, text, problems) => {
    expect(problemsOf(text)).toEqual(problems)
  })

  test('the same key in two maps is no repetition', () => {
    expect(read('- a: 1\n- a: 2\n- a: {a: 3}')).toEqual([{ a: 1 }, { a: 2 }, { a: { a: 3 } }])
  })

  test.each([
    [
      'an open bracket',
      'x:\n  a: [1, 2',
      '2: flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['an open quote', 'a: "b', '1: missing closing "quote'],
    [
      'a second colon',
      'a: 1\nname: b: c',
      '2: not a key and a value: put quotes around a value that holds a colon and a space',
    ],
    ['a tab', 'a:\n\tb: 1', '2: a tab is not allowed as indentation: use spaces'],
    ['a reserved sign', 'a: 1\nb: @c', '2: a value that starts with this character needs quotes'],
    ['a key of two lines', 'a: 1\n"b\n c": 2', '2: a key must stand on one line'],
    ['a word of its own', 'a: 1\nb', '2: implicit map keys need to be followed by map values'],
    [
      'an escape that nobody knows',
      'a: "C:\\games"',
      '1: unknown escape in double quotes: write a backslash twice, or use single quotes',
    ],
    ['a list that ends in a map', '- a\nb: 1', '2: unexpected scalar at node end'],
  ])('%s', (_, text, problem) => {
    expect(problemsOf(text)).toEqual([problem])
  })

  test('what the package only warns about', () => {
    const warned = parseDocument('a: !secret 1\nb: "\\q"')
    jest.spyOn(Composer.prototype, 'compose').mockImplementation(function* () {
      yield warned as Document.Parsed
    })
    expect(problemsOf('a: 1\nb: 1')).toEqual([
      '1: unresolved tag',
      '2: unknown escape in double quotes: write a backslash twice, or use single quotes',
    ])
  })

  test.each([
    ['a: ]marker', 'a: |marker\n b', 'a: "\\marker"', 'marker\n--- marker\n- b: c: marker\n', '@marker'],
    [
      '"marker": &marker x',
      '*marker',
      'a: !marker',
      '%marker\n---\na',
      '? - marker',
      '<<: marker',
      'marker: 1\nmarker: 2',
    ],
  ])('no problem repeats the text', (...texts) => {
    for (const text of texts) {
      expect(problemsOf(text)).not.toEqual([])
      expect(problemsOf(text).join()).not.toMatch(/marker|\n/)
    }
  })

  test('a line has one problem, and a text at most twenty', () => {
    expect(problemsOf('a: [*x, *y, *z]')).toHaveLength(1)
    expect(problemsOf('- *x\n'.repeat(100))).toEqual(
      Array.from({ length: 20 }, (_, index) => `${index + 1}: ${ANCHORS}`),
    )
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

describe('what it survives', () => {
  const fill = (unit: string, bytes = 256 * 1024) => unit.repeat(Math.ceil(bytes / unit.length))
  const lines = (line: string, count = 19_999) => `${line}\n`.repeat(count)
  const keys = Array.from({ length: 18_000 }, (_, index) => `key${index}: 1`)
  const manyKeys = Array.from({ length: 30_000 }, (_, index) => index.toString(36))
  const laughs = ['a0: &a0 ha', ...Array.from({ length: 40 }, (_, index) => bomb(index + 1))]

  function bomb(index: number): string {
    return `a${index}: &a${index} [${Array(9)
      .fill(`*a${index - 1}`)
      .join(', ')}]`
  }

  test.each(['[', '{a: ', '- ', '? ', ': ', '[a: '])('a tower of %j is given up at its eleventh level', (unit) => {
    const start = performance.now()
    expect(problemsOf(fill(unit))).toEqual(['1: nested deeper than 10 levels'])
    expect(performance.now() - start).toBeLessThan(500)
  })

  // Each takes about a second at most here, and far more where the time grows with the square. Runners may be slow.
  test.each([
    ['closing brackets', fill(']')],
    ['a billion laughs', laughs.join('\n')],
    ['anchors', lines('- &a b')],
    ['keys', keys.join('\n')],
    ['keys in braces', `{${manyKeys.join(',')}}`],
    ['documents', lines('---')],
    ['bad escapes', `"${fill('\\q')}"`],
    ['open quotes', `a: ${lines('"')}`],
    ['block scalars', lines('- |')],
    ['empty lines before comments', `a: 1${fill('\n', 128 * 1024)}${fill('#\n    ', 128 * 1024)}`],
    ['some empty lines before comments', `a: 1${lines('', 10_000)}${lines('    #', 9_999)}`],
    ['a long line', fill('a')],
    ['a long number', fill('1')],
    ['control characters', fill('\x1f\x02\x18\0')],
  ])('much of %s', (_, text) => {
    const start = performance.now()
    readYaml(text)
    expect(performance.now() - start).toBeLessThan(4_000)
  })

  test('the longest text', () => {
    expect(problemsOf(`${lines('- a')}- a`)).toEqual([])
    expect(problemsOf(lines('- a', 20_000))).toEqual(['20001: more than 20000 lines'])
  })

  test('all keys of a large map are there', () => {
    expect(Object.keys(read(keys.join('\n')) as object)).toHaveLength(keys.length)
  })

  test('any text', () => {
    const pieces = [
      'a',
      ':',
      ' ',
      '\n',
      '- ',
      '? ',
      '[',
      ']',
      '{',
      '}',
      ',',
      '"',
      "'",
      '|',
      '>',
      '#',
      '&',
      '*',
      '!',
      '%',
      '---',
    ]
    const text = fc
      .array(fc.constantFrom(...pieces, '...', '\t', '\r', '\0', '\x1f', '\ufeff', '\\', '<<', '1'))
      .map((all) => all.join(''))
    fc.assert(
      fc.property(text, (text) => {
        const reading = readYaml(text)
        const lines = text.split('\n').length
        if ('node' in reading) return
        expect(reading.problems).not.toEqual([])
        for (const problem of reading.problems) {
          expect(problem.text).toMatch(/^[a-z][^\n]+$/)
          expect(problem.text).not.toBe('not readable as YAML')
          expect(problem.line).toBeGreaterThanOrEqual(1)
          expect(problem.line).toBeLessThanOrEqual(lines)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('a bug of the package is a problem like others', () => {
    jest.spyOn(Composer.prototype, 'compose').mockImplementation(() => {
      throw new RangeError('Maximum call stack size exceeded')
    })
    expect(problemsOf('a: 1')).toEqual(['1: not readable as YAML'])
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
