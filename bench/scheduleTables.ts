import { PEERS } from './peers.ts'
import { distinct, dominatorsOf, KIND_NAMES, KINDS, OURS, SCANS, type Score, scoresOf } from './schedule.ts'
import { table } from './table.ts'

/** The schedules beside each other, who of the peers has which, and who is on the front. */
export function benchSchedules(): void {
  const byKind = new Map(KIND_NAMES.map((kind) => [kind, scoresOf(kind)] as const))
  for (const [kind, scores] of byKind) {
    table(
      `${KINDS[kind].title}: ${SCANS} scans. Late: from the end of a scan until it is known`,
      ['delays', 'mean calls', 'late/duration mean', 'p50', 'p95', 'late s p50', 'p95', 'dominated by'],
      distinct(scores).map((score) => rowOf(score, scores)),
    )
  }
  table(
    'Whose delays these are, and how many of the scans take longer than their limit: by default, and the longest there is',
    ['', 'delays', ...KIND_NAMES.flatMap((kind) => [kind, 'at most'])],
    [OURS, ...PEERS].map((peer) => [
      peer.name,
      peer.label,
      ...[...byKind.values()].flatMap((scores) => {
        const unseen = scores.find((score) => score.peer === peer)?.unseen
        return [percent(unseen?.byDefault ?? 0), percent(unseen?.atMost ?? 0)]
      }),
    ]),
  )
  table(
    'This action is dominated by (as good in calls, mean and p95 of lateness within 5 %, and better in one)',
    ['scans', 'by', 'target: nobody'],
    [...byKind].map(([kind, scores]) => [KINDS[kind].title, ...judge(scores)]),
  )
}

/** By whom this action is dominated, and whether that is the target. */
function judge(scores: readonly Score[]): readonly [string, string] {
  const ours = scores.find(({ peer }) => peer === OURS)
  const by = ours === undefined ? ['it was not measured'] : dominatorsOf(ours, scores)
  return by.length === 0 ? ['nobody', 'PASS'] : [by.join(', '), 'miss']
}

function rowOf(score: Score, scores: readonly Score[]): string[] {
  const { peer, calls, lateShare, lateS } = score
  return [
    PEERS.includes(peer) ? peer.label : `${peer.label} (this action)`,
    calls.toFixed(1),
    percent(lateShare.mean),
    percent(lateShare.p50),
    percent(lateShare.p95),
    lateS.p50.toFixed(1),
    lateS.p95.toFixed(1),
    dominatorsOf(score, scores).join(', '),
  ]
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
