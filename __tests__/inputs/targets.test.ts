import { everything, listed, problemsOf, read, UUID, uuids, waitForOf } from '../support/waitForReading.ts'

/** `targets`: what a line may be, and what is wrong with one. */

describe('a line of targets', () => {
  test.each([
    { name: 'a server by uuid', line: `uuid:${UUID}`, means: ['uuid', UUID] },
    { name: 'a uuid in capitals', line: `uuid:${UUID.toUpperCase()}`, means: ['uuid', UUID.toUpperCase()] },
    { name: 'a uuid of one character', line: 'uuid:a', means: ['uuid', 'a'] },
    { name: 'a uuid of 64 characters', line: `uuid:${'f'.repeat(64)}`, means: ['uuid', 'f'.repeat(64)] },
    { name: 'an instance', line: 'instance:i-bp1a2b3c4d5e6f7g8h9i', means: ['instance', 'i-bp1a2b3c4d5e6f7g8h9i'] },
    { name: 'an instance of another cloud', line: 'instance:ins_1.A-b', means: ['instance', 'ins_1.A-b'] },
    { name: 'an instance of 128', line: `instance:${'i'.repeat(128)}`, means: ['instance', 'i'.repeat(128)] },
    { name: 'a server by name', line: 'host:web-01', means: ['host', 'web-01'] },
    { name: 'a group by name', line: 'group:web servers', means: ['group', 'web servers'] },
    { name: 'a group by id', line: 'group-id:8834', means: ['group-id', '8834'] },
    { name: 'the largest group id', line: 'group-id:9223372036854775807', means: ['group-id', '9223372036854775807'] },
    { name: 'spaces around everything', line: '  host \t:  web-01  ', means: ['host', 'web-01'] },
    { name: 'spaces in the middle of a name stay', line: 'host: a  b ', means: ['host', 'a  b'] },
    { name: 'the word in capitals', line: 'HOST:Web-01', means: ['host', 'Web-01'] },
    { name: 'a hyphenated word in mixed case', line: 'Group-ID:7', means: ['group-id', '7'] },
    { name: 'colons in a name', line: 'host:a:b::c:', means: ['host', 'a:b::c:'] },
    { name: 'a name that looks like another line', line: 'host:uuid:7', means: ['host', 'uuid:7'] },
    { name: 'a name that is the word all', line: 'group:all', means: ['group', 'all'] },
    { name: 'a name in Chinese', line: 'group:数据库-主机', means: ['group', '数据库-主机'] },
    { name: 'a name with a symbol outside the first plane', line: 'host:🚀', means: ['host', '🚀'] },
    { name: 'quotes belong to the name', line: `host:"web" 'x'`, means: ['host', `"web" 'x'`] },
    { name: 'commas belong to the name', line: 'host:a, host:b', means: ['host', 'a, host:b'] },
    { name: 'a hash belongs to the name', line: 'group:web # prod', means: ['group', 'web # prod'] },
    { name: 'a name of 256 characters', line: `host:${'n'.repeat(256)}`, means: ['host', 'n'.repeat(256)] },
    { name: 'a group of 256 characters', line: `group:${'n'.repeat(256)}`, means: ['group', 'n'.repeat(256)] },
  ] as const)('$name', ({ line, means }) => {
    expect(waitForOf({ targets: line })).toEqual(listed(means))
  })

  test.each([
    { name: 'no word', line: 'web-01', problem: /^web-01 is not a target: each line is all, or uuid:, / },
    { name: 'an unknown word', line: 'server:web-01', problem: /^server:web-01 is not a target: / },
    { name: 'a misspelt word', line: 'group_id:7', problem: /^group_id:7 is not a target: / },
    { name: 'a word of the language', line: 'constructor:x', problem: /^constructor:x is not a target: / },
    { name: 'a colon alone', line: ':', problem: /^: is not a target: / },
    { name: 'a colon first', line: ':web-01', problem: /^:web-01 is not a target: / },
    { name: 'an equals sign', line: 'host=web-01', problem: /^host=web-01 is not a target: / },
    { name: 'a colon of another script', line: 'host：web-01', problem: /^host：web-01 is not a target: / },
    { name: 'a list of YAML', line: '- host:web-01', problem: /^- host:web-01 is not a target: / },
    { name: 'all with a colon', line: 'all:', problem: /^all: is not a target: / },
    { name: 'a word without a colon', line: 'uuid', problem: /^uuid is not a target: / },
    { name: 'an empty uuid', line: 'uuid:', problem: /^uuid: names nothing after the colon: each line is / },
    { name: 'an empty instance', line: 'instance:', problem: /^instance: names nothing after the colon/ },
    { name: 'an empty name', line: 'host: ', problem: /^host: names nothing after the colon/ },
    { name: 'an empty group', line: 'group:\t', problem: /^group: names nothing after the colon/ },
    { name: 'an empty group id', line: 'group-id:', problem: /^group-id: names nothing after the colon/ },
    ...['a b', 'a_b', 'a.b', '{a}', '"a"', 'a,uuid:b', 'a;rm', 'a/b', 'ä', 'ａ', '١', 'a\u200b', 'a\u0000', '*'].map(
      (uuid) => ({
        name: `a stray character: ${JSON.stringify(uuid)}`,
        line: `uuid:${uuid}`,
        problem: /a server uuid/,
      }),
    ),
    { name: 'a uuid of 65 characters', line: `uuid:${'f'.repeat(65)}`, problem: /1 to 64 letters, digits and hyphens/ },
    { name: 'an instance with a space', line: 'instance:i-1 i-2', problem: /is not an instance id/ },
    { name: 'an instance with a slash', line: 'instance:ecs/i-1', problem: /is not an instance id/ },
    { name: 'an instance of 129', line: `instance:${'i'.repeat(129)}`, problem: /is not an instance id/ },
    ...['web', '0', '007', '-7', '+7', '7.0', '1e3', '0x7', '７', '9223372036854775808', '7 8'].map((id) => ({
      name: `a group id that is none: ${id}`,
      line: `group-id:${id}`,
      problem: /is not a group id: that is a whole number above 0/,
    })),
    { name: 'a host of 257 characters', line: `host:${'n'.repeat(257)}`, problem: /is longer than any name can be/ },
    { name: 'a group of 257 characters', line: `group:${'n'.repeat(257)}`, problem: /is longer than any name can be/ },
  ])('$name is refused, and shown', ({ line, problem }) => {
    const reading = read({ targets: line })
    if (reading.kind === 'ok') throw new Error('it was taken')
    expect(reading.problems).toEqual([{ name: 'targets', value: line.trim(), text: expect.any(String) }])
    expect(`${reading.problems[0]?.value} ${reading.problems[0]?.text}`).toMatch(problem)
  })

  test.each(['uuid', 'instance', 'host', 'group', 'group-id'])('the help for a bad line names %s:', (word) => {
    expect(problemsOf({ targets: 'nonsense' })).toEqual([expect.stringContaining(` ${word}:`)])
  })
})

describe('the lines of targets', () => {
  test('keep their order, whatever they name', () => {
    const text = 'group:b\nuuid:a\nhost:c\ngroup-id:1\ninstance:i-1'
    expect(waitForOf({ targets: text })).toEqual(
      listed(['group', 'b'], ['uuid', 'a'], ['host', 'c'], ['group-id', '1'], ['instance', 'i-1']),
    )
  })
  test.each([
    { name: 'line feeds', text: 'uuid:a\nhost:b' },
    { name: 'the line breaks of Windows', text: 'uuid:a\r\nhost:b\r\n' },
    { name: 'the line breaks of old Macs', text: 'uuid:a\rhost:b\r' },
    { name: 'blank lines between and around', text: '\n\nuuid:a\n \n\t\nhost:b\n\n' },
    { name: 'lines that are indented', text: '   uuid:a\n\t\thost:b' },
    { name: 'a repeated line', text: 'uuid:a\nhost:b\nuuid:a\nhost:b' },
    { name: 'a line repeated with other spaces around it', text: 'uuid:a\n  uuid:a  \r\nhost:b' },
  ])('$name', ({ text }) => {
    expect(waitForOf({ targets: text })).toEqual(listed(['uuid', 'a'], ['host', 'b']))
  })
  test('names that differ in case only are two', () => {
    expect(waitForOf({ targets: 'host:Web\nhost:web' })).toEqual(listed(['host', 'Web'], ['host', 'web']))
  })
  test('spaces do not split a line', () => {
    expect(problemsOf({ targets: 'uuid:a uuid:b' })).toEqual([expect.stringMatching(/^targets: uuid:a uuid:b is not/)])
  })

  test('may be 1,000', () => {
    expect(waitForOf({ targets: uuids(1_000).join('\n') })).toMatchObject({
      wanted: { lines: Array.from({ length: 1_000 }, (_, i) => ({ word: 'uuid', name: `u-${i + 1}` })) },
    })
  })
  test('may be more when what is repeated counts once', () => {
    expect(problemsOf({ targets: [...uuids(1_000), ...uuids(1_000)].join('\n') })).toEqual([])
  })
  test('may not be 1,001', () => {
    expect(problemsOf({ targets: uuids(1_001).join('\n') })).toEqual([
      expect.stringMatching(/^targets has 1001 lines, at most 1000 are allowed: name a server group/),
    ])
  })
  test('that are too many and bad are both said', () => {
    expect(problemsOf({ targets: [...uuids(1_000), 'nonsense'].join('\n') })).toEqual([
      expect.stringMatching(/^targets: nonsense is not a target/),
      expect.stringMatching(/^targets has 1001 lines/),
    ])
  })

  test('that are bad are named one by one, in order', () => {
    expect(problemsOf({ targets: 'x\nuuid:a\ny\nhost:\nuuid:ü' })).toEqual([
      expect.stringMatching(/^targets: x is not a target/),
      expect.stringMatching(/^targets: y is not a target/),
      expect.stringMatching(/^targets: host: names nothing/),
      expect.stringMatching(/^targets: uuid:ü is not a server uuid/),
    ])
  })
  test('five bad ones are all named', () => {
    const problems = problemsOf({ targets: 'a\nb\nc\nd\ne' })
    expect(problems.map((problem) => problem.slice(0, 10))).toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((line) => `targets: ${line}`),
    )
  })
  test('more than five bad ones are counted after the fifth', () => {
    const problems = problemsOf({ targets: 'a\nb\nuuid:good\nc\nd\ne\nf\ng' })
    expect(problems).toHaveLength(6)
    expect(problems[4]).toMatch(/^targets: e /)
    expect(problems[5]).toBe('targets has 2 more lines that are no targets')
  })
})

describe('all', () => {
  test.each(['all', 'ALL', ' All ', 'all\nall', 'all\r\nALL\n\nAll\n', '\n\tall\n'])(
    '%j means every server group',
    (text) => {
      expect(waitForOf({ targets: text })).toEqual(everything)
    },
  )
  test.each([
    { name: 'before another line', text: 'all\nuuid:a', shown: 'all' },
    { name: 'after another line', text: 'uuid:a\nall', shown: 'all' },
    { name: 'in capitals', text: 'uuid:a\nALL\nhost:b', shown: 'ALL' },
    { name: 'twice', text: 'all\nuuid:a\nALL', shown: 'all' },
  ])('$name beside others is refused once', ({ text, shown }) => {
    expect(problemsOf({ targets: text })).toEqual([
      `targets: ${shown} stands beside other lines: all means every server group, alone`,
    ])
  })
  test('beside a bad line is refused with it', () => {
    expect(problemsOf({ targets: 'nonsense\nall' })).toEqual([
      expect.stringMatching(/^targets: all stands beside/),
      expect.stringMatching(/^targets: nonsense is not a target/),
    ])
  })
  test('beside a thousand lines does not count as one of them', () => {
    expect(problemsOf({ targets: [...uuids(1_000), 'all'].join('\n') })).toEqual([
      expect.stringMatching(/^targets: all stands beside/),
    ])
  })
  test.each(['al', 'alle', '*', 'all groups', 'all,', 'a l l'])('%s is not all', (text) => {
    expect(problemsOf({ targets: text })).toEqual([expect.stringMatching(/ is not a target: each line is all, /)])
  })
})
