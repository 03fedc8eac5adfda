import type { Inputs } from '../../../src/inputs.ts'

/** What inputs that were taken for good must be, by the README and not by the code. */

const isLoopback = (host: string) => host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)

/** What is wrong with inputs that were taken for good, by the README alone. */
export function wrongIn({
  waitFor,
  policy,
  gate,
  endpoint,
  sts,
  login,
  rehearsal,
  github,
  ...rest
}: Inputs): readonly string[] {
  const { deadlineMs, minDelayMs, maxDelayMs, maxConsecutiveErrors } = policy
  const rules: Readonly<Record<string, boolean>> = {
    'task-id':
      waitFor.kind === 'targets' ||
      (waitFor.ids.length >= 1 &&
        waitFor.ids.length <= 100 &&
        new Set(waitFor.ids).size === waitFor.ids.length &&
        waitFor.ids.every((one) => /^[1-9]\d*$/.test(one) && BigInt(one) <= 9223372036854775807n)),
    targets:
      waitFor.kind === 'tasks' ||
      waitFor.wanted.kind === 'all' ||
      (waitFor.wanted.lines.length >= 1 &&
        waitFor.wanted.lines.length <= 1000 &&
        waitFor.wanted.lines.every((line) => line.name !== '' && !/[\r\n]/.test(line.name))),
    'timeout-minutes': deadlineMs > 0 && deadlineMs <= 1440 * 60_000,
    'min-poll-seconds': minDelayMs >= 50 && minDelayMs <= maxDelayMs,
    'max-consecutive-errors':
      Number.isInteger(maxConsecutiveErrors) && maxConsecutiveErrors >= 0 && maxConsecutiveErrors <= 1000,
    'severity-cutoff': gate === undefined || ['serious', 'suspicious', 'remind'].includes(gate.cutoff),
    'settle-seconds':
      gate === undefined || (gate.settleMs >= 0 && gate.settleMs <= 900_000 && gate.settleMs <= deadlineMs),
    'allow-list':
      gate === undefined || gate.entries.every((entry) => entry.reason !== '' && /^\d{4}-\d\d-\d\d$/.test(entry.until)),
    'fail-on': rest.failOn.every((word) =>
      ['alerts', 'scan-failed', 'timed-out', 'unavailable', 'incomplete'].includes(word),
    ),
    endpoint: [endpoint, ...(sts === undefined ? [] : [sts])].every(({ url }) => leadsTo(url, rehearsal)),
    login:
      login.kind !== 'keys' ||
      (/^[!-~]+$/.test(login.credentials.accessKeyId) && /^[!-~]+$/.test(login.credentials.accessKeySecret)),
    role:
      login.kind !== 'role' ||
      (/^acs:ram::\d+:role\/[\w.@/-]+$/.test(login.roleArn) &&
        login.durationSeconds >= 900 &&
        login.durationSeconds <= 43_200 &&
        /^[\w.@-]{2,64}$/.test(login.sessionName)),
    'ecs-ram-role': login.kind !== 'ecs-role' || /^[\w.-]+$/.test(login.role),
    'allowed-account-ids': rest.allowedAccountIds.every((one) => /^\d+$/.test(one)),
    github:
      github === undefined ||
      (/^[!-~]+$/.test(github.token) &&
        ![github.commitStatus, github.trackingIssue].some((one) => one !== undefined && /[\p{C}]/u.test(one))),
  }
  return Object.entries(rules).flatMap(([name, isGood]) => (isGood ? [] : [name]))
}

/** Where a request to this address goes, by the parser that sends it there. */
export function leadsTo(url: string, rehearsal: boolean): boolean {
  const { protocol, hostname, username, password, pathname, search } = new URL(url)
  if (username !== '' || password !== '' || pathname !== '/' || search !== '') return false
  if (rehearsal) return isLoopback(hostname)
  return protocol === 'https:' && hostname.endsWith('.aliyuncs.com') && /^[a-z0-9.-]+$/.test(hostname)
}
