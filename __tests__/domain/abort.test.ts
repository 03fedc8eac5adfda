import { getEventListeners } from 'node:events'
import { queryObjects } from 'node:v8'
import { unlessAborted } from '../../src/domain/abort.ts'

const never = new Promise<never>(() => {})

test('comes to what the promise comes to', async () => {
  const { signal } = new AbortController()
  await expect(unlessAborted(Promise.resolve(7), signal)).resolves.toBe(7)
  await expect(unlessAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no')
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('an abort ends it, with its reason', async () => {
  const stop = new AbortController()
  const waiting = unlessAborted(never, stop.signal)
  stop.abort(new Error('stopped'))
  await expect(waiting).rejects.toThrow('stopped')
})

test('so does one that came before, and what the promise comes to later is nobody’s error', async () => {
  const late = Promise.withResolvers<never>()
  await expect(unlessAborted(late.promise, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
  late.reject(new Error('late'))
  await new Promise(setImmediate)
})

test('keeps no signal in memory that is made of one that lives on', async () => {
  const { signal } = new AbortController()
  const left = async () => {
    await new Promise(setImmediate)
    return Number(queryObjects(AbortSignal, { format: 'count' }))
  }
  const before = await left()
  for (let i = 0; i < 50; i++) {
    await unlessAborted(Promise.resolve(i), AbortSignal.any([signal, new AbortController().signal]))
  }
  expect((await left()) - before).toBeLessThan(10)
  // Used to the end, so that it is there all the time, as a run's is.
  expect(signal.aborted).toBe(false)
})
