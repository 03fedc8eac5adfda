import { FORGIVABLE, type Forgivable } from '../domain/verdict.ts'
import { type Reading, wordsOf } from './reading.ts'

/** Which verdicts fail the job: `any`, `none`, or those that are listed. */
export function readFailOn(text: string): Reading<readonly Forgivable[]> {
  const words = wordsOf(text.toLowerCase())
  if (words.length === 1 && words[0] === 'any') return { value: FORGIVABLE }
  if (words.length === 1 && words[0] === 'none') return { value: [] }
  const allowed = `any, none, or a list of ${FORGIVABLE.join(', ')}`
  const alone = words.find((word) => word === 'any' || word === 'none')
  if (alone !== undefined) return { problem: `mixes ${alone} with other words: allowed is ${allowed}` }
  const always = words.find((word) => ['denied', 'invalid-input', 'cancelled'].includes(word))
  if (always !== undefined)
    return { about: always, problem: `always fails the job, leave it out: allowed is ${allowed}` }
  const unknown = words.find((word) => !isForgivable(word))
  if (unknown !== undefined) return { about: unknown, problem: `is not a word of fail-on: allowed is ${allowed}` }
  if (words.length === 0) return { problem: `has no word in it: allowed is ${allowed}` }
  return { value: words.filter(isForgivable) }
}

function isForgivable(word: string): word is Forgivable {
  return FORGIVABLE.some((known) => known === word)
}
