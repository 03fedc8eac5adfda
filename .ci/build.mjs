// Builds dist/ (or the folder named as the first argument): the action and, apart from it, the demo and the rehearsal with
// their emulator.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { BUNDLES, INSIDE, OWN_NOTICES, placeOf } from './bundles.ts'

const ncc = createRequire(import.meta.url)('@vercel/ncc')
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const dist = path.resolve(process.argv[2] ?? path.join(root, 'dist'))

/**
 * Minified, since reading and parsing the text is most of the start-up, which every run pays. Types are checked by
 * `npm run check`, once for all bundles. The source map is a witness of what is in the text, and is not kept.
 */
async function bundle({ folder, entry, project, packages }) {
  process.env.TS_NODE_PROJECT = path.join(root, project)
  const options = { minify: true, quiet: true, cache: false, transpileOnly: true }
  const { code, map, assets, stats } = await ncc(path.join(root, entry), {
    ...options,
    sourceMap: true,
    sourceMapRegister: false,
  })
  const { sources, sourcesContent } = JSON.parse(map)
  const modules = modulesOf(stats.compilation)
  const problems = [
    ...differences('what the bundler took', packages, placesOf(modules.map(({ resource = '' }) => relative(resource)))),
    ...differences('what the text was made from', packages, placesOf(sources)),
    ...modules.flatMap(notOfNode),
    ...Object.keys(assets).flatMap((name) => (KNOWN_ASSETS.includes(name) ? [] : [`${name} is a file of its own`])),
  ]
  if (problems.length > 0) throw new Error(`${folder} is not what .ci/bundles.ts says:\n  ${problems.join('\n  ')}`)
  const to = path.join(dist, path.relative('dist', folder))
  mkdirSync(to, { recursive: true })
  writeFileSync(path.join(to, 'index.js'), code.replace(/\n\/\/# sourceMappingURL=.*\n?$/, ''))
  writeFileSync(path.join(to, 'package.json'), assets['package.json'].source)
  const notices = noticesIn(sources, sourcesContent)
  const licences = packages.map((place) => licence(place, notices))
  if (licences.length > 0) writeFileSync(path.join(to, 'licenses.txt'), licences.join('\n\n'))
}

const KNOWN_ASSETS = ['index.js.map', 'package.json']

const relative = (file) => path.relative(root, file)

/** All modules, by the bundler's own account, those included that it wrote into one. */
function modulesOf(compilation) {
  return [...compilation.modules].flatMap((module) => (module.modules ? [...module.modules] : [module]))
}

function placesOf(files) {
  return [...new Set(files.map(placeOf).filter((place) => place !== undefined))]
}

function differences(account, listed, found) {
  return [
    ...found
      .filter((place) => !listed.includes(place))
      .map((place) => `${place} is in ${account}, and not on the list`),
    ...listed
      .filter((place) => !found.includes(place))
      .map((place) => `${place} is on the list, and not in ${account}`),
  ]
}

/** What is left outside is loaded when the action runs, from wherever it may lie: only Node's own modules may be. */
function notOfNode({ externalType, request }) {
  return externalType === undefined || isBuiltin(request) ? [] : [`${request} is left outside, and no module of Node's`]
}

/**
 * The comments that claim a copyright of others, by package: the minifier drops them, and what a package has from others
 * asks that its notice be kept. A package's own stands in its licence file.
 */
function noticesIn(sources, contents) {
  return sources.flatMap((source, at) => {
    const place = placeOf(source)
    const comments = contents[at].match(/\/\*[\s\S]*?\*\/|(?:^[ \t]*\/\/.*\n)+/gm) ?? []
    const claims = comments.filter((comment) => /copyright[ :]*(?:\(c\)|©|\d{4}|[A-Z])/i.test(comment))
    if (place === undefined || claims.length === 0) return []
    const file = source.split(`node_modules/${place}/`).at(-1)
    if (OWN_NOTICES.includes(`${place}/${file}`)) return []
    if (!INSIDE.some((inside) => inside.notice && inside.package === place && inside.file === file)) {
      throw new Error(
        `${place}/${file} has a notice of copyright that .ci/bundles.ts does not know:\n${claims.join('\n')}`,
      )
    }
    return [{ place, text: `From ${file}:\n\n${claims.map(plain).join('\n\n')}` }]
  })
}

/** A comment without its marks. */
function plain(comment) {
  const lines = comment.split(/\r?\n/).map((line) => line.replace(/^\s*(?:\/\/|\/?\*+!?)\s*/, ''))
  return lines.join('\n').replace(/\*\/$/, '').trim()
}

/** Name, version and licence text of a package. Not all packages ship the text; its licence then stands for it. */
function licence(place, notices) {
  const folder = path.join(root, 'node_modules', place)
  const { name, version, license, author } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  const by = typeof author === 'object' ? author.name : author
  const text =
    file === undefined
      ? `The package has no licence file; its package.json says ${license}, by ${by}.\n\n${standardText(license)}`
      : readFileSync(path.join(folder, file), 'utf8')
  const texts = [
    text.replaceAll('\r\n', '\n').trim(),
    ...notices.filter((notice) => notice.place === place).map((notice) => notice.text),
  ]
  return `${name} ${version}\n${license}\n\n${texts.join('\n\n')}\n`
}

function standardText(license) {
  if (license !== 'MIT') throw new Error(`there is no standard text for ${license} here`)
  // Ours is MIT too: the same text, without its heading and our copyright line.
  return readFileSync(path.join(root, 'LICENSE'), 'utf8').split('\n\n').slice(2).join('\n\n')
}

rmSync(dist, { recursive: true, force: true })
for (const each of BUNDLES) await bundle(each)
