// FlatBuffers by specification: a message is declared once as a table of kinds in the
// order of its ids in schema/protocol.fbs, and is read into and written from a plain
// object. The generated classes of src/wire do the same at five times the size; tests
// compare with them. Reading outside of the buffer throws.

import { malformed } from './errors.js'

/** Most tables in one frame: PROTOCOL.md 1.8 allows 8,192 types and fields. */
const maxTables = 10_000

/** The bytes of a frame being read. */
export class Source {
  readonly view: DataView
  tables = 0

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  /** Where the offset at a place leads. */
  follow(at: number): number {
    return at + this.view.getUint32(at, true)
  }
}

/** The bytes of a frame being written, from the front: all offsets lead forward. */
export class Sink {
  readonly bytes = new Uint8Array(4096) // what a server accepts; more throws
  readonly view = new DataView(this.bytes.buffer)
  end = 0

  /** Takes room at the end. */
  take(size: number, align: number): number {
    const at = this.align(align)
    this.end = at + size
    return at
  }

  /** Takes room that the offset at a place leads to. */
  takeFor(offset: number, size: number, align: number): number {
    const at = this.take(size, align)
    this.view.setUint32(offset, at - offset, true)
    return at
  }

  private align(align: number): number {
    return Math.ceil(this.end / align) * align
  }
}

/** How a value lies in a buffer. */
export interface Kind<T> {
  /** Bytes within a table or struct, and what their place is a multiple of. */
  readonly size: number
  readonly align: number
  /** What a table without it holds. */
  readonly absent: T
  read(src: Source, at: number): T
  write(out: Sink, at: number, value: T): void
}

type Values<F> = { -readonly [N in keyof F]: F[N] extends Kind<infer T> ? T : never }
type Fields = Readonly<Record<string, Kind<never>>>

type NumberType = 'Uint8' | 'Int8' | 'Uint16' | 'Uint32' | 'Float64'

const number = (size: number, type: NumberType): Kind<number> => ({
  size,
  align: size,
  absent: 0,
  read: (src, at) => src.view[`get${type}`](at, true),
  write: (out, at, value) => out.view[`set${type}`](at, value, true),
})

export const u8 = number(1, 'Uint8')
export const i8 = number(1, 'Int8')
export const u16 = number(2, 'Uint16')
export const u32 = number(4, 'Uint32')
export const f64 = number(8, 'Float64')

export const u64: Kind<bigint> = {
  size: 8,
  align: 8,
  absent: 0n,
  read: (src, at) => src.view.getBigUint64(at, true),
  write: (out, at, value) => out.view.setBigUint64(at, value, true),
}

export const bool: Kind<boolean> = {
  ...u8,
  absent: false,
  read: (src, at) => u8.read(src, at) !== 0,
  write: (out, at, value) => u8.write(out, at, value ? 1 : 0),
}

/** Bytes; those read alias the frame. */
export const bytes: Kind<Uint8Array> = {
  ...u32,
  absent: new Uint8Array(0),
  read: (src, at) => {
    const start = src.follow(at) + 4
    const end = start + src.view.getUint32(start - 4, true)
    if (end > src.bytes.length) throw malformed('1.8')
    return src.bytes.subarray(start, end)
  },
  write: (out, at, value) => {
    const start = out.takeFor(at, 4 + value.length, 4)
    out.view.setUint32(start, value.length, true)
    out.bytes.set(value, start + 4)
  },
}

export const text: Kind<string> = {
  ...u32,
  absent: '',
  read: (src, at) => new TextDecoder().decode(bytes.read(src, at)),
  write: (out, at, value) => {
    bytes.write(out, at, new TextEncoder().encode(value))
    out.end++ // a zero byte ends it
  },
}

/** A struct: its fields inline, one after the other. */
export function struct<F>(fields: F): Kind<Values<F> | undefined> {
  const kinds = Object.entries(fields as Fields)
  const size = kinds.reduce((sum, [, kind]) => sum + kind.size, 0)
  const each = (at: number, fn: (name: string, kind: Kind<never>, at: number) => void) => {
    for (const [name, kind] of kinds) {
      fn(name, kind, at)
      at += kind.size // our structs have no gaps
    }
  }
  return {
    size,
    align: Math.max(...kinds.map(([, kind]) => kind.align)),
    absent: undefined,
    read: (src, start) => {
      const value: Record<string, unknown> = {}
      each(start, (name, kind, at) => {
        value[name] = kind.read(src, at)
      })
      return value as Values<F>
    },
    write: (out, start, value) =>
      each(start, (name, kind, at) => kind.write(out, at, value?.[name as keyof F] as never)),
  }
}

/** A table: a field that is left out costs nothing. */
export function table<F>(fields: F): Kind<Values<F> | undefined> {
  const kinds = Object.entries(fields as Fields)
  return {
    ...u32,
    absent: undefined,
    read: (src, offset) => {
      if (++src.tables > maxTables) throw malformed('1.8')
      const start = src.follow(offset)
      const index = start - src.view.getInt32(start, true)
      const length = src.view.getUint16(index, true)
      const value: Record<string, unknown> = {}
      kinds.forEach(([name, kind], id) => {
        const entry = 4 + 2 * id
        const at = entry < length ? src.view.getUint16(index + entry, true) : 0
        value[name] = at ? kind.read(src, start + at) : kind.absent
      })
      return value as Values<F>
    },
    write: (out, offset, value) => {
      const index = out.take(4 + 2 * kinds.length, 2)
      const places: [kind: Kind<never>, at: number, value: never][] = []
      let size = 4
      kinds.forEach(([name, kind], id) => {
        const own = value?.[name as keyof F]
        if (own === undefined) return
        size = Math.ceil(size / kind.align) * kind.align
        out.view.setUint16(index + 4 + 2 * id, size, true)
        places.push([kind, size, own as never])
        size += kind.size
      })
      const start = out.takeFor(offset, size, 8)
      out.view.setInt32(start, start - index, true)
      out.view.setUint16(index, 4 + 2 * kinds.length, true)
      out.view.setUint16(index + 2, size, true)
      for (const [kind, at, own] of places) kind.write(out, start + at, own)
    },
  }
}

/** A vector of structs, or of offsets to tables. */
export function list<T>(kind: Kind<T | undefined>): Kind<T[]> {
  return {
    ...u32,
    absent: [],
    read: (src, at) => {
      const start = src.follow(at)
      const count = src.view.getUint32(start, true)
      if (count > src.bytes.length) throw malformed('1.8')
      return Array.from({ length: count }, (_, i) => kind.read(src, start + 4 + i * kind.size) as T)
    },
    write: (out, at, values) => {
      const start = out.takeFor(at, 4 + values.length * kind.size, 4)
      out.view.setUint32(start, values.length, true)
      for (const [i, value] of values.entries()) kind.write(out, start + 4 + i * kind.size, value)
    },
  }
}
