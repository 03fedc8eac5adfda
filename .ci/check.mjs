// `npm run check`: everything that is compared or linted rather than tested. All checks run, whatever fails.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

function run(command, ...args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  return status === 0 ? '' : `${stdout ?? ''}${stderr ?? ''}${error ?? ''}`
}

/** The committed bundles are what the sources build to, byte for byte. */
function distIsRebuilt() {
  const folder = mkdtempSync(path.join(tmpdir(), 'dist-'))
  const built = run(process.execPath, path.join('.ci', 'build.mjs'), folder)
  const different = built === '' ? differences(path.join(root, 'dist'), folder) : []
  rmSync(folder, { recursive: true, force: true })
  if (built !== '') return built.slice(-2_000)
  return different
    .map((file) => `dist/${file} is not what the sources build to: run npm run build and commit dist\n`)
    .join('')
}

function differences(committed, rebuilt) {
  const files = new Set(
    [committed, rebuilt].flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name))),
    ),
  )
  const read = (folder, file) => {
    try {
      return readFileSync(path.join(folder, file))
    } catch {
      return undefined
    }
  }
  return [...files].filter((file) => {
    const [a, b] = [read(committed, file), read(rebuilt, file)]
    return a === undefined || b === undefined || !a.equals(b)
  })
}

const checks = {
  types: () => run('tsc', '--noEmit'),
  'style and lint': () => run('biome', 'ci', '--error-on-warnings'),
  'dist compared with a rebuild': distIsRebuilt,
  'docs compared with what they are made from': () => run('node', path.join('.ci', 'docs.ts'), '--check'),
}

let failed = 0
for (const [name, check] of Object.entries(checks)) {
  const problem = check()
  process.stdout.write(`${problem === '' ? 'ok    ' : 'FAILED'}  ${name}\n${problem}`)
  if (problem !== '') failed += 1
}
process.stdout.write(`Checks: ${Object.keys(checks).length - failed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
