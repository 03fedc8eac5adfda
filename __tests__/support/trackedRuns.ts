import { createHash } from 'node:crypto'
import { type IssueKind, type Marker, markerIn, markerLine, type Tracked } from '../../src/domain/tracking.ts'
import { trackIssues } from '../../src/steps/trackIssues.ts'
import { MemoryRepository } from './memoryRepository.ts'

/** Runs that keep tracking issues in a repository in memory, each a day after the one before it. */

const label = { name: 'virus-scan', color: 'd93f0b', description: '' }
export const texts = {
  title: (kind: IssueKind) => kind,
  body: (marker: Marker) => `${markerLine(marker)}\n\nwords`,
  news: (kind: IssueKind) => `news of ${kind}`,
  closing: (kind: IssueKind) => `end of ${kind}`,
  duplicate: (of: number) => `duplicate of ${of}`,
}
export const identity = '1'.repeat(32)
const digest = (text: string) => createHash('sha256').update(text).digest('hex')

export const silent: Tracked = {
  findings: [],
  troubles: [],
  hasAlerts: false,
  wereAlertsRead: false,
  isPassed: false,
  isComplete: false,
}
export const passed: Tracked = { ...silent, isPassed: true, isComplete: true, wereAlertsRead: true }
export const passedUnread: Tracked = { ...passed, wereAlertsRead: false }
export const alerts = (...findings: string[]): Tracked => ({
  ...silent,
  findings: findings.map((one) => `alert ${one}`),
  hasAlerts: true,
  wereAlertsRead: true,
  isComplete: true,
})
export const gap: Tracked = { ...silent, findings: ['gap'], isComplete: true, wereAlertsRead: true }
export const gapUnread: Tracked = { ...gap, wereAlertsRead: false }
export const trouble = (what = 'timed-out'): Tracked => ({ ...silent, troubles: [what] })

let day = 0
export const track = (repository: MemoryRepository, tracked: Tracked, more: object = {}) => {
  const now = new Date(Date.UTC(2026, 10, ++day, 2, 17)).toISOString()
  const stop = new AbortController().signal
  return trackIssues(tracked, { repository, identity, texts, label, now, digest, stop, ...more })
}
beforeEach(() => {
  day = 0
})

/** What people see: the issues, and what was said in them. */
export const seenIn = ({ issues }: MemoryRepository) =>
  issues.map(({ title, state, comments }) => [title, state, ...comments])
export const markers = ({ issues }: MemoryRepository) => issues.map(({ body }) => markerIn(body))

export async function story(...runs: readonly Tracked[]) {
  const repository = new MemoryRepository()
  for (const run of runs) expect(await track(repository, run)).not.toHaveProperty('failure')
  return repository
}
