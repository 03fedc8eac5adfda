import type { Inputs } from '../../src/inputs.ts'
import { failure, id, sees } from '../support/builders.ts'
import {
  acceptsGap,
  all,
  gaps,
  group100,
  inputs,
  rules,
  seenAlerts,
  story,
  task,
  uuid,
  wants,
} from '../support/gateStory.ts'
import { alertRow, type Call, server } from '../support/scriptedCloud.ts'

/** What is not covered is found before the scan: nobody waits hours to be told so. */

describe('coverage before a start', () => {
  const oneBad = (changes: object) => () => [server(1), server(2, changes)]
  test.each([
    { name: 'offline', changes: { clientStatus: 'offline' }, reasons: ['web-02 offline'] },
    { name: 'paused', changes: { clientStatus: 'pause' }, reasons: ['web-02 offline'] },
    { name: 'a state that is not known', changes: { clientStatus: '' }, reasons: ['web-02 offline'] },
    { name: 'unbound', changes: { isBound: false }, reasons: ['web-02 unlicensed'] },
    { name: 'the free edition', changes: { edition: 1 }, reasons: ['web-02 unlicensed'] },
    { name: 'value-added services only', changes: { edition: 10 }, reasons: ['web-02 unlicensed'] },
    { name: 'an edition that is not known', changes: { edition: Number.NaN }, reasons: ['web-02 unlicensed'] },
    {
      name: 'both, each for itself',
      changes: { clientStatus: 'offline', isBound: false },
      reasons: ['web-02 offline', 'web-02 unlicensed'],
    },
  ])('$name: incomplete, nothing started', async ({ changes, reasons }) => {
    for (const waitFor of [inputs.waitFor, wants('uuid:uuid-01', 'uuid:uuid-02')]) {
      const { verdict, failsJob, sight, cloud } = await story({ servers: oneBad(changes) }, { waitFor })
      expect({ verdict, failsJob }).toEqual({ verdict: 'incomplete', failsJob: true })
      expect(gaps(sight)).toEqual(reasons)
      expect(cloud.started).toEqual([])
    }
  })

  test.each([3, 5, 6, 7])('edition %d is scanned', async (edition) => {
    expect((await story({ servers: oneBad({ edition }) })).verdict).toBe('passed')
  })

  test('a named server that does not exist is missing, an empty group is empty', async () => {
    const { verdict, sight } = await story({}, { waitFor: wants('uuid:uuid-01', 'uuid:uuid-09', 'group-id:555') })
    expect(verdict).toBe('incomplete')
    expect(gaps(sight)).toEqual(['uuid-09 missing', '555 empty'])
  })

  test('servers of other groups that the search finds too are none of ours', async () => {
    const servers = () => [server(1), server(2, { groupId: '1001', clientStatus: 'offline' })]
    const { verdict, sight } = await story({ servers })
    expect(verdict).toBe('passed')
    expect([...sight.servers.keys()]).toEqual(['uuid-01'])
  })

  test('forgiven by fail-on: the rest is scanned, the alerts of all are read, the verdict stays incomplete', async () => {
    const looks = { '282832': [sees('Success', [uuid(1)])] }
    const servers = oneBad({ clientStatus: 'offline' })
    const failOn = ['alerts'] as const
    const waitFor = wants('uuid:uuid-01', 'uuid:uuid-02')
    const clean = await story({ looks, servers }, { waitFor, failOn })
    expect(clean).toMatchObject({ verdict: 'incomplete', failsJob: false })
    expect(clean.cloud.started).toEqual([[uuid(1)]])
    const alerts = (server: string) => (server === 'uuid-02' ? [alertRow(1)] : [])
    const infected = await story({ looks, servers, alerts }, { waitFor, failOn })
    expect(infected).toMatchObject({ verdict: 'alerts', failsJob: true, others: [{ kind: 'incomplete' }] })
  })

  test('accepted by the allow-list: left out by uuid, a group started whole, and a pass', async () => {
    const servers = oneBad({ clientStatus: 'offline' })
    const gate = { ...rules, entries: [acceptsGap({ uncovered: 'offline' })] }
    const named = await story(
      { servers, looks: { '282832': [sees('Success', [uuid(1)])] } },
      { gate, waitFor: wants('uuid:uuid-01', 'uuid:uuid-02') },
    )
    expect(named.verdict).toBe('passed')
    expect(named.cloud.started).toEqual([[uuid(1)]])
    expect(gaps(named.sight)).toEqual(['web-02 offline accepted'])
    const group = await story({ servers }, { gate })
    expect(group.verdict).toBe('passed')
    expect(group.cloud.started).toEqual([[{ ...group100, name: '100' }]])
  })

  test('each reason needs its own acceptance', async () => {
    const servers = oneBad({ clientStatus: 'offline', isBound: false })
    const one = { ...rules, entries: [acceptsGap({ uncovered: 'offline' })] }
    expect((await story({ servers }, { gate: one })).verdict).toBe('incomplete')
    const both = { ...rules, entries: [acceptsGap({ uncovered: 'offline' }), acceptsGap({ uncovered: 'unlicensed' })] }
    expect((await story({ servers }, { gate: both })).verdict).toBe('passed')
  })

  test('an expired acceptance accepts nothing; its last day still does', async () => {
    const servers = oneBad({ clientStatus: 'offline' })
    const until = (day: string) => ({ ...rules, entries: [acceptsGap({ uncovered: 'offline', until: day })] })
    expect((await story({ servers }, { gate: until('2026-11-23') })).verdict).toBe('incomplete')
    expect((await story({ servers }, { gate: until('2026-11-24') })).verdict).toBe('passed')
  })

  test('nothing left to scan: nothing is started, and nobody passes', async () => {
    const servers = () => [server(1, { clientStatus: 'offline' })]
    const gate = { ...rules, entries: [acceptsGap({ uncovered: 'offline' })] }
    for (const waitFor of [inputs.waitFor, wants('uuid:uuid-01')]) {
      const accepted = await story({ servers }, { gate, waitFor })
      expect(accepted).toMatchObject({ verdict: 'incomplete', failsJob: true, decisive: { nothingToStart: true } })
      expect(accepted.cloud.started).toEqual([])
      const forgiven = await story({ servers, alerts: () => [alertRow(1)] }, { waitFor, failOn: ['scan-failed'] })
      expect(forgiven).toMatchObject({ verdict: 'alerts', failsJob: false })
      expect(forgiven.cloud.started).toEqual([])
    }
  })

  test('all: a server in a group that is not in the list would not be scanned', async () => {
    const servers = () => [server(1), server(2, { groupId: '300' })]
    const { verdict, sight, cloud } = await story({ servers, groups: [{ id: '100', name: 'web' }] }, { waitFor: all })
    expect(verdict).toBe('incomplete')
    expect(gaps(sight)).toEqual(['web-02 joined'])
    expect(cloud.started).toEqual([])
  })

  test('all: groups without servers are left out; a fleet without servers is incomplete', async () => {
    const groups = [
      { id: '100', name: 'web' },
      { id: '200', name: 'db' },
    ]
    const some = await story({ groups }, { waitFor: all })
    expect(some.verdict).toBe('passed')
    expect(some.cloud.started).toEqual([[group100]])
    expect(some.cloud.calls.filter(({ call }) => call === 'listServers').map(({ about }) => about)).toEqual([
      'all',
      'all',
    ])
    const none = await story({ groups, servers: () => [] }, { waitFor: all })
    expect(none).toMatchObject({ verdict: 'incomplete', failsJob: true })
    expect(none.cloud.started).toEqual([])
  })
})

describe('coverage of a task that runs already', () => {
  const looks = {
    '282832': [sees('Processing', [group100]), sees('Processing', [group100]), sees('Success', [group100])],
  }

  test('is checked at the first look that shows its targets; the wait goes on, and the gap counts at the end', async () => {
    const servers = ({ looks: seen }: { looks: number }) => [
      server(1),
      server(2, seen < 2 ? { clientStatus: 'offline' } : {}),
    ]
    const { verdict, sight, events, cloud } = await story({ looks, servers }, { waitFor: task })
    expect(verdict).toBe('incomplete')
    expect(gaps(sight)).toEqual(['web-02 offline'])
    expect(events.filter(({ kind }) => kind === 'coverage')).toMatchObject([{ when: 'before' }, { when: 'after' }])
    expect(cloud.count('describeScanTaskProgress')).toBe(3)
    expect(cloud.count('listAlerts')).toBe(6)
  })

  test('a look that is terminal at once: one check, and nobody knows what was there before', async () => {
    const ended = { '282832': [sees('Success', [group100])] }
    const { verdict, sight, cloud } = await story({ looks: ended, alerts: () => [alertRow(1)] }, { waitFor: task })
    expect(verdict).toBe('alerts')
    expect(seenAlerts(sight)).toEqual(['1 counting null', '1 counting null'])
    expect(cloud.count('listServers')).toBe(1)
  })

  test('what is read only when the scan has ended is not what was there before, but it was seen', async () => {
    const trouble = (call: Call, { nth }: { nth: number }) =>
      call === 'listAlerts' && nth < 8 ? failure('server') : undefined
    const clean = await story({ looks, trouble, alerts: () => [alertRow(1, { level: 'remind' })] }, { waitFor: task })
    expect(clean.verdict).toBe('passed')
    expect(seenAlerts(clean.sight)).toEqual(['1 below-cutoff null', '1 below-cutoff null'])
    const failed = { '282832': [sees('Processing', [group100]), sees('Failed', [group100])] }
    const infected = await story({ looks: failed, trouble, alerts: () => [alertRow(1)] }, { waitFor: task })
    expect(infected).toMatchObject({ verdict: 'alerts', others: [{ kind: 'scan-failed' }] })
  })

  test('an early outage does not keep the alerts at the end from being read', async () => {
    const long = { '282832': [...Array(100).fill(sees('Processing', [group100])), sees('Success', [group100])] }
    const trouble = (call: Call, { nowMs }: { nowMs: number }) =>
      call === 'listAlerts' && nowMs < 1_200_000 ? failure('server') : undefined
    const outage = { looks: long, trouble }
    const infected = await story({ ...outage, alerts: () => [alertRow(1)] }, { waitFor: task, failOn: ['alerts'] })
    expect(infected).toMatchObject({ verdict: 'alerts', failsJob: true })
    const clean = await story(outage, { waitFor: task })
    expect(clean).toMatchObject({ verdict: 'unavailable', failsJob: true, decisive: { purpose: 'baseline' } })
  })

  test('targets that come late are checked when they come', async () => {
    const unread = { kind: 'state', state: 'init', targetInfo: { kind: 'unreadable' }, requestId: '' } as const
    const late = { '282832': [unread, sees('Processing', [group100]), sees('Success', [group100])] }
    const { verdict, events } = await story({ looks: late }, { waitFor: task })
    expect(verdict).toBe('passed')
    const kinds = events.map((event) => event.kind)
    expect(kinds.indexOf('coverage')).toBeGreaterThan(1)
  })

  const unread = { kind: 'state', state: 'Success', targetInfo: { kind: 'unreadable' }, requestId: '' } as const
  test.each([
    { name: 'cannot be read', look: unread, why: 'unreadable' },
    { name: 'is empty', look: sees('Success', []), why: 'none' },
    { name: 'has a type nobody knows', look: sees('Success', [{ ...group100, type: 'vpc' }]), why: 'unknown-type' },
  ])('TargetInfo $name: incomplete', async ({ look, why }) => {
    const { verdict, decisive } = await story({ looks: { '282832': [look] } }, { waitFor: task })
    expect(verdict).toBe('incomplete')
    expect(decisive).toMatchObject({ unclear: [{ taskId: '282832', why }] })
  })

  test('TargetInfo that changes on the way, or is not what was started: incomplete', async () => {
    const changing = { '282832': [sees('Processing', [group100]), sees('Success', [group100, uuid(1)])] }
    const changed = await story({ looks: changing }, { waitFor: task })
    expect(changed).toMatchObject({ verdict: 'incomplete', decisive: { unclear: [{ why: 'changed' }] } })
    const other = await story({ looks: { '282832': [sees('Success', [uuid(1)])] } })
    expect(other).toMatchObject({ verdict: 'incomplete', decisive: { unclear: [{ why: 'not-as-started' }] } })
  })

  test('several tasks: one that fails takes no alerts of the other away', async () => {
    const two: Inputs['waitFor'] = { kind: 'tasks', ids: [id('1'), id('2')] }
    const looks = { '1': [sees('Failed', [uuid(1)])], '2': [sees('Processing', [uuid(2)]), sees('Success', [uuid(2)])] }
    const { verdict, others, sight, cloud } = await story({ looks, alerts: () => [alertRow(1)] }, { waitFor: two })
    expect(verdict).toBe('alerts')
    expect(others).toMatchObject([{ kind: 'scan-failed' }])
    expect([...sight.servers.keys()]).toEqual(['uuid-02'])
    expect(cloud.calls.filter(({ call }) => call === 'listAlerts').every(({ about }) => about === 'uuid-02')).toBe(true)
  })

  test('no task ended well: nothing is read after it', async () => {
    const { verdict, cloud } = await story({ looks: { '282832': [sees('Failed', [group100])] } }, { waitFor: task })
    expect(verdict).toBe('scan-failed')
    expect(cloud.count('listAlerts')).toBe(0)
  })
})
