import { PEERS, type Peer } from '../../bench/peers.ts'
import {
  dominatorsOf,
  isAsGood,
  KIND_NAMES,
  OURS,
  OURS_FOR_LONG,
  play,
  type Score,
  scoresOf,
} from '../../bench/schedule.ts'
import { figure } from '../support/proof.ts'

/**
 * The schedule of a wait beside those of the peers: nobody is as cheap and as early as it and better in one of the
 * two. Dice and scans are the same every time.
 */

const byKind = Object.fromEntries(KIND_NAMES.map((kind) => [kind, scoresOf(kind)] as const))
const scoreOf = (kind: string, peer: Peer): Score => {
  const score = byKind[kind]?.find((one) => one.peer === peer)
  if (score === undefined) throw new Error(`${peer.name} was not measured`)
  return score
}

test.each(['short', 'bimodal', 'any'])('%s scans: dominated by nobody', (kind) => {
  expect(dominatorsOf(scoreOf(kind, OURS), byKind[kind] ?? [])).toEqual([])
})

test('long scans alone: only by who never looks more often than once a minute, unless it is set to do so too', () => {
  const long = byKind.long ?? []
  expect(dominatorsOf(scoreOf('long', OURS), long)).toEqual(['60 s'])
  expect(dominatorsOf(scoreOf('long', OURS_FOR_LONG), long)).toEqual([])
  // From 20 min on it is the same once a minute. What it pays more is what 5 % cost until then: a look every 3 s for a
  // minute, and 1 / 0.05 for each time that the scan becomes e times as long.
  const once = PEERS.find(({ label }) => label === '60 s') as Peer
  const early = 60 / 3 + Math.log(20) / 0.05 - 1_200 / 60
  expect(scoreOf('long', OURS).calls - scoreOf('long', once).calls).toBeGreaterThan(early * 0.95)
  expect(scoreOf('long', OURS).calls - scoreOf('long', once).calls).toBeLessThan(early * 1.05)
})

test('who does not know which kind of scan it has: nobody is as good in all of them', () => {
  const isAsGoodAlways = (peer: Peer) =>
    ['short', 'long', 'bimodal'].every((kind) => isAsGood(scoreOf(kind, peer), scoreOf(kind, OURS)))
  expect(PEERS.filter(isAsGoodAlways)).toEqual([])
})

test.each([
  { name: 'a look every 10 s', delays: '10 s', durationS: 25, calls: 4, lateS: 5 },
  { name: 'a scan that ends just when a look comes', delays: '10 s', durationS: 30, calls: 4, lateS: 0 },
  { name: '5, 10, 20 s', delays: '5 s doubling', durationS: 16, calls: 4, lateS: 19 },
  { name: '2, 4, 8, 16, 30, 30 s', delays: '2-30 s', durationS: 61, calls: 7, lateS: 29 },
  { name: 'a warm-up before the first look', delays: '15 s', durationS: 8, calls: 1, lateS: 2 },
  { name: 'another sleep after the end', delays: '30 s + 30 s', durationS: 20, calls: 2, lateS: 40 },
])('the yardstick: $name', ({ delays, durationS, calls, lateS }) => {
  const peer = PEERS.find(({ label }) => label === delays) as Peer
  expect(play(durationS, peer, () => 0.5)).toEqual({ calls, lateS })
})

afterAll(() => {
  for (const kind of KIND_NAMES) {
    const { calls, lateShare } = scoreOf(kind, OURS)
    figure('schedule', `${kind} scans: mean calls`, calls.toFixed(1))
    figure('schedule', `${kind} scans: late, 95th percentile of the duration`, `${(lateShare.p95 * 100).toFixed(1)} %`)
    figure(
      'schedule',
      `${kind} scans: dominated by`,
      dominatorsOf(scoreOf(kind, OURS), byKind[kind] ?? []).join(', ') || 'nobody',
    )
  }
})
