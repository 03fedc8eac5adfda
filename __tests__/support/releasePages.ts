import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { GitHubRequest } from '../../src/emulator/gitHub.ts'
import { json, problem, TIME, userValue } from '../../src/emulator/gitHubReplies.ts'
import { bodyOf } from '../../src/emulator/incoming.ts'
import { violationOf } from './gitHubApi.ts'

/** A release as GitHub keeps it. */
export interface KeptRelease {
  tag: string
  body: string
  isDraft: boolean
  isPrerelease: boolean
  isImmutable: boolean
  readonly assets: Map<string, string>
}

/** The release pages of example/app on a socket of this machine, held against GitHub's own description of its API. */
export class ReleasePagesServer {
  readonly releases = new Map<number, KeptRelease>()
  readonly requests: string[] = []
  readonly violations: string[] = []
  /** The setting of the repository: what is published can't be changed any more. */
  immutableReleases = true
  /** Called with "PATCH /repos/…" before a request is answered: what it returns is answered instead, with HTTP 500. */
  trouble: (request: string) => boolean = () => false
  latest = ''
  url = ''
  readonly #token: string
  readonly #server = createServer(async (incoming, response) => {
    const { status, text } = await this.#answer(incoming)
    response.writeHead(status, { 'content-type': 'application/json' }).end(text)
  })

  constructor(token: string) {
    this.#token = token
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** A release that is there from the start. */
  published(tag: string, more: Partial<KeptRelease> = {}): void {
    const kept = { tag, body: '', isDraft: false, isPrerelease: false, isImmutable: true, assets: new Map(), ...more }
    this.releases.set(this.releases.size + 1, kept)
    if (!kept.isDraft && !kept.isPrerelease) this.latest = tag
  }

  byTag(tag: string): KeptRelease | undefined {
    return [...this.releases.values()].find((release) => release.tag === tag)
  }

  async #answer(incoming: IncomingMessage) {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', this.url)
    const isUpload = pathname.startsWith('/uploads/')
    const path = pathname.replace(/^\/uploads/, '')
    const [method = '', received] = [incoming.method, await bodyOf(incoming)]
    const text = received.kind === 'whole' ? received.text : ''
    this.requests.push(`${method} ${path}`)
    if (incoming.headers.authorization !== `Bearer ${this.#token}`) return problem(401, 'Bad credentials')
    if (this.trouble(`${method} ${path}`)) return problem(500, 'Server Error')
    const request = {
      method,
      path,
      query: Object.fromEntries(searchParams),
      accept: incoming.headers.accept,
      apiVersion: incoming.headers['x-github-api-version'],
      body: isUpload || text === '' ? undefined : JSON.parse(text),
    } as unknown as GitHubRequest
    const refusal = violationOf(request, undefined)
    const answer = refusal === undefined ? this.#carryOut(request, text) : problem(400, refusal)
    const violation = refusal ?? violationOf(request, answer)
    if (violation !== undefined) this.violations.push(violation)
    return answer
  }

  #carryOut({ method, path, query, body = {} }: GitHubRequest, text: string) {
    const [, what = ''] = /^\/repos\/example\/app\/releases\/?(.*)$/.exec(path) ?? []
    const [id = '', part] = what.split('/')
    const release = this.releases.get(Number(id))
    if (method === 'GET' && what === '') {
      const [size, page] = [Number(query.per_page ?? 30), Number(query.page ?? 1)]
      const newestFirst = [...this.releases.keys()].reverse().slice((page - 1) * size, page * size)
      return json(
        200,
        newestFirst.map((one) => this.#value(one)),
      )
    }
    if (method === 'GET' && what === 'latest') {
      const [latest] = [...this.releases].find(([, { tag }]) => tag === this.latest) ?? []
      return latest === undefined ? problem(404, 'Not Found') : json(200, this.#value(latest))
    }
    if (method === 'POST' && what === '') {
      const next = Math.max(0, ...this.releases.keys()) + 1
      const [isDraft, isPrerelease] = [body.draft === true, body.prerelease === true]
      const kept = { tag: String(body.tag_name), body: String(body.body), isDraft, isPrerelease, isImmutable: false }
      this.releases.set(next, { ...kept, assets: new Map() })
      return json(201, this.#value(next))
    }
    if (release === undefined) return problem(404, 'Not Found')
    if (method === 'DELETE') {
      this.releases.delete(Number(id))
      return { ...json(204, ''), text: '' }
    }
    if (method === 'POST' && part === 'assets') {
      if (release.isImmutable) return problem(422, 'Cannot upload assets to an immutable release.')
      release.assets.set(String(query.name), text)
      return json(201, asset(String(query.name), text))
    }
    if (body.draft === false && release.isDraft)
      Object.assign(release, { isDraft: false, isImmutable: this.immutableReleases })
    if (body.make_latest === 'true') this.latest = release.tag
    return json(200, this.#value(Number(id)))
  }

  #value(id: number): object {
    const { tag, body, isDraft, isPrerelease, isImmutable, assets } = this.releases.get(id) as KeptRelease
    const url = `${this.url}/repos/example/app/releases/${id}`
    const html = `https://github.com/example/app/releases/tag/${tag}`
    const links = { url, assets_url: url, html_url: html, tarball_url: url, zipball_url: url }
    return {
      ...{ ...links, upload_url: `${this.url}/uploads/repos/example/app/releases/${id}/assets{?name,label}` },
      ...{ id, node_id: 'R', tag_name: tag, target_commitish: 'main', name: tag, body, author: userValue('octocat') },
      ...{ draft: isDraft, prerelease: isPrerelease, immutable: isImmutable },
      ...{
        created_at: TIME,
        published_at: isDraft ? null : TIME,
        assets: [...assets].map(([name, text]) => asset(name, text)),
      },
    }
  }
}

function asset(name: string, { length: size }: string): object {
  const url = `https://api.github.com/repos/example/app/releases/assets/1`
  return {
    ...{
      url,
      browser_download_url: url,
      id: 1,
      node_id: 'A',
      name,
      label: null,
      state: 'uploaded',
      size,
      digest: null,
    },
    ...{ content_type: 'application/octet-stream', download_count: 0, created_at: TIME, updated_at: TIME },
    uploader: userValue('octocat'),
  }
}
