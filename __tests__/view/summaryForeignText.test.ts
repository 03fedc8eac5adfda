import { FORGIVABLE, judge } from '../../src/domain/verdict.ts'
import { makeVisible, shorten } from '../../src/view/escape.ts'
import { summaryOf } from '../../src/view/summary.ts'
import { failure, id, outcomeOf, waited } from '../support/builders.ts'
import { renderOutline } from '../support/githubPage.ts'
import { HOSTILE_NAMES } from '../support/hostile.ts'
import { seen } from '../support/summaryStories.ts'

/** Names in the job summary: shown as they are, and no more than names. */

/** A page in which one name stands at every place where foreign text can stand. */
function markdownWith(name: string): string {
  const bad = failure('unknown-code', { code: name, message: name })
  const tasks = [
    waited(
      { kind: 'unavailable', failure: bad },
      {
        unknownState: name,
        lastFailure: bad,
        targets: [{ type: name, name, target: name }],
        history: seen(['init', 0], [name, 1]),
      },
    ),
    waited({ kind: 'timed-out' }, { id: id('2'), unknownState: name }),
  ]
  return summaryOf(outcomeOf(tasks))
}
const pageWith = (name: string) => renderOutline(markdownWith(name))
const plain = pageWith('PLAIN')

test('foreign text stands in code only: elsewhere GitHub looks for mentions, links and emoji', () => {
  expect(markdownWith('PLAIN').replaceAll(/<code>.*?<\/code>/gs, '')).not.toContain('PLAIN')
})

test.each(HOSTILE_NAMES)('the name %j makes no element of its own and is shown as it is', (name) => {
  const shown = JSON.stringify(makeVisible(shorten(name, 120))).slice(1, -1)
  expect(pageWith(name)).toBe(plain.replaceAll('PLAIN', () => shown))
})

test('a name as the value of an input makes no element either', () => {
  const page = (name: string) =>
    renderOutline(
      summaryOf(
        outcomeOf([], {
          judgement: judge([{ kind: 'invalid-input', problems: [{ name, value: name, text: 'is bad' }] }], FORGIVABLE),
        }),
      ),
    )
  for (const name of HOSTILE_NAMES) {
    expect(page(name)).toBe(page('PLAIN').replaceAll('PLAIN', () => JSON.stringify(makeVisible(name)).slice(1, -1)))
  }
})
