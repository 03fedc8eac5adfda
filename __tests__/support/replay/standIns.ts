import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Files, readFiles, writeFiles } from '../../../src/emulator/workspace.ts'
import type { Permissions } from './workflowFile.ts'

/** Stand-ins for the actions of others that our examples use: each does what later steps can see, and nothing else. */

/** What GitHub keeps of a repository beside its API: for all runs, or for one. */
export interface Store {
  /** What `actions/checkout` finds. */
  readonly checkedOut: Files
  readonly attestations: Attestation[]
  /** Of this run, by name. */
  readonly artifacts: Map<string, Files>
}

export interface Attestation {
  /** `sha256:<hex>` */
  readonly digest: string
  readonly predicateType: string
  readonly predicate: unknown
  readonly repository: string
  /** The workflow that signed: `owner/name/.github/workflows/file.yml` */
  readonly signer: string
}

/** Where a step is. */
export interface Scene {
  readonly store: Store
  readonly workspace: string
  readonly permissions: Permissions
  readonly repository: string
  readonly signer: string
}

/** Throws where the action would fail its step. */
export type StandIn = (inputs: Readonly<Record<string, string>>, scene: Scene) => Promise<void>

export const STAND_INS: Readonly<Record<string, StandIn>> = {
  'actions/checkout': async (inputs, { store, workspace, permissions }) => {
    take(inputs, ['persist-credentials'])
    mayDo(permissions, 'contents', 'read')
    await writeFiles(workspace, store.checkedOut)
  },

  'actions/attest': async (inputs, { store, workspace, permissions, repository, signer }) => {
    take(inputs, ['subject-name', 'subject-digest', 'predicate-type', 'predicate-path'])
    mayDo(permissions, 'id-token', 'write')
    mayDo(permissions, 'attestations', 'write')
    const { 'subject-digest': digest = '', 'subject-name': name, 'predicate-type': predicateType } = inputs
    if (!/^sha256:[0-9a-f]{64}$/.test(digest) || !name || !predicateType)
      throw new Error('subject or predicate missing')
    const predicate = JSON.parse(await readFile(path.join(workspace, inputs['predicate-path'] ?? ''), 'utf8'))
    store.attestations.push({ digest, predicateType, predicate, repository, signer })
  },

  'actions/upload-artifact': async (inputs, { store, workspace }) => {
    take(inputs, ['name', 'path', 'if-no-files-found'])
    const { name = 'artifact', path: file = '' } = inputs
    const text = (await readFiles(workspace))[file]
    if (text === undefined) throw new Error(`No files were found with the provided path: ${file}`)
    if (store.artifacts.has(name)) throw new Error(`an artifact with the name ${name} is there already`)
    store.artifacts.set(name, { [path.basename(file)]: text })
  },

  'actions/download-artifact': async (inputs, { store, workspace }) => {
    take(inputs, ['name'])
    const files = store.artifacts.get(inputs.name ?? '')
    if (files === undefined) throw new Error(`Artifact not found for name: ${inputs.name}`)
    await writeFiles(workspace, files)
  },
}

/** What the runner's commands need that stand in the way of it: `gh`, with what it may know. */
export async function writeGh(folder: string, store: Store, tokens: Readonly<Record<string, Permissions>>) {
  const known = path.join(folder, 'gh.json')
  await writeFile(known, JSON.stringify({ attestations: store.attestations, tokens }))
  const script = path.join(__dirname, 'gh.mjs')
  await writeFile(path.join(folder, 'gh'), `#!/bin/sh\nexec "${process.execPath}" "${script}" "${known}" "$@"\n`, {
    mode: 0o755,
  })
}

export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

function take(inputs: Readonly<Record<string, string>>, known: readonly string[]): void {
  const unknown = Object.keys(inputs).filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`The stand-in knows no ${unknown.join(', ')}`)
}

/** `write` includes `read`. */
export function mayDo(permissions: Permissions, scope: string, level: 'read' | 'write'): void {
  const given = permissions[scope] ?? 'none'
  if (given !== 'write' && given !== level) throw new Error(`Resource not accessible by integration: ${scope} ${level}`)
}
