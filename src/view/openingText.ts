import type { Severity } from '../domain/alerts.ts'
import type { Endpoint } from '../domain/endpoint.ts'
import type { Login } from '../domain/login.ts'
import type { TaskId } from '../domain/scan.ts'
import { duration } from './duration.ts'
import { say, toLog } from './sentence.ts'
import { siteName } from './summary.ts'

/** The first lines of the log: what this run is about to do, where, and with whose credentials. */

/** `ids` are those to wait for; with none, a scan is to be started. Without a cutoff nobody reads what it finds. */
export function openingLine(
  ids: readonly TaskId[],
  endpoint: Endpoint,
  deadlineMs: number,
  cutoff: Severity | undefined,
  proxy?: string,
): string {
  const what = ids.length === 1 ? `virus scan task ${ids[0]}` : `${ids.length} virus scan tasks`
  const task = ids.length === 0 ? 'Starting a virus scan' : `Waiting for ${what}`
  const gate = cutoff === undefined ? 'alerts are not read' : `gate at ${cutoff}`
  const way = proxy === undefined ? '' : ` through the proxy ${toLog(say`${proxy}`)}`
  return `${task} at ${endpoint.host} (${siteName(endpoint.site)})${way}, at most ${duration(deadlineMs)}, ${gate}`
}

/** With which credentials the calls are signed. How long a session of others lasts, nobody tells. */
export function loginLine(login: Login, deadlineMs: number): string {
  switch (login.kind) {
    case 'role':
      return `Credentials: ${login.roleArn} by GitHub's OIDC token, session ${login.sessionName}, renewed in time`
    case 'ecs-role':
      return `Credentials: the RAM role of this ECS instance (${login.role}), renewed in time`
    case 'keys': {
      const from = login.from === 'inputs' ? 'the input access-key-id' : 'the variable ALIBABA_CLOUD_ACCESS_KEY_ID'
      const life = `, of a session that this action cannot renew: should it end within ${duration(deadlineMs)}, before the scan, the verdict is denied`
      return `Credentials: ${from}${login.credentials.securityToken === undefined ? '' : life}`
    }
  }
}
