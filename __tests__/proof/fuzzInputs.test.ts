import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { Files } from '../../src/adapters/files.ts'
import { readEndpoint } from '../../src/domain/endpoint.ts'
import type { Environment } from '../../src/inputs/reading.ts'
import { readWorkflowRun } from '../../src/inputs/workflowRun.ts'
import { parseInputs } from '../../src/inputs.ts'
import { inputWorld } from '../support/inputWorld.ts'
import { cases, figure } from '../support/proof.ts'
import { endpointText } from './fuzz/endpoints.ts'
import { inputs, NAMES, SECRETS, VARIABLES } from './fuzz/environments.ts'
import { hostileText } from './fuzz/hostileText.ts'
import { leadsTo, wrongIn } from './fuzz/inputOracle.ts'

/** Whatever the environment, the endpoint or a path says: it is refused, or it is what the README allows. */

let tried = 0
afterAll(() => figure('fuzzed inputs', 'environments, endpoints and paths', tried))

const ENTRY = "- alert: 'Trojan'\n  reason: r\n  until: 2026-12-31\n"
const world = inputWorld({ 'accepted.yml': ENTRY, '.github/list.yml': ENTRY, '../x': ENTRY })
const run = () => readWorkflowRun({ GITHUB_REPOSITORY: 'example/app', GITHUB_SHA: '1'.repeat(40) }, {})

test('inputs are refused with a problem that names one and tells no secret, or they are what is allowed', () => {
  const known: readonly string[] = [...NAMES, ...VARIABLES]
  let good = 0
  fc.assert(
    fc.property(inputs, (env) => {
      tried += 1
      const reading = parseInputs(env, { ...world, run })
      if (reading.kind === 'ok') {
        good += 1
        return expect(wrongIn(reading.inputs)).toEqual([])
      }
      expect(reading.problems).not.toEqual([])
      for (const { name, value = '', text } of reading.problems) {
        expect([...known, ...undeclaredIn(env)]).toContain(name)
        const told = `${value} ${text}`.toLowerCase()
        for (const one of secretsGiven(env))
          for (const part of [one, ...one.split(',')]) expect(told).not.toContain(part.toLowerCase())
      }
    }),
    cases(4_000),
  )
  expect(good).toBeGreaterThan(tried / 30)
})

function undeclaredIn(env: Environment): readonly string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('INPUT_'))
    .map((name) => name.slice('INPUT_'.length).toLowerCase())
}

/** Only what was given as one is known to be one. */
function secretsGiven(env: Environment): readonly string[] {
  return Object.entries(SECRETS).flatMap(([name, one]) =>
    env[`INPUT_${name.toUpperCase()}`]?.trim() === one ? one : [],
  )
}

test('no endpoint leads outside .aliyuncs.com, or in a rehearsal outside of this machine', () => {
  let good = 0
  fc.assert(
    fc.property(endpointText, fc.boolean(), (text, rehearsal) => {
      tried += 1
      const reading = readEndpoint(text, 'cn-shanghai', rehearsal)
      if ('problem' in reading) return
      good += 1
      const { url, host } = reading.endpoint
      expect(leadsTo(url, rehearsal)).toBe(true)
      // What is shown is where it goes, and what was asked for.
      expect(new URL(url).host).toBe(new URL(`${url.split(':')[0]}://${host}`).host)
      const asked = new URL(/^https?:\/\//i.test(text) ? text : `${rehearsal ? 'http' : 'https'}://${text}`)
      expect(new URL(url).host).toBe(asked.host)
      expect([asked.username, asked.password, asked.search, asked.hash]).toEqual(['', '', '', ''])
    }),
    cases(30_000),
  )
  expect(good).toBeGreaterThan(100)
})

describe('paths', () => {
  /** A workspace, a folder for temporary files, and a neighbour; symbolic links lead everywhere. */
  let house: string
  let files: Files
  const at = (...names: string[]) => path.join(house, ...names)
  beforeEach(() => {
    house = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'fuzz-')))
    for (const name of ['workspace/.git/hooks', 'workspace/.github/workflows', 'workspace/sub', 'temp', 'neighbour'])
      fs.mkdirSync(at(name), { recursive: true })
    for (const place of ['workspace/.git', 'workspace/.github', 'neighbour'])
      fs.writeFileSync(at(place, 'kept'), 'not yours')
    const links = {
      out: '../neighbour',
      up: '..',
      git: '.git',
      loop: 'loop',
      nowhere: '../neighbour/new',
      file: '../neighbour/kept',
      temp: '../temp',
      abs: at('neighbour'),
    }
    for (const [name, target] of Object.entries(links)) fs.symlinkSync(target, at('workspace', name))
    files = new Files({ workspace: at('workspace'), temp: at('temp') })
  })
  afterEach(() => fs.rmSync(house, { recursive: true, force: true }))

  const component = fc.oneof(
    fc.constantFrom(
      '..',
      '.',
      '',
      'sub',
      'new',
      'a.json',
      'kept',
      'out',
      'up',
      'git',
      'loop',
      'nowhere',
      'file',
      'temp',
      'abs',
    ),
    fc.constantFrom(
      '.git',
      '.GIT',
      '.Git ',
      '.git.',
      '.github',
      '.GitHub',
      'hooks',
      'git~1',
      '.g\u200cit',
      '.git::$INDEX_ALLOCATION',
      'workflows',
      '.git\\hooks',
      '..\\..',
      'a\0b',
      '%2e%2e',
      '~',
      '$HOME',
      '-',
      'workspace',
      'neighbour',
    ),
    hostileText.map((text) => text.toWellFormed().slice(0, 40)),
  )
  const place = fc
    .tuple(
      fc.constantFrom('', '', '', './', '/', 'workspace:', 'temp:', 'neighbour:', 'house:'),
      fc.array(component, { minLength: 1, maxLength: 5 }),
      fc.constantFrom('/', '/', '/', '\\', '//'),
    )
    .map(([root, parts, separator]) => ({ root, rest: parts.join(separator) }))
  const spelt = ({ root, rest }: { readonly root: string; readonly rest: string }) =>
    root.endsWith(':') ? at(root === 'house:' ? '' : root.slice(0, -1), '/') + rest : `${root}${rest}`

  /** Everything that a run must leave alone, with what it holds. */
  const untouched = () =>
    ['workspace/.git', 'workspace/.github', 'neighbour', '.']
      .flatMap((folder) =>
        fs.readdirSync(at(folder), { recursive: folder !== '.', encoding: 'utf8' }).map((name) => `${folder}/${name}`),
      )
      .concat(fs.readFileSync(at('neighbour/kept'), 'utf8'), fs.readFileSync(at('workspace/.git/kept'), 'utf8'))

  const isInside = (real: string) => [at('workspace'), at('temp')].some((root) => real.startsWith(`${root}${path.sep}`))

  test('nothing is written or read outside the workspace and RUNNER_TEMP, nor written into .git and .github', () => {
    const before = untouched()
    let written = 0
    fc.assert(
      fc.property(place, (one) => {
        tried += 1
        const file = spelt(one)
        const refusal = files.refusal(file)
        const problem = files.write(file, 'written')
        if (refusal !== undefined) expect(problem).toBe(refusal)
        if (problem === undefined) {
          written += 1
          const real = fs.realpathSync(path.resolve(at('workspace'), file))
          expect(isInside(real)).toBe(true)
          expect(real.slice(house.length).toLowerCase()).not.toMatch(/\/\.git(?:hub)?[. ]*(?:\/|$)/)
          expect(fs.readFileSync(real, 'utf8')).toBe('written')
          fs.rmSync(real)
        }
        expect(untouched()).toEqual(before)
        const reading = files.readText(file)
        if ('text' in reading) expect(isInside(fs.realpathSync(path.resolve(at('workspace'), file)))).toBe(true)
        for (const text of [refusal, problem, 'problem' in reading ? reading.problem : undefined])
          expect(text ?? 'a b').toMatch(/^[a-z][\x20-\x7e]+$/)
      }),
      cases(1_200),
    )
    expect(written).toBeGreaterThan(50)
  })
})
