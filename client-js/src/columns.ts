import type { BitReader } from './bits.js'
import { malformed } from './errors.js'
import type { ColumnRows, Rows } from './group.js'

const noResidual = 31 // prologue: no step of this tick has a residual in that column
const maxRice = 30

/** Reads the values of a part's rows, column by column; PROTOCOL.md 4.7 and 4.8. */
export class ColumnReader {
  private awake = new Uint8Array(0) // by row, of the part being read

  constructor(private readonly src: BitReader) {}

  /**
   * Rows that the baseline had: who is awake, then their residuals by column. prologue
   * holds the parameters of the part's columns from first on; a span needs none.
   */
  survivors(rows: Rows, sends: number, prologue: readonly number[], first: number): void {
    const { fresh, count } = rows
    let survivors = 0
    for (let i = 0; i < count; i++) if (!fresh[i]) survivors++
    if (survivors === 0) return
    const any = this.readAwake(rows, survivors)
    for (const [i, c] of rows.columns.entries()) {
      if (sends > 1) {
        this.readSpan(rows, c, sends, any)
        continue
      }
      const p = prologue[first + i] ?? noResidual
      const coded = any && p !== noResidual && this.src.bits(1) === 1
      if (coded || c.column.linear) this.readStep(rows, c, coded ? p : noResidual)
    }
  }

  /** Fills awake by row, and says whether any row is. */
  private readAwake({ fresh, count }: Rows, survivors: number): boolean {
    const mode = this.src.bits(2)
    if (mode === 3) throw malformed('4.7')
    if (mode === 2 && survivors > this.src.left) throw malformed('4.7')
    if (this.awake.length < count) this.awake = new Uint8Array(count * 2)
    const { awake } = this
    let any = false
    for (let i = 0; i < count; i++) {
      const up = !fresh[i] && (mode === 1 || (mode === 2 && this.src.bits(1) === 1))
      awake[i] = up ? 1 : 0
      any ||= up
    }
    return any
  }

  /** One column by one send tick: the rule of PROTOCOL.md 3.4; p 31 is no residual. */
  private readStep({ fresh, changed, count }: Rows, { column, r, v, k }: ColumnRows, p: number): void {
    const { awake, src } = this
    const { linear, mask, q } = column
    for (let i = 0; i < count; i++) {
      if (fresh[i]) continue
      const residual = p !== noResidual && awake[i] ? src.rice(p) : 0
      const old = r[i] as number
      if (!linear) {
        r[i] = old + residual
      } else if (residual === 0) {
        r[i] = (old + (v[i] as number)) & mask
        k[i] = Math.min((k[i] as number) + 1, 255)
      } else {
        const by = Math.imul(residual, q)
        r[i] = (old + (v[i] as number) + by) & mask
        v[i] = (v[i] as number) + ((by / (k[i] as number)) | 0)
        k[i] = 1
      }
      if (r[i] !== old) changed[i] = 1
    }
  }

  /** One column by several send ticks: extrapolated, then the residuals of R, V and k. */
  private readSpan(
    { fresh, changed, count }: Rows,
    { column, r, v, k }: ColumnRows,
    sends: number,
    any: boolean,
  ): void {
    const { awake } = this
    const { linear, mask } = column
    const each = (add: (i: number, residual: number) => void) => {
      if (!any) return
      const p = this.readRice()
      if (p < 0) return
      for (let i = 0; i < count; i++) if (awake[i]) add(i, this.src.rice(p))
    }
    const addR = (i: number, d: number) => {
      r[i] = ((r[i] as number) + d) & mask
      changed[i] = 1
    }
    if (!linear) return each(addR)
    for (let i = 0; i < count; i++) {
      if (fresh[i]) continue
      const by = Math.imul(sends, v[i] as number)
      if (by !== 0) changed[i] = 1
      r[i] = ((r[i] as number) + by) & mask
      k[i] = Math.min((k[i] as number) + sends, 255)
    }
    each(addR)
    each((i, d) => {
      v[i] = (v[i] as number) + d
    })
    each((i, d) => {
      k[i] = age((k[i] as number) + d)
    })
  }

  /** Rows that entered since the baseline: everything. */
  fresh({ fresh, changed, count, columns }: Rows): void {
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
        k[at[i] as number] = age(d + 1)
      })
    }
  }

  /** `column` of n values, zeros included. */
  column(n: number, set: (i: number, value: number) => void): void {
    const p = this.readRice()
    for (let i = 0; i < n; i++) set(i, p < 0 ? 0 : this.src.rice(p))
  }

  /** The parameter of a `column`, -1 if all of its values are zero. */
  private readRice(): number {
    if (!this.src.bits(1)) return -1
    const p = this.src.bits(5)
    if (p > maxRice) throw malformed('4')
    return p
  }
}

function age(k: number): number {
  if (k < 1 || k > 255) throw malformed('3.4')
  return k
}
