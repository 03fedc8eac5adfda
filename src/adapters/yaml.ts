import {
  Composer,
  CST,
  type ErrorCode,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Pair,
  type ParsedNode,
  Parser,
  type Scalar,
  type YAMLError,
} from 'yaml'
import type { LineProblem, YamlEntry, YamlNode } from '../inputs/allowList.ts'

/**
 * Turns a text in YAML into plain nodes that know their lines. The only file that knows the package `yaml`. What lets
 * a text mean something else than it shows (anchors, tags, merge keys, repeated keys) is refused, and no problem
 * repeats the text: whoever wrote it would write into the log.
 */

/** The node is undefined when the text is empty, comments aside. */
export type YamlReading = { readonly node: YamlNode | undefined } | { readonly problems: readonly LineProblem[] }

const DEEPEST = 10

/** No list for people is that long. The package takes longer than the text grows where empty lines and comments mix. */
const MOST_LINES = 20_000

/** More would not help a reader. */
const MOST_PROBLEMS = 20

const ANCHORS = 'anchors and aliases are not allowed here: write the value out, or put quotes around it'
const KEY = 'a key must be a plain word: put quotes around it'
const MERGE_KEY = 'merge keys (<<) are not allowed here: write the entries out'
const REPEATED_KEY = 'this key stands twice in the same map: remove one of the two'
const SECOND_DOCUMENT = 'a second document is not allowed here: remove the line with --- and what follows'
const TOO_DEEP = `nested deeper than ${DEEPEST} levels`
const TOO_LONG = `more than ${MOST_LINES} lines`
const UNREADABLE = 'not readable as YAML'

const REFUSED_TOKENS: Partial<Record<CST.TokenType, string>> = {
  alias: ANCHORS,
  anchor: ANCHORS,
  'directive-line': 'directives (lines that start with %) are not allowed here: remove the line',
  tag: 'tags (words that start with !) are not allowed here: remove the tag, or put quotes around the value',
}

/** Where the package's words would repeat the text, or say nothing to whoever wrote it. */
const WORDS: Partial<Record<ErrorCode, string>> = {
  BAD_SCALAR_START: 'a value that starts with this character needs quotes',
  BLOCK_AS_IMPLICIT_KEY: 'not a key and a value: put quotes around a value that holds a colon and a space',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line',
  BAD_DQ_ESCAPE: 'unknown escape in double quotes: write a backslash twice, or use single quotes',
  TAB_AS_INDENT: 'a tab is not allowed as indentation: use spaces',
}

/** Never throws, never prints, and takes about a second for 256 KiB of anything. */
export function readYaml(text: string): YamlReading {
  try {
    return quietly(() => read(text))
  } catch {
    return { problems: [{ line: 1, text: UNREADABLE }] }
  }
}

/** With these variables, which a workflow may well have for itself, the package prints whatever it reads. */
const PRINTING = ['LOG_STREAM', 'LOG_TOKENS']

/** Also without stack traces, of which the package makes one an error: thousands would take seconds, nobody reads them. */
function quietly<T>(work: () => T): T {
  const { stackTraceLimit } = Error
  const variables = PRINTING.map((name) => [name, process.env[name]] as const)
  try {
    Error.stackTraceLimit = 0
    for (const name of PRINTING) delete process.env[name]
    return work()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    for (const [name, value] of variables) if (value !== undefined) process.env[name] = value
  }
}

function read(text: string): YamlReading {
  if (text.split('\n').length > MOST_LINES) return refuse([{ line: MOST_LINES + 1, text: TOO_LONG }])
  const lines = new LineCounter()
  const parsed = parse(text, lines)
  if (parsed.problems.length > 0) return refuse(parsed.problems)
  // Repeated keys are found below: the package compares each key with each.
  const composer = new Composer({ version: '1.2', uniqueKeys: false })
  const [document, second] = composer.compose(parsed.tokens, true, text.length)
  if (document === undefined) return { problems: [{ line: 1, text: UNREADABLE }] }
  const problems = [...document.errors, ...document.warnings].map((error) => problemOf(error, lines))
  if (second !== undefined) problems.push({ line: lineAt(second.range[0], lines), text: SECOND_DOCUMENT })
  if (problems.length > 0) return refuse(problems)
  return translate(document.contents, lines)
}

interface Parsed {
  readonly tokens: readonly CST.Token[]
  readonly problems: readonly LineProblem[]
}

/** Token by token, so that what is refused costs nothing: no alias is looked up, no tower is built. */
function parse(text: string, lines: LineCounter): Parsed {
  const tokens: CST.Token[] = []
  const problems: LineProblem[] = []
  const parser = new Parser(lines.addNewLine)
  lines.addNewLine(0)
  let isContent = false
  for (const lexeme of new Lexer().lex(text)) {
    const { offset } = parser
    const refused = isContent ? undefined : REFUSED_TOKENS[CST.tokenType(lexeme) ?? 'space']
    // The lexer says when the text of a scalar comes next, which may look like anything.
    isContent = !isContent && lexeme === CST.SCALAR
    tokens.push(...parser.next(lexeme))
    const line = lineAt(offset, lines)
    if (refused !== undefined) problems.push({ line, text: refused })
    // The stack holds what was begun: the document, the collections in it, and the scalar at hand.
    if (parser.stack.filter(CST.isCollection).length > DEEPEST) {
      return { tokens, problems: [...problems, { line, text: TOO_DEEP }] }
    }
  }
  tokens.push(...parser.end())
  return { tokens, problems }
}

/** From the package's nodes to the house's. */
function translate(contents: ParsedNode | null, lines: LineCounter): YamlReading {
  if (contents === null || (isScalar(contents) && contents.source === '' && contents.type === 'PLAIN')) {
    return { node: undefined }
  }
  const translation = new Translation(lines)
  const node = translation.node(contents, 1)
  return translation.problems.length > 0 ? refuse(translation.problems) : { node }
}

class Translation {
  readonly problems: LineProblem[] = []
  readonly #lines: LineCounter

  constructor(lines: LineCounter) {
    this.#lines = lines
  }

  node(node: ParsedNode, depth: number): YamlNode {
    const line = lineAt(node.range[0], this.#lines)
    if (isScalar(node)) return { kind: 'scalar', value: plainValue(node), line }
    // Seen while parsing too, but for the maps that stand in a list without braces: [key: value].
    if (depth > DEEPEST) return this.#refused(line, TOO_DEEP)
    if (isMap(node)) return { kind: 'map', entries: this.#entries(node.items, depth), line }
    if (isSeq(node))
      return { kind: 'list', items: node.items.map((item) => this.node(item as ParsedNode, depth + 1)), line }
    return this.#refused(line, ANCHORS)
  }

  #entries(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], depth: number): readonly YamlEntry[] {
    const seen = new Set<string>()
    return pairs.map((pair) => {
      const line = lineAt(pair.key.range[0], this.#lines)
      const key = this.#key(pair.key, line)
      if (seen.has(key)) this.#refused(line, REPEATED_KEY)
      seen.add(key)
      const value = pair.value === null ? nothing(line) : this.node(pair.value, depth + 1)
      return { key, line, value }
    })
  }

  #key(key: ParsedNode, line: number): string {
    const value = isScalar(key) ? plainValue(key) : null
    if (value === '<<') this.#refused(line, MERGE_KEY)
    if (typeof value !== 'string' && typeof value !== 'number') this.#refused(line, KEY)
    return String(value)
  }

  /** What comes back only fills the place: with a problem there will be no node. */
  #refused(line: number, text: string): YamlNode {
    this.problems.push({ line, text })
    return nothing(line)
  }
}

function nothing(line: number): YamlNode {
  return { kind: 'scalar', value: null, line }
}

/** A number counts as one if nothing gets lost: 007, 1.10 or a digit too many stay as they are written. */
function plainValue({ value, source }: Scalar.Parsed): string | number | boolean | null {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  const isWhole = typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER && String(value) === source
  return isWhole ? value : source
}

function problemOf(error: YAMLError, lines: LineCounter): LineProblem {
  return { line: lineAt(error.pos[0], lines), text: WORDS[error.code] ?? plain(error.message) }
}

/** The package's own words, without what it puts after a colon: a piece of the text. */
function plain(message: string): string {
  const words = message.replace(/(?<=\w):[\s\S]*/, '')
  return words.charAt(0).toLowerCase() + words.slice(1)
}

function lineAt(offset: number, lines: LineCounter): number {
  return lines.linePos(offset).line
}

/** Of each line the first problem: what follows it there is mostly its echo. */
function refuse(problems: readonly LineProblem[]): YamlReading {
  const inOrder = [...problems].sort((a, b) => a.line - b.line)
  const firsts = inOrder.filter(({ line }, index) => line !== inOrder[index - 1]?.line)
  return { problems: firsts.slice(0, MOST_PROBLEMS) }
}
