import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ReleasePagesServer } from '../support/releasePages.ts'
import { ReleaseRepository } from '../support/releaseRepository.ts'

/** Releases and rollbacks played to their end: real git, a real remote, and a stand-in for GitHub's release pages. */

const TOKEN = 'ghs_theTokenOfTheReleaseJob'
const isPosix = process.platform !== 'win32'

const hasGit = (() => {
  try {
    return execFileSync('git', ['--version']).length > 0
  } catch {
    return false
  }
})()
const withGit = hasGit && isPosix ? describe : describe.skip

withGit(`.ci/release.ts${hasGit ? '' : ' (not here: git)'}`, () => {
  let repository: ReleaseRepository
  let pages: ReleasePagesServer

  beforeEach(async () => {
    repository = new ReleaseRepository()
    pages = new ReleasePagesServer(TOKEN)
    await pages.start()
  })
  afterEach(async () => {
    await pages.close()
    const left = readdirSync(repository.temp)
    repository.remove()
    expect(pages.violations).toEqual([])
    expect(left).toEqual([])
  })

  const asset = (name = 'gate.tar') => {
    const file = path.join(repository.temp, '..', name)
    writeFileSync(file, `what ${name} holds`)
    return file
  }
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    repository.run(args, { GITHUB_TOKEN: TOKEN, GITHUB_API_URL: pages.url, ...env })
  const publish = (version: string, env = {}) => run(['publish', version, asset(), asset('sbom.cdx.json')], env)
  /** As if they had been released, one after the other, each on a commit of its own. */
  function released<T extends readonly string[]>(...versions: T): { readonly [i in keyof T]: string } {
    const commits = versions.map((version) => repository.commit(version))
    const assets = new Map(['gate.tar', 'sbom.cdx.json'].map((name) => [name, '']))
    for (const version of versions) pages.published(`v${version}`, { assets })
    repository.setTags({
      ...Object.fromEntries(versions.map((version, i) => [`v${version}`, commits[i] ?? ''])),
      v0: commits.at(-1) ?? '',
    })
    return commits as { readonly [i in keyof T]: string }
  }

  test('tags, drafts, attaches, publishes, and moves the major tag last', async () => {
    const [first] = released('0.1.0')
    const commit = repository.commit('0.2.0')
    // At the moment of each request.
    const majors: (string | undefined)[] = []
    pages.trouble = () => {
      majors.push(repository.tags().v0)
      return false
    }
    const { status, log } = await publish('0.2.0')
    expect([status, log]).toEqual([0, expect.stringContaining(`v0 moved from ${first} to ${commit}`)])
    expect(repository.tags()).toEqual({ 'v0.1.0': first, 'v0.2.0': commit, v0: commit })
    expect(new Set(majors)).toEqual(new Set([first]))
    const release = pages.byTag('v0.2.0')
    expect(release).toMatchObject({ isDraft: false, isImmutable: true, isPrerelease: false })
    expect(Object.fromEntries(release?.assets ?? [])).toEqual({
      'gate.tar': 'what gate.tar holds',
      'sbom.cdx.json': 'what sbom.cdx.json holds',
    })
    expect(release?.body).toMatch(/^- What is in 0.2.0.\n/)
    expect(release?.body).toContain(`uses: example/app@${commit} # v0.2.0`)
    const [, page = ''] = /https:\/\/github.com\/example\/app\/blob\/v0.2.0\/([^)]+)/.exec(release?.body ?? '') ?? []
    expect([page, existsSync(path.resolve(__dirname, '../..', page))]).toEqual(['docs/verify.md', true])
    expect(pages.latest).toBe('v0.2.0')
    expect(pages.requests.map((request) => request.split(' ')[0])).toEqual(['GET', 'POST', 'POST', 'POST', 'PATCH'])
  })

  test('check says what would be done, in the clone itself, and does nothing', async () => {
    const [first] = released('0.1.0')
    const commit = repository.commit('0.2.0')
    repository.git('fetch', '--quiet', '--tags', repository.remote)
    const { status, log } = await run(['check', '0.2.0'], { RELEASE_REMOTE: '.', GITHUB_TOKEN: '' })
    expect([status, log]).toEqual([0, expect.stringContaining(`v0.2.0 is to be ${commit}, the latest`)])
    expect(log).toContain(`v0 moves from ${first}`)
    expect([repository.tags(), pages.requests]).toEqual([{ 'v0.1.0': first, v0: first }, []])
  })

  test('check tells every problem, and nothing is published with one', async () => {
    repository.commit('0.1.0', '# Changelog\n\n## Unreleased\n\n- More.\n')
    for (const command of ['check', 'publish']) {
      const { status, log } = await run([command, '0.2.0', asset()])
      expect(status).toBe(1)
      expect(log.split('\n').filter((line) => line.startsWith('FAILED  '))).toEqual([
        'FAILED  package.json says 0.1.0, not 0.2.0',
        expect.stringContaining('FAILED  CHANGELOG.md has no section "## 0.2.0 - '),
        expect.stringContaining('FAILED  CHANGELOG.md has entries under Unreleased'),
      ])
    }
    expect([repository.tags(), pages.requests]).toEqual([{}, []])
  })

  test.each([
    ['the draft', 'POST', 1],
    ['the second file', 'POST', 3],
    ['publishing', 'PATCH', 1],
  ])('a second try goes on where %s failed, and no user has noticed', async (_, method, nth) => {
    const [first] = released('0.1.0')
    const commit = repository.commit('0.2.0')
    let count = 0
    pages.trouble = (request) => request.startsWith(method) && ++count === nth
    const { status, log } = await publish('0.2.0')
    expect([status, log]).toEqual([1, expect.stringMatching(/FAILED {2}\w+ http.*: HTTP 500/)])
    expect(repository.tags().v0).toBe(first)
    expect(pages.latest).toBe('v0.1.0')
    expect((await publish('0.2.0')).status).toBe(0)
    expect(repository.tags()).toEqual({ 'v0.1.0': first, 'v0.2.0': commit, v0: commit })
    expect([...pages.releases.values()].map(({ tag, isDraft, assets }) => [tag, isDraft, assets.size])).toEqual([
      ['v0.1.0', false, 2],
      ['v0.2.0', false, 2],
    ])
  })

  test('a second try moves the major tag where only that was left', async () => {
    const [first] = released('0.1.0')
    const commit = repository.commit('0.2.0')
    repository.refusePushesTo('refs/tags/v0')
    expect((await publish('0.2.0')).status).toBe(1)
    expect(repository.tags()).toEqual({ 'v0.1.0': first, 'v0.2.0': commit, v0: first })
    repository.takeAllPushes()
    const { log } = await publish('0.2.0')
    expect(log).toMatch(/v0.2.0 is at \w+ already\n.*v0.2.0 is published already\n.*v0 moved from/)
    expect((await publish('0.2.0')).log).toContain(`v0 is at ${commit} already`)
  })

  test('a tag that is not moved since it was read: whoever moved it first has the word', async () => {
    const [first] = released('0.1.0')
    const commit = repository.commit('0.2.0')
    const other = repository.commit('0.2.0', '# Another\n\n## 0.2.0 - 2026-01-02\n\n- Other.\n')
    repository.git('reset', '--quiet', '--hard', commit)
    pages.trouble = (request) => {
      if (request.startsWith('PATCH')) repository.setTags({ 'v0.2.0': other })
      return false
    }
    const { status, log } = await publish('0.2.0')
    expect([status, log]).toEqual([1, expect.stringContaining(`v0.2.0 exists at ${other}, and this is ${commit}`)])
    expect(repository.tags().v0).toBe(first)
  })

  test('an annotated tag counts as the commit that it stands for', async () => {
    const commit = repository.commit('0.1.0')
    repository.git('tag', '-a', '-m', 'by hand', 'v0.1.0')
    repository.git('push', '--quiet', repository.remote, 'v0.1.0')
    expect((await publish('0.1.0')).log).toContain(`v0.1.0 is at ${commit} already`)
    expect(repository.tags().v0).toBe(commit)
  })

  test('without immutable releases the major tag stays, and the remedy is told', async () => {
    const [first] = released('0.1.0')
    repository.commit('0.2.0')
    pages.immutableReleases = false
    const { status, log } = await publish('0.2.0')
    expect([status, log]).toEqual([1, expect.stringContaining('switch on immutable releases in the settings')])
    expect(repository.tags().v0).toBe(first)
  })

  test('a page that somebody published without the files is left, and the major tag stays', async () => {
    repository.commit('0.1.0')
    pages.published('v0.1.0')
    const { status, log } = await publish('0.1.0')
    expect([status, log]).toEqual([1, expect.stringContaining('published without gate.tar, sbom.cdx.json: leave it')])
    expect(repository.tags().v0).toBeUndefined()
  })

  test('a prerelease is one on its page too, and moves nothing', async () => {
    const [first] = released('0.1.0')
    const commit = repository.commit('0.2.0-rc.1')
    expect((await publish('0.2.0-rc.1')).status).toBe(0)
    expect(pages.byTag('v0.2.0-rc.1')).toMatchObject({ isPrerelease: true, isDraft: false })
    expect(repository.tags()).toEqual({ 'v0.1.0': first, 'v0.2.0-rc.1': commit, v0: first })
    expect(pages.latest).toBe('v0.1.0')
  })

  test('the way back: one push, and a second try of the bad release changes nothing any more', async () => {
    const [first, second, third] = released('0.1.0', '0.2.0', '0.3.0')
    const { status, log } = await run(['rollback', '0.2.0'])
    expect([status, log]).toEqual([0, expect.stringContaining('v0 moved back from v0.3.0 to v0.2.0')])
    const after = { 'v0.1.0': first, 'v0.2.0': second, 'v0.3.0': third, 'withdrawn-v0.3.0': third, v0: second }
    expect([repository.tags(), pages.latest]).toEqual([after, 'v0.2.0'])
    expect((await run(['rollback', '0.2.0'])).log).toContain('the major tag is at v0.2.0 already')
    expect((await publish('0.3.0')).log).toContain('no major tag moves')
    expect([repository.tags(), pages.latest]).toEqual([after, 'v0.2.0'])
    const fourth = repository.commit('0.3.1')
    expect((await publish('0.3.1')).status).toBe(0)
    expect([repository.tags().v0, pages.latest]).toEqual([fourth, 'v0.3.1'])
  })

  test('a way back that is refused half-way did nothing', async () => {
    const [, , third] = released('0.1.0', '0.2.0', '0.3.0')
    const before = repository.tags()
    repository.refusePushesTo('refs/tags/v0')
    expect((await run(['rollback', '0.2.0'])).status).toBe(1)
    expect([repository.tags(), pages.latest, before.v0]).toEqual([before, 'v0.3.0', third])
  })

  test('the way back from a release that was taken back before', async () => {
    const [first, , third] = released('0.1.0', '0.2.0', '0.3.0')
    await run(['rollback', '0.2.0'])
    repository.setTags({ v0: third })
    expect((await run(['rollback', '0.1.0'])).status).toBe(0)
    expect(repository.tags()).toMatchObject({ v0: first, 'withdrawn-v0.3.0': third })
  })

  test('the way back by hand, as docs/releasing.md has it, does the same', () => {
    const [first, second] = released('0.1.0', '0.2.0')
    const page = readFileSync(path.resolve(__dirname, '../../docs/releasing.md'), 'utf8')
    const [, script = ''] = /^```sh\n(git fetch origin[\s\S]*?)^```/m.exec(page) ?? []
    repository.git('remote', 'add', 'origin', repository.remote)
    execFileSync('bash', ['-euo', 'pipefail', '-c', script], { cwd: repository.clone, stdio: 'pipe' })
    expect(repository.tags()).toEqual({ 'v0.1.0': first, 'v0.2.0': second, 'withdrawn-v0.2.0': second, v0: first })
  })

  test('no way back to a tag without a page, or with one that is not published, or can be changed', async () => {
    const bad = repository.commit('0.1.5')
    const [good] = released('0.2.0')
    repository.setTags({ 'v0.1.5': bad })
    for (const more of [undefined, { isDraft: true }, { isImmutable: false }, { isPrerelease: true }]) {
      if (more !== undefined) pages.published('v0.1.5', more)
      const { status, log } = await run(['rollback', '0.1.5'])
      expect([status, log]).toEqual([1, expect.stringContaining('v0.1.5 has no published release that nobody can')])
    }
    expect(repository.tags().v0).toBe(good)
  })

  test('the page is found among hundreds', async () => {
    const [first] = released('0.1.0')
    for (let patch = 1; patch <= 250; patch++) pages.published(`v9.0.${patch}`)
    repository.commit('0.2.0')
    await publish('0.2.0')
    expect((await run(['rollback', '0.1.0'])).status).toBe(0)
    expect(repository.tags().v0).toBe(first)
  })

  test('the deploy key is for ssh alone, in a file that only this user reads, and gone afterwards', async () => {
    const commit = repository.commit('0.1.0')
    const ssh = repository.fakeSsh()
    const { status, log } = await publish('0.1.0', {
      ...{ PATH: ssh.path, RELEASE_REMOTE: 'ssh://git@github.com/example/app.git' },
      RELEASE_KEY: '-----BEGIN KEY-----\r\nthe key\r\n-----END KEY-----',
    })
    expect([status, log]).toEqual([0, expect.not.stringContaining('the key')])
    expect(repository.tags()).toEqual({ 'v0.1.0': commit, v0: commit })
    expect(ssh.calls()).toMatch(
      /^-F none -i \S+\/key -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=\S+/,
    )
    expect(ssh.calls()).toContain('-rw-------\n-----BEGIN KEY-----\nthe key\n-----END KEY-----\n0\n')
  })

  test.each(['v0', 'withdrawn-v0.3.0'])('%s moves only from where it was seen', async (tag) => {
    const [first, second, third] = released('0.1.0', '0.2.0', '0.3.0')
    const ssh = repository.fakeSsh([tag, first])
    const env = { PATH: ssh.path, RELEASE_REMOTE: 'ssh://git@github.com/example/app.git', RELEASE_KEY: 'key' }
    const { status, log } = await run(['rollback', '0.2.0'], env)
    expect([status, log]).toEqual([1, expect.stringContaining('stale info')])
    expect(repository.tags()).toEqual({ 'v0.1.0': first, 'v0.2.0': second, 'v0.3.0': third, v0: third, [tag]: first })
  })

  test.each([
    [['releese', '0.1.0'], 'there is no "releese": one of check, publish, rollback', {}],
    [['publish', '0.1.0'], 'there are no files to publish', {}],
    [['check'], '"" is no version', {}],
    [['rollback', '--force'], '"--force" is no version', {}],
    [['publish', '0.1.0', 'file'], 'RELEASE_KEY is empty: the environment has no such secret', { RELEASE_KEY: '' }],
  ])('%j is an error: %s', async (args, text, env) => {
    repository.commit('0.1.0')
    const { status, log } = await run(args, env)
    expect([status, log]).toEqual([1, expect.stringContaining(text)])
    expect(repository.tags()).toEqual({})
  })
})
