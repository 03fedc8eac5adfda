// The key that may move the tags: it belongs to the environment of releases, and the rules of the repository let nobody
// else do so. It is in a file for as long as git needs it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** As GitHub publishes it (docs.github.com, "GitHub's SSH key fingerprints"). */
const GITHUB = 'github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'

/** Calls `use` with an environment in which git logs in with the key, and with no other. Without a key, as it is. */
export async function withDeployKey<T>(
  environment: NodeJS.ProcessEnv,
  use: (env: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
  const { RELEASE_KEY: key, GITHUB_TOKEN: _, ...env } = environment
  if (key === undefined) return use(env)
  // What a workflow gets for a secret that is not there.
  if (key.trim() === '')
    throw new Error('RELEASE_KEY is empty: the environment has no such secret; see docs/releasing.md')
  const folder = mkdtempSync(path.join(env.RUNNER_TEMP ?? tmpdir(), 'release-'))
  try {
    const [keyFile, hosts] = [path.join(folder, 'key'), path.join(folder, 'known_hosts')]
    writeFileSync(keyFile, `${key.replaceAll('\r\n', '\n').trimEnd()}\n`, { mode: 0o600 })
    writeFileSync(hosts, `${GITHUB}\n`)
    const options = ['IdentitiesOnly=yes', 'BatchMode=yes', 'StrictHostKeyChecking=yes', `UserKnownHostsFile=${hosts}`]
    const ssh = ['ssh', '-F', 'none', '-i', keyFile, ...options.flatMap((option) => ['-o', option])]
    return await use({ ...env, GIT_SSH_COMMAND: ssh.map((word) => `'${word}'`).join(' ') })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
