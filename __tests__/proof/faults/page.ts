import { CALLS, type Call, type Kind } from './calls.ts'
import { FAULTS, type Fault } from './faults.ts'
import { canMeet, expected, MOMENTS, type Moment, momentsOf } from './rules.ts'
import { TELLING } from './telling.ts'

/** docs/faults.md, from the data and the rules alone: what ought to come of each fault, not what once came of it. */

/** As in the tests: few, so that "for ever" is short. */
const FORGIVEN_ERRORS = 2
const policy = { forgivenErrors: FORGIVEN_ERRORS }

const HEADS: Readonly<Record<Moment, string>> = {
  first: 'The first call',
  middle: 'One in the middle',
  last: 'The last call',
  forgiven: `${FORGIVEN_ERRORS} in a row`,
  'for-ever': 'For ever',
}

/** One call stands for its kind, since the rules look at nothing else. */
const KINDS: readonly { readonly kind: Kind; readonly title: string; readonly name: string; readonly text: string }[] =
  [
    {
      kind: 'look',
      title: 'Looks at a task',
      name: 'look',
      text: 'The scan shows four states, so that a good run makes four looks. A good look sets the count of errors back.',
    },
    {
      kind: 'start',
      title: 'The start of a scan',
      name: 'start',
      text:
        'A second start could start a second scan. It is repeated only where it is proven that the first one started nothing: ' +
        'the cloud itself said that it throttles, or no connection was made. After anything else the run ends at once, and says ' +
        'that a scan may be running.',
    },
    {
      kind: 'call',
      title: 'Look-ups, coverage and alerts',
      name: 'alerts of a server, before the scan and twice after it',
      text:
        'For example the alerts of one server, read once before the scan and twice after it. A refusal ends the run, also one of ' +
        'the request: without this call no verdict could be good.',
    },
    {
      kind: 'login',
      title: 'Calls of STS',
      name: 'session of a role',
      text: 'For example the session of a role, asked for once. A run that is refused here makes no call of Security Center.',
    },
    {
      kind: 'token',
      title: "GitHub's OIDC token",
      name: "GitHub's OIDC token",
      text:
        'The token service has no error codes. 3xx and 4xx refuse, save 408 and 429, and a redirect is not followed; all else ' +
        'may heal.',
    },
  ]

export function faultsPage(): string {
  return `${[
    INTRODUCTION,
    table(
      ['Call', 'What for', 'Calls in a good run'],
      CALLS.map((call) => [`\`${call.action}\``, call.name, String(call.times + (call.beside ?? 0))]),
    ),
    ...KINDS.flatMap(({ title, name, text }) => [`## ${title}`, text, tableOf(callNamed(name))]),
    '## The RAM role of an ECS instance',
    'The metadata service refuses with 403 and 404. A runner that gets no answer from it, and never had one, is taken not to be ' +
      'on ECS: the run ends at once as `denied`. All else may heal, and counts like any other call.',
    '## Files and GitHub',
    'What a run leaves behind. `v` stands for the verdict that the scan came to by itself, which these faults leave alone.',
    table(
      ['What', 'Fault', 'Verdict', 'Exit code', 'Calls'],
      TELLING.map((one) => [one.what, one.fault, one.verdict, one.exitCode, one.calls]),
    ),
  ].join('\n\n')}\n`
}

function callNamed(name: string): Call {
  const call = CALLS.find((one) => one.name === name)
  if (call === undefined) throw new Error(`there is no call ${name}`)
  return call
}

function tableOf(call: Call): string {
  const moments = MOMENTS.filter((moment) => momentsOf(call).includes(moment))
  const heads = moments.map((moment) => (call.times === 1 && moment === 'first' ? 'Once' : HEADS[moment]))
  const rows = FAULTS.filter((fault) => canMeet(call, fault)).map((fault) => [
    fault.name,
    ...moments.map((moment) => cell(call, fault, moment)),
  ])
  return table(['Fault', ...heads], rows)
}

function cell(call: Call, fault: Fault, moment: Moment): string {
  const { verdict, exitCode, calls } = expected(call, fault, moment, policy)
  return `\`${verdict}\` ${exitCode} (${calls.least})`
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}

const INTRODUCTION = `# What happens when something fails

This page is made from data and rules by \`npm run docs\`; \`__tests__/proof/faultMatrix.test.ts\` and
\`__tests__/proof/faultMatrixBundle.test.ts\` hold the action to it.

- **What may heal is repeated**: throttling, 5xx, a broken network, no complete reply within 15 s, replies without what was
  asked for, codes that nobody knows. Delays grow up to a minute, or are as long as \`x-acs-retry-after\` asks for. As many
  errors in a row are forgiven as \`max-consecutive-errors\` says; with one more the verdict is \`unavailable\`.
- **A refusal ends the run at once**, as \`denied\` and with the remedy: credentials, permission, a certificate that cannot be
  checked, a clock that is wrong. Where only the id of one task is refused, the other tasks are waited for.
- **A start is repeated only where nothing was started for sure.** Otherwise the run ends as \`unavailable\` and says that a
  scan may be running.
- **Nothing that cannot be read is good.** A reply that is not 2xx, half a reply or one of another shape never passes.
- **What GitHub does never changes a verdict.** It gets a warning, and 30 s at the end of a run.
- **Evidence that was asked for and cannot be written** makes the verdict \`unavailable\`. A summary or outputs that cannot be
  written are a warning.

Each cell has the verdict, the exit code, and in brackets how often the call is made, failed calls included. In these tables
\`max-consecutive-errors\` is ${FORGIVEN_ERRORS}; it is 15 unless told. With \`fail-on\` that leaves \`unavailable\` out the exit code is 0 in its
place; \`denied\` is never forgiven.

## The calls`
