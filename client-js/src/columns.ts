import { malformed } from './errors.js'
import { type ColumnRows, maxAge, type Rows, stride } from './group.js'
import { type DeltaReader, flagLevel } from './section.js'
import { contexts, type Settings } from './settings.js'

/** Reads the values of a part's rows, column by column; PROTOCOL.md 4.7, 4.8 and 4.10. */
export class ColumnReader {
  private everyRow = new Int32Array(0) // 0, 1, 2 and so on
  private fewRows = new Int32Array(0)
  private rows = this.everyRow // of the part being read: those that have values
  private n = 0 // how many
  private values = new Int32Array(0) // of one column, by row
  private widest = new Uint8Array(0) // the largest symbol so far, of each of those rows in turn
  private levels = new Uint16Array(0)
  private readonly ownCoding = new Uint16Array(2) // coding of a column that tells it
  private symbols = new Uint8Array(0) // of the awake rows, active column after active column

  constructor(private readonly src: DeltaReader) {}

  /** Makes those rows have values that entered since the baseline, or those that did not. */
  private pick({ fresh, count, moved }: Rows, entered: number): void {
    if (count > this.everyRow.length) {
      this.everyRow = new Int32Array(count * 2).map((_, i) => i)
      this.fewRows = new Int32Array(count * 2)
      this.values = new Int32Array(count * 2)
      this.widest = new Uint8Array(count * 2)
      this.levels = new Uint16Array(count * 2)
    }
    this.rows = moved ? this.fewRows : this.everyRow
    this.n = moved ? 0 : count
    for (let i = 0; moved && i < count; i++) if (fresh[i] === entered) this.rows[this.n++] = i
  }

  /** Rows that the baseline had: who is awake, nobody if it was quiet, then residuals by column. A span needs no settings. */
  survivors(part: Rows, sends: number, settings: Settings | undefined, quiet: boolean): void {
    this.pick(part, 0)
    const { src, fewRows, rows, n: kept } = this
    if (kept === 0) return
    const mode = quiet ? 0 : src.bits(2)
    if (mode !== 1) {
      this.rows = fewRows
      this.n = 0
      for (let i = 0; mode === 2 && i < kept; i++) if (src.bits(1)) fewRows[this.n++] = rows[i] as number
    }
    if (settings) {
      if (mode === 3) this.section(part, kept, settings)
      this.oneSend(part, kept, settings, mode === 3)
    } else {
      if (mode === 3) throw malformed('4.7')
      for (const c of part.columns) this.severalSends(part, c, sends)
    }
  }

  /** By one send tick, in which the survivors are the first rows. */
  private oneSend(part: Rows, kept: number, settings: Settings, coded: boolean): void {
    const { src, n, rows, values } = this
    const all = n === kept
    if (all) part.changed.fill(1, 0, n)
    else for (let i = 0; i < n; i++) part.changed[rows[i] as number] = 1
    let at = 0
    for (const [i, c] of part.columns.entries()) {
      const list = settings.columns[i] as Uint16Array
      const any = n > 0 && settings.active[i] === 1 && (coded || src.bits(1) === 1)
      if (!any && !c.column.linear) continue
      if (!any || coded || !all) values.fill(0)
      if (any && coded) {
        this.rests(at)
        at += n
      } else if (any) {
        src.residuals(values, rows, n, list[contexts] as number, list[contexts + 1] as number)
      }
      this.advance(part, c, kept, list[contexts + 2] === 1)
    }
  }

  /** Who is awake, and the symbols of all residuals. */
  private section({ sends, columns }: Rows, kept: number, settings: Settings): void {
    const { src, rows, values, widest, levels } = this
    values.fill(sends - 256)
    for (const { column, cells } of columns) {
      for (let i = 0; column.linear && i < kept; i++) {
        values[i] = Math.max(values[i] as number, cells[stride * i + 2] as number)
      }
    }
    for (let i = 0; i < kept; i++) {
      levels[i] = flagLevel + (settings.awake[idleKind(sends - 1 - (values[i] as number))] as number)
    }
    src.openSection()
    src.symbols(widest, levels, kept)
    for (let i = 0; i < kept; i++) if (widest[i]) rows[this.n++] = i
    const { n } = this
    const size = n * columns.length
    if (this.symbols.length < size) this.symbols = new Uint8Array(size * 2)
    widest.fill(0, 0, n)
    let at = 0
    for (const [c, { column, cells }] of columns.entries()) {
      const list = settings.columns[c]
      if (!settings.active[c] || !list) continue
      for (let i = 0; i < n; i++) {
        const busy = column.linear && cells[stride * (rows[i] as number) + 2] === sends - 2 ? 3 : 0
        levels[i] = list[busy + Math.min(widest[i] as number, 2)] as number
      }
      const to = this.symbols.subarray(at, at + n)
      src.symbols(to, levels, n)
      for (let i = 0; i < n; i++) if ((to[i] as number) > (widest[i] as number)) widest[i] = to[i] as number
      at += n
    }
    src.closeSection()
  }

  /** Completes the residuals whose symbols begin there. */
  private rests(at: number): void {
    const { src, values, rows, n } = this
    for (let i = 0; i < n; i++) {
      let size = this.symbols[at + i] as number
      if (size === 0) continue
      if (size === 15) size = Math.min(size + src.bits(5), 32)
      const rest = src.bits(size)
      const magnitude = (rest >>> 1) | (1 << (size - 1))
      values[rows[i] as number] = rest & 1 ? -magnitude : magnitude
    }
  }

  /** One column by one send tick, with a residual for each row; PROTOCOL.md 3.4. */
  private advance({ changed, sends }: Rows, { column, cells }: ColumnRows, kept: number, stay: boolean): void {
    const { values } = this
    const { linear, mask, q } = column
    const still = stay || !linear // V stays 0, and how old a value without V is nobody asks
    const exact = q === 1
    const now = sends - 1
    for (let row = 0, at = 0; row < kept; row++, at += stride) {
      const by = Math.imul(values[row] as number, q)
      const was = cells[at + 1] as number
      cells[at] = ((cells[at] as number) + was + by) & mask
      if (by === 0) {
        if (was !== 0) changed[row] = 1
        continue
      }
      const age = now - (cells[at + 2] as number)
      let speed = 0
      if (!still && !exact) speed = was + (age === 1 ? by : (by / Math.min(age, maxAge)) | 0)
      else if (!still && (was !== 0 || age === 1)) {
        speed = (was + by) | 0
        if (Math.abs(speed) < Math.abs(by)) speed = 0
      }
      cells[at + 1] = speed
      cells[at + 2] = now
    }
  }

  /** One column by several send ticks: extrapolated, then the residuals of R, V and k. */
  private severalSends(part: Rows, { column, cells }: ColumnRows, sends: number): void {
    const { linear, mask } = column
    const { changed, count } = part
    for (let i = 0; linear && i < count; i++) {
      const by = Math.imul(sends, cells[stride * i + 1] as number)
      if (by !== 0) changed[i] = 1
      cells[stride * i] = ((cells[stride * i] as number) + by) & mask
    }
    if (this.n === 0) return
    this.each((row, d) => {
      if (d !== 0) changed[row] = 1
      cells[stride * row] = ((cells[stride * row] as number) + d) & mask
    })
    if (!linear) return
    this.each((row, d) => {
      cells[stride * row + 1] = (cells[stride * row + 1] as number) + d
    })
    this.each((row, d) => part.setAge(cells, row, part.age(cells, row) + d))
  }

  /** Rows that entered since the baseline: everything, in a keyframe their ids first. */
  fresh(part: Rows, keyframe = false): void {
    const { ids, changed } = part
    this.pick(part, 1)
    if (keyframe) {
      let id = 0
      this.each((row, d) => {
        if (d === 0) throw malformed('4.9')
        ids[row] = id = (id + d) >>> 0
      })
    }
    if (this.n === 0) return
    for (const { column, cells } of part.columns) {
      this.each((row, d) => {
        changed[row] = 1
        cells[stride * row] = d
      })
      if (!column.linear) continue
      this.each((row, d) => {
        cells[stride * row + 1] = d
      })
      this.each((row, d) => part.setAge(cells, row, d === -1 ? maxAge : d + 1))
    }
  }

  /** Reads `column` of the rows that have values. */
  private each(set: (row: number, value: number) => void): void {
    const { src, rows, values, n } = this
    if (src.bits(1)) {
      src.coding(this.ownCoding, 0)
      src.residuals(values, rows, n, this.ownCoding[0] as number, this.ownCoding[1] as number)
    } else {
      values.fill(0)
    }
    for (let i = 0; i < n; i++) set(rows[i] as number, values[rows[i] as number] as number)
  }
}

function idleKind(idle: number): number {
  return idle > 8 ? 4 : idle > 4 ? 3 : idle - 1 - (idle >> 2)
}
