import { readFileSync } from 'node:fs'
import path from 'node:path'
import { RpcClient } from '../src/adapters/rpc.ts'
import { API_VERSION } from '../src/adapters/securityCenter.ts'
import { staticCredentials } from '../src/steps/staticCredentials.ts'
import {
  askedActionsOf,
  callsOf,
  changed,
  LOGINS,
  loginsOf,
  REPOSITORY,
  subjectsOf,
  withoutIdToken,
} from './support/exampleLogin.ts'
import {
  byHand,
  type Example,
  expectGoodManners,
  jobOf,
  logOf,
  night,
  pullRequest,
  push,
  resultsOf,
  siteOf,
  statusesOf,
  stepsOf,
  TRUSTED,
  withTools,
} from './support/exampleSite.ts'
import { EXAMPLES } from './support/replay/jobs.ts'
import type { RunRecord } from './support/replay/records.ts'
import type { WorkflowEvent } from './support/replay/workflowFile.ts'
import { replay } from './support/replay.ts'

/** How the workflows of docs/examples log in: who they say they are, who believes it, and what they may do then. */

withTools('each example', () => {
  test.each(LOGINS)('$example says that it is $subject, and asks for what it needs', async (login) => {
    const { example, event, subject, actions } = login
    const at = await siteOf(example)
    const run = await replay(example, at, { event })
    expect(new Set(subjectsOf(at))).toEqual(new Set([`${REPOSITORY}:${subject}`]))
    expect(loginsOf(at).map(({ answer }) => answer)).toEqual(actions.map(() => '200'))
    expect(askedActionsOf(at)).toEqual(actions.map((some) => [...some].sort()))
    for (const { params } of loginsOf(at)) expect(params.RoleSessionName).toContain(String(run.id))
    for (const { session } of callsOf(at)) expect(session).toBeDefined()
    expectGoodManners(at, run)
  })

  test.each(LOGINS)('$example as $subject: a role that trusts others only is not for it', async (login) => {
    const { example, event, subject } = login
    const trusted = ['ref:refs/heads/release', 'environment:production', 'environment:virus', 'ref:refs/pull/7/merge']
    const at = await siteOf(example, { trusted: trusted.map((one) => `${REPOSITORY}:${one}`) })
    const run = await replay(example, at, { event })
    expect(run.result).toBe('failure')
    expect(new Set(loginsOf(at).map(({ answer }) => answer))).toEqual(new Set(['401 AuthenticationFail.NoPermission']))
    expect(callsOf(at)).toEqual([])
    const log = run.jobs.map(({ name }) => logOf(run, name)).join('\n')
    expect(log).toContain(`${REPOSITORY}:${subject}`)
    for (const status of statusesOf(at).slice(-1)) expect(status).toMatch(/: error$/)
    expectGoodManners(at, run)
  })

  test.each(LOGINS)(
    '$example as $subject: `sub` with ids is another one, and good where it is trusted',
    async (login) => {
      const { example, event, subject } = login
      const ids = { owner: '1001', name: '2002' }
      const older = await siteOf(example, { ids })
      expect((await replay(example, older, { event })).result).toBe('failure')
      const trusted = [`repo:example@1001/app@2002:${subject}`]
      const newer = await siteOf(example, { ids, trusted })
      await replay(example, newer, { event })
      expect(new Set(subjectsOf(newer))).toEqual(new Set(trusted))
      expect(loginsOf(newer).map(({ answer }) => answer)).toEqual(login.actions.map(() => '200'))
    },
  )

  test.each<[Example, WorkflowEvent]>([
    ['ci-step.yml', push],
    ['release-gate.yml', push],
    ['scheduled-check.yml', night],
  ])('%s without `id-token: write` is red: it says what is missing, and asks nobody', async (example, event) => {
    const at = await siteOf(example)
    const run = await replay(example, at, { event, ...withoutIdToken })
    expect(run.result).toBe('failure')
    const { outputs, log } = jobOf(run, run.jobs[0]?.name ?? '').steps.find((step) => 'verdict' in step.outputs) ?? {}
    expect(outputs?.verdict).toBe('invalid-input')
    expect(log).toMatch(/::error.*id-token: write/)
    expect([at.identity.exchanges, at.cloudServer.exchanges]).toEqual([[], []])
  })

  const loggingIn = Object.entries(TRUSTED).filter(([, endings]) => endings.length > 0)
  test.each(loggingIn)('%s says at its top whom the role has to trust', (example, endings) => {
    const [head = ''] = readFileSync(path.join(EXAMPLES, example), 'utf8').split(/^name:/m)
    const words = endings.map((ending) => ending.replace(/^environment:(.*)/, 'an environment "$1"'))
    for (const word of words) expect(head).toContain(word)
    expect(head).toContain('docs/credentials.md')
  })
})

withTools('the caller of virus-scan.yml', () => {
  test('has to grant `id-token: write`: GitHub does not start it otherwise', async () => {
    const at = await siteOf('caller.yml')
    const onlyHere = (text: string) => (text.includes('virus-scan-gate@') ? text : withoutIdToken.amendWorkflow(text))
    const run = replay('caller.yml', at, { event: pullRequest(), amendWorkflow: onlyHere })
    await expect(run).rejects.toThrow('The caller does not allow id-token: write')
  })

  test('grants it in vain where the called job does not ask for it', async () => {
    const at = await siteOf('caller.yml')
    const onlyThere = (text: string) => (text.includes('virus-scan-gate@') ? withoutIdToken.amendWorkflow(text) : text)
    const run = await replay('caller.yml', at, { event: pullRequest(), amendWorkflow: onlyThere })
    expect(resultsOf(run)).toEqual({ 'virus-scan / scan': 'failure', preview: 'skipped' })
    expect(jobOf(run, 'virus-scan / scan').outputs.verdict).toBe('invalid-input')
    expect(at.identity.exchanges).toEqual([])
  })
})

withTools('an environment', () => {
  test('does not admit a branch that its rule does not name: no step runs, nobody logs in', async () => {
    const at = await siteOf('scheduled-check.yml')
    const event = { ...byHand, ref: 'refs/heads/try-something' }
    const run = await replay('scheduled-check.yml', at, { event })
    expect(resultsOf(run)).toMatchObject({ 'Scan web': 'failure', 'Scan databases': 'failure' })
    expect(run.jobs.flatMap(({ steps }) => steps)).toEqual([])
    expect([at.identity.exchanges, at.cloudServer.exchanges]).toEqual([[], []])
  })

  test.each<[Example, WorkflowEvent]>([
    ['release-gate.yml', push],
    ['scheduled-check.yml', night],
  ])('%s gets nowhere without its own, not even with the ARNs', async (example, event) => {
    for (const change of [
      changed(/^ *environment: virus-scan.*\n/),
      changed('environment: virus-scan', 'environment: other'),
    ]) {
      const bare = await siteOf(example)
      expect(verdictsOf(await replay(example, bare, { event, ...change }))).toEqual(new Set(['invalid-input']))
      const { vars = {} } = bare.environments['virus-scan'] ?? {}
      const withArns = await siteOf(example, { vars })
      expect(verdictsOf(await replay(example, withArns, { event, ...change }))).toEqual(new Set(['denied']))
    }
  })
})

const verdictsOf = (run: RunRecord) =>
  new Set(run.jobs.flatMap(({ steps }) => steps).flatMap(({ outputs }) => outputs.verdict ?? []))

withTools('the pull request of a fork', () => {
  const fork = pullRequest('mallory/app')
  const whoAmI = { 'build.sh': 'echo "asks at: $ACTIONS_ID_TOKEN_REQUEST_URL."\n' }

  test('is built by ci-step.yml with nothing that could log in', async () => {
    const at = await siteOf('ci-step.yml', { checkedOut: whoAmI })
    const run = await replay('ci-step.yml', at, { event: fork })
    expect(run.result).toBe('success')
    expect(logOf(run, 'build')).toContain('asks at: .')
    expect(statusesOf(at)).toEqual([])
  })

  test('would be red in ci-step.yml without its `if:`, since there is neither a role nor a token', async () => {
    const at = await siteOf('ci-step.yml', { checkedOut: whoAmI })
    const run = await replay('ci-step.yml', at, { event: fork, ...changed(/^ *if: env.MAY_LOG_IN.*\n/) })
    expect(run.result).toBe('failure')
    expect(verdictsOf(run)).toEqual(new Set(['invalid-input']))
    expect(stepsOf(run, 'build').slice(1)).toEqual([
      expect.stringMatching(/checkout.*: skipped$/),
      'Build: skipped',
      'Wait for the virus scan: skipped',
    ])
    expect([at.identity.exchanges, at.cloudServer.exchanges]).toEqual([[], []])
  })
})

withTools('the other steps of a job', () => {
  /** What any command can do that runs where tokens may be asked for. */
  const ask = [
    'echo "asks at: $ACTIONS_ID_TOKEN_REQUEST_URL."',
    'test -z "$ACTIONS_ID_TOKEN_REQUEST_URL" || curl --fail --silent --show-error \\',
    '  --header "Authorization: Bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" \\',
    '  "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.aliyuncs.com" | jq --raw-output .value > token.txt',
    '',
  ].join('\n')

  test('can log in like the gate where they share its job, as ci-step.yml warns', async () => {
    const at = await siteOf('ci-step.yml', { checkedOut: { 'build.sh': ask } })
    const run = await replay('ci-step.yml', at, { event: push })
    expect(run.result).toBe('success')
    expect(subjectsOf(at)).toEqual(Array(3).fill(`${REPOSITORY}:ref:refs/heads/main`))
    expectGoodManners(at, run)
  })

  test('cannot in the deployment of release-gate.yml', async () => {
    const at = await siteOf('release-gate.yml', {
      checkedOut: { 'deploy.sh': ask, '.security/virus-allow-list.yml': '[]' },
    })
    const amendReport = (report: object) => ({ ...report, rehearsal: false })
    const run = await replay('release-gate.yml', at, { event: push, amendReport })
    expect(run.result).toBe('success')
    expect(logOf(run, 'deploy')).toContain('asks at: .')
    expect(subjectsOf(at)).toEqual([`${REPOSITORY}:environment:virus-scan`])
  })
})

withTools('a session', () => {
  const clients: RpcClient[] = []
  afterEach(() => {
    for (const client of clients.splice(0)) client.close()
  })

  test('can do no more than its step asked for: the one that waits starts no scan', async () => {
    const at = await siteOf('ci-step.yml')
    await replay('ci-step.yml', at, { event: push })
    const codes = async (session: number, action: string) => {
      const credentials = at.cloud.sessions.issued[session]
      if (credentials === undefined) throw new Error(`No session ${session}`)
      const client = new RpcClient({
        url: at.cloudServer.url,
        apiVersion: API_VERSION,
        credentials: staticCredentials(credentials),
      })
      clients.push(client)
      const result = await client.call(action, { TaskId: '1' }, new AbortController().signal)
      return result.kind === 'failure' ? result.failure.code : 'answered'
    }
    const [starting, waiting] = [0, 1]
    expect(at.cloud.sessions.issued).toHaveLength(2)
    expect(await codes(waiting, 'StartVirusScanTask')).toBe('NoPermission')
    expect(await codes(waiting, 'DescribeAllGroups')).toBe('NoPermission')
    expect(await codes(starting, 'DescribeScanTaskProgress')).toBe('NoPermission')
    expect(await codes(starting, 'DescribeAllGroups')).toBe('answered')
    expect(at.cloud.started).toHaveLength(1)
  })
})
