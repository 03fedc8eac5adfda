import type { CommitStatus, RepositoryFailure } from '../domain/repository.ts'
import type { Repository, Told } from '../ports.ts'

/**
 * Keeps a commit status up to date. Statuses are sent one after the other, so that the last one said is the last one
 * that GitHub gets; what was overtaken before it was sent is left out.
 */
export class StatusKeeper {
  readonly #repository: Promise<Told<Repository>>
  readonly #about: Pick<CommitStatus, 'sha' | 'context' | 'url'>
  #said = 0
  #sending: Promise<Told<void>> = Promise.resolve({ kind: 'done', value: undefined })

  constructor(repository: Promise<Told<Repository>>, about: Pick<CommitStatus, 'sha' | 'context' | 'url'>) {
    this.#repository = repository
    this.#about = about
  }

  set(text: Pick<CommitStatus, 'state' | 'description'>, stop: AbortSignal): void {
    this.#said += 1
    const turn = this.#said
    this.#sending = this.#sending.then(async (earlier) => {
      const repository = await this.#repository
      if (turn < this.#said) return earlier
      return repository.kind === 'done' ? repository.value.setStatus({ ...this.#about, ...text }, stop) : repository
    })
  }

  /** What became of the last one. */
  async settled(): Promise<RepositoryFailure | undefined> {
    const told = await this.#sending
    return told.kind === 'refused' ? told.failure : undefined
  }
}
