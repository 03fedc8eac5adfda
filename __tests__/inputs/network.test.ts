import { areProxiesGood, isProxy, proxySecrets, readProxies } from '../../src/inputs/network.ts'

function problemsOf(env: Readonly<Record<string, string>>): readonly string[] {
  const problems: string[] = []
  readProxies(
    (name) => env[name]?.trim() ?? '',
    (name, value, rest) => problems.push(`${name}${value === undefined ? '' : `: ${value}`} ${rest}`),
  )
  return problems
}

describe('what names a proxy', () => {
  test.each([
    'http://proxy.example:3128',
    'https://proxy.example',
    'HTTP://PROXY.example:3128/',
    'proxy.example:3128',
    '10.0.0.1:3128',
    'http://[::1]:3128',
    'http://user:pass@proxy.example:3128',
    'user:pass@proxy.example:3128',
    'http://us%2Fer:p%40ss%25@proxy.example:3128',
    'http://user:p@ss@proxy.example:3128',
    ' http://proxy.example:3128 ',
  ])('%s', (text) => {
    expect(isProxy(text)).toBe(true)
    expect(problemsOf({ HTTPS_PROXY: text })).toEqual([])
  })

  test.each([
    'socks5://proxy.example:1080',
    'ftp://proxy.example',
    'http://',
    'http://proxy.example:port',
    'http://pro xy:3128',
    'http://pro\nxy:3128',
    'http://[::1:3128',
  ])('not %j, which is shown with what is allowed', (text) => {
    expect(problemsOf({ HTTPS_PROXY: text })).toEqual([
      `HTTPS_PROXY: ${text} is not a proxy that can be used: allowed is a URL with http:// or https://, such as http://proxy.example:3128`,
    ])
  })

  test.each([
    'socks5://user:secret@proxy.example:1080',
    'http://user:sec/ret@proxy.example:3128',
    // Read as the host "user" at port 12 by a URL parser.
    'http://user:12/secret@proxy.example:3128',
    'http://user:12#secret@proxy.example:3128',
    'http://user:secret%zz@proxy.example:3128',
  ])('not %s, which is not shown', (text) => {
    const [problem = '', ...more] = problemsOf({ HTTPS_PROXY: text })
    expect(problem).toMatch(/^HTTPS_PROXY is not a proxy .*http:\/\/proxy\.example:3128, .* \/ %2F/)
    expect(problem).not.toMatch(/secret|sec\/ret/)
    expect(more).toEqual([])
  })
})

describe('only what would be used is refused', () => {
  const bad = 'socks5://proxy.example:1080'
  const good = 'http://proxy.example:3128'

  test.each([
    [{}, []],
    [{ ALL_PROXY: bad }, ['ALL_PROXY']],
    [{ all_proxy: bad, ALL_PROXY: good }, ['all_proxy']],
    [{ all_proxy: ' ', ALL_PROXY: bad }, ['ALL_PROXY']],
    [{ HTTPS_PROXY: good, ALL_PROXY: bad }, []],
    [{ https_proxy: good, HTTPS_PROXY: bad }, []],
    [{ https_proxy: bad, HTTPS_PROXY: good }, ['https_proxy']],
    [{ https_proxy: '', HTTPS_PROXY: bad }, ['HTTPS_PROXY']],
    [{ HTTPS_PROXY: good, HTTP_PROXY: bad }, ['HTTP_PROXY']],
    [{ HTTPS_PROXY: bad, http_proxy: bad }, ['HTTPS_PROXY', 'http_proxy']],
  ])('%j', (env, names) => {
    expect(problemsOf(env).map((problem) => problem.split(':')[0])).toEqual(names)
  })
})

describe('what is masked', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64')

  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['nothing without a proxy', {}, []],
    ['nothing without a password', { HTTPS_PROXY: 'http://proxy.example:3128' }, []],
    ['nothing of a user alone', { HTTPS_PROXY: 'http://user:@a', ALL_PROXY: 'http://user@b' }, []],
    ['a plain password', { HTTPS_PROXY: 'http://user:secret@a' }, ['secret', base64('user:secret')]],
    [
      'a password as written and as meant',
      { https_proxy: 'http://us%40er:p%40ss%25@a' },
      ['p%40ss%25', 'p@ss%', base64('us@er:p@ss%')],
    ],
    ['one that a URL parser writes anew', { http_proxy: 'http://u:p@ss@a' }, ['p@ss', 'p%40ss', base64('u:p@ss')]],
    ['letters outside of ASCII', { HTTP_PROXY: 'http://u:pässe@a' }, ['pässe', 'p%C3%A4sse', base64('u:pässe')]],
    ['without a scheme', { ALL_PROXY: 'user:secret@a:1' }, ['secret', base64('user:secret')]],
    [
      'in a URL that is refused',
      { all_proxy: 'socks5://u:se/cret@a', HTTPS_PROXY: 'http://u:x%zz@a' },
      ['x%zz', base64('u:x%zz'), 'se/cret', base64('u:se/cret')],
    ],
    ['each once', { HTTPS_PROXY: 'http://u:abc@a', https_proxy: 'http://u:abc@a' }, ['abc', base64('u:abc')]],
    ['of a very short one only what is sent', { HTTPS_PROXY: 'http://u:xy@a' }, [base64('u:xy')]],
  ])('%s', (_, env, secrets) => {
    expect(proxySecrets(env)).toEqual(secrets)
  })
})

test.each([
  [{}, true],
  [{ HTTPS_PROXY: ' http://proxy.example:3128 ' }, true],
  [{ HTTPS_PROXY: 'socks5://proxy.example:1080' }, false],
  [{ HTTPS_PROXY: 'http://proxy.example:3128', http_proxy: 'no proxy' }, false],
])('before all inputs are read, the proxies of %j are good: %s', (env, isGood) => {
  expect(areProxiesGood(env)).toBe(isGood)
})
