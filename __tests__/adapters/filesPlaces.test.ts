import fs from 'node:fs'
import { Files } from '../../src/adapters/files.ts'
import {
  at,
  contents,
  FILE_ON_THE_WAY,
  FOLDER,
  failWith,
  files,
  house,
  NO_FILE,
  NOWHERE,
  NUL_BYTE,
  OUTSIDE,
  onPosix,
  PROTECTED,
  put,
  SYMBOLIC_LINK,
} from '../support/house.ts'

/** Where a file may be written. */

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
