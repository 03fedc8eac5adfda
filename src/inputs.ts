import { closest, distance } from 'fastest-levenshtein'
import { type Endpoint, endpointOfRegion, isRegionId, readEndpoint } from './domain/endpoint.ts'
import type { TaskId } from './domain/scan.ts'
import { FORGIVABLE, type Forgivable, type Problem } from './domain/verdict.ts'
import type { WaitPolicy } from './domain/waiter.ts'

/** Everything the workflow decides, read and checked. */
export interface Inputs {
  readonly taskIds: readonly TaskId[]
  readonly policy: WaitPolicy
  readonly failOn: readonly Forgivable[]
  readonly endpoint: Endpoint
  readonly credentials: Credentials
  readonly rehearsal: boolean
  readonly jobSummary: boolean
}

export interface Credentials {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  /** Only with session credentials of STS. */
  readonly securityToken?: string
}

export type InputReading =
  | { readonly kind: 'ok'; readonly inputs: Inputs }
  | {
      readonly kind: 'invalid'
      readonly problems: readonly Problem[]
      /** What could be read all the same. */
      readonly taskIds: readonly TaskId[]
      readonly jobSummary: boolean
      readonly rehearsal: boolean
    }

/** The declared inputs with their defaults, in the order in which problems are reported. action.yml says the same. */
export const INPUT_DEFAULTS = {
  'task-id': '',
  'timeout-minutes': '120',
  'min-poll-seconds': '3',
  'max-poll-seconds': '60',
  'max-consecutive-errors': '15',
  'fail-on': 'any',
  'region-id': '',
  endpoint: '',
  'access-key-id': '',
  'access-key-secret': '',
  'security-token': '',
  rehearsal: 'false',
  'job-summary': 'true',
} as const
export type InputName = keyof typeof INPUT_DEFAULTS

const SECRET_INPUTS = ['access-key-id', 'access-key-secret', 'security-token'] as const
const SECRET_VARIABLES = [
  'ALIBABA_CLOUD_ACCESS_KEY_ID',
  'ALIBABA_CLOUD_ACCESS_KEY_SECRET',
  'ALIBABA_CLOUD_SECURITY_TOKEN',
] as const

const DEFAULT_REGION = 'cn-shanghai'
const MOST_TASK_IDS = 100
/** A `long` of the API. */
const LARGEST_TASK_ID = 9_223_372_036_854_775_807n
const DAY_IN_MINUTES = 1_440
const DAY_IN_SECONDS = 86_400
const MOST_FORGIVEN_ERRORS = 1_000

export type Environment = Readonly<Record<string, string | undefined>>

/** What must be masked before anything is printed, whether or not the inputs turn out to be good. */
export function secretsIn(env: Environment): readonly string[] {
  const values = [...SECRET_INPUTS.map(variableOf), ...SECRET_VARIABLES].map((name) => env[name]?.trim() ?? '')
  return [...new Set(values.filter((value) => value !== ''))]
}

/**
 * Reads all inputs as the runner passes them (`INPUT_<NAME>`) and the variables they fall back on. Pure. Either all
 * is good, or every problem that can be seen without the cloud is reported, in the order of the declarations.
 */
export function parseInputs(env: Environment): InputReading {
  const problems: Problem[] = []
  const given = (name: InputName) => env[variableOf(name)]?.trim() ?? ''
  const text = (name: InputName) => given(name) || INPUT_DEFAULTS[name]
  const refuse = (name: string, value: string | undefined, rest: string) => {
    problems.push(value === undefined ? { name, text: rest } : { name, value, text: rest })
  }
  const check = <T>(name: InputName, read: (text: string) => Reading<T>): T | undefined => {
    const reading = read(text(name))
    if ('problem' in reading) refuse(name, reading.about ?? text(name), reading.problem)
    return 'problem' in reading ? undefined : reading.value
  }

  const taskIds = readTaskIds(given('task-id'), refuse)
  const timeoutMinutes = check('timeout-minutes', decimal({ above: 0, most: DAY_IN_MINUTES }))
  const minPoll = check('min-poll-seconds', decimal({ least: 0.05, most: DAY_IN_SECONDS }))
  const maxPoll = check('max-poll-seconds', decimal({ least: 0.05, most: DAY_IN_SECONDS }))
  if (minPoll !== undefined && maxPoll !== undefined && minPoll > maxPoll) {
    refuse('max-poll-seconds', text('max-poll-seconds'), `is below min-poll-seconds (${text('min-poll-seconds')})`)
  }
  const maxConsecutiveErrors = check('max-consecutive-errors', readErrorBudget)
  const failOn = check('fail-on', readFailOn)

  // `rehearsal` decides what `endpoint` may be, so it is read first and reported in its place.
  const rehearsalReading = readBoolean(text('rehearsal'))
  const rehearsal = 'value' in rehearsalReading && rehearsalReading.value
  const endpoint = readCloud(
    given('region-id'),
    env.ALIBABA_CLOUD_REGION_ID?.trim() ?? '',
    given('endpoint'),
    rehearsal,
    refuse,
  )
  const credentials = readCredentials(env, given, refuse)
  if ('problem' in rehearsalReading) refuse('rehearsal', text('rehearsal'), rehearsalReading.problem)
  const jobSummary = check('job-summary', readBoolean)

  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    refuse(
      'NODE_TLS_REJECT_UNAUTHORIZED',
      '0',
      'switches the check of TLS certificates off, so that anybody on the way could answer for the cloud: unset it (for a private CA use NODE_EXTRA_CA_CERTS)',
    )
  }
  for (const name of undeclared(env)) refuse(name, undefined, suggestion(name))

  if (
    problems.length > 0 ||
    timeoutMinutes === undefined ||
    minPoll === undefined ||
    maxPoll === undefined ||
    maxConsecutiveErrors === undefined ||
    failOn === undefined ||
    endpoint === undefined ||
    credentials === undefined ||
    jobSummary === undefined
  ) {
    return { kind: 'invalid', problems, taskIds, jobSummary: jobSummary ?? true, rehearsal }
  }
  const policy: WaitPolicy = {
    deadlineMs: Math.ceil(timeoutMinutes * 60_000),
    minDelayMs: Math.round(minPoll * 1_000),
    maxDelayMs: Math.round(maxPoll * 1_000),
    maxConsecutiveErrors,
  }
  return { kind: 'ok', inputs: { taskIds, policy, failOn, endpoint, credentials, rehearsal, jobSummary } }
}

/** The variable in which the runner passes an input. */
function variableOf(name: string): string {
  return `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`
}

/** `problem` is the rest of a sentence that starts with the input's name and value, or the part of it it is `about`. */
type Reading<T> = { readonly value: T } | { readonly problem: string; readonly about?: string }
type Refuse = (name: string, value: string | undefined, rest: string) => void

/** A list's words, split by commas, spaces or line breaks; repeated ones count once, order is kept. */
function wordsOf(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,]+/).filter((word) => word !== ''))]
}

function readTaskIds(text: string, refuse: Refuse): readonly TaskId[] {
  if (text === '') {
    refuse(
      'task-id',
      undefined,
      'is empty: give the id that StartVirusScanTask returned. If it comes from an earlier step, that step set no such output, or was skipped',
    )
    return []
  }
  const words = wordsOf(text)
  const bad = words.filter((word) => !isTaskId(word))
  for (const word of bad.slice(0, 5)) {
    refuse(
      'task-id',
      word,
      'is not a task id: that is a whole number from 1 to 9223372036854775807, in digits only and without leading zeros',
    )
  }
  if (bad.length > 5) refuse('task-id', undefined, `has ${bad.length - 5} more words that are not task ids`)
  if (words.length === 0) refuse('task-id', text, 'has no task id in it')
  if (words.length > MOST_TASK_IDS) {
    refuse(
      'task-id',
      undefined,
      `has ${words.length} ids, at most ${MOST_TASK_IDS} are allowed: split them over several steps`,
    )
  }
  return bad.length === 0 && words.length <= MOST_TASK_IDS ? (words as TaskId[]) : []
}

function isTaskId(word: string): word is TaskId {
  return /^[1-9][0-9]{0,18}$/.test(word) && BigInt(word) <= LARGEST_TASK_ID
}

/** A number in plain decimal notation: no sign, exponent or unit, so that nothing is read as something else. */
function decimal(range: { above?: number; least?: number; most: number }): (text: string) => Reading<number> {
  const lower = range.above === undefined ? `from ${range.least}` : `above ${range.above}`
  const allowed = `a number ${lower} to ${range.most} is allowed, such as 5 or 0.5`
  return (text) => {
    const value = /^[0-9]+(?:\.[0-9]+)?$/.test(text) ? Number(text) : Number.NaN
    if (Number.isNaN(value)) return { problem: `is not a plain number: ${allowed}` }
    const tooLow = range.above === undefined ? value < (range.least ?? 0) : value <= range.above
    return tooLow || value > range.most ? { problem: `is out of range: ${allowed}` } : { value }
  }
}

function readErrorBudget(text: string): Reading<number> {
  return /^[0-9]{1,4}$/.test(text) && Number(text) <= MOST_FORGIVEN_ERRORS
    ? { value: Number(text) }
    : { problem: `is not a whole number from 0 to ${MOST_FORGIVEN_ERRORS}` }
}

function readBoolean(text: string): Reading<boolean> {
  const word = text.toLowerCase()
  return word === 'true' || word === 'false' ? { value: word === 'true' } : { problem: 'is neither true nor false' }
}

function readFailOn(text: string): Reading<readonly Forgivable[]> {
  const words = wordsOf(text.toLowerCase())
  if (words.length === 1 && words[0] === 'any') return { value: FORGIVABLE }
  if (words.length === 1 && words[0] === 'none') return { value: [] }
  const allowed = `any, none, or a list of ${FORGIVABLE.join(', ')}`
  const alone = words.find((word) => word === 'any' || word === 'none')
  if (alone !== undefined) return { problem: `mixes ${alone} with other words: allowed is ${allowed}` }
  const always = words.find((word) => ['denied', 'invalid-input', 'cancelled'].includes(word))
  if (always !== undefined)
    return { about: always, problem: `always fails the job, leave it out: allowed is ${allowed}` }
  const unknown = words.find((word) => !isForgivable(word))
  if (unknown !== undefined) return { about: unknown, problem: `is not a word of fail-on: allowed is ${allowed}` }
  if (words.length === 0) return { problem: `has no word in it: allowed is ${allowed}` }
  return { value: words.filter(isForgivable) }
}

function isForgivable(word: string): word is Forgivable {
  return FORGIVABLE.some((known) => known === word)
}

function readCloud(
  regionInput: string,
  regionVariable: string,
  endpointInput: string,
  rehearsal: boolean,
  refuse: Refuse,
): Endpoint | undefined {
  const regionName = regionInput !== '' || regionVariable === '' ? 'region-id' : 'ALIBABA_CLOUD_REGION_ID'
  const region = regionInput || regionVariable || DEFAULT_REGION
  const regionIsGood = isRegionId(region)
  if (!regionIsGood) {
    refuse(regionName, region, 'is not a region id: it looks like cn-shanghai or ap-southeast-1')
  }
  if (endpointInput === '') {
    if (!rehearsal) return regionIsGood ? endpointOfRegion(region) : undefined
    refuse(
      'endpoint',
      undefined,
      'is empty: rehearsal: true needs the address of the emulator, such as http://127.0.0.1:8080',
    )
    return undefined
  }
  const reading = readEndpoint(endpointInput, regionIsGood ? region : DEFAULT_REGION, rehearsal)
  if ('endpoint' in reading) return reading.endpoint
  // A value with a user (https://user:password@host) or a query (a signed URL) may hold a secret: it is not repeated.
  refuse('endpoint', /[@?#]/.test(endpointInput) ? undefined : endpointInput, reading.problem)
  return undefined
}

/** The first way that is configured is the only one tried: explicit keys, then the environment's. */
function readCredentials(
  env: Environment,
  given: (name: InputName) => string,
  refuse: Refuse,
): Credentials | undefined {
  const explicit = readKeys(
    { id: 'access-key-id', secret: 'access-key-secret', token: 'security-token' },
    given('access-key-id'),
    given('access-key-secret'),
    given('security-token'),
    refuse,
  )
  if (explicit !== 'none') return explicit
  const [id, secret, token] = SECRET_VARIABLES
  const variable = (name: string) => env[name]?.trim() ?? ''
  const ambient = readKeys({ id, secret, token }, variable(id), variable(secret), variable(token), refuse)
  if (ambient !== 'none') return ambient
  refuse(
    'access-key-id',
    undefined,
    `is empty and no other credentials were found: give access-key-id and access-key-secret, or log in with an earlier step that sets ${id} and ${secret}`,
  )
  return undefined
}

function readKeys(
  names: { id: string; secret: string; token: string },
  id: string,
  secret: string,
  token: string,
  refuse: Refuse,
): Credentials | undefined | 'none' {
  if (id === '' && secret === '' && token === '') return 'none'
  let good = true
  for (const [name, value] of [
    [names.id, id],
    [names.secret, secret],
  ] as const) {
    if (value !== '') continue
    refuse(
      name,
      undefined,
      `is empty, but ${names.id} and ${names.secret} are needed together${names.id === 'access-key-id' ? ', and variables do not fill in for inputs' : ''}: if it comes from a secret, the secret is not set or not available to this event`,
    )
    good = false
  }
  for (const [name, value] of [
    [names.id, id],
    [names.secret, secret],
    [names.token, token],
  ] as const) {
    if (/^[\x21-\x7e]*$/.test(value)) continue
    refuse(
      name,
      undefined,
      'has a character in it that no key has (a space, a line break or a non-ASCII letter): copy it again',
    )
    good = false
  }
  if (!good) return undefined
  return { accessKeyId: id, accessKeySecret: secret, ...(token === '' ? {} : { securityToken: token }) }
}

/** Names of inputs that were given but do not exist, spelt as a workflow spells them. */
function undeclared(env: Environment): readonly string[] {
  const known = new Set(Object.keys(INPUT_DEFAULTS).map(variableOf))
  return Object.keys(env)
    .filter((name) => name.startsWith('INPUT_') && !known.has(name))
    .map((name) => name.slice('INPUT_'.length).toLowerCase())
    .sort()
}

function suggestion(name: string): string {
  const names = Object.keys(INPUT_DEFAULTS)
  const spelt = name.replaceAll('_', '-')
  const near = names.find((known) => spelt.length > 3 && known.startsWith(spelt)) ?? closest(spelt, names)
  const isNear = near.startsWith(spelt) || distance(spelt, near) <= Math.max(2, Math.floor(near.length / 3))
  const help = isNear ? `did you mean ${near}` : `the inputs are ${names.join(', ')}`
  return `is not an input of this action, ${help} (if no with: of this step has it, then an env: of the job or workflow sets a variable of that name with INPUT_ in front, which the runner takes for an input: rename the variable)`
}
