import { createHash } from 'node:crypto'
import { readYaml } from '../../src/adapters/yaml.ts'
import { readAllowList } from '../../src/inputs/allowList.ts'
import { type InputWorld, parseInputs } from '../../src/inputs.ts'
import { HOSTILE_NAMES } from '../support/hostile.ts'
import { inputWorld } from '../support/inputWorld.ts'

/** The allow-list: from the text of its file to entries, or to what is wrong in which line. Today is 24 November 2026. */

const env = {
  'INPUT_ACCESS-KEY-ID': 'LTAI-id',
  'INPUT_ACCESS-KEY-SECRET': 'key-secret',
  'INPUT_TASK-ID': '7',
  'INPUT_SEVERITY-CUTOFF': 'serious',
  'INPUT_ALLOW-LIST': 'a.yml',
}

function read(text: string, world: Partial<InputWorld> = {}) {
  return parseInputs(env, inputWorld({ 'a.yml': text }, world))
}

function entriesOf(text: string, world: Partial<InputWorld> = {}) {
  const reading = read(text, world)
  if (reading.kind === 'invalid') throw new Error(JSON.stringify(reading.problems))
  return reading.inputs.gate?.allowList?.entries
}

/** Without the name of the input and the file: `line 3, until: 2026-02-29 is not a day …`. */
function problemsOf(text: string, world: Partial<InputWorld> = {}): readonly string[] {
  const reading = read(text, world)
  if (reading.kind === 'ok') return []
  expect(reading.problems.filter(({ name }) => name !== 'allow-list')).toEqual([])
  return reading.problems.map(({ value, text }) => `${value} ${text}`.replace(/^a\.yml /, ''))
}

/** An entry in block style, its keys in the order given. */
function entry(fields: Readonly<Record<string, string | undefined>>): string {
  const lines = Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${value}`]))
  return `- ${lines.join('\n  ')}\n`
}

const terms = { reason: 'known', until: '2026-12-31' }
const good = { alert: 'Backdoor', ...terms }
const goodGap = { uncovered: 'offline', server: 'web-01', ...terms }

describe('an entry', () => {
  test.each([
    {
      name: 'an alert of any server',
      text: entry(good),
      is: { kind: 'alert', alert: 'Backdoor', ...terms },
    },
    {
      name: 'an alert of one server',
      text: entry({ ...good, server: 'web-01' }),
      is: { kind: 'alert', alert: 'Backdoor', server: 'web-01', ...terms },
    },
    {
      name: 'a pattern of alerts',
      text: entry({ ...good, alert: '"*.exe (*)"' }),
      is: { kind: 'alert', alert: '*.exe (*)', ...terms },
    },
    {
      name: 'every alert of one server',
      text: entry({ ...good, alert: '"*"', server: 'web-01' }),
      is: { kind: 'alert', alert: '*', server: 'web-01', ...terms },
    },
    ...['offline', 'unlicensed', 'missing', 'joined'].map((uncovered) => ({
      name: `a server that is ${uncovered}`,
      text: entry({ ...goodGap, uncovered }),
      is: { kind: 'uncovered', uncovered, server: 'web-01', ...terms },
    })),
    {
      name: 'every server that is offline',
      text: entry({ ...goodGap, server: '"*"' }),
      is: { kind: 'uncovered', uncovered: 'offline', server: '*', ...terms },
    },
    {
      name: 'its keys in another order',
      text: entry({ until: terms.until, server: 'web-01', reason: terms.reason, alert: 'Backdoor' }),
      is: { kind: 'alert', alert: 'Backdoor', server: 'web-01', ...terms },
    },
    {
      name: 'in braces',
      text: '[{ alert: Backdoor, reason: known, until: 2026-12-31 }]',
      is: { kind: 'alert', alert: 'Backdoor', ...terms },
    },
    {
      name: 'in JSON',
      text: JSON.stringify([good]),
      is: { kind: 'alert', alert: 'Backdoor', ...terms },
    },
    {
      name: 'with the line breaks of Windows and comments',
      text: '- alert: Backdoor # seen\r\n  reason: known\r\n  until: 2026-12-31 # the end\r\n',
      is: { kind: 'alert', alert: 'Backdoor', ...terms },
    },
    {
      name: 'with spaces around in quotes',
      text: entry({ alert: '" Backdoor "', server: '" web-01\\t"', reason: '" known "', until: '" 2026-12-31 "' }),
      is: { kind: 'alert', alert: 'Backdoor', server: 'web-01', ...terms },
    },
    {
      name: 'with values that YAML takes for numbers and truth',
      text: entry({ alert: '404', server: '007', reason: 'true', until: terms.until }),
      is: { kind: 'alert', alert: '404', server: '007', reason: 'true', until: terms.until },
    },
    {
      name: 'with a reason over several lines',
      text: '- alert: Backdoor\n  reason: >\n    known\n    and harmless\n  until: 2026-12-31\n',
      is: { kind: 'alert', alert: 'Backdoor', reason: 'known and harmless', until: '2026-12-31' },
    },
    {
      name: 'with a name in Chinese and its case kept',
      text: entry({ ...good, alert: '"后门 (WebShell): a"' }),
      is: { kind: 'alert', alert: '后门 (WebShell): a', ...terms },
    },
  ])('$name', ({ text, is }) => {
    expect(entriesOf(text)).toEqual([{ line: 1, ...is }])
  })

  test('knows its line, and all keep their order', () => {
    const text = `# head\n\n${entry(good)}\n# more\n${entry(goodGap)}${entry({ ...good, alert: 'Aaa' })}`
    expect(entriesOf(text)).toEqual([
      { line: 3, kind: 'alert', alert: 'Backdoor', ...terms },
      { line: 8, kind: 'uncovered', uncovered: 'offline', server: 'web-01', ...terms },
      { line: 12, kind: 'alert', alert: 'Aaa', ...terms },
    ])
  })
})

describe('what an entry needs', () => {
  test.each([
    {
      name: 'no reason',
      text: entry({ ...good, reason: undefined }),
      problems: ['line 1 has no reason: say why this is accepted'],
    },
    {
      name: 'no until',
      text: entry({ ...good, until: undefined }),
      problems: ['line 1 has no until: give the last day on which it is accepted, such as 2026-12-31'],
    },
    {
      name: 'neither alert nor uncovered',
      text: entry({ server: 'web-01', ...terms }),
      problems: ['line 1 has neither alert nor uncovered: say what is accepted'],
    },
    {
      name: 'both alert and uncovered',
      text: entry({ ...good, uncovered: 'offline', server: 'web-01' }),
      problems: ['line 4 has both alert and uncovered: make two entries of it'],
    },
    {
      name: 'a gap without a server',
      text: entry({ ...goodGap, server: undefined }),
      problems: ['line 1 has no server: say which one may be uncovered, by uuid or name (* stands for any characters)'],
    },
    {
      name: 'a gap of a group',
      text: entry({ ...goodGap, uncovered: 'empty' }),
      problems: ['line 1, uncovered: empty is not one of offline, unlicensed, missing, joined'],
    },
    ...['Offline', 'off', 'all', '"*"', 'online'].map((uncovered) => ({
      name: `a gap that is none: ${uncovered}`,
      text: entry({ server: 'web-01', uncovered, ...terms }),
      problems: [
        `line 2, uncovered: ${uncovered.replaceAll('"', '')} is not one of offline, unlicensed, missing, joined`,
      ],
    })),
    {
      name: 'a gap that is none, without a server',
      text: entry({ uncovered: 'empty', ...terms }),
      problems: [
        'line 1, uncovered: empty is not one of offline, unlicensed, missing, joined',
        expect.stringMatching(/^line 1 has no server: /),
      ],
    },
    ...['*', '**', '****', ' * ', '*\\t'].map((star) => ({
      name: `every alert of every server, as ${JSON.stringify(star)}`,
      text: entry({ ...terms, alert: `"${star}"` }),
      problems: ['line 3 accepts every alert of every server: name the alert, or the server'],
    })),
    {
      name: 'nothing at all',
      text: '- {}\n',
      problems: [
        'line 1 has neither alert nor uncovered: say what is accepted',
        'line 1 has no reason: say why this is accepted',
        'line 1 has no until: give the last day on which it is accepted, such as 2026-12-31',
      ],
    },
    {
      name: 'everything wrong at once, by line',
      text: entry({ uncovered: 'nope', alert: 'x', expires: '1', until: 'never' }),
      problems: [
        'line 1 has both alert and uncovered: make two entries of it',
        'line 1 has no reason: say why this is accepted',
        'line 3, expires is not a key of an entry: the keys are alert, uncovered, server, reason, until',
        'line 4, until: never is not a day of the calendar: write it as 2026-12-31',
      ],
    },
  ])('$name is refused', ({ text, problems }) => {
    expect(problemsOf(text)).toEqual(problems)
  })

  test.each(['name', 'Alert', 'alerts', 'servers', 'expires', 'comment', '7', '__proto__', 'constructor', '""'])(
    'the key %s is refused, and named',
    (key) => {
      const shown = key === '""' ? '' : key
      expect(problemsOf(`${entry(good)}  ${key}: 1\n`)).toEqual([
        `line 4, ${shown} is not a key of an entry: the keys are alert, uncovered, server, reason, until`,
      ])
    },
  )

  test.each(['alert', 'server', 'reason', 'until'])(
    'an empty %s is refused once, whatever stands for nothing',
    (key) => {
      for (const nothing of ['', '~', 'null', '""', "'  '", '"\\n"', '[]', '{}', '[a]', '{ a: b }']) {
        expect(problemsOf(entry({ ...good, server: 'web-01', [key]: nothing }))).toEqual([
          expect.stringMatching(new RegExp(`^line \\d, ${key} has no text: give it on the same line$`)),
        ])
      }
    },
  )
  test('an empty uncovered or its empty server is refused once', () => {
    expect(problemsOf(entry({ ...goodGap, uncovered: '' }))).toEqual([
      'line 1, uncovered has no text: give it on the same line',
    ])
    expect(problemsOf(entry({ ...goodGap, server: '' }))).toEqual([
      'line 2, server has no text: give it on the same line',
    ])
  })
  test('an empty server does not make an entry for all of them', () => {
    expect(problemsOf(entry({ ...terms, alert: '"*"', server: '""' }))).toEqual([
      'line 4, server has no text: give it on the same line',
    ])
  })
})

describe('until', () => {
  const until = (day: string, today = '2026-11-24') => problemsOf(entry({ ...good, until: day }), { today })

  test.each([
    { name: 'today', day: '2026-11-24' },
    { name: 'tomorrow', day: '2026-11-25' },
    { name: 'yesterday: expired', day: '2026-11-23' },
    { name: 'long ago', day: '1999-12-31' },
    { name: 'a leap day that was', day: '2024-02-29' },
    { name: 'in 366 days', day: '2027-11-25' },
    { name: 'in quotes', day: '"2026-12-31"' },
  ])('$name may be', ({ day }) => {
    expect(until(day)).toEqual([])
  })
  test.each([
    { name: 'in 367 days', day: '2027-11-26' },
    { name: 'a leap day that will be', day: '2028-02-29' },
    { name: 'the end of days', day: '9999-12-31' },
  ])('$name is too far ahead', ({ day }) => {
    expect(until(day)).toEqual([`line 3, until: ${day} is more than 366 days ahead: nothing is accepted for longer`])
  })
  test('over a leap day 366 days are one year', () => {
    expect(until('2028-12-01', '2027-12-01')).toEqual([])
    expect(until('2028-12-02', '2027-12-01')).toHaveLength(1)
    expect(until('2028-02-29', '2027-12-01')).toEqual([])
  })
  test('what has expired stays in the list', () => {
    expect(entriesOf(entry({ ...good, until: '2026-11-23' }))).toMatchObject([{ until: '2026-11-23' }])
  })
  test.each([
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-04-31',
    '2026-12-00',
    '2026-12-32',
    '2100-02-29',
    '2026-1-1',
    '26-12-31',
    '2026-12',
    '2026',
    '20261231',
    '1798675200',
    '-1',
    '1.5',
    'true',
    'never',
    'tomorrow',
    '31.12.2026',
    '12/31/2026',
    '2026/12/31',
    '2026-12-31T00:00:00Z',
    '2026-12-31 10:00:00',
    '2026-12-31T10:00:00.000+08:00',
    '２０２６-12-31',
    '2026-12-31x',
    '+2026-12-31',
    '2026-12-31, 2027-01-01',
  ])('%s is no day, and shown', (day) => {
    expect(until(day)).toEqual([`line 3, until: ${day} is not a day of the calendar: write it as 2026-12-31`])
  })
})

describe('duplicates', () => {
  test('an alert accepted twice is refused, whatever the reasons and ends', () => {
    expect(problemsOf(`${entry(good)}${entry({ until: '2027-01-01', reason: 'other', alert: 'Backdoor' })}`)).toEqual([
      'line 4 accepts the same as the entry in line 1: keep one of them',
    ])
  })
  test('the keys may stand in another order', () => {
    expect(
      problemsOf(`${entry({ ...good, server: 'a' })}${entry({ server: 'a', ...terms, alert: 'Backdoor' })}`),
    ).toEqual(['line 5 accepts the same as the entry in line 1: keep one of them'])
  })
  test('a third one is held against the first', () => {
    expect(problemsOf(`\n${entry(goodGap)}${entry(goodGap)}${entry(goodGap)}`)).toEqual([
      'line 6 accepts the same as the entry in line 2: keep one of them',
      'line 10 accepts the same as the entry in line 2: keep one of them',
    ])
  })
  test('an expired one counts too', () => {
    expect(problemsOf(`${entry(good)}${entry({ ...good, until: '2026-01-01' })}`)).toHaveLength(1)
  })
  test.each([
    { name: 'another server', second: { ...good, server: 'web-01' } },
    { name: 'another alert', second: { ...good, alert: 'backdoor' } },
    { name: 'a pattern that holds the first', second: { ...good, alert: 'Back*' } },
  ])('$name is none', ({ second }) => {
    expect(problemsOf(`${entry(good)}${entry(second)}`)).toEqual([])
  })
  test('another reason of a gap, or another server, is none', () => {
    const others = [
      { ...goodGap, uncovered: 'unlicensed' },
      { ...goodGap, server: 'web-*' },
    ]
    expect(problemsOf(entry(goodGap) + others.map(entry).join(''))).toEqual([])
  })
  test('they are told with all else, by line', () => {
    const text = `${entry(good)}${entry(good)}${entry({ ...goodGap, until: 'x' })}${entry(good)}`
    expect(problemsOf(text).map((problem) => problem.slice(0, 8))).toEqual(['line 4 a', 'line 10,', 'line 11 '])
  })
})

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
