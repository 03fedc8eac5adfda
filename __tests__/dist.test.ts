import { readFileSync } from 'node:fs'
import path from 'node:path'

const dist = (file: string) => readFileSync(path.resolve(__dirname, '../dist', file), 'utf8')

test('the action bundles these packages and no others, each with its licence text', () => {
  const entries = dist('licenses.txt').split(/\n\n(?=@?[a-z][\w./-]* \d+\.\d+\.\d+\n)/)
  expect(entries.map((entry) => entry.split(' ')[0])).toEqual([
    '@actions/core',
    '@actions/exec',
    '@actions/http-client',
    '@actions/io',
    '@alicloud/pop-core',
    'bignumber.js',
    'fastest-levenshtein',
    'httpx',
    'json-bigint',
    'kitx',
    'sax',
    'tunnel',
    'xml2js',
    'xmlbuilder',
  ])
  for (const entry of entries) expect(entry).toMatch(/without (?:any )?warranty|"as is"|as is, without/i)
})

test('the YAML parser is a file of its own, which only runs with an allow-list load', () => {
  expect(dist('yaml/licenses.txt')).toMatch(/^yaml \d+\.\d+\.\d+\nISC\n/)
  expect(dist('index.js')).not.toContain('Composer')
  expect(dist('yaml/index.js')).toContain('BLOCK_AS_IMPLICIT_KEY')
})

test('the versions are those that are locked', () => {
  const lock = JSON.parse(readFileSync(path.resolve(__dirname, '../package-lock.json'), 'utf8'))
  for (const [, name, version] of `${dist('licenses.txt')}\n${dist('yaml/licenses.txt')}`.matchAll(
    /^(@?[a-z][\w./-]*) (\d+\.\d+\.\d+)$/gm,
  )) {
    expect(lock.packages[`node_modules/${name}`].version).toBe(version)
  }
})

test('nothing of the emulator is in the action', () => {
  expect(dist('demo/index.js')).toMatch(
    /createServer[\s\S]*emulated-access-key-id|emulated-access-key-id[\s\S]*createServer/,
  )
  expect(dist('index.js')).not.toMatch(/createServer|emulated-/)
})

test('no path of the machine that built it is in dist', () => {
  for (const file of ['index.js', 'yaml/index.js', 'demo/index.js', 'licenses.txt']) {
    expect(dist(file)).not.toMatch(/node_modules[\\/]|file:\/\/\//)
    expect(dist(file)).not.toContain(path.dirname(__dirname))
  }
})
