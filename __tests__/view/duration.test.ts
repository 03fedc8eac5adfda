import { clockTime, duration } from '../../src/view/duration.ts'

test.each([
  [0, '00:00'],
  [59_999, '00:59'],
  [312_000, '05:12'],
  [3_599_999, '59:59'],
  [3_912_000, '1:05:12'],
  [86_400_000, '24:00:00'],
])('%d ms is %s on the clock', (ms, text) => {
  expect(clockTime(ms)).toBe(text)
})

test.each([
  [0, '0 s'],
  [449, '0.4 s'],
  [9_949, '9.9 s'],
  [42_400, '42 s'],
  [59_600, '1 min'],
  [312_000, '5 min 12 s'],
  [7_200_000, '2 h'],
  [8_100_000, '2 h 15 min'],
])('%d ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text)
})
