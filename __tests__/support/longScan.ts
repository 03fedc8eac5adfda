import { generateKeyPairSync } from 'node:crypto'
import { API_VERSION, ramActionsOf, SecurityCenter } from '../../src/adapters/securityCenter.ts'
import { roleSessions } from '../../src/adapters/sessionSources.ts'
import { getCallerIdentity, STS_API_VERSION } from '../../src/adapters/sts.ts'
import type { RunEvent } from '../../src/domain/event.ts'
import { policyOf } from '../../src/domain/login.ts'
import { FORGIVABLE } from '../../src/domain/verdict.ts'
import { type Look, state } from '../../src/emulator/answers.ts'
import { Cloud, type CloudState } from '../../src/emulator/cloud.ts'
import { server } from '../../src/emulator/fleet.ts'
import { signedToken } from '../../src/emulator/jwt.ts'
import type { StsState } from '../../src/emulator/sts.ts'
import type { Inputs } from '../../src/inputs.ts'
import { featuresOf, run } from '../../src/run.ts'
import { SessionKeeper } from '../../src/steps/sessionKeeper.ts'
import { id, policy } from './builders.ts'
import { SocketlessRpc } from './socketlessRpc.ts'
import { VirtualClock } from './virtualClock.ts'

/**
 * Scans that outlast their sessions: two hours with sessions of a quarter of an hour. All of the run is real but the
 * sockets; the emulated cloud checks every token, signature and policy by a clock that is the run's own.
 */

export const SECOND = 1_000
export const MINUTE = 60_000
export const LIFE = 15 * MINUTE
export const STARTED = Date.parse('2026-11-24T12:00:00.400Z')
export const ACCOUNT = '1234567890123456'
const PROVIDER = `acs:ram::${ACCOUNT}:oidc-provider/github`
const ROLE = `acs:ram::${ACCOUNT}:role/gate`
const issuer = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const targets = [{ type: 'uuid', name: 'web-01', target: server(1).uuid }]

const inputs: Inputs = {
  waitFor: { kind: 'tasks', ids: [id('282832')] },
  policy: { ...policy, deadlineMs: 150 * MINUTE },
  failOn: FORGIVABLE,
  endpoint: { url: 'https://tds.cn-shanghai.aliyuncs.com', host: 'tds.cn-shanghai.aliyuncs.com', site: 'China' },
  sts: { url: 'https://sts.aliyuncs.com', host: 'sts.aliyuncs.com', site: 'China' },
  login: {
    kind: 'role',
    roleArn: ROLE,
    providerArn: PROVIDER,
    sessionName: 'example.app-42',
    durationSeconds: LIFE / SECOND,
    audience: 'sts.aliyuncs.com',
  },
  allowedAccountIds: [ACCOUNT],
  rehearsal: false,
  jobSummary: true,
}

/** Ends well after two hours. */
export const twoHours = (sinceFirstLookMs: number): Look =>
  state(sinceFirstLookMs < 120 * MINUTE ? 'Processing' : 'Success')

interface Story {
  readonly inputs?: Partial<Inputs>
  readonly cloud?: Partial<CloudState>
  readonly sts?: Partial<StsState>
  /** By the run's clock. */
  readonly isStsDown?: (atMs: number) => boolean
  readonly isTrusted?: (atMs: number) => boolean
  /** Narrower than what the run needs. */
  readonly ramActions?: readonly string[]
}

export async function play({
  inputs: changes = {},
  isStsDown,
  isTrusted = () => true,
  ramActions,
  ...far
}: Story = {}) {
  const clock = new VirtualClock()
  const wallClock = () => STARTED + clock.now()
  const settings: Inputs = { ...inputs, ...changes }
  const sts: StsState = {
    providers: { [PROVIDER]: { issuer: 'https://issuer.example', clientIds: ['sts.aliyuncs.com'] } },
    get roles() {
      const subjects = isTrusted(clock.now()) ? ['repo:example/app:*'] : []
      return { [ROLE]: { trusts: PROVIDER, subjects } }
    },
    issuerKey: issuer.publicKey,
    ...far.sts,
  }
  const tasks = { '282832': { targets, looks: twoHours } }
  const keys = { accessKeyId: 'unused', accessKeySecret: 'unused' }
  const cloud = new Cloud({ account: keys, sts, tasks, ...far.cloud }, wallClock)

  const events: RunEvent[] = []
  const masked: string[] = []
  const world = { clock, random: () => 0.5, report: (event: RunEvent) => events.push(event) }
  const idToken = async (audience: string) => {
    const [now] = [Math.floor(wallClock() / SECOND)]
    const claims = { iss: 'https://issuer.example', aud: audience, sub: 'repo:example/app:ref:refs/heads/main' }
    return signedToken({ ...claims, iat: now, exp: now + 300 }, issuer.privateKey)
  }
  const isDown = () => isStsDown?.(clock.now()) ?? false
  const door = new SocketlessRpc(cloud, { apiVersion: STS_API_VERSION, credentials: 'unsigned' }, isDown)
  const { login } = settings
  if (login.kind !== 'role') throw new Error('these stories are about roles')
  const session = policyOf(ramActions ?? ramActionsOf(featuresOf(settings)))
  const source = roleSessions(login, session, {
    clock,
    mask: (secrets) => masked.push(...secrets),
    sts: door,
    idToken: async (audience) => ({
      kind: 'answer',
      value: await idToken(audience),
      action: 'GetIDToken',
      requestId: '',
    }),
    deadlineMs: settings.policy.deadlineMs,
  })
  const sessions = new SessionKeeper({ ...world, source, policy: settings.policy })
  const rpc = new SocketlessRpc(cloud, { apiVersion: API_VERSION, credentials: sessions })
  const whoAmI = (cancel: AbortSignal) =>
    getCallerIdentity(new SocketlessRpc(cloud, { apiVersion: STS_API_VERSION, credentials: sessions }), cancel)
  const ports = { ...world, cloud: new SecurityCenter(rpc), access: { sessions, whoAmI } }
  const outcome = await clock.finish(run(settings, ports, new AbortController().signal))
  return {
    outcome,
    verdict: outcome.judgement.verdict,
    failedCalls: rpc.answers.filter(({ answer }) => answer !== '200').map(({ answer }) => answer),
    looksSent: rpc.answers.length,
    // What stood for looks that could not be sent, for want of a session.
    unsent: events.flatMap((event) => {
      const failure = event.kind === 'look' && 'failure' in event.step.observation && event.step.observation.failure
      return failure !== false && failure.isUnsent ? failure.code : []
    }),
    sessions: cloud.sessions.issued.length,
    stsCalls: door.answers.map(({ answer, wallClock: at }) => ({ answer, atMs: at - STARTED })),
    masked,
    events,
    sleeping: clock.sleeping,
  }
}
