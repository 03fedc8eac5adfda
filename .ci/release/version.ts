// Versions as Semantic Versioning 2.0.0 has them, without build metadata: two releases that differ only in that have no order.

export interface Version {
  readonly text: string
  readonly major: number
  readonly minor: number
  readonly patch: number
  /** `['rc', '1']` of 1.0.0-rc.1; empty for a release proper. */
  readonly prerelease: readonly string[]
}

const NUMBER = '(0|[1-9]\\d{0,8})'
const IDENTIFIER = '(?:0|[1-9]\\d{0,8}|\\d*[A-Za-z-][0-9A-Za-z-]*)'
const PATTERN = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?$`)

export function parseVersion(text: string): Version | undefined {
  const match = PATTERN.exec(text)
  if (match === null) return undefined
  const [major = 0, minor = 0, patch = 0] = match.slice(1, 4).map(Number)
  return { text, major, minor, patch, prerelease: match[4]?.split('.') ?? [] }
}

export const isPrerelease = ({ prerelease }: Version): boolean => prerelease.length > 0

/** Below zero where `a` comes before `b`. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch || comparePrereleases(a.prerelease, b.prerelease)
}

/** A prerelease comes before its release; of two, the first identifier that differs decides, numbers before words. */
function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length
  for (const [i, one] of a.entries()) {
    const other = b[i]
    if (other === undefined) return 1
    if (one === other) continue
    const [isNumber, isOtherNumber] = [/^\d+$/.test(one), /^\d+$/.test(other)]
    if (isNumber && isOtherNumber) return Number(one) - Number(other)
    if (isNumber !== isOtherNumber) return isNumber ? -1 : 1
    return one < other ? -1 : 1
  }
  return a.length - b.length
}
