import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { parse } from 'yaml'
import { ACCOUNT } from '../../src/emulator/scenarios.ts'
import { type BundleResult, runBundle } from '../support/bundle.ts'
import { cases, figure, PATIENCE_MS } from '../support/proof.ts'
import { findSecrets } from '../support/secretSpellings.ts'
import { type BundleStory, bundleStories } from './random/bundleStories.ts'
import { ALERTS, LOOK } from './random/witness.ts'

/** Random runs of what ships, over real sockets, in a process of its own: the rules as far as they are seen from outside. */

const RUNS = 150
const OUTPUTS = Object.keys(parse(readFileSync(path.resolve(__dirname, '../../action.yml'), 'utf8')).outputs)
const FORGIVABLE = ['alerts', 'scan-failed', 'timed-out', 'unavailable', 'incomplete']
const SEVERITIES = ['serious', 'suspicious', 'remind']
const SECRETS = {
  'the key id': ACCOUNT.accessKeyId,
  'the key secret': ACCOUNT.accessKeySecret,
  'the security token': ACCOUNT.securityToken ?? '',
}

/** What the cloud said, as it went out. */
interface Said {
  readonly action: string
  readonly about: string
  readonly body: Readonly<Record<string, unknown>> | undefined
}

function bodyOf(text: string): Said['body'] {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function playOut(story: BundleStory): Promise<Pick<Played, 'result' | 'said'>> {
  const said: Said[] = []
  const result = await runBundle(story.cloud, {
    inputs: story.inputs,
    ...(story.isDebug
      ? { env: { RUNNER_DEBUG: '1', ACTIONS_STEP_DEBUG: 'true', NODE_DEBUG: 'cluster', DEBUG: '*' } }
      : {}),
    ...(story.cancelAfterLooks === undefined
      ? {}
      : { signals: { afterLooks: story.cancelAfterLooks, send: ['SIGINT'] as const } }),
    twist: (answer, { params }) => {
      const isWhole = answer.kind === 'reply' && answer.status === 200 && answer.cut === 'nowhere'
      const body = isWhole ? bodyOf(answer.text) : undefined
      said.push({ action: params.Action ?? '', about: params.TaskId ?? params.Uuid ?? '', body })
      return answer
    },
  })
  return { result, said }
}

interface Played {
  readonly story: BundleStory
  readonly result: BundleResult
  readonly said: readonly Said[]
}

const cutoffOf = ({ inputs }: BundleStory) => SEVERITIES.indexOf(inputs['severity-cutoff'] ?? '')

/** Whether an alert that counts was certainly read after the scan. */
function isInfected({ story, result, said }: Played): boolean {
  const after = said.slice(said.findLastIndex(({ action }) => action === LOOK) + 1)
  const levels = after
    .flatMap(({ action, body }) => (action === ALERTS ? ((body?.Data ?? []) as { Level: string }[]) : []))
    .map(({ Level }) => Math.max(0, SEVERITIES.indexOf(Level)))
  // A check that gives up breaks off its other calls, whose answers may be under way then. The sources are held to more.
  const isGivenUp = after.some(({ action, body }) => /^(?:List|Describe)/.test(action) && !isAnswer(body))
  const isRead = !isGivenUp && !['cancelled', 'timed-out'].includes(result.outputs.verdict ?? '')
  return isRead && levels.some((level) => level <= cutoffOf(story))
}

/** Whether it has the list that calls of the gate ask for. */
function isAnswer(body: Said['body']): boolean {
  return Object.values(body ?? {}).some(Array.isArray)
}

function brokenRules({ story, result, said }: Played) {
  const broken: string[] = []
  const check = (rule: string, holds: boolean, detail: unknown = '') => {
    if (!holds) broken.push(`${rule}: ${JSON.stringify(detail)}`)
  }
  const { outputs, exitCode, signal, stdout, stderr, annotations } = result
  const { verdict = '', reason = '' } = outputs
  const failOn = story.inputs['fail-on'] ?? 'any'
  const isForgiven = FORGIVABLE.includes(verdict) && failOn !== 'any' && !failOn.split(',').includes(verdict)
  const isGood = verdict === 'passed'
  check('it ends by itself', signal === null && (exitCode === 0 || exitCode === 1), [signal, exitCode])
  check(
    'every output is set',
    OUTPUTS.every((name) => name in outputs),
    Object.keys(outputs),
  )
  check('passed is true for passed only', outputs.passed === String(isGood))
  check('the reason is harmless', /^[A-Za-z0-9 ._:,()/@-]+$/.test(reason), reason)
  for (const name of ['targets', 'tasks', 'alerts', 'uncovered'])
    check('JSON outputs are arrays', Array.isArray(JSON.parse(outputs[name] ?? 'null')), name)
  check('the exit code goes with the verdict', (exitCode === 0) === (isGood || isForgiven), [verdict, exitCode])
  const errors = annotations.filter((line) => line.startsWith('::error'))
  const expected = exitCode === 1 ? [`::error::${reason}`] : []
  check('one error for a job that fails', JSON.stringify(errors) === JSON.stringify(expected), errors)
  const warnings = annotations.filter((line) => line === `::warning::${reason}`)
  check('one warning for what is forgiven', warnings.length === (isForgiven ? 1 : 0), annotations)
  check('no warning of Node', !/\(node:\d+\)/.test(stdout + stderr), stderr)
  check('no stack', !/^\s+at .+:\d+:\d+\)?$/m.test(stdout + stderr), stdout.slice(-500))

  const places = {
    stdout: result.log.filter((line) => !line.startsWith('::add-mask::')).join('\n'),
    stderr,
    ...result.commandFiles,
    files: JSON.stringify(result.files),
    'left behind': JSON.stringify(result.leftBehind),
  }
  check('no secret comes out', findSecrets(SECRETS, places).length === 0, findSecrets(SECRETS, places))
  const known = Object.keys(result.files).filter((file) => file !== 'evidence/report.json')
  check('no file that nobody asked for', known.length === 0, known)

  if (story.isBad) {
    check('bad input asks the cloud nothing', verdict === 'invalid-input' && said.length === 0, [verdict, said.length])
    return broken
  }
  check('no second scan', result.started.length <= 1, result.started.length)
  const looks = said.filter(({ action }) => action === LOOK)
  const lastOf = (id: string) => looks.findLast(({ about }) => about === id)?.body?.ScanTaskProgress
  const states = (outputs['task-id'] ?? '').split(',').map((id) => String(lastOf(id)).toLowerCase())
  // Broken off by a cancel, or by what another task was refused, a look may be over before the cloud has read it.
  const isBrokenOff = verdict === 'cancelled' || (verdict === 'denied' && states.length > 1)
  if (!isBrokenOff)
    check('polls counts the looks', outputs.polls === String(looks.length), [outputs.polls, looks.length])
  // From the outside only the mean is the action's own: a busy machine delivers what was sent apart together.
  check('ten calls a second', said.length <= 10 * (result.tookMs / 1_000 + 1), [said.length, result.tookMs])
  if (isGood)
    check(
      'passed: every task was seen Success',
      states.every((state) => state === 'success'),
      states,
    )
  if (isInfected({ story, result, said })) {
    check('an alert is never lost', Number(outputs['alert-count']) > 0 && !isGood, outputs['alert-count'])
    if (['any', 'alerts'].includes(failOn)) check('an alert fails the job', exitCode === 1)
  }
  const cutoff = cutoffOf(story)
  const offline = story.cloud.fleet as { servers: readonly { clientStatus: string; authVersion: number }[] }
  const isCovered = offline.servers.every((one) => one.clientStatus === 'online' && one.authVersion === 3)
  if (cutoff >= 0 && isGood) check('passed: covered', isCovered)
  return broken
}

test(
  'what ships, at random: the rules hold from outside too',
  async () => {
    const { numRuns, seed } = cases(RUNS)
    const met: Record<string, number> = {}
    let [played, infected] = [0, 0]
    await fc.assert(
      fc.asyncProperty(bundleStories, async (story) => {
        const { result, said } = await playOut(story)
        const broken = brokenRules({ story, result, said })
        const verdict = result.outputs.verdict ?? 'none'
        played += 1
        if (isInfected({ story, result, said })) infected += 1
        met[verdict] = (met[verdict] ?? 0) + 1
        expect({ broken, inputs: broken.length === 0 ? {} : story.inputs }).toEqual({ broken: [], inputs: {} })
      }),
      { numRuns, seed },
    )
    figure('random runs of the bundle', 'runs', played)
    figure('random runs of the bundle', 'alerts that none may lose', infected)
    for (const [verdict, count] of Object.entries(met)) figure('random runs of the bundle', verdict, count)
    const wanted = ['passed', 'alerts', 'incomplete', 'invalid-input', 'cancelled', 'denied', 'unavailable']
    const missing = wanted.filter((verdict) => (met[verdict] ?? 0) < Math.min(3, Math.floor(numRuns / 50)))
    expect({ missing, met: missing.length === 0 ? {} : met }).toEqual({ missing: [], met: {} })
  },
  PATIENCE_MS,
)
