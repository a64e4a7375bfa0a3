import { malformed } from './errors.js'
import type { ColumnRows, Rows } from './group.js'
import { type DeltaReader, flagLevel } from './section.js'
import { contexts, type Settings } from './settings.js'

const maxAge = 255

/** Reads the values of a part's rows, column by column; PROTOCOL.md 4.7, 4.8 and 4.10. */
export class ColumnReader {
  private rows = new Int32Array(0) // of the part being read: those that have values
  private n = 0 // how many
  private values = new Int32Array(0) // of one column, by those
  private widest = new Uint8Array(0) // likewise, the largest symbol so far
  private levels = new Uint16Array(0)
  private readonly own = new Uint16Array(2) // coding of a column that tells it
  private symbols = new Uint8Array(0) // of the awake rows, active column after active column

  constructor(private readonly src: DeltaReader) {}

  private reserve(n: number): void {
    if (n <= this.rows.length) return
    this.rows = new Int32Array(n * 2)
    this.values = new Int32Array(n * 2)
    this.widest = new Uint8Array(n * 2)
    this.levels = new Uint16Array(n * 2)
  }

  /** Rows that the baseline had: who is awake, then their residuals by column. A span needs no settings. */
  survivors(part: Rows, sends: number, settings: Settings | undefined): void {
    const { fresh, count } = part
    this.reserve(count)
    const { src, rows } = this
    let kept = 0
    for (let i = 0; i < count; i++) if (fresh[i] === 0) rows[kept++] = i
    if (kept === 0) return
    const mode = src.bits(2)
    this.n = mode === 1 ? kept : 0
    if (mode === 2) {
      if (kept > src.left) throw malformed('4.7')
      for (let i = 0; i < kept; i++) if (src.bits(1)) rows[this.n++] = rows[i] as number
    }
    if (settings) {
      if (mode === 3) this.section(part, kept, settings)
      this.step(part, kept, settings, mode === 3)
    } else {
      if (mode === 3) throw malformed('4.7')
      for (const c of part.columns) this.span(part, c, sends)
      rest(part)
    }
  }

  /** By one send tick, in which the survivors are the first rows. */
  private step(part: Rows, kept: number, settings: Settings, coded: boolean): void {
    const { src, n } = this
    let at = 0
    for (let i = 0; i < n; i++) part.changed[this.rows[i] as number] = 1
    for (const [i, c] of part.columns.entries()) {
      const list = settings.columns[i] as Uint16Array
      let any = n > 0 && settings.active[i] === 1
      if (any && coded) {
        this.rests(at)
        at += n
      } else if (any) {
        any = src.bits(1) === 1
        if (any) src.residuals(this.values, n, list[contexts] as number, list[contexts + 1] as number)
      }
      if (any) this.correct(part, c, n === kept, list[contexts + 2] === 1)
      if (c.column.linear && !(any && n === kept)) coast(part, c, kept)
    }
    const { idle } = part
    if (part.aged) for (let i = 0; i < kept; i++) if ((idle[i] as number) < maxAge) (idle[i] as number)++
  }

  /** Who is awake, and the symbols of all residuals. */
  private section({ idle, columns }: Rows, kept: number, settings: Settings): void {
    const { src, rows, widest, levels } = this
    for (let i = 0; i < kept; i++) levels[i] = flagLevel + (settings.awake[idleKind(idle[i] as number)] as number)
    src.begin()
    src.symbols(widest, levels, kept)
    for (let i = 0; i < kept; i++) if (widest[i]) rows[this.n++] = i
    const { n } = this
    const size = n * columns.length
    if (this.symbols.length < size) this.symbols = new Uint8Array(size * 2)
    widest.fill(0, 0, n)
    let at = 0
    for (const [c, { column, k }] of columns.entries()) {
      const list = settings.columns[c]
      if (!settings.active[c] || !list) continue
      for (let i = 0; i < n; i++) {
        const busy = column.linear && k[rows[i] as number] === 1 ? 3 : 0
        levels[i] = list[busy + Math.min(widest[i] as number, 2)] as number
      }
      const to = this.symbols.subarray(at, at + n)
      src.symbols(to, levels, n)
      for (let i = 0; i < n; i++) if ((to[i] as number) > (widest[i] as number)) widest[i] = to[i] as number
      at += n
    }
    src.finish()
  }

  /** Completes the residuals whose symbols begin there. */
  private rests(at: number): void {
    const { src, values, n } = this
    for (let i = 0; i < n; i++) {
      let size = this.symbols[at + i] as number
      values[i] = 0
      if (size === 0) continue
      if (size === 15) size = Math.min(size + src.bits(5), 32)
      const rest = src.bits(size)
      const magnitude = (rest >>> 1) | (1 << (size - 1))
      values[i] = rest & 1 ? -magnitude : magnitude
    }
  }

  /**
   * Takes in residuals, so that coast brings R, V and k to where PROTOCOL.md 3.4 does;
   * if all survivors are awake, without it.
   */
  private correct({ idle }: Rows, { column, r, v, k }: ColumnRows, all: boolean, stay: boolean): void {
    const { rows, values, n } = this
    const { linear, mask, q } = column
    for (let i = 0; i < n; i++) {
      const residual = values[i] as number
      const row = rows[i] as number
      const old = r[row] as number
      if (residual === 0) {
        if (!all || !linear) continue
        const age = k[row] as number
        r[row] = (old + (v[row] as number)) & mask
        if (age < maxAge) k[row] = age + 1
        continue
      }
      if (!linear) {
        r[row] = old + residual
        continue
      }
      const by = Math.imul(residual, q)
      const was = v[row] as number
      const age = k[row] as number
      const next = (old + was + by) & mask
      let speed = (was + (age === 1 || q === 1 ? by : (by / age) | 0)) | 0
      if (stay || (q === 1 && ((was === 0 && age > 1) || Math.abs(speed) < Math.abs(by)))) speed = 0
      r[row] = all ? next : next - speed
      v[row] = speed
      k[row] = all ? 1 : 0
      idle[row] = 0
    }
  }

  /** One column by several send ticks: extrapolated, then the residuals of R, V and k. */
  private span({ fresh, changed, count }: Rows, { column, r, v, k }: ColumnRows, sends: number): void {
    const { linear, mask } = column
    for (let i = 0; linear && i < count; i++) {
      if (fresh[i]) continue
      const by = Math.imul(sends, v[i] as number)
      if (by !== 0) changed[i] = 1
      r[i] = ((r[i] as number) + by) & mask
      k[i] = Math.min((k[i] as number) + sends, maxAge)
    }
    if (this.n === 0) return
    this.each((row, d) => {
      if (d !== 0) changed[row] = 1
      r[row] = ((r[row] as number) + d) & mask
    })
    if (!linear) return
    this.each((row, d) => {
      v[row] = (v[row] as number) + d
    })
    this.each((row, d) => {
      k[row] = age((k[row] as number) + d)
    })
  }

  /** Rows that entered since the baseline: everything. */
  fresh(part: Rows): void {
    const { fresh, changed, count } = part
    this.reserve(count)
    this.n = 0
    for (let i = 0; i < count; i++) {
      if (!fresh[i]) continue
      changed[i] = 1
      this.rows[this.n++] = i
    }
    if (this.n === 0) return
    for (const { column, r, v, k } of part.columns) {
      this.each((row, d) => {
        r[row] = d
      })
      if (!column.linear) continue
      this.each((row, d) => {
        v[row] = d
      })
      this.each((row, d) => {
        k[row] = d === -1 ? maxAge : age(d + 1)
      })
    }
    rest(part)
  }

  /** Reads `column` of the rows that have values. */
  private each(set: (row: number, value: number) => void): void {
    const values = this.column(this.n)
    for (let i = 0; i < this.n; i++) set(this.rows[i] as number, values[i] as number)
  }

  /** `column` of n values, good until the next one. */
  column(n: number): Int32Array {
    const { src } = this
    this.reserve(n)
    if (src.bits(1)) {
      src.coding(this.own, 0)
      src.residuals(this.values, n, this.own[0] as number, this.own[1] as number)
    } else {
      this.values.fill(0, 0, n)
    }
    return this.values
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
    for (let i = 0; column.linear && i < count; i++) idle[i] = Math.min(idle[i] as number, k[i] as number)
  }
}

function idleKind(idle: number): number {
  return idle > 8 ? 4 : idle > 4 ? 3 : idle - 1 - (idle >> 2)
}

function age(k: number): number {
  if (k < 1 || k > maxAge) throw malformed('3.4')
  return k
}
