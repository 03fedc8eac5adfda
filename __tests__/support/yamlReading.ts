import { readYaml } from '../../src/adapters/yaml.ts'
import type { YamlNode } from '../../src/inputs/allowList.ts'

/** A text read as YAML: its bare values, or its problems in lines. */

afterEach(() => {
  jest.restoreAllMocks()
  delete process.env.LOG_STREAM
  delete process.env.LOG_TOKENS
})

/** The bare values, as JSON would hold them. */
function valuesOf(node: YamlNode | undefined): unknown {
  if (node?.kind === 'map') return Object.fromEntries(node.entries.map(({ key, value }) => [key, valuesOf(value)]))
  return node?.kind === 'list' ? node.items.map(valuesOf) : node?.value
}

export function read(text: string): unknown {
  const reading = readYaml(text)
  return 'node' in reading ? valuesOf(reading.node) : reading
}

export function problemsOf(text: string): readonly string[] {
  const reading = readYaml(text)
  return 'problems' in reading ? reading.problems.map(({ line, text }) => `${line}: ${text}`) : []
}
