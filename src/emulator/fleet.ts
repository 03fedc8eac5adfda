/** The servers of the emulated account, their groups, and the alerts on them. */

export interface EmulatedAlert {
  /** Decimal digits, up to 19. */
  readonly eventId: string
  readonly level: string
  /** In English; who does not ask for English gets Chinese. */
  readonly name: string
  /** Milliseconds since 1970. */
  readonly lastSeen: number
}

export interface EmulatedServer {
  readonly uuid: string
  readonly instanceId: string
  readonly name: string
  /** Decimal digits. */
  readonly groupId: string
  /** `online`, `offline`, `pause` */
  readonly clientStatus: string
  readonly bind: boolean
  readonly authVersion: number
  readonly alerts: readonly EmulatedAlert[]
}

export interface Fleet {
  readonly groups: readonly { readonly id: string; readonly name: string }[]
  readonly servers: readonly EmulatedServer[]
}

/** Of every server: nobody here tells servers apart by their addresses. */
export const ADDRESSES = { InternetIp: '', IntranetIp: '10.0.0.1' }

/** What the scripted world has come to when a call arrives. */
export interface Moment {
  /** Looks answered so far, over all tasks, as their scripts say: well or badly. */
  readonly looks: number
  /** Starts answered well so far. */
  readonly starts: number
  /** Since a look first showed `Success`; undefined before. */
  readonly sinceSuccessMs?: number
}

/** The n-th server, counted from 1: `web-01` and so on, online and with the Enterprise edition. */
export function server(n: number, changes: Partial<EmulatedServer> = {}): EmulatedServer {
  const number = String(n).padStart(2, '0')
  return {
    uuid: `5a1f0c1e-0000-4000-8000-${`aa${number}`.padStart(12, '0')}`,
    instanceId: `i-uf6${`aa${number}`.padStart(17, '0')}`,
    name: `web-${number}`,
    groupId: '10001',
    clientStatus: 'online',
    bind: true,
    authVersion: 3,
    alerts: [],
    ...changes,
  }
}
