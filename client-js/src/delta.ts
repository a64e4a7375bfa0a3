import { BitReader } from './bits.js'
import type { Part } from './descriptor.js'
import { malformed } from './errors.js'
import { type ColumnRows, Group, type Rows } from './group.js'

const maxRows = 65535
const maxGroups = 4096
const maxTexts = 65535

const noResidual = 31 // prologue: no step of this tick has a residual in that column
const maxRice = 30

/** Bits of SnapshotHead.flags. */
export const HeadFlag = { prologue: 1, reset: 8 } as const

/** How a group's delta is encoded; PROTOCOL.md 4.3. */
const Form = { step: 0, span: 1, keyframe: 2, gone: 3 } as const

/** A row that left its group, with its last values. */
export interface Leave {
  readonly group: Group
  readonly part: number
  readonly last: Rows
  /** Slot of the group it moved to, -1 if it did not. */
  readonly dest: number
}

/** What one frame did to the groups. */
export interface Changes {
  /** Groups that the frame brought a delta for, all at its tick now. */
  readonly touched: Group[]
  readonly leaves: Leave[]
  /** Groups, or older versions of them, that the client holds no longer. */
  readonly dropped: Group[]
}

/** Decodes the deltas of one conn's frames; PROTOCOL.md section 4. */
export class Decoder {
  readonly groups = new Map<number, Group>()
  private prologue: number[] | undefined
  private in = new BitReader(new Uint8Array(0))
  private awake = new Uint8Array(0)
  private changes: Changes = { touched: [], leaves: [], dropped: [] }

  constructor(
    private readonly parts: readonly Part[],
    /** Ticks between two send ticks. */
    private readonly sendEvery: number,
  ) {}

  /** Applies a whole frame. After a throw the groups are unusable. */
  apply(tick: number, flags: number, deltas: Uint8Array): Changes {
    this.changes = { touched: [], leaves: [], dropped: [] }
    if (flags & HeadFlag.reset) for (const slot of [...this.groups.keys()]) this.drop(slot)
    this.in = new BitReader(deltas)
    this.prologue = flags & HeadFlag.prologue ? this.readPrologue() : undefined
    for (this.in.align(); this.in.left > 0; this.in.align()) this.readGroup(tick)
    return this.changes
  }

  private drop(slot: number): void {
    const group = this.groups.get(slot)
    if (group) this.changes.dropped.push(group)
    this.groups.delete(slot)
  }

  private readPrologue(): number[] {
    return this.parts.flatMap((part) => part.columns.map(() => this.in.bits(5)))
  }

  private readGroup(tick: number): void {
    const head = this.in.leb()
    const slot = head >>> 2
    const form = head & 3
    if (form === Form.gone) return this.drop(slot)
    if (form === Form.keyframe) this.readKeyframe(slot)
    else this.readChange(slot, tick, form === Form.span ? this.in.byte() : 1)
    const group = this.groups.get(slot) as Group
    group.tick = tick
    this.changes.touched.push(group)
  }

  private readKeyframe(slot: number): void {
    const { in: src } = this
    this.drop(slot)
    const group = new Group(slot, src.byte(), this.parts)
    this.groups.set(slot, group)
    if (this.groups.size > maxGroups) throw malformed('too many groups')
    this.readTexts(group)
    for (const rows of group.parts) {
      const n = src.num()
      // Ids differ, so each costs a bit: no frame makes us allocate more than it weighs.
      if (n > maxRows || n > src.left) throw malformed('too many rows')
      rows.reserve(n)
      let id = 0
      this.column(n, (_, d) => {
        if (d === 0) throw malformed('two rows of one id')
        id = (id + d) >>> 0
        rows.enter(id)
      })
      this.readFresh(rows)
    }
  }

  private readChange(slot: number, tick: number, sends: number): void {
    const group = this.groups.get(slot)
    if (!group || ((tick - group.tick) | 0) !== sends * this.sendEvery)
      throw malformed('delta from an unknown baseline')
    if (sends === 1 && !this.prologue) throw malformed('step without a prologue')
    for (const rows of group.parts) {
      rows.moved = false
      rows.changed.fill(0)
      rows.fresh.fill(0)
    }
    this.readTexts(group)
    this.readLog(group, sends)
    let column = 0
    for (const rows of group.parts) {
      if (rows.count > 0) {
        this.readSurvivors(rows, sends, column)
        this.readFresh(rows)
      }
      column += rows.columns.length
    }
  }

  private readTexts(group: Group): void {
    const src = this.in
    if (!src.bits(1)) return
    for (let n = src.num(); n > 0; n--) {
      const index = src.num()
      const length = src.num()
      if (index < 1 || index > maxTexts || length > maxTexts) throw malformed('text out of range')
      group.texts.set(index, utf8.decode(src.bytes(length)))
    }
  }

  private readLog(group: Group, sends: number): void {
    if (!this.in.bits(1)) return
    const batches = this.in.num()
    if (batches > sends) throw malformed('log too long')
    for (let b = 0; b < batches; b++) {
      for (const [part, rows] of group.parts.entries()) this.readBatch(group, rows, part)
    }
  }

  private readBatch(group: Group, rows: Rows, part: number): void {
    const src = this.in
    for (let n = src.num(), above = rows.count; n > 0; n--) {
      const row = src.num()
      const reason = src.bits(2)
      if (row >= above || reason > 2) throw malformed('leave out of range')
      above = row
      this.changes.leaves.push({ group, part, last: rows.copy(row), dest: reason === 2 ? src.num() : -1 })
      rows.leave(row)
    }
    let id = 0
    for (let n = src.num(); n > 0; n--) {
      const d = src.num()
      if (d === 0 || rows.count >= maxRows) throw malformed('enter out of range')
      id = (id + d) >>> 0
      rows.enter(id)
    }
  }

  /** Rows that the baseline had: who is awake, then their residuals by column. */
  private readSurvivors(rows: Rows, sends: number, firstColumn: number): void {
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
      const p = this.prologue?.[firstColumn + i] ?? noResidual
      const coded = any && p !== noResidual && this.in.bits(1) === 1
      if (coded || c.column.linear) this.readStep(rows, c, coded ? p : noResidual)
    }
  }

  /** Fills awake by row, and says whether any row is. */
  private readAwake({ fresh, count }: Rows, survivors: number): boolean {
    const mode = this.in.bits(2)
    if (mode === 3) throw malformed('unknown mode')
    if (mode === 2 && survivors > this.in.left) throw malformed('bits end in the awake set')
    if (this.awake.length < count) this.awake = new Uint8Array(count * 2)
    const { awake } = this
    let any = false
    for (let i = 0; i < count; i++) {
      const up = !fresh[i] && (mode === 1 || (mode === 2 && this.in.bits(1) === 1))
      awake[i] = up ? 1 : 0
      any ||= up
    }
    return any
  }

  /** One column by one send tick: the rule of PROTOCOL.md 3.4; p 31 is no residual. */
  private readStep({ fresh, changed, count }: Rows, { column, r, v, k }: ColumnRows, p: number): void {
    const { awake, in: src } = this
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
      for (let i = 0; i < count; i++) if (awake[i]) add(i, this.in.rice(p))
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
  private readFresh({ fresh, changed, count, columns }: Rows): void {
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
  private column(n: number, set: (i: number, value: number) => void): void {
    const p = this.readRice()
    for (let i = 0; i < n; i++) set(i, p < 0 ? 0 : this.in.rice(p))
  }

  /** The parameter of a `column`, -1 if all of its values are zero. */
  private readRice(): number {
    if (!this.in.bits(1)) return -1
    const p = this.in.bits(5)
    if (p > maxRice) throw malformed('unknown Rice parameter')
    return p
  }
}

const utf8 = new TextDecoder()

function age(k: number): number {
  if (k < 1 || k > 255) throw malformed('age out of range')
  return k
}
