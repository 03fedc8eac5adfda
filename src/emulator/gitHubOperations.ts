/** The calls of GitHub's API that the emulated one knows: where they are, what they need, what of a request they heed. */

interface Known {
  readonly method: string
  /** Below the repository. */
  readonly path: string
  /** The permission that the token must have. */
  readonly needs: string
  /** What of the query, or of the body, it heeds. */
  readonly heeds: readonly string[]
}

const PAGE = ['per_page', 'page']
const LIST = ['state', 'labels', 'creator', 'direction', ...PAGE]
const RUNS = ['branch', 'event', 'status', 'created', ...PAGE]
const STATUS = ['state', 'context', 'description', 'target_url']
const TEXTS = ['title', 'body', 'labels']

function known(method: string, path: string, needs: string, heeds: readonly string[] = []): Known {
  return { method, path, needs, heeds }
}

/** By the names that GitHub's description gives them. */
export const OPERATIONS = {
  'repos/create-commit-status': known('POST', 'statuses/{sha}', 'statuses=write', STATUS),
  'issues/list-for-repo': known('GET', 'issues', 'issues=read', LIST),
  'issues/create': known('POST', 'issues', 'issues=write', TEXTS),
  'issues/update': known('PATCH', 'issues/{number}', 'issues=write', [...TEXTS, 'state', 'state_reason']),
  'issues/list-comments': known('GET', 'issues/{number}/comments', 'issues=read', PAGE),
  'issues/create-comment': known('POST', 'issues/{number}/comments', 'issues=write', ['body']),
  'issues/get-label': known('GET', 'labels/{name}', 'issues=read'),
  'issues/create-label': known('POST', 'labels', 'issues=write', ['name', 'color', 'description']),
  'repos/get-content': known('GET', 'contents/{+path}', 'contents=read', ['ref']),
  'git/get-commit': known('GET', 'git/commits/{sha}', 'contents=read'),
  'actions/list-workflow-runs': known('GET', 'actions/workflows/{file}/runs', 'actions=read', RUNS),
  'actions/list-jobs-for-workflow-run': known('GET', 'actions/runs/{id}/jobs', 'actions=read', PAGE),
  graphql: known('POST', '', '', ['query', 'variables']),
}
export type Operation = keyof typeof OPERATIONS

export interface Found {
  readonly operation: Operation
  /** What stands in the place of the one that its path has. */
  readonly variable: string
}

export function findOperation(
  { method, path }: { readonly method: string; readonly path: string },
  repository: string,
): Found | undefined {
  if (method === 'POST' && path === '/graphql') return { operation: 'graphql', variable: '' }
  const prefix = `/repos/${repository}/`
  if (!path.startsWith(prefix)) return undefined
  const rest = path.slice(prefix.length)
  for (const operation of Object.keys(OPERATIONS) as Operation[]) {
    const one = OPERATIONS[operation]
    const pattern = one.path.replace('{+path}', '(.+)').replace(/\{\w+\}/, '([^/]+)')
    const match = new RegExp(`^${pattern}$`).exec(rest)
    if (one.method === method && one.path !== '' && match !== null) return { operation, variable: match[1] ?? '' }
  }
  return undefined
}
