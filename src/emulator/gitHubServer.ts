import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Answer } from './answers.ts'
import { type GitHubRepository, type GitHubRequest, problem } from './gitHub.ts'
import { addressOf, bodyOf, guarded } from './incoming.ts'
import { give } from './server.ts'

/** The emulated GitHub on a socket of this machine. */
export interface GitHubServer {
  /** What GITHUB_API_URL says: `http://127.0.0.1:port`, or with the path of an Enterprise Server. */
  readonly url: string
  /** The conversation so far. The token is kept, so that tests can see who got it. */
  readonly requests: readonly (GitHubRequest & { readonly status: number })[]
  /** The same as it came, for those who look what is in it. */
  readonly arrivals: readonly { readonly url: string; readonly headers: IncomingHttpHeaders; readonly text: string }[]
  /** What the check found. */
  readonly violations: readonly string[]
  close(): Promise<void>
}

export interface GitHubServerOptions {
  /** `/api/v3` on an Enterprise Server. */
  readonly basePath?: string
  /** What is wrong with a request, or with the answer that it would get; trouble of the story is no answer. */
  readonly check?: (request: GitHubRequest, answer: Answer | undefined) => string | undefined
  readonly onRequest?: (request: GitHubRequest) => void
}

export async function startGitHub(
  repository: GitHubRepository,
  { basePath = '', check = () => undefined, onRequest = () => {} }: GitHubServerOptions = {},
): Promise<GitHubServer> {
  const requests: (GitHubRequest & { readonly status: number })[] = []
  const arrivals: GitHubServer['arrivals'][number][] = []
  const violations: string[] = []
  const drips = new Set<NodeJS.Timeout>()
  let url = ''
  /** What the check refuses is not carried out. */
  const answerTo = (request: GitHubRequest): Answer => {
    const refusal = attempt(() => check(request, undefined))
    const told = refusal === undefined ? repository.answer(request) : undefined
    const violation =
      refusal ?? told?.unexpected ?? attempt(() => check(request, told?.isScripted ? undefined : told?.answer))
    if (violation !== undefined) violations.push(violation)
    return told === undefined || violation !== undefined ? problem(400, violation ?? '') : told.answer
  }
  const readAndAnswer = async (incoming: IncomingMessage): Promise<Answer | undefined> => {
    const address = addressOf(incoming.url)
    const body = await bodyOf(incoming)
    if (body.kind === 'cut-off') return undefined
    if (address === undefined) return problem(400, 'Bad Request')
    if (body.kind === 'too-long') return problem(413, 'Payload Too Large')
    arrivals.push({ url: incoming.url ?? '', headers: incoming.headers, text: body.text })
    const request = readRequest(incoming, address, body.text, basePath, url)
    const given = answerTo(request)
    requests.push({ ...request, status: given.kind === 'reply' ? given.status : 0 })
    onRequest(request)
    return given
  }
  const server = createServer(
    guarded(async (incoming, response) => {
      const given = await readAndAnswer(incoming)
      const marks = { requestId: String(requests.length), date: new Date().toUTCString() }
      if (given !== undefined) give(given, marks, response, drips)
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${basePath}`
  return {
    url,
    requests,
    arrivals,
    violations,
    close: () => {
      for (const drip of drips) clearInterval(drip)
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

/** A check that breaks has found nothing to be good. */
function attempt(check: () => string | undefined): string | undefined {
  try {
    return check()
  } catch (error) {
    return String(error)
  }
}

function readRequest(
  incoming: IncomingMessage,
  { pathname, searchParams }: URL,
  text: string,
  basePath: string,
  url: string,
): GitHubRequest {
  const { accept, 'x-github-api-version': apiVersion } = incoming.headers
  return {
    method: incoming.method ?? '',
    path: decoded(belowBase(pathname, basePath)),
    query: Object.fromEntries(searchParams),
    token: (incoming.headers.authorization ?? '').replace(/^(?:token|bearer) /i, ''),
    ...(accept === undefined ? {} : { accept }),
    ...(typeof apiVersion === 'string' ? { apiVersion } : {}),
    url,
    body: text === '' ? undefined : jsonOrText(text),
  }
}

/** On an Enterprise Server GraphQL is beside the REST API, not below it. What is in neither is no path of the API. */
function belowBase(pathname: string, basePath: string): string {
  if (basePath === '') return pathname
  if (pathname === basePath.replace(/\/v3$/, '/graphql')) return '/graphql'
  const path = pathname.slice(basePath.length)
  return pathname.startsWith(`${basePath}/`) && path !== '/graphql' ? path : `(outside of ${basePath}) ${pathname}`
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
