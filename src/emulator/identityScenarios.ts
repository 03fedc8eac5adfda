import { emptyReply, refusal, state } from './answers.ts'
import { ACCOUNT_ID, type CloudState } from './cloud.ts'
import type { Looks } from './service.ts'
import { ACCOUNT, FAST, KEYS, type Scenario } from './stage.ts'
import type { StsState } from './sts.ts'
import { ISSUER, SUBJECT } from './tokenService.ts'

/** Stories of how a run comes by its keys, and of keys that end before the scan does. */

const PROVIDER = `acs:ram::${ACCOUNT_ID}:oidc-provider/github-actions`
const ROLE = `acs:ram::${ACCOUNT_ID}:role/virus-scan-gate`
const OTHER_ACCOUNT_ID = '6543210987654321'

/** What RAM has set up: GitHub as a provider, and a role that trusts the jobs of one repository's production. */
const STS: StsState = {
  providers: { [PROVIDER]: { issuer: ISSUER, clientIds: ['sts.aliyuncs.com'] } },
  roles: { [ROLE]: { trusts: PROVIDER, subjects: [SUBJECT] } },
}

const ONE = { ...FAST, 'task-id': '282832' }
const KEYLESS = { ...ONE, 'role-to-assume': ROLE, 'oidc-provider-arn': PROVIDER }

function cloud(looks: Looks, changes: Partial<CloudState> = {}): CloudState {
  const targets = [{ type: 'uuid', name: 'web-01', target: '5a1f0c1e-0000-4000-8000-00000000aa01' }]
  return { account: ACCOUNT, sts: STS, tasks: { '282832': { targets, looks } }, ...changes }
}

const scan = (looks: number) => [
  state('init'),
  ...Array.from({ length: looks }, () => state('Processing')),
  state('Success'),
]

export const IDENTITY_SCENARIOS: Readonly<Record<string, Scenario>> = {
  keyless: {
    about: 'No key is stored anywhere: the run shows a token of GitHub and assumes a role. The scan ends well.',
    cloud: cloud(scan(3)),
    inputs: KEYLESS,
    identity: {},
    verdict: 'passed',
  },
  'long-scan': {
    about: 'Sessions last four seconds and the scan four times as long. Each session is followed by another in time.',
    cloud: cloud((ms) => state(ms < 16_000 ? 'Processing' : 'Success'), { sts: { ...STS, sessionMs: 4_000 } }),
    inputs: KEYLESS,
    identity: {},
    verdict: 'passed',
  },
  'wrong-audience': {
    about: 'The token is made out to somebody whom the identity provider in RAM does not know.',
    cloud: cloud(scan(3)),
    inputs: { ...KEYLESS, audience: 'github-actions' },
    identity: {},
    verdict: 'denied',
  },
  'untrusted-branch': {
    about: 'The role trusts the main branch, and the workflow runs for another.',
    cloud: cloud(scan(3), {
      sts: { ...STS, roles: { [ROLE]: { trusts: PROVIDER, subjects: ['repo:example/app:ref:refs/heads/main'] } } },
    }),
    inputs: KEYLESS,
    identity: { subject: 'repo:example/app:ref:refs/heads/try-something' },
    verdict: 'denied',
  },
  'wrong-account': {
    about: 'The role is one of another account than the workflow allows, which its name already shows.',
    cloud: cloud(scan(3)),
    inputs: { ...KEYLESS, 'allowed-account-ids': OTHER_ACCOUNT_ID },
    identity: {},
    verdict: 'denied',
  },
  'wrong-account-keys': {
    about: 'The keys are those of another account than the workflow allows, which only the cloud can tell.',
    cloud: cloud(scan(3)),
    inputs: { ...KEYS, ...ONE, 'allowed-account-ids': OTHER_ACCOUNT_ID },
    verdict: 'denied',
  },
  'session-expired': {
    about: 'An earlier step opened the session, and it ends during the scan. This run cannot renew it.',
    cloud: cloud(scan(9), { account: { ...ACCOUNT, endsAfterCalls: 4 } }),
    inputs: { ...KEYS, ...ONE },
    verdict: 'denied',
  },
  'sts-outage': {
    about: 'STS breaks down twice before it issues a session. The scan ends well.',
    cloud: cloud(scan(3), {
      trouble: {
        AssumeRoleWithOIDC: [refusal(503, 'ServiceUnavailable', 'The service is unavailable.'), emptyReply(503)],
      },
    }),
    inputs: KEYLESS,
    identity: {},
    verdict: 'passed',
  },
}
