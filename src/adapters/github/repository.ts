import { getOctokit } from '@actions/github'
import { retry } from '@octokit/plugin-retry'
import { throttling } from '@octokit/plugin-throttling'
import { unlessAborted } from '../../domain/abort.ts'
import type { CommitStatus, Issue, RepositoryFailure } from '../../domain/repository.ts'
import type { IssueChanges, Label, NewIssue, Repository, Told } from '../../ports.ts'
import { redactionOf } from '../redaction.ts'
import { isTooLarge, TOO_LARGE } from '../smallText.ts'

/**
 * The repository on GitHub, over `@actions/github`. The only file that knows it: a bundle of its own (dist/github),
 * which only runs with a token load. The address comes from GITHUB_API_URL, so that it works on GitHub Enterprise
 * Server too.
 */

/** Limit of one call in ms, its repetitions included. */
const CALL_LIMIT_MS = 15_000

/** Nothing is repeated later than this, in seconds: a run does not wait longer for GitHub at its end. */
const LONGEST_RETRY_AFTER_S = 15

/** More open issues with one label than this nobody keeps: ten pages. */
const MOST_ISSUES = 1_000

/** Creating what creates is not repeated: the first try may have arrived, and its answer been lost. */
const ONCE = { retries: 0 }

type Octokit = ReturnType<typeof getOctokit>

/** A file at a commit. `absent` is said only where the commit itself can be read. */
export type FileAtCommit =
  | { readonly kind: 'file'; readonly bytes: Uint8Array }
  | { readonly kind: 'absent' }
  | { readonly kind: 'problem'; readonly problem: string }

export class GitHubRepository implements Repository {
  readonly #token: string
  readonly #octokit: Octokit
  #statuses = 0
  readonly #place: { readonly owner: string; readonly repo: string }

  /** `repository` is `owner/name`. */
  constructor(token: string, repository: string) {
    const [owner = '', repo = ''] = repository.split('/')
    this.#place = { owner, repo }
    this.#token = token
    this.#octokit = this.#client('issues and files')
  }

  setStatus({ sha, context, state, description, url }: CommitStatus, stop: AbortSignal): Promise<Told<void>> {
    const status = { sha, context, state, description, target_url: url }
    // Each with a client of its own: one client leaves a second between two writes, which a cancelled run does not have.
    const octokit = this.#client(`status ${++this.#statuses}`)
    return this.#tell(stop, async (request) => {
      const answer = await octokit.rest.repos.createCommitStatus({ ...this.#place, ...status, request })
      if (answer.status !== 201) throw new UnreadableAnswer()
    })
  }

  viewer(stop: AbortSignal): Promise<Told<string>> {
    return this.#tell(stop, async (request) => {
      const answer = await this.#octokit.graphql<{ viewer: { login: string } }>('query { viewer { login } }', {
        request,
      })
      if (typeof answer.viewer?.login !== 'string') throw new UnreadableAnswer()
      return answer.viewer.login
    })
  }

  openIssues(label: string, stop: AbortSignal): Promise<Told<readonly Issue[]>> {
    return this.#tell(stop, async (request) => {
      const issues: Issue[] = []
      // Oldest first: should there be too many, it is the newest that are left out.
      const query = { ...this.#place, state: 'open', labels: label, direction: 'asc', per_page: 100, request } as const
      for await (const page of this.#octokit.paginate.iterator(this.#octokit.rest.issues.listForRepo, query)) {
        issues.push(...page.data.filter((issue) => issue.pull_request === undefined).map(readIssue))
        if (issues.length >= MOST_ISSUES) break
      }
      return issues
    })
  }

  ensureLabel({ name, color, description }: Label, stop: AbortSignal): Promise<Told<void>> {
    return this.#tell(stop, async (request) => {
      const { issues } = this.#octokit.rest
      try {
        await issues.getLabel({ ...this.#place, name, request })
      } catch (error) {
        if (statusOf(error) !== 404) throw error
        await issues.createLabel({ ...this.#place, name, color, description, request: { ...request, ...ONCE } })
      }
    })
  }

  createIssue({ title, body, labels }: NewIssue, stop: AbortSignal): Promise<Told<Issue>> {
    return this.#tell(stop, async (request) => {
      const issue = { ...this.#place, title, body, labels: [...labels], request: { ...request, ...ONCE } }
      return readIssue((await this.#octokit.rest.issues.create(issue)).data)
    })
  }

  updateIssue(number: number, { title, body, closedAs }: IssueChanges, stop: AbortSignal): Promise<Told<void>> {
    return this.#tell(stop, async (request) => {
      await this.#octokit.rest.issues.update({
        ...this.#place,
        issue_number: number,
        ...(title === undefined ? {} : { title }),
        ...(body === undefined ? {} : { body }),
        ...(closedAs === undefined ? {} : { state: 'closed', state_reason: closedAs }),
        request,
      })
    })
  }

  comment(number: number, body: string, stop: AbortSignal): Promise<Told<void>> {
    return this.#tell(stop, async (request) => {
      const comment = { ...this.#place, issue_number: number, body, request: { ...request, ...ONCE } }
      await this.#octokit.rest.issues.createComment(comment)
    })
  }

  /** A small text file at a commit. GitHub answers 404 for what is not there and for what may not be read alike. */
  fileAt(path: string, sha: string, stop: AbortSignal): Promise<Told<FileAtCommit>> {
    return this.#tell(stop, async (request): Promise<FileAtCommit> => {
      const { repos, git } = this.#octokit.rest
      try {
        const { data } = await repos.getContent({ ...this.#place, path, ref: sha, request })
        if (Array.isArray(data)) return { kind: 'problem', problem: 'is a folder' }
        if (data.type !== 'file') return { kind: 'problem', problem: `is a ${data.type}, not a file` }
        if (isTooLarge(data.size)) return { kind: 'problem', problem: TOO_LARGE }
        return { kind: 'file', bytes: Buffer.from('content' in data ? data.content : '', 'base64') }
      } catch (error) {
        if (statusOf(error) !== 404) throw error
        await git.getCommit({ ...this.#place, commit_sha: sha, request })
        return { kind: 'absent' }
      }
    })
  }

  /** Clients with one id share their patience: they leave time between writes, and wait out a limit. */
  #client(id: string): Octokit {
    const mayWait = (retryAfterS: number, _: object, __: object, retryCount: number) =>
      retryCount < 1 && retryAfterS <= LONGEST_RETRY_AFTER_S
    const options = {
      log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
      retry: { retries: 2 },
      throttle: { id, onRateLimit: mayWait, onSecondaryRateLimit: mayWait },
    }
    return getOctokit(this.#token, options, retry, throttling)
  }

  /** Whatever Octokit throws becomes a value. */
  async #tell<T>(stop: AbortSignal, work: (request: { readonly signal: AbortSignal }) => Promise<T>): Promise<Told<T>> {
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(), CALL_LIMIT_MS)
    const signal = AbortSignal.any([stop, limit.signal])
    try {
      signal.throwIfAborted()
      // The plugins wait on timers of their own, which know no signal.
      return { kind: 'done', value: await unlessAborted(work({ signal }), signal) }
    } catch (error) {
      return { kind: 'refused', failure: signal.aborted ? NO_TIME : failureOf(error, this.#token) }
    } finally {
      clearTimeout(timer)
    }
  }
}

function ignore(): void {}

const NO_TIME: RepositoryFailure = { status: 0, message: 'no answer in time' }

/** What came is not what GitHub answers: a proxy's page, say. */
class UnreadableAnswer extends Error {}

/** Octokit's own errors have words of GitHub or the network; what else is thrown comes of an answer in a wrong shape. */
function failureOf(error: unknown, token: string): RepositoryFailure {
  const isOctokits = error instanceof Error && ['HttpError', 'GraphqlResponseError'].includes(error.name)
  if (!isOctokits) return { status: 0, message: 'what came cannot be read' }
  const [message = ''] = error.message.split(' - https://')
  return { status: statusOf(error), message: redactionOf([token])(message) }
}

/** 0 where no reply came at all, for which Octokit has 500. GraphQL refuses with a reply that is good as HTTP. */
function statusOf(error: unknown): number {
  if (!(error instanceof Error)) return 0
  if (error.name === 'GraphqlResponseError') return /not accessible|forbidden/i.test(error.message) ? 403 : 500
  const hasReply = 'response' in error && error.response !== undefined
  return hasReply && 'status' in error && typeof error.status === 'number' ? error.status : 0
}

function readIssue(issue: {
  readonly number: number
  readonly html_url: string
  readonly body?: string | null | undefined
  readonly user: { readonly login: string; readonly type: string } | null
}): Issue {
  const { number, html_url: url, body, user } = issue
  const isReadable = typeof number === 'number' && typeof url === 'string' && typeof (body ?? '') === 'string'
  if (!isReadable || typeof (user?.login ?? '') !== 'string') throw new UnreadableAnswer()
  return { number, url, body: body ?? '', author: { login: user?.login ?? '', isBot: user?.type === 'Bot' } }
}
