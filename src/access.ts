import { requestIdToken, type TokenService } from './adapters/idToken.ts'
import { RpcClient } from './adapters/rpc.ts'
import { ecsSessions, roleSessions, type SourceWorld } from './adapters/sessionSources.ts'
import { getCallerIdentity, STS_API_VERSION } from './adapters/sts.ts'
import { policyOf } from './domain/login.ts'
import type { Inputs } from './inputs.ts'
import type { Access, CredentialProvider } from './ports.ts'
import { type KeeperWorld, SessionKeeper } from './steps/sessionKeeper.ts'
import { staticCredentials } from './steps/staticCredentials.ts'

/** What signs a run's calls, put together for the way that the inputs choose. Wiring, like main. */
export interface Entrance {
  readonly credentials: CredentialProvider
  readonly access: Access
  /** Closes idle connections. */
  close(): void
}

export interface EntranceWorld extends SourceWorld, Omit<KeeperWorld, 'source' | 'policy'> {
  /** Where this job's OIDC tokens come from; used with a role only. */
  readonly tokenService: TokenService
}

/** `ramActions` are all that the run needs: a session of a role is narrowed to them. */
export function entranceOf(inputs: Inputs, ramActions: readonly string[], world: EntranceWorld): Entrance {
  const clients: RpcClient[] = []
  const sts = (credentials: CredentialProvider | 'unsigned') => {
    const client = new RpcClient({ url: inputs.sts?.url ?? '', apiVersion: STS_API_VERSION, credentials })
    clients.push(client)
    return client
  }
  const close = () => {
    for (const client of clients) client.close()
  }
  // Made when it is first asked, which most runs never do, and kept for what is asked again.
  let signed: RpcClient | undefined
  const whoAmI = (credentials: CredentialProvider) => (cancel: AbortSignal) => {
    signed ??= sts(credentials)
    return getCallerIdentity(signed, cancel)
  }
  const { login, policy } = inputs
  if (login.kind === 'keys') {
    const credentials = staticCredentials(login.credentials)
    return { credentials, access: { whoAmI: whoAmI(credentials) }, close }
  }
  const source =
    login.kind === 'ecs-role'
      ? ecsSessions(login.role, world)
      : roleSessions(login, policyOf(ramActions), {
          ...world,
          sts: sts('unsigned'),
          idToken: (audience, cancel) => requestIdToken(audience, world.tokenService, cancel),
          deadlineMs: policy.deadlineMs,
        })
  const sessions = new SessionKeeper({ ...world, source, policy })
  return { credentials: sessions, access: { sessions, whoAmI: whoAmI(sessions) }, close }
}
