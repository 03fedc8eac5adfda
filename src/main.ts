import { systemClock } from './adapters/clock.ts'
import { RpcClient } from './adapters/rpc.ts'
import * as runner from './adapters/runner.ts'
import { API_VERSION, SecurityCenter } from './adapters/securityCenter.ts'
import type { Outcome } from './domain/outcome.ts'
import { judge } from './domain/verdict.ts'
import { parseInputs, secretsIn } from './inputs.ts'
import { conclude, refuse, run } from './run.ts'
import { detailLines, Narrator, openingLine, remedyLines } from './view/log.ts'
import { outputsOf } from './view/outputs.ts'
import { toReason } from './view/sentence.ts'
import { summaryOf } from './view/summary.ts'
import { reason } from './view/verdictText.ts'

/**
 * The wiring: the real world meets the story here. The one place that reads signals, sets outputs, writes files and
 * fails the job. Imported by nobody.
 */

// The bundled HTTP client parses URLs the old way, about which Node would warn in the log of every user.
process.noDeprecation = true

// A log that nobody can take any more (a closed pipe, a full disk) must not change the verdict, nor raise errors about errors.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

/** After a cancel the runner waits 7.5 s and 2.5 s before it kills; we promise to be gone after 2 s. */
const GONE_AFTER_CANCEL_MS = 1_500

const clock = systemClock()
const cancel = new AbortController()
let concluded = false
let isDefect = false

async function main(): Promise<void> {
  runner.mask(secretsIn(process.env))
  const reading = parseInputs(process.env)
  if (reading.kind === 'invalid') return end(refuse(reading, clock.now()), reading.jobSummary)

  const { inputs } = reading
  const { endpoint, credentials, taskIds, policy, jobSummary } = inputs
  onDefect = (error) => endWithDefect(error, conclude(inputs, [{ kind: 'defect' }], [], clock.now()), jobSummary)
  runner.setOutput('task-id', taskIds.join(','))
  runner.log('info', openingLine(taskIds, endpoint, policy.deadlineMs))

  const rpc = new RpcClient({ url: endpoint.url, apiVersion: API_VERSION, ...credentials })
  const narrator = new Narrator(taskIds, policy.maxConsecutiveErrors)
  const ports = {
    clock,
    random: Math.random,
    cloud: new SecurityCenter(rpc),
    report: (step: Parameters<Narrator['tell']>[0]) => {
      for (const line of narrator.tell(step)) runner.log(line.level, line.text)
    },
  }
  const outcome = await run(inputs, ports, cancel.signal)
  rpc.close()
  await end(outcome, jobSummary)
}

/** Tells the world how it ended, once: what comes to another end later has nothing to add. Files come first. */
async function end(outcome: Outcome, jobSummary: boolean): Promise<void> {
  if (concluded) return
  const { judgement } = outcome
  const { outputs, warnings } = outputsOf(outcome)
  const summary = summaryOf(outcome)
  concluded = true
  runner.setOutputs(outputs)
  if (jobSummary) await runner.writeSummary(summary)
  for (const warning of warnings) runner.log('warning', warning)
  for (const line of detailLines(outcome)) runner.log(line.level, line.text)
  const sentence = toReason(reason(outcome))
  if (judgement.failsJob) runner.fail(sentence)
  else runner.log(judgement.verdict === 'passed' ? 'info' : 'warning', sentence)
  for (const line of remedyLines(outcome)) runner.log(line.level, line.text)
}

/** A mistake of ours: no stack trace in the log, and never a green job, not even where the verdict stood already. */
async function endWithDefect(error: unknown, outcome: Outcome, jobSummary: boolean): Promise<void> {
  if (isDefect) return
  isDefect = true
  runner.log('debug', error instanceof Error ? (error.stack ?? error.message) : String(error))
  if (concluded) {
    const sentence = 'This action made a mistake after its verdict, the debug log has the details'
    for (const [name, value] of Object.entries({ verdict: 'unavailable', passed: 'false', reason: sentence })) {
      runner.setOutput(name, value)
    }
    runner.fail(sentence)
  } else await end(outcome, jobSummary)
  cancel.abort()
}

const nothingKnown = (): Outcome => ({
  judgement: judge([{ kind: 'defect' }], []),
  taskIds: [],
  tasks: [],
  elapsedMs: clock.now(),
  rehearsal: false,
})
let onDefect = (error: unknown) => endWithDefect(error, nothingKnown(), true)

function onSignal(): void {
  if (cancel.signal.aborted || concluded) return
  cancel.abort()
  // By then everything is written; only a handle that we know nothing of can still hold the process. The empty write
  // comes back when all that was printed before has left, which on Windows an exit alone would not wait for.
  setTimeout(() => process.stdout.write('', () => process.exit()), GONE_AFTER_CANCEL_MS).unref()
}
// A process that runs out of things to wait for has seen nothing to be good.
process.on('exit', () => {
  if (!concluded) process.exitCode = 1
})
process.on('SIGINT', onSignal)
process.on('SIGTERM', onSignal)
process.on('uncaughtException', (error) => void onDefect(error))
process.on('unhandledRejection', (error) => void onDefect(error))

main().catch((error: unknown) => onDefect(error))
