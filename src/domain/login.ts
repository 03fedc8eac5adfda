import type { Credentials } from './session.ts'

/** How a run gets its credentials: one way, which the inputs decide. */
export type Login =
  | { readonly kind: 'keys'; readonly from: 'inputs' | 'environment'; readonly credentials: Credentials }
  | ({ readonly kind: 'role' } & RoleLogin)
  | { readonly kind: 'ecs-role'; readonly role: string | 'auto' }

/** A RAM role, which GitHub's OIDC token lets the run assume. */
export interface RoleLogin {
  /** `acs:ram::<account>:role/<name>` */
  readonly roleArn: string
  /** `acs:ram::<account>:oidc-provider/<name>` */
  readonly providerArn: string
  /** What the cloud's audit trail shows. */
  readonly sessionName: string
  readonly durationSeconds: number
  readonly audience: string
}

const ROLE_ARN = /^acs:ram::([0-9]{1,20}):role\/[A-Za-z0-9._@-]{1,64}$/

/** The account of a role; undefined where the text names no role. */
export function accountOfRole(arn: string): string | undefined {
  return ROLE_ARN.exec(arn)?.[1]
}

/** The account, where the way alone tells it. */
export function accountOf(login: Login): string | undefined {
  return login.kind === 'role' ? accountOfRole(login.roleArn) : undefined
}

/** Whether the account still has to be asked for, to be held against those that are allowed. */
export function mustAskForAccount(login: Login, allowedAccountIds: readonly string[]): boolean {
  return allowedAccountIds.length > 0 && accountOf(login) === undefined
}

/** Whether STS is asked anything at all. */
export function usesSts(login: Login, allowedAccountIds: readonly string[]): boolean {
  return login.kind === 'role' || mustAskForAccount(login, allowedAccountIds)
}

/**
 * What the session of a role may do: the intersection of this with the role's own permissions. The service knows no
 * finer resource than `*` for its calls. STS takes 2048 characters at most; all actions of this project need a fifth.
 */
export function policyOf(ramActions: readonly string[]): string {
  const statement = { Effect: 'Allow', Action: ramActions, Resource: '*' }
  return JSON.stringify({ Version: '1', Statement: [statement] })
}
