import * as fc from 'fast-check'
import { markerIn } from '../../src/domain/tracking.ts'
import { MemoryRepository } from '../support/memoryRepository.ts'
import {
  alerts,
  gap,
  gapUnread,
  identity,
  passed,
  passedUnread,
  seenIn,
  silent,
  story,
  texts,
  track,
  trouble,
} from '../support/trackedRuns.ts'

/** Runs at once, a GitHub that does not do what it is asked, and whatever else may come. */

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
