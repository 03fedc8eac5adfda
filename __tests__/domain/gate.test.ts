import type { AlertRules, JudgedAlert } from '../../src/domain/alerts.ts'
import type { AllowEntry } from '../../src/domain/allowList.ts'
import type { Gap } from '../../src/domain/coverage.ts'
import { idleEntries, judgeGaps, NOTHING_SEEN, sightOfAlerts } from '../../src/domain/gate.ts'

const gap: Gap = { type: 'uuid', target: 'uuid-01', name: 'web-01', reason: 'offline' }
const alert = { server: 'uuid-01', serverName: 'web-01', eventId: 'E-1', level: 'serious', name: 'Backdoor' }
const entry = {
  line: 1,
  reason: 'known',
  until: '2026-11-24',
  kind: 'uncovered',
  uncovered: 'offline',
  server: 'web-*',
}
const accepts = (more: Partial<AllowEntry> = {}) => ({ ...entry, ...more }) as AllowEntry
const rules: AlertRules = { cutoff: 'serious', entries: [], today: '2026-11-24' }

test('nothing seen says that nothing was seen', () => {
  expect(NOTHING_SEEN).toEqual({ servers: new Map(), gaps: [], left: [], unclear: [], nothingToStart: false })
})

test('a gap is accepted while an entry for it holds, and told with the entry also after that', () => {
  expect(judgeGaps([gap], rules)).toStrictEqual([{ ...gap, isAccepted: false }])
  const entries = [accepts()]
  expect(judgeGaps([gap], { ...rules, entries })).toEqual([{ ...gap, isAccepted: true, entry: accepts() }])
  expect(judgeGaps([gap], { ...rules, entries, today: '2026-11-25' })).toEqual([
    { ...gap, isAccepted: false, entry: accepts() },
  ])
})

test('an entry is idle where neither a gap nor an alert needed it, expired or not', () => {
  const forGap = accepts({ until: '2026-01-01' })
  const forAlert = { line: 2, reason: 'known', until: '2026-11-24', kind: 'alert', alert: 'Backdoor' } as const
  const entries = [forGap, forAlert]
  const judgedGap = { ...gap, isAccepted: false }
  const judged: JudgedAlert = { ...alert, status: 'accepted', before: null }
  const alerts = { all: [judged], isSettled: true, reads: 2 }
  expect(idleEntries(entries, NOTHING_SEEN)).toEqual(entries)
  expect(idleEntries(entries, { ...NOTHING_SEEN, gaps: [judgedGap] })).toEqual([forAlert])
  expect(idleEntries(entries, { ...NOTHING_SEEN, alerts })).toEqual([forGap])
  // One of several is enough.
  const others = [judgedGap, { ...judgedGap, reason: 'missing' as const }]
  expect(idleEntries(entries, { ...NOTHING_SEEN, gaps: others, alerts })).toEqual([])
})

test('the alerts of a read are judged against what was there before', () => {
  const baseline = { servers: new Set(['uuid-01']), alerts: [], isComplete: true }
  expect(sightOfAlerts({ alerts: [alert], isSettled: true, reads: 3 }, rules, baseline)).toEqual({
    all: [{ ...alert, status: 'counting', before: false }],
    isSettled: true,
    reads: 3,
  })
})
