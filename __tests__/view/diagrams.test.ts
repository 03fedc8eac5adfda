import { type JudgedAlert, judgeAlerts } from '../../src/domain/alerts.ts'
import { alertChart, drawnTasks, MOST_DRAWN_TASKS, timeline } from '../../src/view/diagrams.ts'
import { id } from '../support/builders.ts'
import { HOSTILE_NAMES } from '../support/hostile.ts'
import { alert, seen, task } from '../support/summaryStories.ts'

const MINUTE = 60_000
const passed = (...states: readonly (readonly [state: string, minutes: number])[]) =>
  task({ kind: 'passed' }, seen(...states))
/** The rows of a timeline: what is drawn, without how. */
const rowsOf = (diagram: string) => diagram.split('\n').filter((line) => /^section|:.*, 2000/.test(line))

describe('the timeline', () => {
  test('of one task', () => {
    const scanned = passed(['init', 0.05], ['Processing', 0.6], ['Success', 5.2])
    expect(
      timeline([scanned], 6 * MINUTE)
        .split('\n')
        .slice(2),
    ).toEqual([
      'gantt',
      'accTitle: States of the virus scan task over time',
      'title States over time (min:s)',
      'dateFormat YYYY-MM-DD HH:mm:ss.SSS',
      'axisFormat %M:%S',
      'tickInterval 1minute',
      'todayMarker off',
      'section 282832',
      'init :2000-01-01 00:00:03.000, 2000-01-01 00:00:36.000',
      'Processing 4 min 36 s :active, 2000-01-01 00:00:36.000, 2000-01-01 00:05:12.000',
      'Success :done, 2000-01-01 00:05:12.000, 2000-01-01 00:06:00.000',
      '```',
    ])
  })

  test('a final state has room for its name, however soon the run ended', () => {
    expect(rowsOf(timeline([passed(['Processing', 0], ['Failed', 8])], 8 * MINUTE))).toEqual([
      'section 282832',
      'Processing 8 min :active, 2000-01-01 00:00:00.000, 2000-01-01 00:08:00.000',
      'Failed :crit, 2000-01-01 00:08:00.000, 2000-01-01 00:09:00.000',
    ])
  })

  test('a state that is not final ends with the run', () => {
    const waiting = task({ kind: 'timed-out' }, seen(['init', 0], ['Processing', 60]))
    const diagram = timeline([waiting, passed(['init', 0], ['Success', 120])], 120 * MINUTE)
    expect(rowsOf(diagram)[2]).toBe('Processing 1 h :active, 2000-01-01 01:00:00.000, 2000-01-01 02:00:00.000')
    expect(diagram).toMatch(/title States over time \(h:min:s\)\n[\s\S]*axisFormat %-H:%M:00\ntickInterval 30minute\n/)
  })

  test('what does not fit into a bar is not written there, and what cannot be seen is not drawn', () => {
    const diagram = timeline([passed(['init', 0], ['Processing', 1], ['init', 3], ['Success', 99])], 120 * MINUTE)
    expect(rowsOf(diagram).map((row) => row.replace(/ :.*/, ''))).toEqual([
      'section 282832',
      '·',
      'init 1 h 36 min',
      'Success',
    ])
  })

  test('of a state that comes and goes the last bars are drawn', () => {
    const states = Array.from({ length: 50 }, (_, i) => [i % 2 === 0 ? 'init' : 'Processing', 2 * i] as const)
    const rows = rowsOf(timeline([passed(...states, ['Failed', 100])], 101 * MINUTE))
    expect(rows).toHaveLength(1 + 12)
    expect(rows.at(-1)).toMatch(/^Failed :crit/)
  })

  test('states that come and go too fast to be seen are one bar', () => {
    const states = Array.from({ length: 1_000 }, (_, i) => [i % 2 === 0 ? 'init' : 'Processing', i / 60] as const)
    expect(rowsOf(timeline([passed(...states)], (1_000 / 60) * MINUTE))).toEqual([
      'section 282832',
      'many states :2000-01-01 00:00:00.000, 2000-01-01 00:16:40.000',
    ])
  })

  test('time begins with the first state, and one bar for all lasts until the run or the last state ends', () => {
    const states = Array.from({ length: 1_000 }, (_, i) => [i % 2 === 0 ? 'init' : 'Processing', 60 + i / 60] as const)
    const diagram = timeline([passed(...states)], 60 * MINUTE)
    expect(rowsOf(diagram).at(-1)).toBe('many states :2000-01-01 01:00:00.000, 2000-01-01 01:16:39.000')
    expect(diagram).toContain('tickInterval 5minute')
  })

  test.each([
    [8, '1second', '%M:%S'],
    [9, '2second', '%M:%S'],
    [59 * 60, '10minute', '%M:%S'],
    [60 * 60, '10minute', '%-H:%M:00'],
    [241 * 60, '1hour', '%-H:%M:00'],
    [24 * 3_600, '3hour', '%-H:%M:00'],
    [100 * 3_600, '6hour', '%-H:%M:00'],
  ])('of %d seconds no more times stand along the edge than can be read', (seconds, tick, format) => {
    const diagram = timeline([passed(['init', 0], ['Processing', 0])], seconds * 1_000)
    expect(diagram).toContain(`axisFormat ${format}\ntickInterval ${tick}\n`)
  })

  test('there is room for the longest id, a title that counts the tasks, and a colour for each kind of bar', () => {
    const one = passed(['init', 0], ['Success', 5])
    const diagram = timeline([one, { ...one, id: id('9223372036854775807') }], 6 * MINUTE)
    expect(diagram).toContain('"leftPadding":182')
    expect(diagram).toContain('accTitle: States of 2 virus scan tasks over time')
    const fills = [...diagram.matchAll(/"(?:t|activeT|doneT)askBkgColor":"([^"]*)"|"critBkgColor":"([^"]*)"/g)]
    expect(new Set(fills.map(([, fill, crit]) => fill ?? crit)).size).toBe(4)
  })

  test('of many tasks the first are drawn, and only those that were seen in two states', () => {
    const tasks = Array.from({ length: 100 }, (_, i) => ({
      ...passed(['init', i], ['Success', 200]),
      id: id(`${i + 1}`),
    }))
    const one = passed(['init', 0])
    expect(drawnTasks([one, ...tasks])).toEqual(tasks)
    const sections = rowsOf(timeline([one, ...tasks], 200 * MINUTE)).filter((row) => row.startsWith('section'))
    expect(sections).toEqual(Array.from({ length: MOST_DRAWN_TASKS }, (_, i) => `section ${i + 1}`))
  })

  test('all at the same moment is drawn too', () => {
    expect(rowsOf(timeline([passed(['init', 0], ['Success', 0])], 0))).toEqual([
      'section 282832',
      'Success :done, 2000-01-01 00:00:00.000, 2000-01-01 00:00:00.125',
    ])
  })

  test('a state that nobody knows is drawn as trouble, and its name stays out', () => {
    const withState = (state: string) => timeline([passed(['init', 0], [state, 2], ['Success', 6])], 7 * MINUTE)
    expect(rowsOf(withState('PLAIN'))[2]).toMatch(/^unknown state 4 min :crit, /)
    for (const name of HOSTILE_NAMES) expect(withState(name)).toBe(withState('PLAIN'))
  })
})

describe('the chart of alerts', () => {
  const judged = (...alerts: Parameters<typeof judgeAlerts>[0]): readonly JudgedAlert[] =>
    judgeAlerts(
      alerts,
      {
        cutoff: 'suspicious',
        today: '2026-11-24',
        entries: [{ kind: 'alert', line: 1, alert: 'Test*', reason: 'r', until: '2026-12-31' }],
      },
      undefined,
    )

  test('one bar for each severity and status, what counts first, each in a colour of its own', () => {
    const alerts = judged(
      alert(1),
      alert(2),
      alert(3, { level: 'suspicious' }),
      alert(4, { name: 'Test file' }),
      alert(5, { level: 'remind' }),
    )
    const [, init = '', ...lines] = alertChart(alerts).split('\n')
    expect(lines).toEqual([
      'xychart-beta horizontal',
      'accTitle: Open virus alerts by severity',
      'x-axis ["2 serious", "1 suspicious", "1 serious, accepted", "1 remind, below the cutoff"]',
      'y-axis 0 --> 5',
      'bar [2, 0, 0, 0]',
      'bar [0, 1, 0, 0]',
      'bar [0, 0, 1, 0]',
      'bar [0, 0, 0, 1]',
      '```',
    ])
    const colours = /"plotColorPalette":"([^"]*)"/.exec(init)?.[1]?.split(',')
    expect(new Set(colours).size).toBe(4)
    expect(colours?.[0]).toBe('#cf222e')
    expect(init).toContain('"height":140')
  })

  test('the longest bar fills the width once there are enough of them', () => {
    const many = Array.from({ length: 300 }, (_, i) => alert(1, { eventId: `${i}` }))
    expect(alertChart(judged(...many))).toContain('y-axis 0 --> 300\nbar [300]')
  })

  test('a level that nobody knows is drawn as what it is taken for, and its name stays out', () => {
    for (const name of HOSTILE_NAMES) {
      expect(alertChart(judged(alert(1, { level: name, name, serverName: name })))).toBe(alertChart(judged(alert(1))))
    }
  })
})
