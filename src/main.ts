import { entranceOf } from './access.ts'
import { loadYaml } from './adapters/bundles.ts'
import { systemClock } from './adapters/clock.ts'
import { Files } from './adapters/files.ts'
import { adoptAllProxy, proxyOf } from './adapters/proxy.ts'
import { RpcClient } from './adapters/rpc.ts'
import * as runner from './adapters/runner.ts'
import { API_VERSION, ramActionsOf, SecurityCenter } from './adapters/securityCenter.ts'
import { sha256 } from './adapters/smallText.ts'
import type { RunEvent } from './domain/event.ts'
import { type Outcome, withFact } from './domain/outcome.ts'
import { judge } from './domain/verdict.ts'
import type { WorkflowRun } from './domain/workflowRun.ts'
import { GitHub } from './github.ts'
import { inputGiven } from './inputs/declared.ts'
import { type GitHubInputs, isToken } from './inputs/github.ts'
import { REQUEST_TOKEN_VARIABLE, TOKEN_URL_VARIABLE } from './inputs/login.ts'
import { areProxiesGood } from './inputs/network.ts'
import { readWorkflowRun } from './inputs/workflowRun.ts'
import { type Inputs, type InputWorld, parseInputs, secretsIn } from './inputs.ts'
import { conclude, featuresOf, refuse, run } from './run.ts'
import { endingOf } from './view/ending.ts'
import { Narrator } from './view/log.ts'
import { loginLine, openingLine } from './view/openingText.ts'
import type { WrittenReport } from './view/outputs.ts'
import { reportOf } from './view/report.ts'

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
let github: GitHub | undefined
/** Whether a signal came after the verdict. */
let isHurried = false
let knownRun: WorkflowRun | undefined
/** The event is a file, which is read when somebody asks. */
const workflowRun = () => {
  knownRun ??= readWorkflowRun(process.env, runner.readEvent())
  return knownRun
}
let isDefect = false

async function main(): Promise<void> {
  runner.mask(secretsIn(process.env))
  adoptAllProxy(process.env)
  const reading = parseInputs(process.env, await inputWorld())
  if (reading.kind === 'invalid') return end(refuse(reading, clock.now(), cancel.signal.aborted), reading)

  const { inputs } = reading
  const { endpoint, waitFor, policy } = inputs
  const given = waitFor.kind === 'tasks' ? waitFor.ids : []
  let taskIds = given
  onDefect = (error) => {
    const seen = { facts: [{ kind: 'defect' } as const], taskIds, tasks: [], calls: [], ramActions: [] }
    return endWithDefect(error, conclude(inputs, { ...seen, elapsedMs: clock.now() }), inputs)
  }
  runner.setOutput('task-id', taskIds.join(','))
  runner.log(
    'info',
    openingLine(taskIds, endpoint, policy.deadlineMs, inputs.gate?.cutoff, proxyOf(endpoint.url)?.host),
  )
  runner.log('info', loginLine(inputs.login, policy.deadlineMs))
  const tellWaiting = () => {
    if (inputs.github?.commitStatus !== undefined)
      gitHub(inputs.github).waiting(inputs.github, taskIds, inputs.rehearsal)
  }
  tellWaiting()

  const narrator = new Narrator(taskIds, policy.maxConsecutiveErrors)
  const report = (event: RunEvent) => {
    if (event.kind === 'started') {
      taskIds = [event.id]
      runner.setOutput('task-id', event.id)
      tellWaiting()
    }
    for (const line of narrator.tell(event)) runner.log(line.level, line.text)
  }
  const world = { clock, random: Math.random, report }
  const ramActions = ramActionsOf(featuresOf(inputs))
  const entrance = entranceOf(inputs, ramActions, {
    ...world,
    mask: runner.mask,
    tokenService: {
      url: process.env[TOKEN_URL_VARIABLE] ?? '',
      requestToken: process.env[REQUEST_TOKEN_VARIABLE] ?? '',
    },
  })
  const rpc = new RpcClient({ url: endpoint.url, apiVersion: API_VERSION, credentials: entrance.credentials })
  const ports = { ...world, cloud: new SecurityCenter(rpc), access: entrance.access }
  const outcome = await run(inputs, ports, cancel.signal)
  rpc.close()
  entrance.close()
  await end(outcome, inputs)
}

/** GitHub is asked by those runs only that have something to ask. */
function gitHub({ token }: Pick<GitHubInputs, 'token'>): GitHub {
  github ??= new GitHub(token, workflowRun())
  return github
}

/** What takes time is only done for runs that need it: the parser of YAML, and the allow-list at a base commit. */
async function inputWorld(): Promise<InputWorld> {
  const world = {
    today: new Date(startedMs).toISOString().slice(0, 10),
    readText: (path: string) => files.readText(path),
    refusalToWrite: (path: string) => files.refusal(path),
    isSameFile: (one: string, other: string) => files.isSame(one, other),
    run: workflowRun,
  }
  const allowList = inputGiven(process.env, 'allow-list')
  if (allowList === '') return { ...world, readYaml: () => ({ node: undefined }) }
  const { readYaml } = await loadYaml()
  const baseText = await readBase(allowList, workflowRun().change?.baseSha)
  return { ...world, readYaml, ...(baseText === undefined ? {} : { baseText }) }
}

/** Undefined where the run is for no change, or has no token. */
async function readBase(file: string, baseSha: string | undefined): Promise<InputWorld['baseText']> {
  const token = inputGiven(process.env, 'github-token')
  if (baseSha === undefined || token === '' || !isToken(token)) return undefined
  if (process.env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    return { problem: 'is not read from GitHub while TLS certificates are not checked' }
  }
  if (!areProxiesGood(process.env)) return { problem: 'is not read from GitHub while a proxy variable cannot be used' }
  const path = files.inRepository(file)
  if (path === undefined) return { problem: 'lies outside the workspace, so that no commit can have it' }
  return gitHub({ token }).baseText(path, baseSha, cancel.signal)
}

/** Tells the world how it ended, once: what comes to another end later has nothing to add. Files come first. */
async function end(ended: Outcome, inputs: Pick<Inputs, 'jobSummary' | 'github'> | Inputs): Promise<void> {
  if (concluded) return
  const { outcome, report } =
    'reportFile' in inputs ? leaveEvidence(ended, inputs, inputs.reportFile) : { outcome: ended }
  const { outputs, summary, lines, exitCode } = endingOf(outcome, report)
  concluded = true
  runner.setOutputs(outputs)
  if (inputs.jobSummary) await runner.writeSummary(summary)
  for (const { level, text } of lines) {
    if (level === 'error') runner.fail(text)
    else runner.log(level, text)
  }
  await tellGitHub(outcome, inputs)
  if (!isDefect) process.exitCode = exitCode
  // What GitHub's clients may still wait for, to try once more, knows no signal.
  exitSoon(0)
}

/** Comes last, since it may take its time, and cannot change what has been said. */
async function tellGitHub(outcome: Outcome, inputs: Pick<Inputs, 'github'> | Inputs): Promise<void> {
  const { commitStatus, trackingIssue } = inputs.github ?? {}
  if (inputs.github === undefined || (commitStatus === undefined && trackingIssue === undefined)) return
  const known = 'waitFor' in inputs ? inputs : undefined
  const side = gitHub(inputs.github)
  if (isHurried) side.hurry()
  const lines = await side.ended(outcome, inputs.github, known, Date.now())
  for (const line of lines) runner.log(line.level, line.text)
}

/** The empty write comes back when all that was printed before has left, which on Windows an exit alone would not wait for. */
function exitSoon(ms: number): void {
  setTimeout(() => process.stdout.write('', () => process.exit()), ms).unref()
}

/** Writes the report. Evidence that was asked for and cannot be left is a fact of its own. */
function leaveEvidence(
  outcome: Outcome,
  inputs: Inputs,
  path: string,
): { readonly outcome: Outcome; readonly report?: WrittenReport } {
  const text = reportOf(outcome, { inputs, run: workflowRun(), startedMs, endedMs: Date.now() })
  const digest = `sha256:${sha256(text)}`
  const why = files.write(path, text)
  if (why === undefined) return { outcome, report: { path, digest } }
  return { outcome: withFact(outcome, { kind: 'report-not-written', path, why }, inputs.failOn) }
}

/** A mistake of ours: no stack trace in the log, and never a green job, not even where the verdict stood already. */
async function endWithDefect(
  error: unknown,
  outcome: Outcome,
  inputs: Pick<Inputs, 'jobSummary'> | Inputs,
): Promise<void> {
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
  if (concluded) {
    isHurried = true
    github?.hurry()
  }
  if (cancel.signal.aborted || concluded) return
  cancel.abort()
  // By then everything is written; only a handle that we know nothing of can still hold the process.
  exitSoon(GONE_AFTER_CANCEL_MS)
}
process.on('SIGINT', onSignal)
process.on('SIGTERM', onSignal)
process.on('uncaughtException', (error) => void onDefect(error))
process.on('unhandledRejection', (error) => void onDefect(error))

main().catch((error: unknown) => onDefect(error))
