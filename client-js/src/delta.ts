import { ColumnReader } from './columns.js'
import type { Part } from './descriptor.js'
import { malformed } from './errors.js'
import { Group, type Rows } from './group.js'
import { DeltaReader } from './section.js'
import { Settings } from './settings.js'

const maxRows = 65535
const maxGroups = 4096
const maxTexts = 65535

/** Bits of SnapshotHead.flags. */
export const HeadFlag = { prologue: 1, reset: 8 } as const

/** How a group's delta is encoded; PROTOCOL.md 4.3. */
const Form = { step: 0, span: 1, keyframe: 2, quiet: 3 } as const

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
  private readonly in = new DeltaReader(new Uint8Array(0))
  private readonly columns = new ColumnReader(this.in)
  private readonly settings: readonly Settings[]
  private prologue = false // the frame has one
  private told: number | undefined // tick of the newest one
  private changes: Changes = { touched: [], leaves: [], dropped: [] }

  constructor(
    private readonly parts: readonly Part[],
    /** Ticks between two send ticks. */
    private readonly sendEvery: number,
  ) {
    this.settings = parts.map((part) => new Settings(part))
  }

  /** Applies a whole frame. After a throw the groups are unusable. */
  apply(tick: number, flags: number, deltas: Uint8Array): Changes {
    this.changes = { touched: [], leaves: [], dropped: [] }
    if (flags & HeadFlag.reset) for (const slot of [...this.groups.keys()]) this.drop(slot)
    this.in.load(deltas)
    this.prologue = (flags & HeadFlag.prologue) !== 0
    if (this.prologue) this.readPrologue(tick)
    for (this.in.align(); this.in.left > 0; this.in.align()) this.readGroup(tick)
    return this.changes
  }

  private drop(slot: number): void {
    const group = this.groups.get(slot)
    if (group) this.changes.dropped.push(group)
    this.groups.delete(slot)
  }

  private readPrologue(tick: number): void {
    const whole = this.in.bits(1) === 1
    if (!whole && (this.told === undefined || ((tick - this.told) | 0) !== this.sendEvery)) throw malformed('4.2')
    for (const s of this.settings) s.read(this.in, whole)
    this.told = tick
  }

  private readGroup(tick: number): void {
    const head = this.in.leb()
    const slot = head >>> 2
    const form = head & 3
    if (this.groups.get(slot)?.seen === this.changes) throw malformed('4.9')
    const sends = form === Form.span ? this.in.byte() : 1
    if (sends === 0) return this.drop(slot)
    if (form === Form.span && sends < 2) throw malformed('4.3')
    if (form === Form.keyframe) this.readKeyframe(slot)
    else this.readChange(slot, tick, sends, form === Form.quiet)
    const group = this.groups.get(slot) as Group
    group.tick = tick
    for (const rows of group.parts) rows.tick = tick
    group.seen = this.changes
    this.changes.touched.push(group)
  }

  private readKeyframe(slot: number): void {
    const { in: src } = this
    this.drop(slot)
    const group = new Group(slot, src.byte(), this.parts)
    this.groups.set(slot, group)
    if (this.groups.size > maxGroups) throw malformed('4.9')
    this.readTexts(group)
    for (const rows of group.parts) {
      if (!group.holds(rows)) continue
      const n = src.num()
      // Ids differ, so each costs a bit: no frame makes us allocate more than it weighs.
      if (n > maxRows || n > src.left) throw malformed('4.9')
      rows.enterAll(n)
      this.columns.fresh(rows, true)
    }
  }

  private readChange(slot: number, tick: number, sends: number, quiet: boolean): void {
    const group = this.groups.get(slot)
    if (!group || ((tick - group.tick) | 0) !== sends * this.sendEvery) throw malformed('4.3')
    if (sends === 1 && !quiet && !this.prologue) throw malformed('4.2')
    for (const rows of group.parts) {
      rows.moved = false
      rows.sends += sends
      rows.changed.fill(0)
      rows.fresh.fill(0)
    }
    if (!quiet) {
      this.readTexts(group)
      this.readLog(group, sends)
    }
    for (const [part, rows] of group.parts.entries()) {
      if (rows.count === 0) continue
      this.columns.survivors(rows, sends, sends === 1 ? this.settings[part] : undefined, quiet)
      if (rows.moved) this.columns.fresh(rows)
    }
  }

  private readTexts(group: Group): void {
    const src = this.in
    if (!src.bits(1)) return
    for (let n = src.num(); n > 0; n--) {
      const index = src.num()
      const length = src.num()
      if (index < 1 || index > maxTexts || length > maxTexts) throw malformed('4.5')
      group.texts.set(index, utf8.decode(src.bytes(length)))
    }
  }

  private readLog(group: Group, sends: number): void {
    if (!this.in.bits(1)) return
    const batches = this.in.num()
    if (batches > sends) throw malformed('4.6')
    for (let b = 0; b < batches; b++) {
      for (const [part, rows] of group.parts.entries()) if (group.holds(rows)) this.readBatch(group, rows, part)
    }
  }

  private readBatch(group: Group, rows: Rows, part: number): void {
    const src = this.in
    for (let n = src.num(), above = rows.count; n > 0; n--) {
      const row = src.num()
      const reason = src.bits(2)
      if (row >= above || reason > 2) throw malformed('4.6')
      above = row
      this.changes.leaves.push({ group, part, last: rows.copy(row), dest: reason === 2 ? src.num() : -1 })
      rows.leave(row)
    }
    let id = 0
    for (let n = src.num(); n > 0; n--) {
      const d = src.num()
      if (d === 0 || rows.count >= maxRows) throw malformed('4.6')
      id = (id + d) >>> 0
      rows.enter(id)
    }
  }
}

const utf8 = new TextDecoder()
