import { type Sentence, toHtml } from './sentence.ts'

/**
 * Blocks of HTML for GitHub's pages: job summaries, issues, comments. None has an empty line in it, so that GitHub
 * reads no Markdown in what is foreign. Everything that does not fit is counted instead.
 */

/** How much of a table or list is shown. */
export interface Room {
  readonly rows: number
  /** Of UTF-8. */
  readonly bytes: number
}

export function paragraph(sentence: Sentence): string {
  return `<p>${toHtml(sentence)}</p>`
}

/** `what` names the rows, after a number: `alerts`. */
export function table(
  heads: readonly string[],
  rows: readonly (readonly Sentence[])[],
  what: string,
  room: Room,
): string {
  const head = `<tr>${heads.map((text) => `<th>${text}</th>`).join('')}</tr>`
  const body = fitting(rows, (cells) => `<tr>${cells.map((cell) => `<td>${toHtml(cell)}</td>`).join('')}</tr>`, room)
  const rest = rows.length - body.length
  const foot = rest === 0 ? [] : [`<tr><td colspan="${heads.length}">and ${rest} more ${what}</td></tr>`]
  return ['<table>', head, ...body, ...foot, '</table>'].join('\n')
}

/** A table of one row, as a strip of figures: what each is called, and what it is. */
export function factTable(facts: readonly (readonly [head: string, fact: Sentence])[]): string {
  const heads = facts.map(([head]) => `<th>${head}</th>`)
  const cells = facts.map(([, fact]) => `<td>${toHtml(fact)}</td>`)
  return `<table>\n<tr>${heads.join('')}</tr>\n<tr>${cells.join('')}</tr>\n</table>`
}

/** A block that is closed until somebody opens it. `title` is ours. */
export function details(title: string, block: string): string {
  return `<details>\n<summary>${title}</summary>\n${block}\n</details>`
}

export function list(sentences: readonly Sentence[], tag: 'ol' | 'ul', room: Room): string {
  const items = fitting(sentences, (sentence) => `<li>${toHtml(sentence)}</li>`, room)
  const rest = sentences.length - items.length
  return `<${tag}>${items.join('')}${rest === 0 ? '' : `<li>and ${rest} more</li>`}</${tag}>`
}

/** The first things that fit into one block, as HTML. */
function fitting<T>(things: readonly T[], toText: (thing: T) => string, room: Room): readonly string[] {
  const texts: string[] = []
  let bytes = 0
  for (const thing of things.slice(0, room.rows)) {
    const text = toText(thing)
    bytes += Buffer.byteLength(text)
    if (bytes > room.bytes) break
    texts.push(text)
  }
  return texts
}
