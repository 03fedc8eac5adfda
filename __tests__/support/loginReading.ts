import { readWorkflowRun } from '../../src/inputs/workflowRun.ts'
import { parseInputs } from '../../src/inputs.ts'
import { asVariables, inputsIn, inputWorld, problemsIn } from './inputWorld.ts'

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
  const world = inputWorld({}, { run: () => readWorkflowRun(run, event) })
  return parseInputs({ 'INPUT_TASK-ID': '282832', ...asVariables(changes) }, world)
}

export const inputsOf = (...given: Parameters<typeof read>) => inputsIn(read(...given))
export const problemsOf = (...given: Parameters<typeof read>) => problemsIn(read(...given))
