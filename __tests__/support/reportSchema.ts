import { readFileSync } from 'node:fs'
import path from 'node:path'
import Ajv from 'ajv/dist/2020'

const schema = JSON.parse(readFileSync(path.resolve(__dirname, '../../docs/report.schema.json'), 'utf8'))
const validate = new Ajv({ strict: true, strictRequired: true, allowUnionTypes: true, allErrors: true }).compile(schema)

/** A report, if it has the published shape; else an error that says where it does not. */
// biome-ignore lint/suspicious/noExplicitAny: the schema has just said what it is
export function readReport(text: string | undefined): any {
  const report = JSON.parse(text ?? 'null')
  if (!validate(report)) throw new Error(JSON.stringify(validate.errors, undefined, 2))
  return report
}
