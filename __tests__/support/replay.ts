import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parse } from 'yaml'
import { Cloud, type CloudState } from '../../src/emulator/cloud.ts'
import { GitHubRepository, type GitHubState } from '../../src/emulator/gitHub.ts'
import { type GitHubServer, startGitHub } from '../../src/emulator/gitHubServer.ts'
import { runAction } from '../../src/emulator/runner.ts'
import { type EmulatorServer, startServer } from '../../src/emulator/server.ts'
import { type Files, readFiles, writeFiles } from '../../src/emulator/workspace.ts'
import { ACTION } from './bundle.ts'
import { violationOf } from './gitHubApi.ts'
import { type Contexts, expand, holds, type Status } from './replay/expressions.ts'
import { type Attestation, digestOf, STAND_INS, type Store, writeGh } from './replay/standIns.ts'
import {
  type Job,
  legsOf,
  mustRunFor,
  needsOf,
  type Permissions,
  readWorkflow,
  type Step,
  type Texts,
  type Workflow,
  type WorkflowCall,
  type WorkflowEvent,
} from './replay/workflowFile.ts'

/**
 * Replays a workflow file as GitHub would run it, as far as our examples need it: real expressions, real shell, the real
 * action against the emulated cloud and the stand-in of GitHub, which gives each job a token with its `permissions:`
 * and no more. What it does not know is an error.
 */

const ROOT = path.resolve(__dirname, '../..')
export const EXAMPLES = path.join(ROOT, 'docs/examples')
const OUR_ACTION = 'OWNER/virus-scan-gate@COMMIT'
export const REPOSITORY = 'example/app'

/** All that is injected: the emulated cloud in the place of the real one, and its faster clock. */
const PACE = { 'min-poll-seconds': '0.05', 'max-poll-seconds': '0.2', 'settle-seconds': '0.1' }

type Result = 'success' | 'failure' | 'cancelled' | 'skipped'

export interface StepRecord {
  readonly id?: string
  readonly name: string
  /** Before and after `continue-on-error`. */
  readonly outcome: Result
  readonly conclusion: Result
  readonly outputs: Texts
  readonly log: string
}

export interface JobRecord {
  readonly name: string
  readonly result: Result
  readonly outputs: Texts
  readonly steps: readonly StepRecord[]
  readonly completedAt: string
}

export interface RunRecord {
  readonly id: number
  readonly file: string
  readonly event: WorkflowEvent
  readonly createdAt: string
  readonly result: Result
  readonly jobs: readonly JobRecord[]
}

/** A repository on GitHub with its secrets and its cloud: what outlives a run. */
export interface Site {
  readonly cloud: Cloud
  readonly cloudServer: EmulatorServer
  readonly repository: GitHubRepository
  readonly gitHub: GitHubServer
  readonly secrets: Readonly<Record<string, string>>
  readonly checkedOut: Files
  readonly attestations: Attestation[]
  /** What the tokens of all jobs so far may do. */
  readonly tokens: Record<string, Permissions>
  /** What the API tells of earlier runs. */
  readonly runs: RunRecord[]
}

export interface SiteOptions {
  readonly cloud: CloudState
  readonly secrets: Readonly<Record<string, string>>
  readonly checkedOut?: Files
  readonly gitHub?: Omit<Partial<GitHubState>, 'tokens' | 'repository' | 'workflowRuns'>
  readonly onCloudCall?: (action: string) => void
}

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** Closed after the test. */
export async function openSite({ cloud: state, secrets, checkedOut, gitHub, onCloudCall }: SiteOptions): Promise<Site> {
  const cloud = new Cloud(state, Date.now)
  const cloudServer = await startServer(cloud, ({ action }) => onCloudCall?.(action))
  const tokens: Record<string, Permissions> = {}
  const runs: RunRecord[] = []
  const repository = new GitHubRepository({
    ...{ ...gitHub, repository: REPOSITORY, tokens },
    get workflowRuns() {
      return runs.map(runState)
    },
  })
  const server = await startGitHub(repository, { check: violationOf })
  closing.push(
    () => cloudServer.close(),
    () => server.close(),
  )
  const site = { cloud, cloudServer, repository, gitHub: server, secrets, tokens, runs }
  return { ...site, checkedOut: checkedOut ?? {}, attestations: [] }
}

/** Somebody's part in a run. */
export interface Story {
  readonly event: WorkflowEvent
  /** Aborted when somebody cancels the run. */
  readonly cancel?: AbortSignal
  /** What happens before a job or a step; an approval, or foul play. */
  readonly before?: (where: { readonly job: string; readonly step?: string }, store: Store) => void
  /** Another report than the rehearsal's, as if the gate had written it. */
  readonly amendReport?: (report: Record<string, unknown>) => object
}

/** Runs a file of `docs/examples`. */
export async function replay(file: string, site: Site, story: Story): Promise<RunRecord> {
  const workflow = readWorkflow(path.join(EXAMPLES, file))
  mustRunFor(workflow, story.event)
  const { event } = story
  const id = 7_000_001 + site.runs.length
  const workflowRef = `${REPOSITORY}/.github/workflows/${file}@${event.ref}`
  const github = {
    repository: REPOSITORY,
    repository_owner: 'example',
    sha: event.sha,
    ref: event.ref,
    ref_name: event.ref.replace(/^refs\/(?:heads|tags|pull)\//, ''),
    event_name: event.name,
    event: event.payload,
    actor: event.actor ?? 'octocat',
    workflow: workflow.name,
    workflow_ref: workflowRef,
    run_id: String(id),
    run_attempt: '1',
    api_url: site.gitHub.url,
    server_url: 'https://github.com',
  }
  const run: Run = { site, story, github, artifacts: new Map(), inputs: {}, secrets: site.secrets }
  const createdAt = githubTime()
  const jobs = await runJobs(workflow, run)
  const records = [...jobs.values()].flatMap(({ legs }) => legs)
  const record = { id, file, event, createdAt, result: together([...jobs.values()]), jobs: records }
  site.runs.push(record)
  return record
}

/** One run of a workflow, or the part of one that a reusable workflow is. */
interface Run {
  readonly site: Site
  readonly story: Story
  readonly github: Readonly<Record<string, unknown>>
  readonly artifacts: Store['artifacts']
  readonly inputs: Texts
  readonly secrets: Readonly<Record<string, string>>
  /** In a reusable workflow: what its caller's job may do, and is called. */
  readonly caller?: { readonly permissions: Permissions; readonly name: string }
}

interface JobEnding {
  readonly result: Result
  readonly outputs: Texts
  readonly legs: readonly JobRecord[]
}

async function runJobs(workflow: Workflow, run: Run): Promise<ReadonlyMap<string, JobEnding>> {
  const endings = new Map<string, JobEnding>()
  const waiting = new Map(Object.entries(workflow.jobs))
  while (waiting.size > 0) {
    const next = [...waiting].find(([, job]) => needsOf(job).every((need) => endings.has(need)))
    if (next === undefined) throw new Error(`Jobs wait for each other: ${[...waiting.keys()].join(', ')}`)
    const [id, job] = next
    waiting.delete(id)
    endings.set(id, await runJob(id, job, workflow, run, endings))
  }
  return endings
}

async function runJob(
  id: string,
  job: Job,
  workflow: Workflow,
  run: Run,
  endings: ReadonlyMap<string, JobEnding>,
): Promise<JobEnding> {
  const { github, inputs, story } = run
  const needs = Object.fromEntries(needsOf(job).map((need) => [need, pick(endings.get(need), ['result', 'outputs'])]))
  const before = ancestors(job, workflow).map((need) => endings.get(need)?.result)
  const status = {
    success: before.every((result) => result === 'success') && !isCancelled(story.cancel),
    failure: before.includes('failure'),
    cancelled: isCancelled(story.cancel),
  }
  if (!holds(job.if, { github, needs, inputs, vars: {} }, status)) {
    const skipped = {
      name: job.name ?? id,
      result: 'skipped',
      outputs: {},
      steps: [],
      completedAt: githubTime(),
    } as const
    return { result: 'skipped', outputs: {}, legs: [skipped] }
  }
  story.before?.({ job: id }, storeOf(run))
  const legs: JobEnding[] = []
  for (const matrix of legsOf(job)) {
    const stopped = job.strategy?.['fail-fast'] !== false && legs.some(({ result }) => result === 'failure')
    const base = { github, needs, inputs, matrix, strategy: {}, vars: {} }
    const permissions = job.permissions ?? workflow.permissions ?? {}
    legs.push(
      stopped
        ? { result: 'cancelled', outputs: {}, legs: [] }
        : job.uses === undefined
          ? await runLeg(id, job, { permissions, workflow, run, base })
          : await runCalled(id, job, { permissions, run, base }),
    )
  }
  // Whichever leg of a matrix ends last overwrites the outputs of the others.
  const outputs = Object.assign({}, ...legs.map((leg) => leg.outputs))
  return { result: together(legs), outputs, legs: legs.flatMap((leg) => leg.legs) }
}

function ancestors(job: Job, workflow: Workflow): readonly string[] {
  return needsOf(job).flatMap((need) => [need, ...ancestors(workflow.jobs[need] ?? {}, workflow)])
}

function together(parts: readonly { readonly result: Result }[]): Result {
  const worst = (['failure', 'cancelled', 'success'] as const).find((one) => parts.some(({ result }) => result === one))
  return worst ?? 'skipped'
}

/** A reusable workflow: the jobs of another file, with the caller's event. */
async function runCalled(
  id: string,
  job: Job,
  { permissions, run, base }: { readonly permissions: Permissions; readonly run: Run; readonly base: Contexts },
): Promise<JobEnding> {
  const [, file] = /\/\.github\/workflows\/([\w-]+\.yml)@COMMIT$/.exec(job.uses ?? '') ?? []
  if (file === undefined) throw new Error(`The replay knows no workflow ${job.uses}`)
  const workflow = readWorkflow(path.join(EXAMPLES, file))
  const call = workflow.on.workflow_call as WorkflowCall
  const given = expandAll(job.with, base)
  const secrets = expandAll(job.secrets, { ...base, secrets: run.secrets })
  declared(given, call.inputs ?? {}, 'input')
  declared(secrets, call.secrets ?? {}, 'secret')
  const defaults = Object.entries(call.inputs ?? {}).map(([name, input]) => [name, String(input.default ?? '')])
  const inputs = { ...Object.fromEntries(defaults), ...given }
  const name = nameOf(id, job, base)
  const jobs = await runJobs(workflow, { ...run, inputs, secrets, caller: { permissions, name } })
  const values = Object.entries(call.outputs ?? {}).map(([output, { value }]) => [output, value])
  const outputs = expandAll(Object.fromEntries(values), { github: run.github, jobs: Object.fromEntries(jobs), inputs })
  const legs = [...jobs.values()].flatMap((ending) => ending.legs)
  return { result: together([...jobs.values()]), outputs, legs }
}

function declared(given: object, known: Readonly<Record<string, { readonly required?: boolean }>>, what: string) {
  const strange = Object.keys(given).filter((name) => !(name in known))
  const missing = Object.keys(known).filter((name) => known[name]?.required === true && !(name in given))
  if (strange.length + missing.length > 0) throw new Error(`Invalid ${what}: ${[...strange, ...missing].join(', ')}`)
}

interface LegRun {
  readonly permissions: Permissions
  readonly workflow: Workflow
  readonly run: Run
  readonly base: Contexts
}

async function runLeg(id: string, job: Job, { permissions, workflow, run, base }: LegRun): Promise<JobEnding> {
  const { site, story, caller } = run
  mustNotExceed(permissions, caller?.permissions)
  const ownName = nameOf(id, job, base)
  const name = caller === undefined ? ownName : `${caller.name} / ${ownName}`
  const token = `ghs_tokenOfJob${Object.keys(site.tokens).length}`
  site.tokens[token] = permissions
  const secrets = { ...run.secrets, GITHUB_TOKEN: token }
  const contexts: Contexts = { ...base, github: { ...run.github, token, job: id } }
  const env = { ...expandAll(workflow.env, contexts), ...expandAll(job.env, { ...contexts, secrets }) }
  const folder = await mkdtemp(path.join(tmpdir(), 'replay-'))
  try {
    const place: Place = { folder, workspace: path.join(folder, 'workspace'), permissions, run, jobId: id }
    await mkdir(place.workspace)
    const steps: StepRecord[] = []
    for (const step of job.steps ?? []) {
      const all = { ...contexts, env, steps: stepsContext(steps) }
      story.before?.({ job: id, step: nameOfStep(step) }, storeOf(run))
      steps.push(await runStep(step, { contexts: all, secrets, status: statusOf(steps, story.cancel), place }))
    }
    const { success, cancelled } = statusOf(steps, story.cancel)
    const result = cancelled ? 'cancelled' : success ? 'success' : 'failure'
    const outputs = expandAll(job.outputs, { ...contexts, env, secrets, steps: stepsContext(steps) })
    return { result, outputs, legs: [{ name, result, outputs, steps, completedAt: githubTime() }] }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** GitHub does not start a called workflow that asks for more than its caller's job may do. */
function mustNotExceed(wanted: Permissions, given: Permissions | undefined): void {
  if (given === undefined) return
  const rank = { none: 0, read: 1, write: 2 } as const
  for (const [scope, level] of Object.entries(wanted))
    if (rank[level] > rank[given[scope] ?? 'none']) throw new Error(`The caller does not allow ${scope}: ${level}`)
}

function statusOf(steps: readonly StepRecord[], cancel: AbortSignal | undefined): Status {
  const cancelled = isCancelled(cancel)
  const failure = steps.some(({ conclusion }) => conclusion === 'failure')
  return { success: !failure && !cancelled, failure, cancelled }
}

function isCancelled(cancel: AbortSignal | undefined): boolean {
  return cancel?.aborted === true
}

function stepsContext(steps: readonly StepRecord[]): object {
  const named = steps.filter(({ id }) => id !== undefined)
  return Object.fromEntries(named.map((step) => [step.id, pick(step, ['outputs', 'outcome', 'conclusion'])]))
}

/** The machine of a job. */
interface Place {
  readonly folder: string
  readonly workspace: string
  readonly permissions: Permissions
  readonly run: Run
  readonly jobId: string
}

interface StepScene {
  /** Without secrets, which an `if:` may not see. */
  readonly contexts: Contexts
  readonly secrets: Readonly<Record<string, string>>
  readonly status: Status
  readonly place: Place
}

async function runStep(step: Step, { contexts, secrets, status, place }: StepScene): Promise<StepRecord> {
  const { cancel } = place.run.story
  const all = { ...contexts, secrets }
  const env = { ...(contexts.env as Texts), ...expandAll(step.env, all) }
  const about = { ...(step.id === undefined ? {} : { id: step.id }), name: nameOfStep(step) }
  if (!holds(step.if, { ...contexts, env }, status))
    return { ...about, outcome: 'skipped', conclusion: 'skipped', outputs: {}, log: '' }
  const wasCancelled = isCancelled(cancel)
  const inputs = expandAll(step.with, { ...all, env })
  const done =
    step.run === undefined ? await use(step.uses ?? '', inputs, env, place) : await shell(step, all, env, place)
  const isCutShort = !wasCancelled && isCancelled(cancel)
  const outcome = done.isGood ? 'success' : isCutShort ? 'cancelled' : 'failure'
  const conclusion = outcome === 'failure' && step['continue-on-error'] === true ? 'success' : outcome
  return { ...about, outcome, conclusion, outputs: done.outputs, log: done.log }
}

interface Done {
  readonly isGood: boolean
  readonly outputs: Texts
  readonly log: string
}

async function use(uses: string, inputs: Readonly<Record<string, string>>, env: Texts, place: Place): Promise<Done> {
  if (uses === OUR_ACTION) return useGate(inputs, env, place)
  const [name = ''] = uses.split('@')
  const standIn = STAND_INS[name]
  if (standIn === undefined) throw new Error(`The replay knows no action ${uses}`)
  const { workspace, permissions, run } = place
  const signer = String(run.github.workflow_ref).replace(/@.*/, '')
  const scene = { store: storeOf(run), workspace, permissions, repository: REPOSITORY, signer }
  return standIn(inputs, scene).then(
    () => ({ isGood: true, outputs: {}, log: '' }),
    (error: unknown) => ({ isGood: false, outputs: {}, log: String(error) }),
  )
}

/** The action as it ships, with the defaults of `action.yml` as the runner fills them in. */
async function useGate(given: Readonly<Record<string, string>>, env: Texts, place: Place): Promise<Done> {
  const { workspace, run } = place
  const { site, story } = run
  const injected = { ...PACE, endpoint: site.cloudServer.url, rehearsal: 'true' }
  const inputs: Readonly<Record<string, string>> = { ...(await defaultsOfGate()), ...given, ...injected }
  const cancel = isCancelled(story.cancel) ? undefined : story.cancel
  const result = await runAction({
    entry: ACTION,
    inputs,
    files: await readFiles(workspace),
    event: story.event,
    env: { ...textsOf(env), ...runnerVariables(place) },
    onStart: ({ kill }) => cancel?.addEventListener('abort', () => kill('SIGINT'), { once: true }),
  })
  const file = inputs['report-file'] ?? ''
  const amended = story.amendReport === undefined ? undefined : amend(result.files[file], story.amendReport)
  await rm(workspace, { recursive: true })
  await mkdir(workspace)
  await writeFiles(workspace, { ...result.files, ...(amended === undefined ? {} : { [file]: amended }) })
  const digest = amended === undefined ? {} : { 'report-digest': digestOf(amended) }
  return {
    isGood: result.exitCode === 0,
    outputs: { ...result.outputs, ...digest },
    log: result.stdout + result.stderr,
  }
}

function amend(report: string | undefined, change: (report: Record<string, unknown>) => object): string | undefined {
  return report && `${JSON.stringify(change(JSON.parse(report)), undefined, 2)}\n`
}

async function defaultsOfGate(): Promise<Readonly<Record<string, string>>> {
  const action = parse(await readFile(path.join(ROOT, 'action.yml'), 'utf8')) as {
    readonly inputs: Readonly<Record<string, { readonly default?: string }>>
  }
  return Object.fromEntries(Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? '']))
}

/** Source: GitHub's page on workflow syntax: what `bash`, and what no shell at all, stands for. */
const SHELLS: Readonly<Record<string, readonly string[]>> = {
  '': ['-e'],
  bash: ['--noprofile', '--norc', '-e', '-o', 'pipefail'],
}

async function shell(step: Step, contexts: Contexts, env: Texts, place: Place): Promise<Done> {
  const { folder, workspace, run } = place
  const options = SHELLS[step.shell ?? '']
  if (options === undefined) throw new Error(`The replay knows no shell ${step.shell}`)
  const files = { GITHUB_OUTPUT: '', GITHUB_ENV: '', GITHUB_PATH: '', GITHUB_STEP_SUMMARY: '' }
  const paths = Object.fromEntries(Object.keys(files).map((name) => [name, path.join(folder, name)]))
  for (const file of Object.values(paths)) await writeFile(file, '')
  await writeGh(folder, storeOf(run), run.site.tokens)
  const script = path.join(folder, 'script.sh')
  await writeFile(script, expand(step.run ?? '', { ...contexts, env }))
  const child = spawn('bash', [...options, script], {
    cwd: workspace,
    env: {
      PATH: `${folder}:${process.env.PATH}`,
      HOME: folder,
      RUNNER_TEMP: folder,
      GITHUB_WORKSPACE: workspace,
      ...runnerVariables(place),
      ...paths,
      ...textsOf(env),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(run.story.cancel?.aborted === false ? { signal: run.story.cancel, killSignal: 'SIGINT' } : {}),
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      log += chunk
    })
  child.on('error', () => {}) // the abort; the exit code tells
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  for (const name of ['GITHUB_ENV', 'GITHUB_PATH'])
    if ((await readFile(paths[name] ?? '', 'utf8')) !== '') throw new Error(`The replay knows no ${name}`)
  return { isGood: code === 0, outputs: readOutputLines(await readFile(paths.GITHUB_OUTPUT ?? '', 'utf8')), log }
}

function readOutputLines(text: string): Texts {
  const lines = text.split('\n').filter((line) => line !== '')
  if (lines.some((line) => !/^[\w-]+=/.test(line))) throw new Error('The replay knows outputs of one line only')
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2)))
}

function runnerVariables({ run, jobId }: Place): Readonly<Record<string, string>> {
  const { event: _, ...github } = run.github
  const names = Object.entries(github).map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, String(value)])
  return { CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_JOB: jobId, ...Object.fromEntries(names) }
}

function storeOf({ site, artifacts }: Run): Store {
  return { checkedOut: site.checkedOut, attestations: site.attestations, artifacts }
}

function nameOf(id: string, job: Job, contexts: Contexts): string {
  if (job.name !== undefined) return expand(job.name, contexts)
  const values = Object.values((contexts.matrix ?? {}) as object)
  return values.length === 0 ? id : `${id} (${values.join(', ')})`
}

function nameOfStep({ name, uses, run = '' }: Step): string {
  return name ?? `Run ${uses ?? run.split('\n', 1)[0]}`
}

function expandAll(texts: Texts = {}, contexts: Contexts): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, expand(String(text), contexts)]))
}

function textsOf(texts: Texts): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, String(value)]))
}

function pick(value: object | undefined, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([key]) => keys.includes(key)))
}

/** As GitHub's API writes times: without fractions. */
export function githubTime(ms = Date.now()): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}

function runState({ id, file, event, createdAt, result, jobs }: RunRecord) {
  const branch = event.ref.replace(/^refs\/heads\//, '')
  return {
    ...{ id, file, branch, event: event.name, createdAt, conclusion: result },
    jobs: jobs.map(({ name, result: conclusion, completedAt, steps }) => ({ name, conclusion, completedAt, steps })),
  }
}
