/**
 * How others wait, as data: the delays that their public sources or manuals show, with what they do by default and no
 * call failing. Read between 2023 and August 2026.
 */

/** The delay in s before look `n`, counted from 0: the first one has none, unless there is a warm-up. */
export type Delays = (n: number, elapsedS: number, random: () => number) => number

export interface Peer {
  readonly name: string
  /** Of the delays, for where there is little room: peers that wait alike share it. */
  readonly label: string
  readonly delays: Delays
  /** After how many s it gives up unless told otherwise; absent where it waits for ever. */
  readonly defaultLimitS?: number
  /** The longest limit that can be asked for, where there is one. */
  readonly longestLimitS?: number
  /** It sleeps on for this long after it has seen the end. */
  readonly afterwardsS?: number
  /** What in its sources or manual says so. */
  readonly source: string
}

const fixed =
  (delayS: number): Delays =>
  (n) =>
    n === 0 ? 0 : delayS
const doubling =
  (firstS: number, capS = Number.POSITIVE_INFINITY): Delays =>
  (n) =>
    n === 0 ? 0 : Math.min(firstS * 2 ** (n - 1), capS)
/** The waiters of the AWS SDK for JavaScript: evenly between the shortest and a doubling delay, then the longest. */
const awsWaiter = (shortestS: number, longestS: number): Delays => {
  const growsUntil = Math.log2(longestS / shortestS) + 1
  return (n, _, random) => {
    if (n === 0) return 0
    return n > growsUntil ? longestS : shortestS + random() * (shortestS * 2 ** (n - 1) - shortestS)
  }
}

const MINUTE = 60
const HOUR = 3_600

export const PEERS: readonly Peer[] = [
  {
    name: 'aliyun CLI --waiter',
    label: '5 s',
    delays: fixed(5),
    defaultLimitS: 180,
    longestLimitS: 600,
    source: '`interval` 5 (2 to 10), `timeout` 180, at most 600',
  },
  {
    name: 'sonarqube-quality-gate-action',
    label: '5 s',
    delays: fixed(5),
    defaultLimitS: 300,
    source: 'sleeps 5 s, `pollingTimeoutSec` 300',
  },
  {
    name: 'await-remote-run',
    label: '5 s',
    delays: fixed(5),
    defaultLimitS: 300,
    source: '`poll_interval_ms` 5000, `run_timeout_seconds` 300',
  },
  {
    name: 'deploy-pages',
    label: '5 s',
    delays: fixed(5),
    defaultLimitS: 600,
    longestLimitS: 600,
    source: '`reporting_interval` 5000, `timeout` 600000, clamped',
  },
  {
    name: 'codeql-action upload-sarif',
    label: '5 s doubling',
    delays: doubling(5),
    defaultLimitS: 155,
    longestLimitS: 155,
    source: 'five tries after 5, 10, 20, 40 and 80 s; here it goes on doubling',
  },
  {
    name: 'wait-on-check-action',
    label: '10 s',
    delays: fixed(10),
    source: '`wait-interval` 10',
  },
  {
    name: 'action-wait-for-check',
    label: '10 s',
    delays: fixed(10),
    defaultLimitS: 600,
    source: '`intervalSeconds` 10, `timeoutSeconds` 600',
  },
  {
    name: 'trigger-workflow-and-wait',
    label: '10 s',
    delays: fixed(10),
    source: '`wait_interval` 10',
  },
  {
    name: 'wait-other-jobs, equal',
    label: '11-17 s',
    delays: (n, _, random) => (n === 0 ? 1 : 10 + 1 + 6 * random()),
    source: '`warmup-delay` PT1S, `minimum-interval` PT10S, 1 to 7 s of jitter',
  },
  {
    name: 'wait-other-jobs, exponential',
    label: '10 s doubling',
    delays: (n, _, random) => (n === 0 ? 1 : 10 * 2 ** (n - 1) + 1 + 6 * random()),
    source: 'the same with `retry-method` exponential_backoff, which has no cap',
  },
  {
    name: 'wait-for-workflows-action',
    label: '15 s',
    delays: (n) => (n === 0 ? 10 : 15),
    source: '`initial-delay-seconds` 10, `period-seconds` 15',
  },
  {
    name: 'wait-for-status-checks',
    label: '20 s',
    delays: fixed(20),
    defaultLimitS: 2 * HOUR,
    source: '`interval` 10, slept twice a round; `timeout` 3600, counted a round',
  },
  {
    name: 'NeuraLegion wait-for',
    label: '20 s',
    delays: fixed(20),
    defaultLimitS: 600,
    source: '20 s, `timeout` 600',
  },
  {
    name: 'amazon-ecs-deploy-task-definition',
    label: '15-120 s, AWS',
    delays: awsWaiter(15, 120),
    defaultLimitS: 30 * MINUTE,
    longestLimitS: 6 * HOUR,
    source: 'waiter of 15 to 120 s, `wait-for-minutes` 30, at most 360',
  },
  {
    name: 'cloudformation-deploy, waiter',
    label: '10-120 s, AWS',
    delays: awsWaiter(10, 120),
    defaultLimitS: 5 * HOUR + 50 * MINUTE,
    source: 'waiter from 10 s on, up to the 120 s of the SDK; 5 h 50 min',
  },
  {
    name: 'cloudformation-deploy, events',
    label: '2-30 s',
    delays: doubling(2, 30),
    defaultLimitS: 5 * HOUR + 50 * MINUTE,
    source: 'polls events after 2 s, doubling up to 30 s',
  },
  {
    name: 'aws-codebuild-run-build',
    label: '30 s',
    delays: fixed(30),
    source: '`update-interval` 30',
  },
  {
    name: 'appscan-sast-action',
    label: '30 s',
    delays: fixed(30),
    defaultLimitS: 30 * MINUTE,
    source: 'sleeps 30 s; 30 min, and the input for it is not read',
    longestLimitS: 30 * MINUTE,
  },
  {
    name: 'devicefarm-mobile-device-testing',
    label: '30 s + 30 s',
    delays: fixed(30),
    afterwardsS: 30,
    source: 'sleeps 30 s, once more after the end',
  },
  {
    name: 'nowsecure-action',
    label: '60 s',
    delays: fixed(60),
    source: '`poll_interval_ms` 60000',
  },
  {
    name: 'veracode-uploadandscan-action',
    label: '120 s',
    delays: fixed(120),
    source: '`scanpollinginterval` 120',
  },
]
