import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** Texts by their path from the workspace, with `/` on every system. */
export type Files = Readonly<Record<string, string>>

export async function writeFiles(workspace: string, files: Files): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(workspace, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}

/** Regular files only: nothing that a link leads to. */
export async function readFiles(workspace: string): Promise<Files> {
  const entries = await readdir(workspace, { recursive: true, withFileTypes: true })
  const files: Record<string, string> = {}
  for (const entry of entries.filter((found) => found.isFile())) {
    const file = path.join(entry.parentPath, entry.name)
    files[path.relative(workspace, file).replaceAll(path.sep, '/')] = await readFile(file, 'utf8')
  }
  return files
}
