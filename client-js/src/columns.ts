import { type BitReader, flagSet, symbols } from './bits.js'
import { malformed } from './errors.js'
import type { ColumnRows, Rows } from './group.js'
import { contexts, type Settings } from './settings.js'

const maxRice = 30
const maxAge = 255

/** Reads the values of a part's rows, column by column; PROTOCOL.md 4.7, 4.8 and 4.10. */
export class ColumnReader {
  private awake = new Int32Array(0) // rows of the part being read that have residuals
  private n = 0 // how many
  private values = new Int32Array(0) // of one column, by row that has one
  private widest = new Uint8Array(0) // by awake row, its largest symbol so far
  private levels = new Uint8Array(0)
  private symbols = new Uint8Array(0) // of the awake rows, active column after active column

  constructor(private readonly src: BitReader) {}

  /** Rows that the baseline had: who is awake, then their residuals by column. A span needs no settings. */
  survivors(rows: Rows, sends: number, settings: Settings | undefined): void {
    const { fresh, count } = rows
    let kept = 0
    for (let i = 0; i < count; i++) if (!fresh[i]) kept++
    if (kept === 0) return
    if (this.levels.length < count) {
      this.awake = new Int32Array(count * 2)
      this.values = new Int32Array(count * 2)
      this.widest = new Uint8Array(count * 2)
      this.levels = new Uint8Array(count * 2)
    }
    const coded = this.readAwake(rows, kept)
    if (settings) return this.step(rows, kept, settings, coded)
    if (coded) throw malformed('4.7')
    for (const c of rows.columns) this.span(rows, c, sends)
    rest(rows)
  }

  /** Lists the awake rows, unless a section tells: then it returns true. */
  private readAwake({ fresh, count }: Rows, kept: number): boolean {
    const mode = this.src.bits(2)
    this.n = 0
    if (mode === 2 && kept > this.src.left) throw malformed('4.7')
    if (mode === 1 || mode === 2) {
      for (let i = 0; i < count; i++) if (!fresh[i] && (mode === 1 || this.src.bits(1))) this.awake[this.n++] = i
    }
    return mode === 3
  }

  /** By one send tick, in which the survivors are the first rows. */
  private step(rows: Rows, kept: number, settings: Settings, coded: boolean): void {
    const { src, values } = this
    if (coded) this.readSection(rows, kept, settings)
    const { n } = this
    let at = 0
    for (const [i, c] of rows.columns.entries()) {
      let any = n > 0 && settings.active[i] === 1
      if (any && coded) {
        this.readRests(at)
        at += n
      } else if (any) {
        any = src.bits(1) === 1
        if (any) src.residuals(values, n, settings.columns[i]?.[contexts] as number)
      }
      if (any) this.correct(rows, c)
      if (c.column.linear) coast(rows, c, kept)
    }
    const { idle } = rows
    if (rows.aged) for (let i = 0; i < kept; i++) if ((idle[i] as number) < maxAge) (idle[i] as number)++
  }

  /** Who is awake, and the symbols of all residuals. */
  private readSection(rows: Rows, kept: number, settings: Settings): void {
    const { src, awake, widest, levels } = this
    for (let i = 0; i < kept; i++) levels[i] = idleKind(rows.idle[i] as number)
    src.startRange()
    src.flags(levels, settings.awake, kept)
    for (let i = 0; i < kept; i++) if ((levels[i] as number) >= flagSet) awake[this.n++] = i
    const { n } = this
    const size = n * rows.columns.length
    if (this.symbols.length < size) this.symbols = new Uint8Array(size * 2)
    widest.fill(0, 0, n)
    let at = 0
    for (const [c, { column, k }] of rows.columns.entries()) {
      const list = settings.columns[c]
      if (!settings.active[c] || !list) continue
      for (let i = 0; i < n; i++) {
        const busy = column.linear && k[awake[i] as number] === 1 ? 3 : 0
        levels[i] = list[busy + Math.min(widest[i] as number, 2)] as number
      }
      const to = this.symbols.subarray(at, at + n)
      src.symbols(to, levels, n)
      for (let i = 0; i < n; i++) if ((to[i] as number) > (widest[i] as number)) widest[i] = to[i] as number
      at += n
    }
    src.stopRange()
  }

  /** Completes the residuals whose symbols begin there. */
  private readRests(at: number): void {
    const { src, values, n } = this
    for (let i = 0; i < n; i++) {
      let size = this.symbols[at + i] as number
      values[i] = 0
      if (size === 0) continue
      if (size === symbols - 1) size = Math.min(size + src.bits(5), 32)
      const rest = src.bits(size)
      const magnitude = (rest >>> 1) | (1 << (size - 1))
      values[i] = rest & 1 ? -magnitude : magnitude
    }
  }

  /** Takes in residuals, so that coast brings R, V and k to where PROTOCOL.md 3.4 does. */
  private correct({ idle, changed }: Rows, { column, r, v, k }: ColumnRows): void {
    const { awake, values, n } = this
    const { linear, mask, q } = column
    for (let i = 0; i < n; i++) {
      const residual = values[i] as number
      if (residual === 0) continue
      const row = awake[i] as number
      changed[row] = 1
      if (!linear) {
        r[row] = (r[row] as number) + residual
        continue
      }
      const by = Math.imul(residual, q)
      const old = v[row] as number
      const age = k[row] as number
      let speed = (old + (age === 1 || q === 1 ? by : (by / age) | 0)) | 0
      if (q === 1 && ((old === 0 && age > 1) || Math.abs(speed) < Math.abs(by))) speed = 0
      r[row] = (((r[row] as number) + old + by) & mask) - speed
      v[row] = speed
      k[row] = 0
      idle[row] = 0
    }
  }

  /** One column by several send ticks: extrapolated, then the residuals of R, V and k. */
  private span({ fresh, changed, count }: Rows, { column, r, v, k }: ColumnRows, sends: number): void {
    const { awake, n } = this
    const { linear, mask } = column
    const each = (add: (i: number, residual: number) => void) => {
      if (n > 0 && this.read(n)) for (let i = 0; i < n; i++) add(awake[i] as number, this.values[i] as number)
    }
    if (linear) {
      for (let i = 0; i < count; i++) {
        if (fresh[i]) continue
        const by = Math.imul(sends, v[i] as number)
        if (by !== 0) changed[i] = 1
        r[i] = ((r[i] as number) + by) & mask
        k[i] = Math.min((k[i] as number) + sends, maxAge)
      }
    }
    each((i, d) => {
      r[i] = ((r[i] as number) + d) & mask
      changed[i] = 1
    })
    if (!linear) return
    each((i, d) => {
      v[i] = (v[i] as number) + d
    })
    each((i, d) => {
      k[i] = age((k[i] as number) + d)
    })
  }

  /** Rows that entered since the baseline: everything. */
  fresh(rows: Rows): void {
    const { fresh, changed, count, columns } = rows
    const at: number[] = []
    for (let i = 0; i < count; i++) if (fresh[i]) at.push(i)
    if (at.length === 0) return
    for (const i of at) changed[i] = 1
    const n = at.length
    for (const { column, r, v, k } of columns) {
      this.column(n, (i, d) => {
        r[at[i] as number] = d
      })
      if (!column.linear) continue
      this.column(n, (i, d) => {
        v[at[i] as number] = d
      })
      this.column(n, (i, d) => {
        k[at[i] as number] = d === -1 ? maxAge : age(d + 1)
      })
    }
    rest(rows)
  }

  /** `column` of n values, zeros included. */
  column(n: number, set: (i: number, value: number) => void): void {
    const any = this.read(n)
    for (let i = 0; i < n; i++) set(i, any ? (this.values[i] as number) : 0)
  }

  /** Reads `column` into values; false if all are zero. */
  private read(n: number): boolean {
    if (!this.src.bits(1)) return false
    const p = this.src.bits(5)
    if (p > maxRice) throw malformed('4')
    if (this.values.length < n) this.values = new Int32Array(n * 2)
    this.src.residuals(this.values, n, p)
    return true
  }
}

/** One send tick without a residual. */
function coast({ changed }: Rows, { column, r, v, k }: ColumnRows, kept: number): void {
  const { mask } = column
  for (let i = 0; i < kept; i++) {
    const by = v[i] as number
    if (by !== 0) changed[i] = 1
    r[i] = ((r[i] as number) + by) & mask
    if ((k[i] as number) < maxAge) (k[i] as number)++
  }
}

/** Finds how long rows have been idle: the smallest k in each. */
function rest({ idle, count, columns }: Rows): void {
  idle.fill(maxAge, 0, count)
  for (const { column, k } of columns) {
    if (!column.linear) continue
    for (let i = 0; i < count; i++) if ((k[i] as number) < (idle[i] as number)) idle[i] = k[i] as number
  }
}

function idleKind(idle: number): number {
  return idle > 8 ? 4 : idle > 4 ? 3 : idle - 1 - (idle >> 2)
}

function age(k: number): number {
  if (k < 1 || k > maxAge) throw malformed('3.4')
  return k
}
