import { BitReader } from './bits.js'
import { malformed } from './errors.js'

/** Symbols of a range-coded value, the last of them open; PROTOCOL.md 4.10. */
const symbols = 16
/** Levels of flags are numbered behind those of symbols. */
export const flagLevel = 256

/** The one-bits that say that a whole number follows. */
const escaped = 0xffff

const chances = [4, 10, 20, 36, 62, 102, 164, 246, 348, 460, 584, 696, 800, 890, 962, 1004]
const ratios = [205, 461, 666, 819, 911, 963, 993, 1009]

/** Where the share of each symbol begins, of 1024, and behind the last: 17 numbers a level; PROTOCOL.md 4.11. */
const tables = /* @__PURE__ */ makeTables()

function makeTables(): Uint16Array {
  const one = 1 << 20
  const all = new Uint16Array((flagLevel + 16) * 17)
  for (let level = 0; level < flagLevel + 16; level++) {
    const chance = chances[level < flagLevel ? level >> 4 : level - flagLevel] as number
    const shares = [1024 - chance, chance]
    for (let m = 1, above = one; m < symbols && level < flagLevel; m++) {
      let share = above
      if (m < symbols - 1) {
        above = Math.floor((Math.floor((above * above) / one) * (ratios[level & 7] as number)) / 1024)
        share -= above
      }
      if (level & 8) share = ((share * 11) >> 4) + (m < 10 ? 36408 : 0)
      shares[m] = Math.max(1, Math.floor((chance * share) / one))
    }
    let sum = 0
    for (let m = 1; m < shares.length; m++) sum += shares[m] as number
    shares[0] = 1024 - sum
    for (let m = 0, at = level * 17; m < symbols; m++) all[at + 1] = (all[at++] as number) + (shares[m] ?? 0)
  }
  return all
}

/** Reads deltas: bit codes, runs of Rice codes, and range-coded sections. */
export class DeltaReader extends BitReader {
  // Of a section.
  private next = 0
  private code = 0
  private span = 0

  num(): number {
    let v = 0
    for (let shift = 0; shift < 32; shift += 4) {
      const chunk = this.bits(5)
      v |= (chunk & 15) << shift
      if (chunk < 16) return v >>> 0
    }
    throw malformed('4')
  }

  /** A number that is not 0: how many bits it has below the leading one, then those. */
  private count(): number {
    let below = 0
    while (this.bits(1)) if (++below > 31) throw malformed('4')
    return ((1 << below) | this.bits(below)) >>> 0
  }

  /** A number in Rice code with parameter p. */
  private rice(p: number): number {
    const next = this.peek()
    if ((next & escaped) === escaped) {
      this.skip(16)
      return this.bits(32)
    }
    const q = 31 - Math.clz32(~next & (next + 1)) // how many one-bits come first
    this.skip(q + 1)
    return ((q << p) | this.bits(p)) >>> 0
  }

  /** `coding`: p and what follows it, into two places of a list. */
  coding(to: Uint16Array, at: number): void {
    const p = this.bits(5)
    to[at] = p
    to[at + 1] = this.bits(p === 30 ? 12 : p === 31 ? 4 : 0)
  }

  /** `values` of rows, n of them, in the coding p with its argument. */
  residuals(to: Int32Array, rows: Int32Array, n: number, p: number, arg: number): void {
    if (p === 30) return this.evens(to, rows, n, arg)
    if (p === 31) return this.sparse(to, rows, n, arg)
    for (let i = 0; i < n; i++) {
      if (p < 10) i = this.shorts(to, rows, i, n, p)
      if (i < n) to[rows[i] as number] = unzigzag(this.rice(p))
    }
  }

  /** Reads Rice codes from the one numbered i on, up to one that is escaped. */
  private shorts(to: Int32Array, rows: Int32Array, i: number, n: number, p: number): number {
    const { words: view, end } = this
    let { at } = this
    for (; i < n; i++) {
      const next = view.getInt32(at >>> 3, true) >>> (at & 7)
      if ((next & escaped) === escaped) break
      const q = 31 - Math.clz32(~next & (next + 1))
      to[rows[i] as number] = unzigzag((q << p) | ((next >>> (q + 1)) & ((1 << p) - 1)))
      at = (at + q + 1 + p) | 0
      if (at > end) throw malformed('4')
    }
    this.at = at
    return i
  }

  /** Numbers up to top, which stands for all that are not below it. */
  private evens(to: Int32Array, rows: Int32Array, n: number, top: number): void {
    const { words: view, end } = this
    const width = 31 - Math.clz32(top + 1)
    const short = (2 << width) - top - 1
    let { at } = this
    for (let i = 0; i < n; i++) {
      const next = view.getInt32(at >>> 3, true) >>> (at & 7)
      let v = next & ((1 << width) - 1)
      const more = (short - 1 - v) >>> 31 // 1 for those a bit longer; a branch would be guessed wrong half the time
      v += (v + ((next >>> width) & 1) - short) & -more
      at = (at + width + more) | 0
      if (at > end) throw malformed('4')
      if (v === top) {
        this.at = at
        v = (v + this.num()) >>> 0
        at = this.at
      }
      to[rows[i] as number] = unzigzag(v)
    }
    this.at = at
  }

  /** Only the values that are not zero, in Rice code with parameter p, and where they are. */
  private sparse(to: Int32Array, rows: Int32Array, n: number, p: number): void {
    to.fill(0)
    const count = this.count()
    if (count > n) throw malformed('4')
    const zeros = Math.floor((n - count) / (count + 1))
    const apart = Math.max(31 - Math.clz32(zeros), 0)
    for (let k = 0, i = 0; k < count; k++) {
      i += this.rice(apart) + 1
      if (i > n) throw malformed('4')
      to[rows[i - 1] as number] = unzigzag((this.rice(p) + 1) >>> 0)
    }
  }

  /** Begins a section. */
  openSection(): void {
    this.align()
    this.next = this.at >>> 3
    this.span = 1 << 24
    for (let i = 0; i < 3; i++) this.code = (this.code << 8) | (this.buf[this.next++] ?? 0)
    this.code &= 0xffffff
  }

  /** n symbols, at a level each. */
  symbols(to: Uint8Array, levels: Uint16Array, n: number): void {
    const { buf } = this
    let { code, span, next } = this
    for (let i = 0; i < n; i++) {
      const unit = span >>> 10
      const first = (levels[i] as number) * 17
      let at = first
      let from = 0
      let upTo = unit * (tables[at + 1] as number)
      while (code >= upTo && at < first + 15) {
        from = upTo
        upTo = unit * (tables[++at + 1] as number)
      }
      to[i] = at - first
      code -= from
      span = upTo - from
      if (span === 0) throw malformed('4.10')
      for (; span < 65536; span <<= 8) code = (code << 8) | (buf[next++] ?? 0)
    }
    this.code = code
    this.span = span
    this.next = next
  }

  /** Ends a section. */
  closeSection(): void {
    this.at = (this.next - (this.span < 131072 ? 1 : 2)) * 8
    if (this.code >= this.span) throw malformed('4.10')
    this.skip(0)
  }
}

function unzigzag(v: number): number {
  return (v >>> 1) ^ -(v & 1)
}
