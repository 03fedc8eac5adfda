import path from 'node:path'
import type { CloudState } from '../../src/emulator/cloud.ts'
import { Cloud } from '../../src/emulator/cloud.ts'
import { type ActionResult, runAction } from '../../src/emulator/runner.ts'
import { ACCOUNT } from '../../src/emulator/scenarios.ts'
import { type EmulatorServer, type Exchange, startServer } from '../../src/emulator/server.ts'
import type { Files } from '../../src/emulator/workspace.ts'

/** What ships, started as the runner starts it, against the emulated cloud. */
export const ACTION = path.resolve(__dirname, '../../dist/index.js')

export const keys = {
  'access-key-id': ACCOUNT.accessKeyId,
  'access-key-secret': ACCOUNT.accessKeySecret,
  'security-token': ACCOUNT.securityToken ?? '',
}
export const fast = { 'min-poll-seconds': '0.05', 'max-poll-seconds': '0.2', 'timeout-minutes': '1' }

export interface BundleResult extends ActionResult {
  readonly server: EmulatorServer
  /** What the scans that were started were to scan. */
  readonly started: Cloud['started']
  /** From the first signal to the end of the process. */
  readonly goneAfterMs: number
  readonly log: readonly string[]
  readonly annotations: readonly string[]
}

export interface BundleRun {
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string | undefined>>
  /** What is checked out in the workspace. */
  readonly files?: Files
  /** Signals to send once this many looks, or the first call of another action, have arrived. */
  readonly signals?: {
    readonly afterLooks?: number
    readonly afterCalls?: { readonly action: string }
    readonly send: readonly NodeJS.Signals[]
  }
}

/** Runs the bundle with `rehearsal` against this cloud; inputs come on top of good keys and fast polls. */
export async function runBundle(
  state: CloudState,
  { inputs, env, files = {}, signals }: BundleRun = {},
): Promise<BundleResult> {
  let looks = 0
  let signalledAt = Number.NaN
  let kill = (_: NodeJS.Signals) => {}
  const onExchange = ({ action }: Exchange) => {
    const isLook = action === 'DescribeScanTaskProgress'
    if (isLook) looks += 1
    if (signals === undefined) return
    if (!(isLook && looks === signals.afterLooks) && action !== signals.afterCalls?.action) return
    signalledAt = performance.now()
    for (const signal of signals.send) kill(signal)
  }
  const cloud = new Cloud(state, Date.now)
  const server = await startServer(cloud, onExchange)
  const result = await runAction({
    entry: ACTION,
    inputs: { ...keys, ...fast, endpoint: server.url, rehearsal: 'true', ...inputs },
    files,
    ...(env === undefined ? {} : { env }),
    onStart: (action) => {
      kill = action.kill
    },
  })
  const goneAfterMs = performance.now() - signalledAt
  await server.close()
  const log = result.stdout.split(/\r?\n/)
  return {
    ...result,
    server,
    started: cloud.started,
    goneAfterMs,
    log,
    annotations: log.filter((line) => /^::(?:error|warning|notice)/.test(line)),
  }
}
