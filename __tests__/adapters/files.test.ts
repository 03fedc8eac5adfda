import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Files } from '../../src/adapters/files.ts'
import { sha256 } from '../../src/adapters/smallText.ts'

/** The house has a workspace, a folder for temporary files, and a neighbour that is none of its business. */
let house: string
let files: Files
const at = (...names: string[]) => path.join(house, ...names)

beforeEach(() => {
  house = fs.mkdtempSync(path.join(os.tmpdir(), 'files-'))
  for (const name of ['workspace', 'temp', 'neighbour']) fs.mkdirSync(at(name))
  files = new Files({ workspace: at('workspace'), temp: at('temp') })
})

afterEach(() => {
  jest.restoreAllMocks()
  fs.rmSync(house, { recursive: true, force: true })
})

/** Making a symbolic link takes special rights on Windows. */
const onPosix = process.platform === 'win32' ? test.skip : test

function put(file: string, content: string | Uint8Array = 'text'): void {
  fs.mkdirSync(path.dirname(at(file)), { recursive: true })
  fs.writeFileSync(at(file), content)
}

/** Everything in the house, folders included. */
function contents(): readonly string[] {
  const names = fs.readdirSync(house, { recursive: true, encoding: 'utf8' })
  return names.map((name) => name.replaceAll('\\', '/')).sort()
}

function failWith(code: string): () => never {
  return () => {
    throw Object.assign(new Error(`${code}: ${house}`), { code })
  }
}

const ABSENT =
  'does not exist in the workspace: check the path, and that an earlier step (actions/checkout) has put it there'
const FOLDER = 'is a folder, not a file: add the name of a file'
const NUL_BYTE = 'contains a NUL byte: no file can have that name'
const OUTSIDE = 'lies outside the workspace and RUNNER_TEMP (symbolic links are followed): choose a path inside'
const PROTECTED = 'lies in .git or .github, where nothing is written: choose another folder'
const SYMBOLIC_LINK = 'is a symbolic link: remove it, or choose another path'
const FILE_ON_THE_WAY = 'has a file where a folder should be: choose another path'
const NO_FILE = 'is neither a file nor a folder, but a device, a pipe or a socket: choose another path'
const NOWHERE = 'a folder or symbolic link on the way leads nowhere (ENOENT)'

describe('reading', () => {
  test('a file by its path from the workspace, or by its whole path', () => {
    put('workspace/.github/accepted.yml', 'größer: 1\r\n')
    put('temp/accepted.yml', 'b: 2')
    expect(files.readText('.github/accepted.yml')).toMatchObject({ text: 'größer: 1\r\n' })
    expect(files.readText(at('workspace/.github/accepted.yml'))).toMatchObject({ text: 'größer: 1\r\n' })
    expect(files.readText(at('temp/accepted.yml'))).toMatchObject({ text: 'b: 2' })
  })

  test('its digest is of the bytes, as other tools see them', () => {
    put('workspace/abc.yml', 'abc')
    put('workspace/mark.yml', '\ufeffabc')
    const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    expect(files.readText('abc.yml')).toEqual({ text: 'abc', sha256: digest })
    expect(files.readText('mark.yml')).toEqual({ text: 'abc', sha256: sha256('\ufeffabc') })
    expect(sha256('abc')).toBe(digest)
    expect(sha256('\ufeffabc')).not.toBe(digest)
  })

  test('an empty file', () => {
    put('workspace/empty.yml', '')
    expect(files.readText('empty.yml')).toMatchObject({ text: '' })
  })

  test.each([
    ['nothing', 'absent.yml', ABSENT],
    ['nothing in a folder that is not there', 'absent/a.yml', ABSENT],
    ['nothing below a file', 'file.yml/a.yml', ABSENT],
    ['a folder', 'folder', FOLDER],
    ['the workspace', '.', FOLDER],
    ['a file next door', '../neighbour/a.yml', OUTSIDE],
    ['nothing next door', '../neighbour/absent.yml', OUTSIDE],
    ['a neighbour whose name begins alike', '../workspace-2/a.yml', OUTSIDE],
    ['a NUL byte', 'file.yml\0', NUL_BYTE],
    ['UTF-16', 'utf16.yml', 'is not UTF-8 text: save it as UTF-8'],
    ['a byte too many', 'large.yml', 'is larger than 256 KiB: check that it is the right file'],
  ])('%s', (_, file, problem) => {
    put('workspace/folder/a.yml')
    put('workspace/file.yml')
    put('neighbour/a.yml')
    put('workspace-2/a.yml')
    put('workspace/utf16.yml', Buffer.from('\ufeffa: 1', 'utf16le'))
    put('workspace/large.yml', 'a'.repeat(256 * 1024 + 1))
    expect(files.readText(file)).toEqual({ problem })
  })

  test('the largest file, which counts in bytes', () => {
    put('workspace/large.yml', 'ä'.repeat(128 * 1024))
    expect(files.readText('large.yml')).toMatchObject({ text: 'ä'.repeat(128 * 1024) })
  })

  test('without RUNNER_TEMP only the workspace, and none at all where that is missing', () => {
    put('temp/a.yml')
    expect(new Files({ workspace: at('workspace'), temp: '' }).readText(at('temp/a.yml'))).toEqual({ problem: OUTSIDE })
    expect(new Files({ workspace: at('workspace'), temp: '' }).readText(path.resolve('package.json'))).toEqual({
      problem: OUTSIDE,
    })
    expect(new Files({ workspace: at('absent'), temp: '' }).readText('a.yml')).toEqual({ problem: OUTSIDE })
  })

  onPosix('symbolic links are followed as long as they stay inside', () => {
    put('workspace/real/a.yml')
    put('neighbour/a.yml')
    fs.symlinkSync('real/a.yml', at('workspace/inside.yml'))
    fs.symlinkSync(at('temp'), at('workspace/temp'))
    put('temp/a.yml', 'temporary')
    fs.symlinkSync('../neighbour/a.yml', at('workspace/outside.yml'))
    fs.symlinkSync('../neighbour', at('workspace/outside'))
    expect(files.readText('inside.yml')).toMatchObject({ text: 'text' })
    expect(files.readText('temp/a.yml')).toMatchObject({ text: 'temporary' })
    expect(files.readText('outside.yml')).toEqual({ problem: OUTSIDE })
    expect(files.readText('outside/a.yml')).toEqual({ problem: OUTSIDE })
  })

  onPosix('symbolic links that lead nowhere or in a circle', () => {
    fs.symlinkSync('absent', at('workspace/dangling'))
    fs.symlinkSync('circle', at('workspace/circle'))
    expect(files.readText('dangling')).toEqual({ problem: `cannot be read: ${NOWHERE}` })
    expect(files.readText('circle')).toEqual({
      problem: 'cannot be read: its symbolic links lead in a circle (ELOOP)',
    })
  })

  onPosix('a device is not read: it might never end', () => {
    const devices = new Files({ workspace: '/dev', temp: '' })
    expect(devices.readText('null')).toEqual({ problem: NO_FILE })
  })

  test.each([
    ['EACCES', 'cannot be read: permission denied (EACCES)'],
    ['EISDIR', 'cannot be read: the system refused (EISDIR)'],
  ])('what the system refuses: %s', (code, problem) => {
    put('workspace/a.yml')
    jest.spyOn(fs, 'readFileSync').mockImplementation(failWith(code))
    expect(files.readText('a.yml')).toEqual({ problem })
  })
})

describe('where a file may be written', () => {
  test.each([
    ['new.json'],
    ['absent/folders/new.json'],
    ['folder/old.json'],
    ['./folder/../new.json'],
    ['..new.json'],
    ['.gitignore'],
    ['.github-report/git/github.json'],
    ['git~/x.git'],
  ])('%s', (file) => {
    put('workspace/folder/old.json')
    const before = contents()
    expect(files.refusal(file)).toBeUndefined()
    expect(files.refusal(at('workspace', file))).toBeUndefined()
    expect(files.refusal(at('temp', file))).toBeUndefined()
    expect(contents()).toEqual(before)
  })

  test.each([
    ['an empty path', '', FOLDER],
    ['the workspace', '.', FOLDER],
    ['the workspace in other words', '../workspace', FOLDER],
    ['a folder', 'folder', FOLDER],
    ['a name that only a folder has', 'absent/', FOLDER],
    ['the same with a backslash', 'absent\\', FOLDER],
    ['a folder in itself', 'absent/.', FOLDER],
    ['a folder above', 'absent/..', FOLDER],
    ['next door', '../neighbour/new.json', OUTSIDE],
    ['next door, by way of the workspace', 'folder/../../neighbour/new.json', OUTSIDE],
    ['a folder that is not there next door', '../absent/new.json', OUTSIDE],
    ['a neighbour whose name begins alike', '../workspace-2/new.json', OUTSIDE],
    ['the house', '../new.json', OUTSIDE],
    ['a file as a folder', 'file.json/new.json', FILE_ON_THE_WAY],
    ['a file as a folder far up', 'file.json/a/b/new.json', FILE_ON_THE_WAY],
    ['a NUL byte', 'new.json\0.txt', NUL_BYTE],
  ])('%s is refused', (_, file, problem) => {
    put('workspace/folder/old.json')
    put('workspace/file.json')
    fs.mkdirSync(at('workspace-2'))
    const before = contents()
    expect(files.refusal(file)).toBe(problem)
    expect(files.write(file, 'new')).toBe(problem)
    expect(contents()).toEqual(before)
  })

  test.each([
    '.git',
    '.github',
    '.GIT',
    '.GitHub',
    '.git.',
    '.git ',
    '.github. .',
    '.git::$INDEX_ALLOCATION',
    '.git :x',
    'GIT~1',
    'github~12',
    '.g\u200cit',
    '.github\ufeff',
  ])('nothing in %j', (name) => {
    for (const file of [
      name,
      `${name}/new.json`,
      `a/${name}/b/new.json`,
      `a\\${name}\\new.json`,
      `${name}/../new.json`,
    ]) {
      expect(files.refusal(file)).toBe(PROTECTED)
    }
    expect(files.refusal(at('workspace', name, 'new.json'))).toBe(PROTECTED)
    expect(files.refusal(at('temp', name, 'new.json'))).toBe(PROTECTED)
    expect(files.write(`${name}/new.json`, 'new')).toBe(PROTECTED)
    expect(contents()).toEqual(['neighbour', 'temp', 'workspace'])
  })

  test('what git and GitHub call the folders above the workspace does not matter', () => {
    fs.mkdirSync(at('.github/workspace'), { recursive: true })
    const own = new Files({ workspace: at('.github/workspace'), temp: house })
    expect(own.refusal('new.json')).toBeUndefined()
    expect(own.refusal(at('.github/workspace/new.json'))).toBeUndefined()
    expect(own.refusal('.git/new.json')).toBe(PROTECTED)
    expect(own.refusal(at('.github/new.json'))).toBe(PROTECTED)
  })

  test('a workspace that is not there holds no files', () => {
    const lost = new Files({ workspace: at('absent'), temp: '' })
    expect(lost.refusal('new.json')).toBe(OUTSIDE)
    expect(lost.refusal(at('temp/new.json'))).toBe(OUTSIDE)
  })

  onPosix('a workspace behind a symbolic link, in either spelling', () => {
    fs.symlinkSync('workspace', at('link'))
    const linked = new Files({ workspace: at('link'), temp: '' })
    expect(linked.refusal('new.json')).toBeUndefined()
    expect(linked.refusal(at('link/new.json'))).toBeUndefined()
    expect(linked.refusal(at('workspace/new.json'))).toBeUndefined()
    expect(linked.refusal(at('link/.git/new.json'))).toBe(PROTECTED)
    expect(linked.refusal(at('workspace/.git/new.json'))).toBe(PROTECTED)
  })

  onPosix('no symbolic link leads out, or into what is protected', () => {
    fs.mkdirSync(at('workspace/.git/hooks'), { recursive: true })
    fs.mkdirSync(at('workspace/real'))
    fs.symlinkSync('../neighbour', at('workspace/outside'))
    fs.symlinkSync('.git/hooks', at('workspace/hooks'))
    fs.symlinkSync('absent', at('workspace/dangling'))
    fs.symlinkSync('circle', at('workspace/circle'))
    fs.symlinkSync('real', at('workspace/inside'))
    expect(files.refusal('outside/new.json')).toBe(OUTSIDE)
    expect(files.refusal('outside/absent/new.json')).toBe(OUTSIDE)
    expect(files.refusal('hooks/pre-commit')).toBe(PROTECTED)
    expect(files.refusal('dangling/new.json')).toBe(`cannot be written: ${NOWHERE}`)
    expect(files.refusal('circle/new.json')).toBe('cannot be written: its symbolic links lead in a circle (ELOOP)')
    expect(files.refusal('inside/new.json')).toBeUndefined()
    expect(files.refusal('outside')).toBe(SYMBOLIC_LINK)
  })

  onPosix('what is called .git counts as such, wherever it leads', () => {
    fs.mkdirSync(at('workspace/real'))
    fs.symlinkSync('real', at('workspace/.git'))
    expect(files.refusal('.git/new.json')).toBe(PROTECTED)
    expect(files.refusal(at('workspace/.git/new.json'))).toBe(PROTECTED)
  })

  onPosix('no symbolic link is replaced, wherever it leads', () => {
    put('workspace/real.json')
    fs.symlinkSync('real.json', at('workspace/file'))
    fs.symlinkSync('absent', at('workspace/dangling'))
    fs.symlinkSync('.', at('workspace/folder'))
    for (const name of ['file', 'dangling', 'folder']) {
      expect(files.refusal(name)).toBe(SYMBOLIC_LINK)
      expect(files.write(name, 'new')).toBe(SYMBOLIC_LINK)
      expect(fs.lstatSync(at('workspace', name)).isSymbolicLink()).toBe(true)
    }
  })

  onPosix('no device is replaced', () => {
    expect(new Files({ workspace: '/dev', temp: '' }).refusal('null')).toBe(NO_FILE)
  })

  test('a folder where nobody may write', () => {
    const access = jest.spyOn(fs, 'accessSync').mockImplementation(failWith('EACCES'))
    expect(files.refusal('absent/new.json')).toBe('cannot be written: permission denied (EACCES)')
    // The folder that is there is asked, and by the name that it really has.
    expect(access).toHaveBeenCalledWith(fs.realpathSync.native(at('workspace')), fs.constants.W_OK)
  })

  onPosix('a path that is too long', () => {
    expect(files.refusal(`${'a'.repeat(300)}/${'b'.repeat(5000)}.json`)).toMatch(/^cannot be written: .*\([A-Z]+\)$/)
  })
})

describe('writing', () => {
  test('a new file, its folders, and nothing else', () => {
    expect(files.write('a/b/new.json', 'größer')).toBeUndefined()
    expect(fs.readFileSync(at('workspace/a/b/new.json'), 'utf8')).toBe('größer')
    expect(contents()).toEqual([
      'neighbour',
      'temp',
      'workspace',
      'workspace/a',
      'workspace/a/b',
      'workspace/a/b/new.json',
    ])
  })

  test('by its whole path, also among the temporary files', () => {
    expect(files.write(at('workspace/new.json'), 'one')).toBeUndefined()
    expect(files.write(at('temp/new.json'), 'two')).toBeUndefined()
    expect(fs.readFileSync(at('workspace/new.json'), 'utf8')).toBe('one')
    expect(fs.readFileSync(at('temp/new.json'), 'utf8')).toBe('two')
  })

  test('an old file is replaced, not written over: its other name keeps the old text', () => {
    put('workspace/report.json', 'old and longer')
    fs.linkSync(at('workspace/report.json'), at('neighbour/other.json'))
    expect(files.write('report.json', 'new')).toBeUndefined()
    expect(fs.readFileSync(at('workspace/report.json'), 'utf8')).toBe('new')
    expect(fs.readFileSync(at('neighbour/other.json'), 'utf8')).toBe('old and longer')
  })

  test('a name of the greatest length', () => {
    const name = `${'a'.repeat(250)}.json`
    expect(files.write(name, 'new')).toBeUndefined()
    expect(fs.readFileSync(at('workspace', name), 'utf8')).toBe('new')
  })

  test.each([
    ['writeFileSync', 'ENOSPC', 'the disk is full'],
    ['writeFileSync', 'EDQUOT', 'the disk quota is used up'],
    ['writeFileSync', 'EIO', 'the disk reports an error'],
    ['renameSync', 'EPERM', 'permission denied'],
    ['renameSync', 'EBUSY', 'it is in use'],
    ['mkdirSync', 'EROFS', 'the file system is read-only'],
    ['mkdirSync', 'EEXIST', 'the system refused'],
  ] as const)('when %s fails with %s, the old file stays and nothing is left behind', (call, code, reason) => {
    put('workspace/report.json', 'old')
    const before = contents()
    const write = fs.writeFileSync
    jest.spyOn(fs, call).mockImplementation((...args: unknown[]) => {
      // A disk that gets full has taken a part.
      if (call === 'writeFileSync') write(args[0] as string, 'ne')
      return failWith(code)()
    })
    expect(files.write('report.json', 'new')).toBe(`cannot be written: ${reason} (${code})`)
    jest.restoreAllMocks()
    expect(contents()).toEqual(before)
    expect(fs.readFileSync(at('workspace/report.json'), 'utf8')).toBe('old')
  })

  test('the draft stands beside the file, is new, and its failed tidying hides nothing', () => {
    const write = jest.spyOn(fs, 'writeFileSync').mockImplementation(failWith('ENOSPC'))
    jest.spyOn(fs, 'rmSync').mockImplementationOnce(failWith('EIO'))
    expect(files.write('new.json', 'new')).toBe('cannot be written: the disk is full (ENOSPC)')
    const [draft, , options] = write.mock.calls[0] ?? []
    expect(path.dirname(String(draft))).toBe(fs.realpathSync.native(at('workspace')))
    expect(options).toEqual({ flag: 'wx' })
  })

  test('an error without a code', () => {
    jest.spyOn(fs, 'renameSync').mockImplementation(() => {
      throw new Error(`something about ${house}`)
    })
    expect(files.write('new.json', 'new')).toBe('cannot be written: the system refused (unknown error)')
  })

  onPosix('a folder that was exchanged for a symbolic link meanwhile', () => {
    const make = fs.mkdirSync
    jest.spyOn(fs, 'mkdirSync').mockImplementation((folder) => {
      make(at('workspace/a'))
      fs.symlinkSync(at('neighbour'), folder)
      return undefined
    })
    expect(files.write('a/b/new.json', 'new')).toBe(OUTSIDE)
    expect(fs.readdirSync(at('neighbour'))).toEqual([])
  })
})

test('paths are taken from the current folder where there is no workspace', () => {
  const here = new Files({ workspace: '', temp: '' })
  expect(here.readText('package.json')).toMatchObject({ text: fs.readFileSync('package.json', 'utf8') })
})

test('two spellings of one file are the same, two files are not', () => {
  expect(files.isSame('a/../b.yml', './b.yml')).toBe(true)
  expect(files.isSame(at('workspace', 'b.yml'), 'b.yml')).toBe(true)
  expect(files.isSame('a.yml', 'b.yml')).toBe(false)
})
