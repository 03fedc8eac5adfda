import { dice } from '../../../bench/dice.ts'
import { SecurityCenter } from '../../../src/adapters/securityCenter.ts'
import { getCallerIdentity } from '../../../src/adapters/sts.ts'
import type { RunEvent } from '../../../src/domain/event.ts'
import { type Outcome, withFact } from '../../../src/domain/outcome.ts'
import type { CommitStatus } from '../../../src/domain/repository.ts'
import { trackedIn } from '../../../src/domain/tracking.ts'
import { readWorkflowRun } from '../../../src/inputs/workflowRun.ts'
import { parseInputs } from '../../../src/inputs.ts'
import type { Access, CredentialProvider } from '../../../src/ports.ts'
import { refuse, run } from '../../../src/run.ts'
import { SessionKeeper } from '../../../src/steps/sessionKeeper.ts'
import { staticCredentials } from '../../../src/steps/staticCredentials.ts'
import { finalStatus } from '../../../src/view/commitStatus.ts'
import { endingOf, type RunEnding } from '../../../src/view/ending.ts'
import { issueTexts } from '../../../src/view/issueText.ts'
import { type LogLine, Narrator } from '../../../src/view/log.ts'
import { loginLine, openingLine } from '../../../src/view/openingText.ts'
import { reportOf } from '../../../src/view/report.ts'
import { asVariables, inputWorld } from '../../support/inputWorld.ts'
import { VirtualClock } from '../../support/virtualClock.ts'
import { ModelCloud } from './modelCloud.ts'
import { ModelRpc, modelSessions } from './modelRpc.ts'
import { KEYS } from './secrets.ts'
import type { Entry, Story } from './stories.ts'
import { Witness } from './witness.ts'

/** What came of a story, and what the far end saw of it. */
export interface Played {
  readonly story: Story
  readonly witness: Witness
  readonly ending: RunEnding
  readonly status: Pick<CommitStatus, 'state' | 'description'>
  /** The report's text, where one was asked for. */
  readonly report?: string
  /** The log up to the end. */
  readonly log: readonly LogLine[]
  /** What GitHub's issue would be told. */
  readonly issue: readonly string[]
  readonly endMs: number
  readonly cancelMs?: number
  /** Sleepers and calls that outlive the run. */
  readonly leftOver: number
}

const RUN = readWorkflowRun(
  {
    GITHUB_REPOSITORY: 'example/app',
    GITHUB_SHA: '1'.repeat(40),
    GITHUB_EVENT_NAME: 'push',
    GITHUB_RUN_ID: '7',
  },
  {},
)
const MARKER = { kind: 'findings', identity: '0'.repeat(32), facts: '0'.repeat(16), hasAlerts: false } as const

/** As `main` does it, with another world around it. */
export async function play(story: Story): Promise<Played> {
  const clock = new VirtualClock()
  const witness = new Witness()
  const cancel = new AbortController()
  const log: LogLine[] = []
  const env = {
    ...asVariables(story.inputs),
    ...story.env,
  }
  const reading = parseInputs(env, inputWorld({ 'accepted.yml': yamlOf(story.entries) }, { run: () => RUN }))
  if (reading.kind === 'invalid') {
    const outcome = refuse(reading, 0, false)
    return { story, witness, log, ...toldOf(outcome, story), endMs: 0, leftOver: 0 }
  }

  const { inputs } = reading
  const taskIds = inputs.waitFor.kind === 'tasks' ? inputs.waitFor.ids : []
  let cancelMs: number | undefined
  const onCancel = () => {
    cancelMs ??= clock.now()
    cancel.abort()
  }
  const over = new AbortController()
  const { cancel: when, world, seed } = story
  if (when !== undefined && 'atMs' in when)
    void clock.sleep(when.atMs, over.signal).then(() => over.signal.aborted || onCancel())
  let sent = 0
  const onSent = () => {
    if (when !== undefined && 'afterCalls' in when && sent++ >= when.afterCalls) onCancel()
  }

  const narrator = new Narrator(taskIds, inputs.policy.maxConsecutiveErrors)
  const tell = (level: LogLine['level'], text: string) => log.push({ level, text })
  tell('info', openingLine(taskIds, inputs.endpoint, inputs.policy.deadlineMs, inputs.gate?.cutoff, undefined))
  tell('info', loginLine(inputs.login, inputs.policy.deadlineMs))
  const report = (event: RunEvent) => void log.push(...narrator.tell(event))
  const random = dice(seed)
  const cloud = new ModelCloud(world, taskIds, clock, witness)
  const wire = { world, cloud, clock, witness, onSent }
  const sessions =
    inputs.login.kind === 'keys'
      ? undefined
      : new SessionKeeper({ source: modelSessions(wire), clock, random, policy: inputs.policy, report })
  const provider: CredentialProvider = sessions ?? staticCredentials(KEYS)
  const rpc = new ModelRpc(wire, provider)
  const access: Access = {
    ...(sessions === undefined ? {} : { sessions }),
    whoAmI: (stop) => getCallerIdentity(rpc as Parameters<typeof getCallerIdentity>[0], stop),
  }
  const ports = { clock, random, cloud: new SecurityCenter(rpc), access, report }
  const outcome = await clock.finish(run(inputs, ports, cancel.signal))
  const endMs = clock.now()
  // With a reason of its own: the one that is made where none is given costs more than the rest of the call.
  over.abort('over')
  const callsAtTheEnd = witness.calls.length
  await new Promise(setImmediate)
  const leftOver = clock.sleeping + witness.calls.length - callsAtTheEnd

  const isReportLost = inputs.reportFile !== undefined && !story.isReportWritable
  const path = inputs.reportFile ?? ''
  const judged = isReportLost
    ? withFact(outcome, { kind: 'report-not-written', path, why: 'no space is left' }, inputs.failOn)
    : outcome
  const context = { inputs, run: RUN, startedMs: 1.79e12, endedMs: 1.79e12 + endMs }
  const text = inputs.reportFile === undefined ? {} : { report: reportOf(outcome, context) }
  const written = text.report !== undefined && !isReportLost ? { path, digest: `sha256:${'0'.repeat(64)}` } : undefined
  const told = toldOf(judged, story, written)
  return { story, witness, log, ...told, ...text, endMs, leftOver, ...(cancelMs === undefined ? {} : { cancelMs }) }
}

function toldOf(outcome: Outcome, { inputs }: Story, written?: Parameters<typeof endingOf>[1]) {
  const texts = 'github-token' in inputs && trackedIn(outcome) ? issueTexts(outcome, RUN, 'Virus alerts') : undefined
  return {
    ending: endingOf(outcome, written),
    status: finalStatus(outcome),
    issue:
      texts === undefined
        ? []
        : [
            texts.title('findings'),
            texts.body(MARKER),
            texts.news('findings'),
            texts.news('not-run'),
            texts.closing('findings'),
          ],
  }
}

function yamlOf(entries: readonly Entry[]): string {
  const item = (entry: Entry) => Object.entries(entry).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
  return entries.map((entry) => `- ${item(entry).join('\n  ')}\n`).join('')
}
