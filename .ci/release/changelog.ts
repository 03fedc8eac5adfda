// CHANGELOG.md in sections, as Keep a Changelog 1.1.0 has them: one for a version with its day, one for what is unreleased.

export interface Section {
  /** `Unreleased`, or a version. */
  readonly name: string
  /** As it is written, if it is. */
  readonly date?: string
  readonly text: string
}

export function readChangelog(changelog: string): readonly Section[] {
  const [, ...sections] = changelog.replaceAll('\r\n', '\n').split(/^## /m)
  return sections.map((section) => {
    const [heading = '', ...lines] = section.split('\n')
    const [, name = heading, date] = /^\[?([^\]\s]+)\]?(?: - (.*))?$/.exec(heading.trim()) ?? []
    // Addresses for the headings stand at the end of the file and belong to no section.
    const text = lines.filter((line) => !/^\[[^\]]+\]: \S+$/.test(line)).join('\n')
    return { name, ...(date === undefined ? {} : { date: date.trim() }), text: text.trim() }
  })
}

/** Whether a section says anything; headings alone do not. */
export const isEmpty = ({ text }: Section): boolean => text.split('\n').every((line) => /^\s*$|^#/.test(line))

/** Whether it is a day of the calendar, written as 2026-11-24. */
export function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}
