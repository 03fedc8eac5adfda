/** For `@github/local-action`, which runs an action's sources by calling the `run` of the file that it is given. */
export async function run(): Promise<void> {
  await import('../../src/main.ts')
}
