import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A throw-away repository with a remote of its own, and `.ci/release.ts` run in it as the workflow runs it. */

const SCRIPT = path.resolve(__dirname, '../../.ci/release.ts')
/** Git must not read what the machine or its user has set. */
const GIT_ENV = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.com',
}

export interface Ran {
  readonly status: number | null
  readonly log: string
}

export class ReleaseRepository {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'release-'))
  readonly clone = path.join(this.folder, 'clone')
  readonly remote = path.join(this.folder, 'remote.git')
  readonly temp = path.join(this.folder, 'temp')

  constructor() {
    mkdirSync(this.clone)
    mkdirSync(this.temp)
    this.git('init', '--quiet', '--bare', '--initial-branch=main', this.remote)
    this.git('init', '--quiet', '--initial-branch=main')
  }

  git(...args: readonly string[]): string {
    return execFileSync('git', args, { cwd: this.clone, encoding: 'utf8', env: { ...process.env, ...GIT_ENV } }).trim()
  }

  /** A commit with this version in all its files, on the remote's main. */
  commit(
    version: string,
    changelog = `# Changelog\n\n## ${version} - 2026-01-02\n\n- What is in ${version}.\n`,
  ): string {
    const files = {
      'package.json': JSON.stringify({ version }),
      'package-lock.json': JSON.stringify({ version, packages: { '': { version } } }),
      'CHANGELOG.md': changelog,
    }
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(this.clone, name), text)
    this.git('add', '.')
    this.git('commit', '--quiet', '--allow-empty', '-m', version)
    this.git('push', '--quiet', this.remote, 'HEAD:refs/heads/main')
    return this.git('rev-parse', 'HEAD')
  }

  /** The remote's tags, each with its commit. */
  tags(): Readonly<Record<string, string>> {
    const lines = this.git('ls-remote', '--tags', this.remote).split('\n').filter(Boolean)
    return Object.fromEntries(lines.map((line) => line.split('\trefs/tags/').reverse()))
  }

  /** Somebody else's push. */
  setTags(tags: Readonly<Record<string, string>>): void {
    const refs = Object.entries(tags).map(([tag, commit]) => `${commit}:refs/tags/${tag}`)
    this.git('push', '--quiet', '--force', this.remote, ...refs)
  }

  /** What the remote does before it takes a push: the way in which GitHub's rules refuse one. */
  refusePushesTo(pattern: string): void {
    const hook = path.join(this.remote, 'hooks', 'update')
    mkdirSync(path.dirname(hook), { recursive: true })
    writeFileSync(hook, `#!/bin/sh\ncase "$1" in ${pattern}) echo "protected" >&2; exit 1;; esac\n`)
    chmodSync(hook, 0o755)
  }

  takeAllPushes(): void {
    rmSync(path.join(this.remote, 'hooks', 'update'))
  }

  /**
   * Puts an `ssh` before all others that writes down how it was called and serves the remote here. At the moment of a push
   * somebody else may move a tag first.
   */
  fakeSsh(moveFirst: readonly [tag: string, commit: string] | readonly [] = []): {
    readonly path: string
    readonly calls: () => string
  } {
    const bin = path.join(this.folder, 'bin')
    const [calls, ssh] = [path.join(this.folder, 'ssh-calls'), path.join(bin, 'ssh')]
    mkdirSync(bin)
    const keyFile = '$(printf "%s\\n" "$@" | grep -A1 -x -e -i | tail -n 1)'
    const lines = [
      '#!/bin/sh',
      `key=${keyFile}`,
      `{ echo "$@"; ls -l "$key" | cut -c1-10; cat "$key"; env | grep -c TOKEN; } >>'${calls}'`,
      'for last; do :; done',
      ...(moveFirst.length === 0
        ? []
        : [
            `case "$last" in git-receive-pack*) git -C '${this.remote}' update-ref refs/tags/${moveFirst.join(' ')};; esac`,
          ]),
      `eval "\${last%% *} '${this.remote}'"`,
    ]
    writeFileSync(ssh, `${lines.join('\n')}\n`, { mode: 0o755 })
    return { path: `${bin}${path.delimiter}${process.env.PATH}`, calls: () => readFileSync(calls, 'utf8') }
  }

  /** Not as a child that is waited for at once: the pages that it asks for are served by this process. */
  async run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
    const child = spawn(process.execPath, [SCRIPT, ...args], {
      cwd: this.clone,
      env: {
        ...{ PATH: process.env.PATH, ...GIT_ENV, RUNNER_TEMP: this.temp, RELEASE_REMOTE: this.remote },
        ...{
          GITHUB_REPOSITORY: 'example/app',
          GITHUB_REF: 'refs/heads/main',
          GITHUB_SHA: this.git('rev-parse', 'HEAD'),
        },
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let log = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        log += chunk
      })
    }
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve))
    return { status, log }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}
