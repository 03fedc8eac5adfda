import { readWorkflowRun } from '../../src/inputs/workflowRun.ts'
import { type InputWorld, parseInputs } from '../../src/inputs.ts'
import { inputsIn, inputWorld, problemsIn } from '../support/inputWorld.ts'

/** The allow-list of a run for a change: what is in force is what the change finds, not what it brings. */

const entry = (alert: string, until = '2026-12-31') => `- alert: ${alert}\n  reason: known\n  until: ${until}\n`
const BASE = entry('Backdoor')
const sha256 = 'f'.repeat(64)

const run = () =>
  readWorkflowRun({ GITHUB_EVENT_NAME: 'pull_request' }, { pull_request: { base: { sha: 'b'.repeat(40) } } })

function read(workspace: string | undefined, baseText?: InputWorld['baseText'], world: Partial<InputWorld> = { run }) {
  const env = {
    'INPUT_TASK-ID': '7',
    'INPUT_ACCESS-KEY-ID': 'LTAI-id',
    'INPUT_ACCESS-KEY-SECRET': 'key-secret',
    'INPUT_SEVERITY-CUTOFF': 'serious',
    'INPUT_ALLOW-LIST': 'allow.yml',
  }
  const files: Record<string, string> = workspace === undefined ? {} : { 'allow.yml': workspace }
  return parseInputs(env, inputWorld(files, { ...world, ...(baseText === undefined ? {} : { baseText }) }))
}

const gateOf = (...given: Parameters<typeof read>) => inputsIn(read(...given)).gate
const problemsOf = (...given: Parameters<typeof read>) => problemsIn(read(...given))

const alertsIn = (entries: readonly object[] | undefined) =>
  entries?.map((one) => ('alert' in one ? one.alert : undefined))

test('what the change adds is pending, and accepts nothing', () => {
  const gate = gateOf(BASE + entry('Trojan'), { text: BASE, sha256 })
  expect(alertsIn(gate?.entries)).toEqual(['Backdoor'])
  expect(alertsIn(gate?.pending)).toEqual(['Trojan'])
  expect(gate?.allowList).toMatchObject({ path: 'allow.yml', sha256, base: { commit: 'b'.repeat(40) } })
})

test('what the change takes out is in force until it is merged', () => {
  const gate = gateOf('', { text: BASE, sha256 })
  expect([alertsIn(gate?.entries), gate?.pending]).toEqual([['Backdoor'], []])
})

test('an entry that is moved is the same; one that is made to last longer is pending', () => {
  expect(gateOf(`# moved\n\n${BASE}`, { text: BASE, sha256 })?.pending).toEqual([])
  const gate = gateOf(entry('Backdoor', '2027-06-30'), { text: BASE, sha256 })
  expect(gate?.entries).toMatchObject([{ until: '2026-12-31' }])
  expect(gate?.pending).toMatchObject([{ until: '2027-06-30' }])
  const reworded = BASE.replace('known', 'see 4711')
  expect(gateOf(reworded, { text: BASE, sha256 })?.pending).toMatchObject([{ reason: 'see 4711' }])
})

test('a list that is new with the change accepts nothing yet', () => {
  const gate = gateOf(BASE, { text: '', sha256, isAbsent: true })
  expect([gate?.entries, alertsIn(gate?.pending)]).toEqual([[], ['Backdoor']])
})

test('without a checkout nothing is pending', () => {
  expect(gateOf(undefined, { text: BASE, sha256 })?.pending).toEqual([])
})

test('without a token it is refused: the workspace is never a way round', () => {
  expect(problemsOf(BASE)).toEqual([
    expect.stringMatching(/^allow-list: allow\.yml is read from the base commit .*github-token.*contents: read$/),
  ])
})

test.each([
  ['GitHub says no', BASE, { problem: 'cannot be read: no' }, ['allow-list: allow.yml cannot be read: no']],
  [
    'a path that leads nowhere',
    undefined,
    { text: '', sha256, isAbsent: true } as const,
    ['allow-list: allow.yml is not in the base commit bbbbbbb, and does not exist in the workspace'],
  ],
  [
    'a bad list at the base',
    BASE,
    { text: '- alert: x\n', sha256 },
    [
      'allow-list: allow.yml at the base commit bbbbbbb line 1 has no reason: say why this is accepted',
      'allow-list: allow.yml at the base commit bbbbbbb line 1 has no until: give the last day on which it is accepted, such as 2026-12-31',
    ],
  ],
  [
    'a bad list in the change, which would stop every run once it is merged',
    'nonsense',
    { text: BASE, sha256 },
    ['allow-list: allow.yml line 1 does not begin a list: each entry starts with "- "'],
  ],
])('%s is refused', (_, workspace, baseText, problems) => {
  expect(problemsOf(workspace, baseText)).toEqual(problems)
})

test('where the run is for no change, the workspace is what counts', () => {
  const gate = gateOf(BASE, undefined, {})
  expect(alertsIn(gate?.entries)).toEqual(['Backdoor'])
  expect(gate).not.toHaveProperty('pending')
})
