import { type Reply, repositoryWith } from '../support/askGitHub.ts'

/** Issues and labels of the emulated GitHub. */

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
