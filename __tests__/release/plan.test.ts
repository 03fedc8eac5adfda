import {
  type Planned,
  planRelease,
  planRollback,
  type ReleaseFacts,
  type ReleasePlan,
  type Tag,
} from '../../.ci/release/plan.ts'

/** Which versions from where with which notes, and which tags may move. */

const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const C = 'c'.repeat(40)
const HERE = 'd'.repeat(40)

const CHANGELOG = `# Changelog

## Unreleased

## 0.2.0 - 2026-11-24

### Added

- Something new.

## 0.1.0 - 2026-10-01

- The first.

[0.1.0]: https://github.com/example/app/releases/tag/v0.1.0
`

const tags = (all: Readonly<Record<string, string>>): readonly Tag[] =>
  Object.entries(all).map(([name, commit]) => ({ name, commit }))

const facts = (more: Partial<ReleaseFacts> = {}): ReleaseFacts => {
  const version = more.version ?? '0.2.0'
  return {
    version,
    ref: 'refs/heads/main',
    commit: HERE,
    packageVersion: version,
    lockVersions: [version, version],
    changelog: CHANGELOG.replace('0.2.0', version),
    tags: tags({ 'v0.1.0': A, v0: A }),
    today: '2026-11-24',
    ...more,
  }
}
const problems = <T>(planned: Planned<T>) => ('problems' in planned ? planned.problems : [])
function plan<T>(planned: Planned<T>): T {
  expect(problems(planned)).toEqual([])
  return (planned as { readonly plan: T }).plan
}
const moves = (more: Partial<ReleaseFacts>) => {
  const { major, isLatest, isPrerelease }: ReleasePlan = plan(planRelease(facts(more)))
  return { major: major?.tag, from: major?.from, isLatest, isPrerelease }
}

describe('a release', () => {
  test('has the notes of its own section, and moves the major tag from where it is', () => {
    expect(plan(planRelease(facts()))).toEqual({
      tag: 'v0.2.0',
      commit: HERE,
      notes: '### Added\n\n- Something new.',
      isPrerelease: false,
      isLatest: true,
      major: { tag: 'v0', from: A },
    })
  })

  test('the very first makes the major tag', () => {
    expect(moves({ version: '0.1.0', changelog: '## [0.1.0] - 2026-11-24\n\n- All.\n', tags: [] })).toEqual({
      ...{ major: 'v0', from: undefined, isLatest: true, isPrerelease: false },
    })
  })

  test('1.0.0 makes v1 and leaves v0 alone', () => {
    expect(moves({ version: '1.0.0' })).toMatchObject({ major: 'v1', from: undefined, isLatest: true })
  })

  test('a prerelease moves nothing and is not the latest', () => {
    expect(moves({ version: '0.2.0-rc.1' })).toEqual({
      ...{ major: undefined, from: undefined, isLatest: false, isPrerelease: true },
    })
  })

  test('an older major goes on in its own branch; its tag moves, and it is not the latest', () => {
    const both = tags({ 'v0.1.0': A, v0: A, 'v1.0.0': B, v1: B })
    expect(moves({ ref: 'refs/heads/release/v0', tags: both })).toMatchObject({ major: 'v0', from: A, isLatest: false })
    expect(problems(planRelease(facts({ tags: both })))).toEqual([
      '0.2.0 is below 1.0.0, which is released: versions only go up',
    ])
  })

  test('a second try goes on, also where a later version was released meanwhile, whose major tag stays', () => {
    expect(moves({ tags: tags({ 'v0.1.0': A, v0: A, 'v0.2.0': HERE }) })).toMatchObject({ major: 'v0', from: A })
    expect(moves({ tags: tags({ 'v0.2.0': HERE, 'v0.3.0': C, v0: C }) })).toMatchObject({
      ...{ major: undefined, isLatest: false },
    })
  })

  test('a second try of what was taken back moves nothing', () => {
    const after = tags({ 'v0.1.0': A, 'v0.2.0': HERE, 'withdrawn-v0.2.0': HERE, v0: A })
    expect(moves({ tags: after })).toMatchObject({ major: undefined, isLatest: false })
  })

  test('the next one moves it from where it was taken back to', () => {
    const after = tags({ 'v0.1.0': A, 'v0.2.0': B, 'withdrawn-v0.2.0': B, v0: A })
    expect(moves({ version: '0.2.1', tags: after })).toMatchObject({ major: 'v0', from: A, isLatest: true })
  })

  test('a tag that is no version is in nobody’s way', () => {
    expect(moves({ tags: tags({ v9: A, 'v0.x': A, 'release-9.0.0': B, '9.0.0': C }) })).toMatchObject({ major: 'v0' })
  })

  test.each<[string, Partial<ReleaseFacts>, RegExp]>([
    ['no version', { version: 'v0.2.0' }, /^"v0.2.0" is no version: write it as 1.2.3 or 1.2.3-rc.1, without v/],
    ['package.json', { packageVersion: '0.1.9', lockVersions: ['0.1.9'] }, /^package.json says 0.1.9, not 0.2.0$/],
    [
      'the lock file',
      { lockVersions: ['0.2.0', '0.1.0'] },
      /^package-lock.json says 0.2.0 and 0.1.0 where package.json/,
    ],
    ['another branch', { ref: 'refs/heads/feature' }, /^refs\/heads\/feature is no branch for 0.2.0/],
    ['the branch of another major', { ref: 'refs/heads/release/v1' }, /is no branch for 0.2.0/],
    ['a tag', { ref: 'refs/tags/main' }, /^refs\/tags\/main is no branch/],
    ['no section', { changelog: '## Unreleased\n' }, /^CHANGELOG.md has no section "## 0.2.0 - 2026-11-24"$/],
    ['a section without a day', { changelog: '## 0.2.0\n\n- New.\n' }, /dates 0.2.0 "": write "## 0.2.0 - 2026-11-24"/],
    ['a day that is none', { changelog: '## 0.2.0 - 2026-02-30\n\n- New.\n' }, /dates 0.2.0 "2026-02-30": write/],
    ['a day to come', { today: '2026-11-23' }, /dates 0.2.0 2026-11-24, and today is 2026-11-23 \(UTC\)$/],
    [
      'an empty section',
      { changelog: '## 0.2.0 - 2026-11-24\n\n### Added\n' },
      /^CHANGELOG.md says nothing about 0.2.0$/,
    ],
    ['two sections', { changelog: `${CHANGELOG}\n## 0.2.0 - 2026-11-24\n- Again.\n` }, /has 2 sections for 0.2.0$/],
    [
      'what is left',
      { changelog: CHANGELOG.replace('Unreleased\n', 'Unreleased\n\n- More.\n') },
      /entries under Unreleased/,
    ],
    [
      'a version that is taken',
      { tags: tags({ 'v0.2.0': B }) },
      /^v0.2.0 exists at b{40}, and this is d{40}: a version/,
    ],
    ['a step back', { tags: tags({ 'v0.2.1': B }) }, /^0.2.0 is below 0.2.1, which is released: versions only go up$/],
    ['a prerelease too late', { version: '0.1.0-rc.2' }, /^0.1.0-rc.2 is below 0.1.0, which is released/],
  ])('is refused: %s', (_, more, problem) => {
    expect(problems(planRelease(facts(more)))).toEqual([expect.stringMatching(problem)])
  })

  test('all problems are told at once', () => {
    const wrong = { ref: 'refs/heads/x', packageVersion: '1.0.0', changelog: '', tags: tags({ 'v0.2.0': B }) }
    expect(problems(planRelease(facts(wrong)))).toHaveLength(5)
  })
})

describe('a rollback', () => {
  const released = { 'v0.1.0': A, 'v0.2.0': B, 'v0.3.0': C, v0: C }

  test('takes back the release where the major tag is, and only that', () => {
    expect(plan(planRollback('0.1.0', tags(released)))).toEqual({
      major: 'v0',
      from: { name: 'v0.3.0', commit: C },
      withdrawn: { tag: 'withdrawn-v0.3.0', from: undefined },
      to: { name: 'v0.1.0', commit: A },
    })
  })

  test('can be repeated, and go further', () => {
    const after = { ...released, 'withdrawn-v0.3.0': C, v0: B }
    expect(plan(planRollback('0.2.0', tags(after)))).toBeUndefined()
    expect(plan(planRollback('0.1.0', tags(after)))).toMatchObject({ from: { name: 'v0.2.0' } })
  })

  test('knows what was marked before', () => {
    const again = { ...released, 'withdrawn-v0.3.0': C }
    expect(plan(planRollback('0.2.0', tags(again)))).toMatchObject({ withdrawn: { from: C } })
  })

  test.each<[string, string, Readonly<Record<string, string>>, RegExp]>([
    ['no version', '0', released, /^"0" is no version/],
    ['what was never released', '0.1.7', released, /^there is no tag v0.1.7/],
    ['a prerelease', '0.3.0-rc.1', { ...released, 'v0.3.0-rc.1': B }, /is a prerelease, and v0 never leads to one$/],
    ['what was taken back', '0.2.0', { ...released, 'withdrawn-v0.2.0': B }, /^0.2.0 was itself withdrawn$/],
    ['forward', '0.3.0', { ...released, v0: B }, /^0.3.0 is later than 0.2.0, where v0 is: this only goes back$/],
    [
      'a major tag that was never there',
      '1.0.0',
      { ...released, 'v1.0.0': B },
      /^there is no tag v1 that could be moved/,
    ],
    ['a major tag at no release', '0.1.0', { ...released, v0: HERE }, /^v0 is at d{40}, which is no release: find out/],
  ])('is refused: %s', (_, version, all, problem) => {
    expect(problems(planRollback(version, tags(all)))).toEqual([expect.stringMatching(problem)])
  })
})
