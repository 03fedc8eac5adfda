import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { refusal, success } from '../../src/emulator/answers.ts'
import { entryOf, linesOf, readConversation } from '../../src/emulator/conversation.ts'
import { STS_VERSION } from '../../src/emulator/sts.ts'

/** What the log of a rehearsal says, and what it does not. */

const told = (params: Readonly<Record<string, string>>, answer = refusal(404, 'No', 'no')) =>
  linesOf([entryOf(0, params, answer)]).join('\n')

const SECRETS = ['Signature', 'AccessKeyId', 'SecurityToken', 'OIDCToken', 'SignatureNonce']
const MISSPELT = ['signature', 'accesskeyid', 'Secret', 'AccessKeySecret', 'password']

test.each(SECRETS)('%s is not told', (name) => {
  expect(told({ Action: 'A', [name]: 'hush' })).toBe('00:00.0  A  ->  404 No')
})

test.each(MISSPELT)('%s is no name of a parameter, so that it is only counted', (name) => {
  expect(told({ Action: 'A', [name]: 'hush' })).toBe('00:00.0  A  and 1 parameter that no call knows  ->  404 No')
})

test('what calls know is told, and the others are counted together', () => {
  const line = told({ Action: 'A', hush: '1', TaskId: '4711', hash: '2' })
  expect(line).toBe('00:00.0  A  TaskId=4711  and 2 parameters that no call knows  ->  404 No')
})

test('what STS answers is not told', () => {
  const keys = success({ Credentials: 'hush' })
  expect(told({ Action: 'A', Version: STS_VERSION }, keys)).not.toContain('hush')
  expect(told({ Action: 'A' }, keys)).toContain('hush')
})

test('nothing makes a line long: no value, no name, no action, no answer', () => {
  const long = 'x'.repeat(100_000)
  for (const params of [{ Action: long }, { TaskId: long }, { [long]: long }])
    expect(told(params).length).toBeLessThan(400)
  expect(told({}, success({ Long: long })).length).toBeLessThan(400)
  expect(JSON.stringify(entryOf(0, { Action: long, [long]: long }, refusal(404, 'No', long))).length).toBeLessThan(500)
})

test.each(['##[error]one', '::error::one', '  ::error::one', 'a\n::error::one', 'a\u2028##[error]', '\u202eone'])(
  '%j is no command of the runner, wherever it stands',
  (text) => {
    for (const params of [{ Action: text }, { Action: 'A', TaskId: text }])
      expect(told(params)).not.toMatch(/##\[|^\s*::|\u202e|\u2028/m)
  },
)

describe('a file', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'conversation-'))
  const file = path.join(folder, 'conversation.jsonl')
  afterAll(() => rmSync(folder, { recursive: true }))
  const entry = entryOf(0, { Action: 'A' }, refusal(404, 'No', 'no'))
  const line = JSON.stringify(entry)

  test.each([
    ['that is whole', `${line}\n${line}\n`, 2, 0],
    ['whose last line was cut short', `${line}\n${line.slice(0, 9)}`, 1, 1],
    ['with half a line before others', `${line.slice(0, 9)}\n${line}\n`, 1, 1],
    ['with lines that are no entries', `0\nnull\n[]\n{}\n{"atMs":1}\n{"atMs":1,"action":2}\n${line}\n`, 1, 6],
    ['that is empty', '', 0, 0],
  ])('%s', (_, text, count, unreadable) => {
    writeFileSync(file, text)
    expect(readConversation(file)).toEqual({ entries: Array(count).fill(entry), unreadable })
  })

  test('that is not there', () => {
    expect(readConversation(path.join(folder, 'none'))).toEqual({ entries: [], unreadable: 0 })
  })
})
