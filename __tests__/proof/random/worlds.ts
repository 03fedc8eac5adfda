import fc from 'fast-check'
import { HOSTILE_NAMES } from '../../support/hostile.ts'
import { anyFaults, healingFaults, throttlings } from './faults.ts'
import { AFFECTED, ALERTS, BY_UUIDS, GROUPS, LOG_IN, LOOK, SERVERS, START, WHO_AM_I } from './witness.ts'
import type { AlertScript, Breakage, Change, InfoKind, LookScript, ServerRow, Trouble, When, World } from './world.ts'

/** Random worlds. Most are nearly well, so that the rare mishap meets a run that would pass. */

/** One of these in `n` cases. */
export const rarely = <T>(n: number, usual: T, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: n - 1, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary })

const GROUP_IDS = ['100', '101', '9007199254740993'] as const

/** `unitMs` is the shortest delay between two looks: the pace of the story. */
const whens = (unitMs: number): fc.Arbitrary<When> =>
  fc.record({
    after: fc.constantFrom('beginning', 'start', 'success', 'success'),
    ms: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: unitMs * 12 }), fc.integer({ min: 0, max: 200_000 })),
  })

const AT_ONCE: When = { after: 'beginning', ms: 0 }

const badPart: fc.Arbitrary<Partial<ServerRow>> = fc.oneof(
  fc.constantFrom('offline', 'pause', '', null, 7).map((ClientStatus) => ({ ClientStatus })),
  fc.constantFrom<unknown>(false, 'true', null, 1).map((Bind) => ({ Bind })),
  fc.constantFrom<unknown>(1, 10, '3', null, 3.5).map((AuthVersion) => ({ AuthVersion })),
)
const goodPart: fc.Arbitrary<Partial<ServerRow>> = fc.record({
  ClientStatus: fc.constantFrom('online', 'online', 'Online', 'ONLINE'),
  AuthVersion: fc.constantFrom(3, 5, 6, 7),
})

function serversOf(count: number): fc.Arbitrary<World['servers']> {
  const one = (i: number) =>
    fc
      .record({
        name: rarely(8, `web-${i}`, fc.constantFrom(...HOSTILE_NAMES, 'web-0', '')),
        group: fc.constantFrom(...GROUP_IDS, '100', '100'),
        isNumber: fc.boolean(),
        good: goodPart,
        bad: rarely(12 + count, {}, badPart),
        isGone: rarely(12 + count, false, fc.constant(true)),
      })
      .map(({ name, group, isNumber, good, bad, isGone }) => ({
        Uuid: `uuid-${i}`,
        InstanceId: `i-${i}`,
        InstanceName: name,
        // The parsers of the client keep the digits of a long number by themselves; here it comes as text.
        GroupId: isNumber && group.length < 10 ? Number(group) : group,
        Bind: true,
        ClientStatus: 'online',
        AuthVersion: 3,
        ...good,
        ...bad,
        isGone,
      }))
  return fc.tuple(...Array.from({ length: count }, (_, i) => one(i)))
}

const changesOf = (servers: number, unitMs: number): fc.Arbitrary<readonly Change[]> =>
  fc.array(
    fc.record({
      when: whens(unitMs),
      server: fc.nat({ max: servers - 1 }),
      becomes: fc.oneof(
        badPart,
        goodPart.map((part) => ({ ...part, Bind: true })),
        fc.boolean().map((isGone) => ({ isGone })),
        fc.constantFrom(...GROUP_IDS).map((GroupId) => ({ GroupId })),
      ),
    }),
    { maxLength: 2 },
  )

export const ALERT_NAMES = [
  'Malicious Software-Trojan',
  'Mining program',
  'WebShell',
  '<b>x</b>|`y`',
  '::warning::z',
] as const

const alertsOf = (servers: number, unitMs: number): fc.Arbitrary<readonly AlertScript[]> =>
  fc.array(
    fc
      .record({
        server: fc.oneof(fc.constant(0), fc.nat({ max: servers - 1 })),
        eventId: fc.integer({ min: 1, max: 6 }).map(String),
        level: fc.constantFrom('serious', 'suspicious', 'remind', 'remind', 'Serious', 'SUSPICIOUS', 'critical', ''),
        name: fc.constantFrom(...ALERT_NAMES),
        from: fc.oneof(
          { weight: 2, arbitrary: fc.constant(AT_ONCE) },
          { weight: 1, arbitrary: whens(unitMs) },
          {
            weight: 3,
            arbitrary: fc.integer({ min: 1, max: unitMs * 20 }).map((ms) => ({ after: 'success', ms }) as const),
          },
        ),
        until: rarely(3, undefined, whens(unitMs)),
      })
      .map(({ until, ...alert }) => ({ ...alert, ...(until === undefined ? {} : { until }) })),
    { maxLength: 3 },
  )

const infos: fc.Arbitrary<InfoKind> = rarely(
  10,
  'text',
  fc.constantFrom('array', 'missing', 'broken', 'null', 'number', 'none', 'unknown-type', 'other'),
)
const steps = (lastOnes: fc.Arbitrary<unknown>): fc.Arbitrary<readonly LookScript[]> =>
  fc
    .record({
      first: fc.array(
        fc.oneof(
          { weight: 8, arbitrary: fc.constantFrom('init', 'Processing', 'INIT', 'processing') },
          { weight: 1, arbitrary: fc.constantFrom('Verifying', 'success ', 'Successful', '::error::x', 'failed?') },
        ),
        { maxLength: 4 },
      ),
      last: lastOnes,
      usual: infos,
      strange: fc.array(infos, { maxLength: 5 }),
    })
    .map(({ first, last, usual, strange }) =>
      [...first, last].map((progress, i) => ({ progress, info: strange[i] ?? usual })),
    )
const looks = steps(
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom('Success', 'Success', 'Success', 'success', 'SUCCESS') },
    { weight: 2, arbitrary: fc.constantFrom('Failed', 'failed') },
    { weight: 1, arbitrary: fc.constantFrom('Processing', 'Paused', 'init') },
  ),
)

const breakages = fc.constantFrom<Breakage>(
  'no-rows',
  'rows-null',
  'row-without-id',
  'no-total',
  'total-text',
  'total-negative',
  'success-false',
  'one-missing',
  'one-missing',
  'row-twice',
  'stranger',
)
const troubles: fc.Arbitrary<Trouble | undefined> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 3, arbitrary: anyFaults },
  { weight: 1, arbitrary: breakages.map((breakage) => ({ kind: 'breakage', breakage }) as const) },
)
const few = rarely(6, [], fc.array(troubles, { minLength: 1, maxLength: 6 }))
const many = fc.array(fc.oneof({ weight: 1, arbitrary: troubles }, { weight: 2, arbitrary: healingFaults }), {
  maxLength: 30,
})
const ofStart: fc.Arbitrary<readonly (Trouble | undefined)[]> = rarely(
  4,
  [],
  fc.oneof(fc.array(throttlings, { minLength: 1, maxLength: 4 }), fc.array(troubles, { minLength: 1, maxLength: 4 })),
)

/** Seen by no read before the second: with one level it counts, with another the reads only disagree. */
const lateAlerts = (servers: number, settleMs: number): fc.Arbitrary<readonly AlertScript[]> =>
  fc
    .tuple(fc.constantFrom('serious', 'remind', 'remind', 'remind'), fc.constantFrom(...ALERT_NAMES), fc.nat(settleMs))
    .map(([level, name, ms]) =>
      Array.from(
        { length: Math.min(servers, 5) },
        (_, server): AlertScript => ({
          server,
          eventId: '9',
          level,
          name,
          from: { after: 'success', ms: ms + 1 },
        }),
      ),
    )

/** Bad before the start and good after it: the scan began without it. */
const MENDED: readonly Change[] = [
  { when: AT_ONCE, server: 0, becomes: { ClientStatus: 'offline' } },
  { when: { after: 'start', ms: 0 }, server: 0, becomes: { ClientStatus: 'online' } },
]

export const worlds = (unitMs: number, deadlineMs: number, settleMs: number): fc.Arbitrary<World> =>
  fc
    .oneof({ weight: 70, arbitrary: fc.integer({ min: 1, max: 5 }) }, { weight: 1, arbitrary: fc.constant(51) })
    .chain((count) =>
      fc
        .record({
          servers: serversOf(count),
          groups: fc.constant(
            GROUP_IDS.map((GroupId, i) => ({ GroupId, GroupName: ['web', 'databases', 'web'][i] ?? '' })),
          ),
          groupNames: fc.boolean(),
          changes: fc.oneof(
            { weight: 11, arbitrary: fc.constant([]) },
            { weight: 3, arbitrary: changesOf(count, unitMs) },
            { weight: 2, arbitrary: fc.constant(MENDED) },
          ),
          alerts: fc.oneof(
            { weight: 5, arbitrary: fc.constant([]) },
            { weight: 5, arbitrary: alertsOf(count, unitMs) },
            { weight: 2, arbitrary: lateAlerts(count, settleMs) },
          ),
          looks: fc.array(looks, { minLength: 1, maxLength: 3 }),
          targets: fc.array(targetsOf(count), { minLength: 1, maxLength: 3 }),
          troubles: fc.record({
            [LOOK]: fc.oneof({ weight: 8, arbitrary: few }, { weight: 1, arbitrary: many }),
            [START]: ofStart,
            [SERVERS]: few,
            [BY_UUIDS]: few,
            [GROUPS]: few,
            [AFFECTED]: few,
            [ALERTS]: fc.oneof({ weight: 8, arbitrary: few }, { weight: 1, arbitrary: many }),
            [LOG_IN]: few,
            [WHO_AM_I]: few,
          }),
          outage: rarely(
            12,
            undefined,
            fc.record({
              fromMs: fc.integer({ min: 0, max: deadlineMs }),
              length: fc.integer({ min: 1, max: deadlineMs }),
              fault: healingFaults,
            }),
          ),
          latencies: fc.array(
            fc.oneof(
              { weight: 8, arbitrary: fc.constant(0) },
              { weight: 6, arbitrary: fc.integer({ min: 1, max: 900 }) },
              { weight: 1, arbitrary: fc.integer({ min: 1_000, max: 15_500 }) },
            ),
            { minLength: 1, maxLength: 8 },
          ),
          pageCap: rarely(3, 100, fc.integer({ min: 1, max: 2 })),
          sessionsMs: fc.array(fc.integer({ min: 10_000, max: 3_600_000 }), { minLength: 1, maxLength: 3 }),
          isAllowedAccount: rarely(6, true, fc.constant(false)),
        })
        .map(({ groupNames, groups, outage, pageCap, ...world }) => ({
          ...world,
          groups: groupNames ? groups : groups.slice(0, 2),
          // A large fleet in pages of one row would be a story about nothing but pages.
          pageCap: count > 10 ? Math.max(pageCap, 20) : pageCap,
          ...(outage === undefined
            ? {}
            : { outage: { fromMs: outage.fromMs, toMs: outage.fromMs + outage.length, fault: outage.fault } }),
        })),
    )

function targetsOf(servers: number): fc.Arbitrary<World['targets'][number]> {
  const uuid = fc.nat({ max: servers - 1 }).map((i) => ({ type: 'uuid', name: `web-${i}`, target: `uuid-${i}` }))
  const group = fc.constantFrom('100', '100', '101').map((target) => ({ type: 'groupId', name: 'web', target }))
  return fc.oneof(
    { weight: 3, arbitrary: fc.uniqueArray(uuid, { minLength: 1, maxLength: 3, selector: ({ target }) => target }) },
    { weight: 2, arbitrary: group.map((one) => [one]) },
    { weight: 1, arbitrary: fc.tuple(uuid, group).map((both) => [...both]) },
  )
}
