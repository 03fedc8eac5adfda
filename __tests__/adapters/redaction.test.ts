import { redact } from '../../src/adapters/redaction.ts'
import { stringToSign } from '../../src/emulator/signature.ts'

const secrets = ['LTAI-id', 'se/cr+et=', 'token&with=signs']

test.each([
  ['a secret as it is', 'key se/cr+et= is bad', 'key *** is bad'],
  ['percent-encoded', 'key se%2Fcr%2Bet%3D is bad', 'key *** is bad'],
  ['percent-encoded twice', 'key se%252Fcr%252Bet%253D is bad', 'key *** is bad'],
  ['several', 'LTAI-id, LTAI-id and se/cr+et=', '***, *** and ***'],
  ['a parameter that proves a secret', 'https://x/?Signature=abc%3D&Action=y', 'https://x/?Signature=***&Action=y'],
  ['harmless text', 'caller has no permission', 'caller has no permission'],
])('%s', (_, text, redacted) => {
  expect(redact(text, secrets)).toBe(redacted)
})

test("the cloud's echo of what was signed goes as a whole", () => {
  const echo = stringToSign('POST', { AccessKeyId: 'LTAI-id', SecurityToken: 'token&with=signs', Action: 'A' })
  expect(redact(`not matched. server string to sign is:${echo} end`, secrets)).toBe(
    'not matched. server string to sign is:*** end',
  )
})

test('an empty token takes nothing away', () => {
  expect(redact('text', [''])).toBe('text')
})
