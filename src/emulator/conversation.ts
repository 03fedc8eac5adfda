import { appendFileSync, readFileSync } from 'node:fs'
import type { Answer } from './answers.ts'
import { inWords, worthSeeing } from './server.ts'
import type { Params } from './signature.ts'
import { STS_VERSION } from './sts.ts'

/** What a workflow and the emulated cloud said to each other, in a file that outlives both. */

export type Entry =
  | {
      /** Since the start of the rehearsal. */
      readonly atMs: number
      readonly action: string
      readonly params: Readonly<Record<string, string>>
      /** How many more parameters came, which no call knows. */
      readonly unknownCount?: number
      /** `200`, `400 Throttling.User`, `reset` … */
      readonly answer: string
      /** The beginning of a good answer, less its RequestId. */
      readonly reply?: string
    }
  | { readonly atMs: number; readonly note: string }

/**
 * What is told by name: parameters that the emulated calls know and that are no secrets. Others are only counted, since
 * a secret that is sent under a wrong name is one all the same.
 */
const TOLD = new Set([
  ...['TargetInfo', 'TaskId', 'Uuid', 'Uuids', 'Remark', 'Lang'],
  ...['Criteria', 'LogicalExp', 'MachineTypes', 'UseNextToken', 'NextToken', 'CurrentPage', 'PageSize'],
  ...['RoleArn', 'OIDCProviderArn', 'RoleSessionName', 'DurationSeconds', 'Policy'],
])

/** Of a parameter, an action or an answer, in characters. */
const LONGEST_SHOWN = 240
/** A job may ask for days, and a log that long is read by nobody. */
const MOST_SHOWN = 1_000

/** A request and its answer without the secrets of either. */
export function entryOf(atMs: number, params: Params, answer: Answer): Entry {
  const given = Object.entries(worthSeeing(params))
  const told = given.flatMap(([name, value]) => (TOLD.has(name) ? [[name, shorten(value)]] : []))
  const unknownCount = given.length - told.length
  const about = {
    atMs,
    action: shorten(params.Action ?? ''),
    params: Object.fromEntries(told),
    ...(unknownCount === 0 ? {} : { unknownCount }),
    answer: inWords(answer),
  }
  // What STS answers are keys, and a gateway that refuses a signature repeats the key and the token.
  const isTelling = answer.kind === 'reply' && about.answer === '200' && params.Version !== STS_VERSION
  return isTelling ? { ...about, reply: shorten(answer.text.replace(/"RequestId":"[^"]*",?/, '')) } : about
}

/** At once, so that nothing is lost when the process is killed. A full disk must not end a rehearsal. */
export function append(file: string, entry: Entry): void {
  try {
    appendFileSync(file, `${JSON.stringify(entry)}\n`)
  } catch {}
}

/** What is in the file, and how many of its lines nobody can read: a process that is killed leaves half a line. */
export function readConversation(file: string): { readonly entries: readonly Entry[]; readonly unreadable: number } {
  const lines = textOf(file)
    .split('\n')
    .filter((line) => line !== '')
  const entries = lines.flatMap(entryIn)
  return { entries, unreadable: lines.length - entries.length }
}

function entryIn(line: string): readonly [Entry] | readonly [] {
  try {
    const entry: unknown = JSON.parse(line)
    return isEntry(entry) ? [entry] : []
  } catch {
    return []
  }
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false
  const { atMs, note, action, params, answer } = value as Readonly<Record<string, unknown>>
  if (typeof atMs !== 'number') return false
  if (typeof note === 'string') return true
  return typeof action === 'string' && typeof answer === 'string' && typeof params === 'object' && params !== null
}

/** The text of a file, `''` where there is none. */
export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** The conversation as a log has it. */
export function linesOf(entries: readonly Entry[]): readonly string[] {
  const shown = entries.slice(0, MOST_SHOWN).map(lineOf)
  const rest = entries.length - shown.length
  return rest === 0 ? shown : [...shown, `and ${rest} more`]
}

function lineOf(entry: Entry): string {
  const time = clockTime(entry.atMs)
  if ('note' in entry) return `${time}  ${entry.note}`
  const params = Object.entries(entry.params).map(([name, value]) => `${name}=${value}`)
  const { unknownCount: count = 0 } = entry
  const more = count === 0 ? [] : [`and ${count === 1 ? '1 parameter' : `${count} parameters`} that no call knows`]
  const said = entry.reply === undefined ? [] : [entry.reply]
  return inert([time, entry.action, ...params, ...more, '->', entry.answer, ...said].join('  '))
}

/** `05:12.3`, minutes and seconds. */
function clockTime(ms: number): string {
  const tenths = Math.floor(ms / 100)
  const seconds = ((tenths % 600) / 10).toFixed(1).padStart(4, '0')
  return `${String(Math.floor(tenths / 600)).padStart(2, '0')}:${seconds}`
}

function shorten(text: string): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`
}

/**
 * For a line of the log: what cannot be seen is shown by its number, and nothing of the text is a command of the runner,
 * which takes `##[` anywhere in a line and `::` at its start.
 */
export function inert(text: string): string {
  const seen = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|#(?=#\[)/gu, (character) => {
    const number = character.codePointAt(0) ?? 0
    return `\\u{${number.toString(16)}}`
  })
  return seen.replace(/^\s*(?=::)/, '- ')
}
