import { run } from '../../src/run.ts'
import { outputsOf } from '../../src/view/outputs.ts'
import { open, policy, sees, seesUnknown } from '../support/builders.ts'
import { acceptsGap, all, gaps, group100, inputs, rules, story, task, uuid, wants } from '../support/gateStory.ts'
import { ScriptedCloud, server } from '../support/scriptedCloud.ts'
import { VirtualClock } from '../support/virtualClock.ts'

/** What was scanned in the end is what was to be scanned, or the run is no pass. */

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

test('an unknown state with the gate on is no end either', async () => {
  const looks = { '282832': [seesUnknown('Verifying')] }
  expect((await story({ looks }, { waitFor: task, policy: { ...policy, deadlineMs: 60_000 } })).verdict).toBe(
    'timed-out',
  )
})
