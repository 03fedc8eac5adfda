import fc from 'fast-check'
import { parse } from 'json-bigint'
import type { RpcResult } from '../../src/adapters/rpcReply.ts'
import { SecurityCenter } from '../../src/adapters/securityCenter.ts'
import type { Observation } from '../../src/domain/scan.ts'
import type { Answer } from '../../src/ports.ts'
import { id } from '../support/builders.ts'
import { cases, figure } from '../support/proof.ts'
import { treeOf } from './fuzz/jsonTree.ts'
import * as replies from './fuzz/replies.ts'
import { field, isPoisoned, type Json, textIn, written } from './fuzz/replies.ts'

/**
 * What the adapter makes of any reply. It is read twice: by the adapter, through the parser that pop-core uses, and here
 * from the tree that the reply was made of.
 */

const never = new AbortController().signal
const ID = id('282832')

let tried = 0
afterAll(() => figure('fuzzed replies', 'replies read', tried))

/** Undefined where the parser refuses the text, which is a failed call. */
function bodyOf(reply: Json): object | undefined {
  try {
    const body: unknown = parse(written(reply))
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? body : undefined
  } catch {
    return undefined
  }
}

function ask<T>(reply: Json, call: (center: SecurityCenter) => Promise<T>): Promise<T> | undefined {
  tried += 1
  const body = bodyOf(reply)
  if (body === undefined) return undefined
  const result: RpcResult = { kind: 'reply', body: body as Record<string, unknown>, requestId: 'R-1' }
  return call(new SecurityCenter({ call: async () => result, callFresh: async () => result }))
}

const MISSING = {
  kind: 'failure',
  failure: expect.objectContaining({ cause: 'missing-fields', code: 'InvalidResponse', requestId: 'R-1' }),
}

const SPELLINGS = new Map(['init', 'Processing', 'Success', 'Failed'].map((state) => [state.toLowerCase(), state]))

const isFalse = (json: Json | undefined) => json?.kind === 'word' && json.word === 'false'

/** A text that is no blank: an id, or nothing. */
const idIn = (json: Json | undefined) => textIn(json) || undefined

describe('a look', () => {
  /** `text` is the tree that a string holds, where it holds one. */
  function meantTargets(info: Json | undefined): unknown {
    const value = info?.kind === 'text' ? treeOf(info.text) : info
    if (value?.kind !== 'list' || isPoisoned(value)) return { kind: 'unreadable' }
    const targets = value.items.map((item) => ({
      type: field(item, 'type'),
      name: textIn(field(item, 'name')) ?? '',
      target: idIn(field(item, 'target')),
    }))
    const isGood = targets.every(
      ({ type, target }) => type?.kind === 'text' && type.text !== '' && target !== undefined,
    )
    return isGood
      ? { kind: 'read', targets: targets.map(({ type, name, target }) => ({ type: textIn(type), name, target })) }
      : { kind: 'unreadable' }
  }

  test('shows a state where the reply says exactly that, and targets where all of them can be read', async () => {
    await fc.assert(
      fc.asyncProperty(replies.progress, async (reply) => {
        const seen = await ask(reply, (center) => center.describeScanTaskProgress(ID, never))
        if (isPoisoned(reply)) return expect(seen).toBeUndefined()
        const progress = field(reply, 'ScanTaskProgress')
        if (progress?.kind !== 'text' || progress.text === '' || isFalse(field(reply, 'Success')))
          return expect(seen).toEqual(MISSING)
        const targetInfo = meantTargets(field(reply, 'TargetInfo'))
        // Of ASCII letters only: no other letter is another case of one of these.
        const state = SPELLINGS.get(progress.text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()))
        expect(seen).toEqual(
          state === undefined
            ? { kind: 'unknown-state', raw: progress.text, targetInfo, requestId: 'R-1' }
            : { kind: 'state', state, targetInfo, requestId: 'R-1' },
        )
      }),
      cases(3_000),
    )
  })

  test('of any JSON at all is no good look', async () => {
    await fc.assert(
      fc.asyncProperty(replies.anyJson, async (reply) => {
        const seen = (await ask(reply, (center) => center.describeScanTaskProgress(ID, never))) as
          | Observation
          | undefined
        if (field(reply, 'ScanTaskProgress') === undefined) expect(seen ?? MISSING).toEqual(MISSING)
      }),
      cases(1_200),
    )
  })
})

/** How a list is read: whole, or not at all. */
interface List {
  readonly name: string
  readonly replies: fc.Arbitrary<Json>
  readonly field: string
  readonly isPaged: boolean
  readonly ask: (center: SecurityCenter) => Promise<Answer<unknown>>
  /** A row, undefined where it lacks what it must have. */
  readonly row: (row: Json) => object | undefined
}

const textOf = (row: Json, key: string) => textIn(field(row, key)) ?? ''
const withId = (row: Json, key: string, rest: object): object | undefined =>
  idIn(field(row, key)) === undefined ? undefined : rest
const serverIn = (row: Json) => ({
  uuid: textOf(row, 'Uuid'),
  name: textOf(row, 'InstanceName'),
  instanceId: textOf(row, 'InstanceId'),
  groupId: textOf(row, 'GroupId'),
  clientStatus: textOf(row, 'ClientStatus'),
})

const LISTS: readonly List[] = [
  {
    name: 'alerts',
    replies: replies.alerts,
    field: 'Data',
    isPaged: true,
    ask: (center) => center.listAlerts('u-1', 1, never),
    row: (row) =>
      withId(row, 'EventId', {
        eventId: textOf(row, 'EventId'),
        level: textOf(row, 'Level'),
        name: textOf(row, 'EventName'),
      }),
  },
  {
    name: 'servers with alerts',
    replies: replies.machines,
    field: 'Data',
    isPaged: true,
    ask: (center) => center.listServersWithAlerts(1, never),
    row: (row) => {
      const count = field(row, 'EventCount')
      return withId(row, 'Uuid', {
        uuid: textOf(row, 'Uuid'),
        hasAlerts: count?.kind !== 'number' || Number(count.digits) !== 0,
      })
    },
  },
  {
    name: 'servers',
    replies: replies.servers,
    field: 'Instances',
    isPaged: true,
    ask: (center) => center.listServers('all', 1, never),
    row: (row) => (textOf(row, 'GroupId') === '' ? undefined : withId(row, 'Uuid', serverIn(row))),
  },
  {
    name: 'servers by uuid',
    replies: replies.assets,
    field: 'AssetList',
    isPaged: false,
    ask: (center) => center.serversOf(['u-1'], never),
    row: (row) => withId(row, 'Uuid', serverIn(row)),
  },
  {
    name: 'groups',
    replies: replies.groups,
    field: 'Groups',
    isPaged: false,
    ask: (center) => center.listGroups(never),
    row: (row) => withId(row, 'GroupId', { id: textOf(row, 'GroupId'), name: textOf(row, 'GroupName') }),
  },
]

test.each(LISTS)('a list of $name is read whole, ids with all their digits, or it is a failure', async (list) => {
  await fc.assert(
    fc.asyncProperty(list.replies, async (reply) => {
      const answer = await ask(reply, list.ask)
      if (isPoisoned(reply)) return expect(answer).toBeUndefined()
      const found = field(reply, list.field)
      const rows = found?.kind === 'list' ? found.items.map(list.row) : undefined
      const total = field(field(reply, 'PageInfo'), 'TotalCount')
      const isCounted =
        total?.kind === 'number' &&
        /^\d+$/.test(total.digits) &&
        Number.isSafeInteger(Number(total.digits)) &&
        total.digits.length < 16
      const isGood =
        rows?.every((row) => row !== undefined) && (isCounted || !list.isPaged) && !isFalse(field(reply, 'Success'))
      if (!isGood) return expect(answer).toEqual(MISSING)
      const value = rows.map((row) => expect.objectContaining(row))
      const count = total?.kind === 'number' ? Number(total.digits) : undefined
      expect(answer).toMatchObject({ kind: 'answer', value: list.isPaged ? { rows: value, total: count } : value })
      const read = (answer as { value: { rows?: unknown[] } & unknown[] }).value
      expect((read.rows ?? read).length).toBe(rows.length)
    }),
    cases(1_200),
  )
})

test('a start has an id that is one, with all its digits, or it is a failure', async () => {
  await fc.assert(
    fc.asyncProperty(replies.start, async (reply) => {
      const answer = await ask(reply, (center) => center.startScan([], never))
      if (isPoisoned(reply)) return expect(answer).toBeUndefined()
      const started = textIn(field(reply, 'ScanTaskId')) ?? ''
      const isId = /^[1-9]\d{0,18}$/.test(started) && BigInt(started) < 2n ** 63n
      expect(answer).toEqual(isId ? expect.objectContaining({ kind: 'answer', value: { id: started } }) : MISSING)
    }),
    cases(1_200),
  )
})
