// Plays the commands of docs/verify.md that need no release, as they are written: in a shell, in a fresh folder, with this
// repository at the address of the one on GitHub. They build and install there, so it takes a minute or two.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const root = path.dirname(import.meta.dirname)
const page = readFileSync(path.join(root, 'docs/verify.md'), 'utf8')
const [, section = ''] = /^## From source\n([\s\S]*?)^## /m.exec(page) ?? []
const commands = [...section.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = '']) => block)

const folder = mkdtempSync(path.join(tmpdir(), 'verify-'))
const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
const { status, stdout, stderr } = spawnSync('bash', ['-ex'], {
  cwd: folder,
  input: commands.join(''),
  encoding: 'utf8',
  env: {
    ...process.env,
    COMMIT: commit,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `url.${pathToFileURL(root).href}.insteadOf`,
    GIT_CONFIG_VALUE_0: 'https://github.com/OWNER/virus-scan-gate',
  },
})
// Made here too, where everything lies elsewhere.
const ours = path.join(folder, 'ours.cdx.json')
execFileSync(process.execPath, [path.join(root, '.ci/sbom.ts'), ours])
const [bill, theirs] = [ours, path.join(folder, 'virus-scan-gate/sbom.cdx.json')].map(readIfThere)
rmSync(folder, { recursive: true, force: true })

// What the page promises, in the order in which it would be seen to fail.
const promises = {
  'its commands end well': status === 0,
  'dist is what the sources build to': stdout.includes('dist is what the sources build to'),
  'the same commit gives the same SBOM': bill !== undefined && bill === theirs,
}
const broken = Object.entries(promises).filter(([, isKept]) => !isKept)
for (const [promise] of broken) process.stdout.write(`FAILED  docs/verify.md: ${promise}\n`)
if (broken.length > 0) process.stdout.write(`${stdout}${stderr}`.slice(-4_000))
else process.stdout.write(`ok      the commands of docs/verify.md that need no release, at ${commit.slice(0, 7)}\n`)
process.exitCode = broken.length > 0 ? 1 : 0

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
