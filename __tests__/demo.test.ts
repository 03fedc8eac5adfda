import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { SCENARIOS } from '../src/emulator/scenarios.ts'

const DEMO = path.resolve(__dirname, '../dist/demo/index.js')

function demo(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [DEMO, ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

test('without a name it plays passed: inputs, log, outputs, summary', () => {
  const { status, stdout, stderr } = demo()
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const headings = [...stdout.matchAll(/^--- (\w+)/gm)].map(([, word]) => word)
  expect(headings).toEqual(['Scenario', 'Log', 'Outputs', 'Job', 'Exit'])
  expect(stdout).toContain('  verdict: passed')
  expect(stdout).not.toMatch(/^::/m)
})

// The big fleet takes minutes; the tests of the bundle play it.
const LEFT_OUT = ['big-fleet']

test.each(Object.entries(SCENARIOS).filter(([name]) => !LEFT_OUT.includes(name)))(
  '%s exits as the action did, and shows no secret',
  (name, { verdict }) => {
    const { status, stdout, stderr } = demo(name, '--debug')
    expect(status).toBe(['passed', 'started'].includes(verdict) ? 0 : 1)
    expect(stderr).toBe('')
    expect(stdout).toContain(`  verdict: ${verdict}\n`)
    expect(stdout).not.toMatch(
      /emulated-(?:access|security|github|key|secret|request)|emulated\/session|not-the-emulated/,
    )
  },
)

test('--list lists them', () => {
  const { status, stdout } = demo('--list')
  expect(status).toBe(0)
  for (const [name, { about }] of Object.entries(SCENARIOS))
    expect(stdout).toMatch(new RegExp(`^  ${name} .*${about}$`, 'm'))
})

test('an unknown name is an error that names the known ones', () => {
  const { status, stdout } = demo('pased')
  expect(status).toBe(2)
  expect(stdout).toMatch(/no scenario "pased".*passed, failed/)
})
