import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Cloud } from './cloud.ts'
import { LogView } from './logView.ts'
import { runAction } from './runner.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'
import { startServer } from './server.ts'
import { asText } from './summaryText.ts'

/**
 * `npm run demo -- [NAME]`: plays a scenario against the bundled action, shows what a person would see of it, and
 * exits as the action did. Bundled to dist/demo/index.js, beside the action in dist/index.js.
 */

const ACTION = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'index.js')

async function main(args: readonly string[]): Promise<number> {
  const debug = args.includes('--debug')
  const [name = 'passed', ...rest] = args.filter((arg) => arg !== '--debug')
  if (name === '--list' || name === '--help') {
    print('npm run demo -- NAME [--debug]\n')
    const width = Math.max(...Object.keys(SCENARIOS).map((known) => known.length))
    for (const [known, { about, verdict }] of Object.entries(SCENARIOS))
      print(`  ${known.padEnd(width)}  ${verdict.padEnd(12)}  ${about}`)
    return 0
  }
  const scenario = SCENARIOS[name]
  if (scenario === undefined || rest.length > 0) {
    print(`There is no scenario "${args.join(' ')}". The scenarios are: ${Object.keys(SCENARIOS).join(', ')}`)
    return 2
  }
  return play(name, scenario, debug)
}

async function play(name: string, scenario: Scenario, debug: boolean): Promise<number> {
  let cancel = () => {}
  let looks = 0
  const server = await startServer(new Cloud(scenario.cloud, Date.now), ({ action }) => {
    if (action !== 'DescribeScanTaskProgress') return
    looks += 1
    if (looks === scenario.cancelAfterLooks) cancel()
  })
  const inputs = { ...scenario.inputs, endpoint: server.url, rehearsal: 'true' }

  heading(`Scenario ${name}: ${scenario.about}`)
  for (const [input, value] of Object.entries(inputs))
    print(`  ${input}: ${isSecret(input) ? '***' : value.replaceAll('\n', ' ')}`)
  heading('Log')
  const view = new LogView()
  const result = await runAction({
    entry: ACTION,
    inputs,
    files: scenario.files ?? {},
    env: debug ? { RUNNER_DEBUG: '1' } : {},
    onOutput: (chunk) => view.show(chunk).forEach(print),
    onStart: (action) => {
      cancel = () => {
        print('(the job is cancelled: the runner sends SIGINT)')
        action.kill('SIGINT')
      }
    },
  })
  await server.close()

  heading('Outputs')
  for (const [output, value] of Object.entries(result.outputs)) print(`  ${output}: ${value}`)
  heading('Job summary')
  print(asText(result.summary))
  for (const [file, text] of Object.entries(result.files)) {
    if (text === scenario.files?.[file]) continue
    heading(`File ${file}`)
    print(beginning(text))
  }
  heading(
    `Exit code ${result.exitCode ?? result.signal}, after ${count(server.exchanges.length)} to the emulated cloud`,
  )
  return result.exitCode ?? 1
}

function count(calls: number): string {
  return calls === 1 ? '1 call' : `${calls} calls`
}

const SHOWN_LINES = 60

function beginning(text: string): string {
  const lines = text.trimEnd().split('\n')
  if (lines.length <= SHOWN_LINES) return lines.join('\n')
  return [...lines.slice(0, SHOWN_LINES), `(and ${lines.length - SHOWN_LINES} more lines)`].join('\n')
}

function isSecret(input: string): boolean {
  return /^(?:access-key|security-token)/.test(input)
}

function heading(text: string): void {
  print(`\n--- ${text}`)
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

process.exitCode = await main(process.argv.slice(2))
