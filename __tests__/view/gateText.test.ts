import { judgeAlerts } from '../../src/domain/alerts.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { FORGIVABLE, judge } from '../../src/domain/verdict.ts'
import { detailLines } from '../../src/view/log.ts'
import { nextSteps } from '../../src/view/remedies.ts'
import { toLog, toReason } from '../../src/view/sentence.ts'
import { reason } from '../../src/view/verdictText.ts'
import { failure, id, outcomeOf, server01, waited } from '../support/builders.ts'
import { alert, entry, gap, gateOutcome, notStarted, ofFact, rules } from '../support/gateOutcomes.ts'

/** The reasons of a gate: one sentence for each way in which it can end. */

test.each<{ name: string; outcome: Outcome; says: string }>([
  {
    name: 'a pass',
    outcome: gateOutcome({}),
    says: 'Virus scan task 282832 ended with Success, and there is no open virus alert at or above suspicious on 2 servers',
  },
  {
    name: 'a pass with something to say',
    outcome: gateOutcome({
      alerts: [alert(1, { level: 'remind' }), alert(2)],
      gaps: [gap(2, 'offline')],
      entries: [entry({}), entry({ kind: 'uncovered', uncovered: 'offline', server: 'web-02' })],
    }),
    says: 'Virus scan task 282832 ended with Success, and there is no open virus alert at or above suspicious on 2 servers (1 accepted, 1 below the cutoff, 1 accepted gap in coverage)',
  },
  {
    name: 'alerts, gravest first',
    outcome: gateOutcome({ alerts: [alert(2, { level: 'suspicious', name: 'Webshell' }), alert(1)] }),
    says: '2 open virus alerts at or above suspicious on 2 servers: Trojan (serious) on web-01, Webshell (suspicious) on web-02',
  },
  {
    name: 'an alert of a level that nobody knows',
    outcome: gateOutcome({ alerts: [alert(1, { level: 'grave' })] }),
    says: '1 open virus alert at or above suspicious on 1 server: Trojan (grave, taken for serious) on web-01',
  },
  {
    name: 'an alert that is no longer accepted',
    outcome: gateOutcome({ alerts: [alert(1)], entries: [entry({ until: '2026-11-01' })] }),
    says: '1 open virus alert at or above suspicious on 1 server: Trojan (serious) on web-01 (1 no longer accepted)',
  },
  {
    name: 'alerts of a read that broke off',
    outcome: gateOutcome({
      more: { alerts: { all: judgeAlerts([alert(1)], rules, undefined), isSettled: false, reads: 1 } },
    }),
    says: '1 open virus alert at or above suspicious on 1 server: Trojan (serious) on web-01, and there may be more, since they were not read to the end',
  },
  {
    name: 'gaps after a scan',
    outcome: gateOutcome({ gaps: [gap(1, 'joined'), gap(2, 'missing')] }),
    says: 'The scan does not cover what was asked for: web-01 joined its group too late to be scanned, web-02 does not exist',
  },
  {
    name: 'gaps before one',
    outcome: gateOutcome({ gaps: [gap(1, 'offline'), gap(1, 'unlicensed'), gap(2, 'empty')] }, notStarted),
    says: 'The scan does not cover what was asked for: web-01 is offline, web-01 has no licence for virus scans, web-02 has no servers, nothing was started',
  },
  {
    name: 'nothing left to start',
    outcome: gateOutcome({ more: { nothingToStart: true } }, notStarted),
    says: 'The scan does not cover what was asked for: no server is left that a scan would cover, so none was started',
  },
  {
    name: 'nothing left at the end of a scan',
    outcome: gateOutcome({ more: { nothingToStart: true } }),
    says: 'The scan does not cover what was asked for: no server of the scans that ended well is left',
  },
  {
    name: 'a task whose targets are unclear',
    outcome: gateOutcome({ more: { unclear: [{ taskId: id('282832'), why: 'not-as-started' }] } }),
    says: 'The scan does not cover what was asked for: task 282832 does not scan what was started',
  },
  {
    name: 'a start that nobody waits for',
    outcome: ofFact(
      { kind: 'started', id: id('7') },
      { taskIds: ['7'], started: { id: id('7'), targets: [server01], requestId: 'R' } },
    ),
    says: 'Virus scan task 7 was started on 1 target, and this step did not wait for it',
  },
  {
    name: 'a start whose fate is not known',
    outcome: ofFact({ kind: 'start-unknown', failure: failure('network', { code: 'ECONNRESET' }) }),
    says: 'The start of the scan got no answer that says what became of it (ECONNRESET): a scan may be running, and its id is lost',
  },
  {
    name: 'a report that could not be written',
    outcome: ofFact({
      kind: 'report-not-written',
      path: 'x.json',
      why: 'cannot be written: the disk is full (ENOSPC)',
    }),
    says: 'The report could not be written to x.json: cannot be written: the disk is full (ENOSPC)',
  },
  {
    name: 'a call that was refused',
    outcome: ofFact({
      kind: 'call-ended',
      purpose: 'baseline',
      ending: { kind: 'denied', failure: failure('permission', { code: 'NoPermission', action: 'X' }) },
    }),
    says: 'The cloud refused to read the virus alerts that were open before the scan: NoPermission (the RAM action yundun-sas:X is not allowed)',
  },
  {
    name: 'a call that failed too often',
    outcome: ofFact({
      kind: 'call-ended',
      purpose: 'coverage',
      ending: { kind: 'unavailable', failure: failure('server', { code: 'ServerError' }) },
    }),
    says: 'It was not possible to see what the scan covers: too many calls in a row failed, the last with ServerError',
  },
  {
    name: 'the deadline before a start',
    outcome: ofFact({ kind: 'call-ended', purpose: 'look-up', ending: { kind: 'timed-out' } }),
    says: 'The deadline came, after 1 min 2 s, before the action could look the targets up, nothing was started',
  },
  {
    name: 'the deadline before any alert was read',
    outcome: {
      ...ofFact({ kind: 'call-ended', purpose: 'alerts', ending: { kind: 'timed-out' } }),
      tasks: [waited({ kind: 'passed' })],
    },
    says: 'The scan ended, but the deadline came, after 1 min 2 s, before the action could read the virus alerts: alerts not read',
  },
  {
    name: 'the deadline between two reads',
    outcome: {
      ...gateOutcome({ more: { alerts: { all: [], isSettled: false, reads: 1 } } }),
      judgement: judge([{ kind: 'call-ended', purpose: 'alerts', ending: { kind: 'timed-out' } }], FORGIVABLE),
    },
    says: 'The scan ended, but the deadline came, after 1 min 2 s, before the action could read the virus alerts: alerts read, but not confirmed by a second read',
  },
  {
    name: 'a cancel before a start',
    outcome: ofFact({ kind: 'call-ended', purpose: 'coverage', ending: { kind: 'cancelled' } }),
    says: 'The run was cancelled after 1 min 2 s, while it was to see what the scan covers, nothing was started',
  },
])('$name', ({ outcome, says }) => {
  expect(toLog(reason(outcome))).toBe(says)
  expect(toReason(reason(outcome))).toMatch(/^[A-Za-z0-9 ._:,()/@-]+$/)
})

test.each<{ name: string; outcome: Outcome; says: readonly RegExp[] }>([
  { name: 'alerts', outcome: gateOutcome({ alerts: [alert(1)] }), says: [/console of the China site/, /allow-list/] },
  {
    name: 'each reason of a gap once',
    outcome: gateOutcome({ gaps: [gap(1, 'offline'), gap(2, 'offline'), gap(2, 'unlicensed'), gap(3, 'joined')] }),
    says: [/^Offline:/, /^Unlicensed:/, /^Joined:/, /belongs into the allow-list/],
  },
  {
    name: 'an empty group, which no allow-list helps',
    outcome: gateOutcome({ gaps: [gap(1, 'empty', { type: 'groupId' })] }),
    says: [/^Empty:/],
  },
  {
    name: 'a refusal, with the policy of the whole run',
    outcome: ofFact(
      {
        kind: 'call-ended',
        purpose: 'alerts',
        ending: { kind: 'denied', failure: failure('permission', { action: 'X' }) },
      },
      { ramActions: ['yundun-sas:W', 'yundun-sas:X'] },
    ),
    says: [/^Allow yundun-sas:X .*"Action":\["yundun-sas:W","yundun-sas:X"\]/],
  },
  {
    name: 'a start that was not accepted',
    outcome: ofFact({
      kind: 'call-ended',
      purpose: 'start',
      ending: { kind: 'denied', failure: failure('request', { action: 'StartVirusScanTask' }) },
    }),
    says: [/^See that the servers and server groups belong to the China site/],
  },
  {
    name: 'a start whose fate is not known',
    outcome: ofFact({ kind: 'start-unknown', failure: failure('timeout') }),
    says: [/whether a scan runs before you run this again/],
  },
  { name: 'a start', outcome: ofFact({ kind: 'started', id: id('7') }), says: [/output task-id .* input task-id/] },
])('what to do about $name', ({ outcome, says }) => {
  const steps = nextSteps(outcome).map(toLog)
  expect(steps).toHaveLength(says.length)
  for (const [i, pattern] of says.entries()) expect(steps[i]).toMatch(pattern)
})

test('a scan that this run started goes on by its id: with targets again, another one would be started', () => {
  const started = { id: id('7'), targets: [server01], requestId: 'R' }
  const cancelled = { ...waited({ kind: 'cancelled' }), looks: 0 }
  const outcome = outcomeOf([cancelled], { taskIds: ['7'], started })
  expect(toLog(reason(outcome))).toMatch(/the scan itself goes on$/)
  expect(nextSteps(outcome).map(toLog)).toEqual([
    expect.stringMatching(/run a step with task-id: 7 instead of targets; with targets, another scan is started/),
  ])
})

test('a thousand problems are counted in the reason and listed in the log', () => {
  const problems = Array.from({ length: 1_000 }, (_, i) => ({ name: 'targets', value: `host:${i}`, text: 'is gone' }))
  const outcome = ofFact({ kind: 'invalid-input', problems })
  expect(toReason(reason(outcome))).toMatch(
    /^1000 problems .*\(10\) targets: host:9 is gone, and 990 more, which the log/,
  )
  expect(detailLines(outcome)).toHaveLength(1_000)
})
