import { columnsPerValue, fieldsOf, type TableType } from './descriptor.js'
import type { Rows } from './group.js'
import { type Read, reader } from './value.js'

/** Where one part of an entity has its values. Rows are shared with their group. */
export interface Place {
  readonly rows: Rows
  row: number
  /** The group's slot, or -1 if it left and these are its last values. */
  slot: number
  /** The group's tick when this was bound: the newest wins. */
  tick: number
}

/** What a store knows of an entity: its public and its owner row. */
export interface Entry {
  readonly id: number
  readonly places: [Place | undefined, Place | undefined]
  /** In its table, as callbacks have been told. */
  present: boolean
  /** Set by the store once. */
  view: View
}

const entryOf = Symbol('entry')

/** One entity as the game sees it, the same object for as long as the room lives. */
export class View {
  readonly [entryOf]: Entry

  constructor(entry: Entry) {
    this[entryOf] = entry
  }

  get id(): number {
    return this[entryOf].id
  }

  /** Whether this player owns it: its owner row is here. */
  get mine(): boolean {
    return isHere(this[entryOf].places[1])
  }
}

/** Whether a place is in a group that the client sees. */
export function isHere(place: Place | undefined): place is Place {
  return place !== undefined && place.slot >= 0
}

/** Makes the class whose instances show a table's fields by their wire names. */
export function viewClass(type: TableType): new (entry: Entry) => View {
  const reads = new Map<string, (view: View) => unknown>()
  for (const owner of [0, 1] as const) {
    let column = 0
    for (const f of fieldsOf(type, owner === 1)) {
      reads.set(f.name, readFrom(owner, reader(f, column)))
      column += (f.count || 1) * columnsPerValue(f)
    }
  }
  const made = class extends View {
    toJSON(): object {
      return {
        id: this.id,
        mine: this.mine,
        ...Object.fromEntries([...reads].map(([name, read]) => [name, read(this)])),
      }
    }
  }
  for (const [name, read] of reads) {
    if (name in made.prototype) continue // a field may not hide id, mine or the object's own
    Object.defineProperty(made.prototype, name, {
      get(this: View) {
        return read(this)
      },
    })
  }
  return made
}

function readFrom(owner: 0 | 1, read: Read): (view: View) => unknown {
  return (view) => {
    const { places, present } = view[entryOf]
    const place = places[owner]
    // What was an owner field and is no longer ours reads as undefined, unless all is past.
    return place && (place.slot >= 0 || !present) ? read(place.rows, place.row) : undefined
  }
}
