import { GitHubRepository } from '../src/emulator/gitHub.ts'
import { startGitHub } from '../src/emulator/gitHubServer.ts'
import { type BundleResult, runBundle } from './support/bundle.ts'
import { startConnectProxy } from './support/connectProxy.ts'
import { BASIC, GITHUB_TOKEN, PASSWORD, proxyAt, SECRETS, type SecretStory } from './support/secretMarks.ts'
import { findSecrets, type Secrets } from './support/secretSpellings.ts'
import { STORIES } from './support/secretStories.ts'
import { masksIn, placesOf } from './support/traces.ts'

/**
 * No secret leaves what ships: not in the log, not in a file, not in what GitHub is told, whatever fails and whoever
 * has switched on what to debug it.
 */

const PLAIN = {}
/** All that could make the action, its libraries or the runner say more. */
const DEBUG = {
  ACTIONS_STEP_DEBUG: 'true',
  ACTIONS_RUNNER_DEBUG: 'true',
  RUNNER_DEBUG: '1',
  DEBUG: '*',
  NODE_DEBUG: 'cluster',
}

const NO_PROXIES = Object.fromEntries(
  ['https_proxy', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY', 'no_proxy', 'NO_PROXY'].map((name) => [
    name,
    undefined,
  ]),
)

const PERMISSIONS = { statuses: 'write', issues: 'write', contents: 'read', actions: 'read' } as const

interface Watched {
  readonly result: BundleResult
  readonly github: Awaited<ReturnType<typeof startGitHub>>
  /** What of its inputs and variables is secret. */
  readonly given: readonly string[]
  /** How much the process had printed when a request to the cloud arrived, request by request. */
  readonly printedAt: readonly number[]
}

const SECRET_VARIABLES = /^ALIBABA_CLOUD_(?:ACCESS_KEY_ID|ACCESS_KEY_SECRET|SECURITY_TOKEN)$/
const SECRET_INPUTS = /^(?:access-key-id|access-key-secret|security-token|github-token)$/

/** Plays a story, with everything that could talk at hand: GitHub, a report, a proxy with a password. */
async function play(story: SecretStory, debug: Readonly<Record<string, string>>): Promise<Watched> {
  const repository = new GitHubRepository({
    repository: 'example/app',
    tokens: { [GITHUB_TOKEN]: PERMISSIONS },
    ...story.github,
  })
  const github = await startGitHub(repository)
  const proxy = story.proxy && (await startConnectProxy(story.proxy))
  const { twist = (answer) => answer, ...run } = story.run
  const inputs = {
    'github-token': GITHUB_TOKEN,
    'commit-status': 'virus scan',
    'tracking-issue': 'Virus alerts',
    'report-file': 'evidence/report.json',
    ...run.inputs,
  }
  const variables = { HTTPS_PROXY: proxyAt(proxy?.host ?? '127.0.0.1:1'), ...run.env }
  let printed = 0
  const printedAt: number[] = []
  const result = await runBundle(story.cloud, {
    ...run,
    inputs,
    // What the machine that runs the tests is set to must not count.
    env: { ...NO_PROXIES, GITHUB_API_URL: github.url, ...debug, ...variables },
    onOutput: (chunk) => {
      printed += chunk.length
    },
    twist: (answer, request) => {
      const nth = printedAt.push(Number.NaN) - 1
      // What was printed before the request was sent is read by then: it is in the pipe, which has had its turn.
      setImmediate(() => setImmediate(() => printedAt.splice(nth, 1, printed)))
      return twist(answer, request)
    },
  })
  await Promise.all([github.close(), proxy?.close()])
  const given = [
    ...Object.entries(inputs).flatMap(([name, value]) => (SECRET_INPUTS.test(name) ? [value.trim()] : [])),
    ...Object.entries(variables).flatMap(([name, value = '']) => (SECRET_VARIABLES.test(name) ? [value.trim()] : [])),
    ...(Object.values(variables).join().includes(PASSWORD.written) ? [PASSWORD.written, PASSWORD.meant, BASIC] : []),
  ].filter((secret) => secret !== '')
  return { result, github, given, printedAt }
}

/** All that the run has seen of secrets, by names that can be told. */
function secretsOf({ result }: Watched, story: SecretStory): Secrets {
  const tokens = result.identity?.given ?? []
  const signatures = result.server.arrivals.flatMap(({ params }) => params.Signature ?? [])
  return {
    ...SECRETS,
    ...story.secrets,
    ...named('JWT', tokens),
    // What makes a token of its claims, which are no secret.
    ...named(
      'signature of JWT',
      tokens.map((token) => token.split('.')[2] ?? ''),
    ),
    ...named(
      'session key',
      result.sessions.map(({ accessKeyId }) => accessKeyId),
    ),
    ...named(
      'session secret',
      result.sessions.map(({ accessKeySecret }) => accessKeySecret),
    ),
    ...named(
      'session token',
      result.sessions.map(({ securityToken }) => securityToken),
    ),
    ...named('signature', signatures),
  }
}

function named(name: string, values: readonly string[]): Secrets {
  return Object.fromEntries(values.map((value, i) => [`${name} ${i + 1}`, value]))
}

/** A story is told twice at most, and a few at a time: most of what they do is wait. */
const AT_ONCE = 6
const results = new Map<string, Promise<Watched>>()
const nameOf = (story: string, mode: string) => `${story} (${mode})`

const PLAYED: readonly (readonly [name: string, story: SecretStory, debug: Readonly<Record<string, string>>])[] = [
  ...Object.entries(STORIES).map(([name, story]) => [nameOf(name, 'debugged'), story, DEBUG] as const),
  ...['scenario passed', 'scenario keyless', 'scenario wrong-key', 'scenario tracked', 'scenario session-expired'].map(
    (name) => [nameOf(name, 'plain'), STORIES[name] as SecretStory, PLAIN] as const,
  ),
]

beforeAll(() => {
  const queue = PLAYED.map(([name, story, debug]) => {
    let start = () => {}
    const mayStart = new Promise<void>((resolve) => {
      start = resolve
    })
    const result = mayStart.then(() => play(story, debug))
    results.set(name, result)
    return { start, result }
  })
  for (let worker = 0; worker < AT_ONCE; worker++) void work(queue)
})

async function work(queue: { start(): void; readonly result: Promise<unknown> }[]): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    next.start()
    // The test that waits for it tells how it failed.
    await next.result.catch(() => {})
  }
}

describe.each(PLAYED)('%s', (name, story) => {
  const watched = async (): Promise<Watched> => {
    const one = await results.get(name)
    if (one === undefined) throw new Error(`${name} was not played`)
    return one
  }

  test('shows no secret and leaves none behind', async () => {
    const run = await watched()
    const { result, github } = run
    expect([result.outputs.verdict, result.stderr, result.signal]).toEqual([story.verdict, '', null])
    const places = placesOf({ ...result, cloud: result.server.arrivals, github: github.arrivals })
    expect(findSecrets(secretsOf(run, story), places)).toEqual([])
    expect(result.server.exchanges.filter(({ inUrl }) => inUrl.length > 0)).toEqual([])
    expect(result.leftBehind).toEqual({})
    if (story.isRenewed) expect(result.sessions.length).toBeGreaterThan(1)
  }, 180_000)

  test('has its secrets masked before anything is printed, and before they are used', async () => {
    expect(unmasked(await watched())).toEqual([])
  }, 180_000)
})

/** Which secrets the runner is not told of, or too late. */
function unmasked({ result, given, printedAt }: Watched): readonly string[] {
  const { stdout, server, sessions } = result
  const firstWord = /^(?!::add-mask::)/m.exec(stdout)?.index ?? 0
  const missing = (secrets: readonly string[], before: number) => {
    const masks = masksIn(stdout.slice(0, before))
    return secrets.filter((secret) => !masks.includes(secret))
  }
  const late = server.arrivals.flatMap(({ params }, i) => {
    const { AccessKeyId, SecurityToken, OIDCToken } = params
    const session = sessions.find(({ accessKeyId }) => accessKeyId === AccessKeyId)
    const used = [AccessKeyId, SecurityToken, OIDCToken, session?.accessKeySecret].filter((one) => one !== undefined)
    return missing(used, printedAt[i] ?? 0).map(() => `request ${i + 1} (${params.Action}) shows what is not masked`)
  })
  return [...missing(given, firstWord).map((_, i) => `secret ${i + 1} of the inputs`), ...late]
}
