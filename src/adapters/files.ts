import { randomUUID } from 'node:crypto'
import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { isTooLarge, readSmallText, type TextReading, TOO_LARGE } from './smallText.ts'

/**
 * The only door to the files that inputs name. Nothing outside the places of a run is read or written, wherever a
 * symbolic link leads, and nothing that git or GitHub obeys is written. All of it is synchronous, so that a cancelled
 * run still gets it done. What is wrong is told in the house's own words and the system's code: the system's message
 * repeats paths, and those may hold anything.
 */

/** The places a run may touch. */
export interface Places {
  /** GITHUB_WORKSPACE, else the current folder. Paths are relative to it. */
  readonly workspace: string
  /** RUNNER_TEMP, '' when unset. */
  readonly temp: string
}

type Placing = { readonly target: string } | { readonly problem: string }

const ABSENT =
  'does not exist in the workspace: check the path, and that an earlier step (actions/checkout) has put it there'
const FOLDER = 'is a folder, not a file: add the name of a file'
const NUL_BYTE = 'contains a NUL byte: no file can have that name'
const OUTSIDE = 'lies outside the workspace and RUNNER_TEMP (symbolic links are followed): choose a path inside'
const PROTECTED = 'lies in .git or .github, where nothing is written: choose another folder'
const SYMBOLIC_LINK = 'is a symbolic link: remove it, or choose another path'
const NO_FILE = 'is neither a file nor a folder, but a device, a pipe or a socket: choose another path'
const FILE_ON_THE_WAY = 'has a file where a folder should be: choose another path'

export class Files {
  readonly #workspace: string
  readonly #roots: readonly string[]

  constructor({ workspace, temp }: Places) {
    this.#workspace = path.resolve(workspace)
    this.#roots = temp === '' ? [this.#workspace] : [this.#workspace, path.resolve(temp)]
  }

  /** Reads a small text, UTF-8 only, from a regular file. Never throws. */
  readText(file: string): TextReading {
    try {
      return this.#read(file)
    } catch (error) {
      return { problem: `cannot be read: ${explain(error)}` }
    }
  }

  /** Whether a file may be written there: undefined when it may. Touches nothing, and never throws. */
  refusal(file: string): string | undefined {
    const placing = this.#place(file)
    return 'problem' in placing ? placing.problem : undefined
  }

  /** Whether two paths lead to one file, whether it exists or not. Never throws. */
  isSame(one: string, other: string): boolean {
    try {
      const [a, b] = [one, other].map((file) => follow(path.resolve(this.#workspace, file)))
      return a !== undefined && b !== undefined && path.join(a.existing, a.missing) === path.join(b.existing, b.missing)
    } catch {
      return false
    }
  }

  /** The path from the workspace with plain slashes, as a repository has it; undefined for what lies outside. */
  inRepository(file: string): string | undefined {
    const below = innermost([this.#workspace], path.resolve(this.#workspace, file))
    return below === undefined || below === '' ? undefined : below.replaceAll(path.sep, '/')
  }

  /** Writes the whole text or nothing, and makes missing folders. Never throws: undefined when written. */
  write(file: string, text: string): string | undefined {
    const wanted = this.#place(file)
    if ('problem' in wanted) return wanted.problem
    try {
      mkdirSync(path.dirname(wanted.target), { recursive: true })
      // Once more: what was made in between may lead elsewhere.
      const placing = this.#place(file)
      if ('problem' in placing) return placing.problem
      replace(placing.target, text)
      return undefined
    } catch (error) {
      return `cannot be written: ${explain(error)}`
    }
  }

  #read(file: string): TextReading {
    if (file.includes('\0')) return { problem: NUL_BYTE }
    const { existing, missing } = follow(path.resolve(this.#workspace, file))
    if (innermost(this.#realRoots(), existing) === undefined) return { problem: OUTSIDE }
    if (missing !== '') return { problem: ABSENT }
    const stats = statSync(existing)
    if (stats.isDirectory()) return { problem: FOLDER }
    if (!stats.isFile()) return { problem: NO_FILE }
    return isTooLarge(stats.size) ? { problem: TOO_LARGE } : readSmallText(readFileSync(existing))
  }

  #place(file: string): Placing {
    try {
      return this.#check(file)
    } catch (error) {
      return { problem: `cannot be written: ${explain(error)}` }
    }
  }

  #check(file: string): Placing {
    if (file.includes('\0')) return { problem: NUL_BYTE }
    if (namesFolder(file)) return { problem: FOLDER }
    const asked = path.resolve(this.#workspace, file)
    // As it is spelled too: a folder that does not exist yet has no real name.
    if (isProtected(path.isAbsolute(file) ? (innermost(this.#roots, asked) ?? '') : file)) return { problem: PROTECTED }
    // Not the target itself: a symbolic link there is refused, not followed.
    const { existing, missing } = follow(path.dirname(asked))
    const target = path.join(existing, missing, path.basename(asked))
    const below = innermost(this.#realRoots(), target)
    if (below === undefined) return { problem: OUTSIDE }
    if (isProtected(below)) return { problem: PROTECTED }
    if (!statSync(existing).isDirectory()) return { problem: FILE_ON_THE_WAY }
    const problem = occupied(target)
    if (problem !== undefined) return { problem }
    accessSync(existing, constants.W_OK)
    return { target }
  }

  /** Looked up each time: an earlier look may be out of date. A root that does not exist holds no files. */
  #realRoots(): readonly string[] {
    return this.#roots.filter((root) => look(root) !== undefined).map((root) => realpathSync.native(root))
  }
}

/** A backslash separates on Windows only. Elsewhere it is refused likewise: nobody means such a name. */
function componentsOf(file: string): readonly string[] {
  return file.split(/[\\/]/)
}

function namesFolder(file: string): boolean {
  return ['', '.', '..'].includes(componentsOf(file).at(-1) ?? '')
}

/** Characters that some file systems overlook in a name, so that a name with them is `.git` all the same. */
const OVERLOOKED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g

/** Windows overlooks dots and spaces at the end, takes what follows a colon for a stream, and knows short names. */
const PROTECTED_NAME = /^(?:\.git|\.github|git~\d+|github~\d+)[. ]*(?::.*)?$/i

function isProtected(file: string): boolean {
  return componentsOf(file).some((name) => PROTECTED_NAME.test(name.replaceAll(OVERLOOKED, '')))
}

/** The path from the root that holds it most closely ('' for the root itself), undefined where none does. */
function innermost(roots: readonly string[], target: string): string | undefined {
  return roots
    .map((root) => path.relative(root, target))
    .filter((below) => componentsOf(below)[0] !== '..' && !path.isAbsolute(below))
    .sort((a, b) => a.length - b.length)[0]
}

/** The real path of what exists of a path, and the rest of it that does not. */
function follow(target: string): { readonly existing: string; readonly missing: string } {
  let nearest = target
  // The root of a drive is its own parent, whether there is such a drive or not.
  while (look(nearest) === undefined && path.dirname(nearest) !== nearest) nearest = path.dirname(nearest)
  // The native one also turns the short names of Windows into long ones, and letters into their real case.
  return { existing: realpathSync.native(nearest), missing: path.relative(nearest, target) }
}

/** What is there, symbolic links not followed. */
function look(place: string): Stats | undefined {
  try {
    return lstatSync(place)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined
    throw error
  }
}

function occupied(target: string): string | undefined {
  const stats = look(target)
  if (stats === undefined || stats.isFile()) return undefined
  if (stats.isSymbolicLink()) return SYMBOLIC_LINK
  return stats.isDirectory() ? FOLDER : NO_FILE
}

/** Readers see the old file or the new one, never a half. A name of its own: the target's may allow no longer one. */
function replace(target: string, text: string): void {
  const draft = path.join(path.dirname(target), `.${randomUUID()}.tmp`)
  try {
    writeFileSync(draft, text, { flag: 'wx' })
    renameSync(draft, target)
  } catch (error) {
    discard(draft)
    throw error
  }
}

/** What made the writing fail is the news, not what makes the tidying fail. */
function discard(draft: string): void {
  try {
    rmSync(draft, { force: true })
  } catch {}
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'it is in use',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk reports an error',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'a folder or symbolic link on the way leads nowhere',
  ENOSPC: 'the disk is full',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
}

function explain(error: unknown): string {
  const code = codeOf(error)
  return `${REASONS[code] ?? 'the system refused'} (${code})`
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code ?? 'unknown error')
}
