import type { Part } from './descriptor.js'
import type { DeltaReader } from './section.js'

/** How often rows are awake that have been idle for so long: kinds of idle. */
const idleKinds = 5
/** Contexts of a residual; behind their levels a column's settings have its coding. */
export const contexts = 6

/** Coding parameters of one part; PROTOCOL.md 4.2. */
export class Settings {
  /** Levels of the awake flags, by kind of idle. */
  readonly awake = new Uint8Array(8)
  /** 1: some step of the tick has residuals in this column. */
  readonly active: Uint8Array
  /** By column the levels of its contexts, then p and the argument of its coding, then 1 if its values are to stay. */
  readonly columns: readonly Uint16Array[]

  constructor(part: Part) {
    this.active = new Uint8Array(part.columns.length)
    this.columns = part.columns.map(() => new Uint16Array(contexts + 3))
  }

  /** Takes in what a prologue tells of them; a whole one starts from the defaults. */
  read(src: DeltaReader, whole: boolean): void {
    const { active, columns, awake } = this
    if (active.length === 0) return
    if (whole) {
      awake.fill(8, 0, idleKinds)
      for (const c of columns) c.fill(0x84).set([1, 0, 0], contexts)
    }
    const any = src.bits(1)
    for (let i = 0; i < active.length; i++) active[i] = any && src.bits(1)
    if ((!any && !whole) || !src.bits(1)) return
    const told = columns.filter((_, i) => whole || active[i])
    const change = (list: Uint8Array | Uint16Array, from: number, to: number, size: number) => {
      for (let i = from; i < to; i++) if (src.bits(1)) list[i] = src.bits(size)
    }
    if (src.bits(1)) {
      for (const c of told) {
        if (!src.bits(1)) continue
        c[contexts + 2] = src.bits(1)
        src.coding(c, contexts)
      }
    }
    if (src.bits(1)) {
      change(awake, 0, idleKinds, 4)
      for (const c of told) if (src.bits(1)) change(c, 0, contexts, 8)
    }
  }
}
