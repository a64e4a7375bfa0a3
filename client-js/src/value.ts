import { columnsPerValue, type Field, FieldKind, Flag } from './descriptor.js'
import { type Rows, stride } from './group.js'

/** Reads one field of one row; PROTOCOL.md 3.3. */
export type Read = (rows: Rows, row: number) => unknown

/** The least value of a quaternion component that is not the largest. */
export const quatMin = -Math.SQRT1_2

/** The most steps that a quantised value can be above its min; PROTOCOL.md 8.2. */
export function wholeSteps(min: number, max: number, step: number): number {
  return Math.floor((max - min) / step + 1e-7) // float64 may put a whole number below itself
}

/** Makes the reader of a field whose first column in its part is given. */
export function reader(f: Field, column: number): Read {
  if (f.count === 0) return readValue(f, column)
  const width = columnsPerValue(f)
  const each = Array.from({ length: f.count }, (_, i) => readValue(f, column + i * width))
  return (rows, row) => each.map((read) => read(rows, row))
}

function readValue(f: Field, column: number): Read {
  const r = (rows: Rows, row: number, i = 0) => rows.columns[column + i]?.cells[stride * row] ?? 0
  const snapped = (f.flags & Flag.predict) !== 0
  switch (f.kind) {
    case FieldKind.Bool:
      return (rows, row) => r(rows, row) !== 0
    case FieldKind.String:
      return (rows, row) => rows.texts.get(r(rows, row)) ?? ''
    case FieldKind.Quantised: {
      const linear = line(f, f.min, snapped)
      const [least, most] = [Math.fround(f.min), Math.fround(f.max)]
      return (rows, row) => Math.min(Math.max(linear(r(rows, row)), least), most)
    }
    case FieldKind.Angle: {
      const turn = anglePerUnit(f.bits)
      const mask = 2 ** f.bits - 1
      if (snapped) return (rows, row) => Math.fround((((r(rows, row) + 8) >> 4) & mask) * turn)
      return (rows, row) => Math.fround(r(rows, row) * (turn / 16))
    }
    case FieldKind.Quat: {
      const linear = line(f, quatMin, snapped)
      return (rows, row) => {
        const rest = [1, 2, 3].map((i) => linear(r(rows, row, i)))
        return quatFrom(r(rows, row) & 3, rest)
      }
    }
    default: {
      const number = words(f)
      return (rows, row) => number(r(rows, row), f.bits === 64 ? r(rows, row, 1) : 0)
    }
  }
}

/** A quantised value from R. */
function line(f: Field, min: number, snapped: boolean): (r: number) => number {
  if (snapped) return (r) => Math.fround(min + ((r + 8) >> 4) * f.step)
  return (r) => Math.fround(min + (r * f.step) / 16)
}

/** Makes the function that reads an integer or float from its low and high word. */
export function words(f: Field): (low: number, high: number) => number | bigint {
  const word = new DataView(new ArrayBuffer(8))
  const signed = f.kind === FieldKind.Int
  if (f.kind === FieldKind.Float) {
    return (low, high) => {
      word.setUint32(0, low, true)
      word.setUint32(4, high, true)
      return f.bits === 64 ? word.getFloat64(0, true) : word.getFloat32(0, true)
    }
  }
  if (f.bits === 64) {
    return (low, high) => {
      word.setUint32(0, low, true)
      word.setUint32(4, high, true)
      return signed ? word.getBigInt64(0, true) : word.getBigUint64(0, true)
    }
  }
  const shift = 32 - f.bits
  return (low) => (signed ? (low << shift) >> shift : (low << shift) >>> shift)
}

/** Radians of one unit of an angle of that many bits. */
export function anglePerUnit(bits: number): number {
  return (2 * Math.PI) / 2 ** bits
}

/** A unit quaternion from the index of its largest component and the others in order. */
export function quatFrom(largest: number, rest: readonly number[]): number[] {
  const squares = rest.reduce((sum, c) => sum + c * c, 0)
  const q = [...rest]
  q.splice(largest, 0, Math.fround(Math.sqrt(Math.max(1 - squares, 0))))
  return q
}

/** Index of the component of the largest magnitude, the first of equals. */
export function largestComponent(q: readonly number[]): number {
  let best = 0
  q.forEach((c, i) => {
    if (Math.abs(c) > Math.abs(q[best] as number)) best = i
  })
  return best
}
