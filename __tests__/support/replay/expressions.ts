import { data, Evaluator, Lexer, Parser } from '@actions/expressions'
import type { Texts } from './workflowFile.ts'

/** Expressions of workflows, by GitHub's own evaluator. What it does not know is an error, not an empty text. */

/** What an expression may look at, by the name of the context. */
export type Contexts = Readonly<Record<string, unknown>>

/** How the steps or jobs before have ended. */
export interface Status {
  readonly success: boolean
  readonly failure: boolean
  readonly cancelled: boolean
}

const STATUS_FUNCTIONS = ['success', 'failure', 'cancelled', 'always'] as const

/** A text with `${{ }}` in it, as it is handed on. */
export function expand(text: string, contexts: Contexts): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => evaluate(expression, contexts))
}

/** An `if:`. Without a function that asks for the status it holds only while all is well. */
export function holds(condition: string | undefined, contexts: Contexts, status: Status): boolean {
  const [, inner] = /^\s*\$\{\{(.*)\}\}\s*$/s.exec(condition ?? '') ?? []
  const expression = inner ?? condition ?? 'success()'
  const whole = asksForStatus(expression) ? expression : `success() && (${expression})`
  return evaluate(`!!(${whole})`, contexts, status) === 'true'
}

function asksForStatus(expression: string): boolean {
  const lexemes = new Lexer(expression).lex().tokens.map(({ lexeme }) => lexeme.toLowerCase())
  return lexemes.some((word, i) => lexemes[i + 1] === '(' && STATUS_FUNCTIONS.some((name) => name === word))
}

/** `status` is there where the status may be asked for. */
function evaluate(expression: string, contexts: Contexts, status?: Status): string {
  const functions = status === undefined ? [] : STATUS_FUNCTIONS.map((name) => statusFunction(name, status))
  const { tokens } = new Lexer(expression).lex()
  const tree = new Parser(tokens, Object.keys(contexts), functions).parse()
  const values = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary
  return new Evaluator(tree, values, new Map(functions.map((one) => [one.name, one]))).evaluate().coerceString()
}

function statusFunction(name: (typeof STATUS_FUNCTIONS)[number], status: Status) {
  const call = () => new data.BooleanData(name === 'always' || status[name])
  return { name, minArgs: 0, maxArgs: 0, call }
}

export function expandAll(texts: Texts = {}, contexts: Contexts): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, expand(String(text), contexts)]))
}

/** What a context shows of a job or a step. */
export function pick(value: object | undefined, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([key]) => keys.includes(key)))
}
