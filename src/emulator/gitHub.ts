import type { Answer } from './answers.ts'
import { type IssueState, Issues } from './gitHubIssues.ts'
import { type Found, findOperation, OPERATIONS, type Operation } from './gitHubOperations.ts'
import { contentAt, listJobs, listRuns, type WorkflowRunState } from './gitHubReading.ts'
import { API, commitValue, json, problem, TIME, tooLong, userValue } from './gitHubReplies.ts'

export { type IssueState, type Operation, problem }

/**
 * A repository on GitHub, without a socket: what runs of the action read and write, kept from one run to the next. It
 * answers as GitHub's REST API does, refusals included; tests hold its answers against GitHub's own description. What
 * it does not know it refuses and notes.
 */

export interface GitHubState {
  /** `owner/name` */
  readonly repository: string
  /** By the token itself: what it may do, such as `{ statuses: 'write' }`. */
  readonly tokens: Readonly<Record<string, Permissions>>
  /** The account of all tokens. */
  readonly login?: string
  /** Whether GitHub says whose token it is. */
  readonly tellsViewer?: boolean
  /** Texts by path, by commit. */
  readonly commits?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Commits that take no status, since they are not there; any other may have one. */
  readonly lostCommits?: readonly string[]
  readonly hasIssues?: boolean
  readonly workflowRuns?: readonly WorkflowRunState[]
  /** What a call gets instead of its good answer; `nth` counts calls of the operation from 1. */
  readonly trouble?: (operation: Operation, nth: number) => Trouble | undefined
}

export type Permissions = Readonly<Partial<Record<Permission, 'read' | 'write'>>>
type Permission = 'statuses' | 'issues' | 'contents' | 'actions'

/** An answer; `isDone` says that the call was carried out all the same. */
type Trouble = Answer & { readonly isDone?: boolean }

export interface Status {
  readonly sha: string
  readonly state: string
  readonly context: string
  readonly description: string
  readonly target_url: string
}

export interface GitHubRequest {
  readonly method: string
  /** Decoded, from the root of the API. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly token: string
  /** Which form of answer the client wants, and of which version of the API. */
  readonly accept?: string
  readonly apiVersion?: string
  /** The address of the API, for links to other pages of a list. */
  readonly url: string
  /** The text itself where it is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the client sends
  readonly body: any
}

export interface Told {
  readonly answer: Answer
  /** Whether it is trouble of the story, and not what GitHub would say. */
  readonly isScripted: boolean
  /** What was asked for that this does not know, and GitHub may: a test that meets any of it proves nothing. */
  readonly unexpected?: string
}

const LONGEST_DESCRIPTION = 140

export class GitHubRepository {
  readonly statuses: Status[] = []
  readonly issues: IssueState[]
  readonly labels: Set<string>
  /** Operations in the order in which they were asked for; `?` and the path for what is not one. */
  readonly calls: string[] = []
  /** What was asked for that this does not know. */
  readonly unexpected: string[] = []
  readonly #state: GitHubState
  readonly #issues: Issues

  constructor(state: GitHubState) {
    this.#state = state
    this.#issues = new Issues(state.repository, loginOf(state))
    this.issues = this.#issues.all
    this.labels = this.#issues.labels
  }

  /** An issue that is there before the story begins, or that somebody opens. */
  addIssue(issue: Partial<IssueState> = {}): IssueState {
    return this.#issues.add(issue)
  }

  answer(request: GitHubRequest): Told {
    const found = findOperation(request, this.#state.repository)
    const operation = found?.operation ?? `? ${request.method} ${request.path}`
    this.calls.push(operation)
    const nth = this.calls.filter((call) => call === operation).length
    const trouble = found && this.#state.trouble?.(found.operation, nth)
    if (trouble !== undefined && trouble.isDone !== true) return { answer: trouble, isScripted: true }
    const before = this.unexpected.length
    const answer = this.#goodAnswer(found, request)
    const unexpected = this.unexpected[before]
    const told = { answer: trouble ?? answer, isScripted: trouble !== undefined }
    return unexpected === undefined ? told : { ...told, unexpected: `unknown to the stand-in: ${unexpected}` }
  }

  #goodAnswer(found: Found | undefined, request: GitHubRequest): Answer {
    if (request.token === '' && request.method !== 'GET') return problem(401, 'Requires authentication')
    const permissions = this.#state.tokens[request.token]
    if (permissions === undefined && request.token !== '') return problem(401, 'Bad credentials')
    // Whoever does not say who he is sees nothing of a private repository.
    if (permissions === undefined || !this.#isHere(request.path)) return problem(404, 'Not Found')
    if (found === undefined) return this.#isUnexpected(`${request.method} ${request.path}`)
    const { operation, variable } = found
    const { needs, heeds } = OPERATIONS[operation]
    if (!grants(permissions, needs)) {
      const refusal = problem(403, 'Resource not accessible by integration')
      return { ...refusal, headers: { 'x-accepted-github-permissions': needs } }
    }
    if (typeof request.body === 'string') return problem(400, 'Problems parsing JSON')
    const sent = [...Object.keys(request.query), ...Object.keys(request.body ?? {})]
    const unheeded = sent.find((name) => !heeds.includes(name))
    if (unheeded !== undefined) return this.#isUnexpected(`${operation} with ${unheeded}`)
    return this.#carryOut(operation, variable, { ...request, body: request.body ?? {} })
  }

  #isHere(path: string): boolean {
    return path === '/graphql' || !path.startsWith('/repos/') || path.startsWith(`/repos/${this.#state.repository}/`)
  }

  #isUnexpected(what: string): Answer {
    this.unexpected.push(what)
    return problem(404, 'Not Found')
  }

  #carryOut(operation: Operation, variable: string, request: GitHubRequest): Answer {
    const { body, query } = request
    const { repository, commits = {}, workflowRuns = [], hasIssues } = this.#state
    if (hasIssues === false && operation.startsWith('issues/') && !operation.endsWith('label'))
      return problem(410, 'Issues has been disabled in this repository.')
    switch (operation) {
      case 'graphql':
        return this.#query(body.query)
      case 'repos/create-commit-status':
        return this.#createStatus(variable, body)
      case 'issues/list-for-repo':
        return this.#issues.list(request)
      case 'issues/create':
        return this.#issues.create(body)
      case 'issues/update':
        return this.#issues.update(Number(variable), body)
      case 'issues/list-comments':
        return this.#issues.listComments(Number(variable), request)
      case 'issues/create-comment':
        return this.#issues.comment(Number(variable), body)
      case 'issues/get-label':
        return this.#issues.getLabel(variable)
      case 'issues/create-label':
        return this.#issues.createLabel(body)
      case 'repos/get-content': {
        const { ref } = query
        if (ref === undefined) return this.#isUnexpected('repos/get-content without ref')
        const files = commits[ref]
        if (files === undefined) return problem(404, `No commit found for the ref ${ref}`)
        return contentAt(files, variable, repository, ref)
      }
      case 'git/get-commit':
        return commits[variable] === undefined ? problem(404, 'Not Found') : json(200, commitValue(variable))
      case 'actions/list-workflow-runs':
        return listRuns(workflowRuns, variable, repository, request)
      case 'actions/list-jobs-for-workflow-run':
        return listJobs(workflowRuns, Number(variable), repository, request)
    }
  }

  /** GraphQL answers 200 whatever happens. */
  #query(query: unknown): Answer {
    if (!/^(?:query\s*)?\{\s*viewer\s*\{\s*login\s*\}\s*\}$/.test(String(query).trim()))
      return this.#isUnexpected(`graphql ${query}`)
    if (this.#state.tellsViewer !== false) return json(200, { data: { viewer: { login: loginOf(this.#state) } } })
    const error = { type: 'FORBIDDEN', path: ['viewer'], message: 'Resource not accessible by integration' }
    return json(200, { data: null, errors: [error] })
  }

  #createStatus(sha: string, sent: Readonly<Record<string, string>>): Answer {
    if (!/^[0-9a-f]{40}$/.test(sha) || this.#state.lostCommits?.includes(sha))
      return problem(422, `No commit found for SHA: ${sha}`)
    const { state = '', context = 'default', description = '', target_url = '' } = sent
    const refusal = tooLong('Status', 'description', description, LONGEST_DESCRIPTION)
    if (refusal !== undefined) return refusal
    this.statuses.push({ sha, state, context, description, target_url })
    const url = `${API}/repos/${this.#state.repository}/statuses/${sha}`
    return json(201, {
      ...{ url, id: this.statuses.length, node_id: 'S', avatar_url: null, state, context, description, target_url },
      ...{ created_at: TIME, updated_at: TIME, creator: userValue(loginOf(this.#state)) },
    })
  }
}

function loginOf({ login = 'github-actions[bot]' }: GitHubState): string {
  return login
}

function grants(permissions: Permissions, needs: string): boolean {
  const [name = '', level] = needs.split('=')
  const given = permissions[name as Permission]
  return needs === '' || given === 'write' || (given === 'read' && level === 'read')
}
