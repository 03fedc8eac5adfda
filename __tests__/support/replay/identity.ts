import type { Claims } from '../../../src/emulator/jwt.ts'
import { isFromFork, type Permissions, type Texts, type WorkflowEvent } from './workflowFile.ts'

/** Who a job is: what its tokens may do, which variables it gets, and what GitHub signs about it. */

export const REPOSITORY = 'example/app'

export interface Environment {
  /** Which branches its rule admits; absent where there is no rule. */
  readonly branches?: readonly string[]
  readonly vars?: Texts
}

/** With them `sub` has its newer form. */
export interface RepositoryIds {
  readonly owner: string
  readonly name: string
}

/**
 * What a job gets of the `permissions:` that it asks for: in runs of a fork's pull request nothing that writes.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request
 */
export function grantOf(asked: Permissions, event: WorkflowEvent): Permissions {
  if (!isFromFork(event, REPOSITORY)) return asked
  const { 'id-token': _, ...others } = asked
  return Object.fromEntries(Object.keys(others).map((scope) => [scope, 'read' as const]))
}

export function admits({ branches }: Environment, { ref }: WorkflowEvent): boolean {
  return branches === undefined || branches.some((branch) => ref === `refs/heads/${branch}`)
}

/** An empty environment is none. https://docs.github.com/en/actions/reference/security/oidc */
export function claimsOf(
  github: Readonly<Record<string, unknown>>,
  event: WorkflowEvent,
  environment: string,
  ids: RepositoryIds | undefined,
): Claims {
  const named = [
    'repository',
    'repository_owner',
    'ref',
    'sha',
    'workflow',
    'run_id',
    'run_attempt',
    'actor',
    'event_name',
  ]
  return {
    ...Object.fromEntries(named.map((name) => [name, github[name]])),
    sub: `repo:${repositoryIn(ids)}:${contextOf(event, environment)}`,
    environment: environment === '' ? undefined : environment,
  }
}

function repositoryIn(ids: RepositoryIds | undefined): string {
  const [owner, name] = REPOSITORY.split('/')
  return ids === undefined ? REPOSITORY : `${owner}@${ids.owner}/${name}@${ids.name}`
}

/** The first that there is: an environment, a pull request, a ref. */
function contextOf({ name, ref }: WorkflowEvent, environment: string): string {
  if (environment !== '') return `environment:${environment}`
  return name === 'pull_request' ? name : `ref:${ref}`
}
