import type { CommitStatus, Issue, RepositoryFailure } from '../../src/domain/repository.ts'
import type { IssueChanges, Label, NewIssue, Repository, Told } from '../../src/ports.ts'

export interface MemoryIssue extends Issue {
  readonly title: string
  readonly labels: readonly string[]
  readonly state: 'open' | 'completed' | 'not_planned'
  readonly comments: readonly string[]
}

/** A repository as the port shows it, in memory: for stories of issues and statuses. */
export class MemoryRepository implements Repository {
  readonly issues: MemoryIssue[] = []
  readonly statuses: CommitStatus[] = []
  readonly calls: string[] = []
  /** A failure instead of what the call does. `nth` counts the calls of this kind from 1. */
  trouble: (call: keyof Repository, nth: number) => RepositoryFailure | undefined = () => undefined
  login: string | undefined = 'github-actions[bot]'

  async setStatus(status: CommitStatus): Promise<Told<void>> {
    return this.#do('setStatus', () => void this.statuses.push(status))
  }

  async viewer(): Promise<Told<string>> {
    const { login } = this
    if (login === undefined) return { kind: 'refused', failure: { status: 403, message: 'not for this token' } }
    return this.#do('viewer', () => login)
  }

  async openIssues(label: string): Promise<Told<readonly Issue[]>> {
    return this.#do('openIssues', () =>
      this.issues.filter((issue) => issue.state === 'open' && issue.labels.includes(label)).reverse(),
    )
  }

  async ensureLabel(_: Label): Promise<Told<void>> {
    return this.#do('ensureLabel', () => undefined)
  }

  async createIssue({ title, body, labels }: NewIssue): Promise<Told<Issue>> {
    return this.#do('createIssue', () => this.add({ title, body, labels }))
  }

  async updateIssue(number: number, { title, body, closedAs }: IssueChanges): Promise<Told<void>> {
    return this.#do('updateIssue', () =>
      this.#change(number, {
        ...(title === undefined ? {} : { title }),
        ...(body === undefined ? {} : { body }),
        ...(closedAs === undefined ? {} : { state: closedAs }),
      }),
    )
  }

  async comment(number: number, body: string): Promise<Told<void>> {
    return this.#do('comment', () => {
      const comments = this.issues.find((issue) => issue.number === number)?.comments ?? []
      this.#change(number, { comments: [...comments, body] })
    })
  }

  /** An issue that somebody opens; by default the token's own account. */
  add(issue: Partial<MemoryIssue>): MemoryIssue {
    const number = this.issues.length + 1
    const added: MemoryIssue = {
      number,
      url: `https://github.com/example/app/issues/${number}`,
      title: 'title',
      body: '',
      labels: ['virus-scan'],
      author: { login: this.login ?? '', isBot: this.login?.endsWith('[bot]') === true },
      state: 'open',
      comments: [],
      ...issue,
    }
    this.issues.push(added)
    return added
  }

  #change(number: number, changes: Partial<MemoryIssue>): void {
    const index = this.issues.findIndex((issue) => issue.number === number)
    const issue = this.issues[index]
    if (issue !== undefined) this.issues[index] = { ...issue, ...changes }
  }

  async #do<T>(call: keyof Repository, work: () => T): Promise<Told<T>> {
    this.calls.push(call)
    // As over a network: what another run does may come in between.
    await new Promise(setImmediate)
    const failure = this.trouble(call, this.calls.filter((made) => made === call).length)
    return failure === undefined ? { kind: 'done', value: work() } : { kind: 'refused', failure }
  }
}
