import type { Params } from './signature.ts'

/** Reads the parameters of a call. `undefined` stands for what the service refuses. */

/** A JSON array of objects that have these fields, each of them a string. */
export function recordsIn<Name extends string>(
  text: string | undefined,
  names: readonly Name[],
): readonly Readonly<Record<Name, string>>[] | undefined {
  const list = parsed(text ?? '')
  if (!Array.isArray(list)) return undefined
  const records: Record<Name, string>[] = []
  for (const entry of list as readonly unknown[]) {
    if (!isRecordOf(entry, names)) return undefined
    records.push(Object.fromEntries(names.map((name) => [name, entry[name]])) as Record<Name, string>)
  }
  return records
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecordOf<Name extends string>(value: unknown, names: readonly Name[]): value is Record<Name, string> {
  if (typeof value !== 'object' || value === null) return false
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'string')
}

export interface Page {
  /** Counted from 1. */
  readonly number: number
  readonly size: number
}

/** Most pages of the cloud's documentation name no limit. The few that do say 100: the emulator is that strict. */
const LONGEST_PAGE = 100

/** `CurrentPage` and `PageSize`, which are required where there is no default. */
export function pageIn(params: Params, fallback?: Page): Page | undefined {
  const number = countIn(params.CurrentPage, fallback?.number)
  const size = countIn(params.PageSize, fallback?.size)
  if (number === undefined || size === undefined || size > LONGEST_PAGE) return undefined
  return { number, size }
}

function countIn(text: string | undefined, fallback: number | undefined): number | undefined {
  if (text === undefined) return fallback
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined
}

/** The rows on a page: none beyond the end. */
export function rowsOn<Row>(page: Page, rows: readonly Row[]): readonly Row[] {
  return rows.slice((page.number - 1) * page.size, page.number * page.size)
}
