import { roleSessions } from '../../src/adapters/sessionSources.ts'
import type { Failure } from '../../src/domain/scan.ts'
import type { Answer } from '../../src/ports.ts'
import { failure } from '../support/builders.ts'
import { failed } from '../support/emulatedCenter.ts'
import {
  CREDENTIALS,
  claims,
  credentials,
  good,
  login,
  never,
  POLICY,
  type Reply,
  stand,
  TOKEN,
} from '../support/stsReplies.ts'
import { VirtualClock } from '../support/virtualClock.ts'

/** Where sessions come from: a token of GitHub, then STS. */

describe('a session of a role', () => {
  const source = async (reply: Reply, token: string | Failure = TOKEN, deadlineMs = 7_200_000) => {
    const clock = new VirtualClock()
    await clock.finish(clock.sleep(7_000, never))
    const masked: string[] = []
    const { rpc } = await stand(reply)
    const idToken = async (): Promise<Answer<string>> =>
      typeof token === 'string'
        ? { kind: 'answer', value: token, action: 'GetIDToken', requestId: '' }
        : { kind: 'failure', failure: token }
    const mask = (secrets: readonly string[]) => masked.push(...secrets)
    const fetch = roleSessions(login, POLICY, { clock, mask, sts: rpc, idToken, deadlineMs })
    return { masked, answer: await fetch(never) }
  }

  test('lives from before the call until its Expiration by the clock of STS, and all of it is masked', async () => {
    const Credentials = { ...CREDENTIALS, Expiration: '2026-11-24T12:10:00Z' }
    const { masked, answer } = await source({ body: { ...good, Credentials } })
    expect(answer).toMatchObject({
      kind: 'answer',
      value: { credentials, fromMs: 7_000, endsAtMs: 607_000 },
      action: 'AssumeRoleWithOIDC',
      requestId: 'R-1',
    })
    expect(masked).toEqual([TOKEN, 'STS.key', 'the/secret+of=it', 'the/token+of=it=='])
  })

  test('lives as long as was asked for, where STS does not say', async () => {
    const { answer } = await source({ body: good, headers: {} })
    expect(answer).toMatchObject({ value: { fromMs: 7_000, endsAtMs: 907_000 } })
  })

  test('that is refused tells what the token said of itself', async () => {
    const body = { Code: 'AuthenticationFail.NoPermission', Message: 'no', RequestId: 'R' }
    const { masked, answer } = await source({ status: 401, body })
    expect(answer).toEqual(failed('login', 'AuthenticationFail.NoPermission', { claims }))
    expect(masked).toEqual([TOKEN])
  })

  test('that may still be had tells nothing of it', async () => {
    const { answer } = await source({ status: 503, body: { Code: 'ServiceUnavailable', Message: '', RequestId: '' } })
    expect(answer).toEqual(failed('server', 'ServiceUnavailable'))
    expect(answer).not.toHaveProperty('failure.claims')
  })

  test('without an OIDC token is not asked for', async () => {
    const { masked, answer } = await source({ body: good }, failure('login', { code: 'HTTP403', action: 'GetIDToken' }))
    expect(answer).toEqual(failed('login', 'HTTP403', { action: 'GetIDToken' }))
    expect(masked).toEqual([])
  })
})
