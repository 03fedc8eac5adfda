import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * How much of the proof is run, and what it came to. The tests try a fixed number of cases from a fixed seed, so that CI
 * sees the same ones every time; `npm run proof` tries more of them from another seed, and writes down the figures.
 */

/** Of the tests: the day the project began. */
const SEED = 20_261_124

/**
 * How long a test of the proof may take, in ms: at any scale as long as it likes, since it is the number of cases that is
 * fixed. A limit of its own would end a long run that nothing is wrong with.
 */
export const PATIENCE_MS = 6 * 3_600_000

/** fast-check's settings for this many cases: times `PROOF_SCALE`, from `PROOF_SEED`. */
export function cases(atScaleOne: number): { readonly numRuns: number; readonly seed: number } {
  const scale = Number(process.env.PROOF_SCALE ?? 1)
  const seed = Number(process.env.PROOF_SEED ?? SEED)
  if (!(scale > 0) || !Number.isSafeInteger(seed)) throw new Error('PROOF_SCALE is a number, PROOF_SEED a whole one')
  return { numRuns: Math.ceil(atScaleOne * scale), seed }
}

/** Notes a figure for docs/proof.md. Without `PROOF_FIGURES`, a folder, it goes nowhere. */
export function figure(part: string, name: string, value: number | string): void {
  const folder = process.env.PROOF_FIGURES
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, `${part}.json`)
  writeFileSync(file, JSON.stringify({ ...read(file), [name]: value }))
}

/** Each part is one test file, so that nobody else writes in between. */
function read(file: string): object {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return {}
  }
}
