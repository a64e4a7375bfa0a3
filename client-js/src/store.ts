import type { Changes, Leave } from './delta.js'
import type { Field, Part, TableType } from './descriptor.js'
import { Emitter, type Off } from './emitter.js'
import type { Group, Rows } from './group.js'
import { type Entry, isHere, View, viewClass } from './view.js'

/** An entity of type T: its fields by wire name, its id, and whether it is mine. */
export type Entity<T = Record<string, unknown>> = Readonly<T> & { readonly id: number; readonly mine: boolean }

/** All entities of one table that this player can see. Iterates over them. */
export class Table<T = Record<string, unknown>> implements Iterable<Entity<T>> {
  /** The fields as the server describes them: ranges, steps, flags. */
  fields: readonly Field[] = []
  /** Every entity with a row anywhere, also owner rows that wait. Owned by the store. */
  readonly entries = new Map<number, Entry>()
  private readonly shown = new Map<number, Entity<T>>()
  private readonly listeners = new Emitter<{ add: Entity<T>; change: Entity<T>; remove: Entity<T> }>()
  private make: new (entry: Entry) => View = View

  /** Calls fn for every entity that comes into view, and at once for those in view. */
  onAdd(fn: (entity: Entity<T>) => void): Off {
    for (const entity of this) fn(entity)
    return this.listeners.on('add', fn)
  }

  /** Calls fn once a snapshot for each entity of which something changed. */
  onChange(fn: (entity: Entity<T>) => void): Off {
    return this.listeners.on('change', fn)
  }

  /** Calls fn for every entity that goes out of view; it still has its last values. */
  onRemove(fn: (entity: Entity<T>) => void): Off {
    return this.listeners.on('remove', fn)
  }

  get size(): number {
    return this.shown.size
  }

  get(id: number): Entity<T> | undefined {
    return this.shown.get(id)
  }

  [Symbol.iterator](): IterableIterator<Entity<T>> {
    return this.shown.values()
  }

  /** Whether anybody wants to know of changes. */
  get watched(): boolean {
    return this.listeners.has('change')
  }

  /** Takes the table's type, again when the server has a new one. */
  describe(type: TableType): void {
    this.fields = type.fields
    this.make = viewClass(type)
  }

  entry(id: number): Entry {
    const old = this.entries.get(id)
    if (old) return old
    const entry = { id, places: [undefined, undefined], present: false } as unknown as Entry
    entry.view = new this.make(entry)
    this.entries.set(id, entry)
    return entry
  }

  /** Brings what is shown in line with where the entity's rows are, and says so. */
  settle(entry: Entry, changed: boolean): void {
    const entity = entry.view as unknown as Entity<T>
    const here = isHere(entry.places[0])
    if (here === entry.present) {
      if (here && changed) this.listeners.emit('change', entity)
    } else if (here) {
      entry.present = true
      this.shown.set(entry.id, entity)
      this.listeners.emit('add', entity)
    } else {
      entry.present = false
      this.shown.delete(entry.id)
      this.listeners.emit('remove', entity)
    }
    if (!here && !isHere(entry.places[1])) this.entries.delete(entry.id)
  }
}

/** A row that moved to a group whose delta has yet to come; PROTOCOL.md 2.5. */
interface Parked {
  readonly leave: Leave
  readonly entry: Entry
}

/** Merges the rows of all groups into entities; PROTOCOL.md 2.4 to 2.6. */
export class Store {
  readonly tables = new Map<string, Table>()
  private parts: readonly Part[] = []
  private types: readonly Table[] = []
  private parked: Parked[] = []
  private stale = false // what is shown is of a decoder that is no more

  /** Takes the game's types. Tables keep their listeners; what they held is removed. */
  describe(types: readonly TableType[], parts: readonly Part[]): void {
    this.clear()
    this.parts = parts
    this.types = types.map((type) => {
      const table = this.tables.get(type.name) ?? new Table()
      this.tables.set(type.name, table)
      table.describe(type)
      return table
    })
  }

  /** Removes every entity. */
  clear(): void {
    const all = new Map<Entry, Table>()
    this.unbindAll(all)
    for (const [entry, table] of all) table.settle(entry, false)
  }

  private unbindAll(dirty: Map<Entry, Table>): void {
    this.stale = false
    this.parked = []
    for (const table of this.types) {
      for (const entry of table.entries.values()) {
        for (const place of entry.places) if (place) place.slot = -1
        dirty.set(entry, table)
      }
    }
  }

  /**
   * A new decoder begins, without groups. Entities stay as they are until its first
   * frame, and are removed if that does not bring them again.
   */
  begin(): void {
    this.stale = true
  }

  /** Merges what one frame did, then calls back. */
  merge(groups: ReadonlyMap<number, Group>, { touched, leaves, dropped }: Changes): void {
    const dirty = new Map<Entry, Table>()
    if (this.stale) this.unbindAll(dirty)
    for (const leave of leaves) this.unbind(leave.group, leave.part, leave.last, dirty, leave)
    for (const group of dropped) {
      group.parts.forEach((rows, part) => {
        this.unbind(group, part, rows, dirty)
      })
    }
    for (const group of touched) this.bind(group, dirty)
    this.unpark(groups, new Set(touched.map((g) => g.slot)), dirty)
    for (const [entry, table] of dirty) this.findElsewhere(groups, entry, table)
    this.callBack(touched, dirty)
  }

  /** Rows that left, or whose group did: their entities keep the last values for now. */
  private unbind({ slot, tick }: Group, part: number, rows: Rows, dirty: Map<Entry, Table>, leave?: Leave): void {
    const { table, side } = this.sideOf(part)
    for (let row = 0; row < rows.count; row++) {
      const entry = table.entries.get(rows.ids[row] as number)
      if (!entry || entry.places[side]?.slot !== slot) continue
      entry.places[side] = { rows, row, slot: -1, tick }
      dirty.set(entry, table)
      if (leave && leave.dest >= 0) this.parked.push({ leave, entry })
    }
  }

  private bind(group: Group, dirty: Map<Entry, Table>): void {
    group.parts.forEach((rows, part) => {
      if (!rows.moved) return
      const { table, side } = this.sideOf(part)
      for (let row = 0; row < rows.count; row++) {
        const entry = table.entry(rows.ids[row] as number)
        const old = entry.places[side]
        if (old?.rows === rows && old.slot >= 0) {
          old.row = row
          continue
        }
        if (isHere(old) && ((group.tick - old.tick) | 0) < 0) continue
        entry.places[side] = { rows, row, slot: group.slot, tick: group.tick }
        dirty.set(entry, table)
      }
    })
  }

  /** Keeps moved rows whose destination is in sight but has not been heard of yet. */
  private unpark(groups: ReadonlyMap<number, Group>, touched: ReadonlySet<number>, dirty: Map<Entry, Table>): void {
    this.parked = this.parked.filter(({ leave, entry }) => {
      const { table, side } = this.sideOf(leave.part)
      const place = entry.places[side]
      if (place?.rows !== leave.last) return false // bound to a newer row
      const waits = groups.has(leave.dest) && !touched.has(leave.dest)
      place.slot = waits ? leave.dest : -1
      dirty.set(entry, table)
      return waits
    })
  }

  /**
   * An entity that lost its row may have one in another group. One that is older than the
   * loss does not count: that group, sent less often, has not heard of it yet.
   */
  private findElsewhere(groups: ReadonlyMap<number, Group>, entry: Entry, table: Table): void {
    this.parts.forEach((part, i) => {
      const side = part.owner ? 1 : 0
      if (this.types[part.table] !== table || !entry.places[side] || isHere(entry.places[side])) return
      for (const { parts, slot, tick } of groups.values()) {
        const rows = parts[i] as Rows
        const row = rows.find(entry.id)
        const best = entry.places[side]
        if (row < 0 || (best && ((tick - best.tick) | 0) < (isHere(best) ? 1 : 0))) continue
        entry.places[side] = { rows, row, slot, tick }
      }
    })
  }

  private callBack(touched: readonly Group[], dirty: ReadonlyMap<Entry, Table>): void {
    const changed = new Map<Entry, Table>()
    for (const group of touched) {
      group.parts.forEach((rows, part) => {
        const { table } = this.sideOf(part)
        if (!table.watched) return
        for (let row = 0; row < rows.count; row++) {
          const entry = rows.changed[row] ? table.entries.get(rows.ids[row] as number) : undefined
          if (entry) changed.set(entry, table)
        }
      })
    }
    for (const [entry, table] of dirty) table.settle(entry, true)
    for (const [entry, table] of changed) if (!dirty.has(entry)) table.settle(entry, true)
  }

  private sideOf(part: number): { table: Table; side: 0 | 1 } {
    const p = this.parts[part] as Part
    return { table: this.types[p.table] as Table, side: p.owner ? 1 : 0 }
  }
}
