import fc from 'fast-check'
import { hostileText } from './hostileText.ts'

/** Texts that may be taken for an endpoint. */

const HOSTS = [
  'tds.cn-shanghai.aliyuncs.com',
  'aliyuncs.com',
  'x.aliyuncs.com',
  'evil.example',
  '127.0.0.1',
  'localhost',
  '[::1]',
  '0x7f.1',
  '127.1',
  '2130706433',
  '0177.0.0.1',
  '[::ffff:127.0.0.1]',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  '127.0.0.256',
  '127.0.0.01',
  '１２７.0.0.1',
  'xn--aliyuncs-abc.com',
  'аliyuncs.com',
  'aliyuncs。com',
  'aliyuncs．com',
  'aliyuncs%2ecom',
  'aliyuncs.com.evil.example',
  'evilaliyuncs.com',
  '169.254.169.254',
  '[fe80::1%25eth0]',
]
const GLUE = [
  '',
  '.',
  '..',
  '@',
  ':',
  '/',
  '//',
  '\\',
  '#',
  '?',
  '%2f',
  '%40',
  '%00',
  ' ',
  '\t',
  '\n',
  '\0',
  ':443',
  ':0',
  ':65536',
  ':@',
  '。',
  '\u200b',
  '\u00ad',
  '-',
  '_',
  '*',
  '[',
  ']',
  ',',
  ';',
  '&',
  '|',
]
const SCHEMES = [
  '',
  'https://',
  'http://',
  'HTTPS://',
  'https:/',
  'https:\\\\',
  '//',
  'ftp://',
  'file://',
  'https://https://',
  'javascript:',
  ' https://',
]

export const endpointText = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...SCHEMES),
        fc.array(fc.oneof(fc.constantFrom(...HOSTS), fc.constantFrom(...GLUE)), { minLength: 1, maxLength: 5 }),
      )
      .map(([scheme, parts]) => `${scheme}${parts.join('')}`),
  },
  // One host with one character more, anywhere.
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...SCHEMES),
        fc.constantFrom(...HOSTS),
        fc.oneof(fc.constantFrom(...GLUE), fc.string({ unit: 'binary', maxLength: 1 })),
        fc.nat(40),
      )
      .map(([scheme, host, one, at]) => `${scheme}${host.slice(0, at)}${one}${host.slice(at)}`),
  },
  { weight: 1, arbitrary: fc.webUrl() },
  { weight: 1, arbitrary: hostileText },
)
