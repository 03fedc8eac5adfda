import { GitHubRepository } from '../src/emulator/gitHub.ts'
import { startGitHub } from '../src/emulator/gitHubServer.ts'
import { type BundleResult, runBundle } from './support/bundle.ts'
import { startConnectProxy } from './support/connectProxy.ts'
import { findSecrets, type Secrets } from './support/secretSpellings.ts'
import { GITHUB_TOKEN, proxyAt, SECRETS, type SecretStory, STORIES } from './support/secretStories.ts'
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

const PERMISSIONS = { statuses: 'write', issues: 'write', contents: 'read', actions: 'read' } as const

interface Watched {
  readonly result: BundleResult
  readonly given: Readonly<Record<string, string | undefined>>
  readonly github: Awaited<ReturnType<typeof startGitHub>>
}

/** Plays a story, with everything that could talk at hand: GitHub, a report, a proxy with a password. */
async function play(story: SecretStory, debug: Readonly<Record<string, string>>): Promise<Watched> {
  const repository = new GitHubRepository({
    repository: 'example/app',
    tokens: { [GITHUB_TOKEN]: PERMISSIONS },
    ...story.github,
  })
  const github = await startGitHub(repository)
  const proxy = story.proxy && (await startConnectProxy(story.proxy))
  const { inputs, env, ...run } = story.run
  const given = {
    HTTPS_PROXY: proxyAt(proxy?.host ?? '127.0.0.1:1'),
    // What the machine that runs the tests is set to must not count.
    ...Object.fromEntries(
      ['https_proxy', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'].map((name) => [name, undefined]),
    ),
    ...env,
  }
  const result = await runBundle(story.cloud, {
    ...run,
    inputs: {
      'github-token': GITHUB_TOKEN,
      'commit-status': 'virus scan',
      'tracking-issue': 'Virus alerts',
      'report-file': 'evidence/report.json',
      ...inputs,
    },
    env: {
      GITHUB_API_URL: github.url,
      ...debug,
      ...given,
    },
  })
  await Promise.all([github.close(), proxy?.close()])
  return { result, given, github }
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
  }, 180_000)

  test('has its secrets masked before they are used', async () => {
    const { result, given } = await watched()
    expect(unmasked(result, story, given)).toEqual([])
  }, 180_000)
})

const SECRET_VARIABLES = /^(?:ALIBABA_CLOUD_(?:ACCESS_KEY_(?:ID|SECRET)|SECURITY_TOKEN))$/
const SECRET_INPUTS = /^(?:access-key-id|access-key-secret|security-token|github-token)$/

/** Which secrets the runner is not told of, or too late. */
function unmasked(result: BundleResult, story: SecretStory, env: Watched['given']): readonly string[] {
  const masks = masksIn(result.stdout)
  const lines = result.stdout.split(/\r?\n/)
  const firstWord = lines.findIndex((line) => !line.startsWith('::add-mask::'))
  const isMasked = (value: string, before: number) => masks.some((mask) => mask.value === value && mask.line < before)
  const inputs = { 'github-token': GITHUB_TOKEN, ...story.run.inputs }
  const atStart = [
    ...Object.entries(inputs).filter(([name]) => SECRET_INPUTS.test(name)),
    ...Object.entries(env).filter(([name]) => SECRET_VARIABLES.test(name)),
    ...(env.HTTPS_PROXY === ''
      ? []
      : Object.entries(SECRETS).filter(
          ([name]) => name.includes('of the proxy') && env.HTTPS_PROXY === proxyAt('127.0.0.1:1'),
        )),
  ].flatMap(([name, value]) => {
    const text = (value ?? '').trim()
    return text === '' || isMasked(text, firstWord) ? [] : [`${name} at the start`]
  })
  const logins = lines.flatMap((line, i) => (/ {2}(?:logged in|session renewed), for /.test(line) ? [i] : []))
  const ofSessions = result.sessions.flatMap(({ accessKeyId, accessKeySecret, securityToken }, i) => {
    // Another reply than the one with this session may have been given.
    if (!result.server.exchanges.some(({ session }) => session === i + 1)) return []
    const before = logins[i] ?? -1
    return [accessKeyId, accessKeySecret, securityToken].every((value) => isMasked(value, before))
      ? []
      : [`session ${i + 1}`]
  })
  const shown = result.server.arrivals.flatMap(({ params }) => params.OIDCToken ?? [])
  const ofTokens = shown.flatMap((token, i) => (isMasked(token, lines.length) ? [] : [`JWT ${i + 1}`]))
  return [...atStart, ...ofSessions, ...ofTokens]
}
