import type { AllowEntry } from '../src/domain/allowList.ts'
import type { RunEvent } from '../src/domain/event.ts'
import type { GateSight } from '../src/domain/gate.ts'
import type { Inputs } from '../src/inputs.ts'
import { run } from '../src/run.ts'
import { outputsOf } from '../src/view/outputs.ts'
import { failure, id, open, policy, restOfInputs, sees, seesUnknown } from './support/builders.ts'
import { alertRow, type Call, refused, type Script, ScriptedCloud, server } from './support/scriptedCloud.ts'
import { VirtualClock } from './support/virtualClock.ts'

/** The gate's story, with hours on a virtual clock: each rule that closes it has a test that opens when it is removed. */

const rules = { cutoff: 'suspicious', settleMs: 60_000, entries: [], today: '2026-11-24' } as const
const inputs: Inputs = {
  waitFor: { kind: 'targets', wanted: { kind: 'listed', lines: [{ word: 'group-id', name: '100' }] }, wait: true },
  policy,
  gate: rules,
  ...restOfInputs,
}
const wants = (...lines: readonly string[]): Inputs['waitFor'] => ({
  kind: 'targets',
  wait: true,
  wanted: {
    kind: 'listed',
    lines: lines.map((line) => ({ word: line.split(':')[0] as 'uuid', name: line.split(':')[1] ?? '' })),
  },
})
const all: Inputs['waitFor'] = { kind: 'targets', wait: true, wanted: { kind: 'all' } }
const task: Inputs['waitFor'] = { kind: 'tasks', ids: [id('282832')] }
const group100 = { type: 'groupId', name: 'web', target: '100' }
const uuid = (n: number) => ({ type: 'uuid', name: `web-0${n}`, target: `uuid-0${n}` })
const accepts = (more: object): AllowEntry =>
  ({
    line: 1,
    reason: 'known',
    until: '2026-12-31',
    kind: 'alert',
    alert: '*',
    server: 'web-01',
    ...more,
  }) as AllowEntry
const acceptsGap = (more: object): AllowEntry =>
  ({ line: 2, reason: 'known', until: '2026-12-31', kind: 'uncovered', server: 'web-0*', ...more }) as AllowEntry

async function story(script: Script, changes: Partial<Inputs> = {}, cancelAt?: (event: RunEvent) => boolean) {
  const clock = new VirtualClock()
  const cloud = new ScriptedCloud({ servers: () => [server(1), server(2)], ...script }, clock)
  const events: RunEvent[] = []
  const cancel = new AbortController()
  const report = (event: RunEvent) => {
    events.push(event)
    if (cancelAt?.(event)) cancel.abort()
  }
  const ports = { clock, random: () => 0.5, access: open, cloud, report }
  const outcome = await clock.finish(run({ ...inputs, ...changes }, ports, cancel.signal))
  const { verdict, failsJob, decisive, others } = outcome.judgement
  const sight = outcome.gate?.sight as GateSight
  return { outcome, verdict, failsJob, decisive, others, sight, cloud, clock, events }
}

const gaps = (sight: GateSight) =>
  sight.gaps.map((gap) => `${gap.name} ${gap.reason}${gap.isAccepted ? ' accepted' : ''}`)
const seenAlerts = (sight: GateSight) =>
  sight.alerts?.all.map(({ eventId, status, before }) => `${eventId} ${status} ${before}`)

describe('starting', () => {
  test('a group is checked, read, started, waited for, checked again and read twice', async () => {
    const { verdict, outcome, cloud } = await story({})
    expect(verdict).toBe('passed')
    expect(outcome).toMatchObject({ taskIds: ['282832'], started: { id: '282832', requestId: 'R-4' } })
    expect(cloud.calls.map(({ call, about }) => `${call} ${about}`)).toEqual([
      'listServers groupId=100',
      'listAlerts uuid-01',
      'listAlerts uuid-02',
      'startScan [{"type":"groupId","name":"100","target":"100"}]',
      'describeScanTaskProgress 282832',
      'describeScanTaskProgress 282832',
      'listServers groupId=100',
      'listAlerts uuid-01',
      'listAlerts uuid-02',
      'listAlerts uuid-01',
      'listAlerts uuid-02',
    ])
  })

  test('host, instance, group and uuid are looked up; what is named twice counts once', async () => {
    const groups = [
      { id: '100', name: 'web' },
      { id: '101', name: 'web-other' },
    ]
    const lines = ['host:web-01', 'instance:i-02', 'uuid:uuid-01', 'group:web', 'group-id:100']
    const { verdict, cloud } = await story({ groups }, { waitFor: wants(...lines), gate: undefined as never })
    expect(verdict).toBe('passed')
    expect(cloud.started).toEqual([[uuid(1), uuid(2), group100]])
  })

  test('with the gate on, a uuid goes out under the name that coverage found', async () => {
    const { cloud } = await story(
      { looks: { '282832': [sees('Success', [uuid(1)])] } },
      { waitFor: wants('uuid:uuid-01') },
    )
    expect(cloud.started).toEqual([[uuid(1)]])
  })

  test.each([
    {
      name: 'a host that only looks alike',
      line: 'host:web-0',
      says: 'no server has this name',
      found: /web-01 \(i-01\)/,
    },
    {
      name: 'an instance that is not there',
      line: 'instance:i-77',
      says: 'no server has this instance id',
      found: undefined,
    },
    { name: 'a group that is not there', line: 'group:db', says: 'no server group has this name', found: /^web$/ },
    { name: 'a group in another case', line: 'group:WEB', says: 'no server group has this name', found: /^web$/ },
  ])('$name: invalid input, nothing started', async ({ line, says, found }) => {
    const { verdict, decisive, cloud } = await story({ groups: [{ id: '100', name: 'web' }] }, { waitFor: wants(line) })
    expect(verdict).toBe('invalid-input')
    const [problem] = decisive?.kind === 'invalid-input' ? decisive.problems : []
    expect(problem?.value).toBe(line)
    expect(problem?.text).toContain(says)
    if (found === undefined) expect(problem?.found).toBeUndefined()
    else expect(problem?.found?.[0]).toMatch(found)
    expect(cloud.started).toEqual([])
  })

  test('two servers of one name, two groups of one name: every problem at once, with what was found', async () => {
    const servers = () => [server(1), server(2, { name: 'web-01' })]
    const groups = [
      { id: '1', name: 'web' },
      { id: '2', name: 'web' },
    ]
    const { decisive } = await story({ servers, groups }, { waitFor: wants('host:web-01', 'group:web') })
    expect(decisive).toMatchObject({
      kind: 'invalid-input',
      problems: [
        { value: 'host:web-01', found: ['uuid:uuid-01 (i-01)', 'uuid:uuid-02 (i-02)'] },
        { value: 'group:web', found: ['group-id:1', 'group-id:2'] },
      ],
    })
  })

  test('all: every server group; an account without any has nothing to scan', async () => {
    const groups = [
      { id: '100', name: 'web' },
      { id: '200', name: 'db' },
    ]
    const off = { gate: undefined as never, waitFor: all }
    expect((await story({ groups }, off)).cloud.started).toEqual([
      [group100, { type: 'groupId', name: 'db', target: '200' }],
    ])
    expect((await story({ groups: [] }, off)).verdict).toBe('invalid-input')
  })

  test.each([
    { name: 'throttled', trouble: failure('throttled', { code: 'Throttling.User' }) },
    { name: 'refused', trouble: failure('network', { code: 'ECONNREFUSED' }) },
    { name: 'unresolved', trouble: failure('network', { code: 'EAI_AGAIN' }) },
  ])('$name: nothing was started, so it is tried again', async ({ trouble }) => {
    const { verdict, cloud } = await story({
      trouble: (call, { nth }) => (call === 'startScan' && nth < 3 ? trouble : undefined),
    })
    expect(verdict).toBe('passed')
    expect(cloud.count('startScan')).toBe(4)
    expect(cloud.started).toHaveLength(1)
  })

  test('what proves that nothing was started is forgiven within the error budget only', async () => {
    const trouble = (call: Call) => (call === 'startScan' ? failure('network', { code: 'ENOTFOUND' }) : undefined)
    const { verdict, decisive, cloud } = await story({ trouble })
    expect(verdict).toBe('unavailable')
    expect(decisive).toMatchObject({ kind: 'call-ended', purpose: 'start' })
    expect(cloud.count('startScan')).toBe(16)
  })

  test.each([
    failure('server', { code: 'ServerError' }),
    failure('timeout', { code: 'RequestTimeout' }),
    failure('network', { code: 'ECONNRESET' }),
    failure('network', { code: 'EPIPE' }),
    failure('invalid-response', { code: 'InvalidResponse' }),
    failure('missing-fields', { code: 'InvalidResponse' }),
    failure('unknown-code', { code: 'Odd' }),
    failure('throttled', { code: 'InvalidResponse' }),
  ])('$cause $code: a scan may be running, so it is not started again', async (trouble) => {
    const { verdict, decisive, cloud } = await story({
      trouble: (call) => (call === 'startScan' ? trouble : undefined),
    })
    expect(verdict).toBe('unavailable')
    expect(decisive).toMatchObject({ kind: 'start-unknown' })
    expect(cloud.count('startScan')).toBe(1)
  })

  test('a refused start is denied, and nothing is waited for', async () => {
    const { verdict, cloud } = await story({ trouble: (call) => (call === 'startScan' ? refused() : undefined) })
    expect(verdict).toBe('denied')
    expect(cloud.count('describeScanTaskProgress')).toBe(0)
  })

  test('a cancel before the start starts nothing', async () => {
    const { verdict, cloud } = await story({}, {}, (event) => event.kind === 'alerts')
    expect(verdict).toBe('cancelled')
    expect(cloud.started).toEqual([])
  })

  test('wait: false starts and ends there, after the same checks', async () => {
    const waitFor = { ...inputs.waitFor, wait: false } as Inputs['waitFor']
    const good = await story({ alerts: () => [alertRow(1)] }, { waitFor })
    expect(good).toMatchObject({ verdict: 'started', failsJob: false })
    expect(good.cloud.count('describeScanTaskProgress')).toBe(0)
    expect(good.cloud.count('listAlerts')).toBe(2)
    const offline = await story({ servers: () => [server(1, { clientStatus: 'offline' })] }, { waitFor })
    expect(offline).toMatchObject({ verdict: 'incomplete', failsJob: true })
    expect(offline.cloud.started).toEqual([])
  })
})

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

describe('coverage after the scan', () => {
  const later =
    <T>(before: T, after: T) =>
    ({ looks }: { looks: number }) =>
      looks < 2 ? before : after

  test('who joined was not scanned; an entry may accept it', async () => {
    const servers = later([server(1)], [server(1), server(2)])
    const joined = await story({ servers })
    expect(joined.verdict).toBe('incomplete')
    expect(gaps(joined.sight)).toEqual(['web-02 joined'])
    const gate = { ...rules, entries: [acceptsGap({ uncovered: 'joined' })] }
    expect((await story({ servers }, { gate })).verdict).toBe('passed')
  })

  test('who left is reported, not counted, not even as a gap of before', async () => {
    const servers = later([server(1), server(2)], [server(1)])
    const left = await story({ servers })
    expect(left.verdict).toBe('passed')
    expect(left.sight.left).toMatchObject([{ uuid: 'uuid-02' }])
    const looks = {
      '282832': [sees('Processing', [group100]), sees('Processing', [group100]), sees('Success', [group100])],
    }
    const offline = later([server(1), server(2, { clientStatus: 'offline' })], [server(1)])
    expect((await story({ servers: offline, looks }, { waitFor: task })).verdict).toBe('passed')
  })

  test('a named server that is gone is missing', async () => {
    const looks = { '282832': [sees('Processing', [uuid(1), uuid(2)]), sees('Success', [uuid(1), uuid(2)])] }
    const servers = later([server(1), server(2)], [server(1)])
    const { verdict, sight } = await story({ looks, servers }, { waitFor: wants('uuid:uuid-01', 'uuid:uuid-02') })
    expect(verdict).toBe('incomplete')
    expect(gaps(sight)).toEqual(['web-02 missing'])
  })

  test('accepted as missing, all of them: a gate that looked at nothing does not pass', async () => {
    const looks = { '282832': [sees('Success', [uuid(1)])] }
    const gate = { ...rules, entries: [acceptsGap({ uncovered: 'missing' })] }
    const { verdict, decisive, outcome } = await story({ looks, servers: () => [server(2)] }, { waitFor: task, gate })
    expect(verdict).toBe('incomplete')
    expect(decisive).toMatchObject({ gaps: [], nothingToStart: true })
    expect(outputsOf(outcome).outputs.reason).toBe(
      'The scan does not cover what was asked for: no server of the scans that ended well is left',
    )
  })

  test('two calls that disagree about a server: the worse one holds', async () => {
    const clock = new VirtualClock()
    const cloud = new ScriptedCloud({ servers: () => [server(1)] }, clock)
    const serversOf: ScriptedCloud['serversOf'] = async (uuids) => {
      const answer = await ScriptedCloud.prototype.serversOf.call(cloud, uuids)
      return answer.kind === 'answer' ? { ...answer, value: [server(1, { isBound: false })] } : answer
    }
    const waitFor = wants('uuid:uuid-01', 'group-id:100')
    const ports = {
      clock,
      random: () => 0.5,
      access: open,
      cloud: Object.assign(cloud, { serversOf }),
      report: () => {},
    }
    const outcome = await clock.finish(run({ ...inputs, waitFor }, ports, new AbortController().signal))
    expect(outcome.judgement.verdict).toBe('incomplete')
  })

  test('who went offline during the scan is uncovered', async () => {
    const servers = later([server(1)], [server(1, { clientStatus: 'offline' })])
    expect((await story({ servers })).verdict).toBe('incomplete')
  })

  test('a group whose last server left is empty', async () => {
    const { verdict, sight } = await story({ servers: later([server(1)], []) })
    expect(verdict).toBe('incomplete')
    expect(gaps(sight)).toEqual(['100 empty'])
  })

  test('all: a server that moved to a group that was empty before was scanned where it came from', async () => {
    const groups = [
      { id: '100', name: 'web' },
      { id: '200', name: 'db' },
    ]
    const looks = { '282832': [sees('Processing', [group100]), sees('Success', [group100])] }
    const servers = later([server(1), server(2)], [server(1), server(2, { groupId: '200' })])
    expect((await story({ servers, groups, looks }, { waitFor: all })).verdict).toBe('passed')
  })

  test('all: a server in a group that was empty before has joined', async () => {
    const groups = [
      { id: '100', name: 'web' },
      { id: '200', name: 'db' },
    ]
    const looks = { '282832': [sees('Processing', [group100]), sees('Success', [group100])] }
    const servers = later([server(1)], [server(1), server(2, { groupId: '200' })])
    const { verdict, sight } = await story({ servers, groups, looks }, { waitFor: all })
    expect(verdict).toBe('incomplete')
    expect(gaps(sight)).toEqual(['web-02 joined'])
  })
})

describe('alerts', () => {
  const reads = (events: readonly RunEvent[]) =>
    events.flatMap((event) => (event.kind === 'alerts' && event.when === 'after' ? event.atMs : []))

  test('one that counts is believed at once, and known to be new', async () => {
    const alerts = (server: string, { looks }: { looks: number }) =>
      server === 'uuid-01' ? [alertRow(1, { level: 'remind' }), ...(looks < 2 ? [] : [alertRow(2)])] : []
    const { verdict, sight, events } = await story({ alerts })
    expect(verdict).toBe('alerts')
    expect(seenAlerts(sight)).toEqual(['2 counting false', '1 below-cutoff true'])
    expect(reads(events)).toHaveLength(1)
    expect(sight.alerts).toMatchObject({ isSettled: true, reads: 1 })
  })

  test('a clean read is believed when another one, settle-seconds later, agrees', async () => {
    const { verdict, events, sight } = await story({ alerts: () => [alertRow(1, { level: 'remind' })] })
    expect(verdict).toBe('passed')
    const [first = 0, second = 0] = reads(events)
    expect(second - first).toBe(60_000)
    expect(sight.alerts).toMatchObject({ isSettled: true, reads: 2 })
  })

  test('what shows up late is found by the second read', async () => {
    const alerts = (_: string, { nowMs }: { nowMs: number }) => (nowMs >= 60_000 ? [alertRow(1)] : [])
    const { verdict } = await story({ alerts })
    expect(verdict).toBe('alerts')
  })

  test.each([
    {
      name: 'one more below the cutoff',
      change: (n: number) => Array.from({ length: n }, (_, i) => alertRow(i, { level: 'remind' })),
    },
    {
      name: 'one less below the cutoff',
      change: (n: number) => Array.from({ length: 6 - n }, (_, i) => alertRow(i, { level: 'remind' })),
    },
    { name: 'another one below the cutoff', change: (n: number) => [alertRow(n, { level: 'remind' })] },
    {
      name: 'a level that rises, still below the cutoff',
      change: (n: number) => [alertRow(1, { level: n < 5 ? 'remind' : 'REMIND' })],
    },
  ])('$name makes the next read necessary', async ({ change }) => {
    const alerts = (server: string, { nth }: { nth: number }) => (server === 'uuid-01' ? change(nth < 4 ? 1 : 5) : [])
    const { verdict, sight } = await story({ alerts })
    expect(verdict).toBe('passed')
    expect(sight.alerts?.reads).toBe(3)
  })

  test('settle-seconds 0: two reads, one after the other', async () => {
    const { verdict, events } = await story({}, { gate: { ...rules, settleMs: 0 } })
    expect(verdict).toBe('passed')
    expect(reads(events)).toHaveLength(2)
  })

  test.each([
    ['serious', 'serious', 'alerts'],
    ['suspicious', 'serious', 'passed'],
    ['suspicious', 'suspicious', 'alerts'],
    ['remind', 'suspicious', 'passed'],
    ['remind', 'remind', 'alerts'],
    ['SERIOUS', 'serious', 'alerts'],
    ['unheard-of', 'serious', 'alerts'],
    ['', 'serious', 'alerts'],
  ] as const)('level %s at cutoff %s: %s', async (level, cutoff, verdict) => {
    const alerts = (server: string) => (server === 'uuid-02' ? [alertRow(1, { level })] : [])
    expect((await story({ alerts }, { gate: { ...rules, cutoff } })).verdict).toBe(verdict)
  })

  test('accepted, expired, on another server, under another name', async () => {
    const alerts = (server: string) => (server === 'uuid-01' ? [alertRow(1)] : [])
    const withEntry = async (more: object) =>
      (await story({ alerts }, { gate: { ...rules, entries: [accepts(more)] } })).verdict
    expect(await withEntry({})).toBe('passed')
    expect(await withEntry({ alert: 'Malicious Software-*' })).toBe('passed')
    expect(await withEntry({ server: 'uuid-01' })).toBe('passed')
    expect(await withEntry({ server: undefined })).toBe('passed')
    expect(await withEntry({ until: '2026-11-23' })).toBe('alerts')
    expect(await withEntry({ server: 'web-02' })).toBe('alerts')
    expect(await withEntry({ server: 'web-0*' })).toBe('alerts')
    expect(await withEntry({ alert: 'malicious software-*' })).toBe('alerts')
    expect(await withEntry({ alert: 'Malicious Software' })).toBe('alerts')
  })

  test('a missing permission is found before anything is started, also where only the events may not be read', async () => {
    for (const denied of ['listAlerts', 'listServers'] as const) {
      const { verdict, decisive, cloud } = await story({ trouble: (call) => (call === denied ? refused() : undefined) })
      expect(verdict).toBe('denied')
      expect(decisive).toMatchObject({ kind: 'call-ended', ending: { failure: { action: denied } } })
      expect(cloud.started).toEqual([])
    }
  })

  test('a task that runs: a missing permission ends the wait at once', async () => {
    const looks = { '282832': [sees('Processing', [group100])] }
    const { verdict, decisive, others, clock } = await story(
      { looks, trouble: (call) => (call === 'listAlerts' ? refused() : undefined) },
      { waitFor: task },
    )
    expect(verdict).toBe('denied')
    expect(decisive).toMatchObject({ kind: 'call-ended', purpose: 'baseline' })
    expect(others).toEqual([])
    expect(clock.now()).toBeLessThan(60_000)
  })

  test('a refusal after a baseline that could not be read is not hidden behind it, nor forgiven with it', async () => {
    const looks = { '282832': [sees('Processing', [group100]), sees('Success', [group100])] }
    const { verdict, failsJob, others } = await story(
      {
        looks,
        trouble: (call, moment) =>
          call !== 'listAlerts' ? undefined : moment.looks < 2 ? failure('server') : refused(),
      },
      { waitFor: task, policy: { ...policy, maxConsecutiveErrors: 0 }, failOn: ['alerts'] },
    )
    expect({ verdict, failsJob }).toEqual({ verdict: 'denied', failsJob: true })
    expect(others).toMatchObject([{ kind: 'call-ended', purpose: 'baseline', ending: { kind: 'unavailable' } }])
  })

  test('a baseline that was given up leaves nothing under way when the run has ended', async () => {
    const looks = { '282832': [sees('Processing', [group100]), sees('Failed', [group100])] }
    const { verdict, clock } = await story(
      {
        looks,
        // The first two reads: one is to be repeated in an hour, the next one is given up at once.
        trouble: (call, { nth }) =>
          call !== 'listAlerts' ? undefined : failure('throttled', { retryAfterMs: nth === 0 ? 3_600_000 : 0 }),
        servers: () => [server(1), server(2)],
      },
      { waitFor: task, policy: { ...policy, maxConsecutiveErrors: 1 } },
    )
    expect(verdict).toBe('scan-failed')
    expect(clock.now()).toBeLessThan(3_600_000)
    expect(clock.sleeping).toBe(0)
  })

  test('what counted on a server that the task does not name any more is a fact all the same', async () => {
    const looks = { '282832': [sees('Processing', [uuid(1)]), sees('Success', [uuid(2)])] }
    const alerts = (server: string) => (server === 'uuid-01' ? [alertRow(1)] : [])
    const { verdict, others, sight } = await story({ looks, alerts }, { waitFor: task })
    expect(verdict).toBe('alerts')
    expect(seenAlerts(sight)).toEqual(['1 counting true'])
    expect(sight.left).toEqual([])
    expect(others).toMatchObject([{ kind: 'incomplete', unclear: [{ why: 'changed' }] }])
  })

  test('what counts and was seen in a read that then fails is a fact all the same', async () => {
    const { verdict, others, sight } = await story({
      alerts: (server, { looks }) => (server === 'uuid-01' && looks > 0 ? [alertRow(1)] : []),
      trouble: (call, { nth, looks }) =>
        call === 'listAlerts' && looks > 0 && nth > 2 ? failure('server') : undefined,
    })
    expect(verdict).toBe('alerts')
    expect(sight.alerts).toMatchObject({ isSettled: false, reads: 0 })
    expect(others).toMatchObject([{ kind: 'call-ended', ending: { kind: 'unavailable' } }])
  })

  test('what counted before the scan counts when nothing is known after it', async () => {
    const { verdict, others } = await story({
      alerts: (server) => (server === 'uuid-01' ? [alertRow(1)] : []),
      trouble: (call, { looks }) => (call === 'listAlerts' && looks > 0 ? failure('server') : undefined),
    })
    expect(verdict).toBe('alerts')
    expect(others).toMatchObject([{ kind: 'call-ended' }])
  })

  test('what counted before a scan that failed counts, whatever another scan ended with', async () => {
    const two: Inputs['waitFor'] = { kind: 'tasks', ids: [id('1'), id('2')] }
    const looks = {
      '1': [sees('Processing', [uuid(1)]), sees('Failed', [uuid(1)])],
      '2': [sees('Processing', [uuid(2)]), sees('Success', [uuid(2)])],
    }
    const alerts = (server: string) => (server === 'uuid-01' ? [alertRow(1)] : [])
    const { verdict, others } = await story({ looks, alerts }, { waitFor: two, failOn: ['alerts'] })
    expect(verdict).toBe('alerts')
    expect(others).toMatchObject([{ kind: 'scan-failed' }])
  })

  test('what counted on a server that left its group does not', async () => {
    const { verdict, sight } = await story({
      servers: ({ looks }) => (looks === 0 ? [server(1), server(2)] : [server(1)]),
      alerts: (server) => (server === 'uuid-02' ? [alertRow(1)] : []),
    })
    expect(verdict).toBe('passed')
    expect(sight.left).toMatchObject([{ uuid: 'uuid-02' }])
  })

  test('one alert shown twice with two levels: the graver one was seen', async () => {
    const twice = [alertRow(1), alertRow(1, { level: 'remind' })]
    const page: Script['page'] = (call, good) => (call === 'listAlerts' ? { rows: twice, total: 1 } : good)
    expect((await story({ page, alerts: () => twice })).verdict).toBe('alerts')
  })

  test('a clean look before the scan is no count of what it left', async () => {
    const timedOut = await story(
      { looks: { '282832': [sees('Processing', [group100])] } },
      { policy: { ...policy, deadlineMs: 60_000 } },
    )
    expect(timedOut.verdict).toBe('timed-out')
    expect(outputsOf(timedOut.outcome).outputs).toMatchObject({ 'alert-count': '', alerts: '[]' })
    const denied = await story({ trouble: (call) => (call === 'listAlerts' ? refused() : undefined) })
    expect(outputsOf(denied.outcome).outputs).toMatchObject({ 'alert-count': '', alerts: '[]' })
    const passed = await story({})
    expect(outputsOf(passed.outcome).outputs).toMatchObject({ 'alert-count': '0', alerts: '[]' })
  })

  test('a refusal ends everything at once, also what is being tried again just then', async () => {
    const { verdict, clock } = await story({
      trouble: (call, { nth }) =>
        call !== 'listAlerts' ? undefined : nth === 0 ? failure('throttled', { retryAfterMs: 600_000 }) : refused(),
    })
    expect(verdict).toBe('denied')
    expect(clock.now()).toBeLessThan(60_000)
  })

  test('so does a refused look-up, and nothing keeps the process alive', async () => {
    const { verdict, clock, cloud } = await story(
      {
        trouble: (call, { nth }) =>
          call !== 'listServers' ? undefined : nth === 0 ? failure('throttled', { retryAfterMs: 600_000 }) : refused(),
      },
      { waitFor: wants('host:web-01', 'host:web-02') },
    )
    expect(verdict).toBe('denied')
    await new Promise(setImmediate)
    expect({ sleeping: clock.sleeping, calls: cloud.count('listServers') }).toEqual({ sleeping: 0, calls: 2 })
  })

  test('what counted before the scan and is gone after it does not', async () => {
    const { verdict } = await story({ alerts: (_, { looks }) => (looks === 0 ? [alertRow(1)] : []) })
    expect(verdict).toBe('passed')
  })

  test.each<{ name: string; script: Script }>([
    {
      name: 'fewer rows than the total',
      script: {
        page: (call, page, _, { looks }) =>
          call === 'listAlerts' && looks > 0 ? { ...page, total: page.total + 1 } : page,
      },
    },
    {
      name: 'a page that does not advance',
      script: {
        alerts: () => Array.from({ length: 150 }, (_, i) => alertRow(i, { level: 'remind' })),
        page: (call, page, number) =>
          call === 'listAlerts' && number > 1 ? { ...page, rows: [alertRow(1, { level: 'remind' })] } : page,
      },
    },
    {
      name: 'a total that changes on the way, for ever',
      script: {
        alerts: () => Array.from({ length: 150 }, (_, i) => alertRow(i, { level: 'remind' })),
        page: (call, page, number) => (call === 'listAlerts' ? { ...page, total: page.total + number - 1 } : page),
      },
    },
    {
      name: 'a missing array',
      script: {
        trouble: (call, { looks }) => (call === 'listAlerts' && looks > 0 ? failure('missing-fields') : undefined),
      },
    },
    {
      name: 'a fleet with a hole',
      script: { page: (call, page) => (call === 'listServers' ? { ...page, total: page.total + 1 } : page) },
    },
  ])('$name: an error, never a pass', async ({ script }) => {
    expect(await story(script)).toMatchObject({ verdict: 'unavailable', failsJob: true })
  })

  test('one list that changed while it was read is read again', async () => {
    const { verdict } = await story({
      alerts: () => Array.from({ length: 150 }, (_, i) => alertRow(i, { level: 'remind' })),
      page: (call, page, number, { nth }) =>
        call === 'listAlerts' && number === 2 && nth < 3 ? { ...page, total: 151 } : page,
    })
    expect(verdict).toBe('passed')
  })

  test('a row that slips through while others vanish from the list is not missed', async () => {
    const rows = Array.from({ length: 150 }, (_, i) => alertRow(i, { level: i === 100 ? 'serious' : 'remind' }))
    const { verdict } = await story({
      servers: () => [server(1)],
      alerts: () => rows,
      // A row of the first page is gone by the time of the second, so that the 101st moves to the first.
      page: (call, page, number, { nth }) =>
        call === 'listAlerts' && number === 2 && (nth === 3 || nth === 5)
          ? { rows: page.rows.slice(1), total: 149 }
          : page,
    })
    expect(verdict).toBe('alerts')
  })

  test('a page size that the cloud cuts is met all the same', async () => {
    const rows = Array.from({ length: 150 }, (_, i) => alertRow(i, { level: 'remind' }))
    const { verdict, sight } = await story({
      servers: () => [server(1)],
      alerts: () => rows,
      page: (call, page, number) =>
        call === 'listAlerts' ? { rows: rows.slice((number - 1) * 20, number * 20), total: 150 } : page,
    })
    expect(verdict).toBe('passed')
    expect(sight.alerts?.all).toHaveLength(150)
  })

  test('an outage of minutes while reading is forgiven', async () => {
    const trouble = (call: Call, { nth, looks }: { nth: number; looks: number }) =>
      call === 'listAlerts' && looks > 0 && nth < 12 ? failure('server') : undefined
    expect((await story({ trouble })).verdict).toBe('passed')
  })

  test('the deadline covers the reading: scan ended, alerts not read', async () => {
    const short = { ...policy, deadlineMs: 30_000 }
    const settling = await story({}, { policy: short })
    expect(settling).toMatchObject({ verdict: 'timed-out', decisive: { purpose: 'alerts' } })
    // A second read could only begin too late, so nobody waits for it.
    expect(settling.clock.now()).toBeLessThan(30_000)
    const failing = await story(
      { trouble: (call, { looks }) => (call === 'listAlerts' && looks > 0 ? failure('server') : undefined) },
      { policy: short },
    )
    expect(failing).toMatchObject({ verdict: 'timed-out', decisive: { purpose: 'alerts' } })
    expect(failing.clock.now()).toBe(30_000)
  })

  test('a cancel between two reads ends at once, and is no pass', async () => {
    const { verdict, clock } = await story({}, {}, (event) => event.kind === 'alerts' && event.when === 'after')
    expect(verdict).toBe('cancelled')
    expect(clock.now()).toBeLessThan(60_000)
  })
})

describe('many servers', () => {
  const fleet = (count: number) =>
    Array.from({ length: count }, (_, i) => server(i + 1, { groupId: String(100 + (i % 10)) }))
  const groups = Array.from({ length: 10 }, (_, i) => ({ id: String(100 + i), name: `group-${i}` }))
  const looks = {
    '282832': [
      sees(
        'Success',
        groups.map(({ id: target, name }) => ({ type: 'groupId', name, target })),
      ),
    ],
  }

  test('up to 50 servers are asked one by one', async () => {
    const { cloud } = await story({ servers: () => fleet(50), groups, looks }, { waitFor: all })
    expect(cloud.count('listServersWithAlerts')).toBe(0)
    expect(cloud.count('listAlerts')).toBe(150)
  })

  test('a throttled call slows all of them down for a while', async () => {
    const trouble = (call: Call, { nth }: { nth: number }) =>
      call === 'listAlerts' && nth === 20 ? failure('throttled', { code: 'Throttling.User' }) : undefined
    const { verdict, cloud } = await story({ servers: () => fleet(50), groups, looks, trouble }, { waitFor: all })
    expect(verdict).toBe('passed')
    const times = cloud.calls.map(({ atMs }) => atMs)
    const spans = times.slice(10).map((at, i) => at - (times[i] ?? 0))
    expect(spans.slice(0, 12).every((span) => span === 1_000)).toBe(true)
    expect(spans.slice(24, 40).every((span) => span >= 2_000)).toBe(true)
  })

  test('above, only those with alerts; where there are none, one is asked to prove the permission', async () => {
    const clean = await story({ servers: () => fleet(51), groups, looks }, { waitFor: all })
    expect(clean.verdict).toBe('passed')
    expect(clean.cloud.count('listServersWithAlerts')).toBe(3)
    expect(clean.cloud.count('listAlerts')).toBe(3)
    const denied = await story(
      { servers: () => fleet(51), groups, looks, trouble: (call) => (call === 'listAlerts' ? refused() : undefined) },
      { waitFor: all },
    )
    expect(denied.verdict).toBe('denied')
    const alerts = (server: string, { looks }: { looks: number }) =>
      server === 'uuid-51' && looks > 0 ? [alertRow(1)] : []
    const one = await story({ servers: () => fleet(51), groups, looks, alerts }, { waitFor: all })
    expect(one.verdict).toBe('alerts')
    expect(one.cloud.calls.filter(({ call }) => call === 'listAlerts').map(({ about }) => about)).toEqual([
      'uuid-01',
      'uuid-51',
    ])
  })

  test('5,000 clean servers cost about 110 calls, within ten a second', async () => {
    const servers = fleet(5_000)
    const { verdict, cloud } = await story({ servers: () => servers, groups, looks }, { waitFor: all })
    expect(verdict).toBe('passed')
    expect(cloud.calls.length).toBeLessThanOrEqual(112)
    const times = cloud.calls.map(({ atMs }) => atMs)
    for (const [i, at] of times.entries())
      expect((times[i + 10] ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThanOrEqual(1_000)
  })

  test('1,000 named servers: a hundred a call', async () => {
    const servers = fleet(1_000)
    const targets = servers.map(({ uuid: target, name }) => ({ type: 'uuid', name, target }))
    const { verdict, cloud } = await story(
      { servers: () => servers, looks: { '282832': [sees('Success', targets)] } },
      { waitFor: wants(...servers.map((one) => `uuid:${one.uuid}`)) },
    )
    expect(verdict).toBe('passed')
    expect(cloud.calls.filter(({ call }) => call === 'serversOf').map(({ about }) => about)).toEqual(
      Array(20).fill('100'),
    )
  })
})

test('an unknown state with the gate on is no end either', async () => {
  const looks = { '282832': [seesUnknown('Verifying')] }
  expect((await story({ looks }, { waitFor: task, policy: { ...policy, deadlineMs: 60_000 } })).verdict).toBe(
    'timed-out',
  )
})
