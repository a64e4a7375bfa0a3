import { malformed } from './errors.js'

/** Reads the bit codes of PROTOCOL.md section 4. Every read throws past the end. */
export class BitReader {
  protected at = 0
  protected end: number

  constructor(protected buf: Uint8Array) {
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

  protected skip(n: number): void {
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

  /** A number that is not 0: how many bits it has below the leading one, then those. */
  count(): number {
    let below = 0
    while (this.bits(1)) if (++below > 31) throw malformed('4')
    return ((1 << below) | this.bits(below)) >>> 0
  }

  /** A zigzag number in Rice code with parameter p, as an int32. */
  rice(p: number): number {
    const v = this.unsigned(p)
    return (v >>> 1) ^ -(v & 1)
  }

  /** A number in Rice code with parameter p. */
  unsigned(p: number): number {
    const zeros = ~this.peek()
    const q = 31 - Math.clz32(zeros & -zeros) // how many one-bits come first; -1 for 32 of them
    let v: number
    if (q < 0 || q > 15) {
      this.skip(16)
      v = this.bits(32)
    } else {
      this.skip(q + 1)
      v = ((q << p) | this.bits(p)) >>> 0
    }
    return v
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
