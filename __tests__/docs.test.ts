import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { SecurityCenter } from '../src/adapters/securityCenter.ts'
import { isRegionId, readEndpoint } from '../src/domain/endpoint.ts'
import { VERDICTS } from '../src/domain/verdict.ts'
import { PLOTS } from '../src/emulator/plots.ts'
import { FEATURES } from '../src/ports.ts'
import { anchorsOf, blocksOf, codeIn, linksIn } from './support/markdown.ts'

/** What the README and the pages of docs say is there: files, links, inputs, permissions, hosts. */

const root = path.dirname(__dirname)
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const pages = readdirSync(path.join(root, 'docs'))
  .filter((file) => file.endsWith('.md'))
  .map((file) => `docs/${file}`)
const all = [...pages, 'README.md', 'README.zh-CN.md']

const never = () => Promise.reject(new Error('no call is made here'))
const center = new SecurityCenter({ call: never, callFresh: never })
interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>
  readonly outputs: Readonly<Record<string, object>>
}
const { inputs, outputs }: Action = parse(read('action.yml'))
const rehearsal: Action = parse(read('src/emulator/action.yml'))

/** The packages that a page may name. */
const packages = Object.keys(JSON.parse(read('package-lock.json')).packages).map((place) => place.split('/').at(-1))

test('there are pages', () => {
  expect(pages).toEqual(expect.arrayContaining(['docs/credentials.md', 'docs/networks.md', 'docs/threat-model.md']))
})

describe.each(all)('%s', (page) => {
  const text = read(page)

  test('leads nowhere that is not there', () => {
    const dead = linksIn(text)
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [file = '', anchor] = link.split('#')
        const target = file === '' ? page : path.join(path.dirname(page), file)
        return (
          !existsSync(path.join(root, target)) || (anchor !== undefined && !anchorsOf(read(target)).includes(anchor))
        )
      })
    expect(dead).toEqual([])
  })

  test('names tests that are there', () => {
    const named = [...new Set(codeIn(text).filter((code) => code.startsWith('__tests__/')))]
    expect(named.filter((file) => !existsSync(path.join(root, file)))).toEqual([])
  })

  test('names RAM actions that the code needs', () => {
    const known: readonly string[] = center.ramActions(FEATURES)
    const named = [...text.matchAll(/yundun-sas:\w+/g)].map(([action]) => action)
    expect(named.filter((action) => !known.includes(action))).toEqual([])
  })

  test('has JSON and YAML that can be read', () => {
    for (const block of blocksOf(text, 'json')) JSON.parse(block)
    for (const block of blocksOf(text, 'yaml')) parse(block)
  })

  test('gives our actions only inputs that they have', () => {
    const given = blocksOf(text, 'yaml').flatMap((block) => inputsGiven(parse(block)))
    expect(given.filter((name) => !(name in inputs))).toEqual([])
    const rehearsed = blocksOf(text, 'yaml').flatMap((block) => inputsGiven(parse(block), REHEARSAL_ACTION))
    expect(rehearsed.filter((name) => !(name in rehearsal.inputs))).toEqual([])
  })
})

const ACTION = 'OWNER/virus-scan-gate@'
const REHEARSAL_ACTION = 'OWNER/virus-scan-gate/src/emulator@'

/** The names under `with:` in every step that uses our action, however deep. */
function inputsGiven(node: unknown, action = ACTION): readonly string[] {
  if (typeof node !== 'object' || node === null) return []
  const { uses, with: given } = node as { uses?: unknown; with?: object }
  const own = String(uses).startsWith(action) ? Object.keys(given ?? {}) : []
  return [...own, ...Object.values(node).flatMap((child) => inputsGiven(child, action))]
}

test.each(['README.md', 'README.zh-CN.md'])('%s leads to every example, and to every page', (readme) => {
  const links = linksIn(read(readme)).map((link) => link.split('#')[0])
  const examples = readdirSync(path.join(root, 'docs/examples')).map((file) => `docs/examples/${file}`)
  expect([...examples, ...pages].filter((file) => !links.includes(file))).toEqual([])
})

/** Words with a hyphen that are no word of ours: an environment, the service's name in RAM, a header of the cloud. */
const OTHERS = ['virus-scan', 'yundun-sas', 'x-acs-retry-after']

test.each(pages)('%s: a word with a hyphen, set as code, is one of ours', (page) => {
  const words = codeIn(read(page))
    .map((code) => code.split(':')[0] ?? '')
    .filter((word) => /^[a-z]+(?:-[a-z]+)+$/.test(word))
  const known: readonly (string | undefined)[] = [
    ...packages,
    ...Object.keys(inputs),
    ...Object.keys(outputs),
    ...VERDICTS,
    ...OTHERS,
    ...Object.keys(rehearsal.inputs),
  ]
  expect(words.filter((word) => !known.includes(word) && !isRegionId(word))).toEqual([])
})

/** The rows of a page's tables whose first cell is code, cell by cell, without backticks. */
function rowsOf(page: string): readonly (readonly string[])[] {
  const rows = read(page)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  )
}

describe('docs/rehearsal.md', () => {
  const rows = rowsOf('docs/rehearsal.md')

  test('tells every scenario, what happens in it, and how it ends with a gate and without one', () => {
    const plots = Object.entries(PLOTS).map(([name, { about, verdict, verdictWithoutGate = verdict }]) => [
      ...[name, about, verdict, verdictWithoutGate],
    ])
    expect(rows.slice(0, plots.length)).toEqual(plots)
  })

  test('tells every input with its default, and every output', () => {
    const rest = rows.slice(Object.keys(PLOTS).length)
    const declared = Object.entries(rehearsal.inputs).map(([name, input]) => [name, input.default])
    expect(rest.slice(0, declared.length).map(([name, value]) => [name, value])).toEqual(declared)
    expect(rest.slice(declared.length).map(([name]) => name)).toEqual(Object.keys(rehearsal.outputs))
  })
})

test('the policy for the whole gate has every action that the code needs', () => {
  const needed = [...center.ramActions(FEATURES)].sort()
  for (const page of ['README.md', 'README.zh-CN.md', 'docs/credentials.md']) {
    const policies = blocksOf(read(page), 'json').filter((block) => block.includes('yundun-sas:'))
    expect(policies).toHaveLength(1)
    const { Statement } = JSON.parse(policies[0] ?? '') as { Statement: readonly { Action: readonly string[] }[] }
    expect(Statement.flatMap(({ Action }) => Action).sort()).toEqual(needed)
  }
})

test('the RAM actions of each feature are those of the code', () => {
  const rows = read('docs/credentials.md')
    .split('\n')
    .filter((line) => /^\| .*yundun-sas/.test(line))
  const written = rows.map((row) => row.match(/yundun-sas:\w+/g))
  expect(written).toEqual(FEATURES.map((feature) => center.ramActions([feature])))
})

test('who may take the role is said by issuer, audience and subject, without a wildcard', () => {
  const policies = blocksOf(read('docs/credentials.md'), 'json').filter((block) => block.includes('Federated'))
  expect(policies).toHaveLength(1)
  const { Statement } = JSON.parse(policies[0] ?? '') as { Statement: readonly { Condition: object }[] }
  for (const { Condition } of Statement) {
    expect(Object.keys(Condition)).toEqual(['StringEquals'])
    expect(Object.keys(Object.values(Condition)[0])).toEqual(['oidc:iss', 'oidc:aud', 'oidc:sub'])
    expect(JSON.stringify(Condition)).not.toMatch(/[*?]/)
    expect(JSON.stringify(Condition)).toContain(':environment:')
  }
})

describe('the endpoints', () => {
  const rows = [...read('docs/networks.md').matchAll(/^\| (China|global) \|[^|]*\| `([a-z0-9.-]+)` \|/gm)]
  const written = rows.map(([, site, host]) => [host, site] as const)

  test('are those of the code', () => {
    const known = new Set(read('src/domain/endpoint.ts').match(/\btds[a-z0-9.-]*\.aliyuncs\.com\b/g))
    expect(written.map(([host]) => host).sort()).toEqual([...known].sort())
  })

  // By a region of the other site: a host that the code does not know would be taken for one of that.
  test.each(written)('%s belongs to the %s site', (host = '', site) => {
    const region = site === 'China' ? 'us-east-1' : 'cn-shanghai'
    expect(readEndpoint(host, region, false)).toMatchObject({ endpoint: { site } })
  })
})
