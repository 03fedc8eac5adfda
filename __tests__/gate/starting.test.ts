import type { Inputs } from '../../src/inputs.ts'
import { failure, sees } from '../support/builders.ts'
import { all, group100, inputs, story, uuid, wants } from '../support/gateStory.ts'
import { alertRow, type Call, refused, server } from '../support/scriptedCloud.ts'

/** Before a scan: what targets stand for, and that a scan is started once or not at all. */

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
