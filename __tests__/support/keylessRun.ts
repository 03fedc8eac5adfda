import { state } from '../../src/emulator/answers.ts'
import type { CloudState } from '../../src/emulator/cloud.ts'
import { IDENTITY_SCENARIOS } from '../../src/emulator/identityScenarios.ts'
import { type BundleRun, runBundle } from './bundle.ts'

/** What ships, let in by a role: the scenario, a scan, and which calls were made. */

const keyless = IDENTITY_SCENARIOS.keyless
if (keyless === undefined) throw new Error('the scenario keyless is gone')
export const { inputs: ROLE } = keyless
export const sts = keyless.cloud.sts ?? { providers: {}, roles: {} }
export const LOOK = 'DescribeScanTaskProgress'
export const ASSUME = 'AssumeRoleWithOIDC'

export const scan = (processing: number, changes: Partial<CloudState> = {}): CloudState => ({
  ...keyless.cloud,
  tasks: {
    '282832': {
      targets: [{ type: 'uuid', name: 'web-01', target: '5a1f0c1e-0000-4000-8000-00000000aa01' }],
      looks: [state('init'), ...Array.from({ length: processing }, () => state('Processing')), state('Success')],
    },
  },
  ...changes,
})
export const asRole = (cloud: CloudState = scan(2), { inputs, ...run }: BundleRun = {}) =>
  runBundle(cloud, { identity: {}, ...run, inputs: { ...ROLE, ...inputs } })
export const actionsOf = ({ server }: Awaited<ReturnType<typeof runBundle>>) =>
  server.exchanges.map(({ action }) => action)
