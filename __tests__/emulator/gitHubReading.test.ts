import { OTHER_SHA, repositoryWith, SHA } from '../support/askGitHub.ts'

/** What can be read in the emulated GitHub: files at a commit, and workflow runs. */

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
