import type { RepositoryFailure } from '../domain/repository.ts'
import type { WorkflowRun } from '../domain/workflowRun.ts'
import { own, type Sentence, say } from './sentence.ts'

/** What GitHub would not do, and what to do about it. */

/** What a run asks of GitHub. */
export type RepositoryFeature = 'commit-status' | 'tracking-issue' | 'allow-list'

const PERMISSIONS: Readonly<Record<RepositoryFeature, string>> = {
  'commit-status': 'statuses: write',
  'tracking-issue': 'issues: write',
  'allow-list': 'contents: read',
}

/** A sentence without its end: what GitHub answered, and the remedy. */
export function repositoryProblem(
  feature: RepositoryFeature,
  { status, message }: RepositoryFailure,
  { untrusted }: Pick<WorkflowRun, 'untrusted'>,
): Sentence {
  const answer =
    status === 0 ? say`GitHub gave no good answer (${message})` : say`GitHub answered ${status} (${message})`
  return say`${answer}${remedy(feature, status, message, untrusted)}`
}

function remedy(
  feature: RepositoryFeature,
  status: number,
  message: string,
  untrusted: WorkflowRun['untrusted'],
): Sentence {
  if (status === 429 || /rate limit/i.test(message)) return own(': too many requests with this token, try later')
  if (status === 401) return own(': see that github-token is a token of this GitHub, and has not expired')
  if (/not accessible/i.test(message) && untrusted !== undefined && feature !== 'allow-list') {
    return own(
      `: runs for ${untrusted === 'fork' ? 'pull requests from forks' : 'Dependabot'} have a token that may only read, leave ${feature} empty for them`,
    )
  }
  if (status === 404 || /not accessible/i.test(message)) {
    return own(`: add ${PERMISSIONS[feature]} to the permissions of the job, which must name all that it needs`)
  }
  if (status === 410) return own(': issues are switched off in the settings of this repository')
  if (status === 422 && feature === 'commit-status') {
    return own(': see that the commit is in this repository, and has fewer than 1000 statuses of that name')
  }
  return status === 0 || status >= 500 ? own(': it may be unwell') : []
}

/** The one warning of a feature that failed. What GitHub does or does not changes no verdict. */
export function repositoryWarning(
  feature: Exclude<RepositoryFeature, 'allow-list'>,
  name: string,
  failure: RepositoryFailure,
  run: WorkflowRun,
): Sentence {
  const what = feature === 'commit-status' ? say`The commit status ${name}` : say`The tracking issue ${name}`
  const verb = feature === 'commit-status' ? 'could not be set' : 'could not be brought up to date'
  return say`${what} ${own(verb)}: ${repositoryProblem(feature, failure, run)}. The verdict stands.`
}
