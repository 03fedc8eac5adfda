import type { Answer, Page } from '../../src/ports.ts'
import { type Asked, forEach } from '../../src/steps/caller.ts'
import { failure } from '../support/builders.ts'
import { answer, callerOf, failed } from '../support/callerOnClock.ts'

/** Lists that are read until they are whole, and calls for each of many. */

describe('a list', () => {
  const rows = (...keys: readonly string[]) => keys.map((key) => ({ key }))
  type Row = { readonly key: string }
  async function list(pages: (page: number, call: number) => Page<Row>) {
    const { caller, clock, events } = callerOf()
    const seen: string[] = []
    const asked: number[] = []
    const result = await clock.finish(
      caller.askAll<Row>(
        async (page) => {
          asked.push(page)
          return answer(pages(page, asked.length), 'R-7')
        },
        ({ key }) => key,
        (some) => seen.push(...some.map(({ key }) => key)),
      ),
    )
    const failures = events.flatMap((event) => (event.kind === 'call-failed' ? event.failure : []))
    return { result, seen, asked, failures }
  }

  test('is read page by page up to its total, and no further', async () => {
    const pages = [rows('a', 'b'), rows('c', 'd'), rows('e')]
    const { result, seen, asked, failures } = await list((page) => ({ rows: pages[page - 1] ?? [], total: 5 }))
    expect(result).toEqual({ kind: 'answer', value: rows('a', 'b', 'c', 'd', 'e') })
    expect({ seen, asked, failures }).toEqual({ seen: ['a', 'b', 'c', 'd', 'e'], asked: [1, 2, 3], failures: [] })
  })
  test('that is empty takes one page', async () => {
    expect(await list(() => ({ rows: [], total: 0 }))).toMatchObject({
      result: { value: [] },
      asked: [1],
      failures: [],
    })
  })
  test('has a row that is shown twice once', async () => {
    const pages = [rows('a', 'b'), rows('b', 'c')]
    const { result } = await list((page) => ({ rows: pages[page - 1] ?? [], total: 3 }))
    expect(result).toEqual({ kind: 'answer', value: rows('a', 'b', 'c') })
  })
  test('that changed while it was read is read again from its start', async () => {
    const { result, asked, failures } = await list((page, call) => ({
      rows: page === 1 ? rows('a', 'b') : rows('c'),
      total: call === 2 ? 4 : 3,
    }))
    expect(result).toEqual({ kind: 'answer', value: rows('a', 'b', 'c') })
    expect(asked).toEqual([1, 2, 1, 2])
    expect(failures).toMatchObject([
      {
        cause: 'missing-fields',
        code: 'InvalidResponse',
        message: 'the list changed while it was read, from 3 to 4 rows',
        action: 'ListThings',
        requestId: 'R-7',
      },
    ])
  })
  test('whose page brings nothing new is not taken for whole', async () => {
    const { result, failures, asked } = await list(() => ({ rows: rows('a', 'b'), total: 3 }))
    expect(result).toMatchObject({ kind: 'ended', ending: { kind: 'unavailable' } })
    expect(failures[0]?.message).toBe('page 2 brought nothing new, and 2 of 3 rows are there')
    expect(asked).toEqual([1, 2, 1, 2, 1, 2, 1, 2])
  })
  test('ends with the run', async () => {
    const { caller, clock, stopper } = callerOf()
    const asked = caller.askAll(
      async () => {
        stopper.abort({ kind: 'cancelled' })
        return answer({ rows: rows('a'), total: 2 })
      },
      ({ key }) => key,
    )
    expect(await clock.finish(asked)).toEqual({ kind: 'ended', ending: { kind: 'cancelled' } })
  })
})

describe('for each of many', () => {
  const done: Asked<unknown> = { kind: 'answer', value: undefined }
  const ended: Asked<unknown> = { kind: 'ended', ending: { kind: 'timed-out' } }

  test('it is done once, in order, five at a time', async () => {
    const begun: number[] = []
    let [underWay, most] = [0, 0]
    const result = await forEach(
      Array.from({ length: 12 }, (_, i) => i),
      callerOf().caller,
      async (item) => {
        begun.push(item)
        underWay += 1
        most = Math.max(most, underWay)
        await new Promise(setImmediate)
        underWay -= 1
        return done
      },
    )
    expect(result).toEqual({ kind: 'answer', value: undefined })
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    expect(most).toBe(5)
  })
  test('the first that ends early ends it all: nothing more is begun, and what is under way is broken off', async () => {
    const begun: number[] = []
    const brokenOff: unknown[] = []
    const result = await forEach(
      Array.from({ length: 12 }, (_, i) => i),
      callerOf().caller,
      async (item, one) => {
        begun.push(item)
        if (item === 0) {
          const hangs = (stop: AbortSignal) =>
            new Promise<Answer<string>>((resolve) => stop.addEventListener('abort', () => resolve(failed())))
          const asked = await one.ask(hangs)
          brokenOff.push(asked)
          return asked
        }
        await new Promise(setImmediate)
        return ended
      },
    )
    expect(result).toEqual(ended)
    await new Promise(setImmediate)
    expect(begun).toEqual([0, 1, 2, 3, 4])
    expect(brokenOff).toEqual([ended])
  })
  test('what comes in the moment of the end counts: its work is done to the end, and the gravest ending is told', async () => {
    const refused = { kind: 'denied', failure: failure('permission') } as const
    let seen = 0
    const result = await forEach([1, 2, 3], callerOf().caller, async (item) => {
      if (item === 1) return ended
      await Promise.resolve()
      seen += 1
      return item === 2 ? done : { kind: 'ended', ending: refused }
    })
    expect(result).toEqual({ kind: 'ended', ending: refused })
    expect(seen).toBe(2)
  })
  test('a refusal that comes when something else has ended it all is told', async () => {
    const { caller, clock } = callerOf()
    const over = new AbortController()
    const denied = failed({ cause: 'permission' })
    const asked = caller.until(over.signal).ask(async () => {
      over.abort({ kind: 'timed-out' })
      return denied
    })
    expect(await clock.finish(asked)).toEqual({
      kind: 'ended',
      ending: { kind: 'denied', failure: denied.failure },
    })
  })
  test('of none there is nothing to do', async () => {
    expect(await forEach([], callerOf().caller, async () => ended)).toEqual({ kind: 'answer', value: undefined })
  })
  test('a mistake of ours is not swallowed', async () => {
    await expect(forEach([1], callerOf().caller, () => Promise.reject(new Error('ours')))).rejects.toThrow('ours')
  })
})
