import { hang } from '../src/emulator/answers.ts'
import type { GitHubState } from '../src/emulator/gitHub.ts'
import { SCENARIOS } from '../src/emulator/scenarios.ts'
import { checkedGitHub } from './support/gitHubApi.ts'
import { passing, runHub, sha, status } from './support/hubRun.ts'

/** The allow-list of a change is read from where the change will go. */

describe('the allow-list of a change', () => {
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)
  const LIST = `- alert: Malicious Software-Trojan\n  reason: test file\n  until: ${until}\n`
  const head = { sha: sha('a'), repo: { full_name: 'example/app' } }
  const base = { sha: sha('b'), repo: { full_name: 'example/app' } }
  const event = { name: 'pull_request', payload: { pull_request: { head, base } } }
  const accepted = SCENARIOS.accepted
  async function judge(commits: GitHubState['commits'], files: Record<string, string>, inputs: object = {}) {
    if (accepted === undefined) throw new Error('there is no such scenario')
    const github = await checkedGitHub(commits === undefined ? {} : { commits })
    const own = { ...accepted.inputs, 'task-id': '', 'allow-list': './.security/list 1.yml', ...inputs }
    return runHub(accepted.cloud, { github, event, files, inputs: own })
  }
  const list = '.security/list 1.yml'

  test('is that of the base commit', async () => {
    const { outputs, exitCode, github } = await judge({ [sha('b')]: { [list]: LIST } }, {})
    expect([outputs.verdict, exitCode]).toEqual(['passed', 0])
    expect(github.requests.map(({ method, path: asked, query }) => [method, asked, query])).toEqual([
      ['GET', `/repos/example/app/contents/${list}`, { ref: sha('b') }],
    ])
  })

  test.each<[string, Record<string, string>]>([
    ['there is none at the base commit', {}],
    ['there is another', { [list]: `# none yet\n` }],
  ])('is not what the change says: %s', async (_, files) => {
    const { outputs, exitCode, log, summary } = await judge({ [sha('b')]: files }, { [list]: LIST })
    expect([outputs.verdict, exitCode]).toEqual(['alerts', 1])
    const line =
      /^Line 1 of the allow-list is added by this change, so it is not in force before the merge; it would then accept Malicious Software-Trojan/
    expect(log.filter((one) => line.test(one))).toHaveLength(1)
    expect(summary).toContain('not in force before the merge')
  })

  test('a cancel while it is read is a cancel', async () => {
    let kill = (_: NodeJS.Signals) => {}
    const github = await checkedGitHub({ trouble: () => hang() }, { onRequest: () => kill('SIGINT') })
    const { outputs, exitCode, server } = await runHub(passing, {
      github,
      event,
      inputs: { 'severity-cutoff': 'serious', 'allow-list': list },
      onStart: (action) => {
        kill = action.kill
      },
    })
    expect([outputs.verdict, exitCode, server.exchanges]).toEqual(['cancelled', 1, []])
    expect(outputs.reason).toMatch(/cancelled after .* while it was to read the allow-list$/)
  })

  test.each([
    ['over TLS that nobody checks', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, []],
    ['past a proxy that cannot be used', { HTTPS_PROXY: 'socks5://127.0.0.1:1080' }, ['POST']],
  ])('is not asked for %s', async (_, env, told) => {
    const github = await checkedGitHub()
    const { outputs } = await runHub(passing, {
      ...{ github, event, env },
      inputs: { 'severity-cutoff': 'serious', 'allow-list': list, ...status },
    })
    expect([outputs.verdict, github.requests.map(({ method }) => method)]).toEqual(['invalid-input', told])
  })

  test.each<[string, object, GitHubState['commits'], RegExp]>([
    ['without a token', { 'github-token': '' }, {}, /is read from the base commit .* give github-token/],
    [
      'with a token that is none',
      { 'github-token': 'ghs_one\nghs_two' },
      {},
      /github-token has a character in it that no token has/,
    ],
    ['with a token that is unknown', { 'github-token': 'ghs_other' }, {}, /GitHub answered 401 /],
    ['where the commit cannot be read', {}, {}, /GitHub answered 404 .*add contents: read to the permissions/],
    ['where it is a folder', {}, { [sha('b')]: { [`${list}/x`]: 'x' } }, /is a folder/],
    [
      'where it is larger than anybody keeps',
      {},
      { [sha('b')]: { [list]: '#'.repeat(300_000) } },
      /larger than 256 KiB/,
    ],
    ['where it is bad', {}, { [sha('b')]: { [list]: 'nonsense' } }, /at the base commit bbbbbbb line 1/],
  ])('%s it is invalid-input, and nothing is started', async (_, inputs, commits, reason) => {
    const { outputs, exitCode, server } = await judge(commits, { [list]: LIST }, inputs)
    expect([outputs.verdict, exitCode, server.exchanges]).toEqual(['invalid-input', 1, []])
    expect(outputs.reason).toMatch(reason)
  })
})
