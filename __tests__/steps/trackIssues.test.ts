import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
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
  const now = new Date(Date.UTC(2026, 10, ++day, 2, 17)).toISOString()
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

test('of two runs at once that open one, the lowest number stays', async () => {
  const repository = new MemoryRepository()
  const runs = await Promise.all([track(repository, alerts('a')), track(repository, alerts('a'))])
  expect(repository.issues.map(({ state }) => state)).toEqual(['open', 'not_planned'])
  expect(new Set(repository.issues[1]?.comments)).toEqual(new Set(['duplicate of 1']))
  expect(runs.flatMap(({ events }) => events)).toContainEqual({
    done: 'closed as a duplicate',
    url: 'https://github.com/example/app/issues/2',
  })
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
    expect(repository.calls).toContain('ensureLabel')
  })

  test('what was done before it is told all the same', async () => {
    const repository = new MemoryRepository()
    repository.trouble = (made, nth) => (made === 'createIssue' && nth === 2 ? failure : undefined)
    const opened = [{ done: 'opened', url: 'https://github.com/example/app/issues/1' }]
    expect(await track(repository, { ...alerts('a'), troubles: ['denied'] })).toEqual({ events: opened, failure })
  })

  test.each(['openIssues', 'comment'] as const)(
    '%s, in the search for a duplicate: the next run looks again',
    async (call) => {
      const repository = new MemoryRepository()
      repository.trouble = (made, nth) => (made === call && (call === 'comment' || nth > 2) ? failure : undefined)
      const runs = await Promise.all([track(repository, alerts('a')), track(repository, alerts('a'))])
      for (const run of runs) expect(run).toEqual({ events: [{ done: 'opened', url: expect.any(String) }] })
    },
  )

  test('news that could not be told are told by the next run', async () => {
    const repository = await story(alerts('a'))
    repository.trouble = (made) => (made === 'comment' ? failure : undefined)
    expect(await track(repository, alerts('b'))).toEqual({ events: [], failure })
    repository.trouble = () => undefined
    await track(repository, alerts('b'))
    expect(seenIn(repository)).toEqual([['findings', 'open', 'news of findings']])
  })

  test('an issue that could not be closed is closed by the next run, without a word before', async () => {
    const repository = await story(alerts('a'))
    repository.trouble = (made) => (made === 'updateIssue' ? failure : undefined)
    expect(await track(repository, passed)).toMatchObject({ failure })
    expect(seenIn(repository)).toEqual([['findings', 'open']])
    repository.trouble = () => undefined
    await track(repository, passed)
    expect(seenIn(repository)).toEqual([['findings', 'completed', 'end of findings']])
  })

  test('an issue that its label does not find is told of', async () => {
    const repository = new MemoryRepository()
    repository.trouble = (made) => {
      if (made === 'openIssues') repository.issues.splice(0)
      return undefined
    }
    const { events } = await track(repository, alerts('a'))
    expect(events.map(({ done }) => done)).toEqual(['opened, but not to be found by its label'])
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

test('whatever runs see and whatever GitHub does, there is one issue of a kind at the most, and a pass ends it', async () => {
  const run = fc.constantFrom(
    alerts('a'),
    alerts('b'),
    gap,
    gapUnread,
    trouble(),
    trouble('denied'),
    silent,
    passedUnread,
  )
  const fault = fc.option(fc.tuple(fc.constantFrom(...CALLS), fc.integer({ min: 1, max: 3 })), { freq: 2 })
  const login = fc.constantFrom('github-actions[bot]', 'octocat')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(run, fault), { maxLength: 8 }), login, async (runs, whose) => {
      const repository = new MemoryRepository()
      repository.login = whose
      for (const [tracked, broken] of runs) {
        const made = repository.calls.length
        repository.trouble = (call) => {
          const nth = repository.calls.slice(made).filter((one) => one === call).length
          return broken !== null && call === broken[0] && nth === broken[1]
            ? { status: 503, message: 'unwell' }
            : undefined
        }
        await track(repository, tracked)
        const open = markersOfOpen(repository)
        expect(new Set(open).size).toBe(open.length)
      }
      repository.trouble = () => undefined
      await track(repository, passed)
      expect(markersOfOpen(repository)).toEqual([])
    }),
    { seed: 4, numRuns: 300 },
  )
})

const CALLS = ['openIssues', 'viewer', 'ensureLabel', 'createIssue', 'updateIssue', 'comment'] as const

const markersOfOpen = ({ issues }: MemoryRepository) =>
  issues.filter(({ state }) => state === 'open').map(({ body }) => markerIn(body)?.kind)
