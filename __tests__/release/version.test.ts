import { compareVersions, isPrerelease, parseVersion, type Version } from '../../.ci/release/version.ts'

test.each(['1.2.3', '0.1.0', '0.0.0', '1.0.0-rc.1', '1.0.0-x-y.7.z', '10.20.30-alpha'])('%s is a version', (text) => {
  expect(parseVersion(text)?.text).toBe(text)
})

test.each([
  ...['', 'v1.2.3', '1.2', '1.2.3.4', '01.2.3', '1.02.3', '1.2.3-', '1.2.3-01', '1.2.3-a..b', '1.2.3+build'],
  ...['1.2.3\n', ' 1.2.3', '1.2.3 ', '1.2.3-ä', '1.2.3; id', '$(id)', '1.2.9999999999', 'latest'],
])('%j is none', (text) => {
  expect(parseVersion(text)).toBeUndefined()
})

// The first line is the order of semver.org, section 11.
const ORDER =
  '1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 ' +
  '1.0.1-rc.1 1.0.1 1.0.10 1.2.0 1.10.0 2.0.0-1 2.0.0-a 2.0.0 10.0.0'

test('they are ordered as Semantic Versioning has it', () => {
  const versions = ORDER.split(' ').map((text) => parseVersion(text) as Version)
  for (const [i, a] of versions.entries())
    for (const [j, b] of versions.entries()) expect(Math.sign(compareVersions(a, b))).toBe(Math.sign(i - j))
})

test('a prerelease is one', () => {
  expect(['1.0.0-rc.1', '1.0.0'].map((text) => isPrerelease(parseVersion(text) as Version))).toEqual([true, false])
})
