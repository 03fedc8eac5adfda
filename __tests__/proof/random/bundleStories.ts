import fc from 'fast-check'
import * as answers from '../../../src/emulator/answers.ts'
import type { CloudState } from '../../../src/emulator/cloud.ts'
import { type EmulatedServer, server } from '../../../src/emulator/fleet.ts'
import { ACCOUNT } from '../../../src/emulator/scenarios.ts'
import type { Troubles } from '../../../src/emulator/trouble.ts'
import { HOSTILE_NAMES } from '../../support/hostile.ts'
import { ALERTS, BY_UUIDS, SERVERS, START } from './witness.ts'
import { rarely } from './worlds.ts'

/** Short random stories for what ships: a second or three of an emulated cloud with a bad day. */
export interface BundleStory {
  readonly inputs: Readonly<Record<string, string>>
  readonly cloud: CloudState
  /** The inputs are wrong, so that nothing may be asked of the cloud. */
  readonly isBad: boolean
  /** Interrupted after so many looks. */
  readonly cancelAfterLooks?: number
  readonly isDebug: boolean
}

const looks = fc
  .record({
    first: fc.array(fc.constantFrom('init', 'Processing', 'Verifying', '::error::x', 'success '), { maxLength: 3 }),
    last: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('Success', 'SUCCESS') },
      { weight: 1, arbitrary: fc.constantFrom('Failed', 'Processing') },
    ),
    trouble: rarely(
      3,
      undefined,
      fc.constantFrom(
        answers.badGateway(),
        answers.truncated(),
        answers.resetBeforeHeaders(),
        answers.resetAfterHeaders(),
        answers.emptyReply(503),
        answers.raw(200, '[]'),
        answers.raw(200, '{"ScanTaskProgress":["Success"]}'),
        answers.serverError(),
        answers.throttled(),
        answers.refusal(403, 'NoPermission', `no, ${ACCOUNT.accessKeyId} may not, ${ACCOUNT.securityToken}`),
        answers.refusal(400, 'Nobody.Knows', '::error::pwned\n<b>x</b>'),
      ),
    ),
  })
  .map(({ first, last, trouble }) => {
    const seen = [...first, last].map((progress) => answers.state(progress))
    return trouble === undefined ? seen : [trouble, ...seen]
  })

const fleets: fc.Arbitrary<readonly EmulatedServer[]> = fc.tuple(
  ...[1, 2].map((n) =>
    fc
      .record({
        name: rarely(3, `web-0${n}`, fc.constantFrom(...HOSTILE_NAMES)),
        clientStatus: rarely(6, 'online', fc.constant('offline')),
        authVersion: rarely(8, 3, fc.constant(1)),
        alerts: rarely(
          3,
          [],
          fc
            .record({ level: fc.constantFrom('serious', 'remind', 'new'), name: fc.constantFrom(...HOSTILE_NAMES) })
            .map((alert) => [{ ...alert, eventId: '77', lastSeen: 1_790_000_000_000 }]),
        ),
      })
      .map((changes) => server(n, changes)),
  ),
)

const once = fc.constantFrom(answers.serverError(), answers.throttled(), answers.truncated(), answers.badGateway())
const troubles: fc.Arbitrary<Troubles> = fc
  .record({
    action: fc.constantFrom(START, SERVERS, BY_UUIDS, ALERTS),
    answer: once,
    times: fc.integer({ min: 0, max: 2 }),
  })
  .map(({ action, answer, times }) => ({ [action]: Array.from({ length: times }, () => answer) }))

const mistakes: fc.Arbitrary<Readonly<Record<string, string>>> = fc.oneof(
  fc
    .constantFrom(...HOSTILE_NAMES.filter((name) => name.trim() !== '' && !name.includes('\u0000')))
    .chain((text) =>
      fc
        .constantFrom('task-id', 'timeout-minutes', 'fail-on', 'region-id', 'endpoint', 'severity-cutoff', 'wait')
        .map((name) => ({ [name]: text })),
    ),
  fc.constantFrom(
    { 'severity-cutof': 'serious' },
    { endpoint: 'https://evil.example' },
    { 'report-file': '../outside.json' },
    { 'report-file': '.git/hooks/pre-commit' },
    { 'task-id': ACCOUNT.accessKeySecret },
    { 'settle-seconds': '-1' },
    { 'github-token': '', 'commit-status': 'x' },
  ),
)

export const bundleStories: fc.Arbitrary<BundleStory> = fc
  .record({
    isStarted: fc.boolean(),
    tasks: fc.array(looks, { minLength: 1, maxLength: 3 }),
    servers: fleets,
    trouble: troubles,
    cutoff: fc.constantFrom('', 'serious', 'remind'),
    failOn: fc.constantFrom('any', 'any', 'none', 'alerts', 'incomplete,timed-out'),
    errors: fc.constantFrom('0', '2', '15'),
    mistake: rarely(5, undefined, mistakes),
    cancelAfterLooks: rarely(8, undefined, fc.integer({ min: 1, max: 3 })),
    isDebug: fc.boolean(),
    report: fc.boolean(),
  })
  .map(({ isStarted, tasks, servers, trouble, cutoff, failOn, errors, mistake, cancelAfterLooks, isDebug, report }) => {
    const ids = tasks.map((_, i) => String(282_832 + i))
    const targets = servers.map(({ uuid, name }) => ({ type: 'uuid', name, target: uuid }))
    const [first = []] = tasks
    return {
      inputs: {
        ...(isStarted ? { targets: 'group-id:10001' } : { 'task-id': ids.join('\n') }),
        'timeout-minutes': '0.05',
        'max-consecutive-errors': errors,
        'severity-cutoff': cutoff,
        'settle-seconds': '0.1',
        'fail-on': failOn,
        ...(report ? { 'report-file': 'evidence/report.json' } : {}),
        ...mistake,
      },
      cloud: {
        account: ACCOUNT,
        fleet: { groups: [{ id: '10001', name: 'web' }], servers },
        tasks: Object.fromEntries(ids.map((id, i) => [id, { targets, looks: tasks[i] ?? first }])),
        starts: [{ id: '282832', looks: first }],
        trouble,
      },
      isBad: mistake !== undefined,
      ...(cancelAfterLooks === undefined ? {} : { cancelAfterLooks }),
      isDebug,
    }
  })
