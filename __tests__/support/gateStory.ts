import type { AllowEntry } from '../../src/domain/allowList.ts'
import type { RunEvent } from '../../src/domain/event.ts'
import type { GateSight } from '../../src/domain/gate.ts'
import type { Inputs } from '../../src/inputs.ts'
import { run } from '../../src/run.ts'
import { id, open, policy, restOfInputs } from './builders.ts'
import { type Script, ScriptedCloud, server } from './scriptedCloud.ts'
import { VirtualClock } from './virtualClock.ts'

/** A run with the gate on: hours on a virtual clock, against a cloud that follows a script. */

export const rules = { cutoff: 'suspicious', settleMs: 60_000, entries: [], today: '2026-11-24' } as const
export const inputs: Inputs = {
  waitFor: { kind: 'targets', wanted: { kind: 'listed', lines: [{ word: 'group-id', name: '100' }] }, wait: true },
  policy,
  gate: rules,
  ...restOfInputs,
}
export const wants = (...lines: readonly string[]): Inputs['waitFor'] => ({
  kind: 'targets',
  wait: true,
  wanted: {
    kind: 'listed',
    lines: lines.map((line) => ({ word: line.split(':')[0] as 'uuid', name: line.split(':')[1] ?? '' })),
  },
})
export const all: Inputs['waitFor'] = { kind: 'targets', wait: true, wanted: { kind: 'all' } }
export const task: Inputs['waitFor'] = { kind: 'tasks', ids: [id('282832')] }
export const group100 = { type: 'groupId', name: 'web', target: '100' }
export const uuid = (n: number) => ({ type: 'uuid', name: `web-0${n}`, target: `uuid-0${n}` })
export const accepts = (more: object): AllowEntry =>
  ({
    line: 1,
    reason: 'known',
    until: '2026-12-31',
    kind: 'alert',
    alert: '*',
    server: 'web-01',
    ...more,
  }) as AllowEntry
export const acceptsGap = (more: object): AllowEntry =>
  ({ line: 2, reason: 'known', until: '2026-12-31', kind: 'uncovered', server: 'web-0*', ...more }) as AllowEntry

export async function story(script: Script, changes: Partial<Inputs> = {}, cancelAt?: (event: RunEvent) => boolean) {
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

export const gaps = (sight: GateSight) =>
  sight.gaps.map((gap) => `${gap.name} ${gap.reason}${gap.isAccepted ? ' accepted' : ''}`)
export const seenAlerts = (sight: GateSight) =>
  sight.alerts?.all.map(({ eventId, status, before }) => `${eventId} ${status} ${before}`)
