import fc from 'fast-check'
import { HOSTILE_NAMES } from '../../support/hostile.ts'

/** Text that tries to be more than text, put together from pieces of every grammar that it could be read in. */

/** Pieces by the grammar that gives them a meaning. */
const PIECES: Readonly<Record<string, readonly string[]>> = {
  markdown: [
    '# ',
    '\n\n',
    '\n',
    '- ',
    '1. ',
    '> ',
    '**',
    '__',
    '~~',
    '`',
    '```',
    '~~~',
    '    ',
    '---',
    '===',
    '\\',
    '|',
    '|---|',
    '[',
    '](',
    ')',
    '![',
    '[^1]',
    '[x] ',
    '$$',
    '$',
  ],
  github: [
    '@octocat',
    '@github/security',
    '#1',
    'GH-1',
    'octo/repo#1',
    '5eed0f1a5eed0f1a5eed0f1a5eed0f1a5eed0f1a',
    ':rocket:',
    'www.evil.example',
    'https://evil.example/?a=b',
    'ftp://evil.example',
    'a@evil.example',
    'javascript:alert(1)',
  ],
  html: [
    '<',
    '>',
    '"',
    "'",
    '&',
    '</code>',
    '</td></tr></table>',
    '<p>',
    '<br/>',
    '<img src=x onerror="globalThis.pwned=1">',
    '<script>globalThis.pwned=1</script>',
    '<svg onload="globalThis.pwned=1">',
    '<iframe src="javascript:parent.pwned=1">',
    '<a href="https://evil.example">',
    '<style>*{display:none}</style>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?',
    '?>',
    '<!DOCTYPE',
    '&lt;',
    '&#60;',
    '&#x3c;',
    '&amp;',
    '&nbsp;',
    '&#0;',
    '</details>',
    '</textarea>',
    '<plaintext>',
  ],
  mermaid: [
    '```mermaid',
    '%%{init: {"securityLevel": "loose"}}%%',
    '%%',
    'gantt',
    'section x',
    'graph TD',
    'A-->B',
    'click A href "javascript:alert(1)"',
    ' :crit, 2000-01-01, 1d',
    'end',
    'accTitle: x',
    '"',
    ';',
    'x-axis ["',
    'bar [9]',
  ],
  runner: [
    '::',
    '::error::',
    '::error file=a,line=1::',
    '::add-mask::',
    '::stop-commands::x',
    '::set-output name=verdict::',
    '::warning',
    '##[',
    '##[error]',
    '##[add-mask]',
    '##',
    '#',
    ']',
    '%0A',
    '%0D',
    '%25',
    '%3A',
    '%',
    'EOF',
    '<<EOF',
    'verdict<<ghadelimiter_',
    'verdict=passed',
    'ghadelimiter_00000000-0000-4000-8000-000000000000',
    '$' + '{{ github.token }}',
    '$(id)',
    '`id`',
    '$HOME',
    "'; exit 0 #",
    '\r\n',
  ],
  terminal: [
    '\u001b[31m',
    '\u001b[2J',
    '\u001b]8;;https://evil.example\u0007',
    '\u009b31m',
    '\b',
    '\r',
    '\u0007',
    '\0',
    '\u007f',
    '\t',
    '\v',
    '\f',
  ],
  unicode: [
    '\u200b',
    '\u200d',
    '\u202e',
    '\u2066',
    '\u2069',
    '\ufeff',
    '\u00ad',
    '\u00a0',
    '\u3000',
    '\u2028',
    '\u2029',
    '\u0085',
    '\u3164',
    '\u2800',
    '\u034f',
    '\u0301',
    '\u20dd',
    '\u{e0041}',
    '\u{e0100}',
    '\ufe0f',
    '\u{1f680}',
    '\u{1f1e8}',
    '\ud800',
    '\udc00',
    '\udbff\udfff',
    '\uffff',
    '\ufdd0',
    '\ue000',
    '數',
    'İ',
    'ß',
    'ﬀ',
    '：：',
    '＜',
    '＠',
  ],
  notation: ['⟨', '⟩', '⟨U+200B⟩', '⟨U+', 'U+27E8⟩', '⟨U+D800⟩', '…', '_', '***'],
  data: [
    '{',
    '}',
    '[',
    '{"a":',
    '\\u0000',
    '\\ud800',
    '\\n',
    ',',
    'null',
    'NaN',
    '__proto__',
    'constructor',
    'toString',
    'toJSON',
    '0',
    '-1',
    '1e999',
    'Success',
    'init',
    'serious',
    'uuid',
    'passed',
  ],
  plain: ['web-01', 'a', 'Z', '9', ' ', '  ', '-', '.', '/', '../', '数据库'],
}

const piece = fc.oneof(
  ...Object.values(PIECES).map((pieces) => fc.constantFrom(...pieces)),
  fc.constantFrom(...HOSTILE_NAMES),
  fc.string({ unit: 'binary', maxLength: 3 }),
)

const glued = fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => pieces.join(''))

/** What opens and never closes, or closes what others opened. */
const nested = fc
  .tuple(fc.array(piece, { minLength: 1, maxLength: 4 }), glued)
  .map(([around, inner]) => `${around.join('')}${inner}${[...around].reverse().join('')}`)

/** Around the lengths at which names are cut (120 on pages, 2,000 in the log), and far beyond. */
const long = fc
  .tuple(piece, fc.constantFrom(3, 60, 119, 120, 121, 700, 1_999, 2_001, 20_000), glued)
  .map(([one, times, end]) => `${one.repeat(Math.ceil(times / Math.max(1, one.length)))}${end}`)

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: glued },
  { weight: 2, arbitrary: nested },
  { weight: 1, arbitrary: long },
  { weight: 1, arbitrary: fc.constantFrom(...HOSTILE_NAMES) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }) },
)

/** One that stands for itself: a name of nothing but blanks, or of nothing, is shown by something else. */
export const hostileName: fc.Arbitrary<string> = hostileText.filter((text) => text.trim() !== '')

/** As many characters as a place shows, by the contract of `sentence.ts`; an ellipsis says that there were more. */
export function cut(text: string, most: number): string {
  const characters = [...text]
  return characters.length <= most ? text : `${characters.slice(0, most).join('')}…`
}

/** Reads back what was made visible: `⟨U+200B⟩` is one character, and nothing else is anything but itself. */
export function readBack(shown: string): string {
  return shown.replace(/⟨U\+([0-9A-F]{4,6})⟩/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
}

/**
 * A character that nobody sees, or that moves others: written down from the Unicode standard's lists once more, so that
 * the code's own list is not its own judge.
 */
export const UNSEEN = new RegExp(
  `[${[
    // Controls, the no-break space, the soft hyphen.
    '\\u0000-\\u001f\\u007f-\\u00a0\\u00ad',
    // Fillers, joiners and marks of direction, of scripts and of layout.
    '\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164\\uffa0\\ufeff',
    // Spaces and line separators.
    '\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u2800\\u3000',
    // Variation selectors, specials, tags, surrogates, what is private and what is no character.
    '\\ufe00-\\ufe0f\\ufff0-\\ufffb\\ufffe\\uffff\\ufdd0-\\ufdef\\ud800-\\udfff\\ue000-\\uf8ff\\u{e0000}-\\u{e0fff}\\u{f0000}-\\u{10ffff}',
  ].join('')}]`,
  'u',
)

/** Words with which the cloud means something, so that no foreign text of theirs is shown. */
export const KNOWN = /^(?:init|serious|suspicious|remind|Success|Failed|Processing|uuid|groupId)$/i
