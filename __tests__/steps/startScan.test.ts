import { provesNoStart } from '../../src/steps/startScan.ts'
import { failure } from '../support/builders.ts'

/** Only a failure that proves that nothing was started may be followed by another start. */

test.each([
  ['the cloud was throttled, by its own word', failure('throttled', { code: 'Throttling.User' })],
  ['nobody listened', failure('network', { code: 'ECONNREFUSED' })],
  ['the login before it failed', failure('server', { code: 'ServiceUnavailable', isUnsent: true })],
  ['the session had ended', failure('session-ended', { code: 'InvalidSecurityToken.Expired' })],
  ['the proxy gave no tunnel', failure('network', { code: 'ProxyRefused', isUnconnected: true })],
  ['the proxy hung up', failure('network', { code: 'ECONNRESET', isUnconnected: true })],
])('proof: %s', (_, problem) => {
  expect(provesNoStart(problem)).toBe(true)
})

test.each([
  ['the connection was cut', failure('network', { code: 'ECONNRESET' })],
  ['no reply came in time', failure('timeout', { code: 'RequestTimeout' })],
  ['the cloud was unwell', failure('server', { code: 'ServerError' })],
  ['a throttling is only guessed', failure('throttled', { code: 'InvalidResponse' })],
  ['the reply had no id', failure('missing-fields', { code: 'InvalidResponse' })],
])('no proof: %s', (_, problem) => {
  expect(provesNoStart(problem)).toBe(false)
})
