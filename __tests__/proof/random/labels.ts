import type { Judged } from './oracle.ts'
import type { Played } from './play.ts'
import { taskShown } from './shown.ts'
import { ALERTS, LOG_IN, SERVERS, START } from './witness.ts'

/** What kind of run it was, so that it can be counted how often each kind was met. */
export function labelsOf(
  { ending, witness, cancelMs, story, report }: Played,
  { truth, coverage }: Judged,
): readonly string[] {
  const { verdict } = ending.outputs
  const starts = witness.of(START)
  const isForgiven = ending.exitCode === 0 && verdict !== 'passed' && verdict !== 'started'
  const ids = ending.outputs['task-id'].split(',')
  const looksFailed = ids.some((id) => taskShown(witness, id).polls > witness.calls.filter(isGoodLookAt(id)).length)
  const pages = witness.of(SERVERS, ALERTS).map(({ params }) => Number(params.CurrentPage))
  const firstPages = witness
    .of(ALERTS)
    .filter(({ params, ending: is }) => params.CurrentPage === '1' && is?.kind === 'good')
  const isPassed = verdict === 'passed'
  const reads = truth?.reads ?? 0
  const is: Readonly<Record<string, boolean>> = {
    [verdict]: true,
    [`forgiven: ${verdict}`]: isForgiven,
    'passed: gate off': isPassed && truth === undefined,
    'passed: by two reads of the alerts': isPassed && reads === 2,
    'passed: by more reads than two': isPassed && reads > 2,
    'passed: a gap was accepted': isPassed && (truth?.acceptedGaps ?? 0) > 0,
    'passed: lists of several pages': isPassed && pages.some((page) => page > 1),
    'passed: several tasks': isPassed && ids.length > 1,
    'passed: after failed looks': isPassed && looksFailed,
    'passed: a fleet of more than 50 servers': isPassed && truth !== undefined && story.world.servers.length > 50,
    'passed: a session was renewed':
      isPassed && witness.of(LOG_IN).filter(({ ending: end }) => end?.kind === 'good').length > 1,
    'passed: a throttled start was repeated': isPassed && starts.length > 1,
    'alerts: first seen after a clean read': verdict === 'alerts' && reads > 1,
    'alerts: seen before the scan only': verdict === 'alerts' && reads === 0,
    'incomplete: beside alerts that are forgiven': verdict === 'incomplete' && truth?.hasAlerts === true,
    'incomplete: before the start only': verdict === 'incomplete' && coverage?.isMended === true,
    'a start that nobody knows of': /a scan may be running/.test(ending.outputs.reason),
    'cancelled in the middle': verdict === 'cancelled' && cancelMs !== undefined && cancelMs > 0,
    'a refusal in the middle':
      verdict === 'denied' && witness.calls.filter(({ ending: end }) => end?.kind === 'good').length > 2,
    'a list was read again from its start':
      pages.length > 0 && firstPages.some((call, i) => isSameListAt(firstPages, call, i)),
    'a report that could not be written': report !== undefined && !story.isReportWritable,
  }
  return Object.keys(is).filter((label) => is[label])
}

type Calls = Played['witness']['calls']

const isGoodLookAt = (id: string) => (call: Calls[number]) => call.params.TaskId === id && call.ending?.kind === 'good'

/** Whether the same list was begun just before: after a page that did not fit to the others. */
function isSameListAt(calls: Calls, { params, askedMs }: Calls[number], i: number): boolean {
  const previous = calls.slice(0, i).findLast((call) => call.params.Uuid === params.Uuid)
  const total =
    previous?.ending?.kind === 'good' ? (previous.ending.body.PageInfo as { TotalCount: number }).TotalCount : 0
  const rows = previous?.ending?.kind === 'good' ? (previous.ending.body.Data as unknown[]).length : 0
  return previous !== undefined && rows < total && askedMs >= (previous.endMs ?? 0)
}
