import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import type { Outcome } from '../../src/domain/outcome.ts'
import { type Marker, markerIn } from '../../src/domain/tracking.ts'
import { finalStatus } from '../../src/view/commitStatus.ts'
import { issueTexts } from '../../src/view/issueText.ts'
import { detailLines, type LogLine, Narrator, remedyLines } from '../../src/view/log.ts'
import { outputsOf } from '../../src/view/outputs.ts'
import { reportOf } from '../../src/view/report.ts'
import { summaryOf } from '../../src/view/summary.ts'
import { id } from '../support/builders.ts'
import { renderOutline } from '../support/githubPage.ts'
import { cases, figure } from '../support/proof.ts'
import { contextWith, eventsWith, gateWith, outcomesWith, runWith } from './fuzz/foreignEverywhere.ts'
import { cut, hostileName, hostileText, KNOWN, readBack, UNSEEN } from './fuzz/hostileText.ts'
import { commandIn, outputsIn, unescaped } from './fuzz/runnerFormats.ts'

/**
 * Foreign text at every place where it can stand. The same run is made twice, once with marks at these places: what the
 * hostile one shows must read back to what the marked one shows with the texts in place of the marks, and nothing else.
 */

/** Visible, in no text of the house, and no character of `reason`. */
const mark = (i: number) => `‹${i}›`
const MARK = /‹(\d+)›/g
/** What is left of one in `reason`. */
const MARK_IN_REASON = /_(\d+)_/g

/** Of names on pages and in `reason`, of names in the log, and of error codes. */
const [LONGEST, LONGEST_IN_LOG, LONGEST_CODE] = [120, 2_000, 100]

/** As many as no name stands twice where one of two would be dropped. */
const TEXTS = 23
const HARMLESS = /^[A-Za-z0-9 ._:,()/@-]*$/
/** A sentence that loses nothing in `reason` is not repeated in the log: each of these loses something. */
const lossy = hostileName.filter((text) => !KNOWN.test(text)).map((text) => (HARMLESS.test(text) ? `${text}™` : text))
const texts = fc.uniqueArray(lossy, { minLength: TEXTS, maxLength: TEXTS })

function inTurn(all: readonly string[]): () => string {
  let at = 0
  return () => all[at++ % all.length] ?? ''
}
const MARKS = Array.from({ length: TEXTS }, (_, i) => mark(i))

const reasonOf = (text: string, most: number) => cut(text, most).replace(/[^A-Za-z0-9 ._:,()/@-]+/g, '_')

/** A page as its elements, attributes and own texts, and beside it the texts that stand in `<code>`. */
function read(markdown: string): { readonly structure: string; readonly codes: readonly string[] } {
  const codes: string[] = []
  const lines = renderOutline(markdown).split('\n')
  const structure = lines.filter((line, i) => {
    const isInCode = lines[i - 1]?.trim() === '<code>' && line.trim().startsWith('"')
    if (isInCode) codes.push(JSON.parse(line.trim()))
    return !isInCode
  })
  return { structure: structure.join('\n'), codes }
}

const pagesOf = (outcome: Outcome, all: readonly string[]): readonly string[] => [
  summaryOf(outcome),
  ...issuePages(outcome, all),
]

const marker: Marker = { kind: 'findings', identity: '1'.repeat(32), facts: '2'.repeat(16), hasAlerts: true }

function issuePages(outcome: Outcome, all: readonly string[]): readonly string[] {
  const issue = issueTexts(outcome, runWith(inTurn(all)), 'Virus alerts')
  return [issue.body(marker), issue.news('findings'), issue.closing('findings')]
}

const linesOf = (outcome: Outcome): readonly LogLine[] => [...detailLines(outcome), ...remedyLines(outcome)]

function told(all: readonly string[]): readonly LogLine[] {
  const narrator = new Narrator([id('282832')], 15)
  return eventsWith(inTurn(all)).flatMap((event) => narrator.tell(event))
}

/** The texts in the places of their marks. */
function meant(marked: unknown, all: readonly string[], key = ''): unknown {
  if (typeof marked === 'string') {
    const whole = MARKS.indexOf(marked)
    const most = key === 'errorCode' ? LONGEST_CODE : LONGEST
    return whole >= 0 ? all[whole] : marked.replace(MARK_IN_REASON, (_, i) => reasonOf(all[i] ?? '', most))
  }
  if (Array.isArray(marked)) return marked.map((one) => meant(one, all))
  if (typeof marked !== 'object' || marked === null) return marked
  return Object.fromEntries(Object.entries(marked).map(([name, value]) => [name, meant(value, all, name)]))
}

const markedOutcomes = outcomesWith(inTurn(MARKS))
const markedPages = markedOutcomes.map((outcome) => pagesOf(outcome, MARKS).map(read))
const markedLines = [...markedOutcomes.flatMap(linesOf), ...told(MARKS)]
const markedReport = JSON.parse(reportOf(gateWith(inTurn(MARKS)), contextWith(inTurn(MARKS))))

let tried = 0
const trying = <T>(value: T): T => {
  tried += 1
  return value
}
afterAll(() => figure('fuzzed texts', 'runs with foreign text everywhere', tried))

test('the marks stand where foreign text stands, and on pages in <code> only', () => {
  const shown = new Set([...JSON.stringify([markedPages, markedLines]).matchAll(MARK)].map(([one]) => one))
  expect(shown.size).toBe(TEXTS)
  for (const { structure } of markedPages.flat()) expect(structure).not.toMatch(MARK)
})

test('on pages no element, attribute or text of ours changes, and every text reads back to itself', () => {
  fc.assert(
    fc.property(texts, (all) => {
      const outcomes = outcomesWith(inTurn(trying(all)))
      for (const [i, outcome] of outcomes.entries()) {
        for (const [j, page] of pagesOf(outcome, all).entries()) {
          const marked = markedPages[i]?.[j]
          const { structure, codes } = read(page)
          expect(structure).toBe(marked?.structure)
          expect(codes.map(readBack)).toEqual(
            marked?.codes.map((code) => code.replace(MARK, (_, n) => cut(all[n] ?? '', LONGEST))),
          )
          expect(page.replaceAll('\n', '')).not.toMatch(UNSEEN)
        }
      }
      expect(markerIn(issuePages(outcomes[0] as Outcome, all)[0] ?? '')).toEqual(marker)
    }),
    cases(50),
  )
})

test('a line of the log stays one line, is no command to the runner, and reads back to what was said', () => {
  fc.assert(
    fc.property(texts, (all) => {
      const lines = [...outcomesWith(inTurn(trying(all))).flatMap(linesOf), ...told(all)]
      expect(lines.map(({ level, text }) => ({ level, text: readBack(text) }))).toEqual(
        markedLines.map(({ level, text }) => ({
          level,
          text: text.replace(MARK, (_, n) => cut(all[n] ?? '', LONGEST_IN_LOG)),
        })),
      )
      for (const { text } of lines) {
        expect(text).not.toMatch(UNSEEN)
        expect(commandIn(text)).toBeUndefined()
      }
    }),
    cases(160),
  )
})

test('a reason is harmless, says what it says, and so is the description of a commit status', () => {
  const marked = markedOutcomes.map((outcome) => outputsOf(outcome).outputs.reason)
  fc.assert(
    fc.property(texts, (all) => {
      const outcomes = outcomesWith(inTurn(trying(all)))
      const reasons = outcomes.map((outcome) => outputsOf(outcome).outputs.reason)
      expect(reasons).toEqual(marked.map((reason) => meant(reason, all)))
      for (const text of [...reasons, ...outcomes.map((outcome) => finalStatus(outcome).description)])
        expect(text).toMatch(HARMLESS)
    }),
    cases(250),
  )
})

const LISTS = ['targets', 'tasks', 'alerts', 'uncovered'] as const

test('JSON outputs parse back to the same texts, whole elements of them', () => {
  fc.assert(
    fc.property(texts, (all) => {
      for (const [i, outcome] of outcomesWith(inTurn(trying(all))).entries()) {
        const [{ outputs }, { outputs: marked }] = [outputsOf(outcome), outputsOf(markedOutcomes[i] as Outcome)]
        for (const name of LISTS) {
          const read: unknown[] = JSON.parse(outputs[name])
          const whole = meant(JSON.parse(marked[name]), all) as unknown[]
          expect(read).toEqual(whole.slice(0, read.length))
          expect(outputs[name]).not.toMatch(UNSEEN)
          if (Math.max(...all.map((text) => text.length)) < 500) expect(read).toHaveLength(whole.length)
        }
        for (const name of ['error-code', 'verdict', 'progress', 'task-id'] as const)
          expect(outputs[name]).toMatch(HARMLESS)
      }
    }),
    cases(80),
  )
})

test('a report parses back to the same texts', () => {
  fc.assert(
    fc.property(texts, (all) => {
      const report = reportOf(gateWith(inTurn(trying(all))), contextWith(inTurn(all)))
      expect(JSON.parse(report)).toEqual(meant(markedReport, all))
      expect(report.replaceAll('\n', '')).not.toMatch(UNSEEN)
    }),
    cases(400),
  )
})

test('through the real writer: the file of outputs holds these and no others, and the log these lines', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'outputs-'))
  try {
    const runs = fc.sample(fc.tuple(texts, hostileText), cases(60)).map(([all, reportPath], i) => {
      // Only what looks like one gets as far as request-id; a path comes from the environment: neither has lone surrogates.
      const next = inTurn(trying(all).map((text) => text.toWellFormed()))
      const outcome = outcomesWith(next)[i % markedOutcomes.length] as Outcome
      const written = { path: reportPath.toWellFormed().replaceAll('\0', ''), digest: `sha256:${'a'.repeat(64)}` }
      return { outputs: outputsOf(outcome, written).outputs, lines: [...linesOf(outcome), ...told(all)] }
    })
    const child = spawnSync(process.execPath, [path.resolve('__tests__/proof/fuzz/writeOutputs.ts'), folder], {
      input: JSON.stringify(runs),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: { ...process.env, GITHUB_ACTIONS: 'true', RUNNER_DEBUG: '' },
    })
    expect({ status: child.status, stderr: child.stderr }).toEqual({ status: 0, stderr: '' })
    const printed = child.stdout.split('\n')
    for (const [i, { outputs, lines }] of runs.entries()) {
      expect(outputsIn(readFileSync(path.join(folder, String(i)), 'utf8'))).toEqual(Object.entries(outputs))
      for (const { level, text } of lines.filter((line) => line.level !== 'debug')) {
        const line = printed.shift() ?? ''
        expect(level === 'warning' ? unescaped(line) : line).toBe(level === 'warning' ? `::warning::${text}` : text)
      }
    }
    expect(printed).toEqual([''])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('what is read back, what the runner takes for a command, and what stands in a file of outputs', () => {
  expect(readBack('a⟨U+000A⟩⟨U+27E8⟩U+000A⟩')).toBe('a\n⟨U+000A⟩')
  expect([' ::error::x', '::debug::', 'a ##[error]b'].map(commandIn)).toEqual(['::error::x', '::debug::', '##[error]b'])
  expect(['a ::error::x', '#[x]', ':', ''].map(commandIn)).toEqual([undefined, undefined, undefined, undefined])
  expect(outputsIn('a<<E\n1\n\n2\nE\nb=3\n\nc<<E\nE\n')).toEqual([
    ['a', '1\n\n2'],
    ['b', '3'],
    ['c', ''],
  ])
  expect(() => outputsIn('a<<E\n1\n')).toThrow('has no end')
})
