/** What a test has opened is closed when it is over, whatever came of it: one after the other, as it was opened. */

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

export function afterTest(...closes: readonly (() => unknown)[]): void {
  closing.push(...closes)
}
