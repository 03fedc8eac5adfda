import { type Alert, judgeAlerts } from '../../src/domain/alerts.ts'
import type { AllowEntry } from '../../src/domain/allowList.ts'
import type { Gap } from '../../src/domain/coverage.ts'
import { type GateRules, type GateSight, judgeGaps, NOTHING_SEEN } from '../../src/domain/gate.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { SCAN_STATES, type Target } from '../../src/domain/scan.ts'
import { FORGIVABLE, factsOf, gateFacts, judge } from '../../src/domain/verdict.ts'
import type { StateSeen, TaskWait } from '../../src/domain/waiter.ts'
import { failure, id, outcomeOf, waited } from './builders.ts'
import { server } from './scriptedCloud.ts'

/** Outcomes as real runs have them, for pages to be looked at. */

const MINUTE = 60_000
const STARTED = Date.parse('2026-11-24T08:30:00Z')

/** States and the minutes at which they were first seen. */
export function seen(...states: readonly (readonly [state: string, minutes: number])[]): readonly StateSeen[] {
  return states.map(([state, minutes]) => {
    const atMs = Math.round(minutes * MINUTE)
    return { state, atMs, serverTimeMs: STARTED + atMs }
  })
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, i) => i)
}

const WEB_01: Target = { type: 'uuid', name: 'web-01', target: 'uuid-01' }
const DATABASES: Target = { type: 'groupId', name: 'databases', target: '9007199254740993' }
const TARGETS = [WEB_01, DATABASES]
const REQUEST = '473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E'

export function task(
  ending: TaskWait['ending'],
  history: readonly StateSeen[],
  more: Partial<TaskWait> = {},
): TaskWait {
  const elapsedMs = history.at(-1)?.atMs ?? 0
  const state = SCAN_STATES.findLast((known) => history.some((one) => one.state === known))
  const isUnreachable = ending.kind === 'unavailable'
  return waited(ending, {
    ...(state === undefined ? {} : { state }),
    consecutiveErrors: isUnreachable ? 16 : 0,
    history,
    targets: TARGETS,
    elapsedMs,
    looks: 12,
    requestId: REQUEST,
    ...more,
  })
}

const SCANNED = task({ kind: 'passed' }, seen(['init', 0.05], ['Processing', 0.6], ['Success', 5.2]))
const SERVERS = [1, 2, 3, 4, 5].map((n) => server(n, { name: n < 3 ? `web-0${n}` : `db-0${n - 2}` }))

export interface GateStory {
  readonly alerts?: readonly Alert[]
  /** Those of them that were there before the scan. */
  readonly before?: readonly Alert[]
  readonly gaps?: readonly Gap[]
  readonly entries?: readonly AllowEntry[]
  readonly cutoff?: GateRules['cutoff']
  readonly areAlertsRead?: boolean
  readonly left?: GateSight['left']
}

export function gateOutcome(
  {
    alerts = [],
    before = [],
    gaps = [],
    entries = [],
    cutoff = 'suspicious',
    areAlertsRead = true,
    left = [],
  }: GateStory,
  { tasks = [SCANNED], ...more }: Partial<Outcome> = {},
): Outcome {
  const rules: GateRules = { cutoff, settleMs: MINUTE, entries, today: '2026-11-24' }
  const servers = new Map(SERVERS.map((one) => [one.uuid, one]))
  const baseline = { servers: new Set(servers.keys()), alerts: before, isComplete: true }
  const saw: GateSight = {
    ...NOTHING_SEEN,
    servers,
    gaps: judgeGaps(gaps, rules),
    left,
    ...(areAlertsRead ? { alerts: { all: judgeAlerts(alerts, rules, baseline), isSettled: true, reads: 2 } } : {}),
  }
  return outcomeOf(tasks, {
    judgement: judge([...factsOf(tasks), ...gateFacts(saw)], FORGIVABLE),
    gate: { rules, sight: saw },
    elapsedMs: 6.4 * MINUTE,
    calls: [{ action: 'ListVirusScanMachineEvent', calls: 9, requestId: REQUEST, requestIdAtMs: 6.3 * MINUTE }],
    ...more,
  })
}

export function alert(n: number, more: Partial<Alert> = {}): Alert {
  return {
    server: `uuid-0${n}`,
    serverName: SERVERS[n - 1]?.name ?? '',
    eventId: String(n),
    level: 'serious',
    name: 'Malicious Software-Trojan',
    lastSeenMs: STARTED + 4 * MINUTE,
    ...more,
  }
}

const MINER = alert(4, {
  level: 'remind',
  name: 'Suspicious Process-Miner',
  lastSeenMs: STARTED - 7 * 24 * 60 * MINUTE,
})
const ACCEPTED: AllowEntry = {
  kind: 'alert',
  line: 3,
  alert: '*Test File',
  reason: 'test file of the scanner itself, SEC-1207',
  until: '2026-12-31',
}

/** What a run comes to, by name. */
export const STORIES: Readonly<Record<string, Outcome>> = {
  passed: outcomeOf([SCANNED], { elapsedMs: 5.2 * MINUTE }),
  clean: gateOutcome({}),
  infected: gateOutcome({
    alerts: [
      alert(1),
      alert(3, { eventId: '31' }),
      alert(4, { level: 'suspicious', name: 'Webshell' }),
      alert(2, { eventId: '21', name: 'Antivirus Test File' }),
      { ...MINER, eventId: '41' },
    ],
    before: [{ ...MINER, eventId: '41' }],
    entries: [ACCEPTED],
  }),
  offline: gateOutcome(
    {
      gaps: [
        { type: 'uuid', target: 'uuid-02', name: 'web-02', reason: 'offline' },
        { type: 'uuid', target: 'uuid-05', name: 'db-03', reason: 'unlicensed' },
      ],
      areAlertsRead: false,
    },
    { tasks: [], taskIds: [], elapsedMs: 1_900 },
  ),
  timeout: outcomeOf(
    [task({ kind: 'timed-out' }, seen(['init', 0.05], ['Processing', 14]), { elapsedMs: 120 * MINUTE })],
    {
      cloud: { host: 'tds.ap-southeast-1.aliyuncs.com', site: 'global' },
      elapsedMs: 120 * MINUTE,
    },
  ),
  'unknown-state': outcomeOf(
    [
      task({ kind: 'timed-out' }, seen(['init', 0.05], ['Processing', 2], ['Verifying', 9]), {
        unknownState: 'Verifying',
        elapsedMs: 30 * MINUTE,
      }),
    ],
    { elapsedMs: 30 * MINUTE },
  ),
  many: outcomeOf(
    Array.from({ length: 24 }, (_, i) => {
      const begins = 0.05 + Math.floor(i / 8) * 0.4
      const runs = begins + 0.5 + (i % 5)
      const ends = runs + 3 + ((i * 7) % 11)
      const ending = i % 9 === 4 ? 'scan-failed' : i % 9 === 8 ? 'unavailable' : 'passed'
      const more = { id: id(String(282_832 + i)), lastFailure: failure('network', { code: 'ECONNRESET' }) }
      const states = seen(['init', begins], ['Processing', runs])
      if (ending === 'unavailable')
        return task({ kind: ending, failure: more.lastFailure }, states, { ...more, elapsedMs: 9 * MINUTE })
      const last = seen([ending === 'passed' ? 'Success' : 'Failed', ends])
      return task({ kind: ending }, [...states, ...last], { id: more.id })
    }),
    { elapsedMs: 19 * MINUTE },
  ),
  flapping: outcomeOf(
    [
      task({ kind: 'timed-out' }, seen(...range(1_000).map((i) => [i % 2 === 0 ? 'init' : 'Processing', i] as const))),
      task({ kind: 'timed-out' }, seen(...range(40).map((i) => [i % 2 === 0 ? 'init' : 'Paused', 25 * i] as const)), {
        id: id('9223372036854775807'),
      }),
    ],
    { elapsedMs: 1_000 * MINUTE },
  ),
  cancelled: outcomeOf([task({ kind: 'cancelled' }, seen(['Processing', 0.05]), { elapsedMs: 3 * MINUTE })], {
    rehearsal: true,
    cloud: { host: '127.0.0.1:8080', site: 'rehearsal' },
    elapsedMs: 3 * MINUTE,
  }),
  'invalid-input': outcomeOf([], {
    judgement: judge(
      [
        {
          kind: 'invalid-input',
          problems: [
            { name: 'severity-cutoff', value: 'grave', text: 'is not one of serious, suspicious, remind, none' },
          ],
        },
      ],
      FORGIVABLE,
    ),
    elapsedMs: 12,
  }),
}
