import { setMaxListeners } from 'node:events'
import { VirtualClock } from '../__tests__/support/virtualClock.ts'
import { RpcClient } from '../src/adapters/rpc.ts'
import * as runner from '../src/adapters/runner.ts'
import { API_VERSION, SecurityCenter } from '../src/adapters/securityCenter.ts'
import type { RunEvent } from '../src/domain/event.ts'
import type { TaskId } from '../src/domain/scan.ts'
import type { Credentials } from '../src/domain/session.ts'
import { FORGIVABLE } from '../src/domain/verdict.ts'
import type { Inputs } from '../src/inputs.ts'
import { run } from '../src/run.ts'
import { SessionKeeper } from '../src/steps/sessionKeeper.ts'
import { staticCredentials } from '../src/steps/staticCredentials.ts'
import { Narrator } from '../src/view/log.ts'

/**
 * A run of the sources in a process of its own: the real adapters, pop-core and sockets, with a clock that leaves out
 * the sleeps. Told what to do by `SETTINGS`; tells what it saw in its last line.
 */

export interface Settings {
  readonly url: string
  readonly tasks: number
  readonly credentials: Credentials
  /** With it the session is another one each quarter of an hour. */
  readonly hasSessions: boolean
  readonly minDelayMs: number
  readonly maxDelayMs: number
  readonly deadlineMs: number
  /** When to measure the heap. Needs `--expose-gc`. */
  readonly heapAtMs: readonly number[]
}

export interface Told {
  readonly verdict: string
  readonly looks: number
  readonly sessions: number
  /** Entries of the histories of all tasks: the states that were seen. */
  readonly remembered: number
  readonly heap: readonly { readonly atMs: number; readonly looks: number; readonly bytes: number }[]
}

const SESSION_MS = 15 * 60_000

const settings = JSON.parse(process.env.SETTINGS ?? '') as Settings
const { credentials, url, heapAtMs, minDelayMs, maxDelayMs, deadlineMs } = settings
const ids = Array.from({ length: settings.tasks }, (_, i) => String(282_832 + i) as TaskId)
const policy = { minDelayMs, maxDelayMs, deadlineMs, maxConsecutiveErrors: 15 }
const endpoint = { url, host: new URL(url).host, site: 'rehearsal' } as const
const inputs: Inputs = {
  waitFor: { kind: 'tasks', ids },
  policy,
  failOn: FORGIVABLE,
  endpoint,
  sts: endpoint,
  login: { kind: 'keys', from: 'inputs', credentials },
  allowedAccountIds: [],
  rehearsal: true,
  jobSummary: false,
}

const clock = new VirtualClock({ keepsSleeps: false })
let looks = 0
const narrator = new Narrator(ids, policy.maxConsecutiveErrors)
const report = (event: RunEvent) => {
  if (event.kind === 'look') looks += 1
  for (const line of narrator.tell(event)) runner.log(line.level, line.text)
}
const world = { clock, random: Math.random, report }
const sessions = new SessionKeeper({
  ...world,
  policy,
  source: async () => {
    const value = { credentials: { ...credentials }, fromMs: clock.now(), endsAtMs: clock.now() + SESSION_MS }
    return { kind: 'answer', value, action: 'AssumeRole', requestId: '' }
  },
})
const provider = settings.hasSessions ? sessions : staticCredentials(credentials)
const rpc = new RpcClient({ url, apiVersion: API_VERSION, credentials: provider })
const cloud = new SecurityCenter({
  call: (...call) => clock.during(rpc.call(...call)),
  callFresh: (...call) => clock.during(rpc.callFresh(...call)),
})
const whoAmI = () => Promise.reject(new Error('nobody asks'))
const access = settings.hasSessions ? { sessions, whoAmI } : { whoAmI }

const heap: Told['heap'][number][] = []
const measure = (nowMs: number) => {
  if (nowMs < (heapAtMs[heap.length] ?? Number.POSITIVE_INFINITY)) return
  for (let i = 0; i < 3; i++) globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  heap.push({ atMs: nowMs, looks, bytes: heapUsed + external })
}
const cancel = new AbortController()
// As the real clock says it: a hundred tasks sleep on one signal.
setMaxListeners(0, cancel.signal)
const outcome = await clock.finish(run(inputs, { ...world, cloud, access }, cancel.signal), measure)
rpc.close()
const told: Told = {
  verdict: outcome.judgement.verdict,
  looks,
  sessions: settings.hasSessions ? (sessions.tallies[0]?.calls ?? 0) : 0,
  remembered: outcome.tasks.reduce((sum, task) => sum + task.history.length, 0),
  heap,
}
process.stdout.write(`\n${JSON.stringify(told)}\n`)
