import { systemClock } from './adapters/clock.ts'
import { Files, sha256 } from './adapters/files.ts'
import { RpcClient } from './adapters/rpc.ts'
import * as runner from './adapters/runner.ts'
import { API_VERSION, SecurityCenter } from './adapters/securityCenter.ts'
import type { RunEvent } from './domain/event.ts'
import { type Outcome, withFact } from './domain/outcome.ts'
import { isGood, judge } from './domain/verdict.ts'
import { type Inputs, type InputWorld, namesAllowList, parseInputs, secretsIn } from './inputs.ts'
import { conclude, refuse, run } from './run.ts'
import { detailLines, Narrator, openingLine, remedyLines } from './view/log.ts'
import { outputsOf, type WrittenReport } from './view/outputs.ts'
import { readRunIdentity, reportOf } from './view/report.ts'
import { toReason } from './view/sentence.ts'
import { summaryOf } from './view/summary.ts'
import { reason } from './view/verdictText.ts'

/**
 * The wiring: the real world meets the story here. The one place that reads signals, sets outputs, writes files and
 * fails the job. Imported by nobody.
 */

// Failed until everything has been said of a run that may be green: whatever ends the process before that, a signal's
// patience or nothing left to wait for, has seen nothing to be good.
process.exitCode = 1

// The bundled HTTP client parses URLs the old way, about which Node would warn in the log of every user.
process.noDeprecation = true

// A log that nobody can take any more (a closed pipe, a full disk) must not change the verdict, nor raise errors about errors.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

/** After a cancel the runner waits 7.5 s and 2.5 s before it kills; we promise to be gone after 2 s. */
const GONE_AFTER_CANCEL_MS = 1_500

const clock = systemClock()
const startedMs = Date.now()
const files = new Files({
  workspace: process.env.GITHUB_WORKSPACE || process.cwd(),
  temp: process.env.RUNNER_TEMP ?? '',
})
const cancel = new AbortController()
let concluded = false
let isDefect = false

async function main(): Promise<void> {
  runner.mask(secretsIn(process.env))
  const reading = parseInputs(process.env, await inputWorld())
  if (reading.kind === 'invalid') return end(refuse(reading, clock.now()), reading)

  const { inputs } = reading
  const { endpoint, credentials, waitFor, policy } = inputs
  const given = waitFor.kind === 'tasks' ? waitFor.ids : []
  let taskIds = given
  onDefect = (error) => {
    const seen = { facts: [{ kind: 'defect' } as const], taskIds, tasks: [], calls: [], ramActions: [] }
    return endWithDefect(error, conclude(inputs, { ...seen, elapsedMs: clock.now() }), inputs)
  }
  runner.setOutput('task-id', taskIds.join(','))
  runner.log('info', openingLine(taskIds, endpoint, policy.deadlineMs, inputs.gate?.cutoff))

  const rpc = new RpcClient({ url: endpoint.url, apiVersion: API_VERSION, ...credentials })
  const narrator = new Narrator(taskIds, policy.maxConsecutiveErrors)
  const report = (event: RunEvent) => {
    if (event.kind === 'started') {
      taskIds = [event.id]
      runner.setOutput('task-id', event.id)
    }
    for (const line of narrator.tell(event)) runner.log(line.level, line.text)
  }
  const cloud = new SecurityCenter(rpc)
  const outcome = await run(inputs, { clock, random: Math.random, cloud, report }, cancel.signal)
  rpc.close()
  await end(outcome, inputs)
}

/** The YAML parser is loaded by runs that need it only: it would make the start of all others slower. */
async function inputWorld(): Promise<InputWorld> {
  const world = {
    today: new Date(startedMs).toISOString().slice(0, 10),
    readText: (path: string) => files.readText(path),
    refusalToWrite: (path: string) => files.refusal(path),
    isSameFile: (one: string, other: string) => files.isSame(one, other),
  }
  if (!namesAllowList(process.env)) return { ...world, readYaml: () => ({ node: undefined }) }
  const { readYaml }: typeof import('./adapters/yaml.ts') = await import(/* webpackIgnore: true */ yamlReader())
  return { ...world, readYaml }
}

/** In the bundle the parser is a file of its own; to read its text would cost every run more than all the rest of ours. */
function yamlReader(): string {
  const here = import.meta.url
  return here.replace(/[^/]*$/, /[^/]*$/.exec(here)?.[0].includes('.ts') ? 'adapters/yaml.ts' : 'yaml/index.js')
}

/** Tells the world how it ended, once: what comes to another end later has nothing to add. Files come first. */
async function end(ended: Outcome, inputs: Pick<Inputs, 'jobSummary'> | Inputs): Promise<void> {
  if (concluded) return
  const { outcome, report } =
    'reportFile' in inputs ? leaveEvidence(ended, inputs, inputs.reportFile) : { outcome: ended }
  const { judgement } = outcome
  const { outputs, warnings } = outputsOf(outcome, report)
  const summary = summaryOf(outcome)
  concluded = true
  runner.setOutputs(outputs)
  if (inputs.jobSummary) await runner.writeSummary(summary)
  for (const warning of warnings) runner.log('warning', warning)
  for (const line of detailLines(outcome)) runner.log(line.level, line.text)
  const sentence = toReason(reason(outcome))
  if (judgement.failsJob) runner.fail(sentence)
  else runner.log(isGood(judgement.verdict) ? 'info' : 'warning', sentence)
  for (const line of remedyLines(outcome)) runner.log(line.level, line.text)
  if (!judgement.failsJob) process.exitCode = 0
}

/** Writes the report. Evidence that was asked for and cannot be left is a fact of its own. */
function leaveEvidence(
  outcome: Outcome,
  inputs: Inputs,
  path: string,
): { readonly outcome: Outcome; readonly report?: WrittenReport } {
  const run = readRunIdentity(process.env)
  const text = reportOf(outcome, { inputs, run, startedMs, endedMs: Date.now() })
  const digest = `sha256:${sha256(text)}`
  const why = files.write(path, text)
  if (why === undefined) return { outcome, report: { path, digest } }
  return { outcome: withFact(outcome, { kind: 'report-not-written', path, why }, inputs.failOn) }
}

/** A mistake of ours: no stack trace in the log, and never a green job, not even where the verdict stood already. */
async function endWithDefect(error: unknown, outcome: Outcome, inputs: Pick<Inputs, 'jobSummary'>): Promise<void> {
  if (isDefect) return
  isDefect = true
  runner.log('debug', error instanceof Error ? (error.stack ?? error.message) : String(error))
  if (concluded) {
    const sentence = 'This action made a mistake after its verdict, the debug log has the details'
    for (const [name, value] of Object.entries({ verdict: 'unavailable', passed: 'false', reason: sentence })) {
      runner.setOutput(name, value)
    }
    runner.fail(sentence)
  } else await end(outcome, inputs)
  cancel.abort()
}

const nothingKnown = (): Outcome => ({
  judgement: judge([{ kind: 'defect' }], []),
  taskIds: [],
  tasks: [],
  elapsedMs: clock.now(),
  rehearsal: false,
  calls: [],
  ramActions: [],
})
let onDefect = (error: unknown) => endWithDefect(error, nothingKnown(), { jobSummary: true })

function onSignal(): void {
  if (cancel.signal.aborted || concluded) return
  cancel.abort()
  // By then everything is written; only a handle that we know nothing of can still hold the process. The empty write
  // comes back when all that was printed before has left, which on Windows an exit alone would not wait for.
  setTimeout(() => process.stdout.write('', () => process.exit()), GONE_AFTER_CANCEL_MS).unref()
}
process.on('SIGINT', onSignal)
process.on('SIGTERM', onSignal)
process.on('uncaughtException', (error) => void onDefect(error))
process.on('unhandledRejection', (error) => void onDefect(error))

main().catch((error: unknown) => onDefect(error))
