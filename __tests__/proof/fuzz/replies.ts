import fc from 'fast-check'
import { hostileText } from './hostileText.ts'

/**
 * Replies as trees that know what they mean, whatever a parser makes of them: numbers keep their digits, objects their
 * repeated keys.
 */

export type Json =
  | { readonly kind: 'number'; readonly digits: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'word'; readonly word: 'true' | 'false' | 'null' }
  | { readonly kind: 'list'; readonly items: readonly Json[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [key: string, value: Json])[] }

export const number = (digits: string): Json => ({ kind: 'number', digits })
export const text = (value: string): Json => ({ kind: 'text', text: value })
export const word = (value: 'true' | 'false' | 'null'): Json => ({ kind: 'word', word: value })
export const list = (items: readonly Json[]): Json => ({ kind: 'list', items })
export const map = (entries: readonly (readonly [string, Json])[]): Json => ({ kind: 'map', entries })

export function written(json: Json): string {
  switch (json.kind) {
    case 'number':
      return json.digits
    case 'text':
      return JSON.stringify(json.text)
    case 'word':
      return json.word
    case 'list':
      return `[${json.items.map(written).join(',')}]`
    case 'map':
      return `{${json.entries.map(([key, value]) => `${JSON.stringify(key)}:${written(value)}`).join(',')}}`
  }
}

/** A key that stands twice means what stands last, as in every parser of JSON that does not refuse it. */
export function field(json: Json | undefined, key: string): Json | undefined {
  return json?.kind === 'map' ? json.entries.findLast(([name]) => name === key)?.[1] : undefined
}

/** With such a key anywhere, as a part of it too, the parser takes a reply for an attack: it counts as no reply. */
export function isPoisoned(json: Json): boolean {
  if (json.kind === 'list') return json.items.some(isPoisoned)
  if (json.kind !== 'map') return false
  return json.entries.some(([key, value]) => /__proto__|constructor/.test(key) || isPoisoned(value))
}

/** The text of an id or a name: a string, or a number by all its digits. */
export function textIn(json: Json | undefined): string | undefined {
  if (json?.kind === 'text') return json.text
  return json?.kind === 'number' ? json.digits : undefined
}

const LONG_NUMBERS = [
  '9007199254740993',
  '9223372036854775807',
  '9223372036854775808',
  '123456789012345678901234567890',
]
const whole = fc.oneof(
  fc.nat(2_000).map(String),
  fc.maxSafeNat().map(String),
  fc.bigInt({ min: 0n, max: 10n ** 40n }).map(String),
  fc.constantFrom(...LONG_NUMBERS, '0', '-1', '-9007199254740993'),
)

export const anyJson: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    whole.map(number),
    hostileText.map(text),
    fc.constantFrom(word('true'), word('false'), word('null'), text('')),
    fc.array(tie('json'), { maxLength: 4 }).map(list),
    fc
      .array(
        fc.tuple(fc.oneof(hostileText, fc.constantFrom('__proto__', 'toFixed', 'constructor', 'length')), tie('json')),
        { maxLength: 4 },
      )
      .map(map),
  ),
})).json

const id = fc.oneof(
  whole.map(number),
  fc.constantFrom('u-1', '282832', '9007199254740993').map(text),
  hostileText.map(text),
)

/** A value as it should be, or now and then anything else. */
const mostly = (good: fc.Arbitrary<Json>): fc.Arbitrary<Json | 'absent'> =>
  fc.oneof(
    { weight: 20, arbitrary: good },
    { weight: 1, arbitrary: anyJson },
    { weight: 1, arbitrary: fc.constant('absent' as const) },
  )

/** An object of these fields, in any order, with others between them and now and then one twice. */
export function mapOf(fields: Readonly<Record<string, fc.Arbitrary<Json>>>): fc.Arbitrary<Json> {
  const known = fc.tuple(
    ...Object.entries(fields).map(([key, good]) => mostly(good).map((value) => [key, value] as const)),
  )
  const others = fc.oneof(
    { weight: 6, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.array(fc.tuple(fc.oneof(hostileText, fc.constantFrom(...Object.keys(fields))), anyJson), {
        maxLength: 2,
      }),
    },
  )
  return fc
    .tuple(known, others)
    .map(([entries, more]) =>
      [...entries, ...more].flatMap(([key, value]) => (value === 'absent' ? [] : [[key, value] as const])),
    )
    .chain((entries) => fc.shuffledSubarray(entries, { minLength: entries.length }))
    .map(map)
}

export const name = hostileText.map(text)
const target = mapOf({ type: fc.constantFrom('uuid', 'groupId', 'vpc').map(text), name, target: id })
export const targets = fc.array(target, { maxLength: 4 }).map(list)

/** `TargetInfo`: a string that holds the list, the list itself, a string that was cut, or what is none of these. */
export const targetInfo: fc.Arbitrary<Json> = fc.oneof(
  { weight: 6, arbitrary: targets.map((all) => text(written(all))) },
  { weight: 3, arbitrary: targets },
  { weight: 1, arbitrary: fc.tuple(targets, fc.nat(40)).map(([all, cut]) => text(written(all).slice(0, -1 - cut))) },
  { weight: 1, arbitrary: anyJson },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 20_000 }).map((deep) => text('['.repeat(deep))) },
)

const STATES = [
  'init',
  'Processing',
  'Success',
  'Failed',
  'SUCCESS',
  'success',
  'Success ',
  'Successful',
  'ſuccess',
  'Verifying',
  'İnit',
]
export const progress = mapOf({
  RequestId: fc.constant(text('R-1')),
  ScanTaskProgress: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...STATES).map(text) }, name),
  TargetInfo: targetInfo,
  // No page names it for this call, but those of the others do.
  Success: fc.constantFrom(word('true'), word('true'), word('true'), word('false')),
})

/** A page of a list; `count` now and then claims what it likes. */
export function page(rows: string, row: Readonly<Record<string, fc.Arbitrary<Json>>>): fc.Arbitrary<Json> {
  const total = fc.oneof(
    fc.nat(300).map((n) => number(String(n))),
    whole.map(number),
    fc.constantFrom(number('1.5'), text('7')),
  )
  return mapOf({
    RequestId: fc.constant(text('R-1')),
    Success: fc.constantFrom(word('true'), word('true'), word('true'), word('false')),
    PageInfo: mapOf({ TotalCount: total }),
    [rows]: fc.array(mapOf(row), { maxLength: 5 }).map(list),
  })
}

export const alerts = page('Data', {
  EventId: id,
  Level: fc.oneof(fc.constantFrom('serious', 'suspicious', 'remind').map(text), name),
  EventName: name,
  LastTimeStamp: whole.map(number),
})
export const machines = page('Data', { Uuid: id, EventCount: fc.oneof(fc.constant(number('0')), whole.map(number)) })
export const servers = page('Instances', {
  Uuid: id,
  InstanceName: name,
  InstanceId: id,
  GroupId: id,
  ClientStatus: name,
})
export const groups = page('Groups', { GroupId: id, GroupName: name })
export const assets = page('AssetList', { Uuid: id, InstanceName: name })
export const start = mapOf({ RequestId: fc.constant(text('R-1')), ScanTaskId: id })
