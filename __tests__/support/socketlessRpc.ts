import { classify, saysSessionEnded } from '../../src/adapters/errorCodes.ts'
import type { RpcClient, RpcConfig } from '../../src/adapters/rpc.ts'
import type { CallFailure, RpcResult } from '../../src/adapters/rpcReply.ts'
import type { FailureCause } from '../../src/domain/scan.ts'
import { REQUEST_ID } from '../../src/emulator/answers.ts'
import type { Cloud } from '../../src/emulator/cloud.ts'
import { sign } from '../../src/emulator/signature.ts'

/**
 * Calls of the emulated cloud without a socket, so that they take no time but that of its own clock. It signs with the
 * emulator's signature; who may sign, and when a session has ended, is told as `RpcClient` tells it.
 */
export class SocketlessRpc implements Pick<RpcClient, 'call' | 'callFresh'> {
  readonly #cloud: Cloud
  readonly #config: Omit<RpcConfig, 'url'>
  readonly #isDown: () => boolean
  /** What became of the calls, in order: `200`, `400 InvalidSecurityToken.Expired` … */
  readonly answers: { readonly action: string; readonly answer: string; readonly wallClock: number }[] = []
  #calls = 0

  constructor(cloud: Cloud, config: Omit<RpcConfig, 'url'>, isDown: () => boolean = () => false) {
    this.#cloud = cloud
    this.#config = config
    this.#isDown = isDown
  }

  async call(action: string, params: Readonly<Record<string, string>>, cancel: AbortSignal): Promise<RpcResult> {
    const { credentials: provider, apiVersion } = this.#config
    const wallClock = this.#cloud.wallClock()
    const note = (answer: string) => this.answers.push({ action, answer, wallClock })
    const given = provider === 'unsigned' ? undefined : await provider.credentials(cancel)
    if (given?.kind === 'failure') {
      note(`unsent ${given.failure.code}`)
      return { kind: 'failure', failure: { ...given.failure, isUnsent: true } }
    }
    if (this.#isDown()) {
      note('503')
      return failed('server', 'ServiceUnavailable', 'The service is unavailable.', '')
    }
    const credentials = given?.credentials
    const timestamp = `${new Date(wallClock).toISOString().slice(0, 19)}Z`
    const request = { ...params, Action: action, Version: apiVersion, Format: 'JSON', Timestamp: timestamp }
    const answer = this.#cloud.answer({
      method: 'POST',
      params:
        credentials === undefined ? request : signed(request, credentials, `nonce-${apiVersion}-${this.#calls++}`),
    })
    if (answer.kind !== 'reply') throw new Error('no reply: that needs a socket')
    const requestId = `R-${this.answers.length + 1}`
    const body = JSON.parse(answer.text.replaceAll(REQUEST_ID, requestId)) as Readonly<Record<string, unknown>>
    const code = typeof body.Code === 'string' ? body.Code : undefined
    note([answer.status, ...(code === undefined ? [] : [code])].join(' '))
    if (code !== undefined) {
      const mayGoOn = saysSessionEnded(code) && provider !== 'unsigned' && credentials && provider.ended(credentials)
      return failed(mayGoOn ? 'session-ended' : classify(code), code, String(body.Message), requestId)
    }
    if (provider !== 'unsigned' && credentials !== undefined) provider.accepted(credentials)
    return { kind: 'reply', body, requestId, serverTimeMs: Math.floor(wallClock / 1_000) * 1_000 }
  }

  callFresh(action: string, params: Readonly<Record<string, string>>, cancel: AbortSignal): Promise<RpcResult> {
    return this.call(action, params, cancel)
  }
}

function signed(
  params: Readonly<Record<string, string>>,
  {
    accessKeyId,
    accessKeySecret,
    securityToken,
  }: { readonly accessKeyId: string; readonly accessKeySecret: string; readonly securityToken?: string },
  nonce: string,
): Readonly<Record<string, string>> {
  const all = {
    ...params,
    AccessKeyId: accessKeyId,
    ...(securityToken === undefined ? {} : { SecurityToken: securityToken }),
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: nonce,
  }
  return { ...all, Signature: sign('POST', all, accessKeySecret) }
}

function failed(cause: FailureCause, code: string, message: string, requestId: string): RpcResult {
  const failure: CallFailure = { cause, code, message, requestId, retryAfterMs: 0 }
  return { kind: 'failure', failure }
}
