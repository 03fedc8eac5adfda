/** Shows an action's output as GitHub's log does: commands carried out, secrets masked, debug lines on demand only. */
export class LogView {
  readonly #secrets = new Set<string>()
  readonly #isDebug: boolean
  #rest = ''

  constructor(isDebug = false) {
    this.#isDebug = isDebug
  }

  /** The lines that a reader sees of the next piece of output. */
  show(chunk: string): readonly string[] {
    const lines = (this.#rest + chunk).split(/\r?\n/)
    this.#rest = lines.pop() ?? ''
    return lines.flatMap((line) => this.#line(line))
  }

  #line(line: string): readonly string[] {
    const command = /^\s*::([a-z-]+)(?: [^:]*)?::(.*)$/.exec(line)
    if (command === null) return [this.#mask(line)]
    const text = (command[2] ?? '').replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%')
    switch (command[1]) {
      case 'add-mask':
        this.#secrets.add(text)
        return []
      case 'error':
        return [`Error: ${this.#mask(text)}`]
      case 'warning':
        return [`Warning: ${this.#mask(text)}`]
      case 'debug':
        return this.#isDebug ? [`Debug: ${this.#mask(text)}`] : []
      default:
        return [`(runner command ${command[1]})`]
    }
  }

  #mask(text: string): string {
    return [...this.#secrets].reduce((masked, secret) => masked.replaceAll(secret, '***'), text)
  }
}
