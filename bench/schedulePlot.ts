import { PEERS } from './peers.ts'
import {
  distinct,
  dominatorsOf,
  KINDS,
  type Kind,
  OURS,
  OURS_FOR_LONG,
  PLOTTED,
  type Score,
  scoresOf,
} from './schedule.ts'

/** docs/schedules.svg: what schedules cost against how late they are, a panel for each kind of scan. */

const [WIDTH, HEIGHT] = [900, 730]
const PANEL = { width: 366, height: 250 }
const PLACES: readonly (readonly [Kind, x: number, y: number])[] = [
  ['short', 64, 112],
  ['long', 514, 112],
  ['bimodal', 64, 434],
]
const LEGEND = { x: 476, y: 434 }
const FONT_SIZE = 11
/** Of a letter, on average; the labels keep their distance by it. */
const LETTER = 5.9

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

interface Point {
  readonly x: number
  readonly y: number
  readonly score: Score
  readonly isOurs: boolean
  readonly isOnFront: boolean
}

const STYLE = `
text{font:${FONT_SIZE}px -apple-system,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif;fill:#1f2328;paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}
.title{font-size:16px;font-weight:600}.head{font-size:13px;font-weight:600}.dim{fill:#59636e}.ours{fill:#b3261e;font-weight:700}
.page{fill:#fff;stroke:#d1d9e0}.grid{stroke:#d1d9e0}.front{fill:none;stroke:#59636e;stroke-dasharray:4 3}.lead{stroke:#9198a1}
circle{stroke:#0b5cad;stroke-width:1.5;fill:#fff}circle.on{fill:#0b5cad}.mark{fill:#b3261e;stroke:none}
@media(prefers-color-scheme:dark){text{fill:#f0f6fc;stroke:#0d1117}.dim{fill:#9198a1}.ours{fill:#ff8a80}.page{fill:#0d1117;stroke:#3d444d}
.grid{stroke:#3d444d}.front{stroke:#9198a1}.lead{stroke:#656c76}circle{stroke:#6cb6ff;fill:#0d1117}circle.on{fill:#6cb6ff}.mark{fill:#ff8a80}}
`.trim()

export function schedulePlot(): string {
  const panels = PLACES.map(([kind, x, y]) => panel(kind, x, y))
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title desc">`,
    '<title id="title">How schedules of looks compare: calls against lateness</title>',
    `<desc id="desc">${panels.map(({ told }) => told).join(' ')}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="page" x=".5" y=".5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="6"/>`,
    text(24, 32, 'Few calls or early news: how others wait, and how this action does', 'title'),
    text(
      24,
      52,
      'Across: mean calls a scan. Up: how late the end is noticed, as a share of the duration, 95th percentile.',
      'dim',
    ),
    text(24, 68, 'Lower left is better. Filled, on the dashed line: nobody is both cheaper and earlier.', 'dim'),
    ...panels.map(({ drawn }) => drawn),
    legend(),
    '</svg>',
  ].join('\n')}\n`
}

function panel(kind: Kind, left: number, top: number): { readonly drawn: string; readonly told: string } {
  const all = scoresOf(kind)
  const scores = distinct(all.filter(({ peer }) => peer !== OURS_FOR_LONG))
  const [callsOf, lateOf] = PLOTTED as [(score: Score) => number, (score: Score) => number]
  const across = scale(scores.map(callsOf), left, left + PANEL.width)
  const up = scale(scores.map(lateOf), top + PANEL.height, top)
  const points = scores
    .map(
      (score): Point => ({
        x: across.at(callsOf(score)),
        y: up.at(lateOf(score)),
        score,
        isOurs: score.peer === OURS,
        isOnFront: dominatorsOf(score, all, PLOTTED).length === 0,
      }),
    )
    .sort((a, b) => Number(b.isOurs) - Number(a.isOurs) || a.x - b.x)
  const front = points.filter(({ isOnFront }) => isOnFront).sort((a, b) => a.x - b.x)
  const steps = front.slice(1).flatMap((to, i) => {
    const from = front[i] as Point
    return [
      { x: from.x, y: from.y - 1, width: to.x - from.x, height: 2 },
      { x: to.x - 1, y: Math.min(from.y, to.y), width: 2, height: Math.abs(to.y - from.y) },
    ]
  })
  const box = { x: left, y: top, ...PANEL }
  const drawn = [
    text(left, top - 10, KINDS[kind].title, 'head'),
    ...across.ticks.map(
      ({ at, value }) =>
        `${line('grid', at, top, at, top + PANEL.height)}${text(at, top + PANEL.height + 16, String(value), 'dim', 'middle')}`,
    ),
    ...up.ticks.map(
      ({ at, value }) =>
        `${line('grid', left, at, left + PANEL.width, at)}${text(left - 6, at + 4, `${round(value * 100)} %`, 'dim', 'end')}`,
    ),
    `<path class="front" d="${front.map(({ x, y }, i) => (i === 0 ? `M${round(x)} ${round(y)}` : `H${round(x)}V${round(y)}`)).join('')}"/>`,
    ...labels(points, box, steps),
    ...points.map(({ x, y, isOurs, isOnFront }) =>
      isOurs
        ? `<path class="mark" d="M${round(x)} ${round(y - 7)}l7 7-7 7-7-7z"/>`
        : `<circle${isOnFront ? ' class="on"' : ''} cx="${round(x)}" cy="${round(y)}" r="3.5"/>`,
    ),
  ]
  return { drawn: drawn.join('\n'), told: toldOf(kind, points) }
}

/** The panel in words, for those who do not see it. */
function toldOf(kind: Kind, points: readonly Point[]): string {
  const figures = points.map(
    ({ score: { peer, calls, lateShare }, isOurs }) =>
      `${isOurs ? 'this action' : peer.label} ${calls.toFixed(0)} calls, ${(lateShare.p95 * 100).toFixed(1)} %`,
  )
  return `${KINDS[kind].title}: ${figures.join('; ')}.`
}

/** A logarithmic axis with ticks at 1, 2 and 5. */
function scale(values: readonly number[], from: number, to: number) {
  const [low, high] = [Math.log10(Math.min(...values) / 1.35), Math.log10(Math.max(...values) * 1.35)]
  const at = (value: number) => from + ((Math.log10(value) - low) / (high - low)) * (to - from)
  const ticks = [-4, -3, -2, -1, 0, 1, 2, 3]
    .flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)))
    .filter((value) => Math.log10(value) >= low && Math.log10(value) <= high)
    .map((value) => ({ at: at(value), value }))
  return { at, ticks }
}

/** Where a label may stand beside its point, the nearest first. */
const SPOTS = [12, 20, 32, 46, 62].flatMap((far) =>
  [0, 180, -40, 40, 140, -140, -90, 90, -65, 65, -115, 115].map((degrees) => ({
    far,
    dx: Math.cos((degrees * Math.PI) / 180) * far,
    dy: Math.sin((degrees * Math.PI) / 180) * far,
  })),
)

/** Labels one after the other, each at the first spot that is free of points, labels and, where it can, lines. */
function labels(points: readonly Point[], panelBox: Box, lines: readonly Box[]): readonly string[] {
  const taken: Box[] = points.map(({ x, y, isOurs }) => {
    const r = isOurs ? 8 : 5
    return { x: x - r, y: y - r, width: 2 * r, height: 2 * r }
  })
  return points.map(({ x, y, score, isOurs }) => {
    const words = isOurs ? 'this action' : score.peer.label
    const width = words.length * LETTER
    const spots = SPOTS.map(({ dx, dy, far }) => {
      const side = dx > 3 ? 0 : dx < -3 ? width : width / 2
      const box = { x: x + dx - side, y: y + dy - FONT_SIZE / 2 - 1, width, height: FONT_SIZE + 2 }
      return { box, far, anchor: dx > 3 ? ('start' as const) : dx < -3 ? ('end' as const) : ('middle' as const) }
    }).filter(({ box }) => isWithin(box, panelBox) && !taken.some((other) => overlap(box, other)))
    const spot = spots.find(({ box }) => !lines.some((one) => overlap(box, one))) ?? spots[0]
    if (spot === undefined) throw new Error(`no room for the label ${words}`)
    const { box, far, anchor } = spot
    taken.push(box)
    const middle = box.y + box.height / 2
    const from = { start: box.x, middle: box.x + width / 2, end: box.x + width }[anchor]
    const lead = far > 20 ? line('lead', x, y, Math.min(Math.max(x, box.x), box.x + width), middle) : ''
    return lead + text(from, middle + 4, words, isOurs ? 'ours' : undefined, anchor)
  })
}

function isWithin(one: Box, other: Box): boolean {
  return (
    one.x >= other.x &&
    one.y >= other.y &&
    one.x + one.width <= other.x + other.width &&
    one.y + one.height <= other.y + other.height
  )
}

function overlap(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  )
}

function legend(): string {
  const byLabel = Map.groupBy(PEERS, ({ label }) => label)
  const rows = [...byLabel].map(([label, peers]) => [label, peers.map(({ name }) => name)] as const)
  let y = LEGEND.y + 8
  const drawn = [text(LEGEND.x, LEGEND.y - 10, 'Whose delays these are', 'head')]
  const row = (label: string, lines: readonly string[], style?: string) => {
    drawn.push(text(LEGEND.x, y, label, style))
    for (const words of lines) {
      drawn.push(text(LEGEND.x + 104, y, words, style ?? 'dim'))
      y += 15
    }
    y += 2
  }
  row('this action', ['5 % of the time so far, at least 3 s, at most 60 s'], 'ours')
  for (const [label, names] of rows) {
    const lines: string[] = []
    for (const name of names) {
      const last = lines.at(-1)
      if (last !== undefined && last.length + name.length < 52) lines[lines.length - 1] = `${last}, ${name}`
      else lines.push(name)
    }
    row(label, lines)
  }
  return drawn.join('\n')
}

function text(
  x: number,
  y: number,
  words: string,
  style?: string,
  anchor: 'start' | 'middle' | 'end' = 'start',
): string {
  const attributes = `${style === undefined ? '' : ` class="${style}"`}${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}`
  return `<text x="${round(x)}" y="${round(y)}"${attributes}>${words}</text>`
}

function line(style: string, x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="${style}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`
}

/** To a tenth: enough for the eye, and the same on every machine. */
function round(value: number): number {
  return Math.round(value * 10) / 10
}
