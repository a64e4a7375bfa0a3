import { malformed } from './errors.js'
import { FieldKind } from './wire/field-kind.js'

export { FieldKind }

/** Bits of Field.flags; PROTOCOL.md 3.1. */
export enum Flag {
  predict = 1,
  owner = 2,
  once = 4,
  edge = 8,
  lerp = 16,
}

/** One field of a table, of the input or of an event. */
export interface Field {
  readonly name: string
  readonly kind: FieldKind
  /** Width of the integer or float, of n for Quantised, of the turn for Angle. */
  readonly bits: number
  readonly min: number
  readonly max: number
  readonly step: number
  readonly tolerance: number
  readonly flags: number
  /** Array length; 0 is a scalar. */
  readonly count: number
}

export interface TableType {
  readonly name: string
  readonly single: boolean
  readonly fields: readonly Field[]
}

export interface EventType {
  readonly name: string
  readonly fromClient: boolean
  readonly timed: boolean
  readonly fields: readonly Field[]
}

/** A game's types, in the order in which tables, columns and events are numbered. */
export interface Descriptor {
  readonly tables: readonly TableType[]
  readonly input: readonly Field[]
  readonly events: readonly EventType[]
}

/** One number per row of a part; PROTOCOL.md 3.3. */
export interface Column {
  /** Has V and k: predicted by velocity. */
  readonly linear: boolean
  /** Units in a turn, a power of two, minus one; -1 does not wrap. */
  readonly mask: number
  /** Units in a correction of 1; 1 is lossless. */
  readonly q: number
}

/** The share of a table that travels together: its public or its owner fields. */
export interface Part {
  readonly table: number
  readonly owner: boolean
  readonly columns: readonly Column[]
}

/**
 * Bounds of what a descriptor may claim, far above any game's: a hostile one must not
 * make a page allocate or loop without end.
 */
const maxTypes = 1024
const maxFields = 4096
const maxColumns = 16384

/** Throws if a descriptor claims what no game can have. */
export function checkDescriptor({ tables, input, events }: Descriptor): void {
  const fields = [...tables, ...events].flatMap((type) => type.fields).concat(input)
  if (Math.max(tables.length, events.length) > maxTypes || fields.length > maxFields) throw malformed('1.8')
  for (const { kind, bits } of fields) {
    if (kind > FieldKind.Quat || bits > (kind === FieldKind.Angle ? 16 : 64)) throw malformed('1.8')
  }
}

/** The parts and columns that the tables imply; PROTOCOL.md 3.2. */
export function partsOf(tables: readonly TableType[]): Part[] {
  const parts: Part[] = []
  let budget = maxColumns
  tables.forEach((type, table) => {
    for (const owner of [false, true]) {
      const fields = fieldsOf(type, owner)
      for (const f of fields) budget -= (f.count || 1) * columnsPerValue(f)
      if (budget < 0) throw malformed('1.8')
      if (owner && type.single && fields.length === 0) continue
      parts.push({ table, owner, columns: fields.flatMap(columnsOf) })
    }
  })
  return parts
}

/** The fields of a table's public or owner part, in order. */
export function fieldsOf(type: TableType, owner: boolean): Field[] {
  return type.fields.filter((f) => ((f.flags & Flag.owner) !== 0) === owner)
}

/** How many columns one value of a field takes. */
export function columnsPerValue(f: Field): number {
  if (f.kind === FieldKind.Quat) return 4
  const whole = f.kind === FieldKind.Int || f.kind === FieldKind.Uint || f.kind === FieldKind.Float
  return whole && f.bits === 64 ? 2 : 1
}

const hold: Column = { linear: false, mask: -1, q: 1 }

function columnsOf(f: Field): Column[] {
  const line = (mask: number, tolerance: number): Column => ({ linear: true, mask, q: 2 * tolerance + 1 })
  const one = line(f.kind === FieldKind.Angle ? (1 << (f.bits + 4)) - 1 : -1, f.tolerance)
  let columns = Array<Column>(columnsPerValue(f)).fill(hold)
  switch (f.kind) {
    case FieldKind.Quat:
      columns = [hold, one, one, one]
      break
    case FieldKind.Quantised:
    case FieldKind.Angle:
      columns = [one]
      break
    case FieldKind.Int:
    case FieldKind.Uint:
    case FieldKind.Float:
      if (!(f.flags & Flag.once)) columns.fill(line(-1, 0))
  }
  return Array.from({ length: f.count || 1 }, () => columns).flat()
}
