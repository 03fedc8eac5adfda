import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { RpcClient, type RpcConfig } from '../../src/adapters/rpc.ts'
import { assumeRoleWithOidc, STS_API_VERSION } from '../../src/adapters/sts.ts'
import type { RoleLogin } from '../../src/domain/login.ts'
import { afterTest } from './afterTest.ts'

/** The calls of STS with the real pop-core, against a server that answers as it is told and keeps what it was sent. */

export const never = new AbortController().signal
export const login: RoleLogin = {
  roleArn: 'acs:ram::1234567890123456:role/gate',
  providerArn: 'acs:ram::1234567890123456:oidc-provider/github',
  sessionName: 'example.app-42',
  durationSeconds: 900,
  audience: 'sts.aliyuncs.com',
}
export const claims = {
  iss: 'https://issuer.example',
  aud: 'sts.aliyuncs.com',
  sub: 'repo:example/app:ref:refs/heads/main',
}
export const TOKEN = `aGVhZA.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2lnbmVk`
export const POLICY = '{"Version":"1","Statement":[{"Effect":"Allow","Action":["yundun-sas:X"],"Resource":"*"}]}'
export const CREDENTIALS = {
  AccessKeyId: 'STS.key',
  AccessKeySecret: 'the/secret+of=it',
  SecurityToken: 'the/token+of=it==',
  Expiration: '2026-11-24T12:15:00Z',
}
export const DATE = 'Tue, 24 Nov 2026 12:00:00 GMT'

export interface Reply {
  readonly status?: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}
interface Sent {
  readonly url: string
  readonly method: string
  readonly headers: IncomingMessage['headers']
  readonly form: Readonly<Record<string, string>>
}

export async function stand(
  reply: Reply | ((sent: Sent) => Reply),
  credentials: RpcConfig['credentials'] = 'unsigned',
) {
  const sent: Sent[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const form = Object.fromEntries(new URLSearchParams(text))
    const one = { url: request.url ?? '', method: request.method ?? '', headers: request.headers, form }
    sent.push(one)
    const { status = 200, body, headers = { date: DATE } } = typeof reply === 'function' ? reply(one) : reply
    response.sendDate = false
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const rpc = new RpcClient({ url, apiVersion: STS_API_VERSION, credentials }, 5_000)
  afterTest(
    () => rpc.close(),
    () => new Promise((resolve) => server.close(resolve)),
  )
  const assume = () => assumeRoleWithOidc(rpc, login, { token: TOKEN, policy: POLICY }, never)
  return { rpc, sent, assume }
}

export const good = { RequestId: 'R-1', Credentials: CREDENTIALS, AssumedRoleUser: { Arn: 'acs:x' } }
export const credentials = {
  accessKeyId: CREDENTIALS.AccessKeyId,
  accessKeySecret: CREDENTIALS.AccessKeySecret,
  securityToken: CREDENTIALS.SecurityToken,
}
