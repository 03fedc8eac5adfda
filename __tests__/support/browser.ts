import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { emptyPage, renderHtml, type Scheme } from './githubPage.ts'

/**
 * A real browser that shows a summary as GitHub does, without a network. Files are found from the root of the
 * checkout, where tests and scripts run.
 */

const MERMAID = 'node_modules/mermaid/dist/mermaid.min.js'
const IN_PAGE = '__tests__/support/inPage.js'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']
const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Letters without coloured edges: pictures are smaller, and the same on every screen.
  '--disable-lcd-text',
]

/** The path of a Chromium: the environment's `CHROMIUM`, else one on the PATH. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = (env.PATH ?? '').split(path.delimiter)
  const candidates = env.CHROMIUM ? [env.CHROMIUM] : NAMES.flatMap((name) => folders.map((dir) => path.join(dir, name)))
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

export async function startBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ARGS })
}

export interface Shown {
  /** How many diagrams were drawn. */
  readonly diagrams: number
  /** What Mermaid said of those that were not. */
  readonly errors: readonly string[]
}

export interface Contrast {
  readonly text: string
  /** 1 … 21, as WCAG 2 defines it. */
  readonly ratio: number
}

/** One page of GitHub in one colour scheme, which shows one summary after the other. */
export interface SummaryPage {
  /** `drawBadge` draws the sign before the heading, so that pictures do not depend on the machine's fonts. */
  show(markdown: string, options?: { readonly drawBadge?: boolean }): Promise<Shown>
  /** Elements, attributes and texts, without what stands in `<code>`. */
  outline(): Promise<string>
  /** The texts that stand in `<code>`, in order. */
  codes(): Promise<readonly string[]>
  /** What scripts of others left: dialogs that were opened, and names that no page of ours defines. */
  traces(): Promise<readonly string[]>
  /** Runs a script, as one would that got into the page. */
  run(script: string): Promise<unknown>
  /** Of every text that can be seen. Opens what is closed. */
  contrasts(): Promise<readonly Contrast[]>
  /** All of it, as PNG. */
  picture(): Promise<Buffer>
  /** Addresses that the page tried to load. */
  readonly requests: readonly string[]
}

/** `scale`: pixels of a picture for one of CSS. */
export async function openSummaryPage(browser: Browser, scheme: Scheme, scale = 1): Promise<SummaryPage> {
  const page = await browser.newPage({ viewport: { width: 960, height: 6_000 }, deviceScaleFactor: scale })
  const requests: string[] = []
  await page.route('**/*', (route) => {
    requests.push(route.request().url())
    return route.abort()
  })
  const dialogs: string[] = []
  page.on('dialog', (dialog) => {
    dialogs.push(`dialog: ${dialog.message()}`)
    return dialog.dismiss()
  })
  await page.setContent(emptyPage(scheme))
  await page.addScriptTag({ path: MERMAID })
  await page.addScriptTag({ path: IN_PAGE })
  await page.waitForFunction('"page" in globalThis')
  const theme = scheme === 'dark' ? 'dark' : 'default'
  return {
    show: (markdown, { drawBadge = false } = {}) => call(page, 'show', renderHtml(markdown), { theme, drawBadge }),
    outline: () => call(page, 'outline'),
    codes: () => call(page, 'codes'),
    traces: async () => [...dialogs, ...(await call<readonly string[]>(page, 'traces'))],
    run: (script) => page.evaluate(script),
    contrasts: () => call(page, 'contrasts'),
    picture: () => page.locator('article').screenshot(),
    requests,
  }
}

/** Calls a function of `inPage.js`. */
function call<Result>(page: Page, name: string, ...args: readonly unknown[]): Promise<Result> {
  return page.evaluate(`page.${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`)
}
