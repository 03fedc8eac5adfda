import { closest, distance } from 'fastest-levenshtein'
import type { Problem } from '../domain/verdict.ts'
import { REGION_VARIABLE } from './endpoints.ts'
import { SECRET_VARIABLES } from './login.ts'
import type { Environment, Refuse } from './reading.ts'

/** Which inputs there are, and by what names the workflow and the runner call them. */

/** The declared inputs with their defaults, in the order in which problems are reported. action.yml says the same. */
export const INPUT_DEFAULTS = {
  'task-id': '',
  targets: '',
  wait: 'true',
  'timeout-minutes': '120',
  'min-poll-seconds': '3',
  'max-poll-seconds': '60',
  'max-consecutive-errors': '15',
  'severity-cutoff': '',
  'settle-seconds': '60',
  'allow-list': '',
  'fail-on': 'any',
  'report-file': '',
  'region-id': '',
  endpoint: '',
  'access-key-id': '',
  'access-key-secret': '',
  'security-token': '',
  'role-to-assume': '',
  'oidc-provider-arn': '',
  'role-session-name': '',
  'role-session-expiration': '1800',
  audience: 'sts.aliyuncs.com',
  'sts-endpoint': 'sts.aliyuncs.com',
  'ecs-ram-role': '',
  'allowed-account-ids': '',
  rehearsal: 'false',
  'job-summary': 'true',
  'github-token': '',
  'commit-status': '',
  'tracking-issue': '',
} as const
export type InputName = keyof typeof INPUT_DEFAULTS

/** The variable in which the runner passes an input. */
export function variableOf(name: string): string {
  return `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`
}

/** An input as the runner passes it, before all are read: `''` where it is unset. */
export function inputGiven(env: Environment, name: InputName): string {
  return env[variableOf(name)]?.trim() ?? ''
}

/** In the order of the declarations; what is no input comes last, save the variables that stand for one. */
export function inOrderOfDeclaration(problems: readonly Problem[]): readonly Problem[] {
  const names: readonly string[] = Object.keys(INPUT_DEFAULTS)
  const place = ({ name }: Problem) => {
    const isKey = SECRET_VARIABLES.some((variable) => variable === name)
    const at = names.indexOf(isKey ? 'access-key-id' : name === REGION_VARIABLE ? 'region-id' : name)
    return at === -1 ? names.length : at
  }
  return [...problems].sort((a, b) => place(a) - place(b))
}

/** Refuses what was given but does not exist: the runner takes any name. */
export function refuseUndeclared(env: Environment, refuse: Refuse): void {
  for (const name of undeclared(env)) refuse(name, undefined, suggestion(name))
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
