/**
 * Foreign text (names, states and messages that come from the cloud, values that come from the workflow) made inert
 * for the places where it is shown. Everything that prints such text goes through one of these functions.
 */

/**
 * What a reader cannot see, or what moves other text about: control and format characters, lone surrogates, private
 * and unassigned ones, line separators, every space but the plain one, default-ignorable ones and the blank Braille
 * pattern.
 */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu

/** Opens our own notation, which must not be forged. */
const OPENING = /\u27e8/g

/** The characters that `reason` may have: none of them means anything to a shell, to Markdown or to an expression. */
const NOT_HARMLESS = /[^A-Za-z0-9 ._:,()/@-]+/g

/** What cannot be seen is shown by its number, such as `⟨U+200B⟩`. Nothing is lost: the notation can be read back. */
export function makeVisible(text: string): string {
  return text.replace(OPENING, notation).replace(INVISIBLE, notation)
}

function notation(character: string): string {
  const number = character.codePointAt(0) ?? 0
  return `⟨U+${number.toString(16).toUpperCase().padStart(4, '0')}⟩`
}

/**
 * For foreign text in a line of the log. A line break is made visible, so that no text can start a line of its own, and
 * the older form of a command, `##[name]`, which the runner takes anywhere.
 */
export function forLog(text: string): string {
  return makeVisible(text).replace(OLDER_COMMAND, notation)
}

const OLDER_COMMAND = /#(?=#\[)/g

/** `::name::` is a command at the start of a line only, whose blanks do not count. */
const COMMAND = /(?<=^\s*):(?=:)/

/** For a whole line of the log: it may start with foreign text, and its parts may come to a command together. */
export function forLogLine(line: string): string {
  return line.replace(OLDER_COMMAND, notation).replace(COMMAND, notation)
}

/** For `reason` and `error-code`, which workflows paste into scripts. */
export function forReason(text: string): string {
  return text.replace(NOT_HARMLESS, '_')
}

/**
 * For HTML in the job summary. Only for text inside an HTML block, where GitHub reads no Markdown; foreign text stands
 * in `<code>` besides, where GitHub looks for no mention, link, issue number or emoji either.
 */
export function forHtml(text: string): string {
  return makeVisible(text).replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
}

/** For JSON outputs: the same data, with what cannot be seen written as `\u…`. */
export function forJson(json: string): string {
  return json.replace(INVISIBLE, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  )
}

/** The first `most` characters, with an ellipsis where something was cut. */
export function shorten(text: string, most: number): string {
  const characters = Array.from(text.slice(0, most * 2 + 2))
  return characters.length <= most ? text : `${characters.slice(0, most).join('')}…`
}
