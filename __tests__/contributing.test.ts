import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

/** What CONTRIBUTING tells newcomers: every file and command is there, and the recipes leave out no place in the code. */

const root = path.dirname(__dirname)
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const page = read('CONTRIBUTING.md')

const below = (folder: string) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => path.posix.join(folder, file.replaceAll('\\', '/')))
    .filter((file) => statSync(path.join(root, file)).isFile())

const codeIn = (text: string) => [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
/** What is set as code and is a path from the root. */
const pathsIn = (text: string) =>
  codeIn(text).filter((code) =>
    /^(?:src|__tests__|docs|bench|\.ci|\.github)\/[\w./-]+$|^[\w.-]+\.(?:md|yml)$/i.test(code),
  )

interface Recipe {
  readonly name: string
  readonly text: string
  /** What stands in the code already, as it is written there. */
  readonly follow: readonly string[]
}

const [, recipesAndRest = ''] = page.split('\n## Recipes\n')
const recipes = (recipesAndRest.split('\n## ')[0] ?? '')
  .split(/^### /m)
  .slice(1)
  .map((part): Recipe => {
    const [name = '', ...rest] = part.split('\n')
    const text = rest.join('\n')
    return { name, text, follow: codeIn(/^Follow .*$/m.exec(text)?.[0] ?? '') }
  })
  .filter(({ follow }) => follow.length > 0)

/** Where a recipe must leave out nothing: tests are many, so that each names those to begin with. */
const READMES = ['README.md', 'README.zh-CN.md']
const CODE = [...below('src').filter((file) => !file.startsWith('src/emulator/')), 'action.yml', ...READMES]
const SCHEMA_AND_FORMS = ['docs/report.schema.json', ...below('.github/ISSUE_TEMPLATE')]
const EMULATOR = [...below('src/emulator'), 'docs/rehearsal.md']

/** Whether a text has this, not as a part of a longer word. */
function mentions(text: string, words: string): boolean {
  const start = /^\w/.test(words) ? '(?<![\\w-])' : ''
  const end = /\w$/.test(words) ? '(?![\\w-])' : ''
  return new RegExp(`${start}${words.replaceAll(/[.()]/g, '\\$&')}${end}`).test(text)
}

test('there are recipes for what is added most often', () => {
  expect(recipes.map(({ name }) => name)).toEqual([
    'An input',
    'An output',
    'A state of a task',
    'A verdict',
    'A scenario of the demo',
    'A scenario of rehearsals',
    'An error code of the cloud',
    'A way to log in',
  ])
})

describe.each(recipes)('the recipe for $name', ({ name, text, follow }) => {
  const scope = name.includes('scenario') ? EMULATOR : [...CODE, ...SCHEMA_AND_FORMS]
  const listed = pathsIn(text)

  test('names every place where what it follows is', () => {
    const places = scope.filter((file) => follow.some((words) => mentions(read(file), words)))
    expect(places.length).toBeGreaterThan(0)
    expect(places.filter((file) => !listed.includes(file))).toEqual([])
  })

  test('follows what is there', () => {
    expect(follow.filter((words) => !scope.some((file) => mentions(read(file), words)))).toEqual([])
  })

  test('begins with the tests', () => {
    expect(text).toMatch(/^1\. Tests?: |^1\. `src\/emulator\/[\s\S]*?`__tests__\//m)
  })
})

test('every file that it names is there', () => {
  expect(pathsIn(page).length).toBeGreaterThan(50)
  expect(pathsIn(page).filter((file) => !existsSync(path.join(root, file)))).toEqual([])
})

test('the short names of the table are files of src', () => {
  const table = page.slice(page.indexOf('### And where is'), page.indexOf('\n## Rules of the house'))
  const short = codeIn(table).filter((code) => /^(?:domain|inputs|adapters|view|steps|emulator)\/[\w/]+$/.test(code))
  expect(short.length).toBeGreaterThan(15)
  expect(short.filter((name) => !existsSync(path.join(root, 'src', `${name}.ts`)))).toEqual([])
})

test('every command that it names is there', () => {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }
  const named = [...page.matchAll(/npm run ([\w-]+)/g)].map(([, name = '']) => name)
  expect(named.length).toBeGreaterThan(5)
  expect(named.filter((name) => !(name in scripts))).toEqual([])
})

test('it leads nowhere that is not there', () => {
  const links = [...page.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link)
  expect(links.filter((link) => !/^[a-z]+:/.test(link) && !existsSync(path.join(root, link)))).toEqual([])
})

test('the map fits one screen', () => {
  const [, map = ''] = /^```\n(floor 4[\s\S]*?)^```/m.exec(page) ?? []
  expect(map.split('\n').length).toBeLessThan(30)
  for (const folder of ['steps', 'adapters', 'inputs', 'view', 'domain', 'emulator'])
    expect(map).toContain(`src/${folder}/`)
})
