import { readFileSync } from 'node:fs'
import path from 'node:path'
import { SCAN_STATES } from '../../src/domain/scan.ts'
import { STATES } from './random/shown.ts'

/**
 * The proofs say for themselves how bad a state is and what it comes to. Which ones there are they must not miss: one that
 * their cloud never shows could be taken for anything.
 */

test('the oracle of the random runs knows every state', () => {
  expect([...STATES].sort()).toEqual([...SCAN_STATES].sort())
})

test.each([
  'random/worlds.ts',
  'random/bundleStories.ts',
  'fuzz/replies.ts',
  'fuzzWire.test.ts',
  'fuzz/hostileText.ts',
])('%s has every state', (file) => {
  const text = readFileSync(path.join(__dirname, file), 'utf8')
  expect(SCAN_STATES.filter((state) => !new RegExp(`['|]${state}['|]`).test(text))).toEqual([])
})
