import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Files } from '../../src/adapters/files.ts'

/** The house has a workspace, a folder for temporary files, and a neighbour that is none of its business. */

/** The house has a workspace, a folder for temporary files, and a neighbour that is none of its business. */
export let house: string
export let files: Files
export const at = (...names: string[]) => path.join(house, ...names)

beforeEach(() => {
  house = fs.mkdtempSync(path.join(os.tmpdir(), 'files-'))
  for (const name of ['workspace', 'temp', 'neighbour']) fs.mkdirSync(at(name))
  files = new Files({ workspace: at('workspace'), temp: at('temp') })
})

afterEach(() => {
  jest.restoreAllMocks()
  fs.rmSync(house, { recursive: true, force: true })
})

/** Making a symbolic link takes special rights on Windows. */
export const onPosix = process.platform === 'win32' ? test.skip : test

export function put(file: string, content: string | Uint8Array = 'text'): void {
  fs.mkdirSync(path.dirname(at(file)), { recursive: true })
  fs.writeFileSync(at(file), content)
}

/** Everything in the house, folders included. */
export function contents(): readonly string[] {
  const names = fs.readdirSync(house, { recursive: true, encoding: 'utf8' })
  return names.map((name) => name.replaceAll('\\', '/')).sort()
}

export function failWith(code: string): () => never {
  return () => {
    throw Object.assign(new Error(`${code}: ${house}`), { code })
  }
}

export const ABSENT =
  'does not exist in the workspace: check the path, and that an earlier step (actions/checkout) has put it there'
export const FOLDER = 'is a folder, not a file: add the name of a file'
export const NUL_BYTE = 'contains a NUL byte: no file can have that name'
export const OUTSIDE = 'lies outside the workspace and RUNNER_TEMP (symbolic links are followed): choose a path inside'
export const PROTECTED = 'lies in .git or .github, where nothing is written: choose another folder'
export const SYMBOLIC_LINK = 'is a symbolic link: remove it, or choose another path'
export const FILE_ON_THE_WAY = 'has a file where a folder should be: choose another path'
export const NO_FILE = 'is neither a file nor a folder, but a device, a pipe or a socket: choose another path'
export const NOWHERE = 'a folder or symbolic link on the way leads nowhere (ENOENT)'
