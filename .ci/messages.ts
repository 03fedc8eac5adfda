import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

/**
 * The texts that users see, read out of the sources with TypeScript's parser: every literal in which two words stand side
 * by side is one, whoever uses it. So none is left out because nobody thought of it.
 */

export interface Message {
  /** Below src. */
  readonly file: string
  /** `{…}` stands for a value, `[…]` for what may be left out, `(… | …)` for one of several. */
  readonly text: string
}

/** Every text of the action's sources; the emulator is another program. `root` is the folder that src is in. */
export function messagesIn(root: string): readonly Message[] {
  const src = path.join(root, 'src')
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !file.startsWith('emulator/'))
    .sort()
  return files.flatMap((file) =>
    [...new Set(textsOf(readFileSync(path.join(src, file), 'utf8')))].map((text) => ({ file, text })),
  )
}

/** The texts of a source, in its order. */
export function textsOf(code: string): readonly string[] {
  const texts: string[] = []
  /** Literals that are part of a text already. */
  const told = new Set<ts.Node>()
  const visit = (node: ts.Node): void => {
    if (cannotBeText(node)) return
    if (isLiteral(node) && !told.has(node)) {
      const parts: ts.Node[] = []
      const text = rendered(node, parts)
      if (isProse(text)) {
        texts.push(text)
        for (const part of parts) told.add(part)
      }
    }
    node.forEachChild(visit)
  }
  visit(ts.createSourceFile('', code, ts.ScriptTarget.ES2023, true))
  return texts
}

/** Two words or more with a space between them; a value is a word too. */
export function isProse(text: string): boolean {
  const words = text.replaceAll(/\{[^}]*\}/g, '{}').split(/[\s[\]|]+/)
  const own = words.filter((word) => /^[^A-Za-z]*[A-Za-z]{2,}(?:['-][A-Za-z]+)*[^A-Za-z]*$/.test(word))
  return words.length >= 2 && own.length >= 1 && own.length + words.filter((word) => word.includes('{}')).length >= 2
}

type Literal = ts.StringLiteral | ts.NoSubstitutionTemplateLiteral | ts.TemplateExpression

function isLiteral(node: ts.Node): node is Literal {
  return ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateExpression(node)
}

/** Types, imports, names of properties, and what something is only compared with. */
function cannotBeText(node: ts.Node): boolean {
  const { parent } = node
  if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return true
  if (parent === undefined) return false
  if (ts.isCaseClause(parent)) return parent.expression === node
  if (ts.isBinaryExpression(parent)) return COMPARISONS.has(parent.operatorToken.kind)
  return 'name' in parent && parent.name === node
}

const COMPARISONS: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.InKeyword,
])

/** A literal as one text. `parts` gets all literals that are in it. */
function rendered(node: Literal, parts: ts.Node[]): string {
  parts.push(node)
  if (!ts.isTemplateExpression(node)) return node.text
  return node.head.text + node.templateSpans.map((span) => value(span.expression, parts) + span.literal.text).join('')
}

/** What stands in a text where a value is put in. */
function value(node: ts.Expression, parts: ts.Node[]): string {
  if (isLiteral(node)) return rendered(node, parts)
  if (ts.isTaggedTemplateExpression(node)) return value(node.template, parts)
  if (ts.isParenthesizedExpression(node)) return value(node.expression, parts)
  if (ts.isConditionalExpression(node)) return oneOf(value(node.whenTrue, parts), value(node.whenFalse, parts))
  // `known ?? 'else'` and `name || id`: the usual case says it.
  if (ts.isBinaryExpression(node)) return value(node.left, parts)
  if (ts.isCallExpression(node)) return valueOfCall(node, parts)
  if (ts.isArrayLiteralExpression(node) && node.elements.length === 0) return ''
  if (ts.isPropertyAccessExpression(node) && node.name.text === 'length') return '{number}'
  return placeholder(nameOf(node))
}

/** Functions that show what they are given. */
const SHOWING: ReadonlySet<string> = new Set(['own', 'code', 'link', 'listed', 'join', 'String', 'toLog'])
/** Those that put a number before a noun. */
const COUNTING: ReadonlySet<string> = new Set(['counted', 'plural'])
/** Methods whose result is spoken of as what they are called on. */
const METHODS: ReadonlySet<string> = new Set(['map', 'flatMap', 'filter', 'slice', 'join', 'toString'])

function valueOfCall(node: ts.CallExpression, parts: ts.Node[]): string {
  const { expression: called, arguments: given } = node
  if (ts.isPropertyAccessExpression(called) && METHODS.has(called.name.text)) return value(called.expression, parts)
  const name = nameOf(called)
  const [first, second] = given
  if (first !== undefined && SHOWING.has(name)) return value(first, parts)
  if (second !== undefined && COUNTING.has(name)) return `{number} ${value(second, parts)}s`
  return placeholder(name)
}

function oneOf(a: string, b: string): string {
  if (a === b) return a
  if (a === '' || b === '') return `[${a}${b}]`
  return `(${a} | ${b})`
}

/** The last name of an expression: `failure` of `outcome.failure`, `failureText` of `failureText(it)`. */
function nameOf(node: ts.Expression): string {
  if (ts.isIdentifier(node)) return node.text
  if (ts.isPropertyAccessExpression(node)) return node.name.text
  if (ts.isElementAccessExpression(node) || ts.isNonNullExpression(node)) return nameOf(node.expression)
  if (ts.isCallExpression(node)) return nameOf(node.expression)
  return 'value'
}

/** `consecutiveErrors` as `{consecutive errors}`. */
function placeholder(name: string): string {
  return `{${name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/[_#]/g, ' ')
    .trim()
    .toLowerCase()}}`
}
