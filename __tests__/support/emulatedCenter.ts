import { RpcClient } from '../../src/adapters/rpc.ts'
import { API_VERSION, SecurityCenter } from '../../src/adapters/securityCenter.ts'
import { Cloud } from '../../src/emulator/cloud.ts'
import { ACCOUNT } from '../../src/emulator/scenarios.ts'
import { type EmulatorServer, startServer } from '../../src/emulator/server.ts'
import type { ServiceState } from '../../src/emulator/service.ts'
import { staticCredentials } from '../../src/steps/staticCredentials.ts'
import { afterTest } from './afterTest.ts'

export interface EmulatedCenter {
  readonly server: EmulatorServer
  readonly rpc: RpcClient
  readonly center: SecurityCenter
}

export interface CenterOptions {
  readonly keys?: Partial<typeof ACCOUNT>
  readonly limitMs?: number
  /** How far the cloud's clock is ahead of this machine's. */
  readonly clockOffMs?: number
}

/** The adapter as it is, with the real pop-core, against the emulated cloud on a real socket; closed after the test. */
export async function emulatedCenter(
  state: ServiceState,
  { keys, limitMs, clockOffMs = 0 }: CenterOptions = {},
): Promise<EmulatedCenter> {
  const server = await startServer(new Cloud({ account: ACCOUNT, ...state }, () => Date.now() + clockOffMs))
  const rpc = new RpcClient(
    { url: server.url, apiVersion: API_VERSION, credentials: staticCredentials({ ...ACCOUNT, ...keys }) },
    limitMs,
  )
  afterTest(
    () => rpc.close(),
    () => server.close(),
  )
  return { server, rpc, center: new SecurityCenter(rpc) }
}

export const failed = (cause: string, code: string, more = {}) => ({
  kind: 'failure',
  failure: expect.objectContaining({ cause, code, ...more }),
})
