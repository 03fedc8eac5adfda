import { isTerminal } from '../domain/acceptor.ts'
import { type AlertStatus, type JudgedAlert, SEVERITIES, type Severity, severityOf } from '../domain/alerts.ts'
import { SCAN_STATES, type ScanState } from '../domain/scan.ts'
import type { StateSeen, TaskWait } from '../domain/waiter.ts'
import { duration } from './duration.ts'
import { STATUS_WORDS } from './gateText.ts'

/**
 * Diagrams in Mermaid's language, which GitHub draws. They hold words of our own, numbers and task ids (digits) and
 * nothing foreign, since a name could become a line of the diagram. GitHub chooses the theme by the reader's scheme;
 * only fills are set here, dark enough for white text, and all else follows the theme.
 *
 * The syntax is that of Mermaid 11.0; what is younger GitHub may not draw.
 */

/** Dark enough for white text (4.5 : 1) and bright enough to be seen on a dark page (3 : 1). */
const RED = '#cf222e'
const ORANGE = '#bc4c00'
const BLUE = '#0969da'
const GREEN = '#1a7f37'
const GREY = '#6e7781'

/** More rows than these nobody compares. */
export const MOST_DRAWN_TASKS = 20
/** A state that comes and goes all the time would fill the page; the last bars say how it ended. */
const MOST_BARS = 12

/** Tasks that were seen in two states or more: a timeline of each. */
export function drawnTasks(tasks: readonly TaskWait[]): readonly TaskWait[] {
  return tasks.filter((task) => task.history.length >= 2)
}

/**
 * One row a task, one bar a state, from when it was first seen until the next one was; times are from the start of
 * the run. A last state holds on: until the run's end, and a final one until the end of the diagram.
 */
export function timeline(tasks: readonly TaskWait[], elapsedMs: number): string {
  const drawn = drawnTasks(tasks).slice(0, MOST_DRAWN_TASKS)
  const lastChangeMs = Math.max(...drawn.map((task) => task.history.at(-1)?.atMs ?? 0))
  const startMs = Math.min(...drawn.map((task) => task.history[0]?.atMs ?? 0))
  // Room for the final states, however short the rest of the run was.
  const endMs = Math.max(elapsedMs, lastChangeMs + Math.max(lastChangeMs - startMs, SECOND_MS) / MOST_LABELS)
  const rows = drawn.flatMap((task) => [`section ${task.id}`, ...bars(task.history, { startMs, elapsedMs, endMs })])
  const longestId = Math.max(...drawn.map((task) => task.id.length))
  const { tick, format, heading } = axis(endMs - startMs)
  return diagram({ gantt: { ...GANTT, leftPadding: 30 + 8 * longestId }, themeVariables: GANTT_COLOURS }, [
    'gantt',
    `accTitle: States of ${drawn.length === 1 ? 'the virus scan task' : `${drawn.length} virus scan tasks`} over time`,
    `title ${heading}`,
    'dateFormat YYYY-MM-DD HH:mm:ss.SSS',
    `axisFormat ${format}`,
    `tickInterval ${tick}`,
    'todayMarker off',
    ...rows,
  ])
}

const GANTT = {
  displayMode: 'compact',
  barHeight: 26,
  barGap: 4,
  // The axis stands 50 above the lower edge whatever is drawn there: with less than this it would cross the last row.
  topPadding: 48,
  titleTopMargin: 22,
  rightPadding: 20,
  fontSize: 12,
  sectionFontSize: 13,
}

const GANTT_COLOURS = {
  sectionBkgColor: 'transparent',
  sectionBkgColor2: 'transparent',
  altSectionBkgColor: 'transparent',
  gridColor: GREY,
  taskTextColor: '#ffffff',
  taskTextDarkColor: '#ffffff',
  taskBkgColor: GREY,
  taskBorderColor: GREY,
  activeTaskBkgColor: BLUE,
  activeTaskBorderColor: BLUE,
  doneTaskBkgColor: GREEN,
  doneTaskBorderColor: GREEN,
  critBkgColor: RED,
  critBorderColor: RED,
}

/** Mermaid knows four kinds of bars, each with a colour of its own. A state that nobody knows looks like trouble. */
const BAR_KINDS: Readonly<Record<ScanState, string>> = {
  init: '',
  Processing: 'active, ',
  Success: 'done, ',
  Failed: 'crit, ',
}
const UNKNOWN_KIND = 'crit, '

interface Span {
  readonly startMs: number
  readonly elapsedMs: number
  readonly endMs: number
}

function bars(history: readonly StateSeen[], { startMs, elapsedMs, endMs }: Span): readonly string[] {
  const all = history.map(({ state, atMs }, i) => {
    const known = SCAN_STATES.find((one) => one === state)
    const isFinal = known !== undefined && isTerminal(known)
    const untilMs = history[i + 1]?.atMs ?? (isFinal ? endMs : Math.max(elapsedMs, atMs))
    const share = (untilMs - atMs) / (endMs - startMs)
    const words = known ?? 'unknown state'
    const label = fitting(isFinal ? [words] : [`${words} ${duration(untilMs - atMs)}`, words], share)
    return { share, line: bar(label, known === undefined ? UNKNOWN_KIND : BAR_KINDS[known], atMs, untilMs) }
  })
  const visible = all.filter(({ share }) => share >= THINNEST_BAR).slice(-MOST_BARS)
  const [fromMs, toMs] = [history[0]?.atMs ?? 0, Math.max(elapsedMs, history.at(-1)?.atMs ?? 0)]
  const together = bar(fitting(['many states'], (toMs - fromMs) / (endMs - startMs)), '', fromMs, toMs)
  return visible.length === 0 ? [together] : visible.map(({ line }) => line)
}

function bar(label: string, kind: string, fromMs: number, untilMs: number): string {
  return `${label} :${kind}${date(fromMs)}, ${date(untilMs)}`
}

/** A bar below this share of the width could not be seen. */
const THINNEST_BAR = 0.01
/** As many letters as fit side by side into a diagram on a page of usual width. */
const MOST_LETTERS = 90
/** As many short labels likewise. */
const MOST_LABELS = 8

/** The first label that fits into a bar, for Mermaid would draw it over the next bar; a dot where none does. */
function fitting(labels: readonly string[], share: number): string {
  return labels.find((label) => label.length <= share * MOST_LETTERS) ?? '·'
}

/**
 * Mermaid reads and shows times of the reader's time zone. Midnight of a day on which no zone changes its clocks
 * makes the start 00:00 everywhere.
 */
function date(ms: number): string {
  return new Date(Date.UTC(2000, 0, 1) + Math.round(ms)).toISOString().slice(0, -1).replace('T', ' ')
}

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const TICKS: readonly (readonly [unit: string, unitMs: number, steps: readonly number[]])[] = [
  ['second', SECOND_MS, [1, 2, 5, 10, 15, 30]],
  ['minute', MINUTE_MS, [1, 2, 5, 10, 15, 30]],
  ['hour', HOUR_MS, [1, 2, 3, 6]],
]

/** Times along the edge, as `clockTime` shows them. */
function axis(lengthMs: number): { readonly tick: string; readonly format: string; readonly heading: string } {
  const all = TICKS.flatMap(([unit, unitMs, steps]) =>
    steps.map((step) => ({ ms: step * unitMs, tick: `${step}${unit}` })),
  )
  const { tick } = all.find(({ ms }) => lengthMs / ms <= MOST_LABELS) ?? { tick: '6hour' }
  return lengthMs < HOUR_MS
    ? { tick, format: '%M:%S', heading: 'States over time (min:s)' }
    : { tick, format: '%-H:%M:00', heading: 'States over time (h:min:s)' }
}

const ALERT_COLOURS: Readonly<Record<Severity, { readonly counting: string; readonly other: string }>> = {
  serious: { counting: RED, other: '#a06a6e' },
  suspicious: { counting: ORANGE, other: '#97755c' },
  remind: { counting: BLUE, other: '#5f80a3' },
}

/** How many alerts there are of each severity and status: those that count in full colours, the others pale. */
export function alertChart(alerts: readonly JudgedAlert[]): string {
  const statuses: readonly AlertStatus[] = ['counting', 'accepted', 'below-cutoff']
  const rows = statuses.flatMap((status) =>
    SEVERITIES.map((severity) => ({
      label: status === 'counting' ? severity : `${severity}, ${STATUS_WORDS[status]}`,
      colour: ALERT_COLOURS[severity][status === 'counting' ? 'counting' : 'other'],
      count: alerts.filter((alert) => alert.status === status && severityOf(alert) === severity).length,
    })).filter(({ count }) => count > 0),
  )
  const most = Math.max(...rows.map(({ count }) => count))
  // A colour belongs to a series, so that each bar is one, with nothing in the other rows.
  const series = rows.map(({ count }, i) => `bar [${rows.map((_, row) => (row === i ? count : 0)).join(', ')}]`)
  return diagram(
    {
      xyChart: { ...XY_CHART, height: 12 + 32 * rows.length },
      themeVariables: {
        xyChart: { backgroundColor: 'transparent', plotColorPalette: rows.map(({ colour }) => colour).join(',') },
      },
    },
    [
      'xychart-beta horizontal',
      'accTitle: Open virus alerts by severity',
      `x-axis [${rows.map(({ label, count }) => `"${count} ${label}"`).join(', ')}]`,
      `y-axis 0 --> ${Math.max(most, SHORTEST_SCALE)}`,
      ...series,
    ],
  )
}

/** So that a single alert does not fill the page. */
const SHORTEST_SCALE = 5
/** The labels have the numbers, so that the other axis would only repeat them. */
const XY_CHART = {
  width: 700,
  xAxis: { showTick: false, showAxisLine: false, labelFontSize: 14 },
  yAxis: { showLabel: false, showTick: false, showAxisLine: false },
}

function diagram(config: object, lines: readonly string[]): string {
  return ['```mermaid', `%%{init: ${JSON.stringify(config)}}%%`, ...lines, '```'].join('\n')
}
