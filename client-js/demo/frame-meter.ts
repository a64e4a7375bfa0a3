// How smoothly the page draws: the time between two pictures, and the work in each.

const kept = 600 // pictures: ten seconds at 60 Hz

export class FrameMeter {
  private readonly gaps = new Float32Array(kept)
  private readonly works = new Float32Array(kept)
  private count = 0

  /** Notes a picture: milliseconds since the one before, and those that it took to draw. */
  note(gap: number, work: number): void {
    this.gaps[this.count % kept] = gap
    this.works[this.count % kept] = work
    this.count++
  }

  /** Pictures a second, of the last half second or so. */
  get fps(): number {
    const n = Math.min(this.count, 30)
    let sum = 0
    for (let i = this.count - n; i < this.count; i++) sum += this.gaps[i % kept] as number
    return sum > 0 ? (n * 1000) / sum : 0
  }

  /** Starts anew. */
  reset(): void {
    this.count = 0
  }

  /** The gap and the work that a share of all pictures stays below, such as 0.95. */
  quantile(share: number): { pictures: number; gap: number; work: number } {
    const n = Math.min(this.count, kept)
    const at = (list: Float32Array) => list.slice(0, n).sort()[Math.min(n - 1, Math.floor(n * share))] ?? 0
    return { pictures: n, gap: at(this.gaps), work: at(this.works) }
  }
}
