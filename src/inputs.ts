import { SEVERITIES } from './domain/alerts.ts'
import type { AllowList } from './domain/allowList.ts'
import type { Endpoint } from './domain/endpoint.ts'
import type { GateRules } from './domain/gate.ts'
import { type Login, usesSts } from './domain/login.ts'
import type { TaskId } from './domain/scan.ts'
import type { Forgivable, Problem } from './domain/verdict.ts'
import type { WaitPolicy } from './domain/waiter.ts'
import type { WorkflowRun } from './domain/workflowRun.ts'
import { type AllowListSources, readAllowListFile } from './inputs/allowList.ts'
import {
  INPUT_DEFAULTS,
  type InputName,
  inOrderOfDeclaration,
  refuseUndeclared,
  variableOf,
} from './inputs/declared.ts'
import { REGION_VARIABLE, readCloud, readStsEndpoint } from './inputs/endpoints.ts'
import { readFailOn } from './inputs/failOn.ts'
import { type GitHubInputs, readGitHub } from './inputs/github.ts'
import {
  REQUEST_TOKEN_VARIABLE,
  readAllowedAccounts,
  readLogin,
  SECRET_INPUTS,
  SECRET_VARIABLES,
} from './inputs/login.ts'
import { proxySecrets, readProxies } from './inputs/network.ts'
import {
  decimal,
  type Environment,
  oneOf,
  type Reading,
  type Refuse,
  readBoolean,
  wholeNumber,
} from './inputs/reading.ts'
import { readWaitFor, type WaitFor } from './inputs/waitFor.ts'

/** Everything the workflow decides, read and checked. */
export interface Inputs {
  readonly waitFor: WaitFor
  readonly policy: WaitPolicy
  /** Absent with the gate off: alerts are not read then. */
  readonly gate?: GateRules & { readonly allowList?: AllowList }
  readonly failOn: readonly Forgivable[]
  readonly reportFile?: string
  readonly endpoint: Endpoint
  readonly login: Login
  /** Absent where STS is not asked. */
  readonly sts?: Endpoint
  /** Any, where there are none. */
  readonly allowedAccountIds: readonly string[]
  readonly rehearsal: boolean
  readonly jobSummary: boolean
  /** Absent without a token: nothing is asked of GitHub then. */
  readonly github?: GitHubInputs
}

export type InputReading =
  | { readonly kind: 'ok'; readonly inputs: Inputs }
  | {
      readonly kind: 'invalid'
      readonly problems: readonly Problem[]
      /** What could be read all the same. */
      readonly taskIds: readonly TaskId[]
      readonly jobSummary: boolean
      readonly github?: GitHubInputs
      readonly rehearsal: boolean
    }

const DAY_IN_MINUTES = 1_440
const DAY_IN_SECONDS = 86_400
const MOST_FORGIVEN_ERRORS = 1_000
const LONGEST_SETTLE_SECONDS = 900

/** What inputs name and what must be looked at before they can be called good. */
export interface InputWorld extends AllowListSources {
  /** Read when it is needed: it costs the reading of a file. */
  readonly run: () => WorkflowRun
  /** Why a file may not be written there: the rest of a sentence; `undefined` where it may. */
  readonly refusalToWrite: (path: string) => string | undefined
  readonly isSameFile: (one: string, other: string) => boolean
}

/** What must be masked before anything is printed, whether or not the inputs turn out to be good. */
export function secretsIn(env: Environment): readonly string[] {
  const values = [...SECRET_INPUTS.map(variableOf), ...SECRET_VARIABLES, REQUEST_TOKEN_VARIABLE].map(
    (name) => env[name]?.trim() ?? '',
  )
  return [...new Set([...values.filter((value) => value !== ''), ...proxySecrets(env)])]
}

/**
 * Reads all inputs as the runner passes them (`INPUT_<NAME>`) and the variables they fall back on. Either all is
 * good, or every problem that can be seen without the cloud is reported, in the order of the declarations.
 */
export function parseInputs(env: Environment, world: InputWorld): InputReading {
  const problems: Problem[] = []
  const variable = (name: string) => env[name]?.trim() ?? ''
  const given = (name: string) => variable(variableOf(name))
  const text = (name: InputName) => given(name) || INPUT_DEFAULTS[name]
  const secrets = secretsIn(env)
  const refuse: Refuse = (name, value, rest) => {
    // A secret may have been given in the wrong place as well: what is masked in the log is not masked in outputs. Of
    // one that was torn into words, or put into lower case, the value has a part only: what was given counts as well.
    const shown = value === undefined ? [] : [value, given(name), variable(name)].map((one) => one.toLowerCase())
    const isTelling = secrets.some((secret) => shown.some((one) => one.includes(secret.toLowerCase())))
    problems.push(value === undefined || isTelling ? { name, text: rest } : { name, value, text: rest })
  }
  const check = <T>(name: InputName, read: (text: string) => Reading<T>): T | undefined => {
    const reading = read(text(name))
    if ('problem' in reading) refuse(name, reading.about ?? text(name), reading.problem)
    return 'problem' in reading ? undefined : reading.value
  }

  const { waitFor, taskIds } = readWaitFor(given, check('wait', readBoolean) ?? true, refuse)

  const timeoutMinutes = check('timeout-minutes', decimal({ above: 0, most: DAY_IN_MINUTES }))
  const minPoll = check('min-poll-seconds', decimal({ least: 0.05, most: DAY_IN_SECONDS }))
  const maxPoll = check('max-poll-seconds', decimal({ least: 0.05, most: DAY_IN_SECONDS }))
  if (minPoll !== undefined && maxPoll !== undefined && minPoll > maxPoll) {
    refuse('max-poll-seconds', text('max-poll-seconds'), `is below min-poll-seconds (${text('min-poll-seconds')})`)
  }
  const maxConsecutiveErrors = check('max-consecutive-errors', wholeNumber({ least: 0, most: MOST_FORGIVEN_ERRORS }))

  const cutoff = check('severity-cutoff', (word) => oneOf([...SEVERITIES, 'none'])(word || 'none'))
  const settle = check('settle-seconds', decimal({ least: 0, most: LONGEST_SETTLE_SECONDS }))
  const isGateOn = cutoff !== undefined && cutoff !== 'none'
  if (isGateOn && settle !== undefined && timeoutMinutes !== undefined && settle >= timeoutMinutes * 60) {
    const minutes = text('timeout-minutes')
    refuse(
      'settle-seconds',
      text('settle-seconds'),
      `is not below timeout-minutes (${minutes} min): there would be no time for the second read`,
    )
  }
  const allowList =
    given('allow-list') === '' ? undefined : readAllowListFile(given('allow-list'), world, world.run().change, refuse)
  if (given('allow-list') !== '' && cutoff === 'none') {
    refuse(
      'allow-list',
      given('allow-list'),
      'needs a severity-cutoff: without one no alert is read, so none can be accepted',
    )
  }
  const failOn = check('fail-on', readFailOn)
  const reportFile = given('report-file')
  const unwritable = reportFile === '' ? undefined : world.refusalToWrite(reportFile)
  if (unwritable !== undefined) refuse('report-file', reportFile, unwritable)
  else if (reportFile !== '' && given('allow-list') !== '' && world.isSameFile(reportFile, given('allow-list'))) {
    refuse('report-file', reportFile, 'is the allow-list, which the report would replace: choose another path')
  }

  const rehearsal = check('rehearsal', readBoolean) ?? false
  const endpoint = readCloud(given('region-id'), variable(REGION_VARIABLE), given('endpoint'), rehearsal, refuse)
  const login = readLogin({ given, text: (name) => text(name as InputName), variable, run: world.run, refuse })
  const allowedAccountIds = readAllowedAccounts(given, refuse)
  const isStsUsed = login !== undefined && allowedAccountIds !== undefined && usesSts(login, allowedAccountIds)
  const sts = readStsEndpoint(text('sts-endpoint'), rehearsal, isStsUsed, refuse)
  const jobSummary = check('job-summary', readBoolean)
  const github = readGitHub(given, world.run, refuse)

  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    refuse(
      'NODE_TLS_REJECT_UNAUTHORIZED',
      '0',
      'switches the check of TLS certificates off, so that anybody on the way could answer for the cloud: unset it (for a private CA use NODE_EXTRA_CA_CERTS)',
    )
  }
  readProxies(variable, refuse)
  refuseUndeclared(env, refuse)
  // Over unchecked TLS nothing is told, not even that the input is bad.
  const written = github === undefined || env.NODE_TLS_REJECT_UNAUTHORIZED === '0' ? {} : { github }

  if (
    problems.length > 0 ||
    waitFor === undefined ||
    timeoutMinutes === undefined ||
    minPoll === undefined ||
    maxPoll === undefined ||
    maxConsecutiveErrors === undefined ||
    cutoff === undefined ||
    settle === undefined ||
    failOn === undefined ||
    endpoint === undefined ||
    login === undefined ||
    allowedAccountIds === undefined ||
    (sts === undefined && isStsUsed) ||
    jobSummary === undefined
  ) {
    return {
      kind: 'invalid',
      problems: inOrderOfDeclaration(problems),
      taskIds,
      jobSummary: jobSummary ?? true,
      rehearsal,
      ...written,
    }
  }
  const policy: WaitPolicy = {
    deadlineMs: Math.ceil(timeoutMinutes * 60_000),
    minDelayMs: Math.round(minPoll * 1_000),
    maxDelayMs: Math.round(maxPoll * 1_000),
    maxConsecutiveErrors,
  }
  const pending = allowList?.base?.pending
  const list = { ...(allowList === undefined ? {} : { allowList }), ...(pending === undefined ? {} : { pending }) }
  const rules = { settleMs: Math.round(settle * 1_000), entries: allowList?.entries ?? [], today: world.today, ...list }
  return {
    kind: 'ok',
    inputs: {
      waitFor,
      policy,
      ...(cutoff === 'none' ? {} : { gate: { cutoff, ...rules } }),
      failOn,
      ...(reportFile === '' ? {} : { reportFile }),
      endpoint,
      login,
      ...(sts === undefined || !isStsUsed ? {} : { sts }),
      allowedAccountIds,
      rehearsal,
      jobSummary,
      ...written,
    },
  }
}
