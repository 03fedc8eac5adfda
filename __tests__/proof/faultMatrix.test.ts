import { hasOpenssl, makeCertificates } from '../support/certificates.ts'
import { figure } from '../support/proof.ts'
import { CALLS, type Call } from './faults/calls.ts'
import { closeShared } from './faults/farEnd.ts'
import { FAULTS, type Fault } from './faults/faults.ts'
import { canMeet, expected, faultyCalls, type Moment, momentsOf } from './faults/rules.ts'
import { FORGIVEN_ERRORS, play } from './faults/stories.ts'

/**
 * Every call of the cloud × every fault × every moment, through the sources: the real pop-core, real sockets, a clock
 * that jumps. What has to come of each cell is derived from the contract by `faults/rules.ts`.
 */

const policy = { forgivenErrors: FORGIVEN_ERRORS }
/** Cells under way together: most of them wait for a socket. */
const AT_A_TIME = 12

const certificates = hasOpenssl ? makeCertificates() : undefined
afterAll(async () => {
  certificates?.remove()
  await closeShared()
})

interface Cell {
  readonly call: Call
  readonly fault: Fault
  readonly moment: Moment
}

/** What is wrong with what came of a cell; empty where all is as the rules have it. */
async function problemsOf({ call, fault, moment }: Cell): Promise<readonly string[]> {
  const isFaulty = faultyCalls(call, moment, policy)
  const { outcome, far, sleeping } = await play(call.story, { call, fault, isFaulty, certificates })
  const { verdict, exitCode, calls } = expected(call, fault, moment, policy)
  const made = far.made.filter(({ action }) => action === call.action)
  const met = made.filter((one) => one.isFaulty).length
  const arrived = far.arrivals(call.action)
  const { judgement } = outcome
  const problems = [
    ...(judgement.verdict === verdict ? [] : [`verdict ${judgement.verdict}, not ${verdict}`]),
    ...(Number(judgement.failsJob) === exitCode ? [] : [`exit code ${Number(judgement.failsJob)}, not ${exitCode}`]),
    ...(made.length >= calls.least && made.length <= calls.most
      ? []
      : [`${made.length} calls, not ${calls.least}${calls.most === calls.least ? '' : ` to ${calls.most}`}`]),
    ...(met > 0 ? [] : ['the fault was met by no call']),
    // What the far ends saw is what was sent: no client repeats by itself.
    ...(call.kind === 'token' || arrived.good <= made.length - met
      ? []
      : [`${arrived.good} calls arrived where all is well`]),
    ...(fault.end.kind === 'nobody' || fault.end.kind === 'certificate' || arrived.bad === met
      ? []
      : [`${arrived.bad} of ${met} faulty calls arrived`]),
    ...(sleeping === 0 ? [] : [`${sleeping} timers left`]),
    ...tooEarly(
      made.filter((one) => one.isTheirs),
      fault,
    ),
  ]
  return problems.length === 0 ? [] : [`${call.name}: ${fault.name}, ${moment}: ${problems.join(', ')}`]
}

/** Section 4: the next call comes after what the cloud asked for, or, where it did not, after 60 s at most. */
function tooEarly(made: readonly { readonly atMs: number; readonly isFaulty: boolean }[], { waitMs }: Fault) {
  return made.flatMap(({ atMs, isFaulty }, i) => {
    const next = made[i + 1]
    if (!isFaulty || next === undefined) return []
    const gapMs = next.atMs - atMs
    if (waitMs !== undefined && gapMs < waitMs) return [`called again after ${gapMs} ms`]
    return waitMs === undefined && gapMs > 61_000 ? [`called again only after ${gapMs} ms`] : []
  })
}

async function all(cells: readonly Cell[]): Promise<readonly string[]> {
  const problems: string[] = []
  let next = 0
  const worker = async () => {
    while (next < cells.length) problems.push(...(await problemsOf(cells[next++] as Cell)))
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, worker))
  return problems
}

/** The runs over a fleet of three pages cost most: there the moments in between are tried with one fault of a nature. */
function isTried({ call, fault, moment }: Cell): boolean {
  if (call.story !== 'fleet' || moment === 'first' || moment === 'for-ever') return true
  return fault === FAULTS.find(({ nature }) => nature === fault.nature)
}

const faults = FAULTS.filter(({ end }) => end.kind !== 'certificate' || hasOpenssl)
let count = 0

test.each(CALLS)('a good run makes the call as often as the data says: $name', async (call) => {
  const { outcome, far } = await play(call.story, { call, isFaulty: () => false, certificates })
  expect(outcome.judgement.verdict).toBe('passed')
  const made = far.made.filter(({ action }) => action === call.action)
  expect(made).toHaveLength(call.times + (call.beside ?? 0))
  if (call.kind !== 'token') expect(far.arrivals(call.action).good).toBe(made.length)
})

test.each(CALLS)(
  '$name: every fault at every moment',
  async (call) => {
    const cells = faults
      .filter((fault) => canMeet(call, fault))
      .flatMap((fault) => momentsOf(call).map((moment) => ({ call, fault, moment })))
      .filter(isTried)
    expect(await all(cells)).toEqual([])
    count += cells.length
    figure('fault matrix', 'cells through the sources', count)
  },
  180_000,
)
