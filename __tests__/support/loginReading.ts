import { readWorkflowRun } from '../../src/inputs/workflowRun.ts'
import { parseInputs } from '../../src/inputs.ts'
import { inputWorld } from './inputWorld.ts'

/** The inputs of the account, read as those of a run of example/app. */

export const ACCOUNT = '1234567890123456'
export const ROLE = `acs:ram::${ACCOUNT}:role/scan-gate`
export const PROVIDER = `acs:ram::${ACCOUNT}:oidc-provider/GitHub`
export const TOKENS = { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x/?y', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token' }
export const KEYS = { 'access-key-id': 'LTAI-id', 'access-key-secret': 'key-secret' }
export const KEYLESS = { ...TOKENS, 'role-to-assume': ROLE, 'oidc-provider-arn': PROVIDER }
export const ECS = { 'ecs-ram-role': 'runner' }
export const AMBIENT = { ALIBABA_CLOUD_ACCESS_KEY_ID: 'STS.env', ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'env-secret' }
export const REHEARSAL = { rehearsal: 'true', endpoint: '127.0.0.1:8080' }

export type Changes = Readonly<Record<string, string>>

function read(changes: Changes, run: Changes = { GITHUB_REPOSITORY: 'example/app', GITHUB_RUN_ID: '42' }, event = {}) {
  const entries = Object.entries(changes).map(([name, value]) => [
    /^[a-z-]+$/.test(name) ? `INPUT_${name.toUpperCase()}` : name,
    value,
  ])
  const world = inputWorld({}, { run: () => readWorkflowRun(run, event) })
  return parseInputs({ 'INPUT_TASK-ID': '282832', ...Object.fromEntries(entries) }, world)
}

export function inputsOf(changes: Changes, run?: Changes) {
  const reading = read(changes, run)
  if (reading.kind === 'invalid')
    throw new Error(reading.problems.map(({ name, text }) => `${name} ${text}`).join('\n'))
  return reading.inputs
}

export function problemsOf(changes: Changes, run?: Changes, event?: object): readonly string[] {
  const reading = read(changes, run, event)
  return reading.kind === 'ok'
    ? []
    : reading.problems.map(({ name, value, text }) => `${name}${value === undefined ? '' : `: ${value}`} ${text}`)
}
