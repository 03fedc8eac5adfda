import { loadRepository } from './adapters/bundles.ts'
import type { GitHubRepository } from './adapters/github/repository.ts'
import { readSmallText, sha256 } from './adapters/smallText.ts'
import { accountOf } from './domain/login.ts'
import type { Outcome } from './domain/outcome.ts'
import type { RepositoryFailure } from './domain/repository.ts'
import { identityText, trackedIn, type Watch } from './domain/tracking.ts'
import type { WorkflowRun } from './domain/workflowRun.ts'
import type { AllowListSources } from './inputs/allowList.ts'
import type { GitHubInputs } from './inputs/github.ts'
import type { Inputs } from './inputs.ts'
import type { Told } from './ports.ts'
import { StatusKeeper } from './steps/statusKeeper.ts'
import { trackIssues } from './steps/trackIssues.ts'
import { finalStatus, pendingStatus, type StatusText } from './view/commitStatus.ts'
import { ISSUE_LABEL, issueTexts } from './view/issueText.ts'
import { type LogLine, repositoryLine } from './view/log.ts'
import { repositoryProblem, repositoryWarning } from './view/repositoryText.ts'
import { toLog } from './view/sentence.ts'

/**
 * The run's side towards GitHub: what it reads there before the inputs are good, and what it tells at its beginning and
 * end. Wiring, like main. Nothing that GitHub does or leaves undone changes a verdict.
 */

type BaseText = AllowListSources['baseText'] & {}

/** What GitHub may take at the end of a run. A call of its own has half of it. */
const PATIENCE_MS = 30_000
/** After a cancel the process has 2 s for everything. */
const PATIENCE_WHEN_CANCELLED_MS = 900

export class GitHub {
  readonly #run: WorkflowRun
  readonly #repository: Promise<Told<GitHubRepository>>
  /** Ends what is said while the run goes on … */
  readonly #wait = new AbortController()
  /** … and what is said at its end. */
  readonly #over = new AbortController()
  #status: StatusKeeper | undefined

  constructor(token: string, run: WorkflowRun) {
    this.#run = run
    this.#repository = loadRepository().then(
      ({ GitHubRepository }) => ({ kind: 'done', value: new GitHubRepository(token, run.repository) }),
      () => ({ kind: 'refused', failure: { status: 0, message: 'its client could not be loaded' } }),
    )
  }

  /** The allow-list at the commit that a change is to be merged into. `path` is from the root of the repository. */
  async baseText(path: string, baseSha: string, cancel: AbortSignal): Promise<BaseText> {
    if (baseSha === '') return { problem: 'cannot be read: the event of this run names no base commit' }
    const repository = await this.#repository
    const told = repository.kind === 'done' ? await repository.value.fileAt(path, baseSha, cancel) : repository
    const at = `at the base commit ${baseSha.slice(0, 7)}`
    if (told.kind === 'refused')
      return { problem: `cannot be read ${at}: ${toLog(repositoryProblem('allow-list', told.failure, this.#run))}` }
    const file = told.value
    if (file.kind === 'absent') return { text: '', sha256: sha256(''), isAbsent: true }
    const reading = file.kind === 'file' ? readSmallText(file.bytes) : file
    return 'problem' in reading ? { problem: `${reading.problem} (${at})` } : reading
  }

  /** The run waits for these tasks, or, with none, will start one. */
  waiting({ commitStatus }: GitHubInputs, taskIds: readonly string[], rehearsal: boolean): void {
    if (commitStatus === undefined) return
    this.#keeper(commitStatus).set(pendingStatus(taskIds, rehearsal), this.#wait.signal)
  }

  /** Tells how the run ended. `inputs` are those that could be read. Takes no longer than it may. */
  async ended(
    outcome: Outcome,
    { commitStatus, trackingIssue }: GitHubInputs,
    inputs: Inputs | undefined,
    endedMs: number,
  ): Promise<readonly LogLine[]> {
    const isCancelled = outcome.judgement.verdict === 'cancelled'
    this.#limit(isCancelled ? PATIENCE_WHEN_CANCELLED_MS : PATIENCE_MS)
    if (isCancelled) this.#wait.abort()
    const told = await Promise.all([
      commitStatus === undefined
        ? []
        : this.#attempt('commit-status', commitStatus, () => this.#endStatus(commitStatus, finalStatus(outcome))),
      trackingIssue === undefined || inputs === undefined
        ? []
        : this.#attempt('tracking-issue', trackingIssue, () => this.#track(outcome, trackingIssue, inputs, endedMs)),
    ])
    return told.flat()
  }

  /** A signal after the verdict: the runner will kill the process soon. */
  hurry(): void {
    this.#limit(PATIENCE_WHEN_CANCELLED_MS)
  }

  /** Not even a mistake of ours in telling it changes how the run ended. */
  async #attempt(
    feature: 'commit-status' | 'tracking-issue',
    name: string,
    tell: () => Promise<readonly LogLine[]>,
  ): Promise<readonly LogLine[]> {
    try {
      return await tell()
    } catch (error) {
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
      const failure = { status: 0, message: 'this action made a mistake, the debug log has the details' }
      return [{ level: 'debug', text: stack }, this.#warning(feature, name, failure)]
    }
  }

  async #endStatus(name: string, text: StatusText): Promise<readonly LogLine[]> {
    const keeper = this.#keeper(name)
    keeper.set(text, this.#over.signal)
    const failure = await keeper.settled()
    return [
      failure === undefined
        ? repositoryLine(`Commit status ${text.state}`, name)
        : this.#warning('commit-status', name, failure),
    ]
  }

  async #track(outcome: Outcome, title: string, inputs: Inputs, endedMs: number): Promise<readonly LogLine[]> {
    const tracked = trackedIn(outcome)
    if (tracked === undefined) return []
    const repository = await this.#repository
    if (repository.kind === 'refused') return [this.#warning('tracking-issue', title, repository.failure)]
    const { events, failure } = await trackIssues(tracked, {
      repository: repository.value,
      identity: sha256(identityText(watchOf(inputs, title))).slice(0, 32),
      texts: issueTexts(outcome, this.#run, title),
      label: ISSUE_LABEL,
      now: new Date(endedMs).toISOString(),
      digest: sha256,
      stop: this.#over.signal,
    })
    return [
      ...events.map(({ done, url }) => repositoryLine(`Tracking issue ${done}`, url)),
      ...(failure === undefined ? [] : [this.#warning('tracking-issue', title, failure)]),
    ]
  }

  #keeper(context: string): StatusKeeper {
    const { headSha, url } = this.#run
    this.#status ??= new StatusKeeper(this.#repository, { sha: headSha, context, url })
    return this.#status
  }

  #warning(feature: 'commit-status' | 'tracking-issue', name: string, failure: RepositoryFailure): LogLine {
    return { level: 'warning', text: toLog(repositoryWarning(feature, name, failure, this.#run)) }
  }

  #limit(ms: number): void {
    setTimeout(() => {
      this.#wait.abort()
      this.#over.abort()
    }, ms).unref()
  }
}

/** What the runs of a tracking issue have in common. */
function watchOf({ endpoint, waitFor, login }: Inputs, title: string): Watch {
  const account = accountOf(login)
  const watch = { title, site: endpoint.site, ...(account === undefined ? {} : { account }) }
  if (waitFor.kind === 'tasks') return { ...watch, targets: [] }
  const { wanted } = waitFor
  return {
    ...watch,
    targets: wanted.kind === 'all' ? ['all'] : wanted.lines.map(({ word, name }) => `${word}:${name}`),
  }
}
