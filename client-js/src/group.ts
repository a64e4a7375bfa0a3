import type { Column, Part } from './descriptor.js'

/** Published state of one column: R, and for a linear column V and k; PROTOCOL.md 3.4. */
export class ColumnRows {
  r = new Int32Array(0)
  v = new Int32Array(0)
  k = new Uint8Array(0)

  constructor(readonly column: Column) {}
}

/** The rows that one group holds of one part, in row order. */
export class Rows {
  count = 0
  ids = new Uint32Array(0)
  /** 1: a value changed in the frame that was applied last. */
  changed = new Uint8Array(0)
  /** 1: entered since the baseline of the delta being applied. */
  fresh = new Uint8Array(0)
  /** Send ticks since any value of the row was corrected: the smallest k in it. */
  idle = new Uint8Array(0)
  /** Some column has ages. */
  readonly aged: boolean
  /** The tick whose values these are. */
  tick = 0
  /** Rows entered or left, so that entities must be bound anew. */
  moved = false
  readonly columns: readonly ColumnRows[]
  private index: Map<number, number> | undefined

  constructor(
    readonly part: Part,
    readonly texts: ReadonlyMap<number, string>,
  ) {
    this.columns = part.columns.map((c) => new ColumnRows(c))
    this.aged = part.columns.some((c) => c.linear)
  }

  /** Makes room for n rows and keeps what is there. */
  reserve(n: number): void {
    if (n <= this.ids.length) return
    const size = Math.max(n, this.ids.length * 2, 8)
    const grow = <T extends Int32Array | Uint32Array | Uint8Array>(old: T, bigger: T): T => {
      bigger.set(old)
      return bigger
    }
    this.ids = grow(this.ids, new Uint32Array(size))
    this.changed = grow(this.changed, new Uint8Array(size))
    this.fresh = grow(this.fresh, new Uint8Array(size))
    this.idle = grow(this.idle, new Uint8Array(size))
    for (const c of this.columns) {
      c.r = grow(c.r, new Int32Array(size))
      if (!c.column.linear) continue
      c.v = grow(c.v, new Int32Array(size))
      c.k = grow(c.k, new Uint8Array(size))
    }
  }

  /** Appends a row for id; its values follow. */
  enter(id: number): void {
    this.reserve(this.count + 1)
    this.index = undefined
    this.ids[this.count] = id
    this.fresh[this.count++] = 1
    this.moved = true
  }

  /** Takes row out: the last row moves into the gap. */
  leave(row: number): void {
    const last = --this.count
    this.index = undefined
    this.moved = true
    if (row === last) return
    for (const a of this.arrays()) a[row] = a[last] as number
  }

  /** The row of an entity, -1 if it has none here. */
  find(id: number): number {
    this.index ??= new Map(Array.from(this.ids.subarray(0, this.count), (id, row) => [id, row]))
    return this.index.get(id) ?? -1
  }

  /** A detached copy of one row: what its entity shows from now on. */
  copy(row: number): Rows {
    const one = new Rows(this.part, this.texts)
    one.reserve(1)
    one.count = 1
    const to = one.arrays()
    this.arrays().forEach((from, i) => {
      const a = to[i]
      if (a && a.length > 0) a[0] = from[row] as number
    })
    return one
  }

  private arrays(): (Int32Array | Uint32Array | Uint8Array)[] {
    return [
      this.ids,
      this.changed,
      this.fresh,
      this.idle,
      ...this.columns.flatMap((c) => (c.column.linear ? [c.r, c.v, c.k] : [c.r])),
    ]
  }
}

/** One interest group as this client has it. */
export class Group {
  /** Indexes of string columns; 0 is "". */
  readonly texts = new Map<number, string>()
  readonly parts: readonly Rows[]
  /** The tick at which the client has it. */
  tick = 0
  /** What the frame did that touched it last: one frame has one delta of a group. */
  seen: object | undefined

  constructor(
    readonly slot: number,
    /** 0 world, 1 cell, 2 team, 3 player, 4 custom. */
    readonly kind: number,
    parts: readonly Part[],
  ) {
    this.parts = parts.map((p) => new Rows(p, this.texts))
  }

  /** Whether a group of this kind can have these rows: owner rows are a player's; PROTOCOL.md 3.2. */
  holds({ part }: Rows): boolean {
    return !part.owner || this.kind === 3
  }
}
