import { createHash } from 'node:crypto'
import { readYaml } from '../../src/adapters/yaml.ts'
import { readAllowList } from '../../src/inputs/allowList.ts'
import { parseInputs } from '../../src/inputs.ts'
import { entriesOf, entry, env, good, goodGap, problemsOf, read, terms } from '../support/allowListText.ts'
import { HOSTILE_NAMES } from '../support/hostile.ts'
import { inputWorld } from '../support/inputWorld.ts'

/** The file of the allow-list: what it may be, where it may lie, and what is repeated of it. */

describe('the file', () => {
  test.each([
    { name: 'empty', text: '' },
    { name: 'of blank lines', text: '\n \n\r\n' },
    { name: 'of comments', text: '# nothing is accepted\n\n# really\n' },
    { name: 'of a start and comments', text: '---\n# nothing\n' },
    { name: 'of an empty list', text: '[]\n' },
    { name: 'of null', text: '~' },
  ])('$name is an empty list', ({ text }) => {
    expect(entriesOf(text)).toEqual([])
  })

  test.each([
    { name: 'a map', text: '\nalert: x\nreason: y\n', problem: 'line 2 does not begin a list: ' },
    { name: 'a map around the list', text: 'entries:\n- alert: x\n', problem: 'line 1 does not begin a list: ' },
    { name: 'a text', text: '\n\nnothing', problem: 'line 3 does not begin a list: ' },
    { name: 'a number', text: '5', problem: 'line 1 does not begin a list: ' },
    { name: 'an empty text', text: '""', problem: 'line 1 does not begin a list: ' },
    { name: 'false', text: 'false', problem: 'line 1 does not begin a list: ' },
    { name: 'an empty map', text: '{}', problem: 'line 1 does not begin a list: ' },
    { name: 'an anchor', text: `${entry(good)}- &a\n  alert: x\n`, problem: 'line 4 anchors and aliases are not' },
    { name: 'an alias', text: '- alert: x\n  reason: *r\n', problem: 'line 2 anchors and aliases are not' },
    { name: 'a star without quotes', text: entry({ ...good, alert: '*.exe' }), problem: 'line 1 anchors and aliases' },
    { name: 'a merge key', text: '- "<<": { alert: x }\n', problem: 'line 1 merge keys (<<) are not allowed here' },
    { name: 'a tag', text: '- alert: x\n  until: !!timestamp 2026-12-31\n', problem: 'line 2 tags (words that' },
    { name: 'a tag of somebody', text: '- !exec\n  alert: x\n', problem: 'line 1 tags (words that' },
    { name: 'a directive', text: `%YAML 1.1\n---\n${entry(good)}`, problem: 'line 1 directives (lines that start' },
    { name: 'two documents', text: `${entry(good)}---\n${entry(goodGap)}`, problem: 'line 4 a second document is not' },
    { name: 'an empty second document', text: `${entry(good)}---\n`, problem: 'line 4 a second document is not' },
    { name: 'a key twice', text: '- alert: x\n  reason: r\n  alert: y\n', problem: 'line 3 this key stands twice' },
    { name: 'a key twice in quotes', text: '- { "until": x, until: y }\n', problem: 'line 1 this key stands twice' },
    { name: 'a key that is a list', text: '- [a]: b\n', problem: 'line 1 a key must be a plain word' },
    { name: 'a key that is a truth', text: '- alert: x\n  true: b\n', problem: 'line 2 a key must be a plain word' },
    { name: 'a colon in a value', text: `# x\n${entry({ alert: 'a: b' })}`, problem: 'line 2 not a key and a value' },
    { name: 'a tab', text: '- alert: x\n\t- reason: y\n', problem: 'line 2 a tab is not allowed' },
    { name: 'a tower', text: '['.repeat(50) + ']'.repeat(50), problem: 'line 1 nested deeper than 10 levels' },
  ])('$name is refused', ({ text, problem }) => {
    expect(problemsOf(text)).toEqual(expect.arrayContaining([expect.stringContaining(problem)]))
    expect(problemsOf(text)[0]?.startsWith(problem)).toBe(true)
  })

  test('a billion laughs are refused, and make nobody laugh', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `- &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`)
    const problems = problemsOf(['- &l0 [lol, lol]', ...levels].join('\n'))
    expect(problems).toHaveLength(10)
    expect(problems.every((problem) => /^line \d+ anchors and aliases are not allowed here/.test(problem))).toBe(true)
  })
  test('a value below its key is told in the line of the key', () => {
    expect(problemsOf('- alert: x\n  reason: r\n  until:\n\n    2026-02-29\n')).toEqual([
      expect.stringMatching(/^line 3, until: 2026-02-29 /),
    ])
  })
  test('with problems of YAML, none of the entries are told', () => {
    expect(problemsOf(`${entry({ alert: 'x' })}${entry({ ...good, alert: '!x' })}`)).toEqual([
      expect.stringMatching(/^line 2 tags/),
    ])
  })

  test.each(['text', '5', '~', '[]', '[a: b]', '""'])('an item that is %s has no keys', (item) => {
    expect(problemsOf(`${entry(good)}- ${item}\n`)).toEqual([
      'line 4 has no keys: an entry needs alert or uncovered, and reason and until',
    ])
  })

  test('ten problems are all told', () => {
    expect(problemsOf('- x\n'.repeat(10))).toEqual(
      Array.from({ length: 10 }, (_, i) => expect.stringMatching(`^line ${i + 1} has no keys`)),
    )
  })
  test('more than ten are counted after the tenth', () => {
    const problems = problemsOf(`${entry(good)}${'- x\n'.repeat(14)}`)
    expect(problems).toHaveLength(11)
    expect(problems[0]).toMatch(/^line 4 has no keys/)
    expect(problems[9]).toMatch(/^line 13 has no keys/)
    expect(problems[10]).toBe('has at least 4 more')
  })
  test('each problem stands in its line, in a long file with comments, blank lines and blocks', () => {
    const text = [
      '# the list',
      '',
      '- alert: one',
      '  reason: |',
      '    two',
      '    lines',
      '',
      '  until: x',
      '',
      '# next',
      '-',
      '  uncovered: nope',
      '  server: a',
      '  reason: r',
      '  until: 2026-12-31',
      '- alert: "two',
      '    lines"',
      '  reson: r',
      '  until: 2026-12-31',
    ].join('\n')
    const lines = ['line 8, until: x', 'line 12, uncovered: nope', 'line 16 has no reason', 'line 18, reson is not']
    for (const each of [text, text.replaceAll('\n', '\r\n')]) {
      expect(problemsOf(each)).toEqual(lines.map((line) => expect.stringContaining(line)))
    }
  })
})

describe('the path', () => {
  test('that cannot be read is told with the reason that the world gives', () => {
    const reading = parseInputs({ ...env, 'INPUT_ALLOW-LIST': 'gone/x\n::error::y.yml' }, inputWorld())
    expect(reading).toMatchObject({
      problems: [{ name: 'allow-list', value: 'gone/x\n::error::y.yml', text: 'does not exist in the workspace' }],
    })
  })
  test('that cannot be read is not parsed', () => {
    const readYaml = jest.fn()
    const world = inputWorld({}, { readText: () => ({ problem: 'is a folder' }), readYaml })
    expect(parseInputs(env, world)).toMatchObject({ problems: [{ text: 'is a folder' }] })
    expect(readYaml).not.toHaveBeenCalled()
  })
  test('stands before each line, as the workflow names it', () => {
    const reading = parseInputs(
      { ...env, 'INPUT_ALLOW-LIST': ' .github/virus allow.yml ' },
      inputWorld({ '.github/virus allow.yml': entry({ ...good, until: 'x', foo: 'y' }) }),
    )
    expect(reading).toMatchObject({
      problems: [
        { name: 'allow-list', value: '.github/virus allow.yml line 3, until: x' },
        { name: 'allow-list', value: '.github/virus allow.yml line 4, foo' },
      ],
    })
  })
  test('the digest is of the text as it was read', () => {
    const text = `${entry(good)}# ü\r\n`
    const reading = read(text)
    const sha256 = createHash('sha256').update(text).digest('hex')
    expect(reading).toMatchObject({ inputs: { gate: { allowList: { path: 'a.yml', sha256 } } } })
  })
  test('problems of the file and of other inputs come together, in the order of the declarations', () => {
    const reading = parseInputs(
      { ...env, 'INPUT_FAIL-ON': 'x', 'INPUT_SETTLE-SECONDS': 'x' },
      inputWorld({ 'a.yml': '- x\n- y\n' }),
    )
    if (reading.kind === 'ok') throw new Error('it was taken')
    expect(reading.problems.map(({ name }) => name)).toEqual(['settle-seconds', 'allow-list', 'allow-list', 'fail-on'])
  })
})

describe('foreign text', () => {
  /** What is wrong, without what it is about. */
  function textsOf(yaml: string): readonly string[] {
    const reading = read(yaml)
    return reading.kind === 'ok' ? [] : reading.problems.map(({ text }) => text)
  }
  const hostile = ['x\n::error::y', ...HOSTILE_NAMES]

  test.each(hostile)('as a key stands in the value, not in the text: %j', (name) => {
    const yaml = entry({ ...good, [JSON.stringify(name)]: '1' })
    expect(textsOf(yaml)).toEqual(textsOf(entry({ ...good, nonsense: '1' })))
    expect(read(yaml)).toMatchObject({ problems: [{ value: `a.yml line 4, ${name}` }] })
  })
  test.each(hostile)('as a day stands in the value, not in the text: %j', (name) => {
    const yaml = entry({ ...good, until: JSON.stringify(name) })
    expect(textsOf(yaml)).toEqual(textsOf(entry({ ...good, until: 'nonsense' })))
    expect(read(yaml)).toMatchObject({ problems: [{ value: `a.yml line 3, until: ${name.trim()}` }] })
  })
  test.each(hostile)('as a gap stands in the value, not in the text: %j', (name) => {
    const yaml = entry({ ...goodGap, uncovered: JSON.stringify(name) })
    expect(textsOf(yaml)).toEqual(textsOf(entry({ ...goodGap, uncovered: 'nonsense' })))
    expect(read(yaml)).toMatchObject({ problems: [{ value: `a.yml line 1, uncovered: ${name.trim()}` }] })
  })
  test.each(hostile)('twice is not repeated in the text: %j', (name) => {
    const twice = (text: string) =>
      entry({ ...good, alert: JSON.stringify(text), server: JSON.stringify(text) }).repeat(2)
    expect(textsOf(twice(name))).toEqual(['accepts the same as the entry in line 1: keep one of them'])
  })
  test.each(hostile)('that is no YAML is not repeated in the text: %j', (name) => {
    for (const yaml of [
      name,
      `- ${name}`,
      `- alert: ${name}`,
      `- ${name}: x`,
      `- "${name}`,
      `- {${name}`,
      `- &${name} x`,
    ]) {
      for (const text of textsOf(yaml)) {
        expect(text).toMatch(/^[\x20-\x7e]+$/)
        expect(text).not.toMatch(/pwned|evil|octocat|mermaid|alert\(1\)|::|<img|<script|ghadelimiter/)
      }
    }
  })
})

describe('a list without a file', () => {
  const read = (text: string) => {
    const yaml = readYaml(text)
    return readAllowList('node' in yaml ? yaml.node : undefined, '2026-11-24')
  }

  test('no document is an empty list', () => {
    expect(readAllowList(undefined, '2026-11-24')).toEqual({ entries: [] })
  })
  test('problems say their line, what they are about, and the rest of a sentence', () => {
    expect(read(entry({ alert: 'x', foo: '1', until: '2026-02-29' }))).toEqual({
      problems: [
        { line: 1, text: 'has no reason: say why this is accepted' },
        { line: 2, about: 'foo', text: expect.stringMatching(/^is not a key of an entry/) },
        { line: 3, about: 'until: 2026-02-29', text: expect.stringMatching(/^is not a day of the calendar/) },
      ],
    })
  })
  test('all problems are told, however many', () => {
    expect(read('- x\n'.repeat(500))).toHaveProperty('problems.length', 500)
  })
  test('a good list of a thousand entries is read', () => {
    const text = Array.from({ length: 1_000 }, (_, i) => entry({ ...good, alert: `a${i}` })).join('')
    expect(read(text)).toHaveProperty('entries.999', { line: 2_998, kind: 'alert', alert: 'a999', ...terms })
  })
  test('one bad entry leaves no list', () => {
    expect(read(`${entry(good)}- x\n`)).not.toHaveProperty('entries')
  })
})
