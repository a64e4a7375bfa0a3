const firstMs = 100
const soonMs = 1000 // most, while the seat is surely still there
const lateMs = 15_000 // most, after the first minute
const minuteMs = 60_000

/** How long to wait before the next attempt, so that many clients do not come at once. */
export class Backoff {
  private attempts = 0
  private since = 0 // when the first attempt was asked for

  /** Starts anew: a conn has proved to work. */
  reset(): void {
    this.attempts = 0
  }

  /** The longest wait at present. */
  most(now: number): number {
    return this.attempts === 0 || now - this.since < minuteMs ? soonMs : lateMs
  }

  /** Full jitter below a bound that doubles; atLeast is what the server asked for. */
  next(now: number, random: number, atLeast = 0): number {
    if (this.attempts === 0) this.since = now
    const bound = Math.min(this.most(now), firstMs * 2 ** Math.min(this.attempts++, 16))
    return atLeast + random * bound
  }
}
