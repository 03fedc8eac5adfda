import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import Ajv from 'ajv'
import { billOfMaterials } from '../.ci/billOfMaterials.ts'
import { BUNDLED, BUNDLES, nameOf } from '../.ci/bundles.ts'
import { type Lock, locked } from '../.ci/lock.ts'

interface Component {
  readonly type: string
  readonly name: string
  readonly group?: string
  readonly version?: string
  readonly 'bom-ref': string
  readonly purl?: string
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[]
  readonly licenses?: readonly { readonly license: { readonly id: string } }[]
}

const root = path.dirname(__dirname)
const read = (file: string) => readFileSync(path.join(root, file))
const json = (file: string) => JSON.parse(read(file).toString())
const manifest = json('package.json')
const lock: Lock = json('package-lock.json')
const text = billOfMaterials(manifest, lock, read)
const bom = JSON.parse(text) as {
  readonly specVersion: string
  readonly serialNumber: string
  readonly metadata: { readonly timestamp?: string; readonly component: Component }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[]
}
const libraries = bom.components.filter(({ type }) => type === 'library')
const neededBy = (ref: string) => bom.dependencies.find((entry) => entry.ref === ref)?.dependsOn ?? []

/** The schemas of the format, as its makers ship them, and as they name each other. */
const schema = (file: string) => json(`node_modules/@cyclonedx/cyclonedx-library/res/schema/${file}`)
const ajv = new Ajv({
  strict: false,
  allErrors: true,
  formats: {
    'date-time': (value: string) => !Number.isNaN(Date.parse(value)),
    'idn-email': /^\S+@\S+$/,
    uri: (value: string) => URL.canParse(value),
    'iri-reference': (value: string) => URL.canParse(value, 'https://base.example'),
  },
})
for (const file of ['spdx.SNAPSHOT.schema.json', 'jsf-0.82.SNAPSHOT.schema.json']) {
  ajv.addSchema(schema(file), `http://cyclonedx.org/schema/${file}`)
}
const isValid = ajv.compile(schema('bom-1.6.SNAPSHOT.schema.json'))

test('it is CycloneDX 1.6', () => {
  expect(bom.specVersion).toBe('1.6')
  isValid(bom)
  expect(isValid.errors).toBeNull()
})

test.each([
  ['another format', { bomFormat: 'SPDX' }],
  ['a serial number that is none', { serialNumber: 'urn:uuid:1' }],
  ['a component without a name', { components: [{ type: 'library' }] }],
  ['the same component twice', { components: [libraries[0], libraries[0]] }],
  ['a licence that SPDX does not know', { components: [{ ...libraries[0], licenses: [{ license: { id: 'Ours' } }] }] }],
])('%s would not be', (_, change) => {
  expect(isValid({ ...bom, ...change })).toBe(false)
})

test('its packages are those in the bundles, with version, licence and digest of the lock file', () => {
  const expected = BUNDLED.map((place) => {
    const { name, version, license, integrity = '' } = locked(lock, place)
    return { place, name, version, license, integrity }
  })
  const written = libraries.map((library) => ({
    place: library['bom-ref'],
    name: [...(library.group === undefined ? [] : [library.group]), library.name].join('/'),
    version: library.version,
    license: library.licenses?.[0]?.license.id,
    integrity: `sha512-${Buffer.from(library.hashes?.[0]?.content ?? '', 'hex').toString('base64')}`,
  }))
  const byPlace = (a: { readonly place: string }, b: { readonly place: string }) => (a.place < b.place ? -1 : 1)
  expect(written.sort(byPlace)).toEqual(expected.sort(byPlace))
})

test('they are those that stand in the licences beside the bundles', () => {
  const heads = BUNDLES.filter(({ packages }) => packages.length > 0).flatMap(({ folder }) => [
    ...read(`${folder}/licenses.txt`)
      .toString()
      .matchAll(/^(@?[a-z][\w./-]*) (\d+\.\d+\.\d+)$/gm),
  ])
  const inDist = heads.map(([, name = '', version]) => `pkg:npm/${name.replace('@', '%40')}@${version}`)
  expect(new Set(libraries.map(({ purl }) => purl))).toEqual(new Set(inDist))
})

test('each bundle stands there with its digest and what is in it', () => {
  const files = bom.components.filter(({ type }) => type === 'file')
  const written = files.map((file) => [file.name, file.hashes?.[0]?.content, neededBy(file['bom-ref'])])
  const expected = BUNDLES.map(({ folder, packages }) => [
    `${folder}/index.js`,
    createHash('sha256')
      .update(read(`${folder}/index.js`))
      .digest('hex'),
    [...packages].sort(),
  ])
  expect(written.sort()).toEqual(expected.sort())
  expect(neededBy(bom.metadata.component['bom-ref'])).toEqual(files.map((file) => file['bom-ref']).sort())
})

test('who needs a package is told, by the version that they get', () => {
  expect(neededBy('@actions/core')).toEqual(['@actions/exec', '@actions/http-client'])
  expect(neededBy('@actions/github')).toContain('@actions/github/node_modules/@actions/http-client')
  expect(neededBy('@alicloud/credentials')).toEqual(['@alicloud/credentials/node_modules/kitx', 'httpx', 'ini'])
  // `debug` and `undici` are replaced where httpx and the client want them.
  expect(neededBy('httpx')).toEqual([])
  const refs = bom.components.map((component) => component['bom-ref'])
  expect(
    refs.filter((ref) => !BUNDLED.includes(ref) && !BUNDLES.some(({ folder }) => ref === `${folder}/index.js`)),
  ).toEqual([])
})

test('nothing that only builds or tests is in it', () => {
  const names = libraries.map((library) => nameOf(library['bom-ref']))
  expect(Object.keys(manifest.devDependencies).filter((name) => names.includes(name))).toEqual([])
})

test('the same tree gives the same bytes, and another tree another serial number', () => {
  expect(billOfMaterials(manifest, lock, read)).toBe(text)
  expect(bom.metadata.timestamp).toBeUndefined()
  const other = JSON.parse(billOfMaterials(manifest, lock, () => Buffer.from('another text')))
  expect(other.serialNumber).not.toBe(bom.serialNumber)
})
