/** A job summary for a terminal: the text of its headings, sentences and tables, without the tags. */
export function asText(summary: string): string {
  return summary
    .replaceAll(/<table>[\s\S]*?<\/table>/g, table)
    .replaceAll(/<li>/g, '  - ')
    .replaceAll(/<\/li>/g, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
    .replaceAll(/^/gm, '  ')
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
