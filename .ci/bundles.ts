/**
 * The bundles, and what is in each, written by hand: the build stops where the bundler took anything else, so that no package
 * comes into what users run by the way.
 */
export interface Bundle {
  /** Below `dist`; the action itself is `dist`. */
  readonly folder: string
  readonly entry: string
  /** Where the bundler looks for `paths`. By itself it would take those of the root for every entry. */
  readonly project: string
  /** Who loads it, and when. */
  readonly loaded: string
  /** Places below `node_modules`, as the lock file has them: a name may be there twice, in two versions. */
  readonly packages: readonly string[]
}

const PROJECT = 'tsconfig.json'

export const BUNDLES: readonly Bundle[] = [
  {
    folder: 'dist',
    entry: 'src/main.ts',
    project: PROJECT,
    loaded: 'every run of the action',
    packages: [
      '@actions/core',
      '@actions/exec',
      '@actions/http-client',
      '@actions/io',
      '@alicloud/pop-core',
      'agent-base',
      'bignumber.js',
      'fastest-levenshtein',
      'https-proxy-agent',
      'httpx',
      'json-bigint',
      'kitx',
      'tunnel',
    ],
  },
  {
    folder: 'dist/yaml',
    entry: 'src/adapters/yaml.ts',
    project: PROJECT,
    loaded: 'runs with an allow-list',
    packages: ['yaml'],
  },
  {
    folder: 'dist/github',
    entry: 'src/adapters/github/repository.ts',
    project: 'src/adapters/github/tsconfig.json',
    loaded: 'runs that ask GitHub something',
    packages: [
      '@actions/github',
      '@actions/github/node_modules/@actions/http-client',
      '@octokit/auth-token',
      '@octokit/core',
      '@octokit/endpoint',
      '@octokit/graphql',
      '@octokit/plugin-paginate-rest',
      '@octokit/plugin-rest-endpoint-methods',
      '@octokit/plugin-retry',
      '@octokit/plugin-throttling',
      '@octokit/request',
      '@octokit/request-error',
      'before-after-hook',
      'bottleneck',
      'content-type',
      'json-with-bigint',
      'tunnel',
      'undici',
      'universal-user-agent',
    ],
  },
  {
    folder: 'dist/ecs',
    entry: 'src/adapters/ecs/role.ts',
    project: PROJECT,
    loaded: 'runs with `ecs-ram-role`',
    packages: ['@alicloud/credentials', '@alicloud/credentials/node_modules/kitx', 'httpx', 'ini'],
  },
  {
    folder: 'dist/demo',
    entry: 'src/emulator/demo.ts',
    project: PROJECT,
    loaded: '`npm run demo`, never by the action',
    packages: [],
  },
  {
    folder: 'dist/emulator',
    entry: 'src/emulator/rehearsal.ts',
    project: PROJECT,
    loaded: 'the rehearsal action, never by the action',
    packages: [
      '@actions/core',
      '@actions/exec',
      '@actions/http-client',
      '@actions/io',
      'fastest-levenshtein',
      'tunnel',
    ],
  },
]

/** Each package of the bundles once. */
export const BUNDLED: readonly string[] = [...new Set(BUNDLES.flatMap(({ packages }) => packages))].sort(byName)

/** A file of a package that says that not all of it is the package's own work: no lock file knows of that. */
export interface Inside {
  readonly package: string
  readonly file: string
  /** From whom it has what. */
  readonly from: string
  /** Whether the file has a notice of theirs, which is then kept beside the licences. */
  readonly notice: boolean
}

/** The build stops at a notice of copyright in a source that is neither here nor the package's own. */
export const INSIDE: readonly Inside[] = [
  {
    package: '@actions/exec',
    file: 'lib/toolrunner.js',
    from: 'Node.js (MIT): how arguments are quoted on Windows',
    notice: true,
  },
  { package: 'undici', file: 'lib/web/websocket/receiver.js', from: 'ws (MIT): how frames are read', notice: true },
  {
    package: 'undici',
    file: 'lib/llhttp/llhttp-wasm.js, lib/llhttp/llhttp_simd-wasm.js',
    from: 'llhttp (MIT): the parser of HTTP, as WebAssembly',
    notice: false,
  },
]

/** Files with a notice of the package itself, which its licence file has too. */
export const OWN_NOTICES: readonly string[] = ['bignumber.js/bignumber.js', 'content-type/dist/index.js']

/** The place below `node_modules` of the package that a file is of, if it is of one. */
export function placeOf(file: string): string | undefined {
  const [, place] =
    /(?:^|\/)node_modules\/((?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(file.replaceAll('\\', '/')) ?? []
  return place
}

/** Its name: what stands behind the last `node_modules`. */
export function nameOf(place: string): string {
  return place.split('/node_modules/').at(-1) ?? place
}

function byName(a: string, b: string): number {
  return nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0
}
