import type { Answer } from './answers.ts'
import {
  API,
  invalid,
  json,
  type LabelLook,
  type ListRequest,
  labelValue,
  pageOf,
  problem,
  TIME,
  tooLong,
  userValue,
} from './gitHubReplies.ts'

/** Issues, their comments and labels. */

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

/** What a client sends, checked no further than GitHub's answers depend on it. */
type Body = Readonly<Record<string, unknown>>

const LONGEST_TITLE = 256
const LONGEST_BODY = 65_536
const LONGEST_LABEL_DESCRIPTION = 100
/** GitHub gives it to labels that are made by their first use. */
const GREY: LabelLook = { color: 'ededed', description: null }

export class Issues {
  readonly all: IssueState[] = []
  /** Names. */
  readonly labels = new Set<string>()
  readonly #looks = new Map<string, LabelLook>()
  readonly #repository: string
  readonly #login: string

  /** `login`: who opens and comments, unless a story says otherwise. */
  constructor(repository: string, login: string) {
    this.#repository = repository
    this.#login = login
  }

  add(issue: Partial<IssueState>): IssueState {
    const added: IssueState = {
      number: Math.max(0, ...this.all.map(({ number }) => number)) + 1,
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
    added.labels = this.#ensure(added.labels)
    this.all.push(added)
    return added
  }

  list(request: ListRequest): Answer {
    const { state = 'open', labels = '', creator, direction = 'desc' } = request.query
    const wanted = labels.split(',').filter((label) => label !== '')
    const found = this.all
      .filter((issue) => state === 'all' || issue.state === state)
      .filter((issue) => wanted.every((name) => issue.labels.some((label) => isSameLabel(label, name))))
      .filter((issue) => creator === undefined || issue.login === creator)
      .sort((a, b) => (direction === 'asc' ? a.number - b.number : b.number - a.number))
    const { items, headers } = pageOf(found, request)
    const values = items.map((issue) => this.#value(issue))
    return { ...json(200, values), headers }
  }

  create(sent: Body): Answer {
    if (sent.title === undefined || sent.title === '') return invalid('Issue', 'title', 'missing_field')
    const refusal = refusalOf(sent)
    if (refusal !== undefined) return refusal
    const labels = namesIn(sent.labels)
    return json(201, this.#value(this.add({ title: String(sent.title), body: String(sent.body ?? ''), labels })))
  }

  update(number: number, sent: Body): Answer {
    const issue = this.#find(number)
    if (issue === undefined) return problem(404, 'Not Found')
    const refusal = refusalOf(sent)
    if (refusal !== undefined) return refusal
    if (sent.title !== undefined) issue.title = String(sent.title)
    if (sent.body !== undefined) issue.body = String(sent.body ?? '')
    if (sent.labels !== undefined) issue.labels = this.#ensure(namesIn(sent.labels))
    const { state } = sent
    if ((state === 'open' || state === 'closed') && state !== issue.state) {
      issue.state = state
      issue.stateReason = String(sent.state_reason ?? (state === 'closed' ? 'completed' : 'reopened'))
    }
    return json(200, this.#value(issue))
  }

  comment(number: number, { body }: Body): Answer {
    const issue = this.#find(number)
    if (issue === undefined) return problem(404, 'Not Found')
    if (body === undefined || body === '') return invalid('IssueComment', 'body', 'missing_field')
    const refusal = tooLong('IssueComment', 'body', body, LONGEST_BODY)
    if (refusal !== undefined) return refusal
    issue.comments.push(String(body))
    return json(201, this.#commentValue(issue, issue.comments.length - 1))
  }

  listComments(number: number, request: ListRequest): Answer {
    const issue = this.#find(number)
    if (issue === undefined) return problem(404, 'Not Found')
    const { items, headers } = pageOf([...issue.comments.keys()], request)
    const values = items.map((nth) => this.#commentValue(issue, nth))
    return { ...json(200, values), headers }
  }

  getLabel(name: string): Answer {
    const label = this.#labelNamed(name)
    return label === undefined ? problem(404, 'Not Found') : json(200, labelValue(label, this.#lookOf(label)))
  }

  createLabel({ name, color = GREY.color, description = null }: Body): Answer {
    if (name === undefined || name === '') return invalid('Label', 'name', 'missing_field')
    if (!/^[0-9a-f]{6}$/i.test(String(color))) return invalid('Label', 'color', 'invalid')
    const refusal = tooLong('Label', 'description', description, LONGEST_LABEL_DESCRIPTION)
    if (refusal !== undefined) return refusal
    const label = String(name)
    if (this.#labelNamed(label) !== undefined) return invalid('Label', 'name', 'already_exists')
    this.labels.add(label)
    this.#looks.set(label, { color: String(color), description: description === null ? null : String(description) })
    return json(201, labelValue(label, this.#lookOf(label)))
  }

  #find(number: number): IssueState | undefined {
    return this.all.find((issue) => issue.number === number)
  }

  /** The labels as they are written; one that is missing is made, as GitHub does. */
  #ensure(names: readonly string[]): string[] {
    return names.map((name) => {
      const label = this.#labelNamed(name) ?? name
      this.labels.add(label)
      return label
    })
  }

  #labelNamed(name: string): string | undefined {
    return [...this.labels].find((label) => isSameLabel(label, name))
  }

  #lookOf(label: string): LabelLook {
    return this.#looks.get(label) ?? GREY
  }

  #value(issue: IssueState): object {
    const { number, title, body, labels, state, stateReason, login, isPullRequest, comments } = issue
    const url = this.#url(number)
    const links = { url, repository_url: url, labels_url: url, comments_url: `${url}/comments`, events_url: url }
    return {
      ...{ id: number, node_id: 'I', number, title, body, state, state_reason: stateReason, ...links },
      ...{ html_url: this.#page(number), user: userValue(login), locked: false, assignee: null, milestone: null },
      ...{ labels: labels.map((name) => labelValue(name, this.#lookOf(name))), comments: comments.length },
      ...{ closed_at: state === 'closed' ? TIME : null, created_at: TIME, updated_at: TIME },
      author_association: 'NONE',
      ...(isPullRequest ? { pull_request: { url, html_url: url, diff_url: url, patch_url: url } } : {}),
    }
  }

  #commentValue({ number, comments }: IssueState, nth: number): object {
    const id = number * 10_000 + nth
    const url = `${API}/repos/${this.#repository}/issues/comments/${id}`
    const html_url = `${this.#page(number)}#issuecomment-${id}`
    return {
      ...{ id, node_id: 'C', url, html_url, issue_url: this.#url(number), body: comments[nth] },
      ...{ user: userValue(this.#login), created_at: TIME, updated_at: TIME, author_association: 'NONE' },
    }
  }

  #url(number: number): string {
    return `${API}/repos/${this.#repository}/issues/${number}`
  }

  #page(number: number): string {
    return `https://github.com/${this.#repository}/issues/${number}`
  }
}

function refusalOf({ title, body }: Body): Answer | undefined {
  return tooLong('Issue', 'title', title, LONGEST_TITLE) ?? tooLong('Issue', 'body', body, LONGEST_BODY)
}

function namesIn(labels: unknown): string[] {
  return Array.isArray(labels) ? labels.map((label) => (typeof label === 'string' ? label : String(label?.name))) : []
}

/** GitHub does not tell `Bug` from `bug`. */
function isSameLabel(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
