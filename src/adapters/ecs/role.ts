import EcsRoleProvider from '@alicloud/credentials/dist/src/providers/ecs_ram_role'
import { unlessAborted } from '../../domain/abort.ts'
import type { Failure } from '../../domain/scan.ts'
import type { Answer } from '../../ports.ts'
import type { Grant } from '../sts.ts'

/**
 * The RAM role of an ECS instance, from its metadata service, over `@alicloud/credentials`: token mode first. The only
 * file that knows it: a bundle of its own (dist/ecs), which only runs with `ecs-ram-role` load. The package's own entry
 * would bring all its other ways along.
 */

/** A runner that is not on ECS finds out within this time, in ms, though nobody answers at the address. */
const METADATA_LIMIT_MS = 3_000

const ACTION = 'GetInstanceRole'

/** `isOnEcs`: the metadata service has answered before, so that what fails now may heal. Never rejects. */
export async function requestEcsRole(
  role: string | 'auto',
  { isOnEcs }: { readonly isOnEcs: boolean },
  cancel: AbortSignal,
): Promise<Answer<Grant>> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), METADATA_LIMIT_MS)
  try {
    cancel.throwIfAborted()
    return await unlessAborted(fetchGrant(role), AbortSignal.any([cancel, limit.signal]))
  } catch (error) {
    if (limit.signal.aborted) return unreachable(isOnEcs, 'RequestTimeout')
    return explain(error, isOnEcs)
  } finally {
    clearTimeout(timer)
  }
}

/** Asked past the package's own cache: the session is kept by others, who know when it ends. */
async function fetchGrant(role: string): Promise<Answer<Grant>> {
  const builder = EcsRoleProvider.builder()
  const provider = (role === 'auto' ? builder : builder.withRoleName(role)).build()
  const { accessKeyId, accessKeySecret, securityToken, expiration } = await provider.refresher()
  const lifetimeMs = Date.parse(expiration) - Date.now()
  // By the runner's clock, since the package keeps the reply's: where that is far off, nothing is known.
  const credentials = { accessKeyId, accessKeySecret, securityToken }
  const value = lifetimeMs > 0 ? { credentials, lifetimeMs } : { credentials }
  return { kind: 'answer', value, action: ACTION, requestId: '' }
}

/** The package says what went wrong in words only. */
function explain(error: unknown, isOnEcs: boolean): ReturnType<typeof failed> {
  const {
    message = '',
    code,
    name,
  } = error as { readonly message?: string; readonly code?: unknown; readonly name?: string }
  if (/IMDS credentials is disabled/.test(message)) {
    return failed('login', 'MetadataDisabled', 'the variable ALIBABA_CLOUD_ECS_METADATA_DISABLED forbids to ask for it')
  }
  const status = Number(/(?:httpStatus: | )([0-9]{3})(?:,|$)/.exec(message)?.[1])
  if (status === 404) return failed('login', 'RoleNotAttached', 'no such RAM role is attached to this ECS instance')
  if (status === 403) return failed('login', 'MetadataForbidden', 'the metadata service answered 403')
  if (status > 0) return failed('server', `HTTP${status}`, `the metadata service answered ${status}`)
  if (typeof code === 'string' || name === 'RequestTimeoutError') {
    return unreachable(isOnEcs, typeof code === 'string' ? code : 'RequestTimeout')
  }
  return failed('missing-fields', 'InvalidResponse', 'the reply of the metadata service has no whole credentials')
}

function unreachable(isOnEcs: boolean, code: string): ReturnType<typeof failed> {
  if (isOnEcs) return failed('network', code, 'the metadata service does not answer')
  return failed('login', 'MetadataUnreachable', `the metadata service of ECS does not answer (${code})`)
}

function failed(cause: Failure['cause'], code: string, message: string): Extract<Answer<never>, { kind: 'failure' }> {
  return { kind: 'failure', failure: { cause, code, message, requestId: '', retryAfterMs: 0, action: ACTION } }
}
