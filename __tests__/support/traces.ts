import type { GitHubServer } from '../../src/emulator/gitHubServer.ts'
import type { ActionResult } from '../../src/emulator/runner.ts'
import type { Arrival } from '../../src/emulator/server.ts'
import type { Places } from './secretSpellings.ts'

/** What a run left behind for somebody to read. */
export interface Traces extends Pick<ActionResult, 'stdout' | 'stderr' | 'commandFiles' | 'files' | 'leftBehind'> {
  readonly cloud: readonly Arrival[]
  readonly github: GitHubServer['arrivals']
}

const MASK = /^::add-mask::(.*)$/

/** All of it as texts to search, but for the commands that tell the runner what to mask. */
export function placesOf({ stdout, stderr, commandFiles, files, leftBehind, cloud, github }: Traces): Places {
  const lines = stdout.split(/\r?\n/).filter((line) => !MASK.test(line))
  return {
    stdout: lines.join('\n'),
    'stdout as the runner reads it': lines.map((line) => (/^\s*::/.test(line) ? unescaped(line) : line)).join('\n'),
    stderr,
    ...commandFiles,
    'names of files': [...Object.keys(files), ...Object.keys(leftBehind)].join('\n'),
    ...inGroup('workspace', files),
    ...inGroup('left behind', leftBehind),
    // The body is where keys, tokens and signatures belong.
    'URLs and headers to the cloud': cloud.map(({ url, headers }) => [url, ...textsIn(headers)].join('\n')).join('\n'),
    'requests to GitHub': github
      .map(({ url, headers: { authorization: _, ...headers }, text }) =>
        [url, decoded(url), ...textsIn(headers), text, ...textsIn(read(text))].join('\n'),
      )
      .join('\n'),
  }
}

/** What the runner was told to mask. */
export function masksIn(stdout: string): readonly string[] {
  return stdout.split(/\r?\n/).flatMap((line) => {
    const value = MASK.exec(line)?.[1]
    return value === undefined ? [] : [unescaped(value)]
  })
}

/** The runner's commands have percent signs and line breaks in another way. */
function unescaped(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
}

function inGroup(group: string, texts: Readonly<Record<string, string>>): Places {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${group}: ${name}`, text]))
}

/** The texts in a value, without the marks that JSON would put around and into them. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [name, ...textsIn(inner)])
}

function read(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url)
  } catch {
    return url
  }
}
