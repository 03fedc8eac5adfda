// Builds dist/ (or the folder named as the first argument): the action and, apart from it, the demo and the rehearsal with
// their emulator.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const ncc = createRequire(import.meta.url)('@vercel/ncc')
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const dist = path.resolve(process.argv[2] ?? path.join(root, 'dist'))

/**
 * Minified, since reading and parsing the text is most of the start-up, which every run pays. Types are checked by
 * `npm run check`, once for all bundles.
 */
async function bundle(entry, folder, project = 'tsconfig.json') {
  // Where the bundler looks for `paths`: by itself it would take those of the root for every entry.
  process.env.TS_NODE_PROJECT = path.join(root, project)
  const options = { minify: true, quiet: true, cache: false, transpileOnly: true }
  const { code, assets, stats } = await ncc(path.join(root, entry), options)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'index.js'), code)
  for (const [name, { source }] of Object.entries(assets)) writeFileSync(path.join(folder, name), source)
  const packages = packagesIn(stats.compilation)
  if (packages.length > 0) writeFileSync(path.join(folder, 'licenses.txt'), packages.map(licence).join('\n\n'))
}

/** The folders of all packages that gave a module to the bundle, by the bundler's own account. */
function packagesIn(compilation) {
  const modules = [...compilation.modules].flatMap((module) => (module.modules ? [...module.modules] : [module]))
  const folders = modules.flatMap(
    ({ resource = '' }) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(resource) ?? [],
  )
  return [...new Set(folders)].sort()
}

/** Name, version and licence text of a package. Not all packages ship the text; its licence then stands for it. */
function licence(folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  const by = typeof author === 'object' ? author.name : author
  const text =
    file === undefined
      ? `The package has no licence file; its package.json says ${license}, by ${by}.\n\n${standardText(license)}`
      : readFileSync(path.join(folder, file), 'utf8')
  return `${name} ${version}\n${license}\n\n${text.replaceAll('\r\n', '\n').trim()}\n`
}

function standardText(license) {
  if (license !== 'MIT') throw new Error(`there is no standard text for ${license} here`)
  // Ours is MIT too: the same text, without its heading and our copyright line.
  return readFileSync(path.join(root, 'LICENSE'), 'utf8').split('\n\n').slice(2).join('\n\n')
}

rmSync(dist, { recursive: true, force: true })
await bundle('src/main.ts', dist)
await bundle('src/adapters/yaml.ts', path.join(dist, 'yaml'))
await bundle('src/adapters/github/repository.ts', path.join(dist, 'github'), 'src/adapters/github/tsconfig.json')
await bundle('src/adapters/ecs/role.ts', path.join(dist, 'ecs'))
await bundle('src/emulator/demo.ts', path.join(dist, 'demo'))
await bundle('src/emulator/rehearsal.ts', path.join(dist, 'emulator'))
