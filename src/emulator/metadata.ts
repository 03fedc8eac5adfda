import type { IncomingMessage } from 'node:http'
import { type Answer, raw } from './answers.ts'
import { ACCOUNT_ID } from './cloud.ts'
import { type LoopbackServer, listen } from './loopback.ts'
import { inWords } from './server.ts'
import { type Session, type SessionBook, utcTime } from './sessions.ts'
import { TroubleScript, type Troubles } from './trouble.ts'

/**
 * The metadata service that servers on ECS find at 100.100.100.200, as far as it hands out credentials.
 * https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
 */

export interface MetadataState {
  /** The RAM role that is attached to the server; absent where there is none. */
  readonly role?: string
  readonly accountId?: string
  /** Whether only those are answered that got a token first: the hardened mode. */
  readonly requiresToken?: boolean
  /** How long a session lasts: six hours unless told. */
  readonly sessionMs?: number
  /** How long before its end a session is followed by another; until then it is handed out again. Half its life unless told. */
  readonly freshMs?: number
  /** By what is asked for: `token`, `list` of roles, `credentials` of a role. */
  readonly trouble?: Troubles
}

export interface MetadataService extends LoopbackServer {
  readonly exchanges: readonly MetadataExchange[]
  /** The tokens that it gave, in turn. */
  readonly given: readonly string[]
}

interface MetadataExchange {
  readonly method: string
  readonly path: string
  /** Whether it came with a token, good or not. */
  readonly hadToken: boolean
  /** `200`, `404`, `reset` … */
  readonly answer: string
}

const TOKEN_PATH = '/latest/api/token'
const ROLES_PATH = '/latest/meta-data/ram/security-credentials'
const TTL_HEADER = 'x-aliyun-ecs-metadata-token-ttl-seconds'
const TOKEN_HEADER = 'x-aliyun-ecs-metadata-token'
const LONGEST_TTL_SECONDS = 21_600
const SESSION_MS = 6 * 60 * 60_000
const PLAIN = 'text/plain'

/** Sessions come from the cloud's book, so that its gateway takes them. */
export async function startMetadata(
  state: MetadataState,
  sessions: SessionBook,
  wallClock: () => number = Date.now,
): Promise<MetadataService> {
  const service = new Metadata(state, sessions, wallClock)
  const exchanges: MetadataExchange[] = []
  const server = await listen((request) => {
    const answer = service.answer(request)
    const { method = '', url = '', headers } = request
    exchanges.push({ method, path: url, hadToken: TOKEN_HEADER in headers, answer: inWords(answer) })
    return answer
  }, wallClock)
  return { ...server, exchanges, given: service.given }
}

class Metadata {
  readonly given: string[] = []
  readonly #state: MetadataState
  readonly #sessions: SessionBook
  readonly #wallClock: () => number
  readonly #troubles: TroubleScript
  /** By token: when it ends. */
  readonly #tokens = new Map<string, number>()
  #session: Session | undefined

  constructor(state: MetadataState, sessions: SessionBook, wallClock: () => number) {
    this.#state = state
    this.#sessions = sessions
    this.#wallClock = wallClock
    this.#troubles = new TroubleScript(state.trouble)
  }

  answer({ method, url = '/', headers }: IncomingMessage): Answer {
    const { pathname } = new URL(url, 'http://emulator')
    if (pathname === TOKEN_PATH)
      return method === 'PUT' ? this.#token(headers[TTL_HEADER]) : page(405, 'Method Not Allowed')
    const role = pathname.startsWith(ROLES_PATH) ? pathname.slice(ROLES_PATH.length).replace('/', '') : undefined
    if (role === undefined) return page(404, 'Not Found')
    if (method !== 'GET') return page(405, 'Method Not Allowed')
    if (!this.#admits(headers[TOKEN_HEADER])) return page(403, 'Forbidden')
    return role === '' ? this.#list() : this.#credentials(role)
  }

  #token(ttl: string | readonly string[] | undefined): Answer {
    const trouble = this.#troubles.next('token')
    if (trouble !== undefined) return trouble
    const seconds = /^\d{1,5}$/.test(String(ttl)) ? Number(ttl) : 0
    // The limits are documented, the status of what is beyond them is a guess.
    if (seconds < 1 || seconds > LONGEST_TTL_SECONDS) return page(400, 'Bad Request')
    const token = `emulated-metadata-token-${this.given.length + 1}`
    this.given.push(token)
    this.#tokens.set(token, this.#wallClock() + seconds * 1000)
    return raw(200, token, PLAIN)
  }

  /** That a token which is no good is refused even where none is needed is a guess. */
  #admits(token: string | readonly string[] | undefined): boolean {
    if (token === undefined) return this.#state.requiresToken !== true
    return (this.#tokens.get(String(token)) ?? 0) > this.#wallClock()
  }

  #list(): Answer {
    const { role } = this.#state
    return this.#troubles.next('list') ?? (role === undefined ? page(404, 'Not Found') : raw(200, role, PLAIN))
  }

  #credentials(name: string): Answer {
    const trouble = this.#troubles.next('credentials')
    if (trouble !== undefined) return trouble
    if (name !== this.#state.role) return page(404, 'Not Found')
    const { accessKeyId, accessKeySecret, securityToken, expiration } = this.#sessionOf(name)
    const fields = {
      AccessKeyId: accessKeyId,
      AccessKeySecret: accessKeySecret,
      Expiration: expiration,
      SecurityToken: securityToken,
      LastUpdated: utcTime(this.#wallClock()),
      Code: 'Success',
    }
    return raw(200, JSON.stringify(fields), PLAIN)
  }

  #sessionOf(name: string): Session {
    const { accountId = ACCOUNT_ID, sessionMs = SESSION_MS, freshMs = sessionMs / 2 } = this.#state
    const now = this.#wallClock()
    if (this.#session !== undefined && this.#session.endsAt - now > freshMs) return this.#session
    const role = { accountId, name, id: '300000000000099', sessionName: 'i-emulated' }
    this.#session = this.#sessions.issue(role, sessionMs)
    return this.#session
  }
}

function page(status: number, text: string): Answer {
  return raw(status, `<html><head><title>${status} - ${text}</title></head></html>`, 'text/html')
}
