import { errorDelay, pollDelay } from '../../src/domain/backoff.ts'

const bounds = { minDelayMs: 3_000, maxDelayMs: 60_000 }
const half = 0.5

describe('the delay after a good look', () => {
  test.each([
    { name: 'is at least the minimum', elapsed: 0, random: half, delay: 3_000 },
    { name: 'is still the minimum where 5 % are less', elapsed: 59_999, random: half, delay: 3_000 },
    { name: 'is 5 % of the time so far', elapsed: 600_000, random: half, delay: 30_000 },
    { name: 'is 10 % shorter with the lowest throw', elapsed: 600_000, random: 0, delay: 27_000 },
    { name: 'is 10 % longer with the highest throw', elapsed: 600_000, random: 1, delay: 33_000 },
    { name: 'is at most the maximum', elapsed: 7_200_000, random: half, delay: 60_000 },
    { name: 'holds the maximum after the jitter too', elapsed: 1_200_000, random: 1, delay: 60_000 },
  ])('$name', ({ elapsed, random, delay }) => {
    expect(pollDelay(bounds, elapsed, random)).toBeCloseTo(delay, 6)
  })
})

describe('the delay after failed looks', () => {
  const ceilings = (minDelayMs: number, errors: number) =>
    Array.from({ length: errors }, (_, i) => errorDelay({ ...bounds, minDelayMs }, i + 1, 0, 1))

  test('doubles from 1 s up to 60 s', () => {
    expect(ceilings(3_000, 9)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
  })
  test('is scaled down with a minimum below 1 s', () => {
    expect(ceilings(50, 8)).toEqual([50, 100, 200, 400, 800, 1_600, 3_000, 3_000])
  })
  test('has full jitter: a throw picks any time below the ceiling', () => {
    expect([0, 0.25, 0.5].map((random) => errorDelay(bounds, 4, 0, random))).toEqual([0, 2_000, 4_000])
  })
  test('forgives about five minutes of outage with 15 errors', () => {
    const mean = ceilings(3_000, 15).reduce((sum, ceiling) => sum + ceiling / 2, 0)
    expect(mean / 60_000).toBeCloseTo(5, 0)
  })
  test.each([
    { name: 'is what the cloud asks for where that is longer', retryAfter: 90_000, delay: 90_000 },
    { name: 'is our own where that is longer', retryAfter: 3_999, delay: 4_000 },
  ])('$name', ({ retryAfter, delay }) => {
    expect(errorDelay(bounds, 4, retryAfter, half)).toBe(delay)
  })
  test('stays finite after a thousand errors', () => {
    expect(errorDelay(bounds, 1_001, 0, 1)).toBe(60_000)
  })
})
