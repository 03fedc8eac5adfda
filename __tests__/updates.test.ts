import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'

/** What watches over new versions of packages and actions, held against the packages that are there. */

const root = path.dirname(__dirname)
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')

describe('dependency-review.yml', () => {
  const { steps }: { steps: readonly { readonly with?: Readonly<Record<string, unknown>> }[] } = parse(
    read('.github/workflows/dependency-review.yml'),
  ).jobs.review
  const given = steps.at(-1)?.with ?? {}
  const listOf = (name: string) => String(given[name]).trim().split(/,\s*/)
  const packages: readonly (readonly [place: string, { readonly license?: string }])[] = Object.entries(
    JSON.parse(read('package-lock.json')).packages,
  )
  const [, ...installed] = packages.map(([place, { license }]) => ({
    name: place.replace(/^.*node_modules\//, ''),
    license,
  }))

  test('allows the licences of the lock file, and no others', () => {
    const allowed = listOf('allow-licenses')
    const used = installed.flatMap(({ license = '' }) => license.replaceAll(/[()]/g, '').split(/ (?:OR|AND) /))
    expect(allowed.filter((one) => !used.includes(one))).toEqual([])
    // Of a choice one is enough; of all that hold at once, all.
    const isAllowed = (license = '') =>
      license
        .replaceAll(/[()]/g, '')
        .split(' AND ')
        .every((all) => all.split(' OR ').some((one) => allowed.includes(one)))
    const silent = installed.filter(({ license }) => license === undefined).map(({ name }) => `pkg:npm/${name}`)
    expect(silent).toEqual(listOf('allow-dependencies-licenses'))
    const others = installed.filter(({ license }) => license !== undefined && !isAllowed(license))
    expect(others).toEqual([])
  })
})

describe('dependabot.yml', () => {
  interface Update {
    readonly 'package-ecosystem': string
    readonly directory?: string
    readonly directories?: readonly string[]
    readonly cooldown: Readonly<Record<string, number>>
    readonly groups: Readonly<Record<string, Readonly<Record<string, unknown>>>>
    readonly ignore?: readonly { readonly 'dependency-name': string; readonly versions?: readonly string[] }[]
  }
  const { version, updates }: { version: number; updates: readonly Update[] } = parse(read('.github/dependabot.yml'))
  // GitHub drops a whole entry for one key that it does not know.
  const KEYS = {
    update: 'package-ecosystem directory directories schedule cooldown versioning-strategy groups ignore'.split(' '),
    cooldown: { npm: ['default-days', 'semver-major-days'], 'github-actions': ['default-days'] } as Record<
      string,
      string[]
    >,
    group: ['dependency-type', 'patterns'],
    ignore: ['dependency-name', 'versions', 'update-types'],
  }

  test('looks after the packages and the actions, each in a folder that is there', () => {
    expect([version, updates.map((update) => update['package-ecosystem'])]).toEqual([2, ['npm', 'github-actions']])
    for (const { directory, directories = [directory ?? ''] } of updates)
      for (const folder of directories) expect(existsSync(path.join(root, folder))).toBe(true)
  })

  test('waits before it takes anything new, and asks in groups', () => {
    for (const { 'package-ecosystem': ecosystem, cooldown, groups, ignore = [], ...rest } of updates) {
      expect(Object.keys(rest).filter((key) => !KEYS.update.includes(key))).toEqual([])
      expect(Object.keys(cooldown)).toEqual(KEYS.cooldown[ecosystem])
      for (const days of Object.values(cooldown)) expect(days).toBeGreaterThanOrEqual(7)
      for (const one of [...Object.values(groups)]) expect(KEYS.group).toEqual(expect.arrayContaining(Object.keys(one)))
      for (const one of ignore) expect(KEYS.ignore).toEqual(expect.arrayContaining(Object.keys(one)))
    }
  })

  test('leaves out what is not in use yet, of packages that are', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json'))
    const inUse: Readonly<Record<string, string>> = { ...dependencies, ...devDependencies }
    for (const { 'dependency-name': name, versions = [] } of updates.flatMap(({ ignore = [] }) => ignore)) {
      const pattern = new RegExp(`^${name.replaceAll('*', '.*')}$`)
      expect(Object.keys(inUse).filter((one) => pattern.test(one))).not.toEqual([])
      for (const range of versions) {
        expect(range).toMatch(/^>=\d+$/)
        expect(Number.parseInt(inUse[name] ?? '', 10)).toBeLessThan(Number(range.slice(2)))
      }
    }
  })
})
