import type { WorkflowRun } from '../domain/workflowRun.ts'
import type { Given, Refuse } from './reading.ts'

/** What a run tells GitHub. */
export interface GitHubInputs {
  readonly token: string
  /** The name of a commit status. */
  readonly commitStatus?: string
  /** The title of an issue. */
  readonly trackingIssue?: string
}

/** Far below what GitHub takes; longer ones cannot be read in its pages. */
const LONGEST_STATUS_NAME = 100
/** GitHub takes 256 characters, and more words are put behind the title. */
const LONGEST_TITLE = 200

/** Whether a text can be sent as a token; also the empty one, which is none. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]*$/.test(text)
}

/** Undefined where nothing is to be told, or where that cannot be done. */
export function readGitHub(given: Given, run: () => WorkflowRun, refuse: Refuse): GitHubInputs | undefined {
  const [token, commitStatus, trackingIssue] = [given('github-token'), given('commit-status'), given('tracking-issue')]
  const isTokenGood = isToken(token)
  if (!isTokenGood) {
    refuse('github-token', undefined, 'has a character in it that no token has (a space, a line break): copy it again')
  }
  const named = [
    { name: 'commit-status', value: commitStatus, most: LONGEST_STATUS_NAME },
    { name: 'tracking-issue', value: trackingIssue, most: LONGEST_TITLE },
  ]
  const isGood = named.map(({ name, value, most }) => {
    if (value === '') return true
    const problem = nameProblem(value, most) ?? (token === '' ? missingToken : undefined)
    if (problem !== undefined) refuse(name, value, problem)
    else if (!/^[^\s/]+\/[^\s/]+$/.test(run().repository)) {
      refuse(name, value, 'needs a repository of GitHub, and GITHUB_REPOSITORY names none: use it in a workflow only')
      return false
    } else if (name === 'commit-status' && run().headSha === '') {
      refuse(name, value, 'needs a commit, and neither the event nor GITHUB_SHA names one: use it in a workflow only')
      return false
    }
    return problem === undefined
  })
  if (token === '' || !isTokenGood) return undefined
  return {
    token,
    ...(commitStatus !== '' && isGood[0] ? { commitStatus } : {}),
    ...(trackingIssue !== '' && isGood[1] ? { trackingIssue } : {}),
  }
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of workflows, not of this language
const missingToken = 'needs a github-token: give github-token: ${{ github.token }}'

function nameProblem(value: string, most: number): string | undefined {
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(value)) return 'has a line break or an invisible character in it: use one plain line'
  return value.length > most ? `has more than ${most} characters: shorten it` : undefined
}
