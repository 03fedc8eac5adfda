/** The nouns of a repository on GitHub, as far as a run tells it something. */

export interface CommitStatus {
  readonly sha: string
  /** The status' name. */
  readonly context: string
  readonly state: 'pending' | 'success' | 'failure' | 'error'
  /** At most 140 characters: GitHub refuses more. */
  readonly description: string
  /** The page that the status leads to. */
  readonly url: string
}

export interface Issue {
  readonly number: number
  readonly url: string
  readonly body: string
  readonly author: Author
}

export interface Author {
  readonly login: string
  readonly isBot: boolean
}

/** Why GitHub did not do what it was asked. */
export interface RepositoryFailure {
  /** The HTTP status; 0 where no reply came. */
  readonly status: number
  /** What GitHub or the network said: foreign text. */
  readonly message: string
}

/** Whether the same may be done later: GitHub is unwell, out of reach, or asks for patience. Else it has said no. */
export function mayHeal({ status, message }: RepositoryFailure): boolean {
  return status === 0 || status === 429 || status >= 500 || /rate limit/i.test(message)
}
