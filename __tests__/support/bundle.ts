import path from 'node:path'
import type { Answer } from '../../src/emulator/answers.ts'
import { Cloud, type CloudState, type Request } from '../../src/emulator/cloud.ts'
import { type MetadataService, type MetadataState, startMetadata } from '../../src/emulator/metadata.ts'
import { type ActionResult, type ActionRun, runAction } from '../../src/emulator/runner.ts'
import { ACCOUNT } from '../../src/emulator/scenarios.ts'
import { type EmulatorServer, type Exchange, startServer } from '../../src/emulator/server.ts'
import type { Session } from '../../src/emulator/sessions.ts'
import { trusting, usesSts } from '../../src/emulator/stage.ts'
import { startTokenService, type TokenService, type TokenServiceState } from '../../src/emulator/tokenService.ts'
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
  /** The sessions that STS issued, secrets included. */
  readonly sessions: readonly Session[]
  /** GitHub's token service, with what it was asked for and the tokens that it gave; absent where none was started. */
  readonly identity?: TokenService
  /** The metadata service, with what it was asked for; absent where none was started. */
  readonly instance?: MetadataService
  /** From the first signal to the end of the process. */
  readonly goneAfterMs: number
  /** From its start to its end. */
  readonly tookMs: number
  readonly log: readonly string[]
  readonly annotations: readonly string[]
}

export type Twist = (answer: Answer, request: Request) => Answer

class TwistedCloud extends Cloud {
  twist: Twist = (answer) => answer

  override answer(request: Request): Answer {
    return this.twist(super.answer(request), request)
  }
}

export interface BundleRun {
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string | undefined>>
  /** What is checked out in the workspace. */
  readonly files?: Files
  /** Another copy of the action than the one that ships. */
  readonly entry?: string
  /** Handed the process, for signals that the cloud does not see the cause of. */
  readonly onStart?: (process: { kill(signal: NodeJS.Signals): void }) => void
  /** Handed what the process prints, as it comes. */
  readonly onOutput?: NonNullable<ActionRun['onOutput']>
  /** The event that the workflow runs for. */
  readonly event?: NonNullable<ActionRun['event']>
  /** Starts GitHub's token service, which the cloud trusts. The inputs then have no keys but those that are given. */
  readonly identity?: TokenServiceState
  /** The metadata service of an ECS instance, at its real address. The inputs then have no keys but those that are given. */
  readonly metadata?: MetadataState
  /** What is at other addresses than those of this machine: `host:port` -> port here. Nothing else is reached. */
  readonly routes?: Readonly<Record<string, number>>
  /** What the cloud says in the place of its answer, for who needs a reply that repeats what was sent. */
  readonly twist?: Twist
  /** Signals to send once this many looks, or the first call of another action, have arrived. */
  readonly signals?: {
    readonly afterLooks?: number
    readonly afterCalls?: { readonly action: string }
    /** And then so much later, for what the cloud does not see. */
    readonly afterMs?: number
    readonly send: readonly NodeJS.Signals[]
  }
}

/** Runs the bundle with `rehearsal` against this cloud; inputs come on top of good keys and fast polls. */
export async function runBundle(
  state: CloudState,
  {
    inputs = {},
    env,
    files = {},
    entry = ACTION,
    event,
    onStart,
    onOutput,
    identity,
    metadata,
    routes,
    signals,
    twist,
  }: BundleRun = {},
): Promise<BundleResult> {
  let looks = 0
  let signalledAt = Number.NaN
  let kill = (_: NodeJS.Signals) => {}
  const onExchange = ({ action }: Exchange) => {
    const isLook = action === 'DescribeScanTaskProgress'
    if (isLook) looks += 1
    if (signals === undefined) return
    if (!(isLook && looks === signals.afterLooks) && action !== signals.afterCalls?.action) return
    const { afterMs, send } = signals
    const sendAll = () => {
      signalledAt = performance.now()
      for (const signal of send) kill(signal)
    }
    if (afterMs === undefined) sendAll()
    else setTimeout(sendAll, afterMs)
  }
  const tokenService = identity && (await startTokenService(identity))
  const cloud = new TwistedCloud(tokenService === undefined ? state : trusting(state, tokenService.publicKey), Date.now)
  if (twist !== undefined) cloud.twist = twist
  const server = await startServer(cloud, onExchange)
  const instance = metadata && (await startMetadata(metadata, cloud.sessions))
  const network = { ...(instance === undefined ? {} : { [METADATA]: portOf(instance.url) }), ...routes }
  const startedAt = performance.now()
  const result = await runAction({
    entry,
    inputs: {
      ...(tokenService === undefined && instance === undefined && routes === undefined ? keys : {}),
      ...fast,
      endpoint: server.url,
      ...(usesSts(inputs) ? { 'sts-endpoint': server.url } : {}),
      rehearsal: 'true',
      ...inputs,
    },
    files,
    ...(event === undefined ? {} : { event }),
    env: {
      ...tokenService?.env,
      ...(Object.keys(network).length === 0 && routes === undefined ? {} : routed(network)),
      ...env,
    },
    ...(onOutput === undefined ? {} : { onOutput }),
    onStart: (action) => {
      kill = action.kill
      onStart?.(action)
    },
  })
  const endedAt = performance.now()
  await server.close()
  await tokenService?.close()
  await instance?.close()
  const log = result.stdout.split(/\r?\n/)
  return {
    ...result,
    server,
    started: cloud.started,
    sessions: cloud.sessions.issued,
    ...(tokenService === undefined ? {} : { identity: tokenService }),
    ...(instance === undefined ? {} : { instance }),
    goneAfterMs: endedAt - signalledAt,
    tookMs: endedAt - startedAt,
    log,
    annotations: log.filter((line) => /^::(?:error|warning|notice)/.test(line)),
  }
}

/** Where the metadata service is on every ECS instance. */
const METADATA = '100.100.100.200:80'

function routed(routes: Readonly<Record<string, number>>): Readonly<Record<string, string>> {
  const preload = path.join(__dirname, 'networkMap.cjs')
  return { NODE_OPTIONS: `--require=${preload}`, NETWORK_MAP: JSON.stringify(routes) }
}

function portOf(url: string): number {
  return Number(new URL(url).port)
}
