/**
 * What GitHub's runner reads in what a step prints and writes, as strictly as it could be read. Source: GitHub's page on
 * workflow commands; the older form and the blanks before a command are from the runner's published behaviour.
 */

/** The workflow command in a line of the log: `::name key=value::text` at its start, `##[name]text` anywhere. */
export function commandIn(line: string): string | undefined {
  const trimmed = line.trimStart()
  // Whether it is closed does not matter here: nobody means a line to begin like that.
  if (trimmed.startsWith('::')) return trimmed
  const older = line.indexOf('##[')
  return older === -1 ? undefined : line.slice(older)
}

/** Name and value of every output, in order: `name=value`, or `name<<delimiter`, the lines of the value, the delimiter. */
export function outputsIn(file: string): readonly (readonly [name: string, value: string])[] {
  const outputs: (readonly [string, string])[] = []
  let at = 0
  const line = (): string | undefined => {
    if (at >= file.length) return undefined
    const end = file.indexOf('\n', at)
    const text = file.slice(at, end === -1 ? undefined : end)
    at = end === -1 ? file.length : end + 1
    return text
  }
  for (let head = line(); head !== undefined; head = line()) {
    if (head === '') continue
    const [equals, heredoc] = [head.indexOf('='), head.indexOf('<<')]
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      outputs.push([head.slice(0, equals), head.slice(equals + 1)])
      continue
    }
    if (heredoc < 1) throw new Error(`no output begins like this: ${head}`)
    const delimiter = head.slice(heredoc + 2)
    const value: string[] = []
    for (let next = line(); next !== delimiter; next = line()) {
      if (next === undefined) throw new Error(`the output ${head.slice(0, heredoc)} has no end`)
      value.push(next)
    }
    outputs.push([head.slice(0, heredoc), value.join('\n')])
  }
  return outputs
}

/** The text of a command that `@actions/core` wrote. */
export function unescaped(data: string): string {
  return data.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
}
