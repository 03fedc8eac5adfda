import fc from 'fast-check'
import { Composer, type Document, parseDocument } from 'yaml'
import { readYaml } from '../../src/adapters/yaml.ts'
import { problemsOf, read } from '../support/yamlReading.ts'

/** Which YAML is not read, and that none takes long or brings the process down. */

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

describe('what it survives', () => {
  const KIB = 1024
  const fill = (unit: string, kib = 256) => unit.repeat(Math.ceil((kib * KIB) / unit.length))
  const lines = (line: string, count = 19_999) => `${line}\n`.repeat(count)
  const keys = (count = 18_000) => Array.from({ length: count }, (_, index) => `key${index}: 1`).join('\n')
  const inBraces = (count: number) => `{${Array.from({ length: count }, (_, index) => index.toString(36)).join(',')}}`
  const laughs = (count: number) =>
    ['a0: &a0 ha', ...Array.from({ length: count }, (_, index) => bomb(index + 1))].join('\n')

  function bomb(index: number): string {
    return `a${index}: &a${index} [${Array(9)
      .fill(`*a${index - 1}`)
      .join(', ')}]`
  }

  /** In ms of the processor, not of the clock: what else the machine does meanwhile is not counted. */
  function effort(text: string): number {
    const before = process.cpuUsage()
    readYaml(text)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1_000
  }

  /** Four times the text takes four times the effort; where that grows with the square it is sixteen times. */
  function expectNoSquare(quarter: string, whole: string): void {
    expect(effort(whole)).toBeLessThan(8 * effort(quarter) + 100)
  }

  test.each(['[', '{a: ', '- ', '? ', ': ', '[a: '])('a tower of %j is given up at its eleventh level', (unit) => {
    expect(problemsOf(fill(unit))).toEqual(['1: nested deeper than 10 levels'])
    expectNoSquare(fill(unit, 64), fill(unit))
  })

  test.each<[what: string, textOf: (part: number) => string]>([
    ['closing brackets', (part) => fill(']', 256 * part)],
    ['a billion laughs', (part) => laughs(40 * part)],
    ['anchors', (part) => lines('- &a b', 19_996 * part)],
    ['keys', (part) => keys(18_000 * part)],
    ['keys in braces', (part) => inBraces(30_000 * part)],
    ['documents', (part) => lines('---', 19_996 * part)],
    ['bad escapes', (part) => `"${fill('\\q', 256 * part)}"`],
    ['open quotes', (part) => `a: ${lines('"', 19_996 * part)}`],
    ['block scalars', (part) => lines('- |', 19_996 * part)],
    ['empty lines before comments', (part) => `a: 1${fill('\n', 128 * part)}${fill('#\n    ', 128 * part)}`],
    ['some empty lines before comments', (part) => `a: 1${lines('', 10_000 * part)}${lines('    #', 9_996 * part)}`],
    ['a long line', (part) => fill('a', 256 * part)],
    ['a long number', (part) => fill('1', 256 * part)],
    ['control characters', (part) => fill('\x1f\x02\x18\0', 256 * part)],
  ])('much of %s', (_, textOf) => {
    expectNoSquare(textOf(1 / 4), textOf(1))
  })

  test('the longest text', () => {
    expect(problemsOf(`${lines('- a')}- a`)).toEqual([])
    expect(problemsOf(lines('- a', 20_000))).toEqual(['20001: more than 20000 lines'])
  })

  test('all keys of a large map are there', () => {
    expect(Object.keys(read(keys()) as object)).toHaveLength(18_000)
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
