/** How the texts of inputs are read, and how a problem with one is told. */

export type Environment = Readonly<Record<string, string | undefined>>

/** `problem` is the rest of a sentence that starts with the input's name and value, or the part of it it is `about`. */
export type Reading<T> = { readonly value: T } | { readonly problem: string; readonly about?: string }

/** Notes a problem; without a value for secrets and for what is missing. */
export type Refuse = (name: string, value: string | undefined, rest: string) => void

/** The trimmed text of an input or variable, `''` where it is unset. */
export type Given = (name: string) => string

/** A list's words, split by commas, spaces or line breaks; repeated ones count once, order is kept. */
export function wordsOf(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,]+/).filter((word) => word !== ''))]
}

/** A number in plain decimal notation: no sign, exponent or unit, so that nothing is read as something else. */
export function decimal(range: { above?: number; least?: number; most: number }): (text: string) => Reading<number> {
  const lower = range.above === undefined ? `from ${range.least}` : `above ${range.above}`
  const allowed = `a number ${lower} to ${range.most} is allowed, such as 5 or 0.5`
  return (text) => {
    const value = /^[0-9]+(?:\.[0-9]+)?$/.test(text) ? Number(text) : Number.NaN
    if (Number.isNaN(value)) return { problem: `is not a plain number: ${allowed}` }
    const tooLow = range.above === undefined ? value < (range.least ?? 0) : value <= range.above
    return tooLow || value > range.most ? { problem: `is out of range: ${allowed}` } : { value }
  }
}

export function wholeNumber(range: { least: number; most: number }): (text: string) => Reading<number> {
  return (text) => {
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN
    return value >= range.least && value <= range.most
      ? { value }
      : { problem: `is not a whole number from ${range.least} to ${range.most}` }
  }
}

export function readBoolean(text: string): Reading<boolean> {
  const word = text.toLowerCase()
  return word === 'true' || word === 'false' ? { value: word === 'true' } : { problem: 'is neither true nor false' }
}

/** One of a few words, read without regard to case. */
export function oneOf<T extends string>(words: readonly T[]): (text: string) => Reading<T> {
  return (text) => {
    const word = words.find((known) => known === text.toLowerCase())
    return word === undefined ? { problem: `is not one of ${words.join(', ')}` } : { value: word }
  }
}
