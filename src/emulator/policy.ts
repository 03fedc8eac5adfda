/** The policies of RAM, as far as a session's own policy is made of them: actions, on any resource. */

export interface Policy {
  /** Whether it allows a RAM action, such as `yundun-sas:StartVirusScanTask`. */
  allows(action: string): boolean
}

interface Statement {
  readonly effect: 'Allow' | 'Deny'
  readonly actions: readonly string[]
}

/**
 * `undefined` stands for what does not pass the grammar check. Only `*` counts as a resource: on anything narrower a
 * statement of this project would be a mistake, since its calls name no resource. Conditions are not known here.
 * https://www.alibabacloud.com/help/en/ram/policy-structure-and-syntax
 */
export function policyIn(text: string): Policy | undefined {
  const statements = statementsIn(parsed(text))
  if (statements === undefined) return undefined
  const says = (effect: Statement['effect'], action: string) =>
    statements.some((one) => one.effect === effect && one.actions.some((pattern) => matches(pattern, action)))
  return { allows: (action) => says('Allow', action) && !says('Deny', action) }
}

function statementsIn(document: unknown): readonly Statement[] | undefined {
  if (!isObject(document) || document.Version !== '1' || !Array.isArray(document.Statement)) return undefined
  const statements: Statement[] = []
  for (const statement of document.Statement as readonly unknown[]) {
    if (!isObject(statement) || Object.keys(statement).some((name) => !ELEMENTS.has(name))) return undefined
    const { Effect: effect } = statement
    const [actions, resources] = [wordsIn(statement.Action), wordsIn(statement.Resource)]
    if ((effect !== 'Allow' && effect !== 'Deny') || actions === undefined || resources === undefined) return undefined
    statements.push({ effect, actions: resources.includes('*') ? actions : [] })
  }
  return statements.length === 0 ? undefined : statements
}

const ELEMENTS = new Set(['Effect', 'Action', 'Resource'])

/** One word, or a list of at least one. */
function wordsIn(value: unknown): readonly string[] | undefined {
  const words: readonly unknown[] = Array.isArray(value) ? value : [value]
  return words.length > 0 && words.every((word) => typeof word === 'string' && word !== '')
    ? (words as readonly string[])
    : undefined
}

/** Whether a text is as a pattern has it, in which `*` stands for any number of characters and `?` for one. */
export function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's').test(text)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
