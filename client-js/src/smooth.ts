import { type Field, FieldKind, Flag } from './descriptor.js'

/** The share of a field's range that nothing moves in a tick, unless it was put there. */
const farShare = 1 / 64
/** How many times faster than before something may suddenly move. */
const burst = 8

interface Slot {
  readonly field: Field
  /** Index of its first number. */
  readonly at: number
  readonly width: number
}

interface Before {
  readonly numbers: Float64Array
  readonly ticks: number
}

/** The fields of a table that are drawn smoothly, their numbers side by side. */
export class SmoothFields {
  readonly slots: Slot[] = []
  private size = 0

  /**
   * fields without the lerp flag, text, flags and 64-bit integers are left out: they
   * step. far is how many units in a tick are a teleport, where the table knows better
   * than the range of its fields.
   */
  constructor(
    fields: readonly Field[],
    private readonly far?: number,
  ) {
    for (const field of fields) {
      if (!isSmooth(field)) continue
      const width = (field.count || 1) * (field.kind === FieldKind.Quat ? 4 : 1)
      this.slots.push({ field, at: this.size, width })
      this.size += width
    }
  }

  has(name: string): boolean {
    return this.slots.some(({ field }) => field.name === name)
  }

  empty(): Float64Array {
    return new Float64Array(this.size)
  }

  read(from: Readonly<Record<string, unknown>>, numbers = this.empty()): Float64Array {
    for (const { field, at } of this.slots) {
      const value = from[field.name] as number | number[] | number[][]
      if (Array.isArray(value)) numbers.set(value.flat() as number[], at)
      else numbers[at] = value
    }
    return numbers
  }

  /** Sets the fields of an object; arrays are kept and filled. */
  write(numbers: Float64Array, to: Record<string, unknown>): void {
    for (const { field, at, width } of this.slots) {
      if (width === 1 && field.count === 0) {
        to[field.name] = numbers[at]
        continue
      }
      const own = numbers.subarray(at, at + width)
      if (field.kind === FieldKind.Quat) for (let i = 0; i < width; i += 4) normalise(own.subarray(i, i + 4))
      const nested = field.kind === FieldKind.Quat && field.count > 0
      if (nested) to[field.name] = Array.from({ length: field.count }, (_, i) => [...own.subarray(i * 4, i * 4 + 4)])
      else to[field.name] = [...own]
    }
  }

  /** out = a + share * (b - a), angles by the shorter way. Any of them may be the same. */
  mix(a: Float64Array, b: Float64Array, share: number, out: Float64Array): Float64Array {
    for (const slot of this.slots) {
      for (let i = slot.at; i < slot.at + slot.width; i++) {
        out[i] = (a[i] as number) + way(slot, a, b, i) * share
      }
    }
    return out
  }

  /**
   * Whether anything got from a to b in so many ticks other than by moving. before is
   * where it was some ticks before a, if that is known.
   */
  teleports(a: Float64Array, b: Float64Array, ticks: number, before?: Before): boolean {
    return this.slots.some((slot) => {
      const { kind, min, max } = slot.field
      if (kind === FieldKind.Angle || kind === FieldKind.Quat) return false
      const most = (this.far ?? (max > min ? (max - min) * farShare : Infinity)) * Math.max(ticks, 1)
      for (let i = slot.at; i < slot.at + slot.width; i++) {
        const usual = before && this.far === undefined ? Math.abs(way(slot, before.numbers, a, i)) / before.ticks : 0
        if (Math.abs(way(slot, a, b, i)) > most + usual * burst * ticks) return true
      }
      return false
    })
  }
}

/** out += offset. */
export function add(out: Float64Array, offset: Float64Array): void {
  offset.forEach((o, i) => {
    out[i] = (out[i] as number) + o
  })
}

/** out = a - b, angles by the shorter way. Any of them may be the same. */
export function minus({ slots }: SmoothFields, a: Float64Array, b: Float64Array, out: Float64Array): void {
  for (const slot of slots) {
    for (let i = slot.at; i < slot.at + slot.width; i++) out[i] = way(slot, b, a, i)
  }
}

function isSmooth({ flags, kind, bits }: Field): boolean {
  const number = kind === FieldKind.Float || kind === FieldKind.Quantised || kind === FieldKind.Angle
  const integer = (kind === FieldKind.Int || kind === FieldKind.Uint) && bits < 64
  return (flags & Flag.lerp) !== 0 && (number || integer || kind === FieldKind.Quat)
}

/** From a to b for one number: less than half a turn, and never the long way around. */
function way({ field, at }: Slot, a: Float64Array, b: Float64Array, i: number): number {
  const from = a[i] as number
  if (field.kind === FieldKind.Quat) {
    // q and -q are the same rotation: the nearer of them is meant.
    const first = at + Math.floor((i - at) / 4) * 4
    let dot = 0
    for (let j = first; j < first + 4; j++) dot += (a[j] as number) * (b[j] as number)
    return (dot < 0 ? -(b[i] as number) : (b[i] as number)) - from
  }
  const d = (b[i] as number) - from
  return field.kind === FieldKind.Angle ? d - Math.round(d / (2 * Math.PI)) * 2 * Math.PI : d
}

function normalise(q: Float64Array): void {
  const length = Math.hypot(...q)
  if (length > 0) for (let i = 0; i < 4; i++) q[i] = (q[i] as number) / length
}
