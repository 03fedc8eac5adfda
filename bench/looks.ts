import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { state } from '../src/emulator/answers.ts'
import { Cloud } from '../src/emulator/cloud.ts'
import { ACCOUNT, SCENARIOS } from '../src/emulator/scenarios.ts'
import { startServer } from '../src/emulator/server.ts'
import { startAnswering, waitLong } from './day.ts'
import { playAction, usageOf } from './processes.ts'
import { median, table } from './table.ts'

/**
 * A hundred tasks in one run of the bundle, in real time: how the budget shares out its calls, and what a look costs in
 * processor time beside a program that makes the same calls with nothing but pop-core. What both pay for their start is
 * left out: it is the slope between a short and a long run that counts.
 */

const TASKS = 100
const CALLS_A_SECOND = 10
const SECONDS = { short: 15, long: 55 }
/** Of each length, side by side: a single one would be at the mercy of the machine. */
const RUNS = 3
/** Looks one after the other, as fast as they are answered. */
const IN_A_ROW = { short: 500, long: 2_500 }
const TARGET_MS = 1

const ids = Array.from({ length: TASKS }, (_, i) => String(282_832 + i))
const targets = [{ type: 'uuid', name: 'web-01', target: '5a1f0c1e-0000-4000-8000-00000000aa01' }]

interface Arrival {
  readonly task: string
  readonly atMs: number
}

export async function benchLooks(): Promise<void> {
  const lengths = Array.from({ length: RUNS }, () => ['short', 'long'] as const).flat()
  const [ours, bare] = await Promise.all([
    Promise.all(lengths.map((length) => playTasks(SECONDS[length]))),
    Promise.all(lengths.map((length) => playBare(SECONDS[length] * CALLS_A_SECOND, 'ten a second'))),
  ])
  shareTable(ours.filter((_, i) => lengths[i] === 'long').map(({ arrivals }) => arrivals))
  const inARow = await benchInARow()
  table(
    `Processor time of a look, user and system, in ms: medians of ${RUNS}, start-up left out`,
    ['', 'this action', 'bare pop-core', 'ratio', 'beyond', `target: <= ${TARGET_MS} ms beyond`],
    [
      costRow('dist/index.js, 100 tasks, ten looks a second', slopes(ours), slopes(bare)),
      costRow('sources, 1 task, looks in a row', inARow.ours, inARow.bare),
    ],
  )
}

interface Cost {
  readonly looks: number
  readonly cpuMs: number
}

async function playTasks(seconds: number): Promise<Cost & { readonly arrivals: readonly Arrival[] }> {
  const arrivals: Arrival[] = []
  const tasks = Object.fromEntries(ids.map((id) => [id, { targets, looks: [state('Processing')] }]))
  const server = await startServer(new Cloud({ account: ACCOUNT, tasks }, Date.now), ({ params }) => {
    arrivals.push({ task: params.TaskId ?? '', atMs: performance.now() })
  })
  const keys = Object.entries(SCENARIOS.passed?.inputs ?? {}).filter(([name]) => /^access-key|^security/.test(name))
  const { cpuMs } = await playAction(
    {
      ...Object.fromEntries(keys),
      endpoint: server.url,
      rehearsal: 'true',
      'task-id': ids.join(','),
      'timeout-minutes': String(seconds / 60),
    },
    'timed-out',
  )
  await server.close()
  return { looks: arrivals.length, cpuMs, arrivals }
}

async function playBare(looks: number, pace: 'ten a second' | 'in a row'): Promise<Cost> {
  const server = await startAnswering()
  const { cpuMs } = await usageOf({
    script: path.join(import.meta.dirname, 'bareLooks.mjs'),
    env: {
      ...process.env,
      URL: server.url,
      LOOKS: String(looks),
      PACE: pace,
      ACCESS_KEY_ID: ACCOUNT.accessKeyId,
      ACCESS_KEY_SECRET: ACCOUNT.accessKeySecret,
      SECURITY_TOKEN: ACCOUNT.securityToken,
    },
  })
  await server.close()
  return { looks, cpuMs }
}

async function benchInARow() {
  const [ours, bare]: [Cost[], Cost[]] = [[], []]
  const server = await startAnswering()
  for (let i = 0; i < RUNS; i++) {
    for (const looks of [IN_A_ROW.short, IN_A_ROW.long]) {
      bare.push(await playBare(looks, 'in a row'))
      const { told, cpuMs } = await waitLong({
        url: server.url,
        tasks: 1,
        credentials: ACCOUNT,
        hasSessions: false,
        minDelayMs: 3_000,
        maxDelayMs: 3_000,
        deadlineMs: looks * 3_000,
        heapAtMs: [],
      })
      ours.push({ looks: told.looks, cpuMs })
    }
  }
  await server.close()
  return { ours: slopes(ours), bare: slopes(bare) }
}

/** Processor time a look, of each pair of a short and a long run. */
function slopes(costs: readonly Cost[]): readonly number[] {
  return costs.flatMap((long, i) => {
    const short = costs[i - 1]
    return i % 2 === 0 || short === undefined ? [] : [(long.cpuMs - short.cpuMs) / (long.looks - short.looks)]
  })
}

function costRow(name: string, ours: readonly number[], bare: readonly number[]): string[] {
  const [mine, theirs] = [median(ours), median(bare)]
  const beyond = mine - theirs
  return [
    name,
    mine.toFixed(2),
    theirs.toFixed(2),
    (mine / theirs).toFixed(2),
    beyond.toFixed(2),
    beyond <= TARGET_MS ? 'PASS' : 'miss',
  ]
}

function shareTable(runs: readonly (readonly Arrival[])[]): void {
  const rows = runs.map((arrivals, i) => {
    const times = arrivals.map(({ atMs }) => atMs)
    const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1_000
    const busiest = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length))
    const byTask = ids.map((id) => arrivals.filter(({ task }) => task === id).map(({ atMs }) => atMs))
    const looks = byTask.map((of) => of.length)
    const fair = arrivals.length / TASKS
    const gaps = byTask.flatMap((of) => of.slice(1).map((at, n) => (at - (of[n] ?? 0)) / 1_000))
    const fairGap = TASKS / CALLS_A_SECOND
    const longest = Math.max(...gaps)
    const isFair = longest <= 2 * fairGap && Math.min(...looks) >= fair / 2
    return [
      `run ${i + 1}`,
      String(arrivals.length),
      (arrivals.length / seconds).toFixed(2),
      String(busiest),
      `${Math.min(...looks)} to ${Math.max(...looks)}`,
      (Math.min(...looks) / fair).toFixed(2),
      median(gaps).toFixed(1),
      longest.toFixed(1),
      (longest / median(gaps)).toFixed(2),
      (longest / fairGap).toFixed(2),
      isFair ? 'PASS' : 'miss',
    ]
  })
  table(
    `${TASKS} tasks in one run of dist/index.js for ${SECONDS.long} s, as they arrived, which a busy machine bunches; fair is a look every ${TASKS / CALLS_A_SECOND} s`,
    [
      '',
      'looks',
      'calls/s',
      'most in 1 s',
      'looks a task',
      'least of fair',
      'gap s p50',
      'longest',
      'of p50',
      'of fair',
      'target: nobody beyond 2 x fair',
    ],
    rows,
  )
}
