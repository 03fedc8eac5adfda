import { createHash } from 'node:crypto'
import { type Answer, raw } from './answers.ts'

/** How GitHub writes: replies, refusals, pages of lists, and the values in them with all that its description asks for. */

type Reply = Extract<Answer, { kind: 'reply' }>

export function json(status: number, value: unknown): Reply {
  return raw(status, JSON.stringify(value), 'application/json; charset=utf-8')
}

const documentation_url = 'https://docs.github.com/rest'

export function problem(status: number, message: string): Reply {
  return json(status, { message, documentation_url, status: String(status) })
}

/** 422: GitHub has looked at a field and does not take it. */
export function invalid(resource: string, field: string, code: string, message?: string): Reply {
  const errors = [{ resource, field, code, ...(message === undefined ? {} : { message }) }]
  return json(422, { message: 'Validation Failed', errors, documentation_url, status: '422' })
}

/** The refusal of a text that is longer than GitHub allows: it counts characters, not bytes. */
export function tooLong(resource: string, field: string, text: unknown, most: number): Reply | undefined {
  if (typeof text !== 'string' || [...text].length <= most) return undefined
  return invalid(resource, field, 'custom', `${field} is too long (maximum is ${most} characters)`)
}

/** GitHub's answer to whoever asks too much at once. */
export function secondaryRateLimit(retryAfterS?: number, status: 403 | 429 = 403): Reply {
  const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
  const headers = retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }
  return { ...problem(status, message), headers }
}

/** GitHub's answer once the calls of an hour are used up; `resetS` in seconds since 1970. */
export function primaryRateLimit(resetS: number, status: 403 | 429 = 403): Reply {
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(resetS) }
  return { ...problem(status, 'API rate limit exceeded for installation.'), headers }
}

export interface ListRequest {
  readonly query: Readonly<Record<string, string>>
  /** Of the API, and of the list below it. */
  readonly url: string
  readonly path: string
}

const PER_PAGE = 30
const MOST_PER_PAGE = 100

/** One page of a list. GitHub's own links name the repository by its number; these keep the path of the request. */
export function pageOf<T>(items: readonly T[], { query, url, path }: ListRequest) {
  const size = Math.min(countIn(query.per_page) ?? PER_PAGE, MOST_PER_PAGE)
  const page = countIn(query.page) ?? 1
  const last = Math.max(1, Math.ceil(items.length / size))
  const link = (to: number, rel: string) =>
    `<${url}${encodeURI(path)}?${new URLSearchParams({ ...query, page: String(to) })}>; rel="${rel}"`
  const links = [
    ...(page > 1 ? [link(Math.min(page - 1, last), 'prev')] : []),
    ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
    ...(page > 1 ? [link(1, 'first')] : []),
  ]
  const headers = links.length === 0 ? {} : { link: links.join(', ') }
  return { items: items.slice((page - 1) * size, page * size), headers }
}

function countIn(text = ''): number | undefined {
  return /^[1-9]\d*$/.test(text) ? Number(text) : undefined
}

/** When all happens that no story gives a time to. */
export const TIME = '2026-11-24T02:17:00Z'

/** Clients find an object by its address; these are the addresses of GitHub, not of the socket. */
export const API = 'https://api.github.com'

/** As Git names a file's content. */
export function blobSha(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}

export function userValue(login: string): object {
  const url = `${API}/users/${encodeURIComponent(login)}`
  const names = ['', 'html_', 'followers_', 'following_', 'gists_', 'starred_', 'subscriptions_', 'organizations_']
  const links = [...names, 'repos_', 'events_', 'received_events_', 'avatar_'].map((name) => [`${name}url`, url])
  const type = login.endsWith('[bot]') ? 'Bot' : 'User'
  return { ...Object.fromEntries(links), login, id: 1, node_id: 'U', gravatar_id: '', site_admin: false, type }
}

export interface LabelLook {
  readonly color: string
  readonly description: string | null
}

export function labelValue(name: string, { color, description }: LabelLook): object {
  const url = `${API}/labels/${encodeURIComponent(name)}`
  return { id: 1, node_id: 'L', url, name, description, color, default: false }
}

export function commitValue(sha: string): object {
  const url = `${API}/git/commits/${sha}`
  const person = { date: TIME, email: 'octocat@example.com', name: 'octocat' }
  const verification = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null }
  const links = { url, html_url: url, tree: { sha, url }, parents: [] }
  return { sha, node_id: 'C', ...links, author: person, committer: person, message: 'change', verification }
}

const REPOSITORY_LINKS =
  `archive assignees blobs branches collaborators comments commits compare contents contributors deployments downloads
  events forks git_commits git_refs git_tags hooks html issue_comment issue_events issues keys labels languages merges
  milestones notifications pulls releases stargazers statuses subscribers subscription tags teams trees`.split(/\s+/)

/** As it stands in other values; its links are all the same. */
export function repositoryValue(fullName: string): object {
  const [owner = '', name = ''] = fullName.split('/')
  const url = `${API}/repos/${fullName}`
  const links = Object.fromEntries(REPOSITORY_LINKS.map((link) => [`${link}_url`, url]))
  const about = { name, full_name: fullName, owner: userValue(owner), private: true, description: null, fork: false }
  return { id: 1, node_id: 'R', url, ...links, ...about }
}
