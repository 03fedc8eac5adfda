import { endpointOfRegion, isRegionId, readEndpoint } from '../../src/domain/endpoint.ts'

test.each([
  ['cn-shanghai', 'tds.cn-shanghai.aliyuncs.com', 'China'],
  ['cn-hongkong', 'tds.cn-shanghai.aliyuncs.com', 'China'],
  ['cn-shanghai-finance-1', 'tds.cn-shanghai.aliyuncs.com', 'China'],
  ['ap-southeast-1', 'tds.ap-southeast-1.aliyuncs.com', 'global'],
  ['us-east-1', 'tds.ap-southeast-1.aliyuncs.com', 'global'],
  ['me-central-1', 'tds.ap-southeast-1.aliyuncs.com', 'global'],
])('region %s is served by %s, the %s site', (region, host, site) => {
  expect(endpointOfRegion(region)).toEqual({ url: `https://${host}`, host, site })
})

test.each(['cn-shanghai', 'ap-southeast-1', 'cn-north-2-gov-1', 'cn-heyuan-acdr-1', 'cn-wuhan-lr'])(
  '%s is a region id',
  (text) => {
    expect(isRegionId(text)).toBe(true)
  },
)
test.each([
  'shanghai',
  '',
  'CN-shanghai',
  'cn_shanghai',
  'cn-',
  '-shanghai',
  'cn-shanghai ',
  'cn-shanghai\n',
  'chn-shanghai',
  'cn-上海',
  `cn-${'a'.repeat(90)}`,
])('%j is none', (text) => {
  expect(isRegionId(text)).toBe(false)
})

describe('an endpoint for real calls', () => {
  test.each([
    ['tds.ap-southeast-1.aliyuncs.com', 'https://tds.ap-southeast-1.aliyuncs.com', 'global'],
    ['TDS.ap-southeast-1.AliyunCS.com', 'https://tds.ap-southeast-1.aliyuncs.com', 'global'],
    ['https://tds.cn-shanghai.aliyuncs.com', 'https://tds.cn-shanghai.aliyuncs.com', 'China'],
    ['https://tds.cn-shanghai.aliyuncs.com/', 'https://tds.cn-shanghai.aliyuncs.com', 'China'],
    ['HTTPS://tds-intl.vpc-proxy.aliyuncs.com', 'https://tds-intl.vpc-proxy.aliyuncs.com', 'global'],
    ['tds.vpc-proxy.aliyuncs.com:443', 'https://tds.vpc-proxy.aliyuncs.com:443', 'China'],
    ['tds.aliyuncs.com', 'https://tds.aliyuncs.com', 'China'],
  ])('%s is %s, the %s site', (text, url, site) => {
    expect(readEndpoint(text, 'cn-shanghai', false)).toMatchObject({ endpoint: { url, site } })
  })

  test('a host that no page names belongs to the site of the region', () => {
    expect(readEndpoint('tds.aliyuncs.com', 'us-east-1', false)).toMatchObject({ endpoint: { site: 'global' } })
  })

  test.each([
    ['http://tds.cn-shanghai.aliyuncs.com', /plain http/],
    ['tds.cn-shanghai.aliyuncs.com.evil.example', /outside \.aliyuncs\.com/],
    ['tds.aliyuncs.com.evil.example', /outside \.aliyuncs\.com/],
    ['evil.example', /outside \.aliyuncs\.com/],
    ['evil-aliyuncs.com', /outside \.aliyuncs\.com/],
    ['aliyuncs.com', /outside \.aliyuncs\.com/],
    ['.aliyuncs.com', /outside \.aliyuncs\.com/],
    ['a..aliyuncs.com', /outside \.aliyuncs\.com/],
    ['-tds.aliyuncs.com', /outside \.aliyuncs\.com/],
    ['tds.aliyuncs.com.', /outside \.aliyuncs\.com/],
    ['127.0.0.1.evil.example', /outside \.aliyuncs\.com/],
    ['https://user:password@tds.aliyuncs.com', /not an endpoint/],
    ['https://evil.example@tds.aliyuncs.com', /not an endpoint/],
    ['https://tds.aliyuncs.com@evil.example', /not an endpoint/],
    ['https://tds.aliyuncs.com/path', /not an endpoint/],
    ['https://tds.aliyuncs.com?query', /not an endpoint/],
    ['https://tds.aliyuncs.com/?query=1', /not an endpoint/],
    ['https://tds.aliyuncs.com#fragment', /not an endpoint/],
    ['https://evil.example\\.aliyuncs.com', /not an endpoint/],
    ['https://evil.example/.aliyuncs.com', /not an endpoint/],
    ['https://evil.example%2f.aliyuncs.com', /not an endpoint/],
    ['https://evil。aliyuncs.com', /not an endpoint/],
    ['https:/tds.aliyuncs.com', /not an endpoint/],
    ['ftp://tds.aliyuncs.com', /not an endpoint/],
    ['tds.aliyuncs.com\nevil.example', /not an endpoint/],
    ['tds.aliyuncs.com evil.example', /not an endpoint/],
    ['tds.aliyuncs.com:0', /port/],
    ['tds.aliyuncs.com:65536', /port/],
    ['127.0.0.1:8080', /needs rehearsal: true/],
    ['http://localhost:8080', /needs rehearsal: true/],
    ['[::1]', /needs rehearsal: true/],
  ])('%s is refused', (text, why) => {
    expect(readEndpoint(text, 'cn-shanghai', false)).toEqual({ problem: expect.stringMatching(why) })
  })
})

describe('an endpoint for a rehearsal', () => {
  test.each([
    ['127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://127.9.8.7', 'http://127.9.8.7'],
    ['https://localhost:8443/', 'https://localhost:8443'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('%s is %s', (text, url) => {
    expect(readEndpoint(text, 'cn-shanghai', true)).toMatchObject({ endpoint: { url, site: 'rehearsal' } })
  })
  test.each([
    'tds.cn-shanghai.aliyuncs.com',
    '127.0.0.1.evil.example',
    '127.0.0.1.aliyuncs.com',
    '128.0.0.1',
    '127.0.0.256',
    '127.0.1',
    '127.0.0.01',
    '0.0.0.0',
    'localhost.evil.example',
    '[::2]',
    'http://user@127.0.0.1',
  ])('%s is refused', (text) => {
    expect(readEndpoint(text, 'cn-shanghai', true)).toEqual({ problem: expect.stringContaining('loopback') })
  })
})
