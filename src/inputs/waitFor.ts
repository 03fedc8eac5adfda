import { isTaskId, type TaskId } from '../domain/scan.ts'
import { TARGET_WORDS, type TargetWord, type Wanted, type WantedLine } from '../domain/targets.ts'
import { type Given, type Refuse, wordsOf } from './reading.ts'

/** What to wait for: scans that run already, or what to start one of. */
export type WaitFor =
  | { readonly kind: 'tasks'; readonly ids: readonly TaskId[] }
  | { readonly kind: 'targets'; readonly wanted: Wanted; readonly wait: boolean }

const MOST_TASK_IDS = 100
const MOST_TARGETS = 1_000
/** How many bad words or lines of one input are named before the rest is counted. */
const MOST_NAMED = 5

/** Either input, not both. `taskIds` are those that could be read, whatever else is wrong. */
export function readWaitFor(
  given: Given,
  wait: boolean,
  refuse: Refuse,
): { readonly waitFor?: WaitFor; readonly taskIds: readonly TaskId[] } {
  const [ids, lines] = [given('task-id'), given('targets')]
  if (lines === '') {
    const taskIds = readTaskIds(ids, refuse)
    if (!wait && ids !== '')
      refuse('wait', 'false', 'has nothing to do with task-id: leave it out, or give targets to start a scan')
    return { waitFor: { kind: 'tasks', ids: taskIds }, taskIds }
  }
  const taskIds = ids === '' ? [] : readTaskIds(ids, refuse)
  if (ids !== '') {
    const text = 'is given beside task-id: give the scans to wait for, or the servers to scan, not both'
    refuse('targets', undefined, text)
  }
  const wanted = readTargets(lines, refuse)
  return wanted === undefined ? { taskIds } : { waitFor: { kind: 'targets', wanted, wait }, taskIds }
}

function readTaskIds(text: string, refuse: Refuse): readonly TaskId[] {
  if (text === '') {
    refuse(
      'task-id',
      undefined,
      'is empty: give the id that StartVirusScanTask returned, or targets to start a scan. If it comes from an earlier step, that step set no such output, or was skipped',
    )
    return []
  }
  const words = wordsOf(text)
  const bad = words.filter((word) => !isTaskId(word))
  for (const word of bad.slice(0, MOST_NAMED)) {
    refuse(
      'task-id',
      word,
      'is not a task id: that is a whole number from 1 to 9223372036854775807, in digits only and without leading zeros',
    )
  }
  if (bad.length > MOST_NAMED)
    refuse('task-id', undefined, `has ${bad.length - MOST_NAMED} more words that are not task ids`)
  if (words.length === 0) refuse('task-id', text, 'has no task id in it')
  if (words.length > MOST_TASK_IDS) {
    refuse(
      'task-id',
      undefined,
      `has ${words.length} ids, at most ${MOST_TASK_IDS} are allowed: split them over several steps`,
    )
  }
  return bad.length === 0 && words.length <= MOST_TASK_IDS ? words.filter(isTaskId) : []
}

/** The lines of `targets`, or `all` alone. What is named twice counts once. */
function readTargets(text: string, refuse: Refuse): Wanted | undefined {
  const lines = [...new Set(text.split(/\r?\n|\r/).map((line) => line.trim()))].filter((line) => line !== '')
  const isAll = (line: string) => line.toLowerCase() === 'all'
  if (lines.every(isAll)) return { kind: 'all' }
  let isGood = true
  const note: Refuse = (...problem) => {
    isGood = false
    refuse(...problem)
  }
  const all = lines.find(isAll)
  if (all !== undefined) note('targets', all, 'stands beside other lines: all means every server group, alone')
  const read = lines.filter((line) => !isAll(line)).map((line) => ({ line, reading: readLine(line) }))
  const bad = read.flatMap(({ line, reading }) => (typeof reading === 'string' ? { line, problem: reading } : []))
  for (const { line, problem } of bad.slice(0, MOST_NAMED)) note('targets', line, problem)
  if (bad.length > MOST_NAMED) {
    note('targets', undefined, `has ${bad.length - MOST_NAMED} more lines that are no targets`)
  }
  const good = read.flatMap(({ reading }) => (typeof reading === 'string' ? [] : reading))
  const distinct = [...new Map(good.map((target) => [`${target.word}:${target.name}`, target])).values()]
  if (distinct.length + bad.length > MOST_TARGETS) {
    note(
      'targets',
      undefined,
      `has ${distinct.length + bad.length} lines, at most ${MOST_TARGETS} are allowed: name a server group, or split them over several steps`,
    )
  }
  return isGood ? { kind: 'listed', lines: distinct } : undefined
}

const WHAT_A_LINE_IS =
  'each line is all, or uuid:, instance:, host:, group: or group-id: and what it names, such as host:web-01'

/** One line, or the rest of a sentence about it. */
function readLine(line: string): WantedLine | string {
  const [, spelt = '', rest = ''] = /^([^:]*):([\s\S]*)$/.exec(line) ?? []
  const word = TARGET_WORDS.find((known) => known === spelt.trim().toLowerCase())
  const name = rest.trim()
  if (word === undefined) return `is not a target: ${WHAT_A_LINE_IS}`
  if (name === '') return `names nothing after the colon: ${WHAT_A_LINE_IS}`
  const problem = problemOfName(word, name)
  return problem === undefined ? { word, name } : problem
}

function problemOfName(word: TargetWord, name: string): string | undefined {
  switch (word) {
    case 'uuid':
      return /^[A-Za-z0-9-]{1,64}$/.test(name)
        ? undefined
        : 'is not a server uuid: that is 1 to 64 letters, digits and hyphens, as the Security Center console shows it'
    case 'instance':
      return /^[A-Za-z0-9._-]{1,128}$/.test(name)
        ? undefined
        : 'is not an instance id: that looks like i-bp1a2b3c4d5e6f7g8h9i'
    case 'group-id':
      return isTaskId(name) ? undefined : 'is not a group id: that is a whole number above 0, in digits only'
    case 'host':
    case 'group':
      return name.length <= 256 ? undefined : 'is longer than any name can be (256 characters)'
  }
}
