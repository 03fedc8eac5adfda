import fs from 'node:fs'
import path from 'node:path'
import { at, contents, failWith, files, house, OUTSIDE, onPosix, put } from '../support/house.ts'

/** All of a file is written, or nothing. */

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
