import type { RunEvent } from '../../src/domain/event.ts'
import type { Inputs } from '../../src/inputs.ts'
import { outputsOf } from '../../src/view/outputs.ts'
import { failure, id, policy, sees } from '../support/builders.ts'
import { accepts, group100, rules, seenAlerts, story, task, uuid } from '../support/gateStory.ts'
import { alertRow, refused, type Script, server } from '../support/scriptedCloud.ts'

/** Which alerts count, and what of them is still known when the reading comes to nothing. */

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

  test('what counted before the scan and is gone after it does not', async () => {
    const { verdict } = await story({ alerts: (_, { looks }) => (looks === 0 ? [alertRow(1)] : []) })
    expect(verdict).toBe('passed')
  })
})
