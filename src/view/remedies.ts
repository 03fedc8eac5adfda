import { policyOf } from '../domain/login.ts'
import type { Outcome } from '../domain/outcome.ts'
import { type Failure, ramActionOf } from '../domain/scan.ts'
import { type Fact, factsIn } from '../domain/verdict.ts'
import { gapSteps } from './gateText.ts'
import {
  accountRemedy,
  endedSessionRemedy,
  identityRemedy,
  loginRemedy,
  proxyRemedy,
  trustRemedy,
} from './loginText.ts'
import { code, link, own, type Sentence, say } from './sentence.ts'
import { isMissingFields, refusals, siteOf, wasSeen } from './taskText.ts'

/** What to do about a verdict. */

/** What to do now, most useful first; nothing when all is well. */
export function nextSteps(outcome: Outcome): readonly Sentence[] {
  const steps = factsIn(outcome.judgement).flatMap((fact) => stepsFor(fact, outcome))
  return [...new Map(steps.map((step) => [JSON.stringify(step), step])).values()]
}

/**
 * The console of each site. Source: the service's pages, which link to it like this and know no address for a task,
 * for an alert or for the page of virus scans.
 */
const CONSOLES = {
  China: 'https://yundun.console.aliyun.com/?p=sas',
  global: 'https://yundun.console.alibabacloud.com/?p=sas',
} as const

/** What can be looked into there. Inputs, credentials and files are mended elsewhere. */
const FOR_THE_CONSOLE: readonly Fact['kind'][] = [
  'alerts',
  'incomplete',
  'scan-failed',
  'timed-out',
  'unavailable',
  'cancelled',
  'start-unknown',
  'started',
]

/** The page of the site that was asked, where it helps. A rehearsal has none. */
export function whereToLook({ cloud, judgement }: Outcome): readonly Sentence[] {
  if (cloud === undefined || cloud.site === 'rehearsal') return []
  if (!factsIn(judgement).some((fact) => FOR_THE_CONSOLE.includes(fact.kind))) return []
  const place = link(`Security Center console, ${cloud.site} site`, CONSOLES[cloud.site])
  return [say`Open the ${place} (there: Virus Detection and Removal).`]
}

function stepsFor(fact: Fact, outcome: Outcome): readonly Sentence[] {
  switch (fact.kind) {
    case 'invalid-input':
      return [own('Mend the inputs named above; the README of this action lists them all.')]
    case 'cancelled':
      return [say`The cloud has no call to stop a scan. ${goOn(outcome)}`]
    case 'denied':
      return refusals(fact.tasks).map((failure) => remedy(failure, outcome))
    case 'scan-failed':
      return [
        own(
          'Look the task up in the Security Center console (Virus Detection and Removal) and see that its servers are online and have the agent running.',
        ),
        own('Then start a new scan: a task that has failed cannot be resumed.'),
      ]
    case 'timed-out':
      return [
        fact.tasks.some(wasSeen)
          ? say`${goOn(outcome)} If scans often take that long, raise timeout-minutes.`
          : say`No look succeeded: see that the runner can reach ${outcome.cloud?.host ?? 'the endpoint'} before you raise timeout-minutes.`,
        ...(fact.tasks.some((task) => task.unknownState !== undefined)
          ? [
              own(
                'Look the task up in the console. A state that is not documented is never taken for success: report it to this project.',
              ),
            ]
          : []),
      ]
    case 'unavailable':
      return [
        say`The scan does not depend on this job. ${goOn(outcome)}`,
        ...(isMissingFields(fact.tasks)
          ? [checkTheId(outcome)]
          : [
              own('If it happens often, raise max-consecutive-errors, and see that the runner may reach the endpoint.'),
            ]),
      ]
    case 'call-ended':
      return callSteps(fact, outcome)
    case 'start-unknown':
      return [
        own(
          'See in the Security Center console (Virus Detection and Removal) whether a scan runs before you run this again: that starts another one.',
        ),
      ]
    case 'alerts':
      return [
        say`Handle the alerts in the Security Center console${outcome.rehearsal ? own('') : say` of the ${siteOf(outcome)} site`}, then run this again.`,
        own(
          'What you decide to live with for a while belongs into the allow-list, with a reason and an end: alert (its name), server, reason, until.',
        ),
      ]
    case 'incomplete':
      return gapSteps(fact)
    case 'started':
      return [own('A later step waits for the scan: give it the output task-id of this one as its input task-id.')]
    case 'report-not-written':
      return [own('See that report-file names a place in the workspace that this step may write to.')]
    case 'defect':
      return [own('Run the job again with debug logging and report the stack trace to this project.')]
  }
}

/** How to wait on for scans that run; a step with `targets` would start another one. */
function goOn({ started, taskIds }: Outcome): Sentence {
  return started === undefined
    ? own('To go on waiting, run this step again with the same task-id.')
    : say`To go on waiting, run a step with task-id: ${own(taskIds.join(', '))} instead of targets; with targets, another scan is started.`
}

function callSteps({ ending }: Extract<Fact, { kind: 'call-ended' }>, outcome: Outcome): readonly Sentence[] {
  switch (ending.kind) {
    case 'denied':
      return [remedy(ending.failure, outcome)]
    case 'unavailable':
      return [
        ...(outcome.taskIds.length === 0 ? [own('Nothing was started. Run this again.')] : [goOn(outcome)]),
        own('If it happens often, raise max-consecutive-errors, and see that the runner may reach the endpoint.'),
      ]
    case 'timed-out':
      return [
        ...(outcome.taskIds.length === 0 ? [] : [goOn(outcome)]),
        own('Raise timeout-minutes: it covers the reading of alerts too, with settle-seconds between two clean reads.'),
      ]
    case 'cancelled':
      return outcome.taskIds.length === 0 ? [] : [goOn(outcome)]
  }
}

/** The remedy for a refusal. */
function remedy(failure: Failure, outcome: Outcome): Sentence {
  if (failure.action === 'GetCallerIdentity' && ['login', 'request'].includes(failure.cause)) return identityRemedy()
  switch (failure.cause) {
    case 'permission': {
      const actions = outcome.ramActions.length === 0 ? [ramActionOf(failure.action)] : outcome.ramActions
      return say`Allow ${own(ramActionOf(failure.action))} to the RAM user or role whose key is used. This policy is enough for all of this run: ${code(policyOf(actions))}`
    }
    case 'clock':
      return own("Set the runner's clock: the cloud refuses requests whose time is more than 15 minutes off.")
    case 'login':
      return loginRemedy(failure)
    case 'account':
      return accountRemedy(outcome)
    case 'untrusted':
      return trustRemedy(failure)
    case 'proxy-refused':
      return proxyRemedy(failure)
    case 'credentials':
      return credentialsRemedy(failure.code, outcome)
    default:
      return failure.action === 'DescribeScanTaskProgress'
        ? checkTheId(outcome)
        : say`See that the servers and server groups belong to the ${siteOf(outcome)} site, which region-id chooses, and that virus scans are part of the account's edition.`
  }
}

function checkTheId(outcome: Outcome): Sentence {
  const others = {
    China: 'ap-southeast-1 asks the global site',
    global: 'cn-shanghai asks the China site',
    rehearsal: '',
  }
  const other = others[outcome.cloud?.site ?? 'rehearsal']
  return say`See that task-id is what StartVirusScanTask returned, and that it was started at the site that was asked, the ${siteOf(outcome)} one${own(other === '' ? '' : ` (region-id: ${other})`)}.`
}

function credentialsRemedy(code: string, outcome: Outcome): Sentence {
  if (/securitytoken.*expired/i.test(code)) {
    return endedSessionRemedy(outcome)
  }
  if (/securitytoken/i.test(code)) {
    return own(
      'The security token does not belong to this key: pass all three of one session, or no token with a permanent key.',
    )
  }
  if (/signature/i.test(code)) {
    return own(
      'The access key secret does not belong to the access key id: copy both again, without spaces around them.',
    )
  }
  return say`See that the access key exists, is enabled, and belongs to an account of the ${siteOf(outcome)} site, which region-id chooses.`
}
