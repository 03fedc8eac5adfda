import { systemClock } from '../../src/adapters/clock.ts'

const never = new AbortController().signal

test('counts whole milliseconds from its start, and never sleeps too short', async () => {
  const clock = systemClock()
  expect(clock.now()).toBeGreaterThanOrEqual(0)
  for (const ms of [0, 1, 5, 12]) {
    const start = clock.now()
    await clock.sleep(ms, never)
    expect(clock.now() - start).toBeGreaterThanOrEqual(ms)
    expect(Number.isInteger(clock.now())).toBe(true)
  }
})

test('an abort wakes it, before and during the sleep', async () => {
  const clock = systemClock()
  await clock.sleep(3_600_000, AbortSignal.abort())
  const cancel = new AbortController()
  const sleep = clock.sleep(3_600_000, cancel.signal)
  cancel.abort()
  await sleep
})

test('a hundred sleepers on one signal print no warning', async () => {
  const warnings: unknown[] = []
  const onWarning = (warning: unknown) => warnings.push(warning)
  process.on('warning', onWarning)
  const cancel = new AbortController()
  const sleeps = Array.from({ length: 100 }, () => systemClock().sleep(3_600_000, cancel.signal))
  cancel.abort()
  await Promise.all(sleeps)
  await new Promise(setImmediate)
  process.off('warning', onWarning)
  expect(warnings).toEqual([])
})
