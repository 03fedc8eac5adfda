import type { CommitStatus } from '../../src/domain/repository.ts'
import type { Repository, Told } from '../../src/ports.ts'
import { StatusKeeper } from '../../src/steps/statusKeeper.ts'
import { MemoryRepository } from '../support/memoryRepository.ts'

const about = { sha: 'a'.repeat(40), context: 'virus scan', url: 'https://github.com/example/app/actions/runs/42' }
const { signal } = new AbortController()
const pending = { state: 'pending', description: 'waiting' } as const
const success = { state: 'success', description: 'passed' } as const
const done = (value: Repository): Promise<Told<Repository>> => Promise.resolve({ kind: 'done', value })

test('statuses arrive one after the other, each with what it is about', async () => {
  const repository = new MemoryRepository()
  const keeper = new StatusKeeper(done(repository), about)
  keeper.set(pending, signal)
  expect(await keeper.settled()).toBeUndefined()
  keeper.set(success, signal)
  expect(await keeper.settled()).toBeUndefined()
  expect(repository.statuses).toEqual([
    { ...about, ...pending },
    { ...about, ...success },
  ])
})

test('what was overtaken before it was sent is left out', async () => {
  const repository = new MemoryRepository()
  const keeper = new StatusKeeper(done(repository), about)
  keeper.set(pending, signal)
  keeper.set({ ...pending, description: 'more' }, signal)
  keeper.set(success, signal)
  expect(await keeper.settled()).toBeUndefined()
  expect(repository.statuses.map(({ state }) => state)).toEqual(['success'])
})

test('what was overtaken while the repository was not known yet is left out too', async () => {
  const repository = new MemoryRepository()
  const keeper = new StatusKeeper(
    new Promise(setImmediate).then(() => done(repository)),
    about,
  )
  keeper.set(pending, signal)
  await Promise.resolve()
  keeper.set(success, signal)
  await keeper.settled()
  expect(repository.statuses.map(({ state }) => state)).toEqual(['success'])
})

test('a later one waits for an earlier one that is under way, so that it has the last word', async () => {
  const repository = new MemoryRepository()
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const slow: Repository = Object.assign(Object.create(repository) as Repository, {
    setStatus: async (status: CommitStatus) => {
      if (status.state === 'pending') await held
      return repository.setStatus(status)
    },
  })
  const keeper = new StatusKeeper(done(slow), about)
  keeper.set(pending, signal)
  await new Promise(setImmediate)
  keeper.set(success, signal)
  await new Promise(setImmediate)
  expect(repository.statuses).toEqual([])
  release()
  await keeper.settled()
  expect(repository.statuses.map(({ state }) => state)).toEqual(['pending', 'success'])
})

test('the failure is that of the last one', async () => {
  const repository = new MemoryRepository()
  const failure = { status: 403, message: 'no' }
  repository.trouble = (_, nth) => (nth === 1 ? failure : undefined)
  const keeper = new StatusKeeper(done(repository), about)
  keeper.set(pending, signal)
  expect(await keeper.settled()).toEqual(failure)
  keeper.set(success, signal)
  expect(await keeper.settled()).toBeUndefined()
  expect(await new StatusKeeper(Promise.resolve({ kind: 'refused', failure }), about).settled()).toBeUndefined()
  const unloaded = new StatusKeeper(Promise.resolve({ kind: 'refused', failure }), about)
  unloaded.set(success, signal)
  expect(await unloaded.settled()).toEqual(failure)
})
