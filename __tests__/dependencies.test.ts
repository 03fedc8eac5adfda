import { readFileSync } from 'node:fs'
import path from 'node:path'
import { BUNDLED, BUNDLES, placeOf } from '../.ci/bundles.ts'
import { ALLOWED, ALLOWED_TOOLS, REPLACED, WHY } from '../.ci/dependencies.ts'
import { dependenciesOf, type Lock, locked } from '../.ci/lock.ts'

/** What docs/dependencies.md says of packages, against package.json and the lock file. */

const read = (file: string) => readFileSync(path.join(__dirname, '..', file), 'utf8')
const manifest = JSON.parse(read('package.json')) as {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly allowScripts: Readonly<Record<string, boolean>>
}
const lock = JSON.parse(read('package-lock.json')) as Lock & {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly link?: boolean }>>
}
const asked = { ...manifest.dependencies, ...manifest.devDependencies }
/** All but the entry of ourselves, by place. */
const packages = Object.entries(lock.packages).filter(([place]) => place !== '')

test('every package of package.json has its line why it and not another, and no other has one', () => {
  expect(Object.keys(WHY).sort()).toEqual(Object.keys(asked).sort())
})

test('package.json asks for exact versions', () => {
  for (const version of Object.values(asked)) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
})

test('what the action asks for is in a bundle, and what is in a bundle does not only build and test', () => {
  expect(Object.keys(manifest.dependencies).filter((name) => !BUNDLED.includes(name))).toEqual([])
  expect(BUNDLED.filter((place) => lock.packages[`node_modules/${place}`]?.dev)).toEqual([])
})

test('every package has its SHA-512, and comes from the registry that npm is set up with', () => {
  for (const [place, { integrity, resolved, inBundle, link }] of packages) {
    expect([place, integrity]).toEqual([place, expect.stringMatching(/^sha512-[\w+/]{86}==$/)])
    expect([place, resolved, inBundle, link]).toEqual([place, undefined, undefined, undefined])
  }
})

test('somebody has decided on every install script', () => {
  const scripts = packages.filter(([, { hasInstallScript }]) => hasInstallScript)
  const names = scripts.map(([place]) => place.replace('node_modules/', ''))
  expect(names.sort()).toEqual(Object.keys(manifest.allowScripts).sort())
  expect(Object.entries(manifest.allowScripts).filter(([, isAllowed]) => isAllowed)).toEqual([['node', true]])
})

test('the licences of what is in a bundle are allowed', () => {
  const others = BUNDLED.filter((place) => !ALLOWED.includes(locked(lock, place).license ?? ''))
  expect(others).toEqual([])
})

test('so are those of tools, or looked at one by one', () => {
  const others = packages.filter(([, { license = '' }]) => !license.split(' OR ').some((one) => isAllowed(one)))
  const written = Object.entries(ALLOWED_TOOLS).map(([name, license]) => [name, license.split(' (')[0]])
  const found = others.map(([place, { license = 'none' }]) => [place.replace('node_modules/', ''), license])
  expect(found).toEqual(written)
})

/** Of a choice: without what is around it. */
const isAllowed = (license: string) => ALLOWED.includes(license.replaceAll(/[()]/g, ''))

test('what the bundler is told to replace is what the page tells, and nobody has it', () => {
  const mapped = [...read('tsconfig.json').matchAll(/"([^"]+)": \["\.\/(src\/adapters\/replaced\/[^"]+)"\]/g)]
  expect(mapped.map(([, name, by]) => [name, by])).toEqual(Object.entries(REPLACED).map(([name, { by }]) => [name, by]))
  for (const [name, { kept }] of Object.entries(REPLACED)) {
    expect(BUNDLES.filter((bundle) => bundle.packages.includes(name)).map(({ folder }) => folder)).toEqual(
      kept === undefined ? [] : [kept],
    )
  }
})

describe('places', () => {
  test.each([
    ['node_modules/tunnel/lib/tunnel.js', 'tunnel'],
    ['../node_modules/@actions/core/lib/core.js', '@actions/core'],
    ['node_modules/@a/b/node_modules/c/index.js', '@a/b/node_modules/c'],
    ['node_modules\\@a\\b\\node_modules\\@c\\d\\index.js', '@a/b/node_modules/@c/d'],
    ['src/main.ts', undefined],
    ['', undefined],
  ])('%s is of %s', (file, place) => {
    expect(placeOf(file)).toBe(place)
  })

  test('a package depends on the one that Node would find', () => {
    expect(dependenciesOf(lock, '@alicloud/credentials')).toContain('@alicloud/credentials/node_modules/kitx')
    expect(dependenciesOf(lock, '@alicloud/pop-core')).toContain('kitx')
    expect(dependenciesOf(lock, '@actions/github')).toContain('@actions/github/node_modules/@actions/http-client')
    expect(dependenciesOf(lock, '@actions/github/node_modules/@actions/http-client')).toContain('tunnel')
  })
})
