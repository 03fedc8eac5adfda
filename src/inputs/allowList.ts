import {
  ACCEPTABLE_GAPS,
  type AllowEntry,
  type AllowList,
  dayNumber,
  daysBetween,
  LONGEST_ACCEPTANCE_DAYS,
} from '../domain/allowList.ts'
import type { WorkflowRun } from '../domain/workflowRun.ts'
import type { Refuse } from './reading.ts'

/** A YAML document as plain nodes that know their line, from 1. */
export type YamlNode =
  | { readonly kind: 'scalar'; readonly value: string | number | boolean | null; readonly line: number }
  | { readonly kind: 'map'; readonly entries: readonly YamlEntry[]; readonly line: number }
  | { readonly kind: 'list'; readonly items: readonly YamlNode[]; readonly line: number }
export interface YamlEntry {
  readonly key: string
  readonly line: number
  readonly value: YamlNode
}

/** What is wrong with the file, and where. */
export interface LineProblem {
  readonly line: number
  /** The part of the line that it is about, as it stands there. */
  readonly about?: string
  /** The rest of a sentence that starts with the line, or with that part. */
  readonly text: string
}

export type AllowListReading =
  | { readonly entries: readonly AllowEntry[] }
  | { readonly problems: readonly LineProblem[] }

type RefuseLine = (line: number, text: string, about?: string) => void

const KEYS = ['alert', 'uncovered', 'server', 'reason', 'until'] as const
type Key = (typeof KEYS)[number]
type Fields = Partial<Record<Key, { readonly text: string; readonly line: number }>>

/** A small text, or the rest of a sentence that says why it cannot be read. */
type TextReading = { readonly text: string; readonly sha256: string } | { readonly problem: string }

/** Where allow-lists come from. */
export interface AllowListSources {
  /** The day of the run, UTC, `2026-11-24`. */
  readonly today: string
  readonly readText: (path: string) => TextReading
  /** The same at the commit that a change is to be merged into; absent without a token, or where there is no change. */
  readonly baseText?: TextReading & { readonly isAbsent?: true }
  readonly readYaml: (
    text: string,
  ) => { readonly node: YamlNode | undefined } | { readonly problems: readonly LineProblem[] }
}

/** How many problems of one file are named before the rest is counted. */
const MOST_LINE_PROBLEMS = 10

const NO_TOKEN =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of workflows, not of this language
  'is read from the base commit where a run is for a pull request or a merge queue, so that no change accepts what it is held up for: give github-token: ${{ github.token }}, and the job permissions: contents: read'

/**
 * The allow-list that is in force. Where a run is for a change, that is the one which the change finds, and what the
 * change adds to it is pending: nobody unblocks themselves in the change that is blocked.
 */
export function readAllowListFile(
  path: string,
  sources: AllowListSources,
  change: WorkflowRun['change'],
  refuse: Refuse,
): AllowList | undefined {
  const { readText, baseText } = sources
  const here = readText(path)
  if (change === undefined) {
    if ('problem' in here) return void refuse('allow-list', path, here.problem)
    const entries = entriesOf(here.text, path, sources, refuse)
    return entries && { path, sha256: here.sha256, entries }
  }
  if (baseText === undefined) return void refuse('allow-list', path, NO_TOKEN)
  if ('problem' in baseText) return void refuse('allow-list', path, baseText.problem)
  if (baseText.isAbsent && 'problem' in here)
    return void refuse(
      'allow-list',
      path,
      `is not in the base commit ${change.baseSha.slice(0, 7)}, and ${here.problem}`,
    )
  const at = `${path} at the base commit ${change.baseSha.slice(0, 7)}`
  const entries = entriesOf(baseText.text, at, sources, refuse)
  // Without a checkout there is nothing to compare with. What is there must be good: it would stop every run later.
  const proposed = 'problem' in here ? [] : entriesOf(here.text, path, sources, refuse)
  if (entries === undefined || proposed === undefined) return undefined
  const known = new Set(entries.map(contentOf))
  const pending = proposed.filter((entry) => !known.has(contentOf(entry)))
  return { path, sha256: baseText.sha256, entries, base: { commit: change.baseSha, pending } }
}

/** `name` is what the problems are said to be in. */
function entriesOf(
  text: string,
  name: string,
  { readYaml, today }: AllowListSources,
  refuse: Refuse,
): readonly AllowEntry[] | undefined {
  const yaml = readYaml(text)
  const reading = 'problems' in yaml ? yaml : readAllowList(yaml.node, today)
  if ('entries' in reading) return reading.entries
  for (const { line, about, text: problem } of reading.problems.slice(0, MOST_LINE_PROBLEMS)) {
    refuse('allow-list', [`${name} line ${line}`, ...(about === undefined ? [] : [about])].join(', '), problem)
  }
  const more = reading.problems.length - MOST_LINE_PROBLEMS
  if (more > 0) refuse('allow-list', name, `has at least ${more} more`)
  return undefined
}

/** Two entries with the same content are the same, wherever they stand. */
function contentOf({ line: _, ...content }: AllowEntry): string {
  return JSON.stringify(content)
}

/** The entries of an allow-list, or every problem with it. `today` is a day, UTC, `2026-11-24`. An empty file is an empty list. */
export function readAllowList(document: YamlNode | undefined, today: string): AllowListReading {
  if (document === undefined || (document.kind === 'scalar' && document.value === null)) return { entries: [] }
  if (document.kind !== 'list') {
    return { problems: [{ line: document.line, text: 'does not begin a list: each entry starts with "- "' }] }
  }
  const problems: LineProblem[] = []
  const entries = document.items.flatMap((item) => readEntry(item, today, problems) ?? [])
  const seen = new Map<string, number>()
  for (const entry of entries) {
    const { line, reason: _, until: __, ...subject } = entry
    const key = JSON.stringify(subject)
    const first = seen.get(key)
    if (first === undefined) seen.set(key, line)
    else problems.push({ line, text: `accepts the same as the entry in line ${first}: keep one of them` })
  }
  return problems.length === 0 ? { entries } : { problems: problems.sort((a, b) => a.line - b.line) }
}

function readEntry(item: YamlNode, today: string, problems: LineProblem[]): AllowEntry | undefined {
  const { line } = item
  if (item.kind !== 'map') {
    problems.push({ line, text: 'has no keys: an entry needs alert or uncovered, and reason and until' })
    return undefined
  }
  const before = problems.length
  const refuse: RefuseLine = (at, text, about) =>
    problems.push({ line: at, text, ...(about === undefined ? {} : { about }) })
  const fields = readFields(item.entries, refuse)
  const { alert, uncovered, server, reason, until } = fields

  if (alert !== undefined && uncovered !== undefined) {
    refuse(uncovered.line, 'has both alert and uncovered: make two entries of it')
  } else if (alert === undefined && uncovered === undefined) {
    if (!hasKey(item.entries, 'alert', 'uncovered'))
      refuse(line, 'has neither alert nor uncovered: say what is accepted')
  } else if (
    alert !== undefined &&
    server === undefined &&
    !hasKey(item.entries, 'server') &&
    /^\*+$/.test(alert.text)
  ) {
    refuse(alert.line, 'accepts every alert of every server: name the alert, or the server')
  } else if (uncovered !== undefined) {
    if (!ACCEPTABLE_GAPS.some((known) => known === uncovered.text)) {
      refuse(uncovered.line, `is not one of ${ACCEPTABLE_GAPS.join(', ')}`, `uncovered: ${uncovered.text}`)
    }
    if (!hasKey(item.entries, 'server')) {
      refuse(line, 'has no server: say which one may be uncovered, by uuid or name (* stands for any characters)')
    }
  }
  if (!hasKey(item.entries, 'reason')) refuse(line, 'has no reason: say why this is accepted')
  if (!hasKey(item.entries, 'until')) {
    refuse(line, 'has no until: give the last day on which it is accepted, such as 2026-12-31')
  }
  if (until !== undefined) checkDay(until, today, refuse)
  if (problems.length > before || reason === undefined || until === undefined) return undefined

  const rest = { line, reason: reason.text, until: until.text }
  if (alert !== undefined) {
    return { ...rest, kind: 'alert', alert: alert.text, ...(server === undefined ? {} : { server: server.text }) }
  }
  const gap = ACCEPTABLE_GAPS.find((known) => known === uncovered?.text)
  return gap === undefined || server === undefined
    ? undefined
    : { ...rest, kind: 'uncovered', uncovered: gap, server: server.text }
}

function hasKey(entries: readonly YamlEntry[], ...keys: readonly Key[]): boolean {
  return entries.some((entry) => keys.some((key) => key === entry.key))
}

/** The texts of the known keys; a problem for each unknown key and each value that is no text. */
function readFields(entries: readonly YamlEntry[], refuse: RefuseLine): Fields {
  const fields: Fields = {}
  for (const { key, line, value } of entries) {
    const known = KEYS.find((name) => name === key)
    if (known === undefined) refuse(line, `is not a key of an entry: the keys are ${KEYS.join(', ')}`, key)
    else if (value.kind !== 'scalar' || value.value === null || String(value.value).trim() === '') {
      refuse(line, 'has no text: give it on the same line', known)
    } else fields[known] = { text: String(value.value).trim(), line }
  }
  return fields
}

function checkDay(until: { readonly text: string; readonly line: number }, today: string, refuse: RefuseLine): void {
  if (Number.isNaN(dayNumber(until.text))) {
    refuse(until.line, 'is not a day of the calendar: write it as 2026-12-31', `until: ${until.text}`)
  } else if (daysBetween(today, until.text) > LONGEST_ACCEPTANCE_DAYS) {
    refuse(
      until.line,
      `is more than ${LONGEST_ACCEPTANCE_DAYS} days ahead: nothing is accepted for longer`,
      `until: ${until.text}`,
    )
  }
}
