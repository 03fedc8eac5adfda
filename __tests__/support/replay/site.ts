import { Cloud, type CloudState } from '../../../src/emulator/cloud.ts'
import { GitHubRepository, type GitHubState } from '../../../src/emulator/gitHub.ts'
import { type GitHubServer, startGitHub } from '../../../src/emulator/gitHubServer.ts'
import type { Claims } from '../../../src/emulator/jwt.ts'
import { type EmulatorServer, startServer } from '../../../src/emulator/server.ts'
import { trusting } from '../../../src/emulator/stage.ts'
import { startTokenService, type TokenService } from '../../../src/emulator/tokenService.ts'
import type { Files } from '../../../src/emulator/workspace.ts'
import { afterTest } from '../afterTest.ts'
import { violationOf } from '../gitHubApi.ts'
import { type Environment, REPOSITORY, type RepositoryIds } from './identity.ts'
import { type RunRecord, runState } from './records.ts'
import type { Attestation } from './standIns.ts'
import type { Permissions, Texts } from './workflowFile.ts'

/** A repository on GitHub with its variables and its cloud: what outlives a run. */
export interface Site {
  readonly cloud: Cloud
  readonly cloudServer: EmulatorServer
  readonly repository: GitHubRepository
  readonly gitHub: GitHubServer
  readonly vars: Texts
  readonly environments: Readonly<Record<string, Environment>>
  readonly ids?: RepositoryIds
  readonly identity: TokenService
  /** What the token service says of all jobs so far that may ask it, by the request token that each was given. */
  readonly identities: Record<string, Claims>
  readonly checkedOut: Files
  readonly attestations: Attestation[]
  /** What the tokens of all jobs so far may do. */
  readonly tokens: Record<string, Permissions>
  /** What the API tells of earlier runs. */
  readonly runs: RunRecord[]
}

export interface SiteOptions {
  readonly cloud: CloudState
  /** Of the repository. */
  readonly vars?: Texts
  /** GitHub makes an environment that a job names and nobody has set up: without rules, without variables. */
  readonly environments?: Readonly<Record<string, Environment>>
  /** Without them `sub` has its older form. */
  readonly ids?: RepositoryIds
  readonly checkedOut?: Files
  readonly gitHub?: Omit<Partial<GitHubState>, 'tokens' | 'repository' | 'workflowRuns'>
  readonly onCloudCall?: (action: string) => void
}

/** Closed after the test. */
export async function openSite(options: SiteOptions): Promise<Site> {
  const { cloud: state, vars = {}, environments = {}, ids, checkedOut = {}, gitHub, onCloudCall } = options
  const identities: Record<string, Claims> = {}
  const identity = await startTokenService({ jobs: identities })
  const cloud = new Cloud(trusting(state, identity.publicKey), Date.now)
  const cloudServer = await startServer(cloud, ({ action }) => onCloudCall?.(action))
  const tokens: Record<string, Permissions> = {}
  const runs: RunRecord[] = []
  const repository = new GitHubRepository({
    ...{ ...gitHub, repository: REPOSITORY, tokens },
    get workflowRuns() {
      return runs.map(runState)
    },
  })
  const server = await startGitHub(repository, { check: violationOf })
  afterTest(
    () => cloudServer.close(),
    () => server.close(),
    () => identity.close(),
  )
  return {
    ...{ cloud, cloudServer, repository, gitHub: server, identity, identities, tokens, runs },
    ...{ vars, environments, checkedOut, attestations: [], ...(ids === undefined ? {} : { ids }) },
  }
}
