// Writes the files of docs that are made from code and data. `--check` only says which are not what they are made from.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { faultsPage } from '../__tests__/proof/faults/page.ts'
import { schedulePlot } from '../bench/schedulePlot.ts'
import { dependenciesPage } from './dependenciesPage.ts'
import { messagesPage } from './messagesPage.ts'

/** By path from the root. */
const MADE: Readonly<Record<string, () => string>> = {
  'docs/dependencies.md': () => dependenciesPage(readJson('package.json'), readJson('package-lock.json')),
  'docs/faults.md': faultsPage,
  'docs/messages.md': () => messagesPage(root),
  'docs/schedules.svg': schedulePlot,
}

const root = path.dirname(import.meta.dirname)
const isCheck = process.argv.includes('--check')
for (const [file, text] of Object.entries(MADE)) {
  const made = text()
  const place = path.join(root, file)
  if (!isCheck) writeFileSync(place, made)
  else if (made !== readIfThere(place)) {
    process.stdout.write(`${file} is not what it is made from: run npm run docs and commit it\n`)
    process.exitCode = 1
  }
}

function readJson(file: string) {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8'))
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
