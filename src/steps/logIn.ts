import type { Clock } from '../domain/clock.ts'
import type { RunEvent } from '../domain/event.ts'
import { accountOf, type Login, mustAskForAccount } from '../domain/login.ts'
import type { Failure } from '../domain/scan.ts'
import type { CallEnding } from '../domain/waiter.ts'
import type { Access } from '../ports.ts'
import type { Caller } from './caller.ts'

export interface LoginWorld {
  readonly access: Access
  readonly caller: Caller
  readonly clock: Clock
  readonly report: (event: RunEvent) => void
}

/** Where a run is let in or not, the account, if it is known. */
export type Entry =
  | { readonly kind: 'in'; readonly account?: string }
  | { readonly kind: 'ended'; readonly ending: CallEnding; readonly account?: string }

/**
 * Gets credentials and sees that they are of an account that is allowed, all before Security Center is asked anything.
 * Where the way alone tells the account, a wrong one is refused before any call.
 */
export async function logIn(
  login: Login,
  allowedAccountIds: readonly string[],
  { access, caller, clock, report }: LoginWorld,
): Promise<Entry> {
  let account = accountOf(login)
  if (account !== undefined && !isAllowed(account, allowedAccountIds)) return refused(account, allowedAccountIds)

  const { sessions } = access
  if (sessions !== undefined) {
    const session = await caller.askUncounted((stop) => sessions.current(stop))
    if (session.kind === 'ended') return session
  }
  if (mustAskForAccount(login, allowedAccountIds)) {
    const asked = await caller.askElsewhere((stop) => access.whoAmI(stop))
    if (asked.kind === 'ended') return asked
    account = asked.value.accountId
    if (!isAllowed(account, allowedAccountIds)) return refused(account, allowedAccountIds)
  }
  const known = account === undefined ? {} : { account }
  report({ kind: 'logged-in', atMs: clock.now(), ...known })
  return { kind: 'in', ...known }
}

function isAllowed(account: string, allowed: readonly string[]): boolean {
  return allowed.length === 0 || allowed.includes(account)
}

function refused(account: string, allowed: readonly string[]): Entry {
  const failure: Failure = {
    cause: 'account',
    code: 'AccountNotAllowed',
    message: `the credentials are of account ${account}, and allowed-account-ids lists ${allowed.join(', ')}`,
    requestId: '',
    retryAfterMs: 0,
    action: 'GetCallerIdentity',
  }
  return { kind: 'ended', ending: { kind: 'denied', failure }, account }
}
