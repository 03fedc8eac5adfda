import { BUNDLED, BUNDLES, INSIDE, nameOf } from './bundles.ts'
import { ALLOWED, ALLOWED_TOOLS, REPLACED, WHY } from './dependencies.ts'
import { dependenciesOf, type Lock, locked } from './lock.ts'

/** docs/dependencies.md, from what is written by hand in `dependencies.ts` and `bundles.ts`, and what npm knows. */

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

export function dependenciesPage({ dependencies, devDependencies }: Manifest, lock: Lock): string {
  const of = (names: object) => Object.keys(WHY).filter((name) => name in names)
  const licence = (place: string) => locked(lock, place).license ?? ''
  return `# Dependencies

Which packages are in what users run, why each is there, and what holds this page to the truth. It is made by
\`npm run docs\` from \`.ci/dependencies.ts\`, \`.ci/bundles.ts\`, package.json and the lock file.

| | packages |
|---|---|
| asked for by package.json, for the action | ${Object.keys(dependencies).length} |
| in the action's bundles, with what those need | ${BUNDLED.length} |
| asked for by package.json, to build and to test | ${Object.keys(devDependencies).length} |

Users install nothing: \`dist\` is committed, and the runner loads only what is in it. How to see that it was made from these
sources and packages is told in [verify.md](verify.md).

## Why these packages

${table(
  ['package', 'licence', 'is in', 'why it and not another'],
  of(dependencies).map((name) => [code(name), licence(name), foldersWith(name), WHY[name] ?? '']),
)}

To build and to test, in no bundle:

${table(
  ['package', 'licence', 'why it and not another'],
  of(devDependencies).map((name) => [code(name), licence(name), WHY[name] ?? '']),
)}

Two more tools are fetched, by exact version, only when somebody asks for them: Stryker by \`.ci/mutate.ts\`, and
\`@github/local-action\` by \`.ci/localAction.ts\`. What they need is not in the lock file.

## What the bundles contain

${table(
  ['bundle', 'is loaded by', 'packages'],
  BUNDLES.map(({ folder, loaded, packages }) => [code(`${folder}/index.js`), loaded, String(packages.length)]),
)}

Beside our own code, a few lines of the bundler's, and Node's own modules, there is in them:

${table(
  ['package', 'version', 'licence', 'is in', 'is asked for by'],
  BUNDLED.map((place) => [
    code(nameOf(place)),
    locked(lock, place).version,
    licence(place),
    foldersWith(place),
    askedForBy(lock, dependencies, place),
  ]),
)}

The list in \`.ci/bundles.ts\` is written by hand. The build stops unless two witnesses say the same: the modules that the
bundler took, and the source map of the minified text. A package is known by its place in the lock file, so that a second,
nested version of it cannot pass for the first. The build also stops at anything left outside of a bundle that is not a
module of Node's, at files beside it, and at notices of copyright that nobody has looked at. \`npm run check\` compares
\`dist\` with a build byte for byte, and \`__tests__/dist.test.ts\` compares names and versions with the lock file.

No witness sees what a package itself has copied. This is known:

${table(
  ['package', 'file', 'from'],
  INSIDE.map((inside) => [code(inside.package), inside.file.split(', ').map(code).join(', '), inside.from]),
)}

Where such a file has a notice, it stands beside the licence of the package in \`licenses.txt\`.

## What is replaced

tsconfig.json gives the bundler these files in the place of packages, for imports inside packages too:

${table(
  ['package', 'in its place', 'why', 'still itself in'],
  Object.entries(REPLACED).map(([name, { by, why, kept }]) => [
    code(name),
    `[${by.split('/').at(-1)}](../${by})`,
    why,
    kept === undefined ? '' : code(kept),
  ]),
)}

## Licences

Every bundle has the licence texts of its packages beside it, in \`licenses.txt\`. These licences are allowed:
${ALLOWED.join(', ')}. Single packages that only build or test have others:

${table(
  ['package', 'licence'],
  Object.entries(ALLOWED_TOOLS).map(([name, license]) => [code(name), license]),
)}

## The lock file

\`__tests__/dependencies.test.ts\` holds it to this:

- package.json asks for exact versions, so that nothing moves unless a commit says so.
- Every package has its SHA-512, and none says where it comes from: it is the registry that npm is set up with.
- No package brings packages of its own inside its archive.
- Install scripts run only for those that package.json allows under \`allowScripts\`.
- Licences are those above.

## To add a package

1. Look for one that is there already, in this page or in Node itself.
2. \`npm install --save-exact NAME\`, or with \`--save-dev\`. Read what the lock file gained.
3. Its line in \`.ci/dependencies.ts\`; if it comes into a bundle, the build says which line \`.ci/bundles.ts\` wants.
4. \`npm run build\`, \`npm run docs\`, and commit both.
`
}

const code = (text: string) => `\`${text}\``

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |')
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

function foldersWith(place: string): string {
  const folders = BUNDLES.filter(({ packages }) => packages.includes(place)).map(({ folder }) => code(folder))
  return folders.length > 0 ? folders.join(', ') : 'none'
}

/** Us, or the packages of the same bundles that need it. */
function askedForBy(lock: Lock, dependencies: object, place: string): string {
  const us = place in dependencies ? ['us'] : []
  const others = BUNDLED.filter((other) => dependenciesOf(lock, other).includes(place))
  return [...new Set([...us, ...others.map((other) => code(nameOf(other)))])].join(', ')
}
