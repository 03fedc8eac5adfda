import { hang, raw, resetBeforeHeaders } from '../src/emulator/answers.ts'
import { type GitHubState, problem } from '../src/emulator/gitHub.ts'
import { runBundle } from './support/bundle.ts'
import { checkedGitHub, TOKEN } from './support/gitHubApi.ts'
import { failing, passing, runHub, sha, statesOf, status, tracking } from './support/hubRun.ts'

/** Whatever GitHub does or leaves undone, the verdict stands. */

describe('a GitHub that is unwell changes no verdict', () => {
  const html = raw(502, '<html>Bad Gateway</html>', 'text/html')
  const limited = (seconds: string) => ({
    ...problem(403, 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'),
    headers: { 'retry-after': seconds },
  })
  const both = { ...status, ...tracking }

  test.each<[string, Partial<GitHubState>, RegExp]>([
    ['403', { tokens: { [TOKEN]: {} } }, /GitHub answered 403 .*add statuses: write to the permissions/],
    ['401', { tokens: {} }, /GitHub answered 401 \(Bad credentials\): see that github-token/],
    ['404', { repository: 'other/repository' }, /GitHub answered 404 \(Not Found\)/],
    ['422', { trouble: () => problem(422, 'Validation Failed') }, /GitHub answered 422 \(Validation Failed\)/],
    ['a wrong shape', { trouble: () => raw(200, '"?"') }, /GitHub gave no good answer/],
    [
      'an issue that is none',
      { trouble: (operation) => (operation.startsWith('issues/') ? raw(200, '[{"body":{}}]') : problem(403, 'no')) },
      /GitHub answered 403 \(no\)\. The/,
    ],
    [
      'an answer that repeats the token',
      { trouble: () => problem(403, `no ${TOKEN}`) },
      /GitHub answered 403 \(no \*\*\*\)/,
    ],
    ['a limit that lasts too long', { trouble: () => limited('600') }, /GitHub answered 403 .*too many requests/],
  ])('%s', async (_, hub, warning) => {
    const github = await checkedGitHub(hub)
    const result = await runHub(failing, { github, inputs: both })
    const bare = await runBundle(failing, { inputs: { 'task-id': '282832' } })
    const { 'elapsed-seconds': __, tasks: ___, 'request-id': ____, ...outputs } = result.outputs
    expect(bare.outputs).toMatchObject(outputs)
    expect([result.exitCode, result.annotations.filter((line) => line.startsWith('::error'))]).toEqual([
      bare.exitCode,
      bare.annotations,
    ])
    const warnings = result.annotations.filter((line) => line.startsWith('::warning'))
    expect(warnings).toHaveLength(2)
    expect(warnings[0]).toMatch(warning)
  })

  test.each(['null', '{}', '[null]', '{"data":{"viewer":{"login":null}}}', '[{"number":"1"}]', '<html>'])(
    'nor does the answer %s, whatever was asked',
    async (text) => {
      const github = await checkedGitHub()
      await runHub(failing, { github, inputs: tracking })
      const odd = await checkedGitHub({
        trouble: (operation) =>
          operation === 'issues/list-for-repo' && text.includes('viewer') ? undefined : raw(200, text),
      })
      const { title, body, labels } = github.repository.issues[0] ?? {}
      odd.repository.addIssue({ ...(title && { title }), ...(body && { body }), ...(labels && { labels }) })
      const { outputs, exitCode, annotations } = await runHub(passing, { github: odd, inputs: both })
      expect([outputs.verdict, outputs.passed, exitCode]).toEqual(['passed', 'true', 0])
      expect(annotations.filter((line) => !line.startsWith('::warning'))).toEqual([])
      expect(annotations.join()).not.toMatch(/mistake/)
      if (text.includes('viewer')) expect(odd.repository.calls).toContain('graphql')
    },
  )

  test.each<[string, NonNullable<GitHubState['trouble']>]>([
    ['a gateway error', (_, nth) => (nth === 1 ? html : undefined)],
    ['a broken connection', (_, nth) => (nth === 1 ? resetBeforeHeaders() : undefined)],
    ['a short limit', (_, nth) => (nth === 1 ? limited('1') : undefined)],
  ])('%s heals', async (_, trouble) => {
    const github = await checkedGitHub({
      trouble: (operation, nth) => (operation === 'issues/create' ? undefined : trouble(operation, nth)),
    })
    const result = await runHub(failing, { github, inputs: both })
    expect(statesOf(result).at(-1)).toBe('failure')
    expect(result.issues).toHaveLength(1)
    expect(result.annotations).toHaveLength(1)
  })

  test('what was opened, but whose answer was lost, is not opened twice', async () => {
    const github = await checkedGitHub({
      trouble: (operation) => (operation === 'issues/create' ? { ...resetBeforeHeaders(), isDone: true } : undefined),
    })
    const result = await runHub(failing, { github, inputs: tracking })
    expect(result.issues).toHaveLength(1)
    expect(result.annotations.filter((line) => line.startsWith('::warning'))).toHaveLength(1)
    const again = await runHub(failing, { github, inputs: tracking })
    expect(again.issues).toHaveLength(1)
  })

  test('one that hangs for ever holds the run up for no more than it may', async () => {
    const github = await checkedGitHub({ trouble: () => hang() })
    const result = await runHub(passing, { github, inputs: both })
    expect([result.outputs.verdict, result.exitCode]).toEqual(['passed', 0])
    const seconds = Number(result.outputs['elapsed-seconds'])
    expect(result.tookMs / 1_000 - seconds).toBeLessThan(33)
    expect(result.annotations).toHaveLength(2)
  })

  test('a signal while GitHub is told does not change the verdict', async () => {
    let look = 0
    const github = await checkedGitHub({ trouble: () => hang() }, { onRequest: () => void ++look })
    const result = await runHub(passing, {
      github,
      inputs: both,
      signals: { afterLooks: 2, afterMs: 1_500, send: ['SIGINT'] },
    })
    expect([look > 0, result.outputs.verdict, result.exitCode]).toEqual([true, 'passed', 0])
    expect(result.goneAfterMs).toBeLessThan(2_000)
  })

  test('a fork has a token that may only read, and is told so', async () => {
    const github = await checkedGitHub({ tokens: { [TOKEN]: { contents: 'read' } } })
    const head = { sha: sha('a'), repo: { full_name: 'somebody/app' } }
    const base = { sha: sha('b'), repo: { full_name: 'example/app' } }
    const event = { name: 'pull_request', payload: { pull_request: { head, base } } }
    const { annotations, exitCode } = await runHub(passing, { github, event, inputs: status })
    expect(exitCode).toBe(0)
    expect(annotations).toEqual([expect.stringMatching(/pull requests from forks have a token that may only read/)])
  })
})
