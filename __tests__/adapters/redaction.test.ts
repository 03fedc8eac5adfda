import { redactionOf } from '../../src/adapters/redaction.ts'
import { stringToSign } from '../../src/emulator/signature.ts'

const secrets = ['LTAI-id', 'se/cr+et=', 'token&with=signs']

test.each([
  ['a secret as it is', 'key se/cr+et= is bad', 'key *** is bad'],
  ['percent-encoded', 'key se%2Fcr%2Bet%3D is bad', 'key *** is bad'],
  ['percent-encoded twice', 'key se%252Fcr%252Bet%253D is bad', 'key *** is bad'],
  ['percent-encoded with small letters', 'key se%2fcr%2bet%3d is bad', 'key *** is bad'],
  ['encoded as some do and others do not', 'key %73e/cr%2Bet= is bad', 'key *** is bad'],
  ['in base64', `key ${Buffer.from('token&with=signs').toString('base64')} is bad`, 'key *** is bad'],
  ['in base64url', `key ${Buffer.from('token&with=signs').toString('base64url')} is bad`, 'key *** is bad'],
  ['a web token, whoever has it', 'The Jwt eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln_-0 is bad', 'The Jwt *** is bad'],
  ['the beginning of one', 'The Jwt eyJhbGciOiJSUzI1NiJ9.eyJzdW... is bad', 'The Jwt *** is bad'],
  ['several', 'LTAI-id, LTAI-id and se/cr+et=', '***, *** and ***'],
  ['a parameter that proves a secret', 'https://x/?Signature=abc%3D&Action=y', 'https://x/?Signature=***&Action=y'],
  ['harmless text', 'caller has no permission', 'caller has no permission'],
])('%s', (_, text, redacted) => {
  expect(redactionOf(secrets)(text)).toBe(redacted)
})

test("the cloud's echo of what was signed goes as a whole", () => {
  const echo = stringToSign('POST', { AccessKeyId: 'LTAI-id', SecurityToken: 'token&with=signs', Action: 'A' })
  expect(redactionOf(secrets)(`not matched. server string to sign is:${echo} end`)).toBe(
    'not matched. server string to sign is:*** end',
  )
})

test('a secret with backslashes and quotation marks goes from JSON, and from JSON in JSON', () => {
  const secret = 'a\\b"c'
  const json = JSON.stringify({ key: secret })
  expect(redactionOf([secret])(json)).toBe('{"key":"***"}')
  expect(redactionOf([secret])(JSON.stringify(json))).not.toContain('b\\')
})

test('an empty token takes nothing away', () => {
  expect(redactionOf([''])('text')).toBe('text')
})
