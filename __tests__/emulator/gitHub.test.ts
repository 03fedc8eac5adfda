import { resetBeforeHeaders } from '../../src/emulator/answers.ts'
import { GitHubRepository, type GitHubState, type Operation, problem } from '../../src/emulator/gitHub.ts'
import { primaryRateLimit, secondaryRateLimit } from '../../src/emulator/gitHubReplies.ts'
import { startGitHub } from '../../src/emulator/gitHubServer.ts'
import { afterTest } from '../support/afterTest.ts'
import { type Asked, ask, OTHER_SHA, REPOSITORY, repositoryWith, SHA, strict } from '../support/askGitHub.ts'
import { TOKEN, violationOf } from '../support/gitHubApi.ts'

/** The emulated GitHub: commit statuses, who may ask, trouble. And the check that keeps it honest. */

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
    afterTest(() => server.close())
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
