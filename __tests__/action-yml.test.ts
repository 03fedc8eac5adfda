import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { SecurityCenter } from '../src/adapters/securityCenter.ts'
import { SCAN_STATES } from '../src/domain/scan.ts'
import { FORGIVABLE, VERDICTS } from '../src/domain/verdict.ts'
import { PLOTS } from '../src/emulator/plots.ts'
import { REHEARSAL_DEFAULTS } from '../src/emulator/rehearsalInputs.ts'
import { INPUT_DEFAULTS } from '../src/inputs/declared.ts'
import { FEATURES } from '../src/ports.ts'
import { OUTPUT_NAMES } from '../src/view/outputs.ts'

/** action.yml, the code and the README say the same, both ways. */

const never = () => Promise.reject(new Error('no call is made here'))
const root = path.dirname(__dirname)
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const action: {
  name: string
  description: string
  branding: { icon: string; color: string }
  inputs: Record<string, { description: string; default?: string; required?: boolean }>
  outputs: Record<string, { description: string }>
  runs: { using: string; main: string }
} = parse(read('action.yml'))

/** The first two cells of each row of the table under a heading of the README, without backticks. */
function readmeTable(heading: string): readonly (readonly [string, string])[] {
  const [, section = ''] = read('README.md').split(`\n## ${heading}\n`)
  const rows = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| `'))
  return rows.map(
    (row) =>
      row
        .split('|')
        .slice(1, 3)
        .map((cell) => cell.trim().replaceAll('`', '')) as [string, string],
  )
}

test('inputs and defaults of action.yml are those of the code, in the same order', () => {
  const declared = Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? ''])
  expect(declared).toEqual(Object.entries(INPUT_DEFAULTS))
})

test('inputs and defaults of the README are those of the code, in the same order', () => {
  expect(readmeTable('Inputs')).toEqual(Object.entries(INPUT_DEFAULTS))
})

test('outputs of action.yml and of the README are those of the code, in the same order', () => {
  expect(Object.keys(action.outputs)).toEqual([...OUTPUT_NAMES])
  expect(readmeTable('Outputs').map(([name]) => name)).toEqual([...OUTPUT_NAMES])
})

test('every input and output is described', () => {
  for (const { description } of [...Object.values(action.inputs), ...Object.values(action.outputs)]) {
    expect(description).toMatch(/^.{10,}\.$/s)
  }
})

test('the README knows every verdict, and no other', () => {
  expect(
    readmeTable('Verdicts')
      .map(([name]) => name)
      .sort(),
  ).toEqual([...VERDICTS].sort())
  const described = /^One of (.*)\.$/.exec(action.outputs.verdict?.description ?? '')?.[1]
  expect(described?.split(', ').sort()).toEqual([...VERDICTS].sort())
})

test('the words of fail-on are those of the code', () => {
  expect(action.inputs['fail-on']?.description).toContain(`a list of ${FORGIVABLE.join(', ')}.`)
})

test('the states of a task are the same in action.yml, README, report schema and code, and the last is never forgotten', () => {
  const progress = read('README.md').match(/^\| `progress` \|.*$/m)?.[0] ?? ''
  for (const state of SCAN_STATES) {
    expect(action.outputs.progress?.description).toMatch(new RegExp(`\\b${state}\\b`))
    expect(progress).toContain(`\`${state}\``)
  }
  const enums = [...read('docs/report.schema.json').matchAll(/"enum": (\[[^\]]*"Processing"[^\]]*\])/g)]
  expect(enums.map(([, list = '']) => JSON.parse(list))).toEqual([[...SCAN_STATES, null]])
})

test('the RAM actions of the README are those of the code', () => {
  const center = new SecurityCenter({ call: never, callFresh: never })
  const [, section = ''] = read('README.md').split('\n## Permissions\n')
  const table = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => /^\| .*yundun-sas/.test(line))
  const written = table.map((line) => [...line.matchAll(/yundun-sas:\w+/g)].map(([action]) => action))
  expect(written).toEqual(FEATURES.map((feature) => center.ramActions([feature])))
})

test('it runs on node24, from the bundle', () => {
  expect(action.runs).toEqual({ using: 'node24', main: 'dist/index.js' })
})

/**
 * What GitHub asks of a listing. Sources: its pages "Publishing actions in GitHub Marketplace" and "Metadata syntax for
 * GitHub Actions"; icons and colours as its own parser knows them, which the page lists one by one.
 */
describe('the listing in the Marketplace', () => {
  const { definitions } = JSON.parse(read('node_modules/@actions/workflow-parser/dist/action-v1.0.min.json')) as {
    readonly definitions: Readonly<Record<string, { readonly 'allowed-values'?: readonly string[] }>>
  }
  const allowed = (what: string) => definitions[`branding-${what}`]?.['allowed-values'] ?? []

  test('has an icon and a colour that GitHub has', () => {
    expect(allowed('icon').length).toBeGreaterThan(200)
    expect(Object.keys(action.branding)).toEqual(['icon', 'color'])
    expect(allowed('icon')).toContain(action.branding.icon)
    expect(allowed('color')).toContain(action.branding.color)
  })

  test('has a description that is shown whole: longer ones are cut, and GitHub warns of them', () => {
    expect(action.description.trim().length).toBeLessThan(125)
  })

  test('has a name that could be nobody else’s: no category, no feature of GitHub, no account', () => {
    expect(action.name).toContain('Alibaba Cloud Security Center')
    // A name that is several words with capitals is no account; GitHub's own name belongs to GitHub.
    expect(action.name).toMatch(/^(?!.*github)[A-Z][A-Za-z ]{10,60}$/i)
  })

  test('has the files that it is made of: one action at the root, and a README', () => {
    expect(readdirSync(root).filter((file) => /^action\.ya?ml$/.test(file))).toEqual(['action.yml'])
    expect(existsSync(path.join(root, 'README.md'))).toBe(true)
  })
})

describe('the rehearsal', () => {
  const rehearsal: typeof action = parse(read('src/emulator/action.yml'))

  test('has the inputs and defaults of the code, in the same order', () => {
    const declared = Object.entries(rehearsal.inputs).map(([name, input]) => [name, input.default])
    expect(declared).toEqual(Object.entries(REHEARSAL_DEFAULTS))
  })

  test('names every scenario', () => {
    expect(rehearsal.inputs.scenario?.description).toMatch(new RegExp(`One of ${Object.keys(PLOTS).join(',\\s')}\\.$`))
  })

  test('describes every input and output', () => {
    for (const { description } of [...Object.values(rehearsal.inputs), ...Object.values(rehearsal.outputs)])
      expect(description).toMatch(/^.{10,}\.$/s)
  })

  // The runner joins the folder of action.yml and these, and looks whether there is a file.
  test('runs from the bundle, and ends with the job, whatever became of it', () => {
    const bundle = '../../dist/emulator/index.js'
    expect(rehearsal.runs).toEqual({ using: 'node24', main: bundle, post: bundle, 'post-if': 'always()' })
    expect(existsSync(path.join(root, 'src/emulator', bundle))).toBe(true)
  })

  test('gives what the gate takes by the same names', () => {
    const given = Object.keys(rehearsal.outputs)
    expect(given.filter((name) => !(name in action.inputs))).toEqual([])
  })
})
