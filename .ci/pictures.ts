// Pictures of job summaries: plays scenarios of the demo and shows what they wrote as GitHub does.
//   node .ci/pictures.ts            draws docs/summary.png, which the README shows
//   node .ci/pictures.ts NAME…      draws pictures/NAME-light.png and pictures/NAME-dark.png
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { findChromium, openSummaryPage, startBrowser } from '../__tests__/support/browser.ts'
import { SCHEMES } from '../__tests__/support/githubPage.ts'
import { Cloud } from '../src/emulator/cloud.ts'
import { runAction } from '../src/emulator/runner.ts'
import { SCENARIOS } from '../src/emulator/scenarios.ts'
import { startServer } from '../src/emulator/server.ts'
import { smallPng } from './smallPng.ts'

/** What the README shows, at the pace of real runs rather than that of the demo. */
const SHOWN = { name: 'infected', inputs: { 'min-poll-seconds': '3', 'max-poll-seconds': '60' } }
/** Pixels of a picture for one of the page: small enough to load at once, sharp enough to read. */
const SCALE = 1.5

process.chdir(path.dirname(import.meta.dirname))
const executable = findChromium()
if (executable === undefined) throw new Error('there is no Chromium: put one on the PATH, or its path into CHROMIUM')
const browser = await startBrowser(executable)
const names = process.argv.slice(2)
if (names.length === 0) await drawForReadme()
for (const name of names) await drawBoth(name)
await browser.close()

async function drawForReadme(): Promise<void> {
  const page = await openSummaryPage(browser, 'light', SCALE)
  await page.show(await play(SHOWN.name, SHOWN.inputs), { drawBadge: true })
  writeFileSync('docs/summary.png', await smallPng(browser, await page.picture()))
}

async function drawBoth(name: string): Promise<void> {
  const summary = await play(name)
  mkdirSync('pictures', { recursive: true })
  for (const scheme of SCHEMES) {
    const page = await openSummaryPage(browser, scheme)
    await page.show(summary, { drawBadge: true })
    writeFileSync(path.join('pictures', `${name}-${scheme}.png`), await page.picture())
  }
}

/** The summary that the bundle writes. `ACTION_ENTRY=src/main.ts` plays the sources instead. */
async function play(name: string, inputs: Readonly<Record<string, string>> = {}): Promise<string> {
  const scenario = SCENARIOS[name]
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`)
  const server = await startServer(new Cloud(scenario.cloud, Date.now))
  const { summary } = await runAction({
    entry: process.env.ACTION_ENTRY ?? 'dist/index.js',
    inputs: { ...scenario.inputs, ...inputs, endpoint: server.url, rehearsal: 'true' },
    files: scenario.files ?? {},
  })
  await server.close()
  return summary
}
