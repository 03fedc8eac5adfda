import { type Entry, type Story, TODAY } from './stories.ts'

/** What a story's inputs ask for, read by the README's table, and not by the action's own reader. */
export interface Asked {
  readonly deadlineMs: number
  readonly settleMs: number
  readonly maxErrors: number
  readonly isGateOn: boolean
  readonly waits: boolean
  readonly taskIds: readonly string[]
  readonly isForgiven: (verdict: string) => boolean
  /** Whether an open alert counts. */
  readonly counts: (alert: {
    readonly level: string
    readonly name: string
    readonly uuid: string
    readonly server: string
  }) => boolean
  /** Whether somebody accepted that a server is uncovered. `names` are all that it is known under. */
  readonly accepts: (reason: string, uuid: string, names: readonly string[]) => boolean
}

const SEVERITIES = ['serious', 'suspicious', 'remind']
const FORGIVABLE = ['alerts', 'scan-failed', 'timed-out', 'unavailable', 'incomplete']

export function askedBy({ inputs, entries }: Story): Asked {
  const number = (name: string) => Number(inputs[name])
  const cutoff = SEVERITIES.indexOf(inputs['severity-cutoff'] ?? '')
  const failOn = inputs['fail-on'] ?? 'any'
  const failing = failOn === 'any' ? FORGIVABLE : failOn === 'none' ? [] : failOn.split(', ')
  const holding = entries.filter(({ until }) => until >= TODAY)
  return {
    deadlineMs: Math.ceil(number('timeout-minutes') * 60_000),
    settleMs: number('settle-seconds') * 1_000,
    maxErrors: number('max-consecutive-errors'),
    isGateOn: cutoff >= 0,
    waits: inputs.wait?.toLowerCase() !== 'false',
    taskIds: (inputs['task-id'] ?? '').split(',').filter((id) => id !== ''),
    isForgiven: (verdict) => FORGIVABLE.includes(verdict) && !failing.includes(verdict),
    counts: ({ level, name, uuid, server }) => {
      const severity = SEVERITIES.indexOf(level.toLowerCase())
      // What nobody knows is taken for the gravest.
      if (Math.max(0, severity) > cutoff) return false
      const isOfServer = (entry: Entry) => [undefined, uuid, server].includes(entry.server)
      return !holding.some((entry) => entry.alert !== undefined && fits(entry.alert, name) && isOfServer(entry))
    },
    accepts: (reason, uuid, names) =>
      holding.some(
        (entry) =>
          entry.uncovered === reason && (entry.server === uuid || names.some((name) => fits(entry.server ?? '', name))),
      ),
  }
}

/** `*` stands for any run of characters. */
function fits(pattern: string, text: string): boolean {
  const literal = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
  return new RegExp(`^${literal.join('[\\s\\S]*')}$`).test(text)
}
