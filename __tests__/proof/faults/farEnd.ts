import { requestIdToken } from '../../../src/adapters/idToken.ts'
import { RpcClient } from '../../../src/adapters/rpc.ts'
import type { RpcResult } from '../../../src/adapters/rpcReply.ts'
import { Cloud, type CloudState } from '../../../src/emulator/cloud.ts'
import { listen } from '../../../src/emulator/loopback.ts'
import { type EmulatorServer, startServer } from '../../../src/emulator/server.ts'
import { trusting } from '../../../src/emulator/stage.ts'
import { startTokenService, type TokenService } from '../../../src/emulator/tokenService.ts'
import type { CredentialProvider } from '../../../src/ports.ts'
import type { KeyPair } from '../../support/certificates.ts'
import { startTlsFront } from '../../support/tlsFront.ts'
import type { VirtualClock } from '../../support/virtualClock.ts'
import type { Call } from './calls.ts'
import type { Fault } from './faults.ts'

/**
 * The other side of a run, on real sockets: an emulated cloud where all is well, and somewhere else, to where those
 * calls go that are to meet a fault.
 */

/** Of a request that meets a fault without an end: nothing that is good is ever held to it. */
const ENDLESS_LIMIT_MS = 1_000
const LIMIT_MS = 15_000
/** Nothing of this machine listens there. */
const NOBODY = '127.0.0.1:1'
/** By RFC 6761 no such name is ever there. */
const NO_NAME = 'gate.invalid'

export interface Made {
  readonly action: string
  readonly atMs: number
  readonly isFaulty: boolean
  /** Whether it is one of those that the fault is for, which another task's looks are not. */
  readonly isTheirs: boolean
}

export interface FarEndOptions {
  readonly cloud: CloudState
  readonly call: Call
  readonly fault?: Fault
  /** Whether the n-th call of those that the fault is for meets it. */
  readonly isFaulty: (nth: number) => boolean
  readonly clock: VirtualClock
  readonly certificates: Readonly<Record<'selfSigned' | 'good', KeyPair>> | undefined
}

type Rpc = Pick<RpcClient, 'call' | 'callFresh'>

interface Place {
  readonly url: string
  /** How many requests arrived. */
  readonly arrived: () => number
}

export class FarEnd {
  readonly made: Made[] = []
  readonly #options: FarEndOptions
  readonly #tokens: TokenService
  readonly #good: EmulatorServer
  readonly #bad: Place
  readonly #closing: (() => unknown)[]
  #nth = 0

  private constructor(
    options: FarEndOptions,
    places: { readonly tokens: TokenService; readonly good: EmulatorServer; readonly bad: Place },
    closing: (() => unknown)[],
  ) {
    this.#options = options
    this.#tokens = places.tokens
    this.#good = places.good
    this.#bad = places.bad
    this.#closing = closing
  }

  static async open(options: FarEndOptions): Promise<FarEnd> {
    const closing: (() => unknown)[] = []
    const tokens = await tokenService(options.cloud.sts !== undefined)
    const cloud = options.cloud.sts === undefined ? options.cloud : trusting(options.cloud, tokens.publicKey)
    const good = await startServer(new Cloud(cloud, Date.now))
    closing.push(() => good.close())
    const bad = await badPlace(options, closing)
    return new FarEnd(options, { tokens, good, bad }, closing)
  }

  /** How many requests arrived at the cloud where all is well, and how many elsewhere. */
  arrivals(action: string): { readonly good: number; readonly bad: number } {
    return { good: this.#good.exchanges.filter((one) => one.action === action).length, bad: this.#bad.arrived() }
  }

  /** The calls of one API, each sent to where it belongs. */
  door(apiVersion: string, credentials: CredentialProvider | 'unsigned'): Rpc {
    const client = (url: string, limitMs: number) => {
      const one = new RpcClient({ url, apiVersion, credentials }, limitMs)
      this.#closing.push(() => one.close())
      return one
    }
    const good = client(this.#good.url, LIMIT_MS)
    const bad = client(this.#bad.url, this.#badLimitMs)
    const through =
      (how: 'call' | 'callFresh') =>
      (action: string, params: Readonly<Record<string, string>>, cancel: AbortSignal): Promise<RpcResult> =>
        this.#send(action, params.TaskId, (isFaulty) => (isFaulty ? bad : good)[how](action, params, cancel))
    return { call: through('call'), callFresh: through('callFresh') }
  }

  readonly idToken = (audience: string, cancel: AbortSignal) =>
    this.#send('GetIDToken', undefined, (isFaulty) => {
      const { ACTIONS_ID_TOKEN_REQUEST_URL: good, ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken } = this.#tokens.env
      const [url, limitMs] = isFaulty ? [`${this.#bad.url}/token`, this.#badLimitMs] : [good, LIMIT_MS]
      return requestIdToken(audience, { url, requestToken, limitMs }, cancel)
    })

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close()
  }

  get #badLimitMs(): number {
    return this.#options.fault?.isEndless ? ENDLESS_LIMIT_MS : LIMIT_MS
  }

  #send<T>(action: string, taskId: string | undefined, send: (isFaulty: boolean) => Promise<T>): Promise<T> {
    const { call, fault, isFaulty: isMeant, clock } = this.#options
    const isTheirs = action === call.action && (taskId === undefined || taskId === '282832')
    if (isTheirs) this.#nth += 1
    const isFaulty = fault !== undefined && isTheirs && isMeant(this.#nth)
    this.made.push({ action, atMs: clock.now(), isFaulty, isTheirs })
    return clock.during(send(isFaulty))
  }
}

/** Its key takes time to make and no test changes it: one serves all. */
let shared: Promise<TokenService> | undefined
function tokenService(isNeeded: boolean): Promise<TokenService> {
  if (!isNeeded) return Promise.resolve({ env: {} } as TokenService)
  shared ??= startTokenService()
  return shared
}
export async function closeShared(): Promise<void> {
  await (await shared)?.close()
}

async function badPlace(options: FarEndOptions, closing: (() => unknown)[]): Promise<Place> {
  const { fault, call, certificates, cloud } = options
  const nowhere = (url: string): Place => ({ url, arrived: () => 0 })
  const end = fault?.end
  switch (end?.kind) {
    case undefined:
      return nowhere(`http://${NOBODY}`)
    case 'answers': {
      let arrived = 0
      const server = await listen(() => {
        arrived += 1
        return end.answer(call.wrong)
      }, Date.now)
      closing.push(() => server.close())
      return { url: server.url, arrived: () => arrived }
    }
    case 'nobody': {
      if (end.what !== 'plain') return nowhere(`http://${end.what === 'name' ? NO_NAME : NOBODY}`)
      const server = await listen(() => ({ kind: 'reset' }), Date.now)
      closing.push(() => server.close())
      return nowhere(server.url.replace('http:', 'https:'))
    }
    case 'certificate': {
      if (certificates === undefined) throw new Error('needs openssl')
      const inner = await listen(() => ({ kind: 'reset' }), Date.now)
      const front = await startTlsFront(inner.url, certificates[end.what])
      closing.push(
        () => inner.close(),
        () => front.close(),
      )
      return nowhere(`https://127.0.0.1:${front.port}`)
    }
    case 'clock': {
      const server = await startServer(new Cloud(cloud, () => Date.now() + end.aheadMs))
      closing.push(() => server.close())
      return { url: server.url, arrived: () => server.exchanges.length }
    }
  }
}
