import { readFileSync } from 'node:fs'
import path from 'node:path'
import { renderHtml } from './support/githubPage.ts'
import { anchorsOf, codeBlocks, codeIn, headingsOf, linksIn, prose, sectionsOf, tablesOf } from './support/markdown.ts'

/** The two READMEs say the same. */

const read = (file: string) => readFileSync(path.resolve(__dirname, '..', file), 'utf8')
const ENGLISH = 'README.md'
const CHINESE = 'README.zh-CN.md'
const [english, chinese] = [read(ENGLISH), read(CHINESE)]

describe('in English and in Chinese', () => {
  /** Without its comments, which are the only thing in a block that is translated. */
  const withoutComments = (code: string) => code.replaceAll(/(?:^|\s+)#.*$/gm, '')
  /** What a text has of the things that no language changes. */
  const facts = (text: string) => ({ code: codeIn(text).sort(), figures: (text.match(/\d+(?:\.\d+)*/g) ?? []).sort() })

  test('the headings have the same order and levels', () => {
    expect(headingsOf(chinese).map(({ level }) => level)).toEqual(headingsOf(english).map(({ level }) => level))
  })

  test('each leads to the other at its top', () => {
    expect(english.split('\n').slice(0, 4)).toContain(`English · [中文](${CHINESE})`)
    expect(chinese.split('\n').slice(0, 4)).toContain(`[English](${ENGLISH}) · 中文`)
  })

  test('the code blocks are the same apart from comments', () => {
    const of = (text: string) => codeBlocks(text).map(({ language, code }) => [language, withoutComments(code)])
    expect(of(chinese)).toEqual(of(english))
  })

  test('the tables have the same rows, with the same names, defaults and figures in each cell', () => {
    const of = (text: string) => tablesOf(text).map((rows) => rows.map((row) => row.map(facts)))
    expect(of(chinese)).toEqual(of(english))
  })

  // Prose may have them in another order, and more than once.
  test('each section has the same names, figures and links', () => {
    const of = (text: string, other: string) => {
      const anchors = anchorsOf(text).map((anchor) => `#${anchor}`)
      const place = (link: string) =>
        link === other ? 'the other' : anchors.includes(link) ? anchors.indexOf(link) : link
      return sectionsOf(text).map((section) => ({
        links: linksIn(section).map(place).map(String).sort(),
        code: [...new Set(codeIn(section))].sort(),
        figures: [...new Set(facts(section.replaceAll(/\]\([^)]*\)/g, ']')).figures)].sort(),
      }))
    }
    expect(of(chinese, ENGLISH)).toEqual(of(english, CHINESE))
  })

  // GitHub shows a line break as a blank, which Chinese has none of between its words.
  test('no Chinese paragraph is broken into lines', () => {
    const lines = prose(chinese).split('\n')
    const broken = lines.filter((line, i) => /^[^|#!\-\d]/.test(line) && /^[^|#!\-\d]/.test(lines[i + 1] ?? ''))
    expect(broken).toEqual([])
  })
})

test.each([ENGLISH, CHINESE])('%s: what is set bold comes out bold', (file) => {
  expect(renderHtml(read(file)).replaceAll(/<code>.*?<\/code>/gs, '')).not.toContain('**')
})

// Its picture comes after it.
test.each([ENGLISH, CHINESE])('%s: the quick start fits a screen', (file) => {
  const [, start = ''] = read(file).split(/^## .*\n/m)
  expect(start.split('\n').length).toBeLessThanOrEqual(60)
  expect(start).toContain('npm run demo')
})
