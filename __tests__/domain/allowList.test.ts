import fc from 'fast-check'
import type { Alert } from '../../src/domain/alerts.ts'
import { type AllowEntry, entryFor, fits, isExpired, matchesPattern } from '../../src/domain/allowList.ts'
import type { Gap, GapReason } from '../../src/domain/coverage.ts'

/** What an entry accepts, and which entry it is that does. */

const alert: Alert = { server: 'uuid-01', serverName: 'web-01', eventId: 'E-1', level: 'serious', name: 'Backdoor (a)' }
const gap: Gap = { type: 'uuid', target: 'uuid-01', name: 'web-01', reason: 'offline' }

const terms = { line: 1, reason: 'known', until: '2026-12-31' }

function acceptsAlert(name: string, server?: string, more: Partial<typeof terms> = {}): AllowEntry {
  return { ...terms, ...more, kind: 'alert', alert: name, ...(server === undefined ? {} : { server }) }
}

function acceptsGap(uncovered: GapReason, server: string, more: Partial<typeof terms> = {}): AllowEntry {
  return { ...terms, ...more, kind: 'uncovered', uncovered, server }
}

describe('a pattern', () => {
  test.each([
    { pattern: 'abc', text: 'abc', is: true },
    { pattern: 'abc', text: 'ABC', is: false },
    { pattern: 'abc', text: 'abcd', is: false },
    { pattern: 'abc', text: 'ab', is: false },
    { pattern: 'bc', text: 'abc', is: false },
    { pattern: '', text: '', is: true },
    { pattern: '', text: 'a', is: false },
    { pattern: '*', text: '', is: true },
    { pattern: '*', text: 'anything at all', is: true },
    { pattern: '**', text: '', is: true },
    { pattern: 'a*', text: 'a', is: true },
    { pattern: 'a*', text: 'ba', is: false },
    { pattern: '*c', text: 'abc', is: true },
    { pattern: '*c', text: 'abcd', is: false },
    { pattern: 'a*c', text: 'ac', is: true },
    { pattern: 'a*c', text: 'acbc', is: true },
    { pattern: 'a*b*a', text: 'aba', is: true },
    { pattern: 'a*b*a', text: 'ab', is: false },
    { pattern: '*ab*', text: 'aab', is: true },
    { pattern: '*aab', text: 'aaab', is: true },
    { pattern: 'a.c', text: 'abc', is: false },
    { pattern: 'a?c', text: 'abc', is: false },
    { pattern: '[ab]+', text: 'ab', is: false },
    { pattern: '(x|y) \\d $^', text: '(x|y) \\d $^', is: true },
    { pattern: 'a*c', text: 'a\n\u2028c', is: true },
    { pattern: 'a', text: 'a\n', is: false },
    { pattern: 'a*', text: '*', is: false },
    { pattern: '*', text: '*', is: true },
    { pattern: '数*机', text: '数据库主机', is: true },
    { pattern: '🚀*', text: '🚀 to the moon', is: true },
    { pattern: 'ü', text: 'u\u0308', is: false },
  ])('$pattern and $text: $is', ({ pattern, text, is }) => {
    expect(matchesPattern(pattern, text)).toBe(is)
  })

  /** The meaning, spelt out: a star takes nothing, or one character and goes on. */
  function slowly(pattern: string, text: string): boolean {
    if (pattern === '') return text === ''
    if (pattern.startsWith('*'))
      return slowly(pattern.slice(1), text) || (text !== '' && slowly(pattern, text.slice(1)))
    return text[0] === pattern[0] && slowly(pattern.slice(1), text.slice(1))
  }

  test('fits what the slow and obvious way fits', () => {
    const few = (...units: readonly string[]) => fc.string({ unit: fc.constantFrom(...units), maxLength: 9 })
    fc.assert(
      fc.property(few('a', 'b', '*'), few('a', 'b'), (pattern, text) => {
        expect(matchesPattern(pattern, text)).toBe(slowly(pattern, text))
      }),
      { numRuns: 5_000 },
    )
    fc.assert(
      fc.property(
        few('*', 'a', '.', '\n', '🚀', '\ud83d', '\\', '$'),
        few('*', 'a', '.', '\n', '🚀'),
        (pattern, text) => {
          expect(matchesPattern(pattern, text)).toBe(slowly(pattern, text))
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('fits a text in which stars took the place of pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.boolean())), (pieces) => {
        const text = pieces.map(([piece]) => piece).join('')
        const pattern = pieces.map(([piece, isStar]) => (isStar ? '*' : piece)).join('')
        expect(matchesPattern(pattern, text)).toBe(true)
      }),
    )
  })

  test('with many stars takes a time that grows with the text, not with its powers', () => {
    const pattern = `${'a*'.repeat(6)}b`
    const timeOf = (length: number) => {
      const text = 'a'.repeat(length)
      const samples = Array.from({ length: 5 }, () => {
        const start = process.hrtime.bigint()
        let calls = 0
        let spent = 0
        do {
          expectFalse(matchesPattern(pattern, text))
          calls += 1
          spent = Number(process.hrtime.bigint() - start)
        } while (spent < 10_000_000)
        return spent / calls
      })
      return Math.min(...samples)
    }
    timeOf(40)
    // Twice for twice the text; a way that tries all splits takes 80 times as long.
    expect(timeOf(80) / timeOf(40)).toBeLessThan(10)
    // Only now, since such a way would never end here.
    expect(matchesPattern(`${'a*'.repeat(1_000)}b`, 'a'.repeat(2_000))).toBe(false)
    expect(matchesPattern(`${'*a'.repeat(1_000)}*`, 'a'.repeat(1_000))).toBe(true)
  })
})

function expectFalse(value: boolean): void {
  if (value) throw new Error('it fits')
}

describe('an entry for alerts', () => {
  test.each([
    { name: 'its name', entry: acceptsAlert('Backdoor (a)'), is: true },
    { name: 'its name with a star', entry: acceptsAlert('Back*'), is: true },
    { name: 'another name', entry: acceptsAlert('Backdoor'), is: false },
    { name: 'its name in another case', entry: acceptsAlert('backdoor (A)'), is: false },
    { name: 'its name and the uuid', entry: acceptsAlert('Backdoor (a)', 'uuid-01'), is: true },
    { name: "its name and the server's name", entry: acceptsAlert('Backdoor (a)', 'web-01'), is: true },
    { name: 'its name and another server', entry: acceptsAlert('Backdoor (a)', 'web-02'), is: false },
    {
      name: "its name and the server's name in another case",
      entry: acceptsAlert('Backdoor (a)', 'WEB-01'),
      is: false,
    },
    { name: 'its name and a server with a star', entry: acceptsAlert('Backdoor (a)', 'web-*'), is: false },
    { name: 'any name and a star for a server', entry: acceptsAlert('*', '*'), is: false },
    { name: 'any name and the server', entry: acceptsAlert('*', 'web-01'), is: true },
    { name: 'any name and another server', entry: acceptsAlert('*', 'web-02'), is: false },
    { name: 'an empty server', entry: acceptsAlert('*', ''), is: false },
    { name: 'the event', entry: acceptsAlert('E-1'), is: false },
    { name: 'a gap of the server', entry: acceptsGap('offline', 'web-01'), is: false },
    { name: 'a gap of any server', entry: acceptsGap('offline', '*'), is: false },
  ])('$name: $is', ({ entry, is }) => {
    expect(fits(entry, alert)).toBe(is)
  })
  test('a server whose name has a star is found by that name', () => {
    expect(fits(acceptsAlert('*', 'web-*'), { ...alert, serverName: 'web-*' })).toBe(true)
  })
})

describe('an entry for gaps', () => {
  test.each([
    { name: 'its reason and uuid', entry: acceptsGap('offline', 'uuid-01'), is: true },
    { name: 'its reason and name', entry: acceptsGap('offline', 'web-01'), is: true },
    { name: 'its reason and a name with a star', entry: acceptsGap('offline', 'web-*'), is: true },
    { name: 'its reason and any name', entry: acceptsGap('offline', '*'), is: true },
    { name: 'its reason and a uuid with a star', entry: acceptsGap('offline', 'uuid-*'), is: false },
    { name: 'its reason and a part of the name', entry: acceptsGap('offline', 'web'), is: false },
    { name: 'its reason and a name in another case', entry: acceptsGap('offline', 'Web-01'), is: false },
    { name: 'another reason', entry: acceptsGap('unlicensed', 'web-01'), is: false },
    { name: 'an alert of the server', entry: acceptsAlert('*', 'web-01'), is: false },
    { name: 'an alert of any server', entry: acceptsAlert('*'), is: false },
  ])('$name: $is', ({ entry, is }) => {
    expect(fits(entry, gap)).toBe(is)
  })
  test.each(['offline', 'unlicensed', 'missing', 'joined'] as const)('for %s speaks of no other reason', (reason) => {
    const spokenOf = (['offline', 'unlicensed', 'missing', 'joined', 'empty'] as const).filter((other) =>
      fits(acceptsGap(reason, '*'), { ...gap, reason: other }),
    )
    expect(spokenOf).toEqual([reason])
  })
})

describe('the entry that accepts something', () => {
  const today = '2026-11-24'
  const expired = acceptsAlert('Back*', undefined, { line: 1, until: '2026-11-23' })
  const holding = acceptsAlert('*', 'web-01', { line: 2, until: today })
  const longer = acceptsAlert('Backdoor (a)', undefined, { line: 3, until: '2027-01-01' })
  const longExpired = acceptsAlert('Back*', 'uuid-01', { line: 4, until: '1999-12-31' })
  const longest = acceptsAlert('Other', undefined, { line: 5, until: '2027-11-25' })
  const forGap = acceptsGap('offline', '*', { line: 6, until: '2027-11-25' })
  const all = [expired, holding, longer, longExpired, longest, forGap]

  test.each([
    { name: 'none of none', entries: [], entry: undefined },
    { name: 'none that fits', entries: [longest, forGap], entry: undefined },
    { name: 'one that holds before one that has expired', entries: [expired, holding], entry: holding },
    { name: 'in whatever order', entries: [holding, expired], entry: holding },
    { name: 'of those that hold the longest', entries: [holding, longer], entry: longer },
    { name: 'of those that have expired the last', entries: [longExpired, expired], entry: expired },
    { name: 'an expired one where there is no other', entries: [longExpired, longest], entry: longExpired },
    { name: 'of many', entries: all, entry: longer },
    { name: 'of many, backwards', entries: [...all].reverse(), entry: longer },
  ])('$name', ({ entries, entry }) => {
    expect(entryFor(alert, entries)).toBe(entry)
  })
  test('of two that end on the same day the first in the file', () => {
    const other = { ...longer, line: 9 }
    expect(entryFor(alert, [longer, other])).toBe(longer)
    expect(entryFor(alert, [other, longer])).toBe(other)
  })
  test('a gap gets its own', () => {
    expect(entryFor(gap, all)).toBe(forGap)
  })
  test('the list is left as it is', () => {
    const entries = Object.freeze([expired, longer, holding])
    expect(entryFor(alert, entries)).toBe(longer)
  })
  test('whatever the order, it is one that holds if there is one, and none lasts longer', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(all), (entries) => {
        const found = entryFor(alert, entries)
        const fitting = entries.filter((entry) => fits(entry, alert))
        expect(found === undefined).toBe(fitting.length === 0)
        expect(fitting.every((entry) => entry.until <= (found?.until ?? ''))).toBe(true)
        if (fitting.some((entry) => !isExpired(entry, today))) expect(found && isExpired(found, today)).toBe(false)
      }),
    )
  })
})
