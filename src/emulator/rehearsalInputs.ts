import { closest, distance } from 'fastest-levenshtein'
import { ACCOUNT_ID } from './cloud.ts'
import { type NamedFleet, readFleet } from './namedFleet.ts'
import { PLOTS } from './plots.ts'

/** The inputs of the rehearsal action, read and checked. */
export interface Rehearsal {
  /** A name in `PLOTS`. */
  readonly scenario: string
  /** As they were given. */
  readonly targets: string
  readonly named: NamedFleet
  readonly scanMs: number
  readonly accountId: string
}

/** The declared inputs with their defaults, in the order in which problems are told. action.yml says the same. */
export const REHEARSAL_DEFAULTS = {
  scenario: 'clean',
  targets: 'all',
  'scan-seconds': '5',
  'account-id': ACCOUNT_ID,
} as const
type Name = keyof typeof REHEARSAL_DEFAULTS
const NAMES = Object.keys(REHEARSAL_DEFAULTS)

const DAY_IN_SECONDS = 86_400
/** How many bad lines are named before the rest is counted. */
const MOST_NAMED = 5

/** Either all is good, or everything that is wrong is told at once. */
export function readRehearsal(env: Readonly<Record<string, string | undefined>>): Rehearsal | readonly string[] {
  const problems: string[] = []
  const text = (name: Name) => env[variableOf(name)]?.trim() || REHEARSAL_DEFAULTS[name]
  const refuse = (name: Name, rest: string) => problems.push(`${name} "${text(name)}" ${rest}`)

  const scenario = text('scenario').toLowerCase()
  if (!Object.hasOwn(PLOTS, scenario)) refuse('scenario', `is not one of ${Object.keys(PLOTS).join(', ')}`)
  const named = readFleet(text('targets'))
  if ('problems' in named) {
    for (const { line, text: rest } of named.problems.slice(0, MOST_NAMED))
      problems.push(line === undefined ? `targets ${rest}` : `targets "${line}" ${rest}`)
    if (named.problems.length > MOST_NAMED)
      problems.push(`targets has ${named.problems.length - MOST_NAMED} more lines that are no targets`)
  }
  const seconds = /^\d+(?:\.\d+)?$/.test(text('scan-seconds')) ? Number(text('scan-seconds')) : Number.NaN
  if (!(seconds <= DAY_IN_SECONDS))
    refuse('scan-seconds', `is not a plain number from 0 to ${DAY_IN_SECONDS}, such as 5 or 0.5`)
  const accountId = text('account-id')
  if (!/^\d{1,20}$/.test(accountId)) refuse('account-id', 'is not an account id: it looks like 1234567890123456')
  problems.push(...undeclared(env))
  if (problems.length > 0 || 'problems' in named) return problems
  return { scenario, targets: text('targets'), named, scanMs: seconds * 1_000, accountId }
}

/** The variable in which the runner passes an input. */
function variableOf(name: string): string {
  return `INPUT_${name.toUpperCase()}`
}

function undeclared(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const known = new Set(NAMES.map(variableOf))
  return Object.keys(env)
    .filter((name) => name.startsWith('INPUT_') && !known.has(name))
    .map((name) => name.slice('INPUT_'.length).toLowerCase())
    .sort()
    .map((name) => `${name} is not an input of this action, ${suggestion(name)}`)
}

function suggestion(name: string): string {
  const spelt = name.replaceAll('_', '-')
  const near = closest(spelt, NAMES)
  const isNear = distance(spelt, near) <= Math.max(2, Math.floor(near.length / 3))
  return isNear ? `did you mean ${near}` : `the inputs are ${NAMES.join(', ')}`
}
