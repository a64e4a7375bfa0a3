import { malformed } from './errors.js'

/** Reads the bit codes of PROTOCOL.md section 4. Every read throws past the end. */
export class BitReader {
  protected at = 0 // the next bit
  protected end = 0 // the one behind the last
  protected buf = new Uint8Array(0) // a copy of what is read, and zeros: a word may be read across the end
  protected words = new DataView(this.buf.buffer)

  constructor(buf: Uint8Array) {
    this.load(buf)
  }

  /** Goes on with other bytes. */
  load(buf: Uint8Array): void {
    if (buf.length + 8 > this.buf.length) {
      this.buf = new Uint8Array(buf.length + 8)
      this.words = new DataView(this.buf.buffer)
    }
    this.buf.set(buf)
    this.buf.fill(0, buf.length)
    this.at = 0
    this.end = buf.length * 8
  }

  /** Bits not yet read: a bound for every count that costs at least a bit. */
  get left(): number {
    return this.end - this.at
  }

  /** The next 25 bits or more, zeros past the end. */
  protected peek(): number {
    return this.words.getInt32(this.at >>> 3, true) >>> (this.at & 7)
  }

  protected skip(n: number): void {
    this.at += n
    if (this.at > this.end) throw malformed('4')
  }

  /** n bits, 0 to 32, as a uint32. */
  bits(n: number): number {
    if (n > 25) return (this.bits(16) | (this.bits(n - 16) << 16)) >>> 0
    const v = this.peek() & ((1 << n) - 1)
    this.skip(n)
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
