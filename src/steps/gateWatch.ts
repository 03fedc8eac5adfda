import { type AlertRead, mergeAlerts } from '../domain/alerts.ts'
import type { Clock } from '../domain/clock.ts'
import {
  type Coverage,
  type CoverageChange,
  compareCoverage,
  mergeCoverages,
  mergeScopes,
  type Scope,
  scopeOf,
  withoutRepeatedGaps,
} from '../domain/coverage.ts'
import type { RunEvent } from '../domain/event.ts'
import {
  type GateRules,
  type GateSight,
  judgeGaps,
  NOTHING_SEEN,
  sightOfAlerts,
  type UnclearTargets,
} from '../domain/gate.ts'
import { type Target, type TaskId, targetKey } from '../domain/scan.ts'
import type { Purpose } from '../domain/verdict.ts'
import type { CallEnding, Step, TaskWait } from '../domain/waiter.ts'
import type { ScanService } from '../ports.ts'
import type { Asked, Caller } from './caller.ts'
import { checkCoverage } from './checkCoverage.ts'
import { readAlerts, readUntilSettled, type SettledReading } from './readAlerts.ts'

export interface GateWorld {
  readonly cloud: ScanService
  readonly caller: Caller
  readonly clock: Clock
  readonly deadlineMs: number
  /** Aborted with the ending that the whole run comes to; the gate aborts it when it cannot do its work any more. */
  readonly stopper: AbortController
  readonly report: (event: RunEvent) => void
}

export interface GateEnding {
  readonly purpose: Purpose
  readonly ending: CallEnding
  /** Whether it is what ended the run, rather than the other way round. */
  readonly isFirst: boolean
}

/** What is known of the servers of some targets before they are scanned. */
interface Before {
  readonly targets: readonly Target[]
  readonly coverage?: Coverage
  readonly baseline?: AlertRead
}

/** The part of a run that looks beyond the state of its scans: what they cover, and which alerts are open. */
export class GateWatch {
  readonly #rules: GateRules
  readonly #world: GateWorld
  /** By task; a scan that is not started yet has no id and stands under `''`. */
  readonly #before = new Map<TaskId | '', Before>()
  readonly #checks: Promise<unknown>[] = []
  readonly #over = new Set<TaskId>()
  #change: CoverageChange | undefined
  /** The tasks whose coverage before and after the scan `#change` compares. */
  #compared: ReadonlySet<TaskId | ''> = new Set()
  #reading: SettledReading | undefined
  #unclear: readonly UnclearTargets[] = []
  #nothingToStart = false
  readonly #endings: GateEnding[] = []

  constructor(rules: GateRules, world: GateWorld) {
    this.#rules = rules
    this.#world = world
  }

  /** What the gate could not do, in order: after a call that may have healed another one may be refused for good. */
  get endings(): readonly GateEnding[] {
    return this.#endings
  }

  /** What the scope covers now. Its gaps count, whatever comes later. */
  async checkBefore(id: TaskId | '', targets: readonly Target[], scope: Scope): Promise<Asked<Coverage>> {
    this.#before.set(id, { targets })
    const { cloud, caller } = this.#world
    const asked = await checkCoverage(scope, cloud, caller)
    if (asked.kind === 'ended') return this.#giveUp('coverage', asked.ending, id)
    this.#before.set(id, { targets, coverage: asked.value })
    this.#tellCoverage('before', asked.value)
    return asked
  }

  /** The alerts that are open before a scan; proves besides that they may be read at all. */
  async readBaseline(id: TaskId | ''): Promise<Asked<undefined>> {
    const before = this.#before.get(id)
    if (before?.coverage === undefined) return { kind: 'answer', value: undefined }
    const { cloud, caller, clock } = this.#world
    const { read, ending } = await readAlerts(before.coverage.servers, cloud, caller)
    this.#before.set(id, { ...before, baseline: read })
    if (ending !== undefined) return this.#giveUp('baseline', ending, id)
    const sight = sightOfAlerts({ ...read, isSettled: false, reads: 0 }, this.#rules, read)
    this.#world.report({ kind: 'alerts', atMs: clock.now(), when: 'before', read: sight })
    return { kind: 'answer', value: undefined }
  }

  /** What was checked has been started as this task, with these targets. */
  started(id: TaskId, targets: readonly Target[]): void {
    const before = this.#before.get('')
    this.#before.delete('')
    if (before?.coverage === undefined) return
    const { coverage } = before
    const called = new Map(targets.map((target) => [targetKey(target), target]))
    const named = coverage.scope.named.map((target) => called.get(targetKey(target)) ?? target)
    const scope = { ...coverage.scope, named }
    this.#before.set(id, { ...before, targets, coverage: { ...coverage, scope } })
  }

  nothingToStart(): void {
    this.#nothingToStart = true
  }

  /**
   * At the first look that shows what a task scans, if it is not the last: the checks that a start would have had. What
   * they see once the task has ended is not what was there before.
   */
  noticed({ sight, decision }: Step): void {
    if (decision.kind === 'stop') this.#over.add(sight.id)
    const { id, targets } = sight
    if (targets === undefined || decision.kind === 'stop' || this.#before.has(id)) return
    const scope = scopeOf(targets)
    if (scope === undefined || targets.length === 0) return
    const check = async () => {
      const asked = await this.checkBefore(id, targets, scope)
      if (asked.kind === 'answer' && !this.#over.has(id)) await this.readBaseline(id)
      if (this.#over.has(id)) this.#before.set(id, { targets, ...asOfNow(this.#before.get(id)?.baseline) })
    }
    this.#checks.push(check())
  }

  /** All checks that were begun while the scans ran have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#checks)
  }

  /** After the scans: coverage again, then the open alerts of the tasks that ended well. `wasStarted` by this run. */
  async checkAfter(tasks: readonly TaskWait[], wasStarted: boolean): Promise<void> {
    const ended = tasks.filter((task) => task.ending.kind === 'passed')
    this.#unclear = ended.flatMap((task) => this.#unclearTargets(task, wasStarted))
    const scopes = ended.flatMap((task) => {
      const checked = wasStarted ? this.#before.get(task.id)?.coverage?.scope : undefined
      return checked ?? scopeOf(task.targets ?? []) ?? []
    })
    const scope = mergeScopes(scopes)
    if (scope.named.length + scope.groups.length === 0 && !scope.wholeFleet) return
    const { cloud, caller } = this.#world
    const asked = await checkCoverage(scope, cloud, caller)
    if (asked.kind === 'ended') return void this.#giveUp('coverage-after', asked.ending)
    const before = mergeCoverages(ended.flatMap((task) => this.#before.get(task.id)?.coverage ?? []))
    this.#change = compareCoverage(before, asked.value)
    this.#compared = new Set(ended.map((task) => task.id))
    this.#tellCoverage('after', this.#change)
    await this.readAfter(this.#change.servers)
  }

  /** The open alerts of these servers, read until they can be believed. */
  async readAfter(servers: Coverage['servers']): Promise<void> {
    if (servers.size === 0) return
    const { report, stopper, ...world } = this.#world
    const tell = ({ alerts }: AlertRead, reads: number, nextInMs?: number) => {
      const read = sightOfAlerts({ alerts, reads, isSettled: nextInMs === undefined }, this.#rules, this.#baseline())
      const next = nextInMs === undefined ? {} : { nextInMs }
      report({ kind: 'alerts', atMs: world.clock.now(), when: 'after', read, ...next })
    }
    this.#reading = await readUntilSettled(servers, this.#rules, { ...world, stop: stopper.signal }, tell)
    if (this.#reading.ending !== undefined) this.#giveUp('alerts', this.#reading.ending)
  }

  /** Everything seen so far. Alerts that only the baseline shows count too, until a read that can be believed. */
  get sight(): GateSight {
    const checked = [...this.#before].flatMap(([id, { coverage }]) =>
      coverage === undefined || this.#compared.has(id) ? [] : coverage,
    )
    const servers = this.#change?.servers ?? mergeCoverages(checked)?.servers ?? NOTHING_SEEN.servers
    const gaps = withoutRepeatedGaps([...checked.flatMap((coverage) => coverage.gaps), ...(this.#change?.gaps ?? [])])
    const baseline = this.#baseline()
    const reading = this.#reading
    // A whole read has the last word on its servers; one that broke off may not have come to what was seen before.
    const spokenFor = reading?.last.isComplete ? reading.last.servers : new Set<string>()
    const gone = new Set(this.#change?.left.map(({ uuid }) => uuid))
    const older = (baseline?.alerts ?? []).filter(({ server }) => !spokenFor.has(server) && !gone.has(server))
    const alerts = mergeAlerts(older, reading?.last.alerts ?? [])
    const reads = reading?.reads ?? 0
    const wereRead = reads > 0 || baseline?.isComplete === true || alerts.length > 0
    return {
      servers,
      gaps: judgeGaps(gaps, this.#rules),
      left: this.#change?.left ?? [],
      unclear: this.#unclear,
      nothingToStart: this.#nothingToStart || this.#change?.servers.size === 0,
      ...(wereRead
        ? { alerts: sightOfAlerts({ alerts, isSettled: reading?.isSettled ?? false, reads }, this.#rules, baseline) }
        : {}),
    }
  }

  #baseline(): AlertRead | undefined {
    const reads = [...this.#before.values()].flatMap(({ baseline }) => baseline ?? [])
    if (reads.length === 0) return undefined
    return {
      servers: new Set(reads.flatMap((read) => [...read.servers])),
      alerts: mergeAlerts(...reads.map((read) => read.alerts)),
      isComplete: reads.every((read) => read.isComplete),
    }
  }

  #unclearTargets(task: TaskWait, wasStarted: boolean): readonly UnclearTargets[] {
    const why = (reason: UnclearTargets['why']) => [{ taskId: task.id, why: reason }]
    if (task.targets === undefined) return why('unreadable')
    if (task.targets.length === 0) return why('none')
    if (scopeOf(task.targets) === undefined) return why('unknown-type')
    const before = this.#before.get(task.id)
    if (before === undefined || sameTargets(before.targets, task.targets)) return []
    return why(wasStarted ? 'not-as-started' : 'changed')
  }

  /**
   * Without this call no verdict can be good, so that there is nothing left to wait for: save that of a task which runs
   * already the alerts may still be read at its end, when what kept them from being read has healed.
   */
  #giveUp(purpose: Purpose, ending: CallEnding, id: TaskId | '' = ''): Extract<Asked<never>, { kind: 'ended' }> {
    const isKnown = this.#endings.some((known) => known.ending === ending || known.ending.kind === ending.kind)
    if (!isKnown) this.#endings.push({ purpose, ending, isFirst: !this.#world.stopper.signal.aborted })
    if (id === '' || ending.kind !== 'unavailable') this.#world.stopper.abort(ending)
    return { kind: 'ended', ending }
  }

  #tellCoverage(when: 'before' | 'after', { servers, gaps }: Pick<Coverage, 'servers' | 'gaps'>): void {
    const { clock, report } = this.#world
    report({ kind: 'coverage', atMs: clock.now(), when, servers, gaps: judgeGaps(gaps, this.#rules) })
  }
}

/** Alerts that were read too late to say what was there before; that they were seen is a fact all the same. */
function asOfNow(baseline: AlertRead | undefined): Pick<Before, 'baseline'> {
  return baseline === undefined ? {} : { baseline: { ...baseline, isComplete: false } }
}

function sameTargets(a: readonly Target[], b: readonly Target[]): boolean {
  const [x, y] = [new Set(a.map(targetKey)), new Set(b.map(targetKey))]
  return x.size === y.size && [...x].every((key) => y.has(key))
}
