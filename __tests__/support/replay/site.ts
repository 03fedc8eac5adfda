import { Cloud, type CloudState } from '../../../src/emulator/cloud.ts'
import { GitHubRepository, type GitHubState } from '../../../src/emulator/gitHub.ts'
import { type GitHubServer, startGitHub } from '../../../src/emulator/gitHubServer.ts'
import { type EmulatorServer, startServer } from '../../../src/emulator/server.ts'
import type { Files } from '../../../src/emulator/workspace.ts'
import { violationOf } from '../gitHubApi.ts'
import { type RunRecord, runState } from './records.ts'
import type { Attestation } from './standIns.ts'
import type { Permissions } from './workflowFile.ts'

export const REPOSITORY = 'example/app'

/** A repository on GitHub with its secrets and its cloud: what outlives a run. */
export interface Site {
  readonly cloud: Cloud
  readonly cloudServer: EmulatorServer
  readonly repository: GitHubRepository
  readonly gitHub: GitHubServer
  readonly secrets: Readonly<Record<string, string>>
  readonly checkedOut: Files
  readonly attestations: Attestation[]
  /** What the tokens of all jobs so far may do. */
  readonly tokens: Record<string, Permissions>
  /** What the API tells of earlier runs. */
  readonly runs: RunRecord[]
}

export interface SiteOptions {
  readonly cloud: CloudState
  readonly secrets: Readonly<Record<string, string>>
  readonly checkedOut?: Files
  readonly gitHub?: Omit<Partial<GitHubState>, 'tokens' | 'repository' | 'workflowRuns'>
  readonly onCloudCall?: (action: string) => void
}

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** Closed after the test. */
export async function openSite({ cloud: state, secrets, checkedOut, gitHub, onCloudCall }: SiteOptions): Promise<Site> {
  const cloud = new Cloud(state, Date.now)
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
  closing.push(
    () => cloudServer.close(),
    () => server.close(),
  )
  const site = { cloud, cloudServer, repository, gitHub: server, secrets, tokens, runs }
  return { ...site, checkedOut: checkedOut ?? {}, attestations: [] }
}
