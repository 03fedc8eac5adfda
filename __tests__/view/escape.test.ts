import fc from 'fast-check'
import { forHtml, forJson, forLog, forReason, makeVisible, shorten } from '../../src/view/escape.ts'
import { HOSTILE_NAMES } from '../support/hostile.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(...HOSTILE_NAMES),
)

/** Reads the notation back. */
const readBack = (text: string) =>
  text.replace(/⟨U\+([0-9A-F]+)⟩/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))

test.each([
  ['plain host-01.example', 'plain host-01.example'],
  ['数据库 Ünïcödé 🚀', '数据库 Ünïcödé 🚀'],
  ['a\nb', 'a⟨U+000A⟩b'],
  ['a\u200bb', 'a⟨U+200B⟩b'],
  ['a\u202eb', 'a⟨U+202E⟩b'],
  ['a\u00a0b', 'a⟨U+00A0⟩b'],
  ['a\u{e0041}b', 'a⟨U+E0041⟩b'],
  ['a\ud800b', 'a⟨U+D800⟩b'],
  ['⟨U+200B⟩', '⟨U+27E8⟩U+200B⟩'],
])('%j becomes %j', (text, visible) => {
  expect(makeVisible(text)).toBe(visible)
})

test('what was made visible can be read back, whatever it was', () => {
  fc.assert(
    fc.property(anyText, (text) => expect(readBack(makeVisible(text))).toBe(text)),
    { seed: 1 },
  )
})

test('nothing invisible is left, and no line break', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(makeVisible(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u)
    }),
    { seed: 1 },
  )
})

test('in a log line no command of the older form is left', () => {
  expect(forLog('a ##[error]b ###[x] #[ok] ##')).toBe('a ⟨U+0023⟩#[error]b #⟨U+0023⟩#[x] #[ok] ##')
  fc.assert(
    fc.property(anyText, (text) => expect(forLog(`${text}##[error]`)).not.toContain('##[')),
    { seed: 1 },
  )
})

test('a reason has harmless characters only', () => {
  expect(forReason('Paused™ at <https://x>; $(id) `id` "q"')).toBe('Paused_ at _https://x_ _(id) _id_ _q_')
  fc.assert(
    fc.property(anyText, (text) => expect(forReason(text)).toMatch(/^[A-Za-z0-9 ._:,()/@-]*$/)),
    { seed: 1 },
  )
})

test('HTML keeps no character that could open or close anything', () => {
  fc.assert(
    fc.property(anyText, (text) => expect(forHtml(text).replaceAll(/&#\d+;/g, '')).not.toMatch(/[<>&"'\n]/)),
    { seed: 1 },
  )
})

test('JSON stays the same data, in visible characters', () => {
  fc.assert(
    fc.property(fc.jsonValue(), anyText, (value, text) => {
      const json = forJson(JSON.stringify([value, text]))
      expect(JSON.parse(json)).toEqual([JSON.parse(JSON.stringify(value)), text])
      expect(json).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u)
    }),
    { seed: 1 },
  )
})

test('long text is cut at whole characters', () => {
  expect(shorten('🚀'.repeat(5), 5)).toBe('🚀'.repeat(5))
  expect(shorten('🚀'.repeat(6), 5)).toBe(`${'🚀'.repeat(5)}…`)
  expect(shorten('', 5)).toBe('')
})
