// A release, step by step, and the way back. Run by .github/workflows/release.yml and rollback.yml; docs/releasing.md tells it.
//   node .ci/release.ts check VERSION            whether this commit may be released as VERSION; says what would be done
//   node .ci/release.ts publish VERSION FILE…    tag, release with these files, and, last, the major tag
//   node .ci/release.ts rollback VERSION         moves the major tag back to VERSION, which was released before
// Each can be run again after it ended half-way: it goes on where it stopped.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { withDeployKey } from './release/deployKey.ts'
import { Remote } from './release/git.ts'
import { ReleasePages } from './release/pages.ts'
import { type Planned, planRelease, planRollback, type ReleasePlan } from './release/plan.ts'

const { env } = process
const say = (line: string) => process.stdout.write(`${line}\n`)

try {
  await main(process.argv.slice(2))
} catch (error) {
  say(`FAILED  ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}

async function main([command, version = '', ...files]: readonly string[]): Promise<void> {
  const commands: Readonly<Record<string, (remote: Remote) => void | Promise<void>>> = {
    check: (remote) => announce(planOf(version, remote)),
    publish: (remote) => publish(version, files, remote),
    rollback: (remote) => rollback(version, remote),
  }
  const run = commands[command ?? '']
  if (run === undefined) throw new Error(`there is no "${command ?? ''}": one of ${Object.keys(commands).join(', ')}`)
  // The clone itself has all tags where the workflow fetched them, and needs no login to be asked.
  await withDeployKey(env, async (gitEnv) => run(new Remote(env.RELEASE_REMOTE ?? '.', gitEnv)))
}

function planOf(version: string, remote: Remote): ReleasePlan {
  const read = (file: string) => readFileSync(file, 'utf8')
  const lock = JSON.parse(read('package-lock.json'))
  return planned(
    planRelease({
      version,
      ref: required('GITHUB_REF'),
      commit: required('GITHUB_SHA'),
      packageVersion: JSON.parse(read('package.json')).version,
      lockVersions: [lock.version, lock.packages[''].version],
      changelog: read('CHANGELOG.md'),
      tags: remote.tags(),
      today: new Date().toISOString().slice(0, 10),
    }),
  )
}

function announce({ tag, commit, isPrerelease, isLatest, major, notes }: ReleasePlan): void {
  const kind = isPrerelease ? ', a prerelease' : isLatest ? ', the latest' : ''
  say(`ok      ${tag} is to be ${commit}${kind}`)
  say(major === undefined ? '        no major tag moves' : `        ${major.tag} moves from ${major.from ?? 'nowhere'}`)
  say(`\n${notes}`)
}

async function publish(version: string, files: readonly string[], remote: Remote): Promise<void> {
  if (files.length === 0) throw new Error('there are no files to publish')
  const plan = planOf(version, remote)
  const { tag, commit } = plan
  if (remote.tags().some(({ name }) => name === tag)) say(`ok      ${tag} is at ${commit} already`)
  else {
    remote.move({ tag, from: undefined, to: commit })
    say(`ok      ${tag} is at ${commit}`)
  }
  await publishPage(plan, files)
  // Somebody may have moved it meanwhile, or taken this release back.
  const { major } = planOf(version, remote)
  if (major === undefined) say('ok      no major tag moves')
  else if (major.from === commit) say(`ok      ${major.tag} is at ${commit} already`)
  else {
    remote.move({ ...major, to: commit })
    say(`ok      ${major.tag} moved from ${major.from ?? 'nowhere'} to ${commit}`)
  }
}

/** A draft gets its files first: nothing can be added once it is published. */
async function publishPage(plan: ReleasePlan, files: readonly string[]): Promise<void> {
  const pages = releasePages()
  const { tag } = plan
  let release = await pages.find(tag)
  if (release?.draft === true) {
    await pages.remove(release)
    say(`ok      removed a draft of ${tag} that an earlier try left`)
    release = undefined
  }
  if (release === undefined) {
    const draft = await pages.draft({ ...plan, notes: withPin(plan) })
    for (const file of files) await pages.attach(draft, file)
    release = await pages.publish(draft, plan.isLatest)
    say(`ok      published ${release.html_url}`)
  } else say(`ok      ${release.html_url} is published already`)
  const attached = release.assets.map(({ name }) => name)
  const missing = files.map((file) => path.basename(file)).filter((name) => !attached.includes(name))
  if (missing.length > 0)
    throw new Error(`${tag} is published without ${missing.join(', ')}: leave it, and release the next version`)
  if (release.immutable !== true)
    throw new Error(
      `${tag} is published, but can still be changed: switch on immutable releases in the settings of the repository, ` +
        'delete the release on its page (the tag stays), and run this again. The major tag has not moved',
    )
}

function withPin({ tag, commit, notes }: ReleasePlan): string {
  const repository = required('GITHUB_REPOSITORY')
  const page = `${env.GITHUB_SERVER_URL ?? 'https://github.com'}/${repository}/blob/${tag}/docs/verify.md`
  return `${notes}\n\n### Pin\n\n\`\`\`yaml\nuses: ${repository}@${commit} # ${tag}\n\`\`\`\n\n[How to verify it](${page})\n`
}

async function rollback(version: string, remote: Remote): Promise<void> {
  const pages = releasePages()
  const release = await pages.find(`v${version}`)
  const plan = planned(planRollback(version, remote.tags()))
  if (release === undefined || release.draft || release.prerelease || release.immutable !== true)
    throw new Error(`v${version} has no published release that nobody can change: the major tag stays where it is`)
  if (plan === undefined) return say(`ok      the major tag is at v${version} already`)
  const { major, from, withdrawn, to } = plan
  remote.move({ ...withdrawn, to: from.commit }, { tag: major, from: from.commit, to: to.commit })
  say(
    `ok      ${major} moved back from ${from.name} to ${to.name}; ${withdrawn.tag} says that ${from.name} was taken back`,
  )
  if ((await pages.latestTag()) !== from.name) return
  await pages.makeLatest(release)
  say(`ok      ${to.name} is shown as the latest release`)
}

function releasePages(): ReleasePages {
  const api = env.GITHUB_API_URL ?? 'https://api.github.com'
  return new ReleasePages(api, required('GITHUB_REPOSITORY'), required('GITHUB_TOKEN'))
}

function planned<T>(outcome: Planned<T>): T {
  if ('plan' in outcome) return outcome.plan
  throw new Error(outcome.problems.join('\nFAILED  '))
}

function required(name: string): string {
  const value = env[name]
  if (value === undefined || value === '') throw new Error(`${name} is not set`)
  return value
}
