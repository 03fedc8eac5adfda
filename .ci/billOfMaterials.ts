import { createHash } from 'node:crypto'
import * as Enums from '@cyclonedx/cyclonedx-library/Enums'
import * as Models from '@cyclonedx/cyclonedx-library/Models'
import * as Serialize from '@cyclonedx/cyclonedx-library/Serialize'
import { isSupportedSpdxId } from '@cyclonedx/cyclonedx-library/SPDX'
import { Spec1dot6 } from '@cyclonedx/cyclonedx-library/Spec'
import { BUNDLED, BUNDLES, nameOf } from './bundles.ts'
import { dependenciesOf, type Lock, locked } from './lock.ts'

/**
 * What users run, as CycloneDX: the action, its bundles with their digests, and the packages in them. Nothing that only builds
 * or tests, since no user has it.
 *
 * The same tree gives the same bytes: there is no time in it, and its serial number, which GitHub's attestations ask for, comes
 * from the rest of the text. So anybody can make it again from a commit and compare.
 */
export function billOfMaterials(
  { name, version, license }: { readonly name: string; readonly version: string; readonly license: string },
  lock: Lock,
  read: (file: string) => Uint8Array,
): string {
  const bom = new Models.Bom()
  const packages = new Map(BUNDLED.map((place) => [place, packageAt(lock, place)]))
  for (const [place, component] of packages) {
    bom.components.add(component)
    for (const needed of dependenciesOf(lock, place)) addTo(component, packages.get(needed))
  }
  const action = new Models.Component(Enums.ComponentType.Application, name, { version, bomRef: `${name}@${version}` })
  action.licenses.add(licenceOf(license))
  for (const bundle of BUNDLES) {
    const file = `${bundle.folder}/index.js`
    const component = new Models.Component(Enums.ComponentType.File, file, { bomRef: file })
    component.hashes.set(Enums.HashAlgorithm['SHA-256'], createHash('sha256').update(read(file)).digest('hex'))
    for (const place of bundle.packages) addTo(component, packages.get(place))
    bom.components.add(component)
    addTo(action, component)
  }
  bom.metadata.component = action
  bom.metadata.lifecycles.add(Enums.LifecyclePhase.PostBuild)
  bom.metadata.tools.components.add(packageAt(lock, '@cyclonedx/cyclonedx-library'))
  bom.serialNumber = `urn:uuid:${uuidOf(textOf(bom))}`
  return textOf(bom)
}

function packageAt(lock: Lock, place: string): Models.Component {
  const { version, license, integrity } = locked(lock, place)
  const [name = '', group] = nameOf(place).split('/').reverse()
  const purl = `pkg:npm/${group === undefined ? '' : `${encodeURIComponent(group)}/`}${name}@${version}`
  const component = new Models.Component(Enums.ComponentType.Library, name, { version, purl, bomRef: place })
  if (group !== undefined) component.group = group
  if (license !== undefined) component.licenses.add(licenceOf(license))
  // Of the archive in the registry, not of what is left of it in a bundle.
  const [, sha512 = ''] = integrity?.split('sha512-') ?? []
  component.hashes.set(Enums.HashAlgorithm['SHA-512'], Buffer.from(sha512, 'base64').toString('hex'))
  component.properties.add(new Models.Property('cdx:npm:package:path', `node_modules/${place}`))
  return component
}

function licenceOf(license: string): Models.SpdxLicense | Models.LicenseExpression {
  return isSupportedSpdxId(license) ? new Models.SpdxLicense(license) : new Models.LicenseExpression(license)
}

/** What is not in a bundle, such as types, is in no bill either. */
function addTo(component: Models.Component, needed: Models.Component | undefined): void {
  if (needed !== undefined) component.dependencies.add(needed.bomRef)
}

function textOf(bom: Models.Bom): string {
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec1dot6))
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`
}

/** One of version 8, which RFC 9562 leaves to those who make it: here from a digest. */
function uuidOf(text: string): string {
  const digest = createHash('sha256').update(text).digest('hex')
  return digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5')
}
