import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { BUNDLES, INSIDE, nameOf } from '../.ci/bundles.ts'

/**
 * The committed bundles against the list in `.ci/bundles.ts`. That the list is true, the build sees to: it stops where the
 * bundler took something else. `npm run check` compares dist with a build.
 */

const root = path.dirname(__dirname)
const dist = (file: string) => readFileSync(path.join(root, 'dist', file), 'utf8')
const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, { readonly version: string }>>
}

test('dist has these files and no others', () => {
  const files = readdirSync(path.join(root, 'dist'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
  const expected = BUNDLES.flatMap(({ folder, packages }) => [
    `${folder}/index.js`,
    `${folder}/package.json`,
    ...(packages.length > 0 ? [`${folder}/licenses.txt`] : []),
  ])
  expect(files.sort()).toEqual(expected.sort())
})

describe.each(BUNDLES.filter(({ packages }) => packages.length > 0))('$folder', ({ folder, packages }) => {
  const entries = readFileSync(path.join(root, folder, 'licenses.txt'), 'utf8').split(
    /\n\n(?=@?[a-z][\w./-]* \d+\.\d+\.\d+\n)/,
  )

  test('has the packages of the list and no others, in the versions that are locked', () => {
    expect(entries.map((entry) => entry.split('\n')[0])).toEqual(
      packages.map((place) => `${nameOf(place)} ${lock.packages[`node_modules/${place}`]?.version}`),
    )
  })

  test('has the text of each licence', () => {
    for (const entry of entries) expect(entry).toMatch(/without (?:any )?warranty|"as is"|as is, without/i)
  })

  test('has the notices of those from whom a package has something', () => {
    for (const { file } of INSIDE.filter((inside) => packages.includes(inside.package) && inside.notice)) {
      expect(entries.join('\n')).toMatch(new RegExp(`^From ${file}:\\n\\n[\\s\\S]*?Copyright`, 'm'))
    }
  })
})

test("GitHub's client is a file of its own, with undici as it is", () => {
  expect(dist('index.js')).not.toMatch(/octokit|bottleneck/i)
  expect(dist('github/index.js')).not.toContain('undici is not part')
})

test('the provider of ECS roles is a file of its own, which only runs with ecs-ram-role load', () => {
  expect(dist('index.js')).not.toContain('100.100.100.200')
  expect(dist('ecs/index.js')).toContain('100.100.100.200')
})

test('the YAML parser is a file of its own, which only runs with an allow-list load', () => {
  expect(dist('index.js')).not.toContain('Composer')
  expect(dist('yaml/index.js')).toContain('BLOCK_AS_IMPLICIT_KEY')
})

test('the rehearsal has a server', () => {
  expect(dist('emulator/index.js')).toMatch(/createServer/)
})

test('the demo has no package at all', () => {
  expect(existsSync(path.join(root, 'dist/demo/licenses.txt'))).toBe(false)
})

test('nothing of the emulator is in the action', () => {
  expect(dist('demo/index.js')).toMatch(
    /createServer[\s\S]*emulated-access-key-id|emulated-access-key-id[\s\S]*createServer/,
  )
  expect(dist('index.js')).not.toMatch(/createServer|emulated-/)
})

test('no path of the machine that built it is in dist, and no map of its sources', () => {
  for (const { folder, packages } of BUNDLES) {
    for (const file of ['index.js', ...(packages.length > 0 ? ['licenses.txt'] : [])]) {
      const text = readFileSync(path.join(root, folder, file), 'utf8')
      expect(text).not.toMatch(/node_modules[\\/]|file:\/\/\/|sourceMappingURL/)
      expect(text).not.toContain(root)
    }
  }
})
