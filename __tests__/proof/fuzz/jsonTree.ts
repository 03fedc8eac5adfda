import type { Json } from './replies.ts'
import * as replies from './replies.ts'

/** Strings that were made here are JSON of a tree, or broken. */
export function treeOf(json: string): Json | undefined {
  let at = 0
  const fail = (): never => {
    throw new SyntaxError(`at ${at}`)
  }
  const eat = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const [found] = pattern.exec(json) ?? []
    if (found !== undefined) at += found.length
    return found
  }
  const skip = () => eat(/[ \t\r\n]*/y)
  const string = (): string => JSON.parse(eat(/"(?:[^"\\]|\\.)*"/sy) ?? fail())
  const items = <T>(close: string, item: () => T): T[] => {
    const all: T[] = []
    at += 1
    for (skip(); json[at] !== close; ) {
      if (all.length > 0 && json[at++] !== ',') fail()
      skip()
      all.push(item())
      skip()
    }
    at += 1
    return all
  }
  const value = (): Json => {
    skip()
    if (json[at] === '[') return replies.list(items(']', value))
    if (json[at] === '{') {
      return replies.map(
        items('}', () => {
          const key = string()
          skip()
          if (json[at++] !== ':') fail()
          return [key, value()] as const
        }),
      )
    }
    if (json[at] === '"') return replies.text(string())
    const word = eat(/true|false|null/y)
    if (word !== undefined) return replies.word(word as 'true')
    return replies.number(eat(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y) ?? fail())
  }
  try {
    const tree = value()
    skip()
    return at === json.length ? tree : undefined
  } catch {
    return undefined
  }
}
