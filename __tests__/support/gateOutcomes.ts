import { type Alert, type AlertRead, judgeAlerts } from '../../src/domain/alerts.ts'
import type { AllowEntry } from '../../src/domain/allowList.ts'
import type { Gap } from '../../src/domain/coverage.ts'
import { type GateRules, type GateSight, judgeGaps, NOTHING_SEEN } from '../../src/domain/gate.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { type Fact, FORGIVABLE, gateFacts, judge } from '../../src/domain/verdict.ts'
import { outcomeOf, waited } from './builders.ts'
import { server } from './scriptedCloud.ts'

/** Outcomes of a gate that was on, made from alerts, gaps, acceptances and facts. */

export const rules: GateRules = { cutoff: 'suspicious', settleMs: 60_000, entries: [], today: '2026-11-24' }
export const alert = (n: number, more: Partial<Alert> = {}): Alert => ({
  server: `uuid-0${n}`,
  serverName: `web-0${n}`,
  eventId: String(n),
  level: 'serious',
  name: 'Trojan',
  lastSeenMs: Date.parse('2026-11-24T08:30:00Z'),
  ...more,
})
export const gap = (n: number, reason: Gap['reason'], more: Partial<Gap> = {}): Gap => ({
  type: 'uuid',
  target: `uuid-0${n}`,
  name: `web-0${n}`,
  reason,
  ...more,
})
export const entry = (more: object): AllowEntry =>
  ({ line: 1, kind: 'alert', alert: 'Trojan', reason: 'see 4711', until: '2026-12-31', ...more }) as AllowEntry

export interface Seen {
  readonly alerts?: readonly Alert[]
  readonly before?: readonly Alert[]
  readonly gaps?: readonly Gap[]
  readonly entries?: readonly AllowEntry[]
  readonly more?: Partial<GateSight>
}

export function gateOutcome(
  { alerts = [], before, gaps = [], entries = [], more = {} }: Seen,
  changes: Partial<Outcome> = {},
) {
  const own = { ...rules, entries }
  const read = (list: readonly Alert[]): AlertRead => ({
    servers: new Set(['uuid-01', 'uuid-02']),
    alerts: list,
    isComplete: true,
  })
  const sight: GateSight = {
    ...NOTHING_SEEN,
    servers: new Map([server(1), server(2)].map((one) => [one.uuid, one])),
    gaps: judgeGaps(gaps, own),
    alerts: { all: judgeAlerts(alerts, own, before && read(before)), isSettled: true, reads: 2 },
    ...more,
  }
  const judgement = judge(gateFacts(sight), FORGIVABLE)
  return outcomeOf([waited({ kind: 'passed' })], { judgement, gate: { rules: own, sight }, ...changes })
}
export const ofFact = (fact: Fact, more: Partial<Outcome> = {}) =>
  outcomeOf([], { judgement: judge([fact], FORGIVABLE), taskIds: [], ...more })
export const notStarted = { taskIds: [], tasks: [] }
