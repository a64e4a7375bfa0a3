import { malformed } from './errors.js'

/** Symbols of a range-coded value; PROTOCOL.md 4.10. */
export const symbols = 16
/** Added to a flag that is set. */
export const flagSet = 128

const chances = [4, 10, 20, 36, 62, 102, 164, 246, 348, 460, 584, 696, 800, 890, 962, 1004] as const
const ratios = [205, 461, 666, 819, 911, 963, 993, 1009] as const

/** Where the share of each symbol begins, of 1024, and behind the last: 17 numbers a level; PROTOCOL.md 4.11. */
const tables = /* @__PURE__ */ makeTables()

function makeTables(): Uint16Array {
  const one = 1 << 20
  const all = new Uint16Array(256 * 17)
  for (let level = 0; level < 256; level++) {
    const shares = [1024]
    for (let m = 1, above = one; m < symbols; m++) {
      let share = above
      if (m < symbols - 1) {
        above = Math.floor((Math.floor((above * above) / one) * (ratios[level & 7] as number)) / 1024)
        share -= above
      }
      if (level & 8) share = ((share * 11) >> 4) + (m < 10 ? 36408 : 0)
      shares[m] = Math.max(1, Math.floor(((chances[level >> 4] as number) * share) / one))
      shares[0] = (shares[0] as number) - (shares[m] as number)
    }
    let at = level * 17
    for (const share of shares) all[at + 1] = (all[at++] as number) + share
  }
  return all
}

/** Reads the bit codes of PROTOCOL.md section 4. Every read throws past the end. */
export class BitReader {
  private at = 0
  private end: number
  // Of a range-coded section.
  private next = 0
  private code = 0
  private span = 0

  constructor(private buf: Uint8Array) {
    this.end = buf.length * 8
  }

  /** Goes on with other bytes. */
  load(buf: Uint8Array): void {
    this.buf = buf
    this.at = 0
    this.end = buf.length * 8
  }

  /** Bits not yet read: a bound for every count that costs at least a bit. */
  get left(): number {
    return this.end - this.at
  }

  /** The next 32 bits, zeros past the end. */
  private peek(): number {
    const { buf, at } = this
    const i = at >>> 3
    const shift = at & 7
    const low = (buf[i] ?? 0) | ((buf[i + 1] ?? 0) << 8) | ((buf[i + 2] ?? 0) << 16) | ((buf[i + 3] ?? 0) << 24)
    return shift === 0 ? low : (low >>> shift) | ((buf[i + 4] ?? 0) << (32 - shift))
  }

  private skip(n: number): void {
    this.at += n
    if (this.at > this.end) throw malformed('4')
  }

  /** n bits, 0 to 32, as a uint32. */
  bits(n: number): number {
    const v = this.peek()
    this.skip(n)
    return n === 32 ? v >>> 0 : v & ((1 << n) - 1)
  }

  num(): number {
    let v = 0
    for (let shift = 0; shift < 32; shift += 4) {
      const chunk = this.bits(5)
      v |= (chunk & 15) << shift
      if (chunk < 16) return v >>> 0
    }
    throw malformed('4')
  }

  /** A zigzag number in Rice code with parameter p, as an int32. */
  rice(p: number): number {
    const zeros = ~this.peek()
    const q = 31 - Math.clz32(zeros & -zeros) // how many one-bits come first; -1 for 32 of them
    let v: number
    if (q < 0 || q > 15) {
      this.skip(16)
      v = this.bits(32)
    } else {
      this.skip(q + 1)
      v = (q << p) | this.bits(p)
    }
    return (v >>> 1) ^ -(v & 1)
  }

  /** n of them. */
  residuals(to: Int32Array, n: number, p: number): void {
    const { buf } = this
    let i = 0
    if (p < 9) {
      // What such a code takes is within the 25 bits that are there at any bit position.
      for (let at = this.at; i < n; i++) {
        const b = at >>> 3
        const bits =
          ((buf[b] as number) |
            ((buf[b + 1] as number) << 8) |
            ((buf[b + 2] as number) << 16) |
            ((buf[b + 3] as number) << 24)) >>>
          (at & 7)
        const q = 31 - Math.clz32(~bits & (bits + 1)) // how many one-bits come first
        if (q < 0 || q > 15) break
        const v = (q << p) | ((bits >>> (q + 1)) & ((1 << p) - 1))
        to[i] = (v >>> 1) ^ -(v & 1)
        this.at = at += q + 1 + p
      }
      this.skip(0)
    }
    // One that is escaped or too long, and all behind it.
    for (; i < n; i++) to[i] = this.rice(p)
  }

  /** Begins a range-coded section; PROTOCOL.md 4.10. */
  startRange(): void {
    this.align()
    this.next = this.at >>> 3
    this.span = 1 << 24
    this.code = 0
    for (let i = 0; i < 3; i++) this.code = (this.code << 8) | (this.buf[this.next++] ?? 0)
  }

  /** n symbols, at a level each. */
  symbols(to: Uint8Array, levels: Uint8Array, n: number): void {
    const { buf } = this
    let { code, span, next } = this
    for (let i = 0; i < n; i++) {
      const unit = span >>> 10
      const first = (levels[i] as number) * 17
      const last = first + 15
      let at = first
      let from = 0
      let upTo = unit * (tables[at + 1] as number)
      while (code >= upTo && at < last) {
        from = upTo
        at++
        upTo = unit * (tables[at + 1] as number)
      }
      to[i] = at - first
      code -= from
      for (span = upTo - from; span < 65536; span <<= 8) code = (code << 8) | (buf[next++] ?? 0)
    }
    this.code = code
    this.span = span
    this.next = next
  }

  /** Adds flagSet to those of n flags that are set; they choose their levels. */
  flags(flags: Uint8Array, levels: Uint8Array, n: number): void {
    const { buf } = this
    let { code, span, next } = this
    const splits = Array.from(levels, (level) => 1024 - (chances[level & 15] as number))
    for (let i = 0; i < n; i++) {
      const split = splits[flags[i] as number] as number
      const unit = span >>> 10
      const at = unit * split
      if (code >= at) {
        code -= at
        span = unit * (1024 - split)
        flags[i] = (flags[i] as number) | flagSet
      } else {
        span = at
      }
      for (; span < 65536; span <<= 8) code = (code << 8) | (buf[next++] ?? 0)
    }
    this.code = code
    this.span = span
    this.next = next
  }

  /** Ends a section. */
  stopRange(): void {
    this.at = (this.next - (this.span < 131072 ? 1 : 2)) * 8
    if (this.code >= this.span) throw malformed('4.10')
    this.skip(0)
  }

  /** Skips to the next byte; the bits skipped must be zero. */
  align(): void {
    if (this.bits(-this.at & 7) !== 0) throw malformed('4.1')
  }

  byte(): number {
    this.align()
    return this.bits(8)
  }

  leb(): number {
    let v = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const b = this.byte()
      v |= (b & 127) << shift
      if (shift === 28 && b > 15) break
      if (b < 128) return v >>> 0
    }
    throw malformed('4')
  }

  /** n bytes from any bit position, as a copy. */
  bytes(n: number): Uint8Array {
    if (n * 8 > this.left) throw malformed('4')
    const out = new Uint8Array(n)
    for (let i = 0; i < n; i++) out[i] = this.bits(8)
    return out
  }
}

/** Writes the same codes, as far as a client needs them. */
export class BitWriter {
  private out: number[] = []
  private free = 0 // unused bits of the last byte

  /** The low n bits of v, n from 0 to 32. */
  bits(v: number, n: number): void {
    for (let done = 0; done < n; ) {
      if (this.free === 0) {
        this.out.push(0)
        this.free = 8
      }
      const take = Math.min(this.free, n - done)
      const last = this.out.length - 1
      this.out[last] = (this.out[last] as number) | (((v >>> done) & ((1 << take) - 1)) << (8 - this.free))
      this.free -= take
      done += take
    }
  }

  /** A number as byte-aligned LEB128. */
  leb(v: number): void {
    this.free = 0
    for (; v > 127; v >>>= 7) this.out.push((v & 127) | 128)
    this.out.push(v)
  }

  /** Whole bytes, byte-aligned. */
  append(bytes: Uint8Array): void {
    this.free = 0
    this.out.push(...bytes)
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.out)
  }
}
