import { BitReader, BitWriter } from './bits.js'
import { type Field, FieldKind } from './descriptor.js'
import { malformed, RoomError } from './errors.js'
import { anglePerUnit, largestComponent, quatFrom, quatMin, wholeSteps, words } from './value.js'

const maxFloat32 = 2 ** 128 - 2 ** 104 // beyond it is infinity, which the server refuses

/** Values of an input or an event by the fields' wire names. */
export type Values = Readonly<Record<string, unknown>>

/** Encodes values by their fields; PROTOCOL.md section 8. Missing ones are zero. */
export function encodePayload(fields: readonly Field[], values: Values): Uint8Array {
  const out = new BitWriter()
  for (const f of fields) {
    const value = values[f.name]
    if (f.count === 0) {
      encodeValue(out, f, value)
      continue
    }
    const list = Array.isArray(value) ? value : []
    for (let i = 0; i < f.count; i++) encodeValue(out, f, list[i])
  }
  return out.bytes()
}

function encodeValue(out: BitWriter, f: Field, value: unknown): void {
  switch (f.kind) {
    case FieldKind.Bool:
      return out.bits(value ? 1 : 0, 1)
    case FieldKind.Int:
    case FieldKind.Uint:
      return f.bits === 64 ? encode64(out, wide(f, value)) : out.bits(whole(f, value), f.bits)
    case FieldKind.Float:
      return encodeFloat(out, f, value)
    case FieldKind.Quantised:
      return out.bits(steps(f, number(value ?? f.min)), f.bits)
    case FieldKind.Angle:
      return out.bits(Math.round(number(value) / anglePerUnit(f.bits)), f.bits)
    case FieldKind.String:
      return encodeText(out, f, value)
    case FieldKind.Quat:
      return encodeQuat(out, f, value)
  }
}

function number(value: unknown): number {
  const n = Number(value ?? 0)
  return Number.isFinite(n) ? n : 0
}

/** The nearest allowed n of a quantised value. */
function steps(f: Field, value: number): number {
  const n = Math.round((value - f.min) / f.step)
  return Math.max(0, Math.min(n, wholeSteps(f.min, f.max, f.step)))
}

function whole(f: Field, value: unknown): number {
  const n = Math.trunc(number(value))
  if (f.min < f.max) return Math.max(f.min, Math.min(n, f.max))
  const span = 2 ** f.bits
  return f.kind === FieldKind.Int ? Math.max(-span / 2, Math.min(n, span / 2 - 1)) : Math.max(0, Math.min(n, span - 1))
}

function wide(f: Field, value: unknown): bigint {
  const n = typeof value === 'bigint' ? value : BigInt(Math.trunc(number(value)))
  const [low, high] = f.kind === FieldKind.Int ? [-(2n ** 63n), 2n ** 63n - 1n] : [0n, 2n ** 64n - 1n]
  if (f.min >= f.max) return within(low, n, high)
  // Bounds are float64: the greatest of 64 bits is one too many.
  return within(low, within(BigInt(Math.ceil(f.min)), n, BigInt(Math.floor(f.max))), high)
}

function within(low: bigint, n: bigint, high: bigint): bigint {
  return n < low ? low : n > high ? high : n
}

function encode64(out: BitWriter, value: bigint): void {
  out.bits(Number(value & 0xffffffffn), 32)
  out.bits(Number((value >> 32n) & 0xffffffffn), 32)
}

function encodeFloat(out: BitWriter, f: Field, value: unknown): void {
  const view = new DataView(new ArrayBuffer(8))
  if (f.bits === 64) view.setFloat64(0, number(value), true)
  else view.setFloat32(0, Math.max(-maxFloat32, Math.min(number(value), maxFloat32)), true)
  out.bits(view.getUint32(0, true), 32)
  if (f.bits === 64) out.bits(view.getUint32(4, true), 32)
}

function encodeText(out: BitWriter, f: Field, value: unknown): void {
  const bytes = new TextEncoder().encode(String(value ?? ''))
  if (f.max > 0 && bytes.length > f.max) {
    throw new RoomError('too-long', `${f.name} is ${bytes.length} bytes long`, `Send at most ${f.max} bytes of UTF-8.`)
  }
  out.bits(bytes.length, 16)
  for (const b of bytes) out.bits(b, 8)
}

function encodeQuat(out: BitWriter, f: Field, value: unknown): void {
  const q = Array.isArray(value) ? value.map(number) : [0, 0, 0, 1]
  const largest = largestComponent(q)
  const sign = (q[largest] as number) < 0 ? -1 : 1
  out.bits(largest, 2)
  for (let i = 0; i < 4; i++) {
    if (i === largest) continue
    const n = Math.round((sign * (q[i] as number) - quatMin) / f.step)
    out.bits(Math.max(0, Math.min(n, wholeSteps(quatMin, -quatMin, f.step))), f.bits)
  }
}

/** Decodes a payload; throws if it is shorter or longer than its fields. */
export function decodePayload(fields: readonly Field[], bytes: Uint8Array): Record<string, unknown> {
  const src = new BitReader(bytes)
  const values: Record<string, unknown> = {}
  for (const f of fields) {
    if (f.count > src.left) throw malformed('8.2')
    values[f.name] = f.count === 0 ? decodeValue(src, f) : Array.from({ length: f.count }, () => decodeValue(src, f))
  }
  src.align()
  if (src.left > 0) throw malformed('8.2')
  return values
}

function decodeValue(src: BitReader, f: Field): unknown {
  switch (f.kind) {
    case FieldKind.Bool:
      return src.bits(1) === 1
    case FieldKind.Int:
    case FieldKind.Uint:
    case FieldKind.Float: {
      const low = src.bits(Math.min(f.bits, 32))
      return words(f)(low, f.bits === 64 ? src.bits(32) : 0)
    }
    case FieldKind.Quantised:
      return Math.fround(f.min + src.bits(f.bits) * f.step)
    case FieldKind.Angle:
      return Math.fround(src.bits(f.bits) * anglePerUnit(f.bits))
    case FieldKind.String:
      return new TextDecoder().decode(src.bytes(src.bits(16)))
    case FieldKind.Quat: {
      const largest = src.bits(2)
      const rest = [0, 0, 0].map(() => Math.fround(quatMin + src.bits(f.bits) * f.step))
      return quatFrom(largest, rest)
    }
  }
}
