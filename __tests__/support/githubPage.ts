import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5'

type Node = DefaultTreeAdapterTypes.ChildNode

/** A page's structure as text: one line an element or a text, indented. Attributes are part of it. */
export function renderOutline(markdown: string): string {
  const html = micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true })
  return outline(parseFragment(html).childNodes, '').join('\n')
}

function outline(nodes: readonly Node[], indent: string): readonly string[] {
  return nodes.flatMap((node) => {
    if ('value' in node) return node.value.trim() === '' ? [] : [`${indent}${JSON.stringify(node.value)}`]
    if (!('tagName' in node)) return [`${indent}${node.nodeName}`]
    const attributes = node.attrs.map(({ name, value }) => ` ${name}=${JSON.stringify(value)}`).join('')
    return [`${indent}<${node.tagName}${attributes}>`, ...outline(node.childNodes, `${indent}  `)]
  })
}
