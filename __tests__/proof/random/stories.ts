import fc from 'fast-check'
import { ALLOWED_ACCOUNT } from './modelCloud.ts'
import { GITHUB_TOKEN, KEYS, REQUEST_TOKEN } from './secrets.ts'
import type { World } from './world.ts'
import { ALERT_NAMES, rarely, worlds } from './worlds.ts'

/** Random stories: what a workflow asks for, in what world, and when somebody presses Cancel. */

export const TODAY = '2026-11-24'

/** An entry of the allow-list, by its keys. */
export interface Entry {
  readonly alert?: string
  readonly uncovered?: string
  readonly server?: string
  readonly reason: string
  readonly until: string
}

export interface Story {
  /** Inputs by name; those that are absent are unset. */
  readonly inputs: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  readonly entries: readonly Entry[]
  readonly world: World
  /** At this time, or as soon as this many calls were sent. */
  readonly cancel?: { readonly atMs: number } | { readonly afterCalls: number }
  /** Whether the report can be written. */
  readonly isReportWritable: boolean
  /** Where the dice begin. */
  readonly seed: number
}

const entries: fc.Arbitrary<readonly Entry[]> = fc.uniqueArray(
  fc
    .record({
      what: fc.oneof(
        fc.constantFrom(...ALERT_NAMES, '*', 'M*', '*program', 'm*').map((alert) => ({ alert })),
        fc.constantFrom('offline', 'unlicensed', 'missing', 'joined').map((uncovered) => ({ uncovered })),
      ),
      server: fc.constantFrom('uuid-0', 'uuid-1', 'web-0', 'web-1', 'web-*', '*', '*', '*'),
      hasServer: fc.boolean(),
      until: fc.constantFrom('2026-12-31', '2026-12-31', '2026-12-31', TODAY, '2026-11-23'),
    })
    .map(({ what, server, hasServer, until }) => ({
      ...what,
      // Only of some alerts any server is meant.
      ...('uncovered' in what || what.alert === '*' || hasServer ? { server } : {}),
      reason: 'known & accepted',
      until,
    })),
  { minLength: 1, maxLength: 6, selector: ({ until: _, reason: __, ...subject }) => JSON.stringify(subject) },
)

const targetLines = fc.oneof(
  { weight: 1, arbitrary: fc.constant(['all']) },
  {
    weight: 5,
    arbitrary: fc.array(
      fc.oneof(
        { weight: 4, arbitrary: fc.nat({ max: 5 }).map((i) => `uuid:uuid-${i}`) },
        { weight: 2, arbitrary: fc.nat({ max: 3 }).map((i) => `host:web-${i}`) },
        { weight: 2, arbitrary: fc.nat({ max: 3 }).map((i) => `instance:i-${i}`) },
        { weight: 2, arbitrary: fc.constantFrom('group:web', 'group:databases') },
        { weight: 4, arbitrary: fc.constantFrom('group-id:100', 'group-id:100', 'group-id:101') },
      ),
      { minLength: 1, maxLength: 3 },
    ),
  },
)

const waitFors: fc.Arbitrary<Readonly<Record<string, string>>> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .oneof(
        { weight: 6, arbitrary: fc.constant(1) },
        { weight: 4, arbitrary: fc.integer({ min: 2, max: 4 }) },
        { weight: 1, arbitrary: fc.integer({ min: 5, max: 15 }) },
      )
      .map((count) => ({ 'task-id': Array.from({ length: count }, (_, i) => 282_832 + i).join(',') })),
  },
  {
    weight: 6,
    arbitrary: fc
      .record({ lines: targetLines, wait: rarely(6, 'true', fc.constant('False')) })
      .map(({ lines, wait }) => ({ targets: lines.join('\n'), wait })),
  },
)

const failOns = fc.oneof(
  { weight: 4, arbitrary: fc.constant('any') },
  { weight: 1, arbitrary: fc.constant('none') },
  // One of the two findings is forgiven, and the other one is not.
  { weight: 2, arbitrary: fc.constantFrom('alerts, scan-failed', 'scan-failed, unavailable, incomplete') },
  {
    weight: 2,
    arbitrary: fc
      .subarray(['alerts', 'scan-failed', 'timed-out', 'unavailable', 'incomplete'], { minLength: 1 })
      .map((words) => words.join(', ')),
  },
)

const keys = {
  'access-key-id': KEYS.accessKeyId,
  'access-key-secret': KEYS.accessKeySecret,
  'security-token': KEYS.securityToken ?? '',
}
const logins = fc.constantFrom(
  { inputs: keys, env: {} },
  { inputs: keys, env: {} },
  { inputs: { ...keys, 'allowed-account-ids': ALLOWED_ACCOUNT }, env: {} },
  {
    inputs: {
      'role-to-assume': `acs:ram::${ALLOWED_ACCOUNT}:role/scan-gate`,
      'oidc-provider-arn': `acs:ram::${ALLOWED_ACCOUNT}:oidc-provider/GitHub`,
    },
    env: {
      ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.actions.example/request?api-version=2',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN,
    },
  },
)

/** Inputs that are wrong, and must be an end before any call. */
const mistakes: fc.Arbitrary<Readonly<Record<string, string>>> = fc.constantFrom(
  { 'task-id': '0' },
  { 'fail-on': 'denied' },
  { 'timeout-minutes': 'soon' },
  { 'severity-cutof': 'serious' },
  { endpoint: 'https://evil.example' },
  { 'max-poll-seconds': '0.01' },
  { ...keys, 'region-id': KEYS.accessKeySecret },
)

/** Seconds. */
const paces = fc
  .record({
    least: fc.constantFrom(0.05, 0.5, 1, 3, 3, 10, 30),
    most: fc.constantFrom(1, 2, 20),
    settle: fc.constantFrom(0, 1, 5, 20),
    room: fc.oneof(
      { weight: 5, arbitrary: fc.constant(80) },
      { weight: 1, arbitrary: fc.double({ min: 0.05, max: 40, noNaN: true }) },
    ),
  })
  .map(({ least, most, settle, room }) => {
    const settleSeconds = Math.round(Math.min(900, settle * least) * 1_000) / 1_000
    const isRoomy = room === 80
    const timeout = isRoomy ? 3 * settleSeconds + least * 40 + 60 : Math.max(room * least, settleSeconds + 0.01)
    return {
      least,
      // A look each few ms for minutes would be a story about nothing but looks.
      most: Math.max(least * most, 1),
      settle: settleSeconds,
      timeoutMinutes: Math.min(1_440, Math.ceil(timeout * 100) / 6_000),
    }
  })

export const stories: fc.Arbitrary<Story> = paces.chain((pace) => {
  const deadlineMs = Math.ceil(pace.timeoutMinutes * 60_000)
  return fc
    .record({
      waitFor: waitFors,
      login: logins,
      cutoff: fc.constantFrom(
        '',
        'none',
        'serious',
        'suspicious',
        'suspicious',
        'suspicious',
        'remind',
        'remind',
        'remind',
      ),
      failOn: failOns,
      errors: fc.constantFrom('0', '1', '3', '15', '15'),
      entries: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 3, arbitrary: entries }),
      github: fc.boolean(),
      report: fc.boolean(),
      isReportWritable: rarely(15, true, fc.constant(false)),
      mistake: rarely(60, {}, mistakes),
      world: worlds(pace.least * 1_000, deadlineMs, Math.floor(pace.settle * 1_000)),
      cancel: rarely(
        9,
        undefined,
        fc.oneof(
          fc.integer({ min: 0, max: deadlineMs }).map((atMs) => ({ atMs })),
          fc.integer({ min: 0, max: 40 }).map((afterCalls) => ({ afterCalls })),
        ),
      ),
      seed: fc.nat(),
    })
    .map(({ waitFor, login, cutoff, failOn, errors, github, report, mistake, cancel, ...rest }) => {
      const count = rest.world.servers.length
      // Names that nothing has are an end before the story begins: one story in ten may have them.
      const isThere = (line: string) => line.replace(/\d$/, (digit) => String(Number(digit) % count))
      const named = waitFor.targets?.replace(/(?:uuid|host|instance):.*/g, (line) =>
        rest.seed % 10 === 0 ? line : isThere(line),
      )
      const isGateOn = cutoff !== '' && cutoff !== 'none'
      return {
        ...rest,
        inputs: {
          ...waitFor,
          ...(named === undefined ? {} : { targets: named }),
          ...login.inputs,
          'timeout-minutes': decimal(pace.timeoutMinutes),
          'min-poll-seconds': decimal(pace.least),
          'max-poll-seconds': decimal(pace.most),
          'max-consecutive-errors': errors,
          'severity-cutoff': cutoff,
          'settle-seconds': decimal(pace.settle),
          'fail-on': failOn,
          ...(isGateOn && rest.entries.length > 0 ? { 'allow-list': 'accepted.yml' } : {}),
          ...(report ? { 'report-file': 'evidence/report.json' } : {}),
          ...(github
            ? { 'github-token': GITHUB_TOKEN, 'commit-status': 'scan', 'tracking-issue': 'Virus alerts' }
            : {}),
          ...mistake,
        },
        env: login.env,
        ...(cancel === undefined ? {} : { cancel }),
      }
    })
})

function decimal(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, '')
}
