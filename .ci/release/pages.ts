// The release pages of a repository on GitHub, by its REST API. Only Node's own modules: the job that may write here
// installs no package.
import { readFileSync } from 'node:fs'
import path from 'node:path'

export interface Release {
  readonly id: number
  readonly tag_name: string
  readonly draft: boolean
  readonly prerelease: boolean
  readonly immutable?: boolean
  readonly upload_url: string
  readonly html_url: string
  readonly assets: readonly { readonly name: string }[]
}

export interface Draft {
  readonly tag: string
  readonly commit: string
  readonly notes: string
  readonly isPrerelease: boolean
}

/** A release with many assets takes a while; nothing here takes longer. */
const LIMIT_MS = 120_000
const PAGE = 100

export class ReleasePages {
  readonly #repository: string
  readonly #token: string

  /** `https://api.github.com`, `owner/name` */
  constructor(api: string, repository: string, token: string) {
    this.#repository = `${api}/repos/${repository}`
    this.#token = token
  }

  /** Drafts included, which only the list has. */
  async find(tag: string): Promise<Release | undefined> {
    for (let page = 1; ; page++) {
      const releases = (await this.#ask('GET', `releases?per_page=${PAGE}&page=${page}`)) as readonly Release[]
      const found = releases.find(({ tag_name: name }) => name === tag)
      if (found !== undefined || releases.length < PAGE) return found
    }
  }

  async latestTag(): Promise<string> {
    return ((await this.#ask('GET', 'releases/latest')) as Release).tag_name
  }

  async draft({ tag, commit, notes, isPrerelease }: Draft): Promise<Release> {
    const body = {
      tag_name: tag,
      target_commitish: commit,
      name: tag,
      body: notes,
      draft: true,
      prerelease: isPrerelease,
    }
    return (await this.#ask('POST', 'releases', body)) as Release
  }

  async remove({ id }: Release): Promise<void> {
    await this.#ask('DELETE', `releases/${id}`)
  }

  async attach({ upload_url: template }: Release, file: string): Promise<void> {
    const url = `${template.replace(/\{.*\}$/, '')}?name=${encodeURIComponent(path.basename(file))}`
    await this.#send('POST', url, 'application/octet-stream', readFileSync(file))
  }

  async publish({ id }: Release, isLatest: boolean): Promise<Release> {
    return (await this.#ask('PATCH', `releases/${id}`, { draft: false, make_latest: String(isLatest) })) as Release
  }

  async makeLatest({ id }: Release): Promise<void> {
    await this.#ask('PATCH', `releases/${id}`, { make_latest: 'true' })
  }

  #ask(method: string, place: string, body?: object): Promise<unknown> {
    const json = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
    return this.#send(method, `${this.#repository}/${place}`, 'application/json', json)
  }

  async #send(method: string, url: string, type: string, body?: Buffer): Promise<unknown> {
    const response = await fetch(url, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${this.#token}`,
        'x-github-api-version': '2022-11-28',
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
      // The token goes where it was sent and nowhere else.
      redirect: 'error',
      signal: AbortSignal.timeout(LIMIT_MS),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${url}: HTTP ${response.status} ${text.slice(0, 300)}`)
    return text === '' ? undefined : JSON.parse(text)
  }
}
