import path from 'node:path'
import { Cloud } from '../src/emulator/cloud.ts'
import { SCENARIOS } from '../src/emulator/scenarios.ts'
import { startServer } from '../src/emulator/server.ts'
import { playAction, usageOf } from './processes.ts'
import { table } from './table.ts'

/** What the gate costs on a fleet of 5,000 servers: calls, by server, and memory, beside a bare process. */
export async function benchGate(): Promise<void> {
  const infected = SCENARIOS['big-fleet']
  if (infected === undefined) throw new Error('there is no big fleet')
  const { fleet } = infected.cloud
  // The scenario's fleet before any look showed Success: nobody is infected.
  const clean = typeof fleet === 'function' ? fleet({ looks: 0, starts: 0 }) : fleet
  const servers = clean?.servers.length ?? 0
  const runs = [
    { name: 'clean', cloud: { ...infected.cloud, ...(clean && { fleet: clean }) }, verdict: 'passed', ill: 0 },
    { name: '300 infected', cloud: infected.cloud, verdict: 'alerts', ill: 300 },
  ]
  // Side by side, since most of their time is the wait for late alerts.
  const measured = await Promise.all(
    runs.map(async ({ cloud, verdict, ...run }) => {
      const server = await startServer(new Cloud(cloud, Date.now))
      const inputs = { ...infected.inputs, endpoint: server.url, rehearsal: 'true', 'report-file': 'report.json' }
      const { peakKiB } = await playAction(inputs, verdict)
      const looks = server.exchanges.filter(({ action }) => action === 'DescribeScanTaskProgress').length
      const calls = server.exchanges.length - looks
      const bare = await usageOf({
        script: path.join(import.meta.dirname, 'bareRequest.mjs'),
        env: { ...process.env, URL: server.url },
      })
      await server.close()
      return { ...run, calls, looks, peakKiB, bareKiB: bare.peakKiB }
    }),
  )
  const rows = measured.map(({ name, ill, calls, looks, peakKiB, bareKiB }) => [
    `${servers} servers, ${name}`,
    String(calls),
    (calls / servers).toFixed(3),
    ill === 0 ? '' : ((calls - (measured[0]?.calls ?? 0)) / ill).toFixed(2),
    String(looks),
    (peakKiB / 1_024).toFixed(0),
    (peakKiB / bareKiB).toFixed(2),
  ])
  table(
    'The gate with targets: all',
    ['fleet', 'calls', 'a server', 'more, an infected one', 'looks besides', 'peak MiB', 'of a bare process'],
    rows,
  )
}
