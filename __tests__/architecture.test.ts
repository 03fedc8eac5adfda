import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The map, held against the code: imports point inward, and the inner floors touch no world. */

const root = path.dirname(__dirname)
const src = path.join(root, 'src')
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.c?[tj]s$/.test(file))
  .map((file) => file.replaceAll('\\', '/'))
  .sort()
const textOf = (file: string) => readFileSync(path.join(src, file), 'utf8')

/** What a file imports: files of the house by their place below src/, packages and Node's modules by name. */
function importsOf(file: string): readonly string[] {
  const specifiers = [...textOf(file).matchAll(/(?:\bfrom|\bimport\(.*?|^import)\s*'([^']+)'/gm)].map(
    ([, name]) => name ?? '',
  )
  return specifiers.map((name) => (name.startsWith('.') ? path.posix.join(path.posix.dirname(file), name) : name))
}

/** Which places a place may import from. `node:` stands for all of Node's modules. */
const RULES: readonly (readonly [place: RegExp, mayImport: RegExp])[] = [
  [/^domain\//, /^domain\//],
  [/^view\/report\.ts$/, /^(?:domain|view)\/|^inputs\.ts$/],
  [/^view\//, /^(?:domain|view)\//],
  [/^inputs\.ts$/, /^(?:domain|inputs)\//],
  [/^inputs\/declared\.ts$/, /^(?:domain|inputs)\/|^fastest-levenshtein$/],
  [/^inputs\//, /^(?:domain|inputs)\//],
  [/^ports\.ts$/, /^domain\//],
  [/^steps\//, /^(?:domain|steps)\/|^ports\.ts$/],
  [/^run\.ts$/, /^(?:domain|steps)\/|^(?:inputs|ports)\.ts$/],
  [/^adapters\/rpc\.ts$/, /^(?:domain|adapters)\/|^ports\.ts$|^node:|^@alicloud\/pop-core$/],
  [/^adapters\/securityCenter\.ts$/, /^(?:domain|adapters)\/|^ports\.ts$|^json-bigint$/],
  [/^adapters\/ecs\//, /^domain\/|^ports\.ts$|^adapters\/sts\.ts$|^@alicloud\/credentials\//],
  [/^adapters\/(?:rpcReply|sts|sessionSources)\.ts$/, /^(?:domain|adapters)\/|^ports\.ts$/],
  [/^adapters\/idToken\.ts$/, /^(?:domain|adapters)\/|^ports\.ts$|^node:https?$/],
  [/^adapters\/yaml\.ts$/, /^inputs\/|^yaml$/],
  [
    /^adapters\/github\//,
    /^domain\/|^adapters\/(?:redaction|smallText)\.ts$|^ports\.ts$|^@actions\/github$|^@octokit\//,
  ],
  [/^adapters\/bundles\.ts$/, /^adapters\/(?:yaml|ecs\/role|github\/repository)\.ts$/],
  [/^adapters\/proxy\.ts$/, /^inputs\/network\.ts$|^node:|^https-proxy-agent$|^@actions\/http-client\/lib\/proxy$/],
  [/^adapters\/runner\.ts$/, /^@actions\/core$|^node:fs$/],
  [/^adapters\//, /^(?:domain|adapters)\/|^node:/],
  [/^main\.ts$/, /^(?:domain|view|adapters|inputs)\/|^(?:inputs|run|access|github)\.ts$/],
  [/^access\.ts$/, /^(?:domain|steps|adapters)\/|^(?:inputs|ports)\.ts$/],
  [/^github\.ts$/, /^(?:domain|view|steps|adapters|inputs)\/|^(?:inputs|ports)\.ts$/],
  [/^emulator\/rehearsal\.ts$/, /^emulator\/|^node:|^@actions\/core$/],
  [/^emulator\/rehearsalInputs\.ts$/, /^emulator\/|^fastest-levenshtein$/],
  [/^emulator\//, /^emulator\/|^node:/],
]

test.each(files)('%s imports only what its place allows', (file) => {
  const rule = RULES.find(([place]) => place.test(file))
  expect(rule).toBeDefined()
  expect(importsOf(file).filter((name) => !rule?.[1].test(name))).toEqual([])
})

test('the rules see the imports', () => {
  expect(importsOf('main.ts')).toContain('adapters/rpc.ts')
  expect(importsOf('adapters/rpc.ts')).toContain('@alicloud/pop-core')
})

test.each(files.filter((file) => /^(?:domain|view|inputs|steps)\/|^(?:inputs|run|ports)\.ts$/.test(file)))(
  '%s touches no clock, dice, environment or console',
  (file) => {
    const code = textOf(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    expect(code).not.toMatch(
      /\bprocess\b|\bDate\.now|new Date\(\)|Math\.random|performance|setTimeout|setInterval|\bconsole\.[a-z]+\(|\bfetch\b|globalThis/,
    )
  },
)

test('nobody imports main.ts', () => {
  expect(files.filter((file) => importsOf(file).includes('main.ts'))).toEqual([])
})

test('the map names every file', () => {
  const map = readFileSync(path.join(root, 'docs/map.md'), 'utf8')
  for (const file of files) expect(map).toContain(path.basename(file))
})

test('no drawer for what has no name', () => {
  expect(files.filter((file) => /util|helper|types|misc|common/i.test(file))).toEqual([])
})
