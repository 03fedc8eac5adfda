// The tags of a repository, read and moved with git. What is read and what is moved is the remote, never a clone's copy.
import { execFileSync } from 'node:child_process'
import type { Tag } from './plan.ts'

/** A tag to be at a commit, where it is at another one now, or nowhere. It moves only if that is still so. */
export interface Move {
  readonly tag: string
  readonly from: string | undefined
  readonly to: string
}

export class Remote {
  readonly #url: string
  readonly #env: NodeJS.ProcessEnv

  constructor(url: string, env: NodeJS.ProcessEnv) {
    this.#url = url
    this.#env = env
  }

  /** Each with the commit that it stands for, which for an annotated tag is not what it points at. */
  tags(): readonly Tag[] {
    const commits = new Map<string, string>()
    // `^{}` marks what an annotated tag stands for, and comes after the tag itself.
    for (const [, commit = '', name = ''] of this.#git('ls-remote', '--tags', this.#url).matchAll(
      /^([0-9a-f]{40,64})\trefs\/tags\/(.+?)(?:\^\{\})?$/gm,
    ))
      commits.set(name, commit)
    return [...commits].map(([name, commit]) => ({ name, commit }))
  }

  /** All or none. */
  move(...moves: readonly Move[]): void {
    const leases = moves.map(({ tag, from = '' }) => `--force-with-lease=refs/tags/${tag}:${from}`)
    const refs = moves.map(({ tag, to }) => `${to}:refs/tags/${tag}`)
    this.#git('push', '--quiet', '--atomic', ...leases, this.#url, ...refs)
  }

  #git(...args: readonly string[]): string {
    return execFileSync('git', args, { encoding: 'utf8', env: this.#env, stdio: ['ignore', 'pipe', 'inherit'] })
  }
}
