import fc from 'fast-check'
import type { Browser } from 'playwright-core'
import type { Outcome } from '../../src/domain/outcome.ts'
import type { Marker } from '../../src/domain/tracking.ts'
import { issueTexts } from '../../src/view/issueText.ts'
import { summaryOf } from '../../src/view/summary.ts'
import { findChromium, openSummaryPage, type SummaryPage, startBrowser } from '../support/browser.ts'
import { cases, figure } from '../support/proof.ts'
import { gateWith, outcomesWith, runWith } from './fuzz/foreignEverywhere.ts'
import { cut, hostileName, KNOWN, readBack } from './fuzz/hostileText.ts'

/** The pages of `fuzzTexts.test.ts` in a real browser, which has a parser, scripts and Mermaid of its own. */

const executable = findChromium()
const inBrowser = executable === undefined ? describe.skip : describe

const TEXTS = 23
const texts = fc.uniqueArray(
  hostileName.filter((text) => !KNOWN.test(text)),
  { minLength: TEXTS, maxLength: TEXTS },
)
const MARKS = Array.from({ length: TEXTS }, (_, i) => `‹${i}›`)
const LONGEST = 120

function inTurn(all: readonly string[]): () => string {
  let at = 0
  return () => all[at++ % all.length] ?? ''
}

const marker: Marker = { kind: 'findings', identity: '1'.repeat(32), facts: '2'.repeat(16), hasAlerts: true }

/** A summary of each kind of run, and an issue. */
function pagesWith(all: readonly string[]): readonly string[] {
  const found: Outcome = gateWith(inTurn(all))
  return [
    ...outcomesWith(inTurn(all)).map(summaryOf),
    issueTexts(found, runWith(inTurn(all)), 'Virus alerts').body(marker),
  ]
}

inBrowser(executable === undefined ? 'skipped: no Chromium on the PATH or in CHROMIUM' : 'in a browser', () => {
  let browser: Browser
  let page: SummaryPage
  let tried = 0
  beforeAll(async () => {
    browser = await startBrowser(executable ?? '')
    page = await openSummaryPage(browser, 'light')
  })
  afterAll(async () => {
    await browser.close()
    figure('fuzzed pages', 'pages in a browser', tried)
  })

  const look = async (markdown: string) => {
    tried += 1
    const shown = await page.show(markdown)
    return { shown, outline: await page.outline(), codes: await page.codes(), traces: await page.traces() }
  }

  test('names make no element, no request, no script and no dialog, change no diagram, and read back to themselves', async () => {
    const marked: Awaited<ReturnType<typeof look>>[] = []
    for (const markdown of pagesWith(MARKS)) marked.push(await look(markdown))
    expect(marked.some(({ shown }) => shown.diagrams === 2)).toBe(true)
    for (const { outline } of marked) expect(outline).not.toContain('‹')

    await fc.assert(
      fc.asyncProperty(texts, async (all) => {
        for (const [i, markdown] of pagesWith(all).entries()) {
          const { shown, outline, codes, traces } = await look(markdown)
          expect(shown).toEqual({ diagrams: marked[i]?.shown.diagrams, errors: [] })
          expect(outline).toBe(marked[i]?.outline)
          expect(codes.map(readBack)).toEqual(
            marked[i]?.codes.map((code) => code.replace(/‹(\d+)›/g, (_, n) => cut(all[n] ?? '', LONGEST))),
          )
          expect(traces).toEqual([])
        }
        expect(page.requests).toEqual([])
      }),
      { ...cases(12), endOnFailure: true },
    )
  })

  test('a script that runs and a dialog are noticed', async () => {
    await page.show('<p>a</p>')
    expect(await page.traces()).toEqual([])
    await page.run('globalThis.pwned = 1; alert(1)')
    expect(await page.traces()).toEqual(['dialog: 1', 'pwned'])
  })
})
