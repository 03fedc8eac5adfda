import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { isProse, messagesIn, textsOf } from '../.ci/messages.ts'
import { isShown, messagesPage, NOT_SHOWN } from '../.ci/messagesPage.ts'
import { classify, classifyLogin } from '../src/adapters/errorCodes.ts'
import { networkFailure } from '../src/adapters/networkErrors.ts'
import { INPUT_DEFAULTS } from '../src/inputs/declared.ts'
import { endingOf } from '../src/view/ending.ts'
import { issueTexts } from '../src/view/issueText.ts'
import { codeIn, tablesOf } from './support/markdown.ts'
import { STORIES } from './support/summaryStories.ts'

/** The page of messages is made from the sources. Here: that it has them all, and that what people look up is on it. */

const root = path.dirname(__dirname)
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const all = messagesIn(root)
const texts = all.filter(isShown).map(({ text }) => text)

describe('the texts of a source', () => {
  // `#` for `$`: a string with `${` in it looks like a mistake.
  test.each([
    ['a text', "own('nothing was started')", ['nothing was started']],
    ['a value', 'say`last seen #{task.state}`', ['last seen {state}']],
    [
      'a call',
      'say`#{failureText(it)} (the request is not accepted)`',
      ['{failure text} (the request is not accepted)'],
    ],
    ['a list', "say`the inputs are #{names.map(show).join(', ')}`", ['the inputs are {names}']],
    ['a count', "say`no alert on #{counted(n, 'server')}`", ['no alert on {number} servers']],
    ['one of two', "say`the clock is #{own(a ? 'ahead of' : 'behind')} it`", ['the clock is (ahead of | behind) it']],
    ['what may be left out', "say`is started#{a ? own(' (accepted)') : own('')}`", ['is started[ (accepted)]']],
    ['a text in the value of another', "say`for #{many ? show(own('so many of them')) : one}`", ['so many of them']],
    ['a text somewhere in a table', "const WORDS = { offline: 'is offline' }", ['is offline']],
    ['what is no text', "import 'not a text'; const a: 'not a text' = b; if (a === 'not a text') c()", []],
    ['names of keys', "const a = { 'not a text': 1 }; switch (b) { case 'not a text': }", []],
    ['one word', "own('accepted')", []],
  ])('%s', (_, code, expected) => {
    // A value is a word of a text, but a text of its own only with others.
    expect(textsOf(code.replaceAll('#{', '$'.concat('{'))).filter((text) => !text.startsWith('for '))).toEqual(expected)
  })

  test.each([
    ['two words', true],
    ['{task} failed', true],
    ['{task} {state}', false],
    ['{task}-failed', false],
    ['https://{host}', false],
    ['10 s', false],
  ])('%s: %p', (text, expected) => {
    expect(isProse(text)).toBe(expected)
  })
})

describe('docs/messages.md', () => {
  test('is what it is made from', () => {
    expect(read('docs/messages.md')).toBe(messagesPage(root))
  })

  test('leaves out nothing but what is said to be shown to nobody, all of which is there', () => {
    const reasons = Object.entries(NOT_SHOWN).flatMap(([file, patterns]) =>
      patterns.map((pattern) => ({ file, pattern })),
    )
    const idle = reasons.filter(({ file, pattern }) => !all.some((one) => one.file === file && pattern.test(one.text)))
    expect(idle).toEqual([])
    expect(all.length - texts.length).toBeLessThan(25)
  })
})

/** Words that stand for themselves, whole: `scan` is not in `scans`, but of what is counted there may be one. */
function whole(words: string): RegExp {
  const quoted = words.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/s(?![A-Za-z])/g, 's?')
  return new RegExp(`(?<![A-Za-z0-9])${quoted}(?![A-Za-z])`, 'g')
}

/** Texts as the pieces of them that never change, the longest first. */
const pieces = [...new Set(texts.flatMap((text) => text.split(/\{[^}]*\}|[[\]|()]/)))]
  .map((piece) => piece.trim().replace(/^[,:;.#-]+ /, ''))
  .filter((piece) => /[A-Za-z]/.test(piece))
  .sort((a, b) => b.length - a.length)
  .map(whole)

/** What is left of a line when all that is on the page is taken out of it, and what others say. */
function unlisted(line: string, foreign: readonly string[]): string {
  const longestFirst = [...foreign].sort((a, b) => b.length - a.length)
  // Others may say words that are ours too: their sentences go first, their single words last.
  const [sentences, words] = [true, false].map((isLong) => longestFirst.filter((text) => text.includes(' ') === isLong))
  const known = [...(sentences ?? []).map(whole), ...pieces, ...(words ?? []).map(whole)]
  return known.reduce((rest, one) => rest.replaceAll(one, '⋯'), line.replaceAll(/<[^>]*>/g, ' '))
}

const isText = (rest: string) => /[A-Za-z]{2,} [A-Za-z]{2,}/.test(rest)

describe('what runs really say is on the page', () => {
  test.each(Object.entries(STORIES))('%s', (_, outcome) => {
    const names: string[] = []
    // The `text` of a problem is one of ours.
    JSON.stringify(outcome, (key, value) => {
      if (typeof value === 'string' && value.length > 2 && key !== 'text') names.push(value)
      return value
    })
    const run = { url: 'https://github.com/o/r/actions/runs/1', runId: '1', workflow: 'w' }
    const issue = issueTexts(outcome, run as Parameters<typeof issueTexts>[1], 'Title')
    const lines = [...endingOf(outcome).lines.map(({ text }) => text), issue.news('findings'), issue.closing('not-run')]
    expect(lines.map((line) => unlisted(line, names)).filter(isText)).toEqual([])
  })

  /** What the cloud, GitHub and names say in these stories, line by line. */
  const emulator = path.join(root, 'src/emulator')
  const others = readdirSync(emulator)
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => textsOf(readFileSync(path.join(emulator, file), 'utf8')))
    .flatMap((text) => text.split(/\n|(?:alert|reason): |\{[^}]*\}/))
    .map((text) => text.trim())
    .filter((text) => text.includes(' '))

  test.each([
    ...['throttled', 'start-only', 'infected', 'expired', 'offline', 'pull-request', 'read-only-token'],
    ...['wrong-key', 'untrusted-branch'],
  ])('the log of the scenario %s', (scenario) => {
    const demo = path.join(root, 'dist/demo/index.js')
    const { stdout } = spawnSync(process.execPath, [demo, scenario, '--debug'], { encoding: 'utf8' })
    const [, log = ''] = /^--- Log.*\n([\s\S]*?)^--- Outputs/m.exec(stdout) ?? []
    const lines = log.split('\n').filter((line) => line !== '')
    expect(lines.length).toBeGreaterThan(2)
    const left = lines.map((line) => ({ line, rest: unlisted(line, others) }))
    expect(left.filter(({ rest }) => isText(rest))).toEqual([])
  })
})

describe.each(['README.md', 'README.zh-CN.md'])('what %s says that people see', (file) => {
  const table = tablesOf(read(file)).find(([, first]) => first?.[0] === '`task-id is empty`') ?? []
  const seen = table.slice(1).flatMap(([cell = '']) => codeIn(cell))

  test('is there to be looked at', () => {
    expect(seen.length).toBeGreaterThan(25)
  })

  test.each(seen)('%s', (words) => {
    const parts = words
      .split('…')
      .map((part) => part.trim())
      .filter((part) => part !== '')
    expect(parts.filter((part) => !isCode(part) && !isOfAText(part))).toEqual([])
  })
})

/** A code that the cloud, Node or this action may give, and that the action knows for what it is. */
function isCode(word: string): boolean {
  if (!/^[A-Z][A-Za-z]*(?:[._][A-Za-z]*)*$/.test(word)) return false
  const isOfNode = word.toUpperCase() === word && networkFailure({ code: word }, 'host') !== undefined
  const isOfCloud = [classify(word), classifyLogin(word)].some((cause) => cause !== 'unknown-code')
  return isOfNode || isOfCloud || OURS.includes(word)
}

/** The codes that stand in the sources as strings. */
const OURS = ['AccountNotAllowed', 'MetadataUnreachable', 'ProxyRefused', 'RequestTimeout'].filter((word) =>
  ['steps/logIn', 'adapters/ecs/role', 'adapters/proxy', 'adapters/rpc', 'adapters/idToken']
    .map((file) => read(`src/${file}.ts`))
    .some((source) => source.includes(`'${word}'`)),
)

/** Words that follow each other in a text of the page, a value for a word; an input's name may stand before. */
function isOfAText(part: string): boolean {
  const [first = '', ...rest] = part.split(' ')
  const words = first in INPUT_DEFAULTS && rest.length > 0 ? rest : [first, ...rest]
  return texts.some((text) => {
    const own = text.replaceAll(/\{[^}]*\}/g, '{}').split(/\s+/)
    return own.some((_, start) =>
      words.every((word, i) => own[start + i] === word || own[start + i] === '{}' || trimmed(own[start + i]) === word),
    )
  })
}

/** A word at the end of a sentence's part. */
const trimmed = (word = '') => word.replace(/[,:;.]$/, '')
