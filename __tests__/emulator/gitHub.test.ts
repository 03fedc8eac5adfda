import { resetBeforeHeaders } from '../../src/emulator/answers.ts'
import { GitHubRepository, type GitHubState, type Operation, problem } from '../../src/emulator/gitHub.ts'
import { primaryRateLimit, secondaryRateLimit } from '../../src/emulator/gitHubReplies.ts'
import { type GitHubServer, type GitHubServerOptions, startGitHub } from '../../src/emulator/gitHubServer.ts'
import { checkedGitHub, TOKEN, violationOf } from '../support/gitHubApi.ts'

/** The emulated GitHub: what GitHub would say, for each call that it knows. And the check that keeps it honest. */

const REPOSITORY = '/repos/example/app'
const SHA = 'ab'.repeat(20)
const OTHER_SHA = 'cd'.repeat(20)

interface Asked {
  readonly body?: unknown
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
}

interface Reply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: the tests say what it should be
  readonly body: any
}

async function ask(url: string, call: string, { body, token = TOKEN, headers }: Asked = {}): Promise<Reply> {
  const [method = '', path = ''] = call.split(' ')
  const reply = await fetch(path.startsWith('http') ? path : url + path, {
    method,
    headers: { ...(token === '' ? {} : { authorization: `Bearer ${token}` }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status: reply.status, headers: reply.headers, body: await reply.json() }
}

/** A repository that answers, and whose answers and requests are held against the description: nothing is found. */
async function repositoryWith(state: Partial<GitHubState> = {}) {
  const github = await checkedGitHub(state)
  const asking = async (call: string, asked?: Asked) => {
    const reply = await ask(github.url, call.replace(' ./', ` ${REPOSITORY}/`), asked)
    expect(github.violations).toEqual([])
    return reply
  }
  return { ...github, asking }
}

const servers: GitHubServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

/** One that may be asked what is not allowed. */
async function strict(options: GitHubServerOptions = { check: violationOf }) {
  const permissions = { statuses: 'write', issues: 'write', contents: 'read' } as const
  const repository = new GitHubRepository({ repository: 'example/app', tokens: { [TOKEN]: permissions } })
  const server = await startGitHub(repository, options)
  servers.push(server)
  return { repository, server, asking: (call: string, asked?: Asked) => ask(server.url, call, asked) }
}

describe('commit statuses', () => {
  const status = { state: 'success', context: 'virus scan', description: 'fine', target_url: 'https://example.com/1' }

  test('are kept in the order in which they came', async () => {
    const { asking, repository } = await repositoryWith()
    const reply = await asking(`POST ./statuses/${SHA}`, { body: { ...status, state: 'pending' } })
    expect(reply).toMatchObject({ status: 201, body: { state: 'pending', creator: { type: 'Bot' } } })
    await asking(`POST ./statuses/${SHA}`, { body: status })
    expect(repository.statuses).toEqual([
      { ...status, sha: SHA, state: 'pending' },
      { ...status, sha: SHA },
    ])
  })

  test.each([
    ['an abbreviation', 'abcdef0'],
    ['one that is not there', OTHER_SHA],
  ])('not on %s', async (_, sha) => {
    const { asking, repository } = await repositoryWith({ lostCommits: [OTHER_SHA] })
    const reply = await asking(`POST ./statuses/${sha}`, { body: status })
    expect(reply).toMatchObject({ status: 422, body: { message: `No commit found for SHA: ${sha}` } })
    expect(repository.statuses).toEqual([])
  })

  test('have 140 characters, however many bytes these take', async () => {
    const { asking, repository } = await repositoryWith()
    const fits = '\u{1f984}'.repeat(140)
    expect((await asking(`POST ./statuses/${SHA}`, { body: { ...status, description: fits } })).status).toBe(201)
    const { status: code, body } = await asking(`POST ./statuses/${SHA}`, {
      body: { ...status, description: `${fits}.` },
    })
    expect([code, body.errors[0].message]).toEqual([422, 'description is too long (maximum is 140 characters)'])
    expect(repository.statuses).toHaveLength(1)
  })
})

describe('issues', () => {
  test('are opened, with the labels that are missing', async () => {
    const { asking, repository } = await repositoryWith()
    await asking('POST ./labels', { body: { name: 'Bug', color: 'd93f0b', description: 'wrong' } })
    const { status, body } = await asking('POST ./issues', { body: { title: 't', body: 'b', labels: ['bug', 'new'] } })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      number: 1,
      state: 'open',
      user: { login: 'github-actions[bot]', type: 'Bot' },
      labels: [
        { name: 'Bug', color: 'd93f0b', description: 'wrong' },
        { name: 'new', color: 'ededed', description: null },
      ],
    })
    expect([...repository.labels]).toEqual(['Bug', 'new'])
    expect(repository.issues).toMatchObject([{ title: 't', body: 'b', labels: ['Bug', 'new'], state: 'open' }])
  })

  test('are changed, closed and opened again', async () => {
    const { asking, repository } = await repositoryWith()
    repository.addIssue({ title: 'before' })
    const changes = { title: 'after', body: 'new', state: 'closed', state_reason: 'not_planned' }
    const closed = await asking('PATCH ./issues/1', { body: changes })
    expect(closed).toMatchObject({ status: 200, body: { ...changes, closed_at: expect.any(String) } })
    await asking('PATCH ./issues/1', { body: { state: 'open' } })
    expect(repository.issues).toMatchObject([{ title: 'after', body: 'new', state: 'open', stateReason: 'reopened' }])
    await asking('PATCH ./issues/1', { body: { state: 'closed' } })
    expect(repository.issues).toMatchObject([{ state: 'closed', stateReason: 'completed' }])
    expect((await asking('PATCH ./issues/2', { body: changes })).status).toBe(404)
  })

  test('are listed: the newest first, pull requests among them, by state, labels and who opened them', async () => {
    const { asking, repository } = await repositoryWith()
    repository.addIssue({ labels: ['a', 'b'] })
    repository.addIssue({ labels: ['a'], login: 'mallory' })
    repository.addIssue({ labels: ['a'], state: 'closed' })
    repository.addIssue({ isPullRequest: true })
    const numbers = async (query: string) => {
      const { body } = await asking(`GET ./issues${query}`)
      return body.map(({ number }: { number: number }) => number)
    }
    expect(await numbers('')).toEqual([4, 2, 1])
    expect(await numbers('?state=all&direction=asc')).toEqual([1, 2, 3, 4])
    expect(await numbers('?state=closed')).toEqual([3])
    expect(await numbers('?labels=A')).toEqual([2, 1])
    expect(await numbers('?labels=a,b')).toEqual([1])
    expect(await numbers('?creator=mallory')).toEqual([2])
    const { body } = await asking('GET ./issues')
    expect(body.map((issue: object) => 'pull_request' in issue)).toEqual([true, false, false])
  })

  test('come in pages that lead to one another', async () => {
    const { asking, repository } = await repositoryWith()
    for (let n = 0; n < 130; n++) repository.addIssue({ labels: ['a'] })
    expect((await asking('GET ./issues')).body).toHaveLength(30)
    expect((await asking('GET ./issues?per_page=1000')).body).toHaveLength(100)
    const rels = ({ headers }: Reply) => [...(headers.get('link') ?? '').matchAll(/<([^>]+)>; rel="(\w+)"/g)]
    const first = await asking('GET ./issues?labels=a&per_page=60')
    expect(rels(first).map(([, , rel]) => rel)).toEqual(['next', 'last'])
    const second = await asking(`GET ${rels(first)[0]?.[1]}`)
    expect(second.body).toMatchObject({ 0: { number: 70 }, 59: { number: 11 } })
    expect(rels(second).map(([, , rel]) => rel)).toEqual(['prev', 'next', 'last', 'first'])
    const third = await asking(`GET ${rels(second)[1]?.[1]}`)
    expect([third.body.length, rels(third).map(([, , rel]) => rel)]).toEqual([10, ['prev', 'first']])
    expect((await asking('GET ./issues?per_page=100&page=3')).body).toEqual([])
  })

  test('have comments', async () => {
    const { asking, repository } = await repositoryWith()
    repository.addIssue()
    expect((await asking('POST ./issues/1/comments', { body: { body: 'one' } })).status).toBe(201)
    await asking('POST ./issues/1/comments', { body: { body: 'two' } })
    expect(repository.issues[0]?.comments).toEqual(['one', 'two'])
    const { body, headers } = await asking('GET ./issues/1/comments?per_page=1&page=2')
    expect([body.map((one: { body: string }) => one.body), headers.get('link')]).toEqual([
      ['two'],
      expect.stringContaining('rel="prev"'),
    ])
    expect((await asking('GET ./issues')).body[0].comments).toBe(2)
    expect((await asking('POST ./issues/2/comments', { body: { body: 'lost' } })).status).toBe(404)
  })

  test.each([
    ['POST ./issues', { title: 't', body: 'x'.repeat(65_537) }, 'body'],
    ['PATCH ./issues/1', { body: 'x'.repeat(65_537) }, 'body'],
    ['POST ./issues/1/comments', { body: 'x'.repeat(65_537) }, 'body'],
    ['POST ./issues', { title: 'x'.repeat(257) }, 'title'],
    ['POST ./issues', { title: '' }, 'title'],
  ])('%s refuses what is too long or empty: no %#', async (call, body, field) => {
    const { asking, repository } = await repositoryWith()
    repository.addIssue()
    expect(await asking(call, { body })).toMatchObject({ status: 422, body: { errors: [{ field }] } })
    expect(repository.issues).toMatchObject([{ title: 'Title', body: '', comments: [] }])
  })

  test('may be switched off; labels are there all the same', async () => {
    const { asking } = await repositoryWith({ hasIssues: false })
    const gone = { status: 410, body: { message: 'Issues has been disabled in this repository.' } }
    expect(await asking('GET ./issues')).toMatchObject(gone)
    expect(await asking('POST ./issues', { body: { title: 't' } })).toMatchObject(gone)
    expect(await asking('POST ./issues/1/comments', { body: { body: 'b' } })).toMatchObject(gone)
    expect((await asking('POST ./labels', { body: { name: 'a' } })).status).toBe(201)
  })
})

test('labels are made once, and found in any case', async () => {
  const { asking } = await repositoryWith()
  expect((await asking('GET ./labels/virus-scan')).status).toBe(404)
  expect((await asking('POST ./labels', { body: { name: 'virus-scan', color: 'd93f0b' } })).status).toBe(201)
  expect((await asking('GET ./labels/Virus-Scan')).body).toMatchObject({ name: 'virus-scan', color: 'd93f0b' })
  const again = await asking('POST ./labels', { body: { name: 'VIRUS-scan' } })
  expect(again).toMatchObject({ status: 422, body: { errors: [{ resource: 'Label', code: 'already_exists' }] } })
  for (const body of [
    { name: 'a', color: '#d93f0b' },
    { name: 'a', description: 'x'.repeat(101) },
  ])
    expect((await asking('POST ./labels', { body })).status).toBe(422)
})

describe('files at a commit', () => {
  const commits = {
    [SHA]: { 'a ü.yml': 'ü: 1\n'.repeat(40), 'dir/b': '', 'dir/deep/c': 'c', large: 'x'.repeat(1024 * 1024 + 1) },
  }

  test('come in lines of 60 characters, each of which ends', async () => {
    const { asking } = await repositoryWith({ commits })
    const { status, body } = await asking(`GET ./contents/a%20%C3%BC.yml?ref=${SHA}`)
    expect([status, body.type, body.encoding, body.size]).toEqual([200, 'file', 'base64', 240])
    expect(body.content).toMatch(/^(?:[\w+/=]{60}\n)+(?:[\w+/=]{1,60}\n)?$/)
    expect(Buffer.from(body.content, 'base64').toString('utf8')).toBe(commits[SHA]?.['a ü.yml'])
  })

  test('that are empty are so, and those above 1 MiB come without what is in them', async () => {
    const { asking } = await repositoryWith({ commits })
    expect((await asking(`GET ./contents/dir/b?ref=${SHA}`)).body).toMatchObject({ size: 0, content: '' })
    const { body } = await asking(`GET ./contents/large?ref=${SHA}`)
    expect(body).toMatchObject({ size: 1024 * 1024 + 1, encoding: 'none', content: '' })
    // What `git hash-object` says of an empty file.
    expect((await asking(`GET ./contents/dir/b?ref=${SHA}`)).body.sha).toBe('e69de29bb2d1d6434b8b29ae775ad8c2e48c5391')
  })

  test('are listed where a folder is asked for', async () => {
    const { asking } = await repositoryWith({ commits })
    const { body } = await asking(`GET ./contents/dir?ref=${SHA}`)
    expect(body.map(({ path, type }: { path: string; type: string }) => [path, type])).toEqual([
      ['dir/b', 'file'],
      ['dir/deep', 'dir'],
    ])
  })

  test('may be missing, and so may the commit', async () => {
    const { asking } = await repositoryWith({ commits })
    expect(await asking(`GET ./contents/none?ref=${SHA}`)).toMatchObject({
      status: 404,
      body: { message: 'Not Found' },
    })
    const lost = { status: 404, body: { message: `No commit found for the ref ${OTHER_SHA}` } }
    expect(await asking(`GET ./contents/dir?ref=${OTHER_SHA}`)).toMatchObject(lost)
    expect(await asking(`GET ./git/commits/${SHA}`)).toMatchObject({ status: 200, body: { sha: SHA } })
    expect((await asking(`GET ./git/commits/${OTHER_SHA}`)).status).toBe(404)
  })
})

describe('workflow runs', () => {
  const run = (id: number, more: object = {}) => ({
    ...{ id, file: 'scan.yml', branch: 'main', event: 'schedule', createdAt: `2026-11-0${id}T02:17:00Z` },
    ...{ conclusion: 'success', jobs: [], ...more },
  })
  const jobs = [
    {
      name: 'Scan a',
      conclusion: 'success',
      completedAt: '2026-11-02T03:00:00Z',
      steps: [{ name: 's', conclusion: 'failure' }],
    },
    { name: 'Scan b', conclusion: null, completedAt: '' },
  ]
  const workflowRuns = [
    run(1),
    run(2, { jobs, conclusion: null }),
    run(3, { branch: 'side', conclusion: 'failure' }),
    run(4, { event: 'push' }),
    run(5, { file: 'other.yml' }),
  ]

  test.each([
    ['', [4, 3, 2, 1]],
    ['?branch=main&event=schedule', [2, 1]],
    ['?status=completed', [4, 3, 1]],
    ['?status=failure', [3]],
    ['?created=%3E%3D2026-11-03T02:17:00Z', [4, 3]],
    ['?created=%3E2026-11-03T02:17:00Z', [4]],
    ['?created=2026-11-01..2026-11-02T12:00:00Z', [2, 1]],
    ['?created=*..2026-11-02', [1]],
    ['?per_page=1&page=2', [3]],
  ])('are found by what is asked: %s', async (query, ids) => {
    const { asking } = await repositoryWith({ workflowRuns })
    const { status, body } = await asking(`GET ./actions/workflows/scan.yml/runs${query}`)
    expect([status, body.workflow_runs.map(({ id }: { id: number }) => id)]).toEqual([200, ids])
    expect(body.total_count).toBe(query.includes('page') ? 4 : ids.length)
  })

  test('have jobs, and these have steps', async () => {
    const { asking } = await repositoryWith({ workflowRuns })
    const { body } = await asking('GET ./actions/runs/2/jobs')
    expect(body).toMatchObject({
      total_count: 2,
      jobs: [
        {
          name: 'Scan a',
          status: 'completed',
          completed_at: '2026-11-02T03:00:00Z',
          steps: [{ conclusion: 'failure' }],
        },
        { name: 'Scan b', status: 'in_progress', conclusion: null, completed_at: null },
      ],
    })
    expect((await asking('GET ./actions/runs/9/jobs')).status).toBe(404)
    expect((await asking('GET ./actions/workflows/scan/runs')).status).toBe(404)
  })
})

describe('who asks', () => {
  const query = { query: 'query { viewer { login } }' }

  test('is told, unless GitHub does not say it', async () => {
    const told = await repositoryWith()
    expect((await told.asking('POST /graphql', { body: query })).body.data.viewer.login).toBe('github-actions[bot]')
    const silent = await repositoryWith({ tellsViewer: false })
    expect(await silent.asking('POST /graphql', { body: query })).toMatchObject({
      status: 200,
      body: { data: null, errors: [{ type: 'FORBIDDEN' }] },
    })
  })

  test.each([
    [`POST ./statuses/${SHA}`, { state: 'error' }, { statuses: 'read' }, 'statuses=write'],
    ['GET ./issues', undefined, { statuses: 'write' }, 'issues=read'],
    ['POST ./issues', { title: 't' }, { issues: 'read' }, 'issues=write'],
    ['PATCH ./issues/1', { title: 't' }, { issues: 'read' }, 'issues=write'],
    ['POST ./labels', { name: 't' }, { issues: 'read' }, 'issues=write'],
    [`GET ./contents/a?ref=${SHA}`, undefined, {}, 'contents=read'],
    [`GET ./git/commits/${SHA}`, undefined, {}, 'contents=read'],
    ['GET ./actions/runs/1/jobs', undefined, {}, 'actions=read'],
  ] as const)('%s needs its permission', async (call, body, permissions, needs) => {
    const { asking, repository } = await repositoryWith({ tokens: { [TOKEN]: permissions } })
    const reply = await asking(call, body === undefined ? {} : { body })
    expect(reply).toMatchObject({ status: 403, body: { message: 'Resource not accessible by integration' } })
    expect(reply.headers.get('x-accepted-github-permissions')).toBe(needs)
    expect([repository.statuses, repository.issues, repository.labels.size]).toEqual([[], [], 0])
  })

  test('a token that may write may read', async () => {
    const { asking } = await repositoryWith({ tokens: { [TOKEN]: { issues: 'write' } } })
    expect((await asking('GET ./issues')).status).toBe(200)
  })

  test('is unknown, or asks for another repository', async () => {
    const { asking, repository } = await repositoryWith()
    const bad = await asking('GET ./issues', { token: 'ghp_unknown' })
    expect(bad).toMatchObject({ status: 401, body: { message: 'Bad credentials' } })
    expect((await asking('POST ./issues', { token: '', body: { title: 't' } })).status).toBe(401)
    expect((await asking('GET ./issues', { token: '' })).status).toBe(404)
    expect((await asking('GET /repos/example/other/issues')).status).toBe(404)
    expect(repository.unexpected).toEqual([])
  })
})

describe('trouble', () => {
  const onCreate = (trouble: ReturnType<NonNullable<GitHubState['trouble']>>) => ({
    trouble: (operation: Operation, nth: number) => (operation === 'issues/create' && nth === 1 ? trouble : undefined),
  })
  const open = { body: { title: 't' } }

  test('comes in the place of an answer; the next time all is well', async () => {
    const { asking, repository } = await repositoryWith(onCreate(problem(500, 'Server Error')))
    expect((await asking('POST ./issues', open)).status).toBe(500)
    expect(repository.issues).toEqual([])
    expect((await asking('POST ./issues', open)).status).toBe(201)
    expect(repository.issues).toHaveLength(1)
  })

  test.each([
    ['before', {}, 0],
    ['after', { isDone: true }, 1],
  ])('breaks the connection %s the call was carried out', async (_, done, issues) => {
    const { asking, repository } = await repositoryWith(onCreate({ ...resetBeforeHeaders(), ...done }))
    await expect(asking('POST ./issues', open)).rejects.toThrow('fetch failed')
    expect(repository.issues).toHaveLength(issues)
  })

  test('a call that is not allowed is not done, though its answer is lost', async () => {
    const state = onCreate({ ...resetBeforeHeaders(), isDone: true })
    const { asking, repository } = await repositoryWith({ ...state, tokens: { [TOKEN]: {} } })
    await expect(asking('POST ./issues', open)).rejects.toThrow('fetch failed')
    expect(repository.issues).toEqual([])
  })

  test('of limits is written as GitHub writes it', async () => {
    const secondary = await repositoryWith(onCreate(secondaryRateLimit(7, 429)))
    const reply = await secondary.asking('POST ./issues', open)
    expect([reply.status, reply.headers.get('retry-after'), reply.body.message]).toEqual([
      429,
      '7',
      expect.stringMatching(/secondary rate limit/),
    ])
    const primary = await repositoryWith(onCreate(primaryRateLimit(1_800_000_000)))
    const { headers } = await primary.asking('POST ./issues', open)
    expect([headers.get('x-ratelimit-remaining'), headers.get('x-ratelimit-reset')]).toEqual(['0', '1800000000'])
  })
})

describe('the check refuses, and nothing is carried out:', () => {
  test.each<[string, string, Asked, RegExp]>([
    ['an operation that is not there', `GET ${REPOSITORY}/isues`, {}, /no such operation/],
    ['a method that it does not have', `PATCH ${REPOSITORY}/labels`, { body: {} }, /no such operation/],
    ['a query parameter that it does not have', `GET ${REPOSITORY}/issues?label=a`, {}, /no query parameter label/],
    ['a value that a parameter does not take', `GET ${REPOSITORY}/issues?state=opened`, {}, /state .*allowed values/],
    ['a number that is none', `GET ${REPOSITORY}/issues?per_page=many`, {}, /per_page .*integer/],
    ['a body where none belongs', `DELETE ${REPOSITORY}/labels/a`, { body: { a: 1 } }, /takes no body/],
    ['a body without what it must have', `POST ${REPOSITORY}/issues`, { body: { body: 'b' } }, /required.*title/],
    ['no body at all', `POST ${REPOSITORY}/issues`, {}, /body .*object/],
    ['what is not JSON', `POST ${REPOSITORY}/issues`, { body: '{"title"' }, /body .*object/],
    ['a field of another type', `POST ${REPOSITORY}/issues`, { body: { title: 't', labels: 'a' } }, /labels .*array/],
    ['a state that is none', `POST ${REPOSITORY}/statuses/${SHA}`, { body: { state: 'green' } }, /state .*allowed/],
    [
      'a field that it does not have',
      `POST ${REPOSITORY}/labels`,
      { body: { name: 'a', colour: 'b' } },
      /has no colour/,
    ],
    ['another query than the one', 'POST /graphql', { body: { query: '{ viewer { email } }' } }, /does not know/],
    [
      'another form of answer',
      `GET ${REPOSITORY}/contents/a?ref=${SHA}`,
      { headers: { accept: 'application/vnd.github.raw+json' } },
      /does not answer with/,
    ],
    [
      'another version of the API',
      `GET ${REPOSITORY}/issues`,
      { headers: { 'x-github-api-version': '2019-01-01' } },
      /no version/,
    ],
  ])('%s', async (_, call, asked, violation) => {
    const { asking, server, repository } = await strict()
    expect((await asking(call, asked)).status).toBe(400)
    expect(server.violations).toEqual([expect.stringMatching(violation)])
    expect([repository.calls, repository.statuses, repository.issues]).toEqual([[], [], []])
  })

  test.each([
    ['an operation', `GET ${REPOSITORY}/milestones`],
    ['a parameter', `GET ${REPOSITORY}/issues?assignee=octocat`],
  ])('%s that GitHub has and the stand-in does not know is told', async (_, call) => {
    const { asking, server, repository } = await strict()
    await asking(call)
    expect(server.violations).toEqual([expect.stringMatching(/^unknown to the stand-in: /)])
    expect(repository.unexpected).toHaveLength(1)
  })

  test('an answer that GitHub would not give', async () => {
    const repository = new (class extends GitHubRepository {
      override answer(request: Parameters<GitHubRepository['answer']>[0]) {
        const told = super.answer(request)
        if (told.answer.kind !== 'reply') return told
        return { ...told, answer: { ...told.answer, text: told.answer.text.replaceAll('"number":', '"no":') } }
      }
    })({ repository: 'example/app', tokens: { [TOKEN]: { issues: 'write' } } })
    const server = await startGitHub(repository, { check: violationOf })
    servers.push(server)
    await ask(server.url, `POST ${REPOSITORY}/issues`, { body: { title: 't' } })
    expect(server.violations).toEqual([expect.stringMatching(/answer .*number/)])
  })
})

describe('on a socket', () => {
  test('without a check, what is not JSON and what is missing are refused as GitHub does', async () => {
    const { asking, repository } = await strict({})
    const bad = await asking(`POST ${REPOSITORY}/issues`, { body: '{"title"' })
    expect(bad).toMatchObject({ status: 400, body: { message: 'Problems parsing JSON' } })
    expect((await asking(`POST ${REPOSITORY}/issues`, { body: {} })).status).toBe(422)
    expect((await asking(`GET ${REPOSITORY}/labels/%E0%A4%A`)).status).toBe(404)
    expect(repository.issues).toEqual([])
  })

  test('requests are noted', async () => {
    const { asking, server } = await strict()
    await asking(`GET ${REPOSITORY}/issues?state=all`)
    await asking(`POST ${REPOSITORY}/labels`, { body: { name: 'a' }, token: '' })
    expect(server.requests).toMatchObject([
      { method: 'GET', path: `${REPOSITORY}/issues`, query: { state: 'all' }, token: TOKEN, status: 200 },
      { method: 'POST', path: `${REPOSITORY}/labels`, body: { name: 'a' }, token: '', status: 401 },
    ])
  })

  test('an Enterprise Server has GraphQL beside the API, and nothing outside of both', async () => {
    const { asking, server, repository } = await strict({ basePath: '/api/v3' })
    const root = server.url.replace('/api/v3', '')
    const graphql = { body: { query: 'query { viewer { login } }' } }
    expect((await asking(`GET ${REPOSITORY}/issues`)).status).toBe(200)
    expect((await asking(`POST ${root}/api/graphql`, graphql)).status).toBe(200)
    expect((await asking('POST /graphql', graphql)).status).not.toBe(200)
    expect((await asking(`GET ${root}${REPOSITORY}/issues`)).status).not.toBe(200)
    expect(repository.calls).toEqual(['issues/list-for-repo', 'graphql', expect.any(String), expect.any(String)])
  })
})
