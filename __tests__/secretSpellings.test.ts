import { findSecrets, spellingsOf } from './support/secretSpellings.ts'
import { masksIn, placesOf, type Traces } from './support/traces.ts'

/** A search that finds nothing proves something only if it would have found what there is. */

const SECRET = `LTAI5t"Key\\of~a'(user)*<b>&%2B/+x==0123`
const quiet: Traces = {
  stdout: '::add-mask::something else\nall is well\n',
  stderr: '',
  commandFiles: {},
  files: {},
  leftBehind: {},
  cloud: [],
  github: [],
}
const find = (traces: Partial<Traces>) => findSecrets({ it: SECRET }, placesOf({ ...quiet, ...traces }))

/** Where a text can be planted. */
const PLANTS: Readonly<Record<string, (text: string) => Partial<Traces>>> = {
  stdout: (text) => ({ stdout: `a line\nbefore ${text} after\n` }),
  'a command in stdout': (text) => ({ stdout: `::debug::${text.replaceAll('%', '%25')}\n` }),
  stderr: (text) => ({ stderr: `oops ${text}` }),
  outputs: (text) => ({ commandFiles: { GITHUB_OUTPUT: `reason<<X\n${text}\nX\n` } }),
  state: (text) => ({ commandFiles: { GITHUB_STATE: text } }),
  'the environment of later steps': (text) => ({ commandFiles: { GITHUB_ENV: text } }),
  summary: (text) => ({ commandFiles: { GITHUB_STEP_SUMMARY: `<td>${text}</td>` } }),
  'a file of the workspace': (text) => ({ files: { 'evidence/report.json': `{"reason":"${text}"}` } }),
  'the name of a file': (text) => ({ files: { [text]: '' } }),
  'a file that is left behind': (text) => ({ leftBehind: { 'runner/oidc-token': text } }),
  'a URL of the cloud': (text) => ({ cloud: [{ url: `/?Signature=${text}`, headers: {}, params: {} }] }),
  'a header to the cloud': (text) => ({ cloud: [{ url: '/', headers: { 'x-what': text }, params: {} }] }),
  "GitHub's URL": (text) => ({ github: [{ url: `/repos/a/b/statuses?x=${text}`, headers: {}, text: '' }] }),
  'a header to GitHub': (text) => ({ github: [{ url: '/', headers: { 'user-agent': text }, text: '' }] }),
  'a body to GitHub': (text) => ({ github: [{ url: '/', headers: {}, text: JSON.stringify({ body: [text] }) }] }),
}

test.each(Object.entries(PLANTS))(
  '%s shows a secret in each of its spellings, and is clean without one',
  (_, plant) => {
    const missed = Object.entries(spellingsOf(SECRET)).filter(([, spelling]) => find(plant(spelling)).length === 0)
    expect(missed).toEqual([])
    expect(find(plant('nothing'))).toEqual([])
  },
)

describe('a secret is found', () => {
  const encoded = (before: string, encoding: BufferEncoding) =>
    Buffer.from(`${before}${SECRET}, the end`).toString(encoding)
  const upper = encodeURIComponent(SECRET)

  test.each<[string, string]>([
    ['in base64 of a text', encoded('', 'base64')],
    ['one byte into it', encoded('a', 'base64')],
    ['two bytes into it', encoded('ab', 'base64')],
    ['far into it', encoded('user and then ', 'base64')],
    ['in base64url', encoded('ab', 'base64url')],
    ['in hex', encoded('ab', 'hex')],
    ['in a form', new URLSearchParams({ a: SECRET }).toString()],
    ['in a URL with small letters', upper.replace(/%../g, (digits) => digits.toLowerCase())],
    ['in a string to sign', encodeURIComponent(`AccessKeyId=${upper}&Action=x`)],
    ['in JSON in JSON', JSON.stringify({ a: JSON.stringify({ b: SECRET }) })],
    ['cut at its end', `${SECRET.slice(0, 24)}…`],
    ['cut at its beginning', `…${SECRET.slice(-24)}`],
  ])('%s', (_, text) => {
    expect(find({ stderr: text })).toEqual([expect.stringMatching(/^it in stderr \(/)])
  })
})

test('the command that masks it is no finding; the same line later is one', () => {
  const mask = `::add-mask::${SECRET.replaceAll('%', '%25')}`
  expect(find({ stdout: `${mask}\nall is well\n` })).toEqual([])
  expect(find({ stdout: `all is well ${mask}\n` })).not.toEqual([])
  expect(masksIn(`first\n${mask}\n`)).toEqual([SECRET])
})

test('the token that GitHub gets is none either, where it belongs', () => {
  expect(find({ github: [{ url: '/', headers: { authorization: `token ${SECRET}` }, text: '' }] })).toEqual([])
})

test('what is too short to be looked for is an error', () => {
  expect(() => findSecrets({ it: 'abc' }, { stdout: '' })).toThrow('too short')
})
