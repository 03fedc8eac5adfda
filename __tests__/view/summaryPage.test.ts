import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import type { AllowEntry } from '../../src/domain/allowList.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { FORGIVABLE, judge } from '../../src/domain/verdict.ts'
import { summaryOf } from '../../src/view/summary.ts'
import { findChromium, openSummaryPage, type SummaryPage, startBrowser } from '../support/browser.ts'
import { failure, id } from '../support/builders.ts'
import { SCHEMES } from '../support/githubPage.ts'
import { HOSTILE_NAMES } from '../support/hostile.ts'
import { alert, gateOutcome, STORIES, seen, task } from '../support/summaryStories.ts'

/** Summaries in a real browser, as GitHub shows them. Leaves pictures of them in `pictures/`, which git ignores. */

const PICTURES = 'pictures'
/** Of letters to what is behind them; WCAG asks for it of large ones, and of what is drawn. */
const LOWEST_CONTRAST = 3

const executable = findChromium()
const inBrowser = executable === undefined ? describe.skip : describe

inBrowser(executable === undefined ? 'skipped: no Chromium on the PATH or in CHROMIUM' : 'in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true })
    browser = await startBrowser(executable ?? '')
  })
  afterAll(() => browser.close())

  describe.each(SCHEMES)('in the %s scheme', (scheme) => {
    let page: SummaryPage
    beforeAll(async () => {
      page = await openSummaryPage(browser, scheme)
    })

    test.each(Object.entries(STORIES))(
      '%s: every diagram is drawn, and every text can be read',
      async (name, outcome) => {
        const markdown = summaryOf(outcome)
        const shown = await page.show(markdown, { drawBadge: true })
        expect(shown).toEqual({ diagrams: markdown.split('```mermaid').length - 1, errors: [] })
        writeFileSync(path.join(PICTURES, `${name}-${scheme}.png`), await page.picture())
        const contrasts = await page.contrasts()
        expect(contrasts.length).toBeGreaterThan(1)
        expect(contrasts.filter(({ ratio }) => ratio < LOWEST_CONTRAST)).toEqual([])
        expect(page.requests).toEqual([])
      },
    )

    test('a broken diagram and a text that cannot be read are noticed', async () => {
      const broken = '```mermaid\ngantt\n  section 1\n  a b c\n```\n'
      const pale =
        '```mermaid\n%%{init: {"themeVariables": {"taskTextColor": "#8a8f94", "taskBkgColor": "#888888"}}}%%\ngantt\n  a long time :2000-01-01, 9d\n```\n'
      expect((await page.show(broken)).errors).toEqual([expect.stringMatching(/Parse error/)])
      await page.show(pale)
      expect((await page.contrasts()).filter(({ ratio }) => ratio < LOWEST_CONTRAST)).toEqual([
        expect.objectContaining({ text: 'a long time' }),
      ])
    })
  })

  describe('foreign text', () => {
    let page: SummaryPage
    let plain: string
    beforeAll(async () => {
      page = await openSummaryPage(browser, 'light')
      await page.show(summaryOf(everywhere('PLAIN')))
      plain = await page.outline()
    })

    test('stands in <code> and nowhere else', () => {
      expect(plain).not.toContain('PLAIN')
      expect(plain).toMatch(/<svg[\s\S]*<svg/)
    })

    test.each(HOSTILE_NAMES)('%j makes no element, link, image or mention of its own', async (name) => {
      expect(await page.show(summaryOf(everywhere(name)))).toEqual({ diagrams: 2, errors: [] })
      expect(await page.outline()).toBe(plain)
      expect(page.requests).toEqual([])
    })

    test('as the value of an input likewise', async () => {
      const outlineWith = async (name: string) => {
        const problems = [{ name, value: name, text: 'is bad', found: [name] }]
        await page.show(summaryOf(outcomeWith(problems)))
        return page.outline()
      }
      const plainInput = await outlineWith('PLAIN')
      for (const name of HOSTILE_NAMES) expect(await outlineWith(name)).toBe(plainInput)
    })

    test('a page that holds a name outside of <code> is noticed', async () => {
      await page.show('<p>@octocat <a href="https://evil.example">x</a></p>')
      expect(await page.outline()).toMatch(/@octocat[\s\S]*<a href="https:\/\/evil.example">/)
    })
  })
})

type Problems = Extract<Outcome['judgement']['decisive'], { kind: 'invalid-input' }>['problems']

function outcomeWith(problems: Problems): Outcome {
  const judgement = judge([{ kind: 'invalid-input', problems }], FORGIVABLE)
  return { judgement, taskIds: [], tasks: [], elapsedMs: 1, rehearsal: false, calls: [], ramActions: [] }
}

/** An outcome in which one name stands at every place where foreign text can stand. */
function everywhere(name: string): Outcome {
  const bad = failure('unknown-code', { code: name, message: name, requestId: name })
  const targets = [{ type: name, name, target: name }]
  const states = seen(['init', 0.1], [`unknown ${name}`, 1], ['Processing', 2], [name, 3])
  const more = { unknownState: name, lastFailure: bad, targets, requestId: name }
  const accepted: AllowEntry = {
    kind: 'alert',
    line: 1,
    alert: name,
    server: 'web-02',
    reason: name,
    until: '2026-11-25',
  }
  return gateOutcome(
    {
      alerts: [
        alert(1, { name, serverName: name, level: name }),
        alert(2, { name, serverName: 'web-02' }),
        alert(3, { name, serverName: name, level: 'remind' }),
      ],
      gaps: [{ type: 'uuid', target: name, name, reason: 'offline' }],
      entries: [
        accepted,
        { kind: 'uncovered', line: 2, uncovered: 'missing', server: name, reason: name, until: '2026-12-31' },
      ],
      left: [{ uuid: name, name, instanceId: name, groupId: name, clientStatus: name, isBound: true, edition: 3 }],
    },
    {
      tasks: [
        task({ kind: 'unavailable', failure: bad }, states, more),
        task({ kind: 'denied', failure: { ...bad, cause: 'request' } }, [], { ...more, id: id('2') }),
      ],
    },
  )
}
