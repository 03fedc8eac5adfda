import { emptyReply, hang, raw } from '../../src/emulator/answers.ts'
import { type Claims, tokenIn } from '../../src/emulator/jwt.ts'
import { startTokenService, type TokenService, type TokenServiceState } from '../../src/emulator/tokenService.ts'

/** GitHub's token service, as a step of a job with `id-token: write` sees it. */

const NOW = Date.parse('2026-11-24T12:00:00.700Z')
const services: TokenService[] = []
afterEach(async () => {
  for (const service of services.splice(0)) await service.close()
})

async function started(state: TokenServiceState = {}) {
  const service = await startTokenService(state, () => NOW)
  services.push(service)
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = service.env
  const ask = (more = '&audience=sts.aliyuncs.com', init: RequestInit = {}) =>
    fetch(url + more, { headers: { authorization: `Bearer ${token}` }, ...init })
  const tokenAsked = async (more?: string): Promise<string> => JSON.parse(await (await ask(more)).text()).value
  const claims = async (more?: string) => tokenIn(await tokenAsked(more))?.claims
  return { service, url, ask, claims }
}

test('a token says which run of which workflow asks, and is signed', async () => {
  const { service, ask } = await started()
  const reply = await ask()
  const { value, ...rest } = JSON.parse(await reply.text())
  expect([reply.status, rest]).toEqual([200, {}])
  const token = tokenIn(value)
  expect([token?.algorithm, token?.isSignedBy(service.publicKey)]).toEqual(['RS256', true])
  expect(token?.claims).toMatchObject({
    iss: 'https://token.actions.githubusercontent.com',
    aud: 'sts.aliyuncs.com',
    sub: 'repo:example/app:environment:production',
    iat: Math.floor(NOW / 1000),
    nbf: Math.floor(NOW / 1000),
    exp: Math.floor(NOW / 1000) + 300,
    repository: 'example/app',
    ref: 'refs/heads/main',
    run_id: '1234567890',
  })
  expect(service.exchanges).toEqual([{ audience: 'sts.aliyuncs.com', answer: '200' }])
  expect(service.given).toEqual([value])
  expect(tokenIn(`${value}.more`)).toBeUndefined()
})

test('each token is another, and each service has a key of its own', async () => {
  const [one, other] = [await started(), await started()]
  const ids = [await one.claims(), await one.claims()].map((claims) => claims?.jti)
  expect(new Set(ids).size).toBe(2)
  await other.ask()
  expect(tokenIn(other.service.given[0] ?? '')?.isSignedBy(one.service.publicKey)).toBe(false)
})

test('the audience is decoded; without one the token is for the owner of the repository', async () => {
  const { service, claims } = await started()
  expect((await claims('&audience=https%3A%2F%2Fa.example%2Fb%20c'))?.aud).toBe('https://a.example/b c')
  expect((await claims(''))?.aud).toBe('https://github.com/example')
  expect(service.exchanges.map(({ audience }) => audience)).toEqual(['https://a.example/b c', undefined])
})

test('subject, life and claims are as the story has them', async () => {
  const { claims } = await started({ subject: 'repo:a/b:pull_request', lifeMs: -60_000, claims: { ref: 'x' } })
  const told = await claims()
  expect(told).toMatchObject({ sub: 'repo:a/b:pull_request', ref: 'x', exp: Math.floor(NOW / 1000) - 60 })
})

test.each([
  { what: 'another bearer', more: '', init: { headers: { authorization: 'Bearer other' } }, status: 401 },
  { what: 'no bearer', more: '', init: { headers: {} }, status: 401 },
  { what: 'a POST', more: '', init: { method: 'POST' }, status: 404 },
])('$what is refused: $status', async ({ more, init, status }) => {
  const { service, ask } = await started()
  expect((await ask(more, init)).status).toBe(status)
  expect([service.given, service.exchanges]).toEqual([[], [{ answer: String(status) }]])
})

test('another path and a URL without its version are refused', async () => {
  const { service, url } = await started()
  const headers = { authorization: `Bearer ${service.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN}` }
  const statusAt = async (address: string) => (await fetch(address, { headers })).status
  expect(await statusAt(url.replace('idtoken', 'other'))).toBe(404)
  expect(await statusAt(url.replace(/\?.*/, '?audience=a'))).toBe(400)
})

test('trouble comes call by call, then all is well', async () => {
  const trouble = [raw(500, '{"message":"no"}'), emptyReply(503), raw(200, '{}')]
  const { service, ask } = await started({ trouble })
  const replies = [await ask(), await ask(), await ask(), await ask()]
  expect(replies.map(({ status }) => status)).toEqual([500, 503, 200, 200])
  expect([await replies[0]?.json(), await replies[1]?.text(), await replies[2]?.json()]).toEqual([
    { message: 'no' },
    '',
    {},
  ])
  expect(service.given).toHaveLength(1)
})

test('it can hang, and is closed all the same', async () => {
  const { service, ask } = await started({ trouble: { first: [], rest: hang() } })
  const reply = ask().then(
    () => 'answered',
    () => 'cut off',
  )
  while (service.exchanges.length === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(service.exchanges).toEqual([{ audience: 'sts.aliyuncs.com', answer: '200 before-headers' }])
  await services.pop()?.close()
  expect(await reply).toBe('cut off')
})

test('jobs with request tokens of their own are told apart, those too that come later', async () => {
  const jobs: Record<string, Claims> = {}
  const { ask, claims } = await started({ claims: { ref: 'x' }, jobs })
  const asked = (token: string) => ask('&audience=a', { headers: { authorization: `Bearer ${token}` } })
  expect((await asked('of-job')).status).toBe(401)
  jobs['of-job'] = { sub: 'repo:example/app:pull_request' }
  const token = tokenIn(JSON.parse(await (await asked('of-job')).text()).value)
  expect(token?.claims).toMatchObject({ sub: 'repo:example/app:pull_request', ref: 'x', aud: 'a' })
  expect((await claims())?.sub).toBe('repo:example/app:environment:production')
  expect((await asked('constructor')).status).toBe(401)
})
