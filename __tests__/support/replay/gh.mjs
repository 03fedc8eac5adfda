// Stands in for GitHub's command line: `gh attestation verify FILE`, against what the stand-in of actions/attest has filed.
// The first argument is a file with the attestations and what each token may do. It knows no other command and no other flag.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const [known, ...args] = process.argv.slice(2)
const { attestations, tokens } = JSON.parse(readFileSync(known, 'utf8'))
const flags = Object.fromEntries(
  ['repo', 'signer-workflow', 'predicate-type'].map((name) => [name, { type: 'string' }]),
)
const { values, positionals } = parseArgs({ args, options: flags, allowPositionals: true })
const [command, subcommand, file, ...rest] = positionals
if (command !== 'attestation' || subcommand !== 'verify' || file === undefined || rest.length > 0)
  fail(`unknown command "${positionals.join(' ')}"`)
if (values.repo === undefined) fail('at least one of the flags in the group [owner repo] is required')

const may = tokens[process.env.GH_TOKEN ?? '']?.attestations
if (may !== 'read' && may !== 'write') fail('HTTP 403: Resource not accessible by integration')
const digest = `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`
const ofFile = attestations.filter((one) => one.digest === digest && one.repository === values.repo)
if (ofFile.length === 0) fail('HTTP 404: Not Found: no attestations found for the digest')
const { 'predicate-type': type = 'https://slsa.dev/provenance/v1', 'signer-workflow': signer } = values
if (!ofFile.some((one) => one.predicateType === type && (signer ?? one.signer) === one.signer))
  fail('verifying with issuer "sigstore.dev": no attestation fits')
process.stdout.write('Verification succeeded\n')

function fail(message) {
  process.stderr.write(`Error: ${message}\n`)
  process.exit(1)
}
