import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { type DefaultTreeAdapterTypes, parseFragment, serialize } from 'parse5'

/** What GitHub makes of a summary: GitHub-flavoured Markdown to HTML, of which only harmless elements are left. */

type Node = DefaultTreeAdapterTypes.ChildNode

/** A page's structure as text: one line an element or a text, indented. Attributes are part of it. */
export function renderOutline(markdown: string): string {
  return outline(parseFragment(toHtml(markdown)).childNodes, '').join('\n')
}

/** The HTML that reaches a reader's browser. */
export function renderHtml(markdown: string): string {
  const fragment = parseFragment(toHtml(markdown))
  fragment.childNodes = sanitise(fragment.childNodes)
  return serialize(fragment)
}

function toHtml(markdown: string): string {
  return micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true })
}

function outline(nodes: readonly Node[], indent: string): readonly string[] {
  return nodes.flatMap((node) => {
    if ('value' in node) return node.value.trim() === '' ? [] : [`${indent}${JSON.stringify(node.value)}`]
    if (!('tagName' in node)) return [`${indent}${node.nodeName}`]
    const attributes = node.attrs.map(({ name, value }) => ` ${name}=${JSON.stringify(value)}`).join('')
    return [`${indent}<${node.tagName}${attributes}>`, ...outline(node.childNodes, `${indent}  `)]
  })
}

/**
 * Elements and attributes that GitHub lets through, as far as a summary could have them. Source: the allow-list of
 * GitHub's `html-pipeline` (its sanitisation filter).
 */
const ELEMENTS =
  'h1 h2 h3 h4 h5 h6 br b i strong em a pre code img tt div ins del sup sub p picture ol ul table thead tbody tfoot blockquote dl dt dd kbd q samp var hr s strike li tr td th summary details caption figure figcaption abbr cite mark small source span time wbr'.split(
    ' ',
  )
const ATTRIBUTES =
  'href src srcset media align alt cite color colspan datetime height open rowspan start title width'.split(' ')
const ADDRESSES = /^(?:https?:|mailto:|[^:]*$)/i

function sanitise(nodes: readonly Node[]): Node[] {
  return nodes.flatMap((node) => {
    if (node.nodeName === '#text') return [node]
    if (!('tagName' in node) || ['script', 'style'].includes(node.tagName)) return []
    node.childNodes = sanitise(node.childNodes)
    if (!ELEMENTS.includes(node.tagName)) return node.childNodes
    node.attrs = node.attrs.filter(
      ({ name, value }) =>
        (ATTRIBUTES.includes(name) && (!['href', 'src'].includes(name) || ADDRESSES.test(value))) ||
        // GitHub takes the language of a code block from here.
        (node.tagName === 'code' && name === 'class' && value === 'language-mermaid'),
    )
    return [node]
  })
}

export const SCHEMES = ['light', 'dark'] as const
export type Scheme = (typeof SCHEMES)[number]

/** Colours as GitHub has them in its two standard schemes. */
const COLOURS: Readonly<Record<Scheme, string>> = {
  light:
    '--text: #1f2328; --page: #ffffff; --line: #d1d9e0; --band: #f6f8fa; --code: #818b981f; --link: #0969da; color-scheme: light',
  dark: '--text: #f0f6fc; --page: #0d1117; --line: #3d444d; --band: #151b23; --code: #656c7633; --link: #4493f8; color-scheme: dark',
}

/** A page with nothing in it yet, that looks like GitHub's in what matters: sizes, tables, code, colours. */
export function emptyPage(scheme: Scheme): string {
  return `<!doctype html><meta charset="utf-8"><title>Job summary</title><style>
:root { ${COLOURS[scheme]} }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 "Noto Sans", Helvetica, Arial, sans-serif }
article { box-sizing: border-box; width: 960px; padding: 8px 32px 24px }
h2, h3 { margin: 24px 0 16px; font-weight: 600; line-height: 1.25 }
h2 { font-size: 24px; padding-bottom: 7px; border-bottom: 1px solid var(--line) }
h3 { font-size: 20px }
p, ol, ul, table, details, .diagram { margin: 0 0 16px }
ol, ul { padding-left: 32px }
li + li { margin-top: 4px }
a { color: var(--link) }
code { padding: 3px 6px; border-radius: 6px; background: var(--code); font: 85% "Liberation Mono", Menlo, monospace; overflow-wrap: break-word; white-space: break-spaces }
table { display: block; width: max-content; max-width: 100%; overflow: auto; border-collapse: collapse; font-variant: tabular-nums }
th, td { padding: 6px 13px; border: 1px solid var(--line) }
th { font-weight: 600 }
tr { background: var(--page) }
tr:nth-child(2n) { background: var(--band) }
summary { cursor: pointer }
details > table { margin-top: 8px }
.badge { vertical-align: -3px }
</style><article></article>`
}
