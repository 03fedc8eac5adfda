// The rules of releases: which version may be released from where and with which notes, and which tags may move.
// Pure: what the repository has comes in as values, and every problem is told at once.
import { isDay, isEmpty, readChangelog } from './changelog.ts'
import { compareVersions, isPrerelease, parseVersion, type Version } from './version.ts'

export interface Tag {
  readonly name: string
  readonly commit: string
}

/** What is wrong; or what to do. */
export type Planned<T> = { readonly problems: readonly string[] } | { readonly plan: T }

export interface ReleaseFacts {
  readonly version: string
  /** `refs/heads/main` */
  readonly ref: string
  readonly commit: string
  readonly packageVersion: string
  readonly lockVersions: readonly string[]
  readonly changelog: string
  /** Of the repository as it is now, not of a clone. */
  readonly tags: readonly Tag[]
  /** 2026-11-24, in UTC. */
  readonly today: string
}

export interface ReleasePlan {
  readonly tag: string
  readonly commit: string
  readonly notes: string
  readonly isPrerelease: boolean
  /** Whether the repository's page shows it as the latest. */
  readonly isLatest: boolean
  /** The major tag that moves to it, last of all, with the commit where it is now; none where it stays. */
  readonly major: { readonly tag: string; readonly from: string | undefined } | undefined
}

export function planRelease(facts: ReleaseFacts): Planned<ReleasePlan> {
  const version = parseVersion(facts.version)
  if (version === undefined)
    return { problems: [`"${facts.version}" is no version: write it as 1.2.3 or 1.2.3-rc.1, without v in front`] }
  const section = sectionProblems(version, facts)
  const problems = [
    ...branchProblems(version, facts.ref),
    ...fileProblems(version, facts),
    ...section,
    ...tagProblems(version, facts),
  ]
  if (problems.length > 0) return { problems }
  const notes = readChangelog(facts.changelog).find(({ name }) => name === version.text)?.text ?? ''
  const tag = tagOf(version)
  const stable = releasedVersions(facts.tags).filter((one) => !isPrerelease(one))
  const isWithdrawn = facts.tags.some(({ name }) => name === withdrawnTagOf(version))
  const leads = (others: readonly Version[]) =>
    !isPrerelease(version) && !isWithdrawn && others.every((other) => compareVersions(other, version) <= 0)
  const major = majorTagOf(version)
  return {
    plan: {
      tag,
      commit: facts.commit,
      notes,
      isPrerelease: isPrerelease(version),
      isLatest: leads(stable),
      major: leads(stable.filter((other) => other.major === version.major))
        ? { tag: major, from: commitOf(facts.tags, major) }
        : undefined,
    },
  }
}

export interface RollbackPlan {
  readonly major: string
  /** The release that is taken back. */
  readonly from: Tag
  /** The tag that says so, and where it is now: somebody may have moved the major tag to what was taken back before. */
  readonly withdrawn: { readonly tag: string; readonly from: string | undefined }
  readonly to: Tag
}

/** Back to an earlier release of the same major; `undefined` where the major tag is there already. */
export function planRollback(text: string, tags: readonly Tag[]): Planned<RollbackPlan | undefined> {
  const version = parseVersion(text)
  if (version === undefined) return { problems: [`"${text}" is no version: write it as 1.2.3, without v in front`] }
  const to = tagOf(version)
  const toCommit = commitOf(tags, to)
  const major = majorTagOf(version)
  const fromCommit = commitOf(tags, major)
  const problems = [
    ...(isPrerelease(version) ? [`${text} is a prerelease, and ${major} never leads to one`] : []),
    ...(toCommit === undefined ? [`there is no tag ${to}: name a version that was released`] : []),
    ...(tags.some(({ name }) => name === withdrawnTagOf(version)) ? [`${text} was itself withdrawn`] : []),
    ...(fromCommit === undefined ? [`there is no tag ${major} that could be moved back`] : []),
  ]
  if (problems.length > 0 || toCommit === undefined || fromCommit === undefined) return { problems }
  if (fromCommit === toCommit) return { plan: undefined }
  // One commit may carry more than one version; the highest is the one that was released last.
  const from = releasedVersions(tags)
    .filter((one) => one.major === version.major && commitOf(tags, tagOf(one)) === fromCommit)
    .at(-1)
  if (from === undefined)
    return {
      problems: [`${major} is at ${fromCommit}, which is no release: find out who moved it before anything else`],
    }
  if (compareVersions(from, version) < 0)
    return { problems: [`${text} is later than ${from.text}, where ${major} is: this only goes back`] }
  return {
    plan: {
      major,
      from: { name: tagOf(from), commit: fromCommit },
      withdrawn: { tag: withdrawnTagOf(from), from: commitOf(tags, withdrawnTagOf(from)) },
      to: { name: to, commit: toCommit },
    },
  }
}

const tagOf = ({ text }: Version) => `v${text}`
const majorTagOf = ({ major }: Version) => `v${major}`
/** Says for good that a release was taken back, so that a second try of its workflow does not move the major tag again. */
const withdrawnTagOf = ({ text }: Version) => `withdrawn-v${text}`
const commitOf = (tags: readonly Tag[], wanted: string) => tags.find(({ name }) => name === wanted)?.commit

/** In their order. */
function releasedVersions(tags: readonly Tag[]): readonly Version[] {
  return tags
    .flatMap(({ name }) => (name.startsWith('v') ? (parseVersion(name.slice(1)) ?? []) : []))
    .sort(compareVersions)
}

function branchProblems({ text, major }: Version, ref: string): readonly string[] {
  if (ref === 'refs/heads/main' || ref === `refs/heads/release/v${major}`) return []
  return [`${ref} is no branch for ${text}: releases come from main, those of an older major from release/v${major}`]
}

function fileProblems({ text }: Version, { packageVersion, lockVersions }: ReleaseFacts): readonly string[] {
  const inPackage = packageVersion === text ? [] : [`package.json says ${packageVersion}, not ${text}`]
  const inLock = lockVersions.every((one) => one === packageVersion)
    ? []
    : [
        `package-lock.json says ${lockVersions.join(' and ')} where package.json says ${packageVersion}: run npm install`,
      ]
  return [...inPackage, ...inLock]
}

function sectionProblems({ text }: Version, { changelog, today }: ReleaseFacts): readonly string[] {
  const sections = readChangelog(changelog)
  const own = sections.filter(({ name }) => name === text)
  const [section] = own
  const unreleased = sections.find(({ name }) => /^unreleased$/i.test(name))
  const left =
    unreleased === undefined || isEmpty(unreleased)
      ? []
      : [`CHANGELOG.md has entries under Unreleased, which would be released without being told: move them to ${text}`]
  if (section === undefined) return [`CHANGELOG.md has no section "## ${text} - ${today}"`, ...left]
  return [
    ...(own.length > 1 ? [`CHANGELOG.md has ${own.length} sections for ${text}`] : []),
    ...(isEmpty(section) ? [`CHANGELOG.md says nothing about ${text}`] : []),
    ...dayProblems(text, section.date, today),
    ...left,
  ]
}

function dayProblems(version: string, date: string | undefined, today: string): readonly string[] {
  if (date === undefined || !isDay(date))
    return [`CHANGELOG.md dates ${version} "${date ?? ''}": write "## ${version} - ${today}"`]
  return date > today ? [`CHANGELOG.md dates ${version} ${date}, and today is ${today} (UTC)`] : []
}

function tagProblems(version: Version, { tags, commit, ref }: ReleaseFacts): readonly string[] {
  const tag = tagOf(version)
  const existing = commitOf(tags, tag)
  // A release that was begun here goes on here, whatever has been released meanwhile.
  if (existing === commit) return []
  if (existing !== undefined)
    return [`${tag} exists at ${existing}, and this is ${commit}: a version is released once, take the next one`]
  const isOwnLine = (other: Version) => ref === 'refs/heads/main' || other.major === version.major
  const last = releasedVersions(tags).filter(isOwnLine).at(-1)
  return last !== undefined && compareVersions(last, version) > 0
    ? [`${version.text} is below ${last.text}, which is released: versions only go up`]
    : []
}
