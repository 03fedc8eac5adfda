import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Cloud } from './cloud.ts'
import { GitHubRepository } from './gitHub.ts'
import { startGitHub } from './gitHubServer.ts'
import { LogView } from './logView.ts'
import { runAction } from './runner.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'
import { startServer } from './server.ts'
import { trusting, usesSts } from './stage.ts'
import { asText } from './summaryText.ts'
import { startTokenService } from './tokenService.ts'

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
  const identity = scenario.identity && (await startTokenService(scenario.identity))
  const cloud = identity === undefined ? scenario.cloud : trusting(scenario.cloud, identity.publicKey)
  const server = await startServer(new Cloud(cloud, Date.now), ({ action }) => {
    if (action !== 'DescribeScanTaskProgress') return
    looks += 1
    if (looks === scenario.cancelAfterLooks) cancel()
  })
  const endpoints = { endpoint: server.url, ...(usesSts(scenario.inputs) ? { 'sts-endpoint': server.url } : {}) }
  const inputs = { ...scenario.inputs, ...endpoints, rehearsal: 'true' }
  const repository = repositoryOf(scenario)
  const github = repository && (await startGitHub(repository))

  heading(`Scenario ${name}: ${scenario.about}`)
  for (const [input, value] of Object.entries(inputs))
    print(`  ${input}: ${isSecret(input) ? '***' : value.replaceAll('\n', ' ')}`)
  heading('Log')
  const view = new LogView(debug)
  const result = await runAction({
    entry: ACTION,
    inputs,
    files: scenario.files ?? {},
    ...(scenario.event === undefined ? {} : { event: scenario.event }),
    env: {
      ...(debug ? { RUNNER_DEBUG: '1' } : {}),
      ...(github === undefined ? {} : { GITHUB_API_URL: github.url }),
      ...identity?.env,
    },
    onOutput: (chunk) => view.show(chunk).forEach(print),
    onStart: (action) => {
      cancel = () => {
        print('(the job is cancelled: the runner sends SIGINT)')
        action.kill('SIGINT')
      }
    },
  })
  await server.close()
  await github?.close()
  await identity?.close()

  heading('Outputs')
  for (const [output, value] of Object.entries(result.outputs)) print(`  ${output}: ${value}`)
  heading('Job summary')
  print(asText(result.summary))
  for (const [file, text] of Object.entries(result.files)) {
    if (text === scenario.files?.[file]) continue
    heading(`File ${file}`)
    print(beginning(text))
  }
  if (repository !== undefined) showRepository(repository)
  heading(
    `Exit code ${result.exitCode ?? result.signal}, after ${count(server.exchanges.length)} to the emulated cloud`,
  )
  return result.exitCode ?? 1
}

const EVERYTHING = { statuses: 'write', issues: 'write', contents: 'read' } as const

function repositoryOf({ github, inputs }: Scenario): GitHubRepository | undefined {
  if (github === undefined) return undefined
  const { permissions = EVERYTHING, ...state } = github
  return new GitHubRepository({
    repository: 'example/app',
    tokens: { [inputs['github-token'] ?? '']: permissions },
    ...state,
  })
}

/** What GitHub's pages would show afterwards. */
function showRepository({ statuses, issues }: GitHubRepository): void {
  heading('Commit statuses')
  for (const { sha, context, state, description } of statuses)
    print(`  ${sha.slice(0, 7)}  ${context}  ${state.padEnd(7)}  ${description}`)
  for (const { number, title, state, body, comments } of issues) {
    heading(`Issue #${number} (${state}): ${title}`)
    print(asText(body))
    for (const comment of comments) print(`  > ${asText(comment).trim()}`)
  }
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
  return /^(?:access-key|security-token|github-token)/.test(input)
}

function heading(text: string): void {
  print(`\n--- ${text}`)
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

process.exitCode = await main(process.argv.slice(2))
