import { RpcClient } from '../../src/adapters/rpc.ts'
import { API_VERSION, SecurityCenter } from '../../src/adapters/securityCenter.ts'
import * as answers from '../../src/emulator/answers.ts'
import { Cloud } from '../../src/emulator/cloud.ts'
import { ACCOUNT } from '../../src/emulator/scenarios.ts'
import { startServer } from '../../src/emulator/server.ts'
import type { CredentialProvider } from '../../src/ports.ts'
import { afterTest } from './afterTest.ts'
import { id } from './builders.ts'

/** Calls signed by credentials that note what they are told. */

export const never = new AbortController().signal
export const tasks = { '1': { targets: [], looks: [answers.state('Processing')] } }
/** Credentials that note what they are told. */
export class Noted implements CredentialProvider {
  readonly told: string[] = []
  given = 0
  readonly #next: () => ReturnType<CredentialProvider['credentials']>
  readonly #others: boolean

  constructor(next: () => ReturnType<CredentialProvider['credentials']>, others = false) {
    this.#next = next
    this.#others = others
  }
  credentials() {
    this.given += 1
    return this.#next()
  }
  accepted({ accessKeyId }: { readonly accessKeyId: string }) {
    this.told.push(`accepted ${accessKeyId}`)
  }
  ended({ accessKeyId }: { readonly accessKeyId: string }) {
    this.told.push(`ended ${accessKeyId}`)
    return this.#others
  }
}

export async function stand(
  credentials: CredentialProvider,
  state: Partial<ConstructorParameters<typeof Cloud>[0]> = {},
) {
  const server = await startServer(new Cloud({ account: ACCOUNT, tasks, ...state }, Date.now))
  const rpc = new RpcClient({ url: server.url, apiVersion: API_VERSION, credentials }, 5_000)
  afterTest(
    () => rpc.close(),
    () => server.close(),
  )
  const center = new SecurityCenter(rpc)
  return { server, center, look: (cancel = never) => center.describeScanTaskProgress(id('1'), cancel) }
}

export const ours = async () => ({ kind: 'credentials', credentials: ACCOUNT }) as const
