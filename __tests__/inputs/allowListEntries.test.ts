import { entriesOf, entry, good, goodGap, problemsOf, terms } from '../support/allowListText.ts'

/** The entries of the allow-list, or what is wrong in which line. */

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
