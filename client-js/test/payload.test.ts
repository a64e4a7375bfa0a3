import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RoomError } from '../src/errors.js'
import { decodePayload, encodePayload } from '../src/payload.js'
import { bytes, descriptor, field, type GoldenField, golden, hex } from './golden.js'

interface GoldenPayload {
  readonly fields: readonly GoldenField[]
  readonly values: Readonly<Record<string, unknown>>
  readonly hex: string
}

const payloads = () => {
  const list = golden<GoldenPayload[]>('sim/testdata/payloads.json')
  assert.ok(list.length > 3)
  return list.map((p) => ({ ...p, fields: p.fields.map(field) }))
}

/** 64-bit integers travel as strings in golden files. */
function values(p: ReturnType<typeof payloads>[number]): Record<string, unknown> {
  const wide = new Set(p.fields.filter((f) => f.bits === 64 && f.kind !== 3).map((f) => f.name))
  return Object.fromEntries(
    Object.entries(p.values).map(([name, v]) => [
      name,
      wide.has(name) ? (Array.isArray(v) ? v.map((x) => BigInt(x)) : BigInt(v as string)) : v,
    ]),
  )
}

test('payloads written by Go read as the values Go put in', () => {
  for (const p of payloads())
    assert.deepEqual(decodePayload(p.fields, bytes(p.hex)), values(p), JSON.stringify(p.values))
})

test('values are written as the bytes that Go writes', () => {
  for (const p of payloads()) assert.equal(hex(encodePayload(p.fields, values(p))), p.hex, JSON.stringify(p.values))
})

test('a payload that is too short or too long is refused', () => {
  for (const p of payloads()) {
    const whole = bytes(p.hex)
    for (let n = 0; n < whole.length; n++) {
      assert.throws(() => decodePayload(p.fields, whole.subarray(0, n)), RoomError)
    }
    assert.throws(() => decodePayload(p.fields, Uint8Array.of(...whole, 0)), RoomError)
  }
})

test('values out of range are clamped to what the server takes', () => {
  const turn = field({ name: 'turn', kind: 'Int', bits: 8, min: -1, max: 1 })
  const aim = field({ name: 'aim', kind: 'Quantised', bits: 4, min: 0, max: 10, step: 1 })
  const small = field({ name: 'small', kind: 'Uint', bits: 8 })
  const all = [turn, aim, small]
  const trip = (v: Record<string, unknown>) => decodePayload(all, encodePayload(all, v))
  assert.deepEqual(trip({ turn: 9, aim: 99, small: 300 }), { turn: 1, aim: 10, small: 255 })
  assert.deepEqual(trip({ turn: -9, aim: -99, small: -3 }), { turn: -1, aim: 0, small: 0 })
  assert.deepEqual(trip({ turn: Number.NaN, aim: Number.NaN }), { turn: 0, aim: 0, small: 0 })
})

test('a float32 that is too large is sent as the largest there is', () => {
  const { input } = descriptor({ tables: [], input: [{ name: 'x', kind: 'Float', bits: 32 }], events: [] })
  for (const sign of [1, -1]) {
    const { x } = decodePayload(input, encodePayload(input, { x: sign * 1e39 }))
    assert.equal(x, sign * 3.4028234663852886e38)
  }
})

test('integers of 64 bits are kept within their bounds, or their type', () => {
  const wide = (kind: 'Int' | 'Uint', value: bigint | number, min = 0, max = 0) => {
    const { input } = descriptor({ tables: [], input: [{ name: 'x', kind, bits: 64, min, max }], events: [] })
    return decodePayload(input, encodePayload(input, { x: value })).x
  }
  assert.equal(wide('Int', 11n, -10, 10), 10n)
  assert.equal(wide('Int', -1e30, -10, 10), -10n)
  assert.equal(wide('Uint', -1n), 0n)
  assert.equal(wide('Uint', 2n ** 64n, 0, 2 ** 64), 2n ** 64n - 1n)
  assert.equal(wide('Int', -(2n ** 63n)), -(2n ** 63n))
  assert.equal(wide('Int', 2n ** 63n), 2n ** 63n - 1n)
})
