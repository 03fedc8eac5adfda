// Writes what users run as an SBOM:
//   node .ci/sbom.ts           into sbom.cdx.json
//   node .ci/sbom.ts FILE      into FILE
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { billOfMaterials } from './billOfMaterials.ts'

const root = path.dirname(import.meta.dirname)
const read = (file: string) => readFileSync(path.join(root, file))
const json = (file: string) => JSON.parse(read(file).toString())
const file = path.resolve(process.argv[2] ?? path.join(root, 'sbom.cdx.json'))
writeFileSync(file, billOfMaterials(json('package.json'), json('package-lock.json'), read))
process.stdout.write(`${file}\n`)
