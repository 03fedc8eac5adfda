import fc from 'fast-check'
import { isOver, renewalAt, type Session, secretsOf } from '../../src/domain/session.ts'

const session = (fromMs: number, endsAtMs: number): Session => ({
  credentials: { accessKeyId: 'id', accessKeySecret: 'secret', securityToken: 'token' },
  fromMs,
  endsAtMs,
})
const MINUTE = 60_000

describe('the next session is fetched a quarter of the life before the end, but not earlier than five minutes', () => {
  test.each([
    { name: 'a quarter of an hour', lifeMs: 15 * MINUTE, at: 675_000 },
    { name: 'just below twenty minutes', lifeMs: 20 * MINUTE - 4, at: 900_000 - 3 },
    { name: 'twenty minutes: both are the same', lifeMs: 20 * MINUTE, at: 15 * MINUTE },
    { name: 'just above', lifeMs: 20 * MINUTE + 4, at: 15 * MINUTE + 4 },
    { name: 'half an hour', lifeMs: 30 * MINUTE, at: 25 * MINUTE },
    { name: 'twelve hours', lifeMs: 720 * MINUTE, at: 715 * MINUTE },
    { name: 'four seconds, as in the emulator', lifeMs: 4_000, at: 3_000 },
    { name: 'no whole quarter', lifeMs: 2_001, at: 1_500 },
  ])('$name', ({ lifeMs, at }) => {
    expect(renewalAt(session(0, lifeMs))).toBe(at)
    expect(renewalAt(session(7_000, 7_000 + lifeMs))).toBe(7_000 + at)
  })

  test.each([1_000, 1, 0, -1, -3_600_000])(
    'a session that lives %i ms is used for a second, not replaced in a rush',
    (lifeMs) => {
      expect(renewalAt(session(5_000, 5_000 + lifeMs))).toBe(6_000)
    },
  )
})

test('whatever a session says of itself', () => {
  const whole = (min: number, max: number) => fc.integer({ min, max })
  fc.assert(
    fc.property(whole(0, 86_400_000), whole(-86_400_000, 43_200_000), (fromMs, lifeMs) => {
      const it = session(fromMs, fromMs + lifeMs)
      const at = renewalAt(it)
      expect(Number.isInteger(at)).toBe(true)
      expect(at).toBeGreaterThanOrEqual(fromMs + 1_000)
      // Whoever may use it for longer than the shortest time is never without a session because of the schedule.
      if (lifeMs > 2_000) {
        expect(isOver(it, at)).toBe(false)
        expect(it.endsAtMs - at).toBeLessThanOrEqual(5 * MINUTE + 1)
        expect(at - fromMs).toBeGreaterThanOrEqual(Math.floor((lifeMs * 3) / 4))
      }
    }),
  )
})

test.each([
  [899_999, false],
  [900_000, true],
  [900_001, true],
])('at %i ms a session that ends at 900000 is over: %s', (nowMs, is) => {
  expect(isOver(session(0, 900_000), nowMs)).toBe(is)
})

test('nobody may see any part of credentials: what is there is a secret, and what is not is none', () => {
  const { credentials } = session(0, 1)
  expect(secretsOf(credentials)).toEqual(['id', 'secret', 'token'])
  const { securityToken: _, ...longLived } = credentials
  expect(secretsOf(longLived)).toEqual(['id', 'secret'])
})
