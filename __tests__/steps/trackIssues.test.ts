import { createHash } from 'node:crypto'
import { type IssueKind, type Marker, markerIn, markerLine, type Tracked } from '../../src/domain/tracking.ts'
import { trackIssues } from '../../src/steps/trackIssues.ts'
import { MemoryRepository } from '../support/memoryRepository.ts'

/** Stories of the tracking issues: runs in a row, runs at once, and a GitHub that does not do what it is asked. */

const label = { name: 'virus-scan', color: 'd93f0b', description: '' }
const texts = {
  title: (kind: IssueKind) => kind,
  body: (marker: Marker) => `${markerLine(marker)}\n\nwords`,
  news: (kind: IssueKind) => `news of ${kind}`,
  closing: (kind: IssueKind) => `end of ${kind}`,
  duplicate: (of: number) => `duplicate of ${of}`,
}
const identity = '1'.repeat(32)
const digest = (text: string) => createHash('sha256').update(text).digest('hex')

const silent: Tracked = {
  findings: [],
  troubles: [],
  hasAlerts: false,
  wereAlertsRead: false,
  isPassed: false,
  isComplete: false,
}
const passed: Tracked = { ...silent, isPassed: true, isComplete: true, wereAlertsRead: true }
const passedUnread: Tracked = { ...passed, wereAlertsRead: false }
const alerts = (...findings: string[]): Tracked => ({
  ...silent,
  findings: findings.map((one) => `alert ${one}`),
  hasAlerts: true,
  wereAlertsRead: true,
  isComplete: true,
})
const gap: Tracked = { ...silent, findings: ['gap'], isComplete: true, wereAlertsRead: true }
const gapUnread: Tracked = { ...gap, wereAlertsRead: false }
const trouble = (what = 'timed-out'): Tracked => ({ ...silent, troubles: [what] })

let day = 0
const track = (repository: MemoryRepository, tracked: Tracked, more: object = {}) => {
  const now = `2026-11-${String(++day).padStart(2, '0')}T02:17:00.000Z`
  const stop = new AbortController().signal
  return trackIssues(tracked, { repository, identity, texts, label, now, digest, stop, ...more })
}
beforeEach(() => {
  day = 0
})

/** What people see: the issues, and what was said in them. */
const seenIn = ({ issues }: MemoryRepository) => issues.map(({ title, state, comments }) => [title, state, ...comments])
const markers = ({ issues }: MemoryRepository) => issues.map(({ body }) => markerIn(body))

async function story(...runs: readonly Tracked[]) {
  const repository = new MemoryRepository()
  for (const run of runs) expect(await track(repository, run)).not.toHaveProperty('failure')
  return repository
}

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
    'but when alerts were read in between',
    [alerts('a'), gap, passedUnread],
    [['findings', 'completed', 'news of findings', 'end of findings']],
  ],
  ['gaps are gone when a run passes', [gap, passedUnread], [['findings', 'completed', 'end of findings']]],
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

test('of two runs at once that open one, the lowest number stays', async () => {
  const repository = new MemoryRepository()
  await Promise.all([track(repository, alerts('a')), track(repository, alerts('a'))])
  expect(repository.issues.map(({ state }) => state)).toEqual(['open', 'not_planned'])
  await track(repository, alerts('a'))
  expect(repository.issues.map(({ state }) => state)).toEqual(['open', 'not_planned'])
})

test('duplicates that were left are closed by the next run', async () => {
  const repository = new MemoryRepository()
  const body = texts.body({ kind: 'findings', identity, facts: '0'.repeat(16), hasAlerts: true })
  for (const title of ['first', 'second', 'third']) repository.add({ title, body })
  await track(repository, alerts('a'))
  expect(seenIn(repository)).toEqual([
    ['first', 'open', 'news of findings'],
    ['second', 'not_planned', 'duplicate of 1'],
    ['third', 'not_planned', 'duplicate of 1'],
  ])
})

describe('a call that fails', () => {
  const failure = { status: 403, message: 'no' }

  test.each(['openIssues', 'createIssue'] as const)('%s: nothing is opened, and it is told', async (call) => {
    const repository = new MemoryRepository()
    repository.trouble = (made) => (made === call ? failure : undefined)
    expect(await track(repository, alerts('a'))).toEqual({ events: [], failure })
    expect(repository.issues).toEqual([])
  })

  test('a label that cannot be made does not matter', async () => {
    const repository = new MemoryRepository()
    repository.trouble = (made) => (made === 'ensureLabel' ? failure : undefined)
    expect(await track(repository, alerts('a'))).toEqual({ events: [{ done: 'opened', url: expect.any(String) }] })
  })

  test('news that could not be told are told by the next run', async () => {
    const repository = await story(alerts('a'))
    repository.trouble = (made) => (made === 'comment' ? failure : undefined)
    expect(await track(repository, alerts('b'))).toEqual({ events: [], failure })
    repository.trouble = () => undefined
    await track(repository, alerts('b'))
    expect(seenIn(repository)).toEqual([['findings', 'open', 'news of findings']])
  })

  test('an issue that could not be closed is closed by the next run', async () => {
    const repository = await story(alerts('a'))
    repository.trouble = (made) => (made === 'updateIssue' ? failure : undefined)
    expect(await track(repository, passed)).toMatchObject({ failure })
    repository.trouble = () => undefined
    await track(repository, passed)
    expect(repository.issues[0]?.state).toBe('completed')
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
