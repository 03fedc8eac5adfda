import fc from 'fast-check'
import { cases, figure, PATIENCE_MS } from '../support/proof.ts'
import { labelsOf } from './random/labels.ts'
import { judged } from './random/oracle.ts'
import { play } from './random/play.ts'
import { type Story, stories } from './random/stories.ts'
import { transcriptOf } from './random/transcript.ts'

/**
 * Random runs: what the workflow asks for, what the cloud has and what goes wrong are drawn by lot; what must hold of
 * every run is judged by what the far end saw. A failure is shrunk to a short story and printed with its seed.
 */

const RUNS = 20_000

/** What must have been met at least so often in each 20,000 runs: a rule that nothing tries holds for nothing. What comes
 * of other seeds is three times that and more. Fewer runs are too few to count. */
const OFTEN: Readonly<Record<string, number>> = {
  passed: 1_000,
  alerts: 300,
  'scan-failed': 400,
  'timed-out': 500,
  unavailable: 500,
  incomplete: 500,
  denied: 500,
  cancelled: 200,
  'invalid-input': 200,
  started: 200,
  'forgiven: alerts': 50,
  'forgiven: scan-failed': 50,
  'forgiven: timed-out': 50,
  'forgiven: unavailable': 50,
  'forgiven: incomplete': 50,
  'passed: gate off': 500,
  'passed: by two reads of the alerts': 500,
  'passed: by more reads than two': 20,
  'passed: a gap was accepted': 20,
  'passed: lists of several pages': 50,
  'passed: several tasks': 100,
  'passed: after failed looks': 100,
  'passed: a fleet of more than 50 servers': 10,
  'passed: a session was renewed': 15,
  'passed: a throttled start was repeated': 50,
  'alerts: first seen after a clean read': 50,
  'alerts: seen before the scan only': 20,
  'incomplete: beside alerts that are forgiven': 8,
  'incomplete: before the start only': 20,
  'a start that nobody knows of': 60,
  'cancelled in the middle': 150,
  'a refusal in the middle': 100,
  'a list was read again from its start': 20,
  'a report that could not be written': 100,
}

test(
  'whatever happens, the rules hold',
  async () => {
    const { numRuns, seed } = cases(RUNS)
    const met = new Map<string, number>()
    let calls = 0
    await fc.assert(
      fc.asyncProperty(stories, async (story: Story) => {
        const played = await play(story)
        const judgement = judged(played)
        const { broken } = judgement
        calls += played.witness.calls.length
        for (const label of labelsOf(played, judgement)) met.set(label, (met.get(label) ?? 0) + 1)
        expect({ broken, story: broken.length === 0 ? [] : transcriptOf(played) }).toEqual({ broken: [], story: [] })
      }),
      { numRuns, seed },
    )
    figure('random runs', 'runs', numRuns)
    figure('random runs', 'calls', calls)
    for (const label of Object.keys(OFTEN)) figure('random runs', label, met.get(label) ?? 0)
    const rare = Object.entries(OFTEN).filter(
      ([label, often]) => numRuns >= RUNS && (met.get(label) ?? 0) < Math.floor((often * numRuns) / RUNS),
    )
    expect(rare.map(([label, often]) => `${label}: ${met.get(label) ?? 0} of ${often}`)).toEqual([])
  },
  PATIENCE_MS,
)
