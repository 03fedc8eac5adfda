import { API_VERSION, ramActionsOf, SecurityCenter } from '../../../src/adapters/securityCenter.ts'
import { roleSessions } from '../../../src/adapters/sessionSources.ts'
import { getCallerIdentity, STS_API_VERSION } from '../../../src/adapters/sts.ts'
import type { Clock } from '../../../src/domain/clock.ts'
import type { RunEvent } from '../../../src/domain/event.ts'
import { policyOf } from '../../../src/domain/login.ts'
import type { Outcome } from '../../../src/domain/outcome.ts'
import { state } from '../../../src/emulator/answers.ts'
import type { CloudState } from '../../../src/emulator/cloud.ts'
import { server } from '../../../src/emulator/fleet.ts'
import { IDENTITY_SCENARIOS } from '../../../src/emulator/identityScenarios.ts'
import { ACCOUNT } from '../../../src/emulator/scenarios.ts'
import type { Inputs } from '../../../src/inputs.ts'
import type { Access } from '../../../src/ports.ts'
import { featuresOf, run } from '../../../src/run.ts'
import { SessionKeeper } from '../../../src/steps/sessionKeeper.ts'
import { staticCredentials } from '../../../src/steps/staticCredentials.ts'
import { id, policy, restOfInputs } from '../../support/builders.ts'
import { VirtualClock } from '../../support/virtualClock.ts'
import type { StoryName } from './calls.ts'
import { FarEnd, type FarEndOptions } from './farEnd.ts'

/** The runs in which faults are met: all of the sources but `main`, over real sockets, on a clock that jumps over sleeps. */

/** Few, so that "for ever" is short. */
export const FORGIVEN_ERRORS = 2

interface Story {
  readonly cloud: Omit<CloudState, 'account'>
  readonly inputs: Partial<Inputs>
}

const looks = [state('init'), state('Processing'), state('Processing'), state('Success')]
const one = { type: 'uuid', name: 'web-01', target: server(1).uuid }
const groups = [
  { id: '10001', name: 'web' },
  { id: '10002', name: 'databases' },
]
const older = { eventId: '77', level: 'remind', name: 'Suspicious Process-Miner', lastSeen: Date.now() }
/** Three pages of servers that are scanned, and as many of others, which have alerts. */
const manyServers = Array.from({ length: 420 }, (_, i) =>
  server(i + 1, i < 210 ? {} : { groupId: '10002', alerts: [older] }),
)
/** The search finds names in part: what is asked for is one of three pages of them. */
const namesakes = Array.from({ length: 210 }, (_, i) => server(i + 1, { name: i === 0 ? 'web' : `web-${i}` }))
const starts = [{ id: '282832', looks }]
const gate = { cutoff: 'serious', settleMs: 60_000, entries: [], today: '2026-11-24' } as const
const tasks = { '282832': { targets: [one], looks } }

function targets(word: 'uuid' | 'host' | 'group' | 'group-id', name: string): Pick<Inputs, 'waitFor'> {
  return { waitFor: { kind: 'targets', wanted: { kind: 'listed', lines: [{ word, name }] }, wait: true } }
}

const role = IDENTITY_SCENARIOS.keyless
const [roleArn = ''] = Object.keys(role?.cloud.sts?.roles ?? {})
const [providerArn = ''] = Object.keys(role?.cloud.sts?.providers ?? {})
const ROLE_LOGIN: Inputs['login'] = {
  kind: 'role',
  roleArn,
  providerArn,
  sessionName: 'example.app-42',
  durationSeconds: 3_600,
  audience: 'sts.aliyuncs.com',
}

const STORIES: Readonly<Record<StoryName, Story>> = {
  wait: { cloud: { tasks }, inputs: {} },
  'two-tasks': {
    cloud: { tasks: { ...tasks, '282833': { targets: [one], looks } } },
    inputs: { waitFor: { kind: 'tasks', ids: [id('282832'), id('282833')] } },
  },
  // Who believes a reply that is not 2xx has started task 7, and passes.
  start: {
    cloud: { tasks: { '7': { targets: [one], looks: [state('Success')] } }, starts },
    inputs: targets('uuid', one.target),
  },
  group: { cloud: { tasks: {}, starts, fleet: { groups, servers: [server(1)] } }, inputs: targets('group', 'web') },
  host: { cloud: { tasks: {}, starts, fleet: { groups, servers: namesakes } }, inputs: targets('host', 'web') },
  fleet: {
    cloud: { tasks: {}, starts, fleet: { groups, servers: manyServers } },
    inputs: { ...targets('group-id', '10001'), gate },
  },
  server: {
    cloud: { tasks: {}, starts, fleet: { groups, servers: [server(1)] } },
    inputs: { ...targets('uuid', one.target), gate },
  },
  account: { cloud: { tasks }, inputs: { allowedAccountIds: ['1234567890123456'] } },
  role: {
    cloud: { tasks, ...(role?.cloud.sts === undefined ? {} : { sts: role.cloud.sts }) },
    inputs: { login: ROLE_LOGIN },
  },
}

const INPUTS: Inputs = {
  ...restOfInputs,
  waitFor: { kind: 'tasks', ids: [id('282832')] },
  policy: { ...policy, maxConsecutiveErrors: FORGIVEN_ERRORS },
  sts: { url: 'https://sts.aliyuncs.com', host: 'sts.aliyuncs.com', site: 'China' },
  login: { kind: 'keys', from: 'inputs', credentials: ACCOUNT as Required<typeof ACCOUNT> },
}

export interface Played {
  readonly outcome: Outcome
  readonly far: FarEnd
  /** Sleeping at the end: what would keep a process alive. */
  readonly sleeping: number
}

/** Plays a story with a fault in it, or without one. */
export async function play(name: StoryName, options: Omit<FarEndOptions, 'cloud' | 'clock'>): Promise<Played> {
  const clock = new VirtualClock()
  const story = STORIES[name]
  const inputs: Inputs = { ...INPUTS, ...story.inputs }
  const far = await FarEnd.open({ ...options, cloud: { account: ACCOUNT, ...story.cloud }, clock })
  try {
    const world = { clock, random: () => 0.5, report: (_: RunEvent) => {} }
    const { credentials, access } = entrance(inputs, far, world)
    const cloud = new SecurityCenter(far.door(API_VERSION, credentials))
    const outcome = await clock.finish(run(inputs, { ...world, cloud, access }, new AbortController().signal))
    return { outcome, far, sleeping: clock.sleeping }
  } finally {
    await far.close()
  }
}

function entrance(
  inputs: Inputs,
  far: FarEnd,
  world: { readonly clock: Clock; readonly random: () => number; readonly report: (event: RunEvent) => void },
) {
  const { login, policy: waitPolicy } = inputs
  const whoAmI = (credentials: Parameters<FarEnd['door']>[1]) => {
    const sts = far.door(STS_API_VERSION, credentials)
    return (cancel: AbortSignal) => getCallerIdentity(sts, cancel)
  }
  if (login.kind !== 'role') {
    const credentials = staticCredentials(login.kind === 'keys' ? login.credentials : ACCOUNT)
    return { credentials, access: { whoAmI: whoAmI(credentials) } satisfies Access }
  }
  const source = roleSessions(login, policyOf(ramActionsOf(featuresOf(inputs))), {
    clock: world.clock,
    mask: () => {},
    sts: far.door(STS_API_VERSION, 'unsigned'),
    idToken: far.idToken,
    deadlineMs: waitPolicy.deadlineMs,
  })
  const sessions = new SessionKeeper({ ...world, source, policy: waitPolicy })
  return { credentials: sessions, access: { sessions, whoAmI: whoAmI(sessions) } satisfies Access }
}
