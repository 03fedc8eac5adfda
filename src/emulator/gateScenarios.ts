import { state } from './answers.ts'
import { type EmulatedAlert, type Fleet, type Moment, server } from './fleet.ts'
import { ACCOUNT, FAST, KEYS, type Scenario } from './stage.ts'

/** Stories of the gate: a scan that always ends well, and what the fleet looks like around it. */

const TROJAN = 'Malicious Software-Trojan'
const WEB = { id: '10001', name: 'web' }
/** More than a double holds exactly, as real ids may be. */
const DATABASES = { id: '9007199254740993', name: 'databases' }
const database = (n: number) => server(10 + n, { name: `db-0${n}`, groupId: DATABASES.id })

const HEALTHY: Fleet = {
  groups: [WEB, DATABASES],
  servers: [server(1), server(2), database(1), database(2), database(3)],
}

const GATE = { ...KEYS, ...FAST, 'severity-cutoff': 'suspicious', 'settle-seconds': '1' }
const MIXED = { ...GATE, targets: 'host:web-01\ngroup:databases' }
const REPORT = { 'report-file': 'evidence/virus-scan.json' }
const ALLOW_LIST = '.security/virus-allow-list.yml'

function alert(eventId: string, level: string, name: string, lastSeen: number): EmulatedAlert {
  return { eventId, level, name, lastSeen }
}

const DAY_MS = 86_400_000
const LAST_WEEK = Date.now() - 7 * DAY_MS
const older = (level: string) => alert('281474976710656', level, 'Suspicious Process-Miner', LAST_WEEK)
const trojan = (now: number) => alert('9007199254740995', 'serious', TROJAN, now)
const webshell = (now: number) => alert('8123456789012345679', 'suspicious', 'Webshell', now)

/** The fleet with these alerts on servers, by name. */
function withAlerts(fleet: Fleet, alerts: Readonly<Record<string, readonly EmulatedAlert[]>>): Fleet {
  return { ...fleet, servers: fleet.servers.map((one) => ({ ...one, alerts: alerts[one.name] ?? one.alerts })) }
}

/** One fleet until some time after a look has shown `Success`, then another, whose alerts keep their time. */
function onceScanned(before: Fleet, after: (now: number) => Fleet, delayMs = 0): (moment: Moment) => Fleet {
  let infected: Fleet | undefined
  return ({ sinceSuccessMs = -1 }) => {
    if (sinceSuccessMs < delayMs) return before
    infected ??= after(Date.now())
    return infected
  }
}

function account(fleet: Scenario['cloud']['fleet'] & {}): Scenario['cloud'] {
  return {
    account: ACCOUNT,
    tasks: {},
    fleet,
    starts: [{ id: '282832', looks: [state('init'), state('Processing'), state('Processing'), state('Success')] }],
  }
}

const trojanAfterScan = account(onceScanned(HEALTHY, (now) => withAlerts(HEALTHY, { 'web-01': [trojan(now)] })))

/** Accepts the trojan until a day so many days from today. */
function allowList(days: number): Readonly<Record<string, string>> {
  const until = new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10)
  const entry = [`- alert: "${TROJAN}"`, '  server: web-01', '  reason: test file of the scanner itself, SEC-1207']
  return { [ALLOW_LIST]: [...entry, `  until: ${until}`, ''].join('\n') }
}

const bigGroups = Array.from({ length: 10 }, (_, i) => ({ id: String(20_001 + i), name: `fleet-${i + 1}` }))
const BIG: Fleet = {
  groups: bigGroups,
  servers: Array.from({ length: 5_000 }, (_, i) => server(i + 1, { groupId: bigGroups[i % 10]?.id ?? '' })),
}

/** Every sixteenth server, up to 300 of them. */
function infectedBig(now: number): Fleet {
  const infected = BIG.servers.filter((_, i) => i % 16 === 0).slice(0, 300)
  const alerts = infected.map(({ name }, i) => [name, [{ ...trojan(now), eventId: String(9_000_001 + i) }]])
  return withAlerts(BIG, Object.fromEntries(alerts))
}

export const GATE_SCENARIOS: Readonly<Record<string, Scenario>> = {
  clean: {
    about: 'A server and a group of three are scanned, and there are no alerts on them.',
    cloud: account(HEALTHY),
    inputs: { ...MIXED, ...REPORT },
    verdict: 'passed',
  },
  infected: {
    about: 'The scan finds a serious and a suspicious one on two servers. An older, harmless alert was there before.',
    cloud: account(
      onceScanned(withAlerts(HEALTHY, { 'db-02': [older('remind')] }), (now) =>
        withAlerts(HEALTHY, { 'web-01': [trojan(now)], 'db-02': [older('remind'), webshell(now)] }),
      ),
    ),
    inputs: { ...MIXED, ...REPORT },
    verdict: 'alerts',
  },
  'below-cutoff': {
    about: 'There are alerts, but none as grave as the cutoff.',
    cloud: account(withAlerts(HEALTHY, { 'web-01': [older('remind')] })),
    inputs: MIXED,
    verdict: 'passed',
  },
  accepted: {
    about: 'The scan finds a serious one that the allow-list accepts for another month.',
    cloud: trojanAfterScan,
    inputs: { ...MIXED, ...REPORT, 'allow-list': ALLOW_LIST },
    files: allowList(30),
    verdict: 'passed',
  },
  expired: {
    about: 'The scan finds a serious one that the allow-list accepted until a month ago.',
    cloud: trojanAfterScan,
    inputs: { ...MIXED, 'allow-list': ALLOW_LIST },
    files: allowList(-30),
    verdict: 'alerts',
  },
  offline: {
    about: 'One of the servers is offline, so that a scan would see nothing of it. None is started.',
    cloud: account({ ...HEALTHY, servers: [server(1), server(2, { clientStatus: 'offline' })] }),
    inputs: { ...GATE, targets: 'host:web-01\nhost:web-02' },
    verdict: 'incomplete',
  },
  unlicensed: {
    about: 'One server has the free edition, which does not scan, and no licence is bound to another.',
    cloud: account({ ...HEALTHY, servers: [server(1, { authVersion: 1 }), server(2, { bind: false }), server(3)] }),
    inputs: { ...GATE, targets: 'group:web' },
    verdict: 'incomplete',
  },
  'empty-group': {
    about: 'There is nothing to scan in one of the groups.',
    cloud: account({ ...HEALTHY, groups: [...HEALTHY.groups, { id: '10003', name: 'caches' }] }),
    inputs: { ...GATE, targets: 'host:web-01\ngroup:caches' },
    verdict: 'incomplete',
  },
  'ambiguous-host': {
    about: 'Two servers have the name that the workflow gives. None is scanned.',
    cloud: account({ ...HEALTHY, servers: [...HEALTHY.servers, server(3, { name: 'web-01' })] }),
    inputs: MIXED,
    verdict: 'invalid-input',
  },
  'no-permission-for-alerts': {
    about: 'The key may start a scan but not read alerts. That is found out before a start.',
    cloud: { ...account(HEALTHY), forbidden: ['ListVirusScanMachineEvent'] },
    inputs: MIXED,
    verdict: 'denied',
  },
  'late-alerts': {
    about: 'An alert arrives a moment after the scan has ended well, and is seen by the second reading.',
    cloud: account(onceScanned(HEALTHY, (now) => withAlerts(HEALTHY, { 'db-03': [trojan(now)] }), 1_500)),
    inputs: { ...MIXED, 'settle-seconds': '3' },
    verdict: 'alerts',
  },
  'start-only': {
    about: 'A scan is started and left to a later step.',
    cloud: account(HEALTHY),
    inputs: { ...MIXED, wait: 'false' },
    verdict: 'started',
  },
  'big-fleet': {
    about: 'All groups of an account with 5,000 servers are scanned, and 300 servers turn out to be infected.',
    cloud: account(onceScanned(BIG, infectedBig)),
    inputs: { ...GATE, 'timeout-minutes': '3', targets: 'all' },
    verdict: 'alerts',
  },
  'gate-task-id': {
    about: 'A scan that an earlier step started ends well, and only a suspicious alert is there.',
    cloud: {
      ...account(withAlerts(HEALTHY, { 'web-02': [older('suspicious')] })),
      tasks: {
        '282832': {
          targets: [
            ...HEALTHY.servers.slice(0, 2).map(({ uuid, name }) => ({ type: 'uuid', name, target: uuid })),
            { type: 'groupId', name: DATABASES.name, target: DATABASES.id },
          ],
          looks: [state('init'), state('Processing'), state('Success')],
        },
      },
    },
    inputs: { ...GATE, 'task-id': '282832', 'severity-cutoff': 'serious' },
    verdict: 'passed',
  },
}
