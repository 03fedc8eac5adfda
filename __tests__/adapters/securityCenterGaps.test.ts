import * as answers from '../../src/emulator/answers.ts'
import {
  type CallName,
  callOf,
  GOOD,
  hears,
  LISTS,
  LONG,
  NAMES,
  PAGED,
  REQUEST_ID,
  ROW,
  rowsEverywhere,
} from '../support/centerCalls.ts'

/** Replies that lack something: no answer, and never an empty list. */

describe('a reply that lacks something is no answer, and the message names it', () => {
  const lacks = (name: CallName, what: string) => ({
    kind: 'failure',
    failure: {
      cause: 'missing-fields',
      code: 'InvalidResponse',
      message: `the reply has ${what}`,
      requestId: REQUEST_ID,
      retryAfterMs: 0,
      action: callOf(name).action,
    },
  })

  test.each(NAMES)('%s: nothing is wrong with the reply that is spoilt here', async (name) => {
    expect(await hears(name, answers.success(GOOD))).toMatchObject({ kind: 'answer' })
  })

  test.each(NAMES)('%s: an empty object', async (name) => {
    const answer = await hears(name, answers.success({}))
    const list = LISTS.find((listing) => listing.name === name)?.list
    expect(answer).toEqual(lacks(name, list === undefined ? 'no ScanTaskId' : `no array ${list}`))
  })

  test.each([
    ['no', undefined],
    ['null', null],
    ['zero', 0],
    ['a negative', -1],
    ['a fractional', 1.5],
    ['a too long', answers.verbatim('9223372036854775808')],
    ['a 25-digit', answers.verbatim('1'.repeat(25))],
    ['an exponential', 1e21],
    ['an empty', ''],
    ['a hexadecimal', 'fc98d58e0000000000000000000000aa'],
    ['a padded', ' 282832'],
    ['a leading-zero', '0282832'],
    ['a boolean', true],
    ['a listed', [282_832]],
    ['a wrapped', { id: 282_832 }],
    ['a disguised', { toFixed: '282832' }],
  ])('%s ScanTaskId', async (_, ScanTaskId) => {
    const answer = await hears('startScan', answers.success({ ...GOOD, ScanTaskId }))
    expect(answer).toEqual(lacks('startScan', 'no ScanTaskId'))
  })

  describe.each(LISTS)('$name', ({ name, list, ids }) => {
    test.each([
      ['missing', undefined],
      ['null', null],
      ['an empty object', {}],
      ['an object like an array', { 0: ROW, length: 1 }],
      ['an array in a text', JSON.stringify([ROW])],
      ['a number', 0],
      ['false', false],
      ['a long number', answers.verbatim(LONG)],
    ])('the list is %s', async (_, value) => {
      const answer = await hears(name, answers.success({ ...GOOD, [list]: value }))
      expect(answer).toEqual(lacks(name, `no array ${list}`))
    })

    test.each<{ what: string; row: unknown }>([
      { what: 'null', row: null },
      { what: 'a text', row: 'u-1' },
      { what: 'a number', row: 7 },
      { what: 'a long number', row: answers.verbatim(LONG) },
      { what: 'a list', row: [ROW] },
      { what: 'empty', row: {} },
      ...ids.flatMap((field) =>
        [undefined, null, '', {}, [], ['u-1'], true, { toFixed: '7' }, { toString: 'u-1' }].map((value) => ({
          what: `without ${field}: ${JSON.stringify(value)}`,
          row: { ...ROW, [field]: value },
        })),
      ),
    ])('a row is $what', async ({ row }) => {
      for (const rows of [[row], [ROW, row], [row, ROW]]) {
        const answer = await hears(name, answers.success({ ...GOOD, [list]: rows }))
        expect(answer).toEqual(lacks(name, `a row in ${list} without its id`))
      }
    })
  })

  describe.each(PAGED)('$name', ({ name }) => {
    test.each([
      ['no PageInfo', undefined],
      ['PageInfo null', null],
      ['PageInfo a number', 1],
      ['PageInfo a text', '{"TotalCount":1}'],
      ['PageInfo a list', [{ TotalCount: 1 }]],
      ['no TotalCount', { Count: 1, CurrentPage: 1, PageSize: 100 }],
      ['a token instead of TotalCount', { Count: 1, NextToken: 'Mg' }],
      ['null', { TotalCount: null }],
      ['a text', { TotalCount: '1' }],
      ['an empty text', { TotalCount: '' }],
      ['true', { TotalCount: true }],
      ['a list', { TotalCount: [1] }],
      ['negative', { TotalCount: -1 }],
      ['fractional', { TotalCount: 1.5 }],
      ['2 ** 53', { TotalCount: 2 ** 53 }],
      ['a 19-digit', { TotalCount: answers.verbatim(LONG) }],
      ['1e21', { TotalCount: 1e21 }],
    ])('the total is %s', async (_, PageInfo) => {
      expect(await hears(name, answers.success({ ...GOOD, PageInfo }))).toEqual(lacks(name, 'no TotalCount'))
    })

    test('a total elsewhere counts for nothing', async () => {
      const answer = await hears(name, answers.success({ ...GOOD, PageInfo: undefined, TotalCount: 1 }))
      expect(answer).toEqual(lacks(name, 'no TotalCount'))
    })

    test.each([0, 1, 999_999_999_999_999])('a total of %d is one', async (total) => {
      const answer = await hears(name, answers.success({ ...GOOD, PageInfo: { TotalCount: total } }))
      expect(answer).toMatchObject({ kind: 'answer', value: { total } })
    })

    test('nothing at all is an answer too', async () => {
      const answer = await hears(name, answers.success({ ...rowsEverywhere(), PageInfo: { TotalCount: 0 } }))
      expect(answer).toMatchObject({ kind: 'answer', value: { rows: [], total: 0 } })
    })
  })
})
