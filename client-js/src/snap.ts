import { type Field, FieldKind, Flag } from './descriptor.js'
import { roundAway } from './math.js'
import { quatFrom, quatMin, wholeSteps } from './value.js'

/** The values of an entity's predict fields, by name. */
export type State = Record<string, unknown>

type Snap = (value: unknown) => unknown

/**
 * Makes the function that brings a state to what the wire can say, in place: what the
 * server does to predict fields after each step, bit for bit; PROTOCOL.md 3.3.
 */
export function snapper(fields: readonly Field[]): (state: State) => void {
  const snaps = fields.map((f): [string, Snap] => {
    const one = snapOf(f)
    return [f.name, f.count > 0 ? (list) => (list as unknown[]).map(one) : one]
  })
  return (state) => {
    for (const [name, snap] of snaps) state[name] = snap(state[name])
  }
}

/** The fields of a table that a movement may read and write. */
export function predicted(fields: readonly Field[]): Field[] {
  return fields.filter((f) => f.flags & Flag.predict)
}

function snapOf(f: Field): Snap {
  switch (f.kind) {
    case FieldKind.Bool:
      return Boolean
    case FieldKind.Int:
    case FieldKind.Uint:
      return (v) => whole(f, v)
    case FieldKind.Float:
      return (v) => finite(Number(v), f.bits)
    case FieldKind.Quantised:
      return (v) => steps(f, Number(v), f.min, f.max)
    case FieldKind.Angle:
      return (v) => turns(Number(v), f.bits)
    case FieldKind.Quat:
      return (v) => unitQuat(f, v as number[])
    default:
      return (v) => v
  }
}

/** An integer cut to its width, as Go's types cut it, and then to its range. */
function whole(f: Field, value: unknown): number | bigint {
  const signed = f.kind === FieldKind.Int
  if (f.bits === 64) {
    const wide = BigInt(value as number)
    return signed ? BigInt.asIntN(64, wide) : BigInt.asUintN(64, wide)
  }
  const shift = 32 - f.bits
  const v = signed ? (Number(value) << shift) >> shift : (Number(value) << shift) >>> shift
  return f.min < f.max ? Math.min(Math.max(v, f.min), f.max) : v
}

function finite(v: number, bits: number): number {
  const most = bits === 32 ? 2 ** 128 - 2 ** 104 : Number.MAX_VALUE
  const cut = Number.isNaN(v) ? 0 : Math.min(Math.max(v, -most), most)
  return bits === 32 ? Math.fround(cut) : cut
}

/** The nearest of the values whole steps above min. */
function steps(f: Field, v: number, min: number, max: number): number {
  const inside = Number.isNaN(v) ? min : Math.min(Math.max(v, min), max)
  const n = Math.min(Math.round((inside - min) / f.step), wholeSteps(min, max, f.step))
  return Math.fround(min + n * f.step)
}

/** The nearest of the 2^bits angles of a turn. */
function turns(v: number, bits: number): number {
  const angle = Number.isFinite(v) ? v % (2 * Math.PI) : 0
  const n = roundAway((angle * 2 ** bits) / (2 * Math.PI)) & (2 ** bits - 1)
  return Math.fround((n * (2 * Math.PI)) / 2 ** bits)
}

/** A quaternion that the wire can say stays as it is; any other is brought to length 1. */
function unitQuat(f: Field, q: readonly number[]): number[] {
  for (let i = 0; i < 4; i++) {
    const same = (q[i] as number) > 0 && q.every((c) => Math.abs(c) <= 1) ? quatAt(f, q, i) : undefined
    if (same?.every((c, j) => c === q[j])) return same
  }
  const sum = q.reduce((s, c) => s + c * c, 0)
  if (!(sum > 0 && sum < Infinity)) return quatAt(f, [0, 0, 0, 1], 3)
  const unit = q.map((c) => c / Math.sqrt(sum))
  const magnitudes = unit.map(Math.abs)
  return quatAt(f, unit, magnitudes.indexOf(Math.max(...magnitudes)))
}

/** A unit quaternion on the grid, its largest component left to follow from the others. */
function quatAt(f: Field, q: readonly number[], largest: number): number[] {
  const sign = (q[largest] as number) < 0 ? -1 : 1
  const rest = q.filter((_, i) => i !== largest).map((c) => steps(f, sign * c, quatMin, -quatMin))
  return quatFrom(largest, rest)
}
