import { readFileSync } from 'node:fs'
import path from 'node:path'
import Ajv, { type ValidateFunction } from 'ajv/dist/2020'
import type { Answer } from '../../src/emulator/answers.ts'
import { GitHubRepository, type GitHubRequest, type GitHubState } from '../../src/emulator/gitHub.ts'
import { type GitHubServer, type GitHubServerOptions, startGitHub } from '../../src/emulator/gitHubServer.ts'
import { afterTest } from './afterTest.ts'

/**
 * Holds a conversation with GitHub against GitHub's own description of its API: what it does not allow is a violation,
 * in requests and in the answers of our stand-in alike.
 */

interface Described {
  readonly components: Readonly<Record<string, unknown>>
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}
interface Operation {
  readonly parameters?: readonly ({ readonly $ref: string } | Parameter)[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> }
  readonly responses: Readonly<Record<string, unknown>>
}
interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly schema: object
}

let description: Described | undefined
function described(): Described {
  const file = path.resolve(__dirname, '../../node_modules/@octokit/openapi/generated/api.github.com.json')
  description ??= JSON.parse(readFileSync(file, 'utf8')) as Described
  return description
}

/** What the stand-in answers with: JSON, in no other version of the API than the one that the clients are written for. */
const ACCEPTED = /^(?:application\/(?:vnd\.github(?:\.v3)?\+)?json|\*\/\*)$/
const API_VERSION = '2022-11-28'

/** What is wrong with a request or its answer; undefined where all is as described. */
export function violationOf(request: GitHubRequest, answer: Answer | undefined): string | undefined {
  const { method, path: asked, query, accept, apiVersion = API_VERSION, body } = request
  const name = `${method} ${asked}`
  if (accept !== undefined && !ACCEPTED.test(accept)) return `${name}: the stand-in does not answer with ${accept}`
  if (apiVersion !== API_VERSION) return `${name}: no version ${apiVersion} of the API`
  if (asked === '/graphql') {
    const isKnown = /^query\s*\{\s*viewer\s*\{\s*login\s*\}\s*\}$/.test(String(body?.query))
    return isKnown ? undefined : `${name}: a query that the stand-in does not know`
  }
  const found = find(method, asked)
  if (found === undefined) return `${name}: no such operation`
  const { operation } = found
  const parameters = (operation.parameters ?? []).map((one) => ('$ref' in one ? resolve<Parameter>(one.$ref) : one))
  for (const [key, value] of Object.entries(query)) {
    const parameter = parameters.find((one) => one.in === 'query' && one.name === key)
    if (parameter === undefined) return `${name}: no query parameter ${key}`
    const problem = explain(parameter.schema, Number(value), value)
    if (problem !== undefined) return `${name}: ${key} ${problem}`
  }
  const missing = parameters.find((one) => one.in === 'query' && one.required === true && !(one.name in query))
  if (missing !== undefined) return `${name}: ${missing.name} is missing`
  const schema = operation.requestBody?.content['application/json']?.schema
  if (schema === undefined && body !== undefined && Object.keys(body).length > 0) return `${name}: takes no body`
  if (schema !== undefined) {
    const problem = explain(schema, body) ?? undeclared(schema, body)
    if (problem !== undefined) return `${name}: body ${problem}`
  }
  if (answer?.kind !== 'reply' || answer.status >= 300) return undefined
  const response = operation.responses[String(answer.status)]
  if (response === undefined) return `${name}: never answers ${answer.status}`
  const shape = answerSchema(response)
  const problem = shape === undefined ? undefined : explain(shape, JSON.parse(answer.text))
  return problem === undefined ? undefined : `${name}: answer ${problem}`
}

function find(method: string, asked: string) {
  const candidates = Object.keys(described().paths).filter((template) => {
    // The path of a file may have slashes in it.
    const pattern = template
      .replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&')
      .replaceAll(/\{(\w+)\}/g, (_, name) => (name === 'path' ? '.+' : '[^/]+'))
    return new RegExp(`^${pattern}$`).test(asked)
  })
  const [template = ''] = candidates.sort((a, b) => (a.match(/\{/g)?.length ?? 0) - (b.match(/\{/g)?.length ?? 0))
  const operation = described().paths[template]?.[method.toLowerCase()]
  return operation === undefined ? undefined : { operation }
}

function resolve<T>(reference: string): T {
  const keys = reference.slice('#/'.length).split('/')
  return keys.reduce<unknown>(
    (value, key) => (value as Record<string, unknown>)[key.replaceAll('~1', '/')],
    described(),
  ) as T
}

function answerSchema(response: unknown): object | undefined {
  const value = response as { $ref?: string; content?: Record<string, { schema?: object }> }
  const { content } = value.$ref === undefined ? value : resolve<typeof value>(value.$ref)
  return (content?.['application/json'] ?? content?.['application/vnd.github.object'])?.schema
}

// With references in their place the code of some answers would be endless.
const ajv = new Ajv({ strict: false, validateFormats: false, logger: false, inlineRefs: false })
const compiled = new Map<object, ValidateFunction>()

function validatorOf(schema: object): ValidateFunction {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  if (ajv.getSchema('github') === undefined) ajv.addSchema({ $id: 'github', components: plain(described().components) })
  // References are to the description as a whole.
  const absolute = JSON.parse(JSON.stringify(plain(schema)).replaceAll('"#/', '"github#/')) as object
  const validate = ajv.compile(absolute)
  compiled.set(schema, validate)
  return validate
}

/** The description is of OpenAPI 3.0, which says `nullable` where JSON Schema has a type for it. */
function plain(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(plain)
  if (typeof schema !== 'object' || schema === null) return schema
  const { nullable, ...rest } = schema as Readonly<Record<string, unknown>>
  const plainRest = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, plain(value)]))
  // A property may have that name too; then it is a schema, not a flag.
  if (nullable !== undefined && typeof nullable !== 'boolean') return { ...plainRest, nullable: plain(nullable) }
  return nullable === true ? { anyOf: [{ type: 'null' }, plainRest] } : plainRest
}

/** Undefined where one of the values fits, else what is wrong with the last; a query's value may be a number or a text. */
function explain(schema: object, ...values: readonly [unknown, ...unknown[]]): string | undefined {
  const validate = validatorOf(schema)
  if (values.some((value) => validate(value))) return undefined
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`).join(', ')
}

/** GitHub overlooks what it does not know; a client that sends it means something else. */
function undeclared(schema: object, body: unknown): string | undefined {
  const { properties } = schema as { properties?: Readonly<Record<string, unknown>> }
  if (properties === undefined || typeof body !== 'object' || body === null) return undefined
  const key = Object.keys(body).find((name) => !(name in properties))
  return key === undefined ? undefined : `has no ${key}`
}

export interface CheckedGitHub extends GitHubServer {
  readonly repository: GitHubRepository
}

export const TOKEN = 'ghs_theSecretTokenOfThisJob0123456789'

/** The stand-in on a socket, with the check; closed after the test. */
export async function checkedGitHub(
  state: Partial<GitHubState> = {},
  options: Omit<GitHubServerOptions, 'check'> = {},
): Promise<CheckedGitHub> {
  const permissions = { statuses: 'write', issues: 'write', contents: 'read', actions: 'read' } as const
  const repository = new GitHubRepository({ repository: 'example/app', tokens: { [TOKEN]: permissions }, ...state })
  const server = await startGitHub(repository, { ...options, check: violationOf })
  afterTest(() => server.close())
  return { ...server, repository }
}
