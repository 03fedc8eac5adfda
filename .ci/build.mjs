// Builds dist/ (or the folder named as the first argument): the action and, apart from it, the demo with its emulator.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const ncc = createRequire(import.meta.url)('@vercel/ncc')
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const dist = path.resolve(process.argv[2] ?? path.join(root, 'dist'))

/** Minified, since reading and parsing the text is most of the start-up, which every run pays. */
async function bundle(entry, folder) {
  const { code, assets } = await ncc(path.join(root, entry), {
    minify: true,
    quiet: true,
    license: 'licenses.txt',
    cache: false,
  })
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'index.js'), code)
  for (const [name, { source }] of Object.entries(assets)) writeFileSync(path.join(folder, name), source)
}

rmSync(dist, { recursive: true, force: true })
await bundle('src/main.ts', dist)
if (process.argv[3] !== '--no-demo') await bundle('src/emulator/demo.ts', path.join(dist, 'demo'))
