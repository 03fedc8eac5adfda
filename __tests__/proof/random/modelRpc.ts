import { classify, classifyLogin, saysSessionEnded } from '../../../src/adapters/errorCodes.ts'
import { networkFailure } from '../../../src/adapters/networkErrors.ts'
import { redactionOf } from '../../../src/adapters/redaction.ts'
import type { RpcClient } from '../../../src/adapters/rpc.ts'
import type { CallFailure, RpcResult } from '../../../src/adapters/rpcReply.ts'
import { unlessAborted } from '../../../src/domain/abort.ts'
import type { Clock } from '../../../src/domain/clock.ts'
import type { Failure } from '../../../src/domain/scan.ts'
import { type Credentials, secretsOf } from '../../../src/domain/session.ts'
import type { CredentialProvider, SessionSource } from '../../../src/ports.ts'
import type { Fault } from './faults.ts'
import { type ModelCloud, worsened } from './modelCloud.ts'
import { KEYS, sessionKeys } from './secrets.ts'
import { LOG_IN, SECURITY_CENTER, START, type Witness } from './witness.ts'
import type { Trouble, World } from './world.ts'

/** The limit of a request, by docs/reference.md, "How it waits". */
export const REQUEST_LIMIT_MS = 15_000

interface Wire {
  readonly world: World
  readonly cloud: ModelCloud
  readonly clock: Clock
  readonly witness: Witness
  /** Told when a call has been sent. */
  readonly onSent: () => void
}

/**
 * Calls of the model cloud, which take time of its clock and fail as its script says. What `RpcClient` makes of a reply
 * over a socket is done here with the same classes and the same redaction.
 */
export class ModelRpc implements Pick<RpcClient, 'call' | 'callFresh'> {
  readonly #wire: Wire
  readonly #provider: CredentialProvider
  readonly #nth = new Map<string, number>()
  #calls = 0

  constructor(wire: Wire, provider: CredentialProvider) {
    this.#wire = wire
    this.#provider = provider
  }

  callFresh(action: string, params: Readonly<Record<string, string>>, cancel: AbortSignal): Promise<RpcResult> {
    return this.call(action, params, cancel)
  }

  async call(action: string, params: Readonly<Record<string, string>>, cancel: AbortSignal): Promise<RpcResult> {
    const { clock, witness, world, onSent } = this.#wire
    const call = witness.ask(action, params, clock.now())
    const given = await unlessAborted(this.#provider.credentials(cancel), cancel).catch(() => undefined)
    if (given === undefined || cancel.aborted) return { kind: 'failure', failure: { ...CANCELLED, isUnsent: true } }
    if (given.kind === 'failure') {
      witness.end(call, clock.now(), { kind: 'unsent', isRefusal: given.failure.cause === 'login' })
      return { kind: 'failure', failure: { ...given.failure, isUnsent: true } }
    }
    const { credentials } = given
    call.sentMs = clock.now()
    const trouble = this.#trouble(action)
    const latencyMs = world.latencies[this.#calls++ % world.latencies.length] ?? 0
    const isLost = latencyMs >= REQUEST_LIMIT_MS
    const requestId = `R-${this.#calls}`
    const good = this.#carryOut(action, params, trouble, isLost)
    onSent()
    if (latencyMs > 0) await clock.sleep(Math.min(latencyMs, REQUEST_LIMIT_MS), cancel)
    if (cancel.aborted) return { kind: 'failure', failure: CANCELLED }

    const end = (ending: Parameters<Witness['end']>[2]) => witness.end(call, clock.now(), ending)
    if (isLost) {
      end({ kind: 'failed', reach: 'heals', code: 'RequestTimeout', requestId: '', ...NO_PROOF })
      return { kind: 'failure', failure: { ...failureOf('timeout', 'RequestTimeout'), message: 'no complete reply' } }
    }
    if (trouble !== undefined && trouble.kind !== 'breakage') {
      const failure = explain(trouble, requestId, credentials, this.#provider)
      const { reach, provesNoStart } = trouble
      const isRenewable = failure.cause === 'session-ended'
      end({ kind: 'failed', reach, code: trouble.code, requestId: failure.requestId, provesNoStart, isRenewable })
      return { kind: 'failure', failure }
    }
    this.#provider.accepted(credentials)
    const { body, isBroken } =
      trouble === undefined ? { body: good, isBroken: false } : worsened(action, good, trouble.breakage)
    end(isBroken ? { kind: 'broken', requestId } : { kind: 'good', body, requestId })
    return { kind: 'reply', body, requestId, serverTimeMs: 1.79e12 + clock.now() }
  }

  /** The good answer, and what the cloud does before it fails to give it. */
  #carryOut(action: string, params: Readonly<Record<string, string>>, trouble: Trouble | undefined, isLost: boolean) {
    const { cloud } = this.#wire
    const isFault = trouble !== undefined && trouble.kind !== 'breakage'
    if (!isFault) return cloud.answer(action, params)
    const isDone = isLost || (!trouble.provesNoStart && trouble.wasCarriedOut)
    if (action === START && isDone) cloud.create(params)
    return {}
  }

  #trouble(action: string): Trouble | undefined {
    const { world, clock } = this.#wire
    const nth = this.#nth.get(action) ?? 0
    this.#nth.set(action, nth + 1)
    const { outage } = world
    const isOut = outage !== undefined && outage.fromMs <= clock.now() && clock.now() < outage.toMs
    if (isOut && SECURITY_CENTER.includes(action)) return outage.fault
    return world.troubles[action]?.[nth]
  }
}

/** Where a model run's sessions come from. */
export function modelSessions({ world, clock, witness }: Wire): SessionSource {
  let asked = 0
  let issued = 0
  return async (cancel) => {
    const call = witness.ask(LOG_IN, {}, clock.now())
    call.sentMs = clock.now()
    const trouble = world.troubles[LOG_IN]?.[asked]
    const latencyMs = Math.min(world.latencies[asked % world.latencies.length] ?? 0, REQUEST_LIMIT_MS - 1)
    asked += 1
    const requestId = `STS-${asked}`
    if (latencyMs > 0) await clock.sleep(latencyMs, cancel)
    if (cancel.aborted) return { kind: 'failure', failure: { ...CANCELLED, action: LOG_IN } }
    if (trouble !== undefined && trouble.kind !== 'breakage') {
      const failure = explain(trouble, requestId, KEYS, undefined)
      const cause = trouble.kind === 'code' ? classifyLogin(trouble.code) : failure.cause
      const { reach, code } = trouble
      witness.end(call, clock.now(), { kind: 'failed', reach, code, requestId: failure.requestId, ...NO_PROOF })
      return { kind: 'failure', failure: { ...failure, cause, action: LOG_IN } }
    }
    witness.end(call, clock.now(), { kind: 'good', body: {}, requestId })
    const lifeMs = world.sessionsMs[Math.min(issued, world.sessionsMs.length - 1)] ?? 3_600_000
    issued += 1
    const fromMs = clock.now()
    const session = { credentials: sessionKeys(issued), fromMs, endsAtMs: fromMs + lifeMs }
    return { kind: 'answer', value: session, action: LOG_IN, requestId }
  }
}

const NO_PROOF = { provesNoStart: false, isRenewable: false }

function failureOf(cause: Failure['cause'], code: string): CallFailure {
  return { cause, code, message: '', requestId: '', retryAfterMs: 0 }
}

const CANCELLED = failureOf('network', 'Cancelled')

function explain(
  { kind, code, message: template, retryAfterMs }: Fault,
  requestId: string,
  credentials: Credentials,
  provider: CredentialProvider | undefined,
): CallFailure {
  const { accessKeyId, accessKeySecret, securityToken = '' } = credentials
  const said = template
    .replaceAll('{key}', accessKeyId)
    .replaceAll('{secret}', accessKeySecret)
    .replaceAll('{token}', securityToken)
  switch (kind) {
    case 'network': {
      const network = networkFailure({ code }, 'tds.cn-shanghai.aliyuncs.com')
      return { ...failureOf('network', code), ...network }
    }
    case 'not-json':
      return failureOf('invalid-response', 'InvalidResponse')
    case 'status': {
      const cause = code === '429' || retryAfterMs > 0 ? 'throttled' : 'invalid-response'
      return {
        ...failureOf(cause, 'InvalidResponse'),
        requestId,
        retryAfterMs,
        message: `HTTP ${code} without an error code`,
      }
    }
    case 'code': {
      const mayGoOn = saysSessionEnded(code) && provider?.ended(credentials) === true
      const cause = mayGoOn ? 'session-ended' : classify(code)
      return { ...failureOf(cause, code), message: redactionOf(secretsOf(credentials))(said), requestId, retryAfterMs }
    }
  }
}
