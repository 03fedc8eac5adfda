import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { VERDICTS } from '../src/domain/verdict.ts'

/** What GitHub shows to who reports or proposes something: forms that it accepts, which ask for what the code has. */

const root = path.dirname(__dirname)
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const FOLDER = '.github/ISSUE_TEMPLATE'
const forms = readdirSync(path.join(root, FOLDER)).filter((file) => file !== 'config.yml')

interface Element {
  readonly type: string
  readonly id?: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly validations?: { readonly required?: boolean }
}
interface Form {
  readonly name: string
  readonly description: string
  readonly title?: string
  readonly labels?: readonly string[]
  readonly body: readonly Element[]
}
const formOf = (file: string): Form => parse(read(`${FOLDER}/${file}`))

/**
 * GitHub keeps a form that breaks one of these from being shown, and says so to nobody but who looks at the file.
 * Sources: GitHub's pages "Syntax for issue forms", "Syntax for GitHub's form schema" and "Common validation errors when
 * creating issue forms".
 */
const FORM_KEYS = ['name', 'description', 'title', 'labels', 'assignees', 'projects', 'type', 'body']
const ELEMENT_KEYS = ['type', 'id', 'attributes', 'validations']
const ATTRIBUTES: Readonly<
  Record<string, { readonly required: readonly string[]; readonly others: readonly string[] }>
> = {
  markdown: { required: ['value'], others: [] },
  input: { required: ['label'], others: ['description', 'placeholder', 'value'] },
  textarea: { required: ['label'], others: ['description', 'placeholder', 'value', 'render'] },
  dropdown: { required: ['label', 'options'], others: ['description', 'multiple', 'default'] },
  checkboxes: { required: ['label', 'options'], others: ['description'] },
}

function problemsOf(form: Form): readonly string[] {
  const { body } = form
  const asked = body.filter(({ type }) => type !== 'markdown')
  const repeated = (values: readonly unknown[]) => values.filter((value, i) => values.indexOf(value) !== i)
  return [
    ...Object.keys(form)
      .filter((key) => !FORM_KEYS.includes(key))
      .map((key) => `key ${key}`),
    ...['name', 'description'].filter((key) => !isText(form[key as keyof Form])).map((key) => `no ${key}`),
    ...(asked.length === 0 ? ['nothing is asked'] : []),
    ...repeated(asked.map(({ id }) => id).filter((id) => id !== undefined)).map((id) => `id ${id} twice`),
    ...repeated(asked.map(({ attributes }) => attributes.label)).map((label) => `label ${label} twice`),
    ...body.flatMap((element, i) => problemsOfElement(element).map((problem) => `body[${i}]: ${problem}`)),
  ]
}

function problemsOfElement(element: Element): readonly string[] {
  const { type, id, attributes, validations } = element
  const rules = ATTRIBUTES[type]
  if (rules === undefined) return [`type ${type}`]
  const { options } = attributes
  const words: readonly unknown[] = Array.isArray(options) ? options : []
  return [
    ...Object.keys(element)
      .filter((key) => !ELEMENT_KEYS.includes(key))
      .map((key) => `key ${key}`),
    ...(id === undefined || /^[A-Za-z0-9_-]+$/.test(id) ? [] : [`id ${id}`]),
    ...rules.required.filter((name) => attributes[name] === undefined).map((name) => `no ${name}`),
    ...Object.keys(attributes).filter((name) => ![...rules.required, ...rules.others].includes(name)),
    ...Object.entries(attributes)
      .filter(([name, value]) => !['options', 'multiple', 'default'].includes(name) && !isText(value))
      .map(([name]) => `${name} is no text`),
    // YAML reads yes and no as booleans in some places, and GitHub wants words; it has a word "None" of its own.
    ...words.filter((word) => type === 'dropdown' && !isText(word)).map((word) => `option ${word} is no text`),
    ...words.filter((word) => String(word).toLowerCase() === 'none').map(() => 'an option none'),
    ...(new Set(words).size === words.length ? [] : ['an option twice']),
    ...(validations === undefined || typeof validations.required === 'boolean' ? [] : ['validations']),
  ]
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}

test.each(forms)('GitHub shows the form %s', (file) => {
  expect(file).toMatch(/\.yml$/)
  expect(problemsOf(formOf(file))).toEqual([])
})

test('no two forms have one name', () => {
  const names = forms.map((file) => formOf(file).name)
  expect(new Set(names).size).toBe(names.length)
})

describe('the form for a run that ended otherwise than it should', () => {
  const { body } = formOf('wrong-verdict.yml')
  const options = (id: string) => body.find((element) => element.id === id)?.attributes.options as readonly string[]

  test('offers the verdicts of the code, and one for a run without any', () => {
    expect(options('verdict').slice(0, -1)).toEqual([...VERDICTS])
    expect(options('verdict').at(-1)).toMatch(/^none \(/)
  })

  test('asks for what a maintainer needs', () => {
    const required = body.filter(({ validations }) => validations?.required).map(({ id }) => id)
    expect(required).toEqual(['verdict', 'reason', 'expected', 'version', 'site', 'runner', 'workflow'])
    expect(body.map(({ id }) => id)).toEqual(expect.arrayContaining(['request-id', 'log']))
  })

  test('knows the sites of the code', () => {
    const sites = /^export type Site = (.*)$/m.exec(read('src/domain/endpoint.ts'))?.[1]?.match(/\w+/g)
    expect(options('site').slice(0, -1)).toEqual(sites)
  })
})

test('who has found a hole is led to a private report, and no issue is opened without a form', () => {
  const config = parse(read(`${FOLDER}/config.yml`)) as {
    readonly blank_issues_enabled: boolean
    readonly contact_links: readonly Readonly<Record<'name' | 'url' | 'about', string>>[]
  }
  expect(config.blank_issues_enabled).toBe(false)
  expect(config.contact_links.map(({ url }) => url)[0]).toMatch(/\/security\/advisories\/new$/)
  for (const link of config.contact_links) {
    expect(Object.keys(link)).toEqual(['name', 'url', 'about'])
    expect(link.url).toMatch(/^https:\/\//)
  }
})

test.each(['.github/SECURITY.md', '.github/CODE_OF_CONDUCT.md', '.github/PULL_REQUEST_TEMPLATE.md'])(
  '%s leads nowhere that is not there',
  (page) => {
    const links = [...read(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link)
    const files = links.filter((link) => !/^[a-z]+:/.test(link)).map((link) => path.join(path.dirname(page), link))
    expect(files.filter((file) => !existsSync(path.join(root, file)))).toEqual([])
  },
)

test('the owners of code own what is there', () => {
  const owned = [...read('.github/CODEOWNERS').matchAll(/^\/(\S+)/gm)].map(([, file = '']) => file)
  expect(owned.length).toBeGreaterThan(3)
  expect(owned.filter((file) => !existsSync(path.join(root, file)))).toEqual([])
})
