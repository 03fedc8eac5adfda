import { failure, policy, sees } from '../support/builders.ts'
import { group100, story, task, wants } from '../support/gateStory.ts'
import { alertRow, type Call, refused, type Script, server } from '../support/scriptedCloud.ts'

/** Reads that fail, lists with holes, and the time that it all may take: an error, never a pass. */

describe('reading the alerts', () => {
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
