import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The packages of a bundle, each with its licence text. */
function packagesIn(file: string): readonly (string | undefined)[] {
  const entries = dist(file).split(/\n\n(?=@?[a-z][\w./-]* \d+\.\d+\.\d+\n)/)
  for (const entry of entries) expect(entry).toMatch(/without (?:any )?warranty|"as is"|as is, without/i)
  return entries.map((entry) => entry.split(' ')[0])
}

const dist = (file: string) => readFileSync(path.resolve(__dirname, '../dist', file), 'utf8')

test('the action bundles these packages and no others, each with its licence text', () => {
  expect(packagesIn('licenses.txt')).toEqual([
    '@actions/core',
    '@actions/exec',
    '@actions/http-client',
    '@actions/io',
    '@alicloud/pop-core',
    'agent-base',
    'bignumber.js',
    'fastest-levenshtein',
    'https-proxy-agent',
    'httpx',
    'json-bigint',
    'kitx',
    'sax',
    'tunnel',
    'xml2js',
    'xmlbuilder',
  ])
})

test("GitHub's client is a file of its own, with undici as it is", () => {
  expect(packagesIn('github/licenses.txt')).toEqual([
    '@actions/github',
    '@actions/http-client',
    '@octokit/auth-token',
    '@octokit/core',
    '@octokit/endpoint',
    '@octokit/graphql',
    '@octokit/plugin-paginate-rest',
    '@octokit/plugin-rest-endpoint-methods',
    '@octokit/plugin-retry',
    '@octokit/plugin-throttling',
    '@octokit/request',
    '@octokit/request-error',
    'before-after-hook',
    'bottleneck',
    'content-type',
    'json-with-bigint',
    'tunnel',
    'undici',
    'universal-user-agent',
  ])
  expect(dist('index.js')).not.toMatch(/octokit|bottleneck/i)
  expect(dist('github/index.js')).not.toContain('undici is not part')
})

test('the provider of ECS roles is a file of its own, which only runs with ecs-ram-role load', () => {
  expect(packagesIn('ecs/licenses.txt')).toEqual(['@alicloud/credentials', 'kitx', 'httpx', 'ini'])
  expect(dist('index.js')).not.toContain('100.100.100.200')
  expect(dist('ecs/index.js')).toContain('100.100.100.200')
})

test('the YAML parser is a file of its own, which only runs with an allow-list load', () => {
  expect(dist('yaml/licenses.txt')).toMatch(/^yaml \d+\.\d+\.\d+\nISC\n/)
  expect(dist('index.js')).not.toContain('Composer')
  expect(dist('yaml/index.js')).toContain('BLOCK_AS_IMPLICIT_KEY')
})

test('the rehearsal has what its two steps need of the runner, and no more', () => {
  expect(packagesIn('emulator/licenses.txt')).toEqual([
    '@actions/core',
    '@actions/exec',
    '@actions/http-client',
    '@actions/io',
    'fastest-levenshtein',
    'tunnel',
  ])
  expect(dist('emulator/index.js')).toMatch(/createServer/)
})

test('the demo has no package at all', () => {
  expect(existsSync(path.resolve(__dirname, '../dist/demo/licenses.txt'))).toBe(false)
})

test('the versions are those that are locked', () => {
  const lock = JSON.parse(readFileSync(path.resolve(__dirname, '../package-lock.json'), 'utf8'))
  for (const [, name, version] of [
    dist('licenses.txt'),
    dist('yaml/licenses.txt'),
    dist('github/licenses.txt'),
    dist('ecs/licenses.txt'),
    dist('emulator/licenses.txt'),
  ]
    .join('\n')
    .matchAll(/^(@?[a-z][\w./-]*) (\d+\.\d+\.\d+)$/gm)) {
    // A package may be there twice, once below another that needs an older one.
    const places = Object.keys(lock.packages).filter((place) => place.endsWith(`node_modules/${name}`))
    expect(places.map((place) => lock.packages[place].version)).toContain(version)
  }
})

test('nothing of the emulator is in the action', () => {
  expect(dist('demo/index.js')).toMatch(
    /createServer[\s\S]*emulated-access-key-id|emulated-access-key-id[\s\S]*createServer/,
  )
  expect(dist('index.js')).not.toMatch(/createServer|emulated-/)
})

test('no path of the machine that built it is in dist', () => {
  for (const file of [
    'index.js',
    'yaml/index.js',
    'ecs/index.js',
    'github/index.js',
    'demo/index.js',
    'emulator/index.js',
    'licenses.txt',
  ]) {
    expect(dist(file)).not.toMatch(/node_modules[\\/]|file:\/\/\//)
    expect(dist(file)).not.toContain(path.dirname(__dirname))
  }
})
