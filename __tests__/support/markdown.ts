/** Pages of the repository, taken apart. */

/** The code blocks of a page in one language. */
export function blocksOf(text: string, language: string): readonly string[] {
  return codeBlocks(text).flatMap((block) => (block.language === language ? block.code : []))
}

export interface CodeBlock {
  readonly language: string
  readonly code: string
}

export function codeBlocks(text: string): readonly CodeBlock[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].map(([, language = '', code = '']) => ({ language, code }))
}

/** A page without its code blocks, which have rules of their own. */
export function prose(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```/gm, '')
}

export const codeIn = (text: string) => [...prose(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)

/** As GitHub names the headings in addresses. */
export function anchorsOf(text: string): readonly string[] {
  return headingsOf(text).map(({ title }) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  )
}

export function headingsOf(text: string): readonly { readonly level: number; readonly title: string }[] {
  return [...prose(text).matchAll(/^(#+) (.*)$/gm)].map(([, marks = '', title = '']) => ({
    level: marks.length,
    title,
  }))
}

/** What stands below each heading, its own text only. What comes before the first is the first. */
export function sectionsOf(text: string): readonly string[] {
  return prose(text).split(/^#+ .*$/m)
}

/** Each table as rows of cells; the line below the heads is left out. */
export function tablesOf(text: string): readonly (readonly (readonly string[])[])[] {
  return [...prose(text).matchAll(/(?:^\|.*\n)+/gm)].map(([table]) =>
    table
      .trimEnd()
      .split('\n')
      .filter((_, i) => i !== 1)
      .map((row) =>
        row
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
  )
}

/** Where links and pictures lead. */
export const linksIn = (text: string) => [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
