import { forHtml, forLog, forLogLine, forReason, shorten } from './escape.ts'

/** Text for a person, with foreign text kept apart from our own until it is known where it will be shown. */
export type Sentence = readonly Part[]
type Part = { readonly own: string; readonly isCode?: true; readonly href?: string } | { readonly foreign: string }

/** In `reason` and the summary a name is cut at this many characters; the log has it in full, up to its own limit. */
const LONGEST_NAME = 120
/** No line of the log is of use beyond this; GitHub's pages cut there as well. */
const LONGEST_NAME_IN_LOG = 2_000

/** How many names a sentence lists before it counts the rest. */
const MOST_LISTED = 5

/** Builds a sentence. Interpolated strings are foreign unless `own` says otherwise; numbers and sentences are ours. */
export function say(texts: TemplateStringsArray, ...values: readonly (string | number | Sentence)[]): Sentence {
  return texts.flatMap((text, i): Part[] => {
    const value = values[i]
    const parts = text === '' ? [] : [{ own: text }]
    if (value === undefined) return parts
    if (typeof value === 'number') return [...parts, { own: String(value) }]
    return typeof value === 'string' ? [...parts, { foreign: value }] : [...parts, ...value]
  })
}

/** Marks a string as our own: a constant of this code, or digits. */
export function own(text: string): Sentence {
  return [{ own: text }]
}

/** Our own text that is to be copied as it stands, such as a policy. */
export function code(text: string): Sentence {
  return [{ own: text, isCode: true }]
}

/** Our own text that leads to a page of ours: the address is a constant of this code, or the runner's. */
export function link(text: string, href: string): Sentence {
  return [{ own: text, href }]
}

export function join(sentences: readonly Sentence[], separator: string): Sentence {
  return sentences.flatMap((sentence, i): Part[] => (i === 0 ? [...sentence] : [{ own: separator }, ...sentence]))
}

/** The first few names, and how many more there are. */
export function listed(names: readonly Sentence[]): Sentence {
  const shown = join(names.slice(0, MOST_LISTED), ', ')
  return names.length <= MOST_LISTED ? shown : say`${shown} and ${names.length - MOST_LISTED} more`
}

export function toLog(sentence: Sentence): string {
  const texts = sentence.map((part) => {
    if ('foreign' in part) return forLog(shorten(part.foreign, LONGEST_NAME_IN_LOG))
    return part.href === undefined ? part.own : `${part.own} (${part.href})`
  })
  return forLogLine(texts.join(''))
}

export function toReason(sentence: Sentence): string {
  return sentence.map((part) => forReason('own' in part ? part.own : shorten(part.foreign, LONGEST_NAME))).join('')
}

/** For an HTML block; see `forHtml`. */
export function toHtml(sentence: Sentence): string {
  return sentence
    .map((part) => {
      if ('foreign' in part) return `<code>${forHtml(shorten(part.foreign, LONGEST_NAME))}</code>`
      if (part.href !== undefined) return `<a href="${forHtml(part.href)}">${forHtml(part.own)}</a>`
      return part.isCode ? `<code>${forHtml(part.own)}</code>` : forHtml(part.own)
    })
    .join('')
}
