import { isSignedWith, sign, stringToSign } from '../../src/emulator/signature.ts'

/** The example of the signature's own documentation. */
const documented = {
  AccessKeyId: 'testid',
  Action: 'DescribeRegions',
  Format: 'XML',
  SignatureMethod: 'HMAC-SHA1',
  SignatureNonce: '3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf',
  SignatureVersion: '1.0',
  Timestamp: '2016-02-23T12:46:24Z',
  Version: '2014-05-26',
}

test('the documented vector', () => {
  expect(sign('GET', documented, 'testsecret')).toBe('OLeaidS1JvxuMvnyHOwuJ+uX5qY=')
  expect(sign('POST', documented, 'testsecret')).toBe('MxbnVAM4w6sft9xjVpe/GCKueuk=')
})

test('a signature is good for its secret, its method and its parameters only', () => {
  const signed = { ...documented, Signature: 'MxbnVAM4w6sft9xjVpe/GCKueuk=' }
  expect(isSignedWith('POST', signed, 'testsecret')).toBe(true)
  expect(isSignedWith('POST', signed, 'testsecreT')).toBe(false)
  expect(isSignedWith('GET', signed, 'testsecret')).toBe(false)
  expect(isSignedWith('POST', { ...signed, Version: '2018-12-03' }, 'testsecret')).toBe(false)
  expect(isSignedWith('POST', documented, 'testsecret')).toBe(false)
})

test('everything but unreserved characters is encoded, in UTF-8, and names are sorted by bytes', () => {
  expect(stringToSign('POST', { b: "~-_. *!'()/", B: 'ü+数', Signature: 'x' })).toBe(
    'POST&%2F&B%3D%25C3%25BC%252B%25E6%2595%25B0%26b%3D~-_.%2520%252A%2521%2527%2528%2529%252F',
  )
})
