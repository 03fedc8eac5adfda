/**
 * A job summary for a terminal: the text of its headings, sentences and tables, without the tags. What is closed on
 * the page is shown under its title; of a diagram, what GitHub would draw.
 */
export function asText(summary: string): string {
  return summary
    .replaceAll(/^```mermaid\n([\s\S]*?)^```$/gm, (_, text: string) => diagram(text))
    .replaceAll(/<table>[\s\S]*?<\/table>/g, table)
    .replaceAll(/<summary>(.*?)<\/summary>/g, '[$1]')
    .replaceAll(/<a href="([^"]*)">(.*?)<\/a>/g, '$2 $1')
    .replaceAll(/<li>/g, '  - ')
    .replaceAll(/<\/li>/g, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
    .replaceAll(/^/gm, '  ')
}

/** A diagram says itself what it shows, for those who cannot see it. */
function diagram(text: string): string {
  const title = /^accTitle: (.*)$/m.exec(text)?.[1] ?? 'no title'
  return `[GitHub draws here: ${title}]`
}

/** Columns as wide as their longest cell. */
function table(html: string): string {
  const rows = [...html.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell = '']) => plain(cell)),
  )
  const widths = rows.reduce<number[]>(
    (wide, row) => row.map((cell, i) => Math.max(wide[i] ?? 0, row.length === 1 ? 0 : cell.length)),
    [],
  )
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Without tags; entities stay, so that what they stand for is not taken for a tag later. */
function plain(cell: string): string {
  return cell.replaceAll(/<[^>]*>/g, '')
}
