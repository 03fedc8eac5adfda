import { type Answer, raw } from './answers.ts'

/**
 * A repository on GitHub, without a socket: what runs of the action read and write, kept from one run to the next. It
 * answers as GitHub's REST API does, refusals included; tests hold its answers against GitHub's own description.
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
  readonly hasIssues?: boolean
  readonly workflowRuns?: readonly WorkflowRunState[]
  /** What a call gets instead of its good answer; `nth` counts calls of the operation from 1. */
  readonly trouble?: (operation: Operation, nth: number) => Trouble | undefined
}

export type Permissions = Readonly<Partial<Record<Permission, 'read' | 'write'>>>
type Permission = 'statuses' | 'issues' | 'contents' | 'actions'

/** An answer; `isDone` says that the call was carried out all the same. */
export type Trouble = Answer & { readonly isDone?: boolean }

export interface WorkflowRunState {
  readonly id: number
  readonly file: string
  readonly branch: string
  readonly event: string
  readonly createdAt: string
  readonly conclusion: string | null
  readonly jobs: readonly { readonly name: string; readonly conclusion: string | null; readonly completedAt: string }[]
}

export interface Status {
  readonly sha: string
  readonly state: string
  readonly context: string
  readonly description: string
  readonly target_url: string
}

export interface IssueState {
  readonly number: number
  readonly login: string
  title: string
  body: string
  labels: string[]
  state: 'open' | 'closed'
  stateReason: string | null
  readonly isPullRequest: boolean
  readonly comments: string[]
}

export interface GitHubRequest {
  readonly method: string
  /** Decoded, from the root of the API. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly token: string
  /** The address of the API, for links to other pages of a list. */
  readonly url: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever the client sends
  readonly body: any
}

/** The calls that it knows, by the names that GitHub's description gives them. */
const OPERATIONS = {
  'repos/create-commit-status': { method: 'POST', path: 'statuses/{sha}', needs: 'statuses=write' },
  'issues/list-for-repo': { method: 'GET', path: 'issues', needs: 'issues=read' },
  'issues/create': { method: 'POST', path: 'issues', needs: 'issues=write' },
  'issues/update': { method: 'PATCH', path: 'issues/{number}', needs: 'issues=write' },
  'issues/create-comment': { method: 'POST', path: 'issues/{number}/comments', needs: 'issues=write' },
  'issues/get-label': { method: 'GET', path: 'labels/{name}', needs: 'issues=read' },
  'issues/create-label': { method: 'POST', path: 'labels', needs: 'issues=write' },
  'repos/get-content': { method: 'GET', path: 'contents/{+path}', needs: 'contents=read' },
  'git/get-commit': { method: 'GET', path: 'git/commits/{sha}', needs: 'contents=read' },
  'actions/list-workflow-runs': { method: 'GET', path: 'actions/workflows/{file}/runs', needs: 'actions=read' },
  'actions/list-jobs-for-workflow-run': { method: 'GET', path: 'actions/runs/{id}/jobs', needs: 'actions=read' },
  graphql: { method: 'POST', path: '', needs: '' },
} as const
export type Operation = keyof typeof OPERATIONS

interface Found {
  readonly operation: Operation
  /** What stands in the place of the one that its path has. */
  readonly variable: string
}

const LONGEST_DESCRIPTION = 140
const LONGEST_BODY = 65_536

export class GitHubRepository {
  readonly statuses: Status[] = []
  readonly issues: IssueState[] = []
  readonly labels = new Set<string>()
  /** Operations in the order in which they were asked for; `?` and the path for what is not one. */
  readonly calls: string[] = []
  readonly #state: GitHubState

  constructor(state: GitHubState) {
    this.#state = state
  }

  /** An issue that is there before the story begins, or that somebody opens. */
  addIssue(issue: Partial<IssueState> = {}): IssueState {
    const added: IssueState = {
      number: this.issues.length + 1,
      login: this.#login,
      title: 'Title',
      body: '',
      labels: [],
      state: 'open',
      stateReason: null,
      isPullRequest: false,
      comments: [],
      ...issue,
    }
    for (const label of added.labels) this.labels.add(label)
    this.issues.push(added)
    return added
  }

  /** `isScripted` tells trouble of the story from what GitHub would say. */
  answer(request: GitHubRequest): { readonly answer: Answer; readonly isScripted: boolean } {
    const found = this.#find(request)
    const operation = found?.operation ?? `? ${request.method} ${request.path}`
    this.calls.push(operation)
    const nth = this.calls.filter((call) => call === operation).length
    const trouble = found && this.#state.trouble?.(found.operation, nth)
    if (trouble !== undefined && trouble.isDone !== true) return { answer: trouble, isScripted: true }
    const answer = this.#goodAnswer(found, request)
    return { answer: trouble ?? answer, isScripted: trouble !== undefined }
  }

  #goodAnswer(found: Found | undefined, request: GitHubRequest): Answer {
    const permissions = this.#state.tokens[request.token]
    if (permissions === undefined) return problem(401, 'Bad credentials')
    if (found === undefined) return problem(404, 'Not Found')
    const { operation, variable } = found
    const { needs } = OPERATIONS[operation]
    if (!grants(permissions, needs)) {
      const refusal = problem(403, 'Resource not accessible by integration')
      return { ...refusal, headers: { 'x-accepted-github-permissions': needs } }
    }
    return this.#carryOut(operation, variable, request)
  }

  #find({ method, path }: GitHubRequest): Found | undefined {
    if (method === 'POST' && path === '/graphql') return { operation: 'graphql', variable: '' }
    const prefix = `/repos/${this.#state.repository}/`
    if (!path.startsWith(prefix)) return undefined
    const rest = path.slice(prefix.length)
    for (const operation of Object.keys(OPERATIONS) as Operation[]) {
      const known = OPERATIONS[operation]
      const pattern = known.path.replace('{+path}', '(.+)').replace(/\{\w+\}/, '([^/]+)')
      const match = new RegExp(`^${pattern}$`).exec(rest)
      if (known.method === method && known.path !== '' && match !== null) return { operation, variable: match[1] ?? '' }
    }
    return undefined
  }

  #carryOut(operation: Operation, variable: string, request: GitHubRequest): Answer {
    const { body, query } = request
    switch (operation) {
      case 'graphql':
        if (this.#state.tellsViewer === false)
          return json(200, {
            data: null,
            errors: [{ type: 'FORBIDDEN', message: 'Resource not accessible by integration' }],
          })
        return json(200, { data: { viewer: { login: this.#login } } })
      case 'repos/create-commit-status':
        return this.#createStatus(variable, body)
      case 'issues/list-for-repo':
        return this.#listIssues(request)
      case 'issues/create':
        return this.#createIssue(body)
      case 'issues/update':
        return this.#updateIssue(Number(variable), body)
      case 'issues/create-comment':
        return this.#comment(Number(variable), body)
      case 'issues/get-label':
        return this.labels.has(variable) ? json(200, labelValue(variable)) : problem(404, 'Not Found')
      case 'issues/create-label':
        if (this.labels.has(body.name)) return invalid('Label', 'name', 'already_exists')
        this.labels.add(body.name)
        return json(201, labelValue(body.name))
      case 'repos/get-content':
        return this.#content(variable, query.ref ?? '', request.url)
      case 'git/get-commit':
        return this.#state.commits?.[variable] === undefined
          ? problem(404, 'Not Found')
          : json(200, commitValue(variable))
      case 'actions/list-workflow-runs':
        return this.#listRuns(variable, query)
      case 'actions/list-jobs-for-workflow-run':
        return this.#listJobs(Number(variable))
    }
  }

  get #login(): string {
    return this.#state.login ?? 'github-actions[bot]'
  }

  #createStatus(sha: string, body: Record<string, string>): Answer {
    if (!/^[0-9a-f]{40}$/.test(sha)) return problem(422, `No commit found for SHA: ${sha}`)
    const { state = '', context = 'default', description = '', target_url = '' } = body
    if (description.length > LONGEST_DESCRIPTION) return invalid('Status', 'description', 'custom')
    this.statuses.push({ sha, state, context, description, target_url })
    const url = `https://api.github.com/repos/${this.#state.repository}/statuses/${sha}`
    return json(201, {
      ...{ url, id: this.statuses.length, node_id: 'S', avatar_url: null, state, context, description, target_url },
      ...{ created_at: TIME, updated_at: TIME, creator: userValue(this.#login) },
    })
  }

  #listIssues({ query, url, path }: GitHubRequest): Answer {
    if (this.#state.hasIssues === false) return problem(410, 'Issues has been disabled in this repository.')
    const { state = 'open', labels = '', creator, per_page = '30', page = '1' } = query
    const wanted = labels.split(',').filter((label) => label !== '')
    const found = this.issues
      .filter((issue) => state === 'all' || issue.state === state)
      .filter((issue) => wanted.every((label) => issue.labels.includes(label)))
      .filter((issue) => creator === undefined || issue.login === creator)
      .reverse()
    const [size, number] = [Number(per_page), Number(page)]
    const answer = json(
      200,
      found.slice((number - 1) * size, number * size).map((issue) => this.#issueValue(issue)),
    )
    if (number * size >= found.length) return answer
    const next = new URLSearchParams({ ...query, page: String(number + 1) })
    return { ...answer, headers: { link: `<${url}${path}?${next}>; rel="next"` } }
  }

  #createIssue({ title, body, labels = [] }: { title: string; body: string; labels?: string[] }): Answer {
    if (this.#state.hasIssues === false) return problem(410, 'Issues has been disabled in this repository.')
    if (body.length > LONGEST_BODY) return invalid('Issue', 'body', 'custom')
    return json(201, this.#issueValue(this.addIssue({ title, body, labels })))
  }

  #updateIssue(number: number, changes: Record<string, string>): Answer {
    const issue = this.issues.find((one) => one.number === number)
    if (issue === undefined) return problem(404, 'Not Found')
    if ((changes.body ?? '').length > LONGEST_BODY) return invalid('Issue', 'body', 'custom')
    issue.title = changes.title ?? issue.title
    issue.body = changes.body ?? issue.body
    if (changes.state === 'open' || changes.state === 'closed') issue.state = changes.state
    issue.stateReason = changes.state_reason ?? issue.stateReason
    return json(200, this.#issueValue(issue))
  }

  #comment(number: number, { body }: { body: string }): Answer {
    const issue = this.issues.find((one) => one.number === number)
    if (issue === undefined) return problem(404, 'Not Found')
    if (body.length > LONGEST_BODY) return invalid('IssueComment', 'body', 'custom')
    issue.comments.push(body)
    const url = `https://api.github.com/repos/${this.#state.repository}/issues/comments/${issue.comments.length}`
    return json(201, {
      ...{ id: issue.comments.length, node_id: 'C', url, html_url: this.#page(number), issue_url: url, body },
      ...{ user: userValue(this.#login), created_at: TIME, updated_at: TIME, author_association: 'NONE' },
    })
  }

  #content(path: string, ref: string, url: string): Answer {
    const files = this.#state.commits?.[ref]
    if (files === undefined) return problem(404, `No commit found for the ref ${ref}`)
    const text = files[path]
    const at = (name: string) => ({
      ...{ name: name.split('/').at(-1), path: name, sha: ref, html_url: null, git_url: null, download_url: null },
      ...{ url: `${url}/contents/${name}`, _links: { self: `${url}/contents/${name}`, git: null, html: null } },
    })
    if (text === undefined) {
      const below = Object.keys(files).filter((name) => name.startsWith(`${path}/`))
      if (below.length === 0) return problem(404, 'Not Found')
      return json(
        200,
        below.map((name) => ({ ...at(name), type: 'file', size: files[name]?.length ?? 0 })),
      )
    }
    const bytes = Buffer.from(text, 'utf8')
    const isLarge = bytes.length > 1024 * 1024
    const content = isLarge ? '' : bytes.toString('base64').replaceAll(/.{60}/g, '$&\n')
    return json(200, { ...at(path), type: 'file', size: bytes.length, encoding: isLarge ? 'none' : 'base64', content })
  }

  #listRuns(file: string, { branch, event, per_page = '30' }: Readonly<Record<string, string>>): Answer {
    const runs = (this.#state.workflowRuns ?? [])
      .filter((run) => run.file === file && (branch ?? run.branch) === run.branch && (event ?? run.event) === run.event)
      .sort((a, b) => b.id - a.id)
    const values = runs
      .slice(0, Number(per_page))
      .map(({ id, branch: head_branch, event: name, createdAt, conclusion }) => ({
        ...{ id, head_branch, event: name, created_at: createdAt, conclusion },
        status: conclusion === null ? 'in_progress' : 'completed',
      }))
    return json(200, { total_count: runs.length, workflow_runs: values })
  }

  #listJobs(id: number): Answer {
    const run = this.#state.workflowRuns?.find((one) => one.id === id)
    if (run === undefined) return problem(404, 'Not Found')
    const jobs = run.jobs.map(({ name, conclusion, completedAt }) => ({ name, conclusion, completed_at: completedAt }))
    return json(200, { total_count: jobs.length, jobs })
  }

  #issueValue({ number, title, body, labels, state, stateReason, login, isPullRequest, comments }: IssueState): object {
    const url = `https://api.github.com/repos/${this.#state.repository}/issues/${number}`
    const links = { url, repository_url: url, labels_url: url, comments_url: url, events_url: url }
    return {
      ...{ id: number, node_id: 'I', number, title, body, state, state_reason: stateReason, ...links },
      ...{ html_url: this.#page(number), user: userValue(login), labels: labels.map(labelValue), locked: false },
      ...{ assignee: null, milestone: null, comments: comments.length, author_association: 'NONE' },
      ...{ closed_at: state === 'closed' ? TIME : null, created_at: TIME, updated_at: TIME },
      ...(isPullRequest ? { pull_request: { url, html_url: url, diff_url: url, patch_url: url } } : {}),
    }
  }

  #page(number: number): string {
    return `https://github.com/${this.#state.repository}/issues/${number}`
  }
}

const TIME = '2026-11-24T02:17:00Z'

function grants(permissions: Permissions, needs: string): boolean {
  const [name = '', level] = needs.split('=')
  const given = permissions[name as Permission]
  return needs === '' || given === 'write' || (given === 'read' && level === 'read')
}

function json(status: number, value: unknown) {
  return raw(status, JSON.stringify(value), 'application/json; charset=utf-8')
}

export function problem(status: number, message: string) {
  return json(status, { message, documentation_url: 'https://docs.github.com/rest', status: String(status) })
}

function invalid(resource: string, field: string, code: string) {
  const errors = [{ resource, field, code }]
  return json(422, { message: 'Validation Failed', errors, documentation_url: 'https://docs.github.com/rest' })
}

function labelValue(name: string): object {
  const url = `https://api.github.com/labels/${encodeURIComponent(name)}`
  return { id: 1, node_id: 'L', url, name, description: null, color: 'd93f0b', default: false }
}

function commitValue(sha: string): object {
  const url = `https://api.github.com/git/commits/${sha}`
  const person = { date: TIME, email: 'octocat@example.com', name: 'octocat' }
  return {
    ...{ sha, node_id: 'C', url, html_url: url, author: person, committer: person, message: 'change', parents: [] },
    ...{
      tree: { sha, url },
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
    },
  }
}

function userValue(login: string): object {
  const url = `https://api.github.com/users/${encodeURIComponent(login)}`
  const links = [
    ...['url', 'html_url', 'followers_url', 'following_url', 'gists_url', 'starred_url', 'subscriptions_url'],
    ...['organizations_url', 'repos_url', 'events_url', 'received_events_url', 'avatar_url'],
  ]
  return {
    ...Object.fromEntries(links.map((name) => [name, url])),
    ...{
      login,
      id: 1,
      node_id: 'U',
      gravatar_id: '',
      site_admin: false,
      type: login.endsWith('[bot]') ? 'Bot' : 'User',
    },
  }
}
