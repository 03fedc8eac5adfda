import fs from 'node:fs'
import path from 'node:path'
import { Files } from '../../src/adapters/files.ts'
import { sha256 } from '../../src/adapters/smallText.ts'
import {
  ABSENT,
  at,
  FOLDER,
  failWith,
  files,
  NO_FILE,
  NOWHERE,
  NUL_BYTE,
  OUTSIDE,
  onPosix,
  put,
} from '../support/house.ts'

/** What is read from the workspace, and what is not. */

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

test('paths are taken from the current folder where there is no workspace', () => {
  const here = new Files({ workspace: '', temp: '' })
  expect(here.readText('package.json')).toMatchObject({ text: fs.readFileSync('package.json', 'utf8') })
})

test('two spellings of one file are the same, two files are not', () => {
  expect(files.isSame('a/../b.yml', './b.yml')).toBe(true)
  expect(files.isSame(at('workspace', 'b.yml'), 'b.yml')).toBe(true)
  expect(files.isSame('a.yml', 'b.yml')).toBe(false)
})
