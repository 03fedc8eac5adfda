import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { ACCOUNT } from '../src/emulator/scenarios.ts'
import type { Settings, Told } from './longWait.ts'
import { usageOf } from './processes.ts'
import { median, table } from './table.ts'

/**
 * A wait of a whole day, with a clock that leaves out the sleeps: what a run keeps of its looks. The heap is what is left
 * of it after a forced collection of garbage.
 */

const HOUR_MS = 3_600_000
/** Every hour from the fourth on: single collections leave a few MiB more or less. */
const HOURS = [...Array.from({ length: 20 }, (_, i) => i + 4), 23.9]
const SHOWN = [4, 8, 12, 18, 23.9]
/** Growth over the day that is noise of the engine's own: compiled code, caches, pools of buffers. */
const FLAT_KIB = 1_024

export async function benchDay(): Promise<void> {
  const server = await startAnswering()
  const common: Settings = {
    url: server.url,
    tasks: 1,
    credentials: ACCOUNT,
    hasSessions: false,
    minDelayMs: 3_000,
    maxDelayMs: 60_000,
    deadlineMs: 24 * HOUR_MS,
    heapAtMs: HOURS.map((hours) => hours * HOUR_MS),
  }
  const runs = [
    { name: '1 task', settings: common },
    { name: '1 task, sessions of 15 min', settings: { ...common, hasSessions: true } },
    { name: '1 task, a look every 3 s', settings: { ...common, maxDelayMs: 3_000 } },
    {
      name: '100 tasks, a look every 5 min',
      settings: { ...common, tasks: 100, minDelayMs: 300_000, maxDelayMs: 300_000 },
    },
  ]
  const rows: string[][] = []
  for (const { name, settings } of runs) {
    const { told, peakKiB } = await waitLong(settings)
    if (told.verdict !== 'timed-out') throw new Error(`${name} ended as ${told.verdict}`)
    const kib = told.heap.map(({ bytes }) => bytes / 1_024)
    const perDay = slope(told.heap.map(({ atMs, bytes }) => [atMs / HOUR_MS, bytes / 1_024])) * 24
    rows.push([
      name,
      String(told.looks),
      String(told.sessions),
      String(told.remembered),
      ...kib.filter((_, i) => SHOWN.includes(HOURS[i] ?? 0)).map((one) => one.toFixed(0)),
      perDay.toFixed(0),
      ((perDay * 1_024) / told.looks).toFixed(1),
      (peakKiB / 1_024).toFixed(0),
      perDay <= FLAT_KIB ? 'PASS' : 'miss',
    ])
  }
  await server.close()
  table(
    'A wait of 24 h (sources, real pop-core and sockets, sleeps left out): heap in KiB after a collection, by hour',
    [
      '',
      'looks',
      'sessions',
      'states kept',
      ...SHOWN.map((hours) => `${hours} h`),
      'KiB a day',
      'bytes a look',
      'peak MiB',
      `target: <= ${FLAT_KIB} KiB a day`,
    ],
    rows,
  )
}

export async function waitLong(
  settings: Settings,
): Promise<{ readonly told: Told; readonly peakKiB: number; readonly cpuMs: number }> {
  const { stdout, ...usage } = await usageOf({
    script: path.join(import.meta.dirname, 'longWait.ts'),
    nodeOptions: ['--expose-gc'],
    env: { ...process.env, GITHUB_ACTIONS: 'true', SETTINGS: JSON.stringify(settings) },
  })
  return { told: JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Told, ...usage }
}

/** A server that says of every task that it goes on, and keeps nothing. */
export async function startAnswering(): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const targets = [{ type: 'uuid', name: 'web-01', target: '5a1f0c1e-0000-4000-8000-00000000aa01' }]
  const body = JSON.stringify({
    RequestId: 'E0000000-0000-4000-8000-000000000001',
    ScanTaskProgress: 'Processing',
    TargetInfo: JSON.stringify(targets),
  })
  const headers = { 'content-type': 'application/json;charset=utf-8', 'content-length': body.length }
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, headers).end(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The median of the slopes between any two points, which a few that lie far off do not move. */
function slope(points: readonly (readonly [number, number])[]): number {
  return median(points.flatMap(([x, y], i) => points.slice(i + 1).map(([x2, y2]) => (y2 - y) / (x2 - x))))
}
