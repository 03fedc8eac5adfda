import type { Clock } from '../../src/domain/clock.ts'
import type { Group, Server } from '../../src/domain/coverage.ts'
import type { Failure, Observation, Target, TaskId } from '../../src/domain/scan.ts'
import { type AlertRow, type Answer, type Feature, PAGE_SIZE, type Page, type ScanService } from '../../src/ports.ts'
import { failure, id, sees } from './builders.ts'

export type Call = keyof ScanService

/** What the account has when a call arrives. */
export interface Moment {
  readonly nowMs: number
  /** Looks so far, over all tasks. */
  readonly looks: number
  /** Calls of this kind before this one. */
  readonly nth: number
}

export interface Script {
  /** By task; the last look of each holds for ever. */
  readonly looks?: Readonly<Record<string, readonly Observation[]>>
  readonly servers?: (moment: Moment) => readonly Server[]
  readonly groups?: readonly Group[]
  readonly alerts?: (uuid: string, moment: Moment) => readonly AlertRow[]
  /** A failure instead of the good answer. */
  readonly trouble?: (call: Call, moment: Moment) => Failure | undefined
  /** Changes a good page. */
  readonly page?: (call: Call, page: Page<unknown>, number: number, moment: Moment) => Page<unknown>
  readonly startedId?: string
}

/** Security Center as the port shows it, in memory: for stories whose hours pass on a virtual clock. */
export class ScriptedCloud implements ScanService {
  readonly calls: { readonly call: Call; readonly about: string; readonly atMs: number }[] = []
  readonly started: (readonly Target[])[] = []
  readonly #script: Script
  readonly #clock: Clock
  readonly #looks = new Map<string, number>()

  constructor(script: Script, clock: Clock) {
    this.#script = script
    this.#clock = clock
  }

  ramActions(features: readonly Feature[]): readonly string[] {
    return features.map((feature) => `yundun-sas:${feature}`)
  }

  async describeScanTaskProgress(task: TaskId): Promise<Observation> {
    const moment = this.#note('describeScanTaskProgress', task)
    const trouble = this.#script.trouble?.('describeScanTaskProgress', moment)
    if (trouble !== undefined) return { kind: 'failure', failure: trouble }
    const script = this.#script.looks?.[task] ?? [sees('init', this.started[0]), sees('Success', this.started[0])]
    const seen = this.#looks.get(task) ?? 0
    this.#looks.set(task, seen + 1)
    return script[Math.min(seen, script.length - 1)] ?? sees('init')
  }

  async startScan(targets: readonly Target[]): Promise<Answer<{ readonly id: TaskId }>> {
    return this.#answer('startScan', JSON.stringify(targets), () => {
      this.started.push(targets)
      return { id: id(this.#script.startedId ?? '282832') }
    })
  }

  async listServers(criterion: Parameters<ScanService['listServers']>[0], page: number) {
    const about = criterion === 'all' ? 'all' : `${criterion.field}=${criterion.value}`
    return this.#page('listServers', about, page, (moment) =>
      this.#servers(moment).filter((server) => {
        if (criterion === 'all') return true
        // As fuzzy as it may be: whatever contains the value.
        return server[criterion.field].includes(criterion.value)
      }),
    )
  }

  async serversOf(uuids: readonly string[]): Promise<Answer<readonly Server[]>> {
    return this.#answer('serversOf', String(uuids.length), (moment) =>
      this.#servers(moment)
        .filter(({ uuid }) => uuids.includes(uuid))
        .map((server) => ({ ...server, groupId: '' })),
    )
  }

  async listGroups(): Promise<Answer<readonly Group[]>> {
    return this.#answer('listGroups', '', () => this.#script.groups ?? [])
  }

  async listServersWithAlerts(page: number) {
    return this.#page('listServersWithAlerts', '', page, (moment) =>
      this.#servers(moment).flatMap(({ uuid }, i) => {
        const hasAlerts = (this.#script.alerts?.(uuid, moment).length ?? 0) > 0
        // The list is not documented to be of affected servers only: the first one stands for the others.
        return hasAlerts || i === 0 ? [{ uuid, hasAlerts }] : []
      }),
    )
  }

  async listAlerts(uuid: string, page: number): Promise<Answer<Page<AlertRow>>> {
    return this.#page('listAlerts', uuid, page, (moment) => this.#script.alerts?.(uuid, moment) ?? [])
  }

  /** How often a call was made. */
  count(call: Call): number {
    return this.calls.filter((made) => made.call === call).length
  }

  #servers(moment: Moment): readonly Server[] {
    return this.#script.servers?.(moment) ?? []
  }

  #note(call: Call, about: string): Moment {
    const moment = { nowMs: this.#clock.now(), looks: this.count('describeScanTaskProgress'), nth: this.count(call) }
    this.calls.push({ call, about, atMs: moment.nowMs })
    return moment
  }

  async #answer<T>(call: Call, about: string, value: (moment: Moment) => T): Promise<Answer<T>> {
    const moment = this.#note(call, about)
    const trouble = this.#script.trouble?.(call, moment)
    if (trouble !== undefined) return { kind: 'failure', failure: { ...trouble, action: call } }
    return { kind: 'answer', value: value(moment), action: call, requestId: `R-${this.calls.length}` }
  }

  async #page<T>(
    call: Call,
    about: string,
    page: number,
    rows: (moment: Moment) => readonly T[],
  ): Promise<Answer<Page<T>>> {
    return this.#answer(call, about, (moment) => {
      const all = rows(moment)
      const good = { rows: all.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE), total: all.length }
      return (this.#script.page?.(call, good, page, moment) ?? good) as Page<T>
    })
  }
}

export const refused = (code = 'NoPermission') => failure('permission', { code })

/** A server with everything as it should be. */
export function server(n: number, changes: Partial<Server> = {}): Server {
  const number = String(n).padStart(2, '0')
  return {
    uuid: `uuid-${number}`,
    name: `web-${number}`,
    instanceId: `i-${number}`,
    groupId: '100',
    clientStatus: 'online',
    isBound: true,
    edition: 3,
    ...changes,
  }
}

export function alertRow(n: number, changes: Partial<AlertRow> = {}): AlertRow {
  return {
    eventId: String(n),
    level: 'serious',
    name: 'Malicious Software-Trojan',
    lastSeenMs: 1_790_000_000_000,
    ...changes,
  }
}
