import { GitHubRepository, type GitHubState } from '../../src/emulator/gitHub.ts'
import { type GitHubServerOptions, startGitHub } from '../../src/emulator/gitHubServer.ts'
import { afterTest } from './afterTest.ts'
import { checkedGitHub, TOKEN, violationOf } from './gitHubApi.ts'

/** The emulated GitHub with its check, and a client that asks it plainly. */

export const REPOSITORY = '/repos/example/app'
export const SHA = 'ab'.repeat(20)
export const OTHER_SHA = 'cd'.repeat(20)

export interface Asked {
  readonly body?: unknown
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: the tests say what it should be
  readonly body: any
}

export async function ask(url: string, call: string, { body, token = TOKEN, headers }: Asked = {}): Promise<Reply> {
  const [method = '', path = ''] = call.split(' ')
  const reply = await fetch(path.startsWith('http') ? path : url + path, {
    method,
    headers: { ...(token === '' ? {} : { authorization: `Bearer ${token}` }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status: reply.status, headers: reply.headers, body: await reply.json() }
}

/** A repository that answers, and whose answers and requests are held against the description: nothing is found. */
export async function repositoryWith(state: Partial<GitHubState> = {}) {
  const github = await checkedGitHub(state)
  const asking = async (call: string, asked?: Asked) => {
    const reply = await ask(github.url, call.replace(' ./', ` ${REPOSITORY}/`), asked)
    expect(github.violations).toEqual([])
    return reply
  }
  return { ...github, asking }
}

/** One that may be asked what is not allowed. */
export async function strict(options: GitHubServerOptions = { check: violationOf }) {
  const permissions = { statuses: 'write', issues: 'write', contents: 'read' } as const
  const repository = new GitHubRepository({ repository: 'example/app', tokens: { [TOKEN]: permissions } })
  const server = await startGitHub(repository, options)
  afterTest(() => server.close())
  return { repository, server, asking: (call: string, asked?: Asked) => ask(server.url, call, asked) }
}
