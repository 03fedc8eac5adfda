import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The records of decisions: each has its parts, is short, is listed, and names what is there. */

const root = path.dirname(__dirname)
const folder = path.join(root, 'docs/decisions')
const read = (file: string) => readFileSync(path.join(folder, file), 'utf8')
const records = readdirSync(folder)
  .filter((file) => file !== 'README.md')
  .sort()

test('all are listed, in order, under their own titles', () => {
  const listed = [...read('README.md').matchAll(/^\| \[(.*)\]\((.*)\) \|/gm)].map(([, title, file]) => [file, title])
  expect(listed).toEqual(records.map((file) => [file, /^# (.*)$/m.exec(read(file))?.[1]]))
})

test('they are numbered without a gap', () => {
  expect(records.map((file) => file.slice(0, 3))).toEqual(records.map((_, i) => `${String(i + 1).padStart(2, '0')}-`))
})

describe.each(records)('%s', (file) => {
  const text = read(file)

  test('says what the matter was, what was decided, instead of what, and what comes of it', () => {
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual([
      'Context',
      'Decision',
      'Instead of',
      'Consequences',
    ])
    for (const part of text.split(/^## .*$/m).slice(1)) expect(part.trim().length).toBeGreaterThan(60)
    expect(text.split('\n').length).toBeLessThanOrEqual(36)
  })

  test('names files that are there, and leads nowhere else', () => {
    const code = [...text.matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name)
    const files = code.filter((name) => /^(?:src|__tests__|docs|bench|dist|\.ci)(?:\/[\w./-]+)?$/.test(name))
    const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link = '']) =>
      path.join('docs/decisions', link),
    )
    expect([...files, ...links].filter((name) => !existsSync(path.join(root, name)))).toEqual([])
  })
})
