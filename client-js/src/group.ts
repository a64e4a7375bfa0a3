import type { Column, Part } from './descriptor.js'
import { malformed } from './errors.js'

/** From which on k stays. */
export const maxAge = 255

/** Published state of one column; PROTOCOL.md 3.4. */
export interface ColumnRows {
  readonly column: Column
  /** Of each row R, and for a linear column V and the send at which k was 0: three in a row, one array to look up. */
  cells: Int32Array
}

/** How many cells a row has in a column. */
export const stride = 3

/** The rows that one group holds of one part, in row order. */
export class Rows {
  count = 0
  ids = new Uint32Array(0)
  /** 1: a value changed in the frame that was applied last. */
  changed = new Uint8Array(0)
  /** 1: entered since the baseline of the delta being applied. */
  fresh = new Uint8Array(0)
  /** Send ticks so far: ages are told from it, so that nobody has to count them up. */
  sends = 0
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
    this.columns = part.columns.map((column) => ({ column, cells: new Int32Array(0) }))
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
    for (const c of this.columns) c.cells = grow(c.cells, new Int32Array(size * stride))
  }

  /** k of a row whose cells these are. */
  age(cells: Int32Array, row: number): number {
    return Math.min(this.sends - (cells[stride * row + 2] as number), maxAge)
  }

  /** Sets k of a row whose cells these are. */
  setAge(cells: Int32Array, row: number, k: number): void {
    if (k < 1 || k > maxAge) throw malformed('3.4')
    cells[stride * row + 2] = this.sends - k
  }

  /** Begins with n rows; their ids and values follow. */
  enterAll(n: number): void {
    this.reserve(n)
    this.fresh.fill(1)
    this.count = n
    this.moved = true
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
    for (const [a, width] of this.arrays()) a.copyWithin(row * width, last * width, (last + 1) * width)
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
    this.arrays().forEach(([from, width], i) => {
      to[i]?.[0].set(from.subarray(row * width, (row + 1) * width))
    })
    return one
  }

  /** Everything that there is of each row, and how many numbers of it. */
  private arrays(): [Int32Array | Uint32Array | Uint8Array, number][] {
    const { ids, changed, fresh, columns } = this
    return [[ids, 1], [changed, 1], [fresh, 1], ...columns.map((c): [Int32Array, number] => [c.cells, stride])]
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
