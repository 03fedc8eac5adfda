import { MemoryRepository } from '../support/memoryRepository.ts'
import {
  alerts,
  gap,
  gapUnread,
  identity,
  markers,
  passed,
  passedUnread,
  seenIn,
  silent,
  story,
  texts,
  track,
  trouble,
} from '../support/trackedRuns.ts'

/** Stories of the tracking issues: runs in a row, and whose issue it is. */

test('a run that has nothing to say makes one call and no issue', async () => {
  const repository = await story(passed)
  expect(repository.calls).toEqual(['openIssues'])
  expect(repository.issues).toEqual([])
})

test.each([
  ['opened once, and silent while nothing changes', [alerts('a'), alerts('a'), alerts('a')], [['findings', 'open']]],
  [
    'a comment when the facts change',
    [alerts('a'), alerts('a', 'b'), alerts('a', 'b')],
    [['findings', 'open', 'news of findings']],
  ],
  ['closed when it is good again', [alerts('a'), passed], [['findings', 'completed', 'end of findings']]],
  [
    'a new one after that',
    [alerts('a'), passed, alerts('a')],
    [
      ['findings', 'completed', 'end of findings'],
      ['findings', 'open'],
    ],
  ],
  ['not closed by a run that has not read alerts', [alerts('a'), passedUnread], [['findings', 'open']]],
  [
    'nor when a gap came in between that left alerts unread',
    [alerts('a'), gapUnread, passedUnread],
    [['findings', 'open', 'news of findings']],
  ],
  [
    'nor when the alerts came to an issue that a gap had opened',
    [gap, alerts('a'), passedUnread],
    [['findings', 'open', 'news of findings']],
  ],
  [
    'but when alerts were read in between',
    [alerts('a'), gap, passedUnread],
    [['findings', 'completed', 'news of findings', 'end of findings']],
  ],
  ['gaps are gone when a run passes', [gap, passedUnread], [['findings', 'completed', 'end of findings']]],
  [
    'a gap is not gone because a run saw nothing',
    [gap, trouble()],
    [
      ['findings', 'open'],
      ['not-run', 'open'],
    ],
  ],
  [
    'a run that sees nothing leaves it',
    [alerts('a'), silent, trouble()],
    [
      ['findings', 'open'],
      ['not-run', 'open'],
    ],
  ],
  [
    'the second issue, closed by the next run that completes, however bad',
    [trouble(), trouble(), alerts('a')],
    [
      ['not-run', 'completed', 'end of not-run'],
      ['findings', 'open'],
    ],
  ],
  [
    'the second issue, when its trouble changes',
    [trouble(), trouble('denied')],
    [['not-run', 'open', 'news of not-run']],
  ],
  [
    'both at once, each by its own facts',
    [{ ...alerts('a'), troubles: ['denied'], isComplete: false }],
    [
      ['findings', 'open'],
      ['not-run', 'open'],
    ],
  ],
])('%s', async (_, runs, seen) => {
  const repository = await story(...runs)
  expect(seenIn(repository).sort()).toEqual([...seen].sort())
})

test('the body knows when a scan was last seen to its end, and hands it on', async () => {
  const repository = await story(alerts('a'), trouble(), trouble())
  expect(markers(repository).map((marker) => marker?.completeAt)).toEqual([
    '2026-11-01T02:17:00.000Z',
    '2026-11-01T02:17:00.000Z',
  ])
  expect((await story(trouble())).issues[0]?.body).toContain('complete=unknown')
})

test('of several issues the one that knows most says when that was', async () => {
  const repository = new MemoryRepository()
  for (const completeAt of ['2026-10-20T02:17:00.000Z', '2026-10-05T02:17:00.000Z']) {
    repository.add({
      body: texts.body({ kind: 'findings', identity, facts: '0'.repeat(16), hasAlerts: true, completeAt }),
    })
  }
  await track(repository, trouble())
  expect(markers(repository).at(-1)).toMatchObject({ kind: 'not-run', completeAt: '2026-10-20T02:17:00.000Z' })
})

test('only the issue of what was found says that there are alerts', async () => {
  const both = { ...alerts('a'), troubles: ['denied'], isComplete: false }
  for (const runs of [[both], [both, both]])
    expect(markers(await story(...runs)).map((marker) => marker?.hasAlerts)).toEqual([true, false])
})

describe('whose issue it is', () => {
  const forged = (author: object) => {
    const body = texts.body({ kind: 'findings', identity, facts: '0'.repeat(16), hasAlerts: false })
    const repository = new MemoryRepository()
    repository.add({ body, title: 'forged', author: author as never })
    return repository
  }

  test("somebody else's with our marker is left alone", async () => {
    const repository = forged({ login: 'mallory', isBot: false })
    await track(repository, alerts('a'))
    await track(repository, passed)
    expect(seenIn(repository)).toEqual([
      ['forged', 'open'],
      ['findings', 'completed', 'end of findings'],
    ])
  })

  test.each([
    ['github-actions', 'github-actions[bot]'],
    ['GitHub-Actions[bot]', 'github-actions[bot]'],
    ['octocat', 'octocat'],
  ])('the account %s has opened what %s did', async (viewer, login) => {
    const repository = forged({ login, isBot: false })
    repository.login = viewer
    await track(repository, passed)
    expect(repository.issues[0]?.state).toBe('completed')
  })

  test.each([
    [true, 'completed'],
    [false, 'open'],
  ])('where GitHub does not say who we are, a bot has (%s)', async (isBot, state) => {
    const repository = forged({ login: 'some-app[bot]', isBot })
    repository.login = undefined
    await track(repository, passed)
    expect(repository.issues[0]?.state).toBe(state)
  })

  test.each([
    [503, 'unwell', 1],
    [0, 'no answer in time', 1],
    [403, 'You have exceeded a secondary rate limit', 1],
    // A person's issues cannot be told from other people's then.
    [403, 'not for this token', 2],
  ])(
    'where the question is answered with %d (%s), none is opened beside it unless that is for good',
    async (status, message, count) => {
      const repository = new MemoryRepository()
      repository.login = 'octocat'
      await track(repository, alerts('a'))
      repository.trouble = (call) => (call === 'viewer' ? { status, message } : undefined)
      expect((await track(repository, alerts('a'))).failure?.status).toBe(count === 1 ? status : undefined)
      expect(repository.issues).toHaveLength(count)
    },
  )

  test('another watch has issues of its own', async () => {
    const repository = new MemoryRepository()
    await track(repository, alerts('a'))
    await track(repository, passed, { identity: '2'.repeat(32) })
    await track(repository, alerts('a'), { identity: '2'.repeat(32) })
    expect(seenIn(repository)).toEqual([
      ['findings', 'open'],
      ['findings', 'open'],
    ])
  })
})

test('what was done is told, with the page of the issue', async () => {
  const repository = new MemoryRepository()
  const events = []
  for (const run of [alerts('a'), alerts('a'), alerts('b'), passed])
    events.push(...(await track(repository, run)).events)
  const url = 'https://github.com/example/app/issues/1'
  expect(events).toEqual(['opened', 'updated', 'commented', 'closed'].map((done) => ({ done, url })))
})
