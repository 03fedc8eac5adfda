import { generateKeyPair, type KeyObject } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { type Answer, raw } from './answers.ts'
import { type Claims, signedToken } from './jwt.ts'
import { type LoopbackServer, listen } from './loopback.ts'
import { inWords } from './server.ts'
import { type Trouble, TroubleScript } from './trouble.ts'

/**
 * GitHub's token service, which tells a cloud which run of which workflow asks.
 * https://docs.github.com/en/actions/reference/security/oidc
 */

export interface TokenServiceState {
  /** Whom the tokens are about: a job that deploys to `production`, unless told. */
  readonly subject?: string
  /** How long a token is good, counted from when it is given: five minutes unless told. Below 0 it is over already. */
  readonly lifeMs?: number
  /** In the place of the usual claims, or beside them; `undefined` leaves one out. */
  readonly claims?: Claims
  /** Jobs that come with request tokens of their own: what is said of them, on top of the above. */
  readonly jobs?: Readonly<Record<string, Claims>>
  readonly trouble?: Trouble
}

export interface TokenService extends LoopbackServer {
  /** What the runner hands a step whose job has `id-token: write`. */
  readonly env: { readonly ACTIONS_ID_TOKEN_REQUEST_URL: string; readonly ACTIONS_ID_TOKEN_REQUEST_TOKEN: string }
  /** What its tokens are signed with, for who checks them. */
  readonly publicKey: KeyObject
  readonly exchanges: readonly TokenExchange[]
  /** The tokens that it gave, in turn. */
  readonly given: readonly string[]
}

interface TokenExchange {
  /** Absent where none was asked for. */
  readonly audience?: string
  /** `200`, `401`, `200 before-headers` … */
  readonly answer: string
}

export const ISSUER = 'https://token.actions.githubusercontent.com'
export const SUBJECT = 'repo:example/app:environment:production'
export const REQUEST_TOKEN = 'emulated-request-token'
const PATH = '/emulated/idtoken'
const LIFE_MS = 5 * 60_000

export async function startTokenService(
  state: TokenServiceState = {},
  wallClock: () => number = Date.now,
): Promise<TokenService> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const troubles = new TroubleScript({ token: state.trouble ?? [] })
  const exchanges: TokenExchange[] = []
  const given: string[] = []
  const give = (audience: string | undefined, job: Claims): Answer => {
    const claims = { ...claimsOf(state, audience, given.length + 1, wallClock()), ...job }
    const token = signedToken(claims, privateKey)
    given.push(token)
    return raw(200, JSON.stringify({ value: token }))
  }
  const server = await listen((request) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://emulator')
    const audience = searchParams.get('audience') ?? undefined
    const job = jobOf(request, state)
    const answer = refusalOf(request, job) ?? troubles.next('token') ?? give(audience, job ?? {})
    exchanges.push({ ...(audience === undefined ? {} : { audience }), answer: inWords(answer) })
    return answer
  }, wallClock)
  return {
    ...server,
    env: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${server.url}${PATH}?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN,
    },
    publicKey,
    exchanges,
    given,
  }
}

/** What is said of the job whose request token this is; `undefined` if it is nobody's. */
function jobOf({ headers }: IncomingMessage, { jobs = {} }: TokenServiceState): Claims | undefined {
  const [, token = ''] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? []
  if (token === REQUEST_TOKEN) return {}
  return Object.hasOwn(jobs, token) ? jobs[token] : undefined
}

/** What GitHub says to those that it does not know is documented nowhere: the statuses are the usual ones. */
function refusalOf({ method, url = '/' }: IncomingMessage, job: Claims | undefined): Answer | undefined {
  const { pathname, searchParams } = new URL(url, 'http://emulator')
  if (method !== 'GET' || pathname !== PATH) return message(404, 'Not Found')
  if (job === undefined) return message(401, 'Unauthorized')
  if (searchParams.get('api-version') !== '2.0') return message(400, 'Unsupported api-version')
  return undefined
}

function message(status: number, text: string): Answer {
  return raw(status, JSON.stringify({ message: text }))
}

function claimsOf(state: TokenServiceState, audience = 'https://github.com/example', n: number, now: number): Claims {
  const { subject = SUBJECT, lifeMs = LIFE_MS, claims = {} } = state
  const seconds = Math.floor(now / 1000)
  return {
    jti: `emulated-token-${n}`,
    sub: subject,
    aud: audience,
    iss: ISSUER,
    iat: seconds,
    nbf: seconds,
    exp: seconds + Math.floor(lifeMs / 1000),
    repository: 'example/app',
    repository_owner: 'example',
    ref: 'refs/heads/main',
    sha: '5eed0f1a5eed0f1a5eed0f1a5eed0f1a5eed0f1a',
    workflow: 'Release',
    run_id: '1234567890',
    run_attempt: '1',
    actor: 'octocat',
    event_name: 'push',
    environment: 'production',
    runner_environment: 'github-hosted',
    ...claims,
  }
}
