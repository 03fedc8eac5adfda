import fc from 'fast-check'
import { SIGNATURE, WEB_TOKEN } from './secrets.ts'

/**
 * What can go wrong with a call, and what the contract says of it. The classes are written down here anew, from
 * the README and the cloud's pages: the code's own table of error codes is what they are held against.
 */

/** How far a failure reaches. */
export type Reach =
  /** It may heal: the call is repeated, `max-consecutive-errors` times in a row. */
  | 'heals'
  /** It heals with a new session; with keys that cannot be renewed it ends the run. */
  | 'session'
  /** This request is refused: at once and for good. */
  | 'request'
  /** Every request is refused: the run is over. */
  | 'run'

export interface Fault {
  readonly kind: 'code' | 'status' | 'network' | 'not-json'
  /** The cloud's `Code`, the network's, or the HTTP status. */
  readonly code: string
  readonly reach: Reach
  readonly message: string
  /** What `x-acs-retry-after` asks for, in ms. */
  readonly retryAfterMs: number
  /** Whether it proves that a start was not carried out. */
  readonly provesNoStart: boolean
  /** Where it proves nothing: whether the request was carried out all the same. */
  readonly wasCarriedOut: boolean
}

type Kind = Pick<Fault, 'kind' | 'code' | 'reach' | 'provesNoStart'>
const coded = (reach: Reach, provesNoStart: boolean, ...codes: readonly string[]): readonly Kind[] =>
  codes.map((code) => ({ kind: 'code', code, reach, provesNoStart }))
const network = (provesNoStart: boolean, ...codes: readonly string[]): readonly Kind[] =>
  codes.map((code) => ({ kind: 'network', code, reach: 'heals', provesNoStart }))

const THROTTLINGS = coded('heals', true, 'Throttling.User', 'Throttling', 'Throttling.Api')
const HEALING: readonly Kind[] = [
  ...coded('heals', false, 'ServiceUnavailable', 'InternalError', 'ServerError', 'Nobody.Knows.This', 'pass', '42'),
  ...network(true, 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'),
  ...network(false, 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'),
  { kind: 'status', code: '429', reach: 'heals', provesNoStart: false },
  { kind: 'status', code: '503', reach: 'heals', provesNoStart: false },
  { kind: 'status', code: '302', reach: 'heals', provesNoStart: false },
  { kind: 'not-json', code: '502', reach: 'heals', provesNoStart: false },
]
const OF_REQUEST = coded('request', true, 'IllegalParam', 'InvalidParameter', 'MissingParameter')
const OF_RUN = coded(
  'run',
  true,
  'NoPermission',
  'Forbidden.RAM',
  'InvalidAccessKeyId.NotFound',
  'SignatureDoesNotMatch',
)
const OF_SESSION = coded('session', true, 'InvalidSecurityToken.Expired')

/** The cloud repeats what it was sent, and says what it likes. In braces: what the call was signed with. */
const MESSAGES = fc.constantFrom(
  'said so',
  '',
  '::error::pwned\n<b>@octocat</b> | ![x](https://evil.example)',
  'your key is {key} and the token {token}',
  `no match: POST&%2F&AccessKeyId%3D{key}%26Signature%3D${SIGNATURE}`,
  `secret {secret}, Signature=${SIGNATURE}&x=1, ${WEB_TOKEN}`,
)

const retryAfters = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 200_000 }) },
)

function faultsOf(kinds: readonly Kind[]): fc.Arbitrary<Fault> {
  return fc
    .record({
      kind: fc.constantFrom(...kinds),
      message: MESSAGES,
      retryAfterMs: retryAfters,
      wasCarriedOut: fc.boolean(),
    })
    .map(({ kind, ...rest }) => ({ ...rest, ...kind, retryAfterMs: kind.kind === 'network' ? 0 : rest.retryAfterMs }))
}

export const healingFaults = faultsOf([...HEALING, ...THROTTLINGS, ...THROTTLINGS])
export const throttlings = faultsOf(THROTTLINGS)
export const anyFaults = fc.oneof(
  { weight: 24, arbitrary: healingFaults },
  { weight: 1, arbitrary: faultsOf(OF_REQUEST) },
  { weight: 1, arbitrary: faultsOf(OF_RUN) },
  { weight: 2, arbitrary: faultsOf(OF_SESSION) },
)
